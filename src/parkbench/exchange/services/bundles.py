"""Files in the place of requests: a bundle for one partner, the public journal for any web server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from parkbench.envelope.bundles import NONCE, write_bundle
from parkbench.envelope.keys import Key
from parkbench.envelope.listings import Listing, write_listing
from parkbench.exchange.models import Partner
from parkbench.exchange.queries import Listed, NodeNow, listed_journals, node_now, readable
from parkbench.exchange.rules import LISTED, READS, State
from parkbench.exchange.services.documents import current_document
from parkbench.exchange.services.serving import journal_told, note_given, signing_key, written
from parkbench.lib.db import snapshot
from parkbench.lib.errors import Refused
from parkbench.records.queries import journal_page
from parkbench.records.services import apply_due


@dataclass
class Written:
    """What went into a file: journals, pages, entries."""

    journal_count: int = 0
    page_count: int = 0
    item_count: int = 0


def export_bundle(*, partner: Partner, out: BinaryIO) -> Written:
    """This function will write everything that a partner may read now into one file, signed like the wire.

    All of it is of one instant. Raises Refused for a partner that is given no listing, or while the exchange
    is paused.
    """
    if State(partner.state) not in LISTED:
        raise Refused(
            _("Nothing is shared with %(name)s yet: confirm the partnership first.") % {"name": partner}
        )
    document, node = _ready()
    key = signing_key(node)
    number = _next_number(partner)
    done = Written()
    with snapshot():
        journals = listed_journals(partner=partner, epoch=node.epoch)
        shared = journals if State(partner.state) in READS else []
        listing = Listing(
            iss=node.address,
            aud=partner.home.address,
            nonce=NONCE,
            number=number,
            iat=timezone.now(),
            state=partner.state,  # type: ignore[arg-type]  # one of LISTED
            journals=tuple(journal_told(each, node.epoch, node.lease_days) for each in shared),
        )
        pages = _pages(partner, shared, node, key, done)
        write_bundle(out, listing=write_listing(listing, key), pages=pages, document=document)
    for each in shared:
        note_given(partner=partner, audience=each.pk, node=node, seq=each.head)
    return done


def export_public(*, folder: Path) -> Written:
    """This function will write the node document and the public journal as files for any web server.

    ``node.json``, then one file per page: ``public/0.ndjson.gz``, ``public/<seq>.ndjson.gz`` ..., each named
    by the seq it follows: the same bytes as over the wire. Raises Refused when the folder holds other things.
    """
    pages = folder / "public"
    strange = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    if set(strange) - {"node.json", "public"}:
        raise Refused(_("%(folder)s holds other things. Choose an empty folder.") % {"folder": folder})
    document, node = _ready()
    key = signing_key(node)
    done = Written(journal_count=1)
    pages.mkdir(parents=True, exist_ok=True)
    (folder / "node.json").write_bytes(document)
    journal = readable(token=None, partner=None)
    if journal is None:
        raise Refused(_("This node has no public journal."))
    names = set()
    with snapshot():
        for after, content in _journal(journal.audience, 0, node, key, done):
            (pages / f"{after}.ndjson.gz").write_bytes(content)
            names.add(f"{after}.ndjson.gz")
    for path in pages.glob("*.ndjson.gz"):
        if path.name not in names:
            path.unlink()
    return done


def _ready() -> tuple[bytes, NodeNow]:
    """Bring what is due into the journals; return the node document and this node as it stands."""
    document = current_document()
    node = node_now()
    if node.is_paused:
        raise Refused(node.pause_reason or _("The exchange of this node is paused."))
    apply_due()
    return document, node


@transaction.atomic
def _next_number(partner: Partner) -> int:
    row = Partner.objects.select_for_update(of=("self",)).get(pk=partner.pk)
    row.number_sent += 1
    row.save(update_fields=["number_sent"])
    return row.number_sent


def _pages(
    partner: Partner, journals: list[Listed], node: NodeNow, key: Key, done: Written
) -> Iterator[tuple[str, bytes]]:
    for each in journals:
        done.journal_count += 1
        journal = readable(token=each.token, partner=partner)
        if journal is not None:
            for _after, content in _journal(journal.audience, journal.since, node, key, done):
                yield str(each.token), content


def _journal(
    audience: int, since: int, node: NodeNow, key: Key, done: Written
) -> Iterator[tuple[int, bytes]]:
    """Yield (the seq it follows, the bytes) of every page of a journal; a walk from its start."""
    after, is_open = 0, True
    began = 0
    while is_open:
        part = journal_page(audience=audience, after=after, since=since, began=began)
        began = began or part.state.head
        done.page_count += 1
        done.item_count += len(part.lines)
        yield after, written(part, node=node, key=key, after=after)
        after, is_open = part.upto, not part.is_complete
