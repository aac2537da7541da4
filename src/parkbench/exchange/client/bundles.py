"""Reading a bundle: the same listing and pages as over the wire, from a file; checked whole, then applied."""

from __future__ import annotations

from dataclasses import asdict
from typing import BinaryIO

from django.utils import timezone
from django.utils.translation import gettext as _

from parkbench.envelope.bundles import Bundle, document_of, read_bundle
from parkbench.envelope.documents import NodeDocument, accept, read_document
from parkbench.envelope.errors import EnvelopeError, KeyChanged
from parkbench.exchange.client.documents import changed
from parkbench.exchange.client.pulling import check_may_read
from parkbench.exchange.client.receiving import JournalReport, Receiver
from parkbench.exchange.models import Partner, PullRun
from parkbench.exchange.queries import pulls as queries
from parkbench.exchange.services import pinning, pulls
from parkbench.lib.errors import Refused
from parkbench.records.queries import own_address


def partner_of(file: BinaryIO) -> Partner:
    """Return the partner that a bundle says it is from; raises Refused when that is none of ours."""
    try:
        written = document_of(file)
        node = read_document(written)[0].id if written else ""
    except EnvelopeError as problem:
        raise Refused(str(problem)) from problem
    finally:
        file.seek(0)
    if not node:
        raise Refused(_("This bundle does not say whose it is. Name the partner."))
    return queries.find_partner(text=node)


def import_bundle(*, partner: Partner, file: BinaryIO) -> PullRun:
    """This function will read a partner's bundle as if its journals had been read from their starts.

    The whole file is checked before anything is applied. What is wrong is noted in the run that is returned;
    raises Refused when a pull of this partner is running, or nothing is read from it.
    """
    run = pulls.begin_pull(partner=partner.pk, reason="bundle")
    if run is None:
        raise Refused(_("A pull of this partner is running. Wait for it to end, then import the bundle."))
    receiver = Receiver(queries.partner_row(partner=partner.pk))
    problem = ""
    try:
        check_may_read()
        _read(receiver, file)
        problem = receiver.problem
    except (Refused, EnvelopeError) as refusal:
        problem = str(refusal)
    return pulls.finish_pull(
        run=run,
        problem=problem,
        journals=[asdict(report) for report in receiver.reports],
        received=file.tell(),
    )


def _read(receiver: Receiver, file: BinaryIO) -> None:
    document = _document(receiver.partner, file)
    # Once to the end for its checks: what is missing shows only there, and then nothing was applied.
    for _page in _open(receiver.partner, document, file).pages:
        pass
    file.seek(0)
    bundle = _open(receiver.partner, document, file)
    if receiver.hear(bundle.listing):
        receiver.settle(is_whole=_apply(receiver, bundle))


def _document(partner: Partner, file: BinaryIO) -> NodeDocument:
    """Return the document to verify with: the one in the file, when the pinned one vouches for it."""
    known = queries.pinned(partner=partner)
    offered = document_of(file)
    file.seek(0)
    if offered is None:
        return known
    try:
        document = accept(known, offered, now=timezone.now())
    except KeyChanged as change:
        raise changed(partner=partner, known=known, offered=offered) from change
    pinning.pin(partner=partner.pk, document=document, written=offered)
    return document


def _open(partner: Partner, document: NodeDocument, file: BinaryIO) -> Bundle:
    now = timezone.now()
    return read_bundle(
        file,
        keys=document.keys_at(now),
        iss=partner.home.address,
        aud=own_address(),
        now=now,
        last_number=partner.number_seen,
    )


def _apply(receiver: Receiver, bundle: Bundle) -> bool:
    states = {state.audience: state for state in bundle.listing.journals}
    reports: dict[str, JournalReport] = {}
    for page in bundle.pages:
        audience = page.statement.audience
        if audience not in reports:
            state = states[audience]
            reports[audience] = JournalReport(audience, state.sort, state.name)
            receiver.reports.append(reports[audience])
            receiver.begin_walk(state, reports[audience])
        receiver.apply(page, reports[audience], is_walking=True)
    for audience, report in reports.items():
        report.fingerprint_ok = receiver.conclude(states[audience], report)
    return all(report.fingerprint_ok for report in reports.values())
