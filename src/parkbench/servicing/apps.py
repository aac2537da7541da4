"""The servicing room."""

from django.apps import AppConfig


class ServicingConfig(AppConfig):
    """Service events of instruments: what happened, days down, costs."""

    name = "parkbench.servicing"
    label = "servicing"
    default_auto_field = "django.db.models.BigAutoField"
