"""The pull: ask for the listing, bring every journal to its head, remove what left, tell it.

Order and rules: exchange.md 2 to 4. Each step is idempotent: a pull that breaks off anywhere is taken up by
the next one at the page where it stopped.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from parkbench.envelope.documents import NodeDocument
from parkbench.envelope.errors import EnvelopeError, NotVerified
from parkbench.envelope.listings import Have, JournalState, Listing, read_listing
from parkbench.envelope.pages import Page, read_page
from parkbench.exchange import services
from parkbench.exchange.client.asking import (
    ComeLater,
    Conversation,
    StartAgain,
    caller,
    open_partner,
)
from parkbench.exchange.client.documents import refreshed
from parkbench.exchange.client.receipts import send_owed
from parkbench.exchange.client.receiving import JournalReport, Receiver, in_order, is_equal, unequal
from parkbench.exchange.models import PullRun
from parkbench.exchange.queries import node_now
from parkbench.exchange.queries import pulls as queries
from parkbench.exchange.services import pulls
from parkbench.lib import jobs
from parkbench.lib.errors import Refused
from parkbench.records.models import HeldJournal

PAGE_MAX_AGE = timedelta(hours=1)
MUST_FOLLOW = frozenset({"ping", "asked"})
"""Reasons of a pull that is made up for when it comes while another one runs; the schedule comes again."""
LONGEST = 1200.0
"""Seconds after which a pull gives its place to others and goes on later, before it counts as broken off.

