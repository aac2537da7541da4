"""The intake room: registers its jobs and its place in the navigation."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from parkbench.lib import jobs
from parkbench.ui import navigation
from parkbench.ui.navigation import NavItem


class IntakeConfig(AppConfig):
    """Sources, imports, dry run, accept, undo."""

    name = "parkbench.intake"
    label = "intake"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from parkbench.intake import jobs as work
        from parkbench.intake import services

        jobs.register("intake.check", work.check)
        jobs.register("intake.accept", work.accept)
        jobs.register("intake.undo", work.undo)
        jobs.register("intake.resume", work.resume, every_seconds=60)
        jobs.register("intake.purge", services.purge, every_seconds=86_400)
        navigation.add(NavItem(_("Import"), "intake:sources", order=90, may_somewhere="import"))
