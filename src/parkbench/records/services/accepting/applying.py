"""Applying: sections that can be used become columns of rows, and what a row may not show is taken away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from parkbench.lib.urn import record_id
from parkbench.records import bulk, registry
from parkbench.records.models import HELD, Home, Section, SectionProblem
from parkbench.records.registry import Kind, kind_of, kinds
from parkbench.records.services.accepting import references
from parkbench.records.services.accepting.holding import Holding, Row
from parkbench.records.services.accepting.judging import Fit, Flaw, judge
from parkbench.records.services.accepting.names import Part
from parkbench.records.services.accepting.writing import refused
from parkbench.records.services.bodies import defaults

BASICS = "basics"


@dataclass(slots=True)
class Applied:
    """What applying did: uids per kind whose rows changed, and the sections that the database refused."""

    changed: dict[str, set[UUID]] = field(default_factory=lambda: defaultdict(set))
    flaws: dict[Part, tuple[str, Flaw]] = field(default_factory=dict)


def apply(home: Home, holding: Holding, fits: Sequence[Fit]) -> Applied:
    """This function will write these sections into their rows, making rows whose basics arrive.

    Sections without a row wait as bodies. References are pointed where they lead, also those that waited.
    """
    done = Applied()
    by_kind: dict[str, list[Fit]] = defaultdict(list)
    for fit in fits:
        by_kind[fit.kind.name].append(fit)
    frozen = registry.frozen_of(home.pk) if fits else frozenset()
    for kind in kinds():
        if kind.name in by_kind:
            _apply_kind(_Work(home, holding, kind, done, frozen), by_kind[kind.name])
    return done


@dataclass(slots=True)
class _Work:
    """Applying to rows of one kind: what is held, where its references lead, what was done.

    Rows of ``frozen`` records are written as every other, and seen by nobody.
    """

    home: Home
    held: Holding
    kind: Kind
    done: Applied
    frozen: Set[UUID]
    found: references.Found = field(default_factory=dict)
    now: datetime = field(default_factory=timezone.now)

    @property
    def rows(self) -> dict[UUID, Row]:
        """The partner's rows of this kind, those just made too."""
        return self.held.rows.setdefault(self.kind.name, {})

    def hidden_at(self, uid: UUID) -> datetime | None:
        """Return since when a row of this record is hidden; None when it is to be seen."""
        return self.held.hidden_at or (self.now if uid in self.frozen else None)


def _apply_kind(work: _Work, fits: list[Fit]) -> None:
    new = [fit.uid for fit in fits if fit.section == BASICS and fit.uid not in work.rows]
    fits += _waiting(work, frozenset(new), {(fit.uid, fit.section) for fit in fits})
    work.found = references.find(work.home, work.kind, [fit.columns for fit in fits])
    fresh: dict[UUID, dict[str, Fit]] = {uid: {} for uid in new}
    known: dict[str, list[Fit]] = defaultdict(list)
    for fit in fits:
        if fit.uid in fresh:
            fresh[fit.uid][fit.section] = fit
        elif fit.uid in work.rows:
            known[fit.section].append(fit)
    if fresh:
        _insert(work, fresh)
        made = [uid for uid in fresh if uid in work.rows]
        for name, uids in references.link_late(work.home, work.kind, made).items():
            work.done.changed[name].update(uids)
    for section, each in known.items():
        _amend(work, section, each)


def _waiting(work: _Work, new: frozenset[UUID], here: Set[Part]) -> list[Fit]:
    """Return the sections, kept as bodies, that waited for the basics which arrive now."""
    held, kind = work.held, work.kind.name
    waiting = {
        part
        for part, kept in held.kept.items()
        if part[0] in new and part[1] != BASICS and kept.kind == kind and not kept.has_left
        if part not in held.problems and part not in here
    }
    if not waiting:
        return []
    bodies = Section.objects.filter(home=work.home, kind=kind, uid__in={uid for uid, _section in waiting})
    fits = []
    for uid, section, schema, body, at in bodies.values_list("uid", "section", "schema", "body", "at"):
        if (uid, section) not in waiting:
            continue
        verdict = judge(kind=kind, uid=uid, section=section, schema=schema, body=body.encode(), at=at)
        if isinstance(verdict, Fit):
            fits.append(verdict)
        else:
            work.done.flaws[uid, section] = (kind, verdict)
    return fits


def _insert(work: _Work, fresh: Mapping[UUID, Mapping[str, Fit]]) -> None:
    """Write new rows with all their sections; of a row that is refused first its basics alone."""
    failed = _inserted(work, fresh)
    without = _inserted(work, {uid: {BASICS: fresh[uid][BASICS]} for uid in failed}) if failed else failed
    for uid in without:
        work.done.flaws[uid, BASICS] = (work.kind.name, REFUSED)
    made = fresh.keys() - without
    for uid in made:
        work.rows[uid] = Row({BASICS} if uid in failed else set(fresh[uid]))
    work.done.changed[work.kind.name].update(made)
    again: dict[str, list[Fit]] = defaultdict(list)
    for uid in failed - without:
        for section, fit in fresh[uid].items():
            again[section].append(fit)
    for section, each in again.items():
        _amend(work, section, each)


