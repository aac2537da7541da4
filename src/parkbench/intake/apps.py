"""The intake room: registers its jobs and its place in the navigation."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    """Sources, imports, dry run, accept, undo."""

    name = "parkbench.intake"
    label = "intake"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from parkbench.intake import jobs as intake
        from parkbench.intake import services
        from parkbench.lib import jobs

        jobs.register("intake.check", intake.check)
        jobs.register("intake.accept", intake.accept)
        jobs.register("intake.undo", intake.undo)
        jobs.register("intake.resume", intake.resume, every_seconds=60)
        jobs.register("intake.purge", services.purge, every_seconds=86_400)
