"""The intake room."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    """Intake."""

    name = "parkbench.intake"
    label = "intake"
    default_auto_field = "django.db.models.BigAutoField"
