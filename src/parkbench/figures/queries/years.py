"""Years of use as lists and pages show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Case, ExpressionWrapper, F, FloatField, QuerySet, Value, When
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from parkbench.accounts.rules import Action
from parkbench.figures import rules
from parkbench.figures.models import UseYear
from parkbench.figures.queries.sums import Use, use_of_instrument
from parkbench.instruments.models import Instrument
from parkbench.lib.errors import NotFound
from parkbench.records.models import ALL, OURS, OWN
from parkbench.records.queries import Reach, found, reach_of, updated_at
from parkbench.records.registry import kind_of
from parkbench.records.visibility import Viewer, check_ours, masked, may_edit, referred, scopes_of

MEASURES = ("used", "training", "sessions", "booked", "available", "maintenance", "down", "months_known")


def use_years(*, viewer: Viewer, home: str = OURS) -> QuerySet[Any]:
    """Return years of instruments this viewer may see, measures as ``<name>_seen``, NULL where not theirs.

    ``share`` is use of availability; ``down_days`` hours down in days of 24 hours.
    """
    kind = kind_of("use")
    rows = UseYear.objects.visible(viewer, home).standing()
    if not viewer.is_member:
        rows = rows.filter(instrument__in=Instrument.objects.visible(viewer).values("pk"))
    rows = rows.annotate(
        instrument_uid=F("instrument__uid"),
        instrument_name=F("instrument__name"),
        unit_name=referred(viewer, "name", "instrument__unit__"),
        unit_uid=referred(viewer, "uid", "instrument__unit__"),
        platform_name=referred(viewer, "name", "instrument__unit__platform__"),
        platform_uid=referred(viewer, "uid", "instrument__unit__platform__"),
        home_name=F("home__name"),
        **{f"{name}_seen": masked(kind, "hours", viewer, name) for name in MEASURES},
    )
    share = ExpressionWrapper(
        Cast(F("used_seen"), FloatField()) / Cast(F("available_seen"), FloatField()),
        output_field=FloatField(),
    )
    listed: QuerySet[Any] = rows.annotate(
        share=Case(When(available_seen__gt=0, then=share), default=Value(None), output_field=FloatField())
    )
    return listed


def years_there(*, viewer: Viewer) -> list[int]:
    """Return the calendar years of which any use is here, newest first."""
    rows = UseYear.objects.visible(viewer).standing().order_by("-year")
    return list(rows.values_list("year", flat=True).distinct())


@dataclass(frozen=True, slots=True)
class YearPage:
    """One year of one instrument as this viewer may see it."""

    row: Any
    instrument: Instrument
    use: Use
    steward: str
    updated_at: datetime | None
    reach: list[Reach]
    may_edit: bool
    may_delete: bool


def year_page(*, uid: UUID, viewer: Viewer) -> YearPage:
    """Return one year of use; raise NotFound where it, or its instrument, is not this viewer's to see."""
    kind, row = found(kind="use", uid=uid, viewer=viewer)
    instrument = (
        Instrument.objects.visible(viewer, ALL).select_related("unit").filter(pk=row.instrument_id).first()
    )
    if instrument is None:
        raise NotFound(
            _("There is no such record here, or it is not shared with you. Search for what you need.")
        )
    since = rules.month_number(row.year, 1)
    return YearPage(
        row=row,
        instrument=instrument,
        use=use_of_instrument(viewer=viewer, uid=instrument.uid, since=since, until=since + 11),
        steward=row.steward.name if row.steward and viewer.is_member else "",
        updated_at=updated_at(kind=kind, row=row, viewer=viewer),
        reach=reach_of(kind=kind, row=row, viewer=viewer) if viewer.is_member and row.home_id == OWN else [],
        may_edit=row.home_id == OWN and may_edit(kind, row, viewer),
        may_delete=row.home_id == OWN and viewer.may(Action.DELETE, scopes_of(kind, row)),
    )


def instrument_to_enter(*, uid: UUID, viewer: Viewer) -> Instrument:
    """Return an own instrument; raise NotFound unless it is here, NotAllowed unless they may edit it."""
    kind, row = found(kind="instrument", uid=uid, viewer=viewer)
    if viewer.is_member:
        check_ours(row)
    if not may_edit(kind, row, viewer):
        viewer.check(Action.EDIT, frozenset({""}))
    entered: Instrument = row
    return entered


def may_tell_groups(*, instrument: Instrument, viewer: Viewer) -> bool:
    """Tell whether this viewer may see, and so enter, the distinct groups of an instrument."""
    see = kind_of("use").section("groups").see
    return viewer.may(see, scopes_of(kind_of("instrument"), instrument))


def deleted_year(*, uid: UUID, viewer: Viewer) -> Any:
    """Return a deleted own year that this viewer may restore; raises NotFound."""
    kind = kind_of("use")
    rows = UseYear.objects.own().exclude(deleted_at=None).select_related("instrument__unit__platform")
    row = rows.filter(uid=uid).first()
    if row is None or not viewer.may(Action.DELETE, scopes_of(kind, row)):
        raise NotFound(_("There is no such record here; it may have been removed for good."))
    return row
