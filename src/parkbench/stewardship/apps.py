"""The stewardship room."""

from django.apps import AppConfig


class StewardshipConfig(AppConfig):
    """Who answers for which content, what is due, how complete it is."""

    name = "parkbench.stewardship"
    label = "stewardship"
    default_auto_field = "django.db.models.BigAutoField"
