"""The stewardship room: hears of changes, fills slots, sends the weekly mail."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from parkbench.accounts import registry as accounts
from parkbench.accounts.rules import Action
from parkbench.lib import jobs
from parkbench.records import registry
from parkbench.ui import navigation, slots


class StewardshipConfig(AppConfig):
    """Who answers for which content, what is due, how complete it is."""

    name = "parkbench.stewardship"
    label = "stewardship"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from parkbench.stewardship.queries import panels
        from parkbench.stewardship.services import handovers, mails, reviews
        from parkbench.stewardship.tables import completeness
        from parkbench.stewardship.tables import reviews as lists

        registry.on_change("stewardship", reviews.note_change)
        registry.exporter("reviews", lists.export_all)
        registry.exporter("completeness", completeness.export_all)
        accounts.register_leaving(handovers.leaving_url)
        jobs.register("stewardship.send_digests", mails.send_digests, every_seconds=3_600)
        slots.register("record", "head", panels.on_record)
        slots.register("me", "panels", panels.on_me)
        slots.register("person", "panels", panels.on_person)
        item = navigation.NavItem(_("Stewardship"), "stewardship:reviews", order=70, may_somewhere=Action.SEE)
        navigation.add(item)
