"""Publish: the one way in which content of own records is written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from pydantic import ValidationError

from parkbench.envelope.digests import digest
from parkbench.envelope.items import BodyError, body_bytes
from parkbench.lib.errors import Conflict, Invalid, NotFound, Problem, Refused
from parkbench.records import bulk, rules
from parkbench.records.models import OWN, Section
from parkbench.records.registry import Kind, kind_of, tell
from parkbench.records.services import gate, journals, withdrawals
from parkbench.records.services.bodies import defaults, told
from parkbench.records.services.references import resolve
from parkbench.records.visibility import Viewer

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Draft:
    """New content of one record: whole bodies of the sections that change.

    ``expected`` holds, per section, the revision the editor had seen (0 = none); ``local`` columns that
    belong to no section (steward_id, linked_model_id ...).
    """

    uid: UUID
    sections: Mapping[str, Body]
    is_new: bool = False
    expected: Mapping[str, int] = field(default_factory=dict)
    local: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Published:
    """What a publish wrote: uids of records that changed, and (uid, section) with the new revision."""

    changed: tuple[UUID, ...]
    revisions: Mapping[tuple[UUID, str], int]


@dataclass(frozen=True, slots=True)
class Head:
    """The current revision of a section."""

    revision: int
    digest: str


@dataclass(slots=True)
class _Change:
    draft: Draft
    bodies: Mapping[str, tuple[Body, bytes, str, int]]


def heads_of(uids: Sequence[UUID]) -> dict[tuple[UUID, str], Head]:
    """Read the current revision and digest of every section of these own records, in one query."""
    rows = Section.objects.filter(home_id=OWN, uid__in=uids, is_current=True)
    return {
        (uid, section): Head(revision, held)
        for uid, section, revision, held in rows.values_list("uid", "section", "revision", "digest")
    }


def publish(*, kind: str, drafts: Sequence[Draft], by: Viewer, batch: UUID | None = None) -> Published:
    """This function will write sections, typed rows, history and journals of own records in one transaction.

    At most 1,000 drafts at a time keep the lock short. An empty body empties its section. Unchanged bodies
    write nothing. Raises Conflict when a section moved on since the editor saw it, Invalid when a body does
    not fit its schema, Refused when a reference points to nothing that is here.
    """
    known = kind_of(kind)
    with transaction.atomic():
        gate.enter()
        old = [draft.uid for draft in drafts if not draft.is_new]
        heads = _locked_heads(known, old) if old else {}
        changes = [_change(known, draft, heads) for draft in drafts]
        changes = [change for change in changes if change.bodies or change.draft.is_new]
        at = timezone.now()
        if changes:
            _write_sections(known, changes, by, at, batch)
            _write_rows(known, changes, at)
            _settle(known, changes, heads)
            tell(kind, [change.draft.uid for change in changes])
    revisions = {
        (change.draft.uid, name): revision
        for change in changes
        for name, (_body, _bytes, _digest, revision) in change.bodies.items()
    }
    return Published(tuple(change.draft.uid for change in changes), revisions)


def _locked_heads(kind: Kind, uids: Sequence[UUID]) -> dict[tuple[UUID, str], Head]:
    """Lock the rows, so that two editors of one record come one after the other; then read their heads."""
    rows = kind.model._default_manager.select_for_update().filter(home_id=OWN, uid__in=uids, deleted_at=None)
    if len(rows.order_by("pk").values_list("pk")) != len(set(uids)):
        raise NotFound("This record is not here, was deleted, or belongs to a partner and cannot be edited.")
    return heads_of(uids)


def _change(kind: Kind, draft: Draft, heads: Mapping[tuple[UUID, str], Head]) -> _Change:
    bodies = {}
    for name, given in draft.sections.items():
        head = heads.get((draft.uid, name), Head(0, ""))
        _check_expected(draft, name, head)
        body = _validated(kind, name, given)
        try:
            written = body_bytes(body) if body else b""
        except BodyError as error:
            raise Refused(f"This cannot be kept: {error}") from error
        new = digest(written) if written else ""
        if new != head.digest:
            bodies[name] = (body, written, new, head.revision + 1)
    return _Change(draft, bodies)


def _check_expected(draft: Draft, name: str, head: Head) -> None:
    if draft.expected.get(name, head.revision) == head.revision:
        return
    last = (
        Section.objects.filter(home_id=OWN, uid=draft.uid, section=name, is_current=True)
        .select_related("by")
        .first()
    )
    who = last.by.name if last and last.by else "somebody"
    raise Conflict(
        f"{who} changed this while you were editing. Nothing of yours was saved; "
        "your values are still in the form, theirs are shown beside them."
    )


def _validated(kind: Kind, name: str, given: Body) -> dict[str, Any]:
    """Check a body against its schema and return it without empty values."""
    schema = kind.section(name).schema
    plain = {key: value for key, value in given.items() if value not in (None, "", [], ())}
    if not plain:
        if name == "basics":
            raise Refused("A record cannot be without its basics.")
        return {}
    try:
        return told(schema.model_validate(plain))
    except ValidationError as error:
        raise Invalid([_problem(schema, each) for each in error.errors()]) from error


def _problem(schema: Any, error: Any) -> Problem:
    name = str(error["loc"][0]) if error["loc"] else ""
    known = schema.model_fields.get(name)
    label = (known.title if known else None) or name.replace("_", " ")
    value = error.get("input")
    message = str(error["msg"]).removeprefix("Value error, ")
    return Problem(label, None if isinstance(value, dict) else value, message[:1].lower() + message[1:])


def _write_sections(
    kind: Kind, changes: Sequence[_Change], by: Viewer, at: datetime, batch: UUID | None
) -> None:
    superseded = []
    rows = []
    for change in changes:
        uid = change.draft.uid
        for name, (_body, written, new, revision) in change.bodies.items():
            if revision > 1:
                superseded.append((False, uid, name, revision - 1, OWN))
            rows.append(
                (uid, OWN, kind.name, name, revision, 1, written.decode(), new, True, by.person_id, at, batch)
            )
    bulk.amend(
        Section, columns=("is_current",), rows=superseded, key=("uid", "section", "revision", "home_id")
    )
    columns = ("uid", "home_id", "kind", "section", "revision", "schema", "body", "digest", "is_current")
    bulk.upsert(Section, columns=(*columns, "by_id", "at", "batch"), rows=rows)


def _write_rows(kind: Kind, changes: Sequence[_Change], at: datetime) -> None:
    """Write the typed columns; rows that touch the same sections go in one statement."""
    resolved = resolve(kind, [body for change in changes for body, *_rest in change.bodies.values()])
    groups: dict[tuple[bool, tuple[str, ...]], list[tuple[Any, ...]]] = defaultdict(list)
    for change in changes:
        values = _row_values(kind, change, at, resolved)
        groups[change.draft.is_new, tuple(values)].append((*values.values(), OWN, change.draft.uid))
    for (is_new, columns), rows in groups.items():
        if is_new:
            extra = {name: value for name, value in defaults(kind).items() if name not in columns}
            names = (*columns, "home_id", "uid", *extra)
            rest = tuple(extra.values())
            bulk.upsert(kind.model, columns=names, rows=[(*row, *rest) for row in rows])
        else:
            bulk.amend(kind.model, columns=columns, rows=rows, key=("home_id", "uid"))


def _row_values(
    kind: Kind, change: _Change, at: datetime, resolved: Mapping[tuple[str, str], int]
) -> dict[str, Any]:
    values: dict[str, Any] = dict(change.draft.local)
    for name, (body, *_rest) in change.bodies.items():
        spec = kind.section(name)
        values.update(kind.columns(name, body))
        values[spec.at] = at
    for reference, target in kind.references.items():
        if f"{reference}_ref" in values:
            ref = values[f"{reference}_ref"]
            pk = resolved.get((target, ref)) if ref else None
            if ref and pk is None:
                raise Refused(f"There is no {kind_of(target).label} with the id {ref} here.")
            values[f"{reference}_id"] = pk
    return values


def _settle(kind: Kind, changes: Sequence[_Change], heads: Mapping[tuple[UUID, str], Head]) -> None:
    """Bring the journals in line for the records that changed."""
    digests: dict[tuple[UUID, str], str] = {part: head.digest for part, head in heads.items()}
    for change in changes:
        for name, (_body, _written, new, _revision) in change.bodies.items():
            digests[change.draft.uid, name] = new
    uids = [change.draft.uid for change in changes]
    settle_records(kind, uids, digests, is_fresh=all(change.draft.is_new for change in changes))


def settle_records(
    kind: Kind,
    uids: Sequence[UUID],
    digests: Mapping[tuple[UUID, str], str],
    *,
    is_fresh: bool = False,
    meant: journals.Sharing | None = None,
) -> None:
    """This function will move these records' sections to the journals that the policy gives them now.

    Call it under the gate. Deleted records go nowhere. ``is_fresh`` records were in no journal before.
    ``meant`` is what was said of them until now, when a person takes something of it back: what waited for
    its date, or for its turn in a widening, is noted as withdrawn too, or a backup put back would share it.
    """
    sharing = journals.read_sharing(kind, uids)
    if is_fresh and not any(sharing.policy.values()) and not sharing.exceptions:
        return
    known = set(uids)
    deleted = set(
        kind.model._default_manager.filter(home_id=OWN, uid__in=uids)
        .exclude(deleted_at=None)
        .values_list("uid", flat=True)
    )
    wanted: dict[tuple[UUID, str], tuple[str, int]] = {}
    for (uid, section), held in digests.items():
        if uid in known:
            mask = sharing.target(uid, section) if held and uid not in deleted else rules.NOBODY
            wanted[uid, section] = (held, mask)
    entries = () if is_fresh else list(journals.entries_of(kind, uids))
    withdrawals.note_parts(kind=kind.name, masks=_narrowed(wanted, entries, meant))
    journals.settle(kind, wanted, entries)
    journals.write_masks(kind, {part: mask for part, (_digest, mask) in wanted.items()})


def _narrowed(
    wanted: Mapping[tuple[UUID, str], tuple[str, int]],
    entries: Iterable[journals.Entry],
    meant: journals.Sharing | None,
) -> dict[tuple[UUID, str], int]:
    """Return what somebody who sees it now, or was to see it, sees no more, with the mask that is left."""
    held: dict[tuple[UUID, str], int] = defaultdict(int)
    for (uid, section), (written, _mask) in wanted.items() if meant else ():
        if meant and written:
            held[uid, section] = meant.sooner_or_later(uid, section)
    for _pk, uid, section, bit, _digest, is_gone in entries:
        if not is_gone:
            held[uid, section] |= 1 << bit
    return {
        part: wanted[part][1]
        for part, mask in held.items()
        if part in wanted and not rules.is_within(mask, wanted[part][1])
    }
