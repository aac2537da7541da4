"""Checks of what is held of partners: journals against memberships, bodies and rows against both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Exists, Model, OuterRef

from parkbench.envelope import fingerprint
from parkbench.envelope.digests import digest
from parkbench.lib.errors import shorten
from parkbench.records import bulk
from parkbench.records.models import (
    HELD,
    LEFT,
    REGISTER,
    HeldJournal,
    Home,
    Membership,
    Section,
    SectionProblem,
)
from parkbench.records.registry import Kind, kinds
from parkbench.records.services.accepting import references
from parkbench.records.services.accepting.judging import Fit, judge
from parkbench.records.services.accepting.names import Part
from parkbench.records.services.differences import Difference, as_read

BASICS = "basics"


def check_held() -> Iterator[Difference]:
    """Yield every difference between what partners' journals name and what is kept and shown of them."""
    for home in Home.objects.filter(pk__gt=REGISTER).order_by("pk"):
        for journal in HeldJournal.objects.filter(home=home).order_by("pk"):
            yield from _journal(home, journal)
        yield from _bodies(home)
        for kind in kinds():
            yield from _missing(home, kind)
            for rows in _chunks(home, kind):
                yield from _rows(home, kind, rows)


def _journal(home: Home, journal: HeldJournal) -> Iterator[Difference]:
    """Count the memberships of a journal and compare with what is kept beside its cursor."""
    total, count = fingerprint.EMPTY, 0
    rows = Membership.objects.filter(home=home, audience=journal.audience)
    for entry in rows.values_list("kind", "uid", "section", "digest").iterator(5000):
        total, count = fingerprint.add(total, fingerprint.entry_hash(*entry)), count + 1
    where = f"{home.name}, {journal.name or journal.sort or journal.audience}"
    if count != journal.count:
        yield Difference("held journal count", "", None, "", f"{where}: {count}", str(journal.count))
    wanted = fingerprint.to_hex(total)
    if wanted != journal.fingerprint:
        yield Difference("held journal fingerprint", "", None, "", f"{where}: {wanted}", journal.fingerprint)


def _bodies(home: Home) -> Iterator[Difference]:
    """Check that bodies are kept of just what is named, and are the bytes that they are called by."""
    named = Membership.objects.filter(home=home, uid=OuterRef("uid"), section=OuterRef("section"))
    kept = Section.objects.filter(home=home, uid=OuterRef("uid"), section=OuterRef("section"))
    columns = ("kind", "uid", "section")
    members = Membership.objects.filter(home=home)
    unkept = members.filter(~Exists(kept.exclude(batch=LEFT))).values_list(*columns)
    for kind, uid, section in unkept.iterator(5000):
        yield Difference("held body", kind, uid, section, "kept, a journal names it", "none")
    bodies = Section.objects.filter(home=home)
    for kind, uid, section in (
        bodies.exclude(batch=LEFT).filter(~Exists(named)).values_list(*columns).iterator(5000)
    ):
        yield Difference("held body", kind, uid, section, "none, no journal names it", "kept")
    for kind, uid, section, body, held in (
        bodies.exclude(body="").values_list(*columns, "body", "digest").iterator(500)
    ):
        made = digest(body.encode())
        if made != held:
            yield Difference("held digest", kind, uid, section, made, held)


def _missing(home: Home, kind: Kind) -> Iterator[Difference]:
    """Check that what can be used has a row."""
    basics = Section.objects.filter(home=home, kind=kind.name, section=BASICS).exclude(batch=LEFT)
    here = kind.model._default_manager.filter(home=home, uid=OuterRef("uid"), audience_mask=HELD)
    problem = SectionProblem.objects.filter(home=home, uid=OuterRef("uid"), section=BASICS)
    for uid in basics.filter(~Exists(here), ~Exists(problem)).values_list("uid", flat=True).iterator(5000):
        yield Difference("held row", kind.name, uid, BASICS, "a row", "none")


def _chunks(home: Home, kind: Kind) -> Iterator[Sequence[Model]]:
    last = 0
    while True:
        rows = kind.model._default_manager.filter(home=home, pk__gt=last).order_by("pk")
        chunk = list(rows[: bulk.CHUNK])
        if not chunk:
            return
        yield chunk
        last = chunk[-1].pk


def _rows(home: Home, kind: Kind, rows: Sequence[Any]) -> Iterator[Difference]:
    """Check that each row shows what its bodies say, and nothing of a section that is not held."""
    uids = [row.uid for row in rows]
    fits = _fits(home, kind, uids)
    found = references.find(home, kind, [fit.columns for fit in fits.values()])
    columns = {column.attname: column for column in kind.model._meta.concrete_fields}
    for row in rows:
        if row.is_public:
            yield Difference("held mask", kind.name, row.uid, BASICS, "not public", "public")
        for spec in kind.sections:
            fit = fits.get((row.uid, spec.name))
            mask = HELD if fit is not None else 0
            if getattr(row, spec.mask) != mask:
                said = "shown" if fit else "hidden"
                yield Difference("held mask", kind.name, row.uid, spec.name, said, "the other")
            if fit is None and spec.name == BASICS:
                continue  # seen by nobody, and gone at the end of the pull
            for name, expected in _wanted(kind, spec.name, fit, found).items():
                value = getattr(row, name)
                if as_read(columns[name], expected) != as_read(columns[name], value):
                    words = (shorten(f"{name} = {expected}"), shorten(str(value)))
                    yield Difference("held row", kind.name, row.uid, spec.name, *words)


def _fits(home: Home, kind: Kind, uids: Sequence[UUID]) -> Mapping[Part, Fit]:
    problems = SectionProblem.objects.filter(home=home, uid__in=uids)
    bad = set(problems.values_list("uid", "section"))
    bodies = Section.objects.filter(home=home, kind=kind.name, uid__in=uids).exclude(batch=LEFT)
    fits: dict[Part, Fit] = {}
    for uid, section, schema, body, at in bodies.values_list("uid", "section", "schema", "body", "at"):
        if (uid, section) in bad:
            continue
        verdict = judge(kind=kind.name, uid=uid, section=section, schema=schema, body=body.encode(), at=at)
        if isinstance(verdict, Fit):
            fits[uid, section] = verdict
    return fits


def _wanted(kind: Kind, section: str, fit: Fit | None, found: references.Found) -> dict[str, Any]:
    if fit is None:
        return dict(kind.columns(section, {}))
    keys = {name: pk for name, pk in references.keys(kind, fit.columns, found).items() if pk is not None}
    return {**fit.columns, **keys}
