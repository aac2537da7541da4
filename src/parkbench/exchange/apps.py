"""The exchange room: partners, journals read and served."""

from django.apps import AppConfig

from parkbench.lib import jobs


class ExchangeConfig(AppConfig):
    """Partners, keys, journals that are served to them and read from them."""

    name = "parkbench.exchange"
    label = "exchange"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from parkbench.exchange import services
        from parkbench.exchange.jobs import forget_what_left

        # What this node serves.
        jobs.register("exchange.renew_document", services.renew_document, every_seconds=600)
        jobs.register("exchange.watch_clock", services.watch_clock, every_seconds=60)
        jobs.register("exchange.forget_what_left", forget_what_left, every_seconds=86_400)