A journal that never ended would hold the worker for ever, with every job that waits behind it.
"""


def pull_due() -> int:
    """This function will queue a pull of every partner whose turn it is; returns how many."""
    due = queries.due_partners()
    for partner in due:
        jobs.enqueue("exchange.pull", partner=partner, reason="schedule")
    return len(due)


def pull(*, partner: int, reason: str = "schedule") -> PullRun | None:
    """This function will read a partner's journals and return what came of it; None when one is running.

    That one, of the command line perhaps, may be past what a ping tells of: then another follows it. What
    goes wrong is noted with the partner and in the run; raises Refused only when nothing can begin.
    """
    run = pulls.begin_pull(partner=partner, reason=reason)
    if run is None:
        if reason in MUST_FOLLOW:
            pulls.want_pull(partner=partner)
        return None
    work = _Pull(Receiver(queries.partner_row(partner=partner)))
    wait = None
    try:
        check_may_read()
        work.run()
        problem = work.receiver.problem
    except ComeLater as later:
        problem, wait = later.sentence, timedelta(seconds=later.seconds)
    except (Refused, EnvelopeError) as refusal:
        problem = str(refusal)
    return pulls.finish_pull(
        run=run,
        problem=problem,
        journals=[asdict(report) for report in work.receiver.reports],
        requests=work.requests,
        received=work.received,
        wait=wait,
    )


class _Pull:
    """One pull of one partner over the wire."""

    def __init__(self, receiver: Receiver) -> None:
        self.receiver, self.partner = receiver, receiver.partner
        self.requests = self.received = 0
        self.until = time.monotonic() + LONGEST

    def run(self) -> None:
        """Ask, verify, apply, remove, tell."""
        self.caller = caller()
        document = refreshed(partner=self.partner)
        try:
            self._converse(document)
        except NotVerified:
            # It may have changed its key since we asked: without a look it would go unread for half a day.
            newer = refreshed(partner=self.partner, is_doubted=True)
            if newer == document:
                raise
            self.receiver.reports.clear()
            self._converse(newer)

    def _converse(self, document: NodeDocument) -> None:
        with open_partner(node=document.id, exchange_url=document.exchange_url, caller=self.caller) as talk:
            try:
                self._talk(talk, document)
            finally:
                self.requests += talk.line.request_count
                self.received += talk.line.byte_count

    def _talk(self, talk: Conversation, document: NodeDocument) -> None:
        listing = self._listing(talk, document)
        if self.receiver.hear(listing):
            results = [self._journal(talk, document, state) for state in in_order(listing)]
            self.receiver.settle(is_whole=all(results))
        refusal = send_owed(talk, self.partner, self.caller)
        self.receiver.problem = self.receiver.problem or refusal

    def _listing(self, talk: Conversation, document: NodeDocument) -> Listing:
        nonce = secrets.token_urlsafe(16)
        held = queries.held_journals(home=self.partner.home_id).values()
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

    def _journal(self, talk: Conversation, document: NodeDocument, state: JournalState) -> bool:
        """Bring one journal to its head; return whether it got there with the signed fingerprint."""
        report = JournalReport(state.audience, state.sort, state.name)
        self.receiver.reports.append(report)
        began, requests, received = time.monotonic(), talk.line.request_count, talk.line.byte_count
        try:
            report.fingerprint_ok = self._bring_to_head(talk, document, state, report)
        finally:
            report.seconds = round(time.monotonic() - began, 3)
            report.requests = talk.line.request_count - requests
            report.bytes = talk.line.byte_count - received
        return bool(report.fingerprint_ok)

    def _bring_to_head(
        self, talk: Conversation, document: NodeDocument, state: JournalState, report: JournalReport
    ) -> bool:
        held = self._start(state, report)
        if not held.is_walking and is_equal(held, state.head, state.count, state.fingerprint):
            return True
        if _is_hopeless(held, state):
            self.receiver.problem = unequal(state)
            return False
        for _attempt in range(3):
            try:
                is_done = self._read_pages(talk, document, state, report)
            except StartAgain:
                is_done = False
            if is_done or (report.walked and not self._is_walking(state)):
                break
            # Healed once by a walk from the start, with a sweep; what is still unequal then is told.
            self.receiver.begin_walk(state, report)
        return self.receiver.conclude(state, report)

    def _start(self, state: JournalState, report: JournalReport) -> HeldJournal:
        """Return the journal as it is held, begun anew when it cannot go on from there."""
        held = self.receiver.held(state)
        if held is None or str(held.epoch) != state.epoch or held.seq > state.head:
            return self.receiver.begin_walk(state, report)
        is_at_head = not held.is_walking and held.seq == state.head
        is_settled = is_equal(held, state.head, state.count, state.fingerprint) or _is_hopeless(held, state)
        return self.receiver.begin_walk(state, report) if is_at_head and not is_settled else held

    def _is_walking(self, state: JournalState) -> bool:
        held = self.receiver.held(state)
        return held is not None and held.is_walking

    def _read_pages(
        self, talk: Conversation, document: NodeDocument, state: JournalState, report: JournalReport
    ) -> bool:
        """Read and apply pages up to the head; return whether count and fingerprint are the signed ones."""
        while True:
            held = self.receiver.held(state)
            if held is None:
                raise StartAgain("The journal is to be read from its start.")
            if time.monotonic() > self.until:
                raise ComeLater(
                    _("This takes long; the next reading goes on from where this one stopped."), 60
                )
            page = self._page(talk, document, state, held)
            self.receiver.apply(page, report, is_walking=held.is_walking)
            if page.statement.is_complete:
                after, said = self.receiver.held(state), page.statement
                return after is not None and is_equal(after, said.upto, said.count, said.fingerprint)
            if page.statement.upto == held.seq:
                raise Refused("This journal does not go on: a page held nothing and was not the last.")

    @staticmethod
    def _page(talk: Conversation, document: NodeDocument, state: JournalState, held: HeldJournal) -> Page:
        walk = held.head if held.is_walking else 0
        content = talk.page(audience=state.audience, epoch=state.epoch, after=held.seq, walk=walk)
        now = timezone.now()
        return read_page(
            content,
            keys=document.keys_at(now),
            iss=document.id,
            audience=state.audience,
            epoch=state.epoch,
            after=held.seq,
            now=now,
            max_age=PAGE_MAX_AGE,
        )


def check_may_read() -> None:
    """Raise Refused while the exchange is paused, or when the clock went back."""
    services.watch_clock()
    node = node_now()
    if node.is_paused:
        raise Refused(node.pause_reason or _("The exchange of this node is paused."))


def _is_hopeless(held: HeldJournal, state: JournalState) -> bool:
    """Tell whether a walk of just this head ended unequal: it is not repeated until the head moves."""
    return not held.is_walking and held.seq == state.head and held.unequal_head == state.head


def summary(run: PullRun) -> dict[str, Any]:
    """Return what a run did, as the command line prints it in JSON."""
    took = (run.finished_at - run.started_at).total_seconds() if run.finished_at else None
    return {
        "partner": run.partner.home.name,
        "node": run.partner.home.address,
        "ok": run.is_ok,
        "problem": run.problem,
        "requests": run.request_count,
        "bytes": run.byte_count,
        "seconds": None if took is None else round(took, 3),
        "journals": run.journals,
    }
