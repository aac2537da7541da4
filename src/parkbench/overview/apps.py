"""The overview room: the first page, and the brief of units and platforms."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from parkbench.ui import navigation, slots


class OverviewConfig(AppConfig):
    """What the organisation has, at a glance and in print; what it shows to visitors."""

    name = "parkbench.overview"
    label = "overview"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from parkbench.overview.queries import panels

        navigation.add(navigation.NavItem(_("Overview"), "overview:home", order=10))
        slots.register("unit", "wide", panels.brief_link, order=90)
        slots.register("platform", "wide", panels.brief_link, order=90)
