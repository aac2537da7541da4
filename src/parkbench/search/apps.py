"""The search room: hears of every change of a record, registers its jobs."""

from django.apps import AppConfig

from parkbench.lib import jobs
from parkbench.records import registry


class SearchConfig(AppConfig):
    """Search over everything one may see."""

    name = "parkbench.search"
    label = "search"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from parkbench.search import services

        registry.on_change("search", services.hear, hears_partners=True)
        registry.on_purged("search", services.scrub)
        jobs.register("search.reindex", services.reindex)
        jobs.register("search.catch_up", services.catch_up, every_seconds=60)
        jobs.register("search.scrub", services.scrub, every_seconds=86_400)
