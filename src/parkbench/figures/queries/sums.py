"""Sums of use over months: of one instrument, of units, of the whole organisation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import BigIntegerField, BooleanField, Case, F, Q, QuerySet, Sum, Value, When

from parkbench.catalogue.models import DeviceModel
from parkbench.figures import rules
from parkbench.figures.models import UnitMonth, UseYear
from parkbench.instruments.models import Instrument
from parkbench.records.models import ALL, OWN
from parkbench.records.registry import kind_of
from parkbench.records.visibility import Viewer, section_q

Months = Mapping[str, Mapping[str, list[int | None]]]
COUNTED = ("planned", "ordered", "decommissioned")
"""Statuses of instruments of which no use is expected."""


@dataclass(slots=True)
class MonthSum:
    """One month: minutes used by user category, and what else is known; None is not known.

    ``known`` counts, per measure, the instruments that told it; ``share_used`` and ``share_open`` are minutes
    used and available of the instruments of which both are known.
    """

    number: int
    used: dict[str, int] = field(default_factory=dict)
    training: int | None = None
    sessions: int | None = None
    available: int | None = None
    booked: int | None = None
    maintenance: int | None = None
    down: int | None = None
    share_used: int = 0
    share_open: int = 0
    known: dict[str, int] = field(default_factory=dict)
    groups: dict[str, int] = field(default_factory=dict)

    @property
    def used_total(self) -> int | None:
        """Minutes used by all; None when it is not known."""
        return sum(self.used.values()) if self.used else None

    @property
    def is_known(self) -> bool:
        """Whether anything is known of the month."""
        return bool(self.known)


@dataclass(frozen=True, slots=True)
class Use:
    """The months from ``since`` to ``until``, none left out; ``instruments`` that could tell their use."""

    months: tuple[MonthSum, ...]
    instruments: int | None = None

    @property
    def is_known(self) -> bool:
        """Whether anything is known at all."""
        return any(month.is_known for month in self.months)

    def total(self, measure: str) -> int | None:
        """Return the sum of a measure over the months that told it; None when none did."""
        name = "used_total" if measure == "used" else measure
        told = [value for month in self.months if (value := getattr(month, name)) is not None]
        return sum(told) if told else None

    def months_known(self, measure: str = "used") -> int:
        """Return how many of the months told a measure."""
        return sum(bool(month.known.get(measure)) for month in self.months)

    @property
    def share(self) -> float | None:
        """Return use as a share of availability, over instruments and months of which both are known."""
        opened = sum(month.share_open for month in self.months)
        return sum(month.share_used for month in self.months) / opened if opened else None


def use_of(
    viewer: Viewer,
    units: Iterable[UUID] | None = None,
    since: int = 0,
    until: int = 0,
    *,
    platforms: Iterable[UUID] | None = None,
) -> Use:
    """Return what the instruments of these units or platforms add up to; without any, of the organisation.

    ``since`` and ``until`` are `rules.month_number`, both included. One query. Members read the sums kept per
    unit; who looks from outside gets the sums of what is shared with them, and of nothing else.
    """
    span = range(since, until + 1)
    if not viewer.is_member:
        return Use(tuple(_outside(viewer, units, platforms, span)))
    rows = UnitMonth.objects.filter(month__gte=since, month__lte=until)
    if units is not None:
        rows = rows.filter(unit__uid__in=list(units))
    if platforms is not None:
        rows = rows.filter(unit__platform__uid__in=list(platforms))
    found = {number: MonthSum(number) for number in span}
    sums = ("used", "training", "sessions", *rules.PLAIN, "used_of_open", "open_of_used")
    known = tuple(f"{name}_known" for name in ("used", *rules.PLAIN))
    columns = (*sums, *known)
    # Five rows in six are of one category and tell use alone; adding up the rest of them costs half the time.
    zero = {f"sum_{name}": Value(0, output_field=BigIntegerField()) for name in columns if name != "used"}
    whole = {f"sum_{name}": Sum(name) for name in columns}
    names = ("month", "category", *(f"sum_{name}" for name in columns))
    plain = rows.filter(category="").order_by().values("month", "category").annotate(**whole)
    parts = (
        rows.exclude(category="")
        .order_by()
        .values("month", "category")
        .annotate(sum_used=Sum("used"), **zero)
    )
    for row in plain.values_list(*names).union(parts.values_list(*names), all=True):
        told = dict(zip(("month", "category", *columns), row, strict=True))
        _fill(found[told["month"]], told)
    return Use(tuple(found.values()))


def _fill(month: MonthSum, told: Mapping[str, Any]) -> None:
    if told["category"]:
        month.used[told["category"]] = told["used"]
        return
    month.known = {name: told[f"{name}_known"] for name in ("used", *rules.PLAIN) if told[f"{name}_known"]}
    for name in rules.PLAIN:
        setattr(month, name, told[name] if told[f"{name}_known"] else None)
    month.training, month.sessions = told["training"], told["sessions"]
    month.share_used, month.share_open = told["used_of_open"], told["open_of_used"]


def _outside(
    viewer: Viewer, units: Iterable[UUID] | None, platforms: Iterable[UUID] | None, span: range
) -> list[MonthSum]:
    rows = _shared_rows(viewer)
    if units is not None:
        rows = rows.filter(instrument__unit__uid__in=list(units))
    if platforms is not None:
        rows = rows.filter(instrument__unit__platform__uid__in=list(platforms))
    rows = rows.filter(instrument__in=Instrument.objects.visible(viewer).values("pk"))
    return _added(rows, span)


def use_of_model(*, viewer: Viewer, uid: UUID, since: int, until: int) -> Use:
    """Return what own instruments of a make and model add up to; one query."""
    rows = _shared_rows(viewer).filter(instrument__in=_of_model(viewer, uid).values("pk"))
    return Use(tuple(_added(rows, range(since, until + 1))))


def _of_model(viewer: Viewer, uid: UUID) -> QuerySet[Any]:
    """By key, so that an own entry in the place of a shipped one finds the instruments of both."""
    keys = DeviceModel.objects.visible(viewer).filter(uid=uid).values("key")
    rows: QuerySet[Any] = Instrument.objects.visible(viewer).own().filter(linked_model__key__in=keys)
    return rows


def _shared_rows(viewer: Viewer) -> QuerySet[Any]:
    """Own years whose hours this viewer may see."""
    rows: QuerySet[Any] = UseYear.objects.visible(viewer).own().standing()
    condition = section_q(kind_of("use"), "hours", viewer)
    if isinstance(condition, bool):
        return rows if condition else rows.none()
    return rows.filter(condition)


def _added(rows: QuerySet[Any], span: range) -> list[MonthSum]:
    found = {number: MonthSum(number) for number in span}
    if not span:
        return []
    years = (span[0] // 12, span[-1] // 12)
    for year, months in rows.filter(year__range=years).exclude(months=None).values_list("year", "months"):
        for month in rules.MONTHS:
            one = found.get(rules.month_number(year, month))
            if one is not None:
                _add_month(one, months, month)
    return list(found.values())


def _add_month(one: MonthSum, months: Months, month: int) -> None:
    for category, series in months.get("used", {}).items():
        if series[month - 1] is not None:
            one.used[category] = one.used.get(category, 0) + (series[month - 1] or 0)
    told = {
        name: rules.of_month(months, name, month) for name in ("used", "training", "sessions", *rules.PLAIN)
    }
    for name, value in told.items():
        if value is None:
            continue
        if name not in ("training", "sessions"):
            one.known[name] = one.known.get(name, 0) + 1
        if name != "used":
            setattr(one, name, (getattr(one, name) or 0) + value)
    if told["used"] is not None and told["available"] is not None:
        one.share_used += told["used"]
        one.share_open += told["available"]


def use_of_instrument(*, viewer: Viewer, uid: UUID, since: int, until: int) -> Use:
    """Return the months of one instrument as this viewer may see them, groups where they may; one query."""
    span = range(since, until + 1)
    kind = kind_of("use")
    hours, groups = (section_q(kind, name, viewer) for name in ("hours", "groups"))
    seen = Instrument.objects.visible(viewer, ALL).filter(uid=uid).order_by("home_id")
    rows = UseYear.objects.visible(viewer, ALL).standing().filter(instrument_id=seen.values("pk")[:1])
    rows = rows.filter(home=F("instrument__home"))
    rows = rows.filter(year__range=(since // 12, until // 12))
    for name, condition in (("sees_hours", hours), ("sees_groups", groups)):
        rows = rows.annotate(**{name: _flag(condition)})
    found = {number: MonthSum(number) for number in span}
    for year, months, distinct, sees_hours, sees_groups in rows.order_by("-home_id").values_list(
        "year", "months", "groups", "sees_hours", "sees_groups"
    ):
        for month in rules.MONTHS:
            one = found.get(rules.month_number(year, month))
            if one is None:
                continue
            if sees_hours and months:
                _add_month(one, months, month)
            if sees_groups and distinct:
                one.groups = {
                    name: row[month - 1] for name, row in distinct.items() if row[month - 1] is not None
                }
    return Use(tuple(found.values()))


def _flag(condition: Q | bool) -> Any:
    if isinstance(condition, bool):
        return Value(condition, output_field=BooleanField())
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())


def instruments_expected(
    *,
    viewer: Viewer,
    units: Sequence[UUID] = (),
    platforms: Sequence[UUID] = (),
    model: UUID | None = None,
) -> int:
    """Return how many own instruments of these units, platforms or model could tell their use; one query."""
    rows = _of_model(viewer, model) if model else Instrument.objects.visible(viewer).filter(home_id=OWN)
    if units:
        rows = rows.filter(unit__uid__in=units)
    if platforms:
        rows = rows.filter(unit__platform__uid__in=platforms)
    count: int = rows.filter(Q(status__isnull=True) | ~Q(status__in=COUNTED)).count()
    return count
