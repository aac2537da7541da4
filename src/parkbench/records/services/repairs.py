"""Repairs: bring rows, masks and journals back in line with sections and policy."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from parkbench.accounts.rules import Action
from parkbench.envelope import fingerprint
from parkbench.envelope.items import read_body
from parkbench.records import bulk
from parkbench.records.models import OWN, Audience, JournalEntry, Section
from parkbench.records.registry import Kind, kind_of, kinds, tell
from parkbench.records.services import gate
from parkbench.records.services.checks import wanted_columns
from parkbench.records.services.differences import Difference
from parkbench.records.services.publishing import heads_of, settle_records
from parkbench.records.services.references import resolve
from parkbench.records.visibility import Viewer

SETTLED = frozenset({"journal entry", "journal digest", "mask", "public"})
COUNTED = frozenset({"journal count", "journal fingerprint"})


def repair(*, differences: Iterable[Difference], by: Viewer) -> int:
    """This function will mend what follows from something else; returns the number of records it mended.

    Typed columns are written from the current sections, journals and masks from the policy, counts and
    fingerprints from the journals. History that was tampered with is the truth itself and cannot be mended.
    Raises NotAllowed unless the viewer operates the node.
    """
    by.check(Action.OPERATE)
    rows: dict[str, set[UUID]] = defaultdict(set)
    shared: dict[str, set[UUID]] = defaultdict(set)
    is_miscounted = False
    known = {kind.name for kind in kinds()}
    for found in differences:
        is_miscounted |= found.check in COUNTED
        if found.uid is None or found.kind not in known:
            continue
        if found.check == "row":
            rows[found.kind].add(found.uid)
        elif found.check in SETTLED:
            shared[found.kind].add(found.uid)
    for name, uids in rows.items():
        _in_chunks(kind_of(name), sorted(uids), rewrite=True)
    for name, uids in shared.items():
        _in_chunks(kind_of(name), sorted(uids), rewrite=False)
    if is_miscounted:
        _recount()
    return len(set().union(*rows.values(), *shared.values()))


def _in_chunks(kind: Kind, uids: list[UUID], *, rewrite: bool) -> None:
    for start in range(0, len(uids), bulk.CHUNK):
        chunk = uids[start : start + bulk.CHUNK]
        with transaction.atomic():
            # Alone: no publisher may write a digest between our reading and our writing.
            gate.close()
            if rewrite:
                _rewrite(kind, chunk)
            else:
                digests = {part: head.digest for part, head in heads_of(chunk).items()}
                _add_strays(kind, chunk, digests)
                settle_records(kind, chunk, digests)
            tell(kind.name, chunk)


def _add_strays(kind: Kind, uids: list[UUID], digests: dict[tuple[UUID, str], str]) -> None:
    """Name the sections that are shared, or masked as shared, and were never written: they go nowhere."""
    here = set(kind.model._default_manager.filter(home_id=OWN, uid__in=uids).values_list("uid", flat=True))
    for uid in here:
        for spec in kind.sections:
            digests.setdefault((uid, spec.name), "")
    shared = JournalEntry.objects.filter(kind=kind.name, uid__in=uids, is_gone=False)
    for uid, section in shared.values_list("uid", "section"):
        if uid not in here:
            digests[uid, section] = ""


def _rewrite(kind: Kind, uids: list[UUID]) -> None:
    """Write the typed columns of all sections from the current bodies."""
    current = Section.objects.filter(home_id=OWN, uid__in=uids, is_current=True)
    bodies = {
        (uid, section): read_body(body.encode()) if body else {}
        for uid, section, body in current.values_list("uid", "section", "body")
    }
    resolved = resolve(kind, bodies.values())
    for spec in kind.sections:
        rows = []
        names: tuple[str, ...] = ()
        for uid in uids:
            values = dict(wanted_columns(kind, spec.name, bodies.get((uid, spec.name), {}), resolved))
            names = tuple(values)
            rows.append((*values.values(), OWN, uid))
        bulk.amend(kind.model, columns=names, rows=rows, key=("home_id", "uid"))


@transaction.atomic
def _recount() -> None:
    gate.close()
    for audience in Audience.objects.select_for_update().order_by("bit"):
        total, count = fingerprint.EMPTY, 0
        live = JournalEntry.objects.filter(audience=audience, is_gone=False)
        for entry in live.values_list("kind", "uid", "section", "digest").iterator(5000):
            total, count = fingerprint.add(total, fingerprint.entry_hash(*entry)), count + 1
        audience.count, audience.fingerprint = count, fingerprint.to_hex(total)
        audience.save(update_fields=["count", "fingerprint"])
