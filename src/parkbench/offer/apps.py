"""The offer room."""

from django.apps import AppConfig


class OfferConfig(AppConfig):
    """Services, their prices, capabilities."""

    name = "parkbench.offer"
    label = "offer"
    default_auto_field = "django.db.models.BigAutoField"
