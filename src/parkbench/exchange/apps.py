"""The exchange room: partners, journals read and served."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from parkbench.accounts.rules import Action
from parkbench.lib import jobs
from parkbench.records import registry
from parkbench.ui import navigation, slots


class ExchangeConfig(AppConfig):
    """Partners, keys, journals that are served to them and read from them."""

    name = "parkbench.exchange"
    label = "exchange"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from parkbench.exchange import client, services
        from parkbench.exchange.jobs import forget_receipts, forget_what_left
        from parkbench.exchange.queries import authority, circles, eyes, partners
        from parkbench.exchange.services import holding, invitations
        from parkbench.exchange.services.pings import journals_moved
        from parkbench.exchange.tables import panels

        # What this node serves.
        jobs.register("exchange.renew_document", services.renew_document, every_seconds=600)
        jobs.register("exchange.watch_clock", services.watch_clock, every_seconds=60)
        jobs.register("exchange.forget_what_left", forget_what_left, every_seconds=86_400)
        jobs.register("exchange.forget_receipts", forget_receipts, every_seconds=86_400)
        # What this node reads, and telling others that there is something to read.
        jobs.register("exchange.pull", client.pull)
        jobs.register("exchange.pull_due", client.pull_due, every_seconds=60)
        jobs.register("exchange.keep_leases", client.keep_leases, every_seconds=600)
        # Queued when a journal moves; the rhythm is for whoever asked to be told later, and after a crash.
        jobs.register("exchange.ping", client.send_pings, every_seconds=60)
        jobs.register("exchange.send_receipts", client.send_receipts)
        registry.on_journals_moved("exchange", journals_moved)
        # Partners as people see them.
        jobs.register("exchange.purge_partner", holding.purge)
        jobs.register("exchange.show_partner", holding.show)
        jobs.register("exchange.forget_invitations", invitations.forget_expired, every_seconds=86_400)
        registry.register_eyes(eyes.eyes_of)
        registry.register_home_note(partners.home_note)
        registry.register_members(circles.circle_names)
        registry.register_frozen(authority.frozen_uids)
        slots.register("sharing", "record", panels.on_sharing)
        slots.register("sharing", "policy", panels.on_policy)
        slots.register("sharing", "group", panels.on_group)
        slots.register("overview", "node", panels.on_overview, order=10)
        item = navigation.NavItem(_("Partners"), "exchange:partners", order=75, may_somewhere=Action.SEE)
        navigation.add(item)
