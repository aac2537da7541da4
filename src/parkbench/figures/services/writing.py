"""Years of use written: by an import, and one month by hand."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from parkbench.envelope.items import read_body
from parkbench.figures import rules, wire
from parkbench.figures.models import UseYear
from parkbench.instruments.models import Instrument
from parkbench.lib.errors import Invalid, NotAllowed, NotFound, Problem
from parkbench.lib.urn import record_id
from parkbench.records import services as records
from parkbench.records.models import OWN, Section
from parkbench.records.queries import found, own_address
from parkbench.records.registry import kind_of
from parkbench.records.services import Draft, publish
from parkbench.records.visibility import Viewer, check_edit, may_edit, scopes_of

KIND = "use"
Values = Mapping[str, Any]
"""Flat values by the names of `wire.SECTION_OF`; None empties one."""


def year_of(*, instrument: UUID, year: int) -> UseYear | None:
    """Return the own live year of an instrument, with what its rights are looked up by; None without one."""
    rows = UseYear.objects.own().live().select_related("instrument__unit__platform", "steward")
    row: UseYear | None = rows.filter(instrument__uid=instrument, year=year).first()
    return row


def amend_and_write(
    *,
    new: Sequence[tuple[UUID, Values]],
    changed: Mapping[UUID, Values],
    by: Viewer,
    batch: UUID | None = None,
) -> None:
    """This function will publish new years and set fields of years that are here; rights are the caller's.

    At most 1,000. Raises Invalid naming each sum that breaks a rule: used beyond available, training beyond
    used, maintenance and down beyond the month.
    """
    now = values_of(list(changed)) if changed else {}
    drafts = []
    for uid, values in new:
        check_rules(values)
        drafts.append(Draft(uid=uid, sections=wire.to_sections(values), is_new=True))
    for uid, values in changed.items():
        merged = {**now[uid], **values}
        check_rules(merged)
        bodies = wire.to_sections(merged)
        touched = {wire.SECTION_OF[name] for name in values}
        drafts.append(Draft(uid=uid, sections={name: bodies.get(name, {}) for name in touched}))
    if drafts:
        publish(kind=KIND, drafts=drafts, by=by, batch=batch)


@transaction.atomic
def enter_month(
    *,
    instrument: UUID,
    year: int,
    month: int,
    values: Values,
    by: Viewer,
    kept: Collection[str] = (),
    expected: Mapping[str, int] | None = None,
) -> UUID:
    """This function will set the sums of one month of an instrument and return the year's uid.

    ``values`` are named as `rules.field_name` does, of that month only; None says "not known". ``kept`` names
    sums that are to stay as they are; something must be known of them. Raises
    NotFound for an instrument that is not here, NotAllowed, Conflict when ``expected`` revisions are passed,
    Invalid naming each sum that breaks a rule.
    """
    row = _instrument(instrument)
    _check_month(year, month, values)
    held_year = year_of(instrument=instrument, year=year)
    if held_year is None:
        if not may_edit(kind_of("instrument"), row, by):
            raise NotAllowed(_("You may not enter the use of this instrument. Ask the head of its unit."))
        uid, now = uuid4(), _basics(row, year)
    else:
        check_edit(kind_of(KIND), held_year, by)
        uid, now = held_year.uid, content_of(held_year.uid)[0]
    merged = {**now, **values}
    _check_kept(kept, now)
    check_rules(merged)
    _check_seen(values, row, by)
    bodies = wire.to_sections(merged)
    touched = {wire.SECTION_OF[name] for name in values} if held_year else set(bodies)
    sections = {name: bodies.get(name, {}) for name in touched}
    seen = {name: revision for name, revision in (expected or {}).items() if name in touched}
    publish(
        kind=KIND, drafts=[Draft(uid=uid, sections=sections, is_new=held_year is None, expected=seen)], by=by
    )
    return uid


def _instrument(uid: UUID) -> Instrument:
    rows = Instrument.objects.own().live().select_related("unit__platform")
    row: Instrument | None = rows.filter(uid=uid).first()
    if row is None:
        raise NotFound(
            _("There is no such instrument here, or it belongs to a partner and cannot be edited.")
        )
    return row


def _basics(row: Instrument, year: int) -> dict[str, Any]:
    ref = record_id(node=own_address(), kind="instrument", uid=row.uid)
    return {"instrument_ref": ref, "year": year}


def _check_month(year: int, month: int, values: Values) -> None:
    if not rules.FIRST_YEAR <= year <= rules.LAST_YEAR or month not in rules.MONTHS:
        raise Invalid(Problem("Month", f"{year}-{month:02}", _("a month such as 2025-03")))
    strange = [name for name in values if name not in rules.PARTS or rules.PARTS[name].month != month]
    if strange:
        raise Invalid(Problem(strange[0], values[strange[0]], _("a sum of that month")))


def _check_kept(names: Collection[str], now: Values) -> None:
    unknown = [name for name in names if now.get(name) is None]
    if unknown:
        raise Invalid(
            [Problem(name, None, _("a number; none is known of that month yet")) for name in unknown]
        )


def _check_seen(values: Values, row: Instrument, by: Viewer) -> None:
    """Raise NotAllowed for a part of the record that the viewer may not see: nobody writes blindly."""
    kind = kind_of(KIND)
    scopes = scopes_of(kind_of("instrument"), row)
    for section in {wire.SECTION_OF[name] for name in values}:
        by.check(kind.section(section).see, scopes)


def check_rules(values: Values) -> None:
    """Raise Invalid for every sum that breaks a rule of the house."""
    broken = rules.violations(values, int(values["year"]))
    if broken:
        raise Invalid([Problem(one.field, rules.clock_hours(one.value), one.sentence) for one in broken])


def held(*, instrument: UUID, year: int) -> tuple[dict[str, Any], dict[str, int]]:
    """Return the flat values of an instrument's year and the revision of each section."""
    row = year_of(instrument=instrument, year=year)
    return content_of(row.uid) if row else ({}, dict.fromkeys(wire.SCHEMAS, 0))


def delete(*, uid: UUID, by: Viewer) -> None:
    """This function will withdraw a year of use at once and keep it restorable for 30 days.

    Raises NotFound for a year that is not theirs to see, NotAllowed.
    """
    found(kind=KIND, uid=uid, viewer=by)
    records.delete(kind=KIND, uids=[uid], by=by)


def restore(*, uid: UUID, by: Viewer) -> None:
    """This function will bring a deleted year of use back."""
    records.restore(kind=KIND, uids=[uid], by=by)


def values_of(uids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """Return the flat values of own live years, from their current sections; two queries."""
    live = set(UseYear.objects.own().live().filter(uid__in=uids).values_list("uid", flat=True))
    values: dict[UUID, dict[str, Any]] = {uid: {} for uid in live}
    rows = Section.objects.filter(home_id=OWN, uid__in=uids, is_current=True).exclude(body="")
    for uid, body in rows.values_list("uid", "body"):
        if uid in live:
            values[uid].update(read_body(body.encode()))
    return values


def content_of(uid: UUID) -> tuple[dict[str, Any], dict[str, int]]:
    """Return the flat values of an own year and the revision of each section, as of the same moment."""
    values: dict[str, Any] = {}
    revisions = dict.fromkeys(wire.SCHEMAS, 0)
    rows = Section.objects.filter(home_id=OWN, uid=uid, is_current=True)
    for section, revision, body in rows.values_list("section", "revision", "body"):
        revisions[section] = revision
        values.update(read_body(body.encode()) if body else {})
    return values, revisions