def _inserted(work: _Work, fresh: Mapping[UUID, Mapping[str, Fit]]) -> set[UUID]:
    """Insert rows and return the ids of those that the database refuses."""
    blank: dict[str, Any] = {**defaults(work.kind), "deleted_at": None}
    for spec in work.kind.sections:
        if spec.name != BASICS:
            blank.update(hidden_columns(work.kind, spec.name))
    rows = []
    for uid, parts in fresh.items():
        values = {**blank, "deleted_at": work.hidden_at(uid)}
        for section, fit in parts.items():
            values.update(_shown_columns(work, section, fit))
        rows.append((uid, values))
    names = tuple(rows[0][1])

    def write(chosen: Sequence[tuple[UUID, dict[str, Any]]]) -> None:
        bulk.upsert(
            work.kind.model,
            columns=(*names, "home_id", "uid"),
            rows=[(*values.values(), work.home.pk, uid) for uid, values in chosen],
        )

    return {uid for uid, _values in refused(rows, write)}


def _shown_columns(work: _Work, section: str, fit: Fit) -> dict[str, Any]:
    spec = work.kind.section(section)
    keys = references.keys(work.kind, fit.columns, work.found)
    return {**fit.columns, **keys, spec.at: fit.at, spec.mask: HELD}


def _amend(work: _Work, section: str, fits: Sequence[Fit]) -> None:
    """Write one section into rows that are there; a row whose basics come back is seen again."""
    kind = work.kind
    rows = [(fit.uid, _shown_columns(work, section, fit)) for fit in fits]
    if section == BASICS:
        rows = [(uid, {**values, "deleted_at": work.hidden_at(uid)}) for uid, values in rows]
    _cut_circles(work, rows)
    names = tuple(rows[0][1])

    def write(chosen: Sequence[tuple[UUID, dict[str, Any]]]) -> None:
        given = [(*values.values(), uid, work.home.pk) for uid, values in chosen]
        bulk.amend(kind.model, columns=names, rows=given, key=("uid", "home_id"))

    failed = {uid for uid, _values in refused(rows, write)}
    work.done.changed[kind.name].update(fit.uid for fit in fits)
    for fit in fits:
        if fit.uid in failed:
            work.done.flaws[fit.uid, section] = (kind.name, REFUSED)
        else:
            work.rows[fit.uid].shown.add(section)


def _cut_circles(work: _Work, rows: Sequence[tuple[UUID, dict[str, Any]]]) -> None:
    """Let nothing be part of itself, or come after itself."""
    kind = work.kind
    for name, target in kind.references.items():
        if target == kind.name and f"{name}_ref" in rows[0][1]:
            for uid, values in rows:
                if values[f"{name}_ref"] == record_id(node=work.home.address, kind=target, uid=uid):
                    values[f"{name}_id"] = None


def hidden_columns(kind: Kind, section: str) -> dict[str, Any]:
    """Return the columns of a row that does not show this section; not for basics."""
    spec = kind.section(section)
    values = dict(kind.columns(section, {}))
    keys = {f"{name}_id": None for name in kind.references if f"{name}_ref" in values}
    return {**values, **keys, spec.at: None, spec.mask: 0}


def hide(holding: Holding, parts: Iterable[tuple[str, Part]]) -> dict[str, set[UUID]]:
    """This function will take these sections, given as (kind, part), off the rows that show them, at once.

    A row without its basics is seen by nobody; its key stays until the pull ends. Returns kind > uids.
    """
    by_section: dict[tuple[str, str], list[UUID]] = defaultdict(list)
    for name, (uid, section) in parts:
        row = holding.rows.get(name, {}).get(uid)
        if row is not None and section in row.shown:
            by_section[name, section].append(uid)
            row.shown.discard(section)
    now = timezone.now()
    changed: dict[str, set[UUID]] = defaultdict(set)
    for (name, section), uids in by_section.items():
        kind = kind_of(name)
        values = (
            {"audience_mask": 0, "deleted_at": now} if section == BASICS else hidden_columns(kind, section)
        )
        rows = [(*values.values(), uid, holding.home_id) for uid in uids]
        bulk.amend(kind.model, columns=tuple(values), rows=rows, key=("uid", "home_id"))
        changed[name].update(uids)
    return changed


REFUSED = Flaw(
    SectionProblem.Sort.BAD.value,
    "The database cannot hold it: its values contradict each other, or what is here already.",
)
TAKEN = Flaw(SectionProblem.Sort.BAD.value, "Another record, which is not this partner's, has this id here.")
