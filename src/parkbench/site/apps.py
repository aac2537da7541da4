"""The site room: the masthead of every page, the command line."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    """Settings, addresses, command line."""

    name = "parkbench.site"
    label = "site"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from parkbench.lib import jobs
        from parkbench.site.health import on_overview
        from parkbench.site.jobs import forget_finished
        from parkbench.site.masthead import masthead
        from parkbench.ui import navigation, slots

        navigation.register_masthead(masthead)
        slots.register("overview", "node", on_overview)
        jobs.register("site.forget_finished", forget_finished, every_seconds=86_400)
