"""The records room: registers its jobs."""

from django.apps import AppConfig

from parkbench.lib import jobs


class RecordsConfig(AppConfig):
    """Sections, sharing gate, journals, visibility."""

    name = "parkbench.records"
    label = "records"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from parkbench.records import services

        jobs.register("records.widen", services.widen)
        jobs.register("records.apply_due", services.apply_due, every_seconds=60)
        jobs.register("records.purge", services.purge, every_seconds=86_400)
