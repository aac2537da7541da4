"""The search room."""

from django.apps import AppConfig


class SearchConfig(AppConfig):
    """Search."""

    name = "parkbench.search"
    label = "search"
    default_auto_field = "django.db.models.BigAutoField"
