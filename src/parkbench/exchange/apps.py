"""The exchange room: partners, journals read and served."""

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    """Partners, keys, journals that are served to them and read from them."""

    name = "parkbench.exchange"
    label = "exchange"
    default_auto_field = "django.db.models.BigAutoField"
