"""Forget a person: take their name out of every contact section of this node and of its history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from parkbench.envelope.digests import digest
from parkbench.envelope.items import body_bytes, read_body
from parkbench.records import bulk
from parkbench.records.models import OWN, Section
from parkbench.records.registry import Kind, kind_of, kinds
from parkbench.records.services import Draft, publish
from parkbench.records.visibility import Viewer

CONTACT = "contact"


def forget_person(*, uid: str) -> int:
    """This function will take a person out of all contact sections; returns how many records named them.

    Current sections are published again without the person, so that partners hear of it; earlier revisions
    are rewritten in place and take the digest of what is left. Works in chunks of 1,000 records, each
    all-or-nothing; running it again changes nothing. Raises ValueError when ``uid`` is no UUID.
    """
    person = str(UUID(uid))
    count = 0
    for kind in kinds():
        if not any(spec.name == CONTACT for spec in kind.sections):
            continue
        uids = list(_naming(kind, person).order_by("uid").values_list("uid", flat=True).distinct())
        for start in range(0, len(uids), bulk.CHUNK):
            _forget(kind, uids[start : start + bulk.CHUNK], person)
        count += len(uids)
    return count


def _naming(kind: Kind, person: str) -> Any:
    """Return the own contact revisions of a kind that hold this person's id."""
    return Section.objects.filter(
        home_id=OWN, kind=kind.name, section=CONTACT, body__contains=f'"person_uid":"{person}"'
    )


@transaction.atomic
def _forget(kind: Kind, uids: Sequence[UUID], person: str) -> None:
    current = list(_naming(kind, person).filter(uid__in=uids, is_current=True).values_list("uid", "body"))
    rows = kind.model._default_manager.filter(home_id=OWN, uid__in=[uid for uid, _body in current])
    live = set(rows.filter(deleted_at=None).values_list("uid", flat=True))
    drafts = [
        Draft(uid=uid, sections={CONTACT: _without_person(body)}) for uid, body in current if uid in live
    ]
    if drafts:
        publish(kind=kind.name, drafts=drafts, by=Viewer.operator())
    deleted = [(uid, _without_person(body)) for uid, body in current if uid not in live]
    _empty_columns(kind, deleted)
    _rewrite(_naming(kind, person).filter(uid__in=uids).values_list("pk", "body"))


def _without_person(body: str) -> dict[str, Any]:
    read = read_body(body.encode())
    return {name: value for name, value in read.items() if not name.startswith("person_")}


def _empty_columns(kind: Kind, bodies: Sequence[tuple[UUID, Mapping[str, Any]]]) -> None:
    """Take the person out of the columns of deleted rows, which publish does not touch."""
    if not bodies:
        return
    columns = tuple(kind_of(kind.name).columns(CONTACT, {}))
    values = [(*kind.columns(CONTACT, body).values(), OWN, uid) for uid, body in bodies]
    bulk.amend(kind.model, columns=columns, rows=values, key=("home_id", "uid"))


def _rewrite(rows: Iterable[tuple[int, str]]) -> None:
    """Rewrite revisions in place; an empty body has no digest, as publish writes it."""
    amended = []
    for pk, body in rows:
        kept = _without_person(body)
        written = body_bytes(kept) if kept else b""
        amended.append((written.decode(), digest(written) if written else "", pk))
    bulk.amend(Section, columns=("body", "digest"), rows=amended, key=("id",))
