"""The pull: read the listing, bring every journal to its head, remove what left, tell it.

Order and rules: exchange.md 2 to 4. Each step is idempotent: a pull that breaks off anywhere is taken up by
the next one at the page where it stopped.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from parkbench.envelope.acknowledgements import Receipt, write_receipt
from parkbench.envelope.documents import NodeDocument
from parkbench.envelope.errors import EnvelopeError
from parkbench.envelope.listings import Have, JournalState, Listing, read_listing
from parkbench.envelope.pages import read_page
from parkbench.exchange.client.asking import (
    Caller,
    ComeLater,
    Conversation,
    NotAccepted,
    StartAgain,
    open_partner,
)
from parkbench.exchange.client.documents import refreshed
from parkbench.exchange.models import OwedReceipt, Partner, PullRun
from parkbench.exchange.queries import pulls as queries
from parkbench.exchange.services import clock, keys, pulls
from parkbench.lib import jobs
from parkbench.lib.errors import Refused
from parkbench.records import services as records
from parkbench.records.models import HeldJournal
from parkbench.records.queries import own_address

ORDER = {"public": 0, "partners": 1, "group": 2, "partner": 3}
MOST_PAGES = 100_000


@dataclass
class JournalReport:
    """What a pull did with one journal; ``fingerprint_ok`` is None while the head was not reached."""

    audience: str
    sort: str = ""
    name: str = ""
    items: int = 0
    removed: int = 0
    quarantined: int = 0
    bytes: int = 0
    seconds: float = 0.0
    requests: int = 0
    walked: bool = False
    fingerprint_ok: bool | None = None


def pull_due() -> int:
    """This function will queue a pull of every partner whose turn it is; returns how many."""
    due = queries.due_partners()
    for partner in due:
        jobs.enqueue("exchange.pull", partner=partner, reason="schedule")
    return len(due)


def pull(*, partner: int, reason: str = "schedule") -> PullRun | None:
    """This function will read a partner's journals and return what came of it; None when one is running.

    What goes wrong is noted with the partner and in the run; raises Refused only when nothing can begin.
    """
    run = pulls.begin_pull(partner=partner, reason=reason)
    if run is None:
        return None
    row = queries.partner_row(partner=partner)
    work = _Pull(row, Caller(own_address(), keys.signing_key()))
    wait = None
    try:
        clock.check()
        work.run()
        problem = work.problem
    except ComeLater as later:
        problem, wait = later.sentence, timedelta(seconds=later.seconds)
    except (Refused, EnvelopeError) as refusal:
        problem = str(refusal)
    return pulls.finish_pull(
        run=run,
        problem=problem,
        journals=[asdict(report) for report in work.reports],
        requests=work.requests,
        received=work.received,
        wait=wait,
    )


class _Pull:
    """One pull of one partner."""

    def __init__(self, partner: Partner, caller: Caller) -> None:
        self.partner, self.caller = partner, caller
        self.home = partner.home_id
        self.reports: list[JournalReport] = []
        self.problem = ""
        self.requests = self.received = 0
        self.owed: list[OwedReceipt] = []

    def run(self) -> None:
        """Ask, verify, apply, remove, tell."""
        document = refreshed(partner=self.partner)
        url = document.exchange_url
        with open_partner(node=document.id, exchange_url=url, caller=self.caller) as talk:
            try:
                self._talk(talk, document)
            finally:
                self.requests, self.received = talk.line.request_count, talk.line.byte_count

    def _talk(self, talk: Conversation, document: NodeDocument) -> None:
        listing = self._listing(talk, document)
        pulls.hear_listing(partner=self.partner.pk, listing=listing)
        if listing.state == "ended":
            self._forget_all()
            return
        if listing.state == "suspended":
            self._hide(_("They have suspended the partnership."))
            return
        self._drop_unlisted(listing)
        is_whole = True
        for state in sorted(listing.journals, key=lambda one: ORDER.get(one.sort, 4)):
            is_whole &= self._journal(talk, document, state)
        self._settle()
        self._send_receipts(talk)
        if is_whole and self.partner.hidden_at is not None:
            records.show_home(home=self.home)
            pulls.note_hidden(partner=self.partner.pk, is_hidden=False)

    def _listing(self, talk: Conversation, document: NodeDocument) -> Listing:
        nonce = secrets.token_urlsafe(16)
        held = queries.held_journals(home=self.home).values()
        have = [Have(str(one.audience), str(one.epoch), one.seq) for one in held]
        text = talk.listing(nonce=nonce, have=have)
        now = timezone.now()
        return read_listing(
            text,
            keys=document.keys_at(now),
            iss=document.id,
            aud=self.caller.node,
            nonce=nonce,
            now=now,
            last_number=self.partner.number_seen,
        )

    def _forget_all(self) -> None:
        records.purge_home(home=self.home)
        pulls.note_purged(partner=self.partner.pk)

    def _hide(self, problem: str) -> None:
        if self.partner.hidden_at is None:
            records.hide_home(home=self.home)
            pulls.note_hidden(partner=self.partner.pk, is_hidden=True)
        self.problem = problem

    def _drop_unlisted(self, listing: Listing) -> None:
        """Empty what the listing no longer names: we left that group, or it is gone."""
        listed = {_token(state) for state in listing.journals}
        for audience, held in queries.held_journals(home=self.home).items():
            if audience in listed:
                continue
            removed = records.drop_journal(home=self.home, audience=audience)
            self.reports.append(
                JournalReport(str(audience), held.sort, held.name, removed=removed, fingerprint_ok=True)
            )
            self.owed.append(
                OwedReceipt(
                    audience=audience,
                    epoch=held.epoch,
                    seq=held.seq,
                    removed_count=removed,
                    count=0,
                    fingerprint="0" * 64,
                )
            )

    def _journal(self, talk: Conversation, document: NodeDocument, state: JournalState) -> bool:
        """Bring one journal to its head; return whether it got there with the signed fingerprint."""
        report = JournalReport(state.audience, state.sort, state.name)
        self.reports.append(report)
        began, requests, received = time.monotonic(), talk.line.request_count, talk.line.byte_count
        try:
            return self._bring_to_head(talk, document, state, report)
        finally:
            report.seconds = round(time.monotonic() - began, 3)
            report.requests = talk.line.request_count - requests
            report.bytes = talk.line.byte_count - received

    def _bring_to_head(
        self, talk: Conversation, document: NodeDocument, state: JournalState, report: JournalReport
    ) -> bool:
        audience = _token(state)
        held = self._held(audience)
        if held is None or str(held.epoch) != state.epoch or held.seq > state.head:
            held = self._begin_walk(state, report)
        if not held.is_walking and _is_equal(held, state.head, state.count, state.fingerprint):
            report.fingerprint_ok = True
            return True
        if self._is_hopeless(held, state):
            self.problem = _unequal(state)
            report.fingerprint_ok = False
            return False
        if not (held.is_walking or held.seq < state.head):
            held = self._begin_walk(state, report)
        for _attempt in range(3):
            try:
                is_equal = self._read_pages(talk, document, state, report)
            except StartAgain:
                self._begin_walk(state, report)
                continue
            if is_equal or report.walked:
                break
            # Healed once by a walk from the start, with a sweep; what is still unequal then is told.
            self._begin_walk(state, report)
        report.fingerprint_ok = self._after(state, report)
        return report.fingerprint_ok

    def _held(self, audience: UUID) -> HeldJournal | None:
        return queries.held_journals(home=self.home).get(audience)

    @staticmethod
    def _is_hopeless(held: HeldJournal, state: JournalState) -> bool:
        """Whether a walk of just this head ended unequal before: it is not repeated until the head moves."""
        return not held.is_walking and held.seq == state.head and held.unequal_head == state.head

    def _begin_walk(self, state: JournalState, report: JournalReport) -> HeldJournal:
        report.walked = True
        records.begin_walk(
            home=self.home,
            audience=_token(state),
            epoch=UUID(state.epoch),
            sort=state.sort,
            name=state.name,
        )
        held = self._held(_token(state))
        if held is None:
            raise Refused("The walk through this journal could not begin.")
        return held

    def _read_pages(
        self, talk: Conversation, document: NodeDocument, state: JournalState, report: JournalReport
    ) -> bool:
        """Read and apply pages up to the head; return whether count and fingerprint are the signed ones."""
        audience = _token(state)
        for _number in range(MOST_PAGES):
            held = self._held(audience)
            if held is None:
                raise StartAgain("The journal is to be read from its start.")
            content = talk.page(audience=state.audience, epoch=state.epoch, after=held.seq)
            now = timezone.now()
            page = read_page(
                content,
                keys=document.keys_at(now),
                iss=document.id,
                audience=state.audience,
                epoch=state.epoch,
                after=held.seq,
                now=now,
                max_age=timedelta(hours=1),
            )
            done = records.accept_page(home=self.home, page=page)
            report.items += len(page.items) + len(page.bad)
            report.removed += done.removed
            report.quarantined += done.problems
            if page.statement.is_complete:
                if held.is_walking:
                    swept = records.end_walk(home=self.home, audience=audience)
                    report.removed += swept
                after = self._held(audience)
                said = page.statement
                return after is not None and _is_equal(after, said.upto, said.count, said.fingerprint)
        raise Refused("This journal has no end.")

    def _after(self, state: JournalState, report: JournalReport) -> bool:
        """Note what a journal owes in receipts, and whether it ended equal."""
        held = self._held(_token(state))
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
            self.problem = _unequal(state)
        return is_equal

    def _settle(self) -> None:
        """Purge what no journal names any more, and only then owe the word that it is removed."""
        records.settle_departures(home=self.home)
        pulls.owe_receipts(partner=self.partner.pk, owed=self.owed)

    def _send_receipts(self, talk: Conversation) -> None:
        """Tell what was removed; what cannot be told now is told by the next pull."""
        for owed in queries.owed(partner=self.partner.pk):
            receipt = Receipt(
                iss=self.caller.node,
                aud=self.partner.home.address,
                audience=str(owed.audience),
                epoch=str(owed.epoch),
                seq=owed.seq,
                removed=owed.removed_count,
                frozen=owed.frozen_count,
                count=owed.count,
                fingerprint=owed.fingerprint,
                iat=timezone.now(),
            )
            try:
                talk.receipt(write_receipt(receipt, self.caller.key))
            except (StartAgain, NotAccepted) as refusal:
                self.problem = self.problem or str(refusal)
                continue
            pulls.told(receipt=owed)


def _token(state: JournalState) -> UUID:
    """Return a journal's id; raises Refused for one that is no UUID."""
    try:
        return UUID(state.audience)
    except ValueError as error:
        raise Refused(f"The journal “{state.audience:.60}” has no id that can be used.") from error


def _is_equal(held: HeldJournal, head: int, count: int | None, fingerprint: str | None) -> bool:
    return (held.seq, held.count, held.fingerprint) == (head, count, fingerprint)


def _unequal(state: JournalState) -> str:
    return _(
        "What is held of the journal “%(name)s” is not what its owner signed, also after reading it from its "
        "start. Tell its administrator; it is read again when it changes."
    ) % {"name": state.name or state.sort or state.audience}


def summary(run: PullRun) -> dict[str, Any]:
    """Return what a run did, as the command line prints it in JSON."""
    return {
        "partner": run.partner.home.name,
        "node": run.partner.home.address,
        "ok": run.is_ok,
        "problem": run.problem,
        "requests": run.request_count,
        "bytes": run.byte_count,
        "seconds": round((run.finished_at - run.started_at).total_seconds(), 3) if run.finished_at else None,
        "journals": run.journals,
    }
