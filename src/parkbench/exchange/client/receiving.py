"""What a listing and its pages do to what is held here, wherever they came from: the wire or a file."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from parkbench.envelope.listings import JournalState, Listing
from parkbench.envelope.pages import Page
from parkbench.exchange.models import OwedReceipt, Partner
from parkbench.exchange.queries import pulls as queries
from parkbench.exchange.queries.authority import kept_frozen
from parkbench.exchange.services import authority, pulls
from parkbench.lib.errors import Refused
from parkbench.records import services as records
from parkbench.records.models import NO_FINGERPRINT, HeldJournal

ORDER = {"public": 0, "partners": 1, "group": 2, "partner": 3}
"""In which order journals are read; see exchange.md 4."""


@dataclass
class JournalReport:
    """What was done with one journal; ``fingerprint_ok`` is None while the head was not reached."""

    audience: str
    sort: str = ""
    name: str = ""
    items: int = 0
    removed: int = 0
    frozen: int = 0
    quarantined: int = 0
    bytes: int = 0
    seconds: float = 0.0
    requests: int = 0
    walked: bool = False
    fingerprint_ok: bool | None = None


class Receiver:
    """One partner's listing being brought into force here."""

    def __init__(self, partner: Partner) -> None:
        self.partner = partner
        self.home = partner.home_id
        self.reports: list[JournalReport] = []
        self.problem = ""
        self.owed: list[OwedReceipt] = []
        self.frozen = kept_frozen(home_id=self.home)
        self.has_lease = True

    def hear(self, listing: Listing) -> bool:
        """Note a verified listing, do what its state demands; return whether its journals are to be read."""
        pulls.hear_listing(partner=self.partner.pk, listing=listing)
        self.has_lease = timezone.now() < pulls.lease_of(listing)
        if not self.has_lease and self.partner.hidden_at is None:
            # A bundle that lay about for too long: what it names may have been taken back since.
            records.hide_home(home=self.home)
            pulls.note_hidden(partner=self.partner.pk, is_hidden=True)
        if listing.state == "ended":
            pulls.purge_all(partner=self.partner.pk, home=self.home)
            return False
        if listing.state == "suspended":
            if self.partner.hidden_at is None:
                records.hide_home(home=self.home)
                pulls.note_hidden(partner=self.partner.pk, is_hidden=True)
            self.problem = _("They have suspended the partnership.")
            return False
        self._drop_unlisted(listing)
        return True

    def _drop_unlisted(self, listing: Listing) -> None:
        """Empty what the listing no longer names: we left that group, or it is gone."""
        listed = {token_of(state) for state in listing.journals}
        for audience, held in queries.held_journals(home=self.home).items():
            if audience in listed:
                continue
            removed = records.drop_journal(home=self.home, audience=audience)
            self.reports.append(
                JournalReport(str(audience), held.sort, held.name, removed=removed, fingerprint_ok=True)
            )
            gone = OwedReceipt(audience=audience, epoch=held.epoch, seq=held.seq, removed_count=removed)
            gone.fingerprint = NO_FINGERPRINT
            self.owed.append(gone)

    def held(self, state: JournalState) -> HeldJournal | None:
        """Return how far a journal was read, or None."""
        return queries.held_journals(home=self.home).get(token_of(state))

    def begin_walk(self, state: JournalState, report: JournalReport) -> HeldJournal:
        """Begin to read a journal from its start."""
        report.walked = True
        return records.begin_walk(
            home=self.home,
            audience=token_of(state),
            epoch=records.journal_id(state.epoch),
            head=state.head,
            sort=state.sort,
            name=state.name,
        )

    def apply(self, page: Page, report: JournalReport, *, is_walking: bool) -> None:
        """Apply one verified page; the last one of a walk sweeps what was not met again."""
        done = records.accept_page(home=self.home, page=page)
        report.items += len(page.items) + len(page.bad)
        report.removed += done.removed
        report.quarantined += done.problems
        if page.statement.is_complete and is_walking:
            report.removed += records.end_walk(home=self.home, audience=UUID(page.statement.audience))

    def conclude(self, state: JournalState, report: JournalReport) -> bool:
        """Note what a journal owes in receipts, and return whether it ended equal to what was signed."""
        held = self.held(state)
        if held is None:
            return False
        is_equal = held.unequal_head is None and not held.is_walking
        if held.seq > held.removed_seq or report.removed:
            self.owed.append(
                OwedReceipt(
                    audience=held.audience,
                    epoch=held.epoch,
                    seq=held.seq,
                    removed_count=report.removed,
                    count=held.count,
                    fingerprint=held.fingerprint,
                )
            )
        if not is_equal:
            self.problem = unequal(state)
        return is_equal

    def settle(self, *, is_whole: bool) -> None:
        """Purge what no journal names any more, and only then owe the word that it is removed.

        What was hidden for want of a lease is shown again once every journal has reached its head.
        """
        departed = records.settle_departures(home=self.home)
        authority.note_disposal(home_id=self.home, departed=departed)
        self._count_frozen()
        pulls.owe_receipts(partner=self.partner.pk, owed=self.owed)
        if is_whole and self.partner.hidden_at is not None and self.has_lease:
            records.show_home(home=self.home)
            pulls.note_hidden(partner=self.partner.pk, is_hidden=False)

    def _count_frozen(self) -> None:
        """Count apart what left and is kept under a request for access: it was not removed."""
        after = kept_frozen(home_id=self.home)
        authority.count_apart(owed=self.owed, before=self.frozen, after=after)
        for report in self.reports:
            report.frozen = len(authority.newly(UUID(report.audience), self.frozen, after))
            report.removed = max(0, report.removed - report.frozen)


def token_of(state: JournalState) -> UUID:
    """Return a journal's id; raises Refused for one that is no UUID."""
    try:
        return UUID(state.audience)
    except ValueError as error:
        raise Refused(f"The journal “{state.audience:.60}” has no id that can be used.") from error


def in_order(listing: Listing) -> list[JournalState]:
    """Return the journals of a listing in the order in which they are read."""
    return sorted(listing.journals, key=lambda one: ORDER.get(one.sort, len(ORDER)))


def is_equal(held: HeldJournal, head: int, count: int | None, fingerprint: str | None) -> bool:
    """Tell whether what is held of a journal is what was signed."""
    return (held.seq, held.count, held.fingerprint) == (head, count, fingerprint)


def unequal(state: JournalState) -> str:
    """Say that a journal does not add up, and what to do."""
    return _(
        "What is held of the journal “%(name)s” is not what its owner signed, also after reading it from its "
        "start. Tell its administrator; it is read again when it changes."
    ) % {"name": state.name or state.sort or state.audience}
