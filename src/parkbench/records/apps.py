"""The records room: registers its jobs, adds the sharing policy to the navigation."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from parkbench.accounts.rules import Action
from parkbench.lib import db, jobs
from parkbench.ui import navigation, slots


class RecordsConfig(AppConfig):
    """Sections, sharing gate, journals, visibility."""

    name = "parkbench.records"
    label = "records"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from parkbench.records import services
        from parkbench.records.queries import panels

        slots.register("record", "partner", panels.notes, order=10)
        slots.register("record", "partner", panels.unknown, order=90)
        jobs.register("records.widen", services.widen)
        jobs.register("records.apply_due", services.apply_due, every_seconds=60)
        jobs.register("records.refresh_statistics", db.refresh_statistics, every_seconds=86_400)
        jobs.register("records.wipe", db.wipe_noted, every_seconds=86_400)
        jobs.register("records.reapply", services.reapply)
        jobs.register("records.purge", services.purge, every_seconds=86_400)
        navigation.add(navigation.NavItem(_("Sharing"), "records:policy", order=80, may=Action.SET_POLICY))
