"""The figures room."""

from django.apps import AppConfig


class FiguresConfig(AppConfig):
    """Use and downtime of instruments, month by month."""

    name = "parkbench.figures"
    label = "figures"
    default_auto_field = "django.db.models.BigAutoField"
