"""The overview room."""

from django.apps import AppConfig


class OverviewConfig(AppConfig):
    """Overview."""

    name = "parkbench.overview"
    label = "overview"
    default_auto_field = "django.db.models.BigAutoField"
