"""The log of withdrawals: what was narrowed since any backup, kept outside all of them.

One line of JSON per narrowing in ``withdrawals.log`` of the node's folder: when, and which cell of the
policy, which part of which record or which reader of a journal, and which audiences may see it at most from
then on (by their tokens, since bits may mean others in a backup); no content. Lines are forced to the disk
inside the transaction, before it is committed and before anybody is told that it is done. When the
transaction then fails, the log says too much and nothing leaks; were it the other way round, a backup put
back could share again what was withdrawn. That a reader is back is noted too, for the
same reason after the commit. Source: exchange.md 3.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from parkbench.lib.errors import Refused
from parkbench.records import rules
from parkbench.records.models import OWN, Audience, PolicyCell, SharingException
from parkbench.records.registry import Kind, kind_of, kinds
from parkbench.records.services import gate

NAME = "withdrawals.log"
CELL, PART, READER, BACK = "cell", "part", "reader", "back"
Line = Mapping[str, Any]


def path() -> Path:
    """Return where the log lies."""
    return Path(settings.HOME) / NAME


def begin() -> None:
    """This function will make the log of a new node, empty: from then on one that is missing was lost."""
    path().touch(mode=0o600)


def note(lines: Sequence[Line]) -> None:
    """This function will append lines to the log and force them to the disk.

    Raises Refused when that fails, so that what was asked for is not done. A node that has no folder yet, as
    while it is made, has nobody to withdraw from.
    """
    if not lines or not path().parent.is_dir():
        return
    at = timezone.now().isoformat()
    text = "".join(json.dumps({"at": at, **line}, separators=(",", ":")) + "\n" for line in lines)
    try:
        number = os.open(path(), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(number, "ab") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise Refused(
            f"This could not be noted in {NAME} of the node's folder ({error.strerror}), so it was not done. "
            "Make room there, then try again."
        ) from error


def note_cell(*, kind: str, section: str, mask: int) -> None:
    """This function will note that one cell of the policy shares with no more than ``mask`` from now on."""
    note([{"what": CELL, "kind": kind, "section": section, "to": _tokens(mask, _by_bit())}])


def note_parts(*, kind: str, masks: Mapping[tuple[UUID, str], int]) -> None:
    """This function will note that parts of records are shared with no more than these masks from now on."""
    if not masks:
        return
    known = _by_bit()
    note(
        [
            {"what": PART, "kind": kind, "uid": str(uid), "section": section, "to": _tokens(mask, known)}
            for (uid, section), mask in masks.items()
        ]
    )


def note_reader(*, audience: UUID, partner: str) -> None:
    """This function will note that a partner, named by its address, reads a journal no more."""
    note([{"what": READER, "audience": str(audience), "partner": partner}])


def note_readers_back(*, audiences: Sequence[UUID], partner: str, since: datetime, until: datetime) -> None:
    """This function will note that a partner reads these journals again, after the commit that lets it.

    It takes back the lines above it that say otherwise and were noted from ``since`` to ``until``.
    """
    said = {"what": BACK, "partner": partner, "since": since.isoformat(), "until": until.isoformat()}
    note([{**said, "audience": str(audience)} for audience in audiences])


def _by_bit() -> dict[int, str]:
    return {bit: str(token) for bit, token in Audience.objects.values_list("bit", "token")}


def _tokens(mask: int, known: Mapping[int, str]) -> list[str]:
    return [known[bit] for bit in rules.bits(mask) if bit in known]


def lines_since(*, since: datetime) -> Iterator[Line]:
    """Yield what was noted at or after an instant; a line that was cut short at the end is passed over."""
    if not path().is_file():
        return
    with path().open("rb") as file:
        for raw in file:
            try:
                line = json.loads(raw)
                at = parse_datetime(line["at"])
            except (ValueError, KeyError, TypeError):
                continue
            if at is not None and at >= since:
                yield line


def is_kept() -> bool:
    """Tell whether there is a log at all."""
    return path().is_file()


@transaction.atomic
def replay(*, since: datetime) -> list[Line]:
    """This function will narrow this node again as it was narrowed since ``since``; returns what is not ours.

    Lines of cells and parts are done here, the last of each; those of readers are returned to whoever knows
    partners. Nothing is widened. Run `widen` of all kinds afterwards: it brings the journals in line.
    """
    cells: dict[tuple[str, str], int] = {}
    parts: dict[tuple[str, UUID, str], int] = {}
    others: list[Line] = []
    bits = {token: bit for bit, token in _by_bit().items()}
    for line in lines_since(since=since):
        if line.get("what") == CELL:
            cells[line["kind"], line["section"]] = _mask(line, bits)
        elif line.get("what") == PART:
            parts[line["kind"], UUID(line["uid"]), line["section"]] = _mask(line, bits)
        else:
            others.append(line)
    gate.close()
    _narrow_cells(cells)
    _narrow_parts(parts)
    return others


def _mask(line: Line, bits: Mapping[str, int]) -> int:
    """Return who is left, in the bits of this database; an audience that is not in it is nobody."""
    return rules.join(1 << bits[token] for token in line["to"] if token in bits)


def _narrow_cells(cells: Mapping[tuple[str, str], int]) -> None:
    for (kind, section), mask in cells.items():
        cell = PolicyCell.objects.filter(kind=kind, section=section).first()
        if cell is not None and not rules.is_within(cell.mask, mask):
            cell.mask = rules.clamp(cell.mask, within=mask)
            cell.save(update_fields=["mask"])


def _narrow_parts(parts: Mapping[tuple[str, UUID, str], int]) -> None:
    """Give each record that was narrowed an exception that shares no more than was noted."""
    known = {kind.name for kind in kinds()}
    policy = {(kind, section): mask for kind, section, mask in _policy()}
    for (kind, uid, section), mask in parts.items():
        if kind not in known or not _is_here(kind_of(kind), uid):
            continue
        said = SharingException.objects.filter(uid=uid, section=section).first()
        now = said.mask if said is not None and said.mask is not None else policy.get((kind, section), 0)
        if not rules.is_within(now, mask):
            SharingException.objects.update_or_create(
                uid=uid,
                section=section,
                defaults={"kind": kind, "mask": rules.clamp(now, within=mask), "share_from": None},
            )


def _policy() -> Any:
    return PolicyCell.objects.values_list("kind", "section", "mask")


def _is_here(kind: Kind, uid: UUID) -> bool:
    return bool(kind.model._default_manager.filter(home_id=OWN, uid=uid).exists())
