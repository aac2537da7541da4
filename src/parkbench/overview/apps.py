"""The overview room: the first page."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from parkbench.ui import navigation


class OverviewConfig(AppConfig):
    """What the organisation has, at a glance; what it shows to visitors."""

    name = "parkbench.overview"
    label = "overview"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        navigation.add(navigation.NavItem(_("Overview"), "overview:home", order=10))
