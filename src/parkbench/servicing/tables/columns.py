"""The columns of the list of service events: how each is called, shown to people, written to a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbench.lib.errors import shorten
from parkbench.lib.money import format_money, plain_decimal
from parkbench.records.models import OURS, REGISTER
from parkbench.records.visibility import Viewer
from parkbench.servicing.queries import words
from parkbench.servicing.queries.panels import TONES
from parkbench.servicing.queries.rows import may_see
from parkbench.servicing.rules import as_days, days_so_far
from parkbench.ui.lists import Cell, ColumnKind

Value = Any


@dataclass(frozen=True, slots=True)
class Column:
    """One column; ``key`` is also what the list sorts by, ``section`` whose columns it shows."""

    key: str
    label: Any
    kind: ColumnKind
    cell: Callable[[Any], Cell]
    section: str = "basics"


def _linked(row: Any, name: str, page: str) -> Cell:
    uid = getattr(row, f"{name}_uid")
    if uid is None and name == "instrument" and row.home_id > REGISTER and row.instrument_ref:
        return Cell(is_hidden=True)
    text = getattr(row, f"{name}_seen") or ""
    return Cell(text, url=reverse(page, args=[uid]) if uid else None)


def _model(row: Any) -> Cell:
    text = " ".join(filter(None, (row.maker_seen, row.model_seen)))
    return Cell(text, url=reverse("catalogue:model", args=[row.model_uid]) if row.model_uid else None)


def _days(row: Any) -> Cell:
    if not row.still_down:
        return Cell("" if row.days_down is None else as_days(row.days_down))
    so_far = as_days(days_so_far(row.happened_on, timezone.localdate()))
    return Cell(_("down, %(days)s so far") % {"days": so_far}, tone="bad")


def _cost(row: Any) -> Cell:
    if row.cost_seen is None:
        return Cell()
    return Cell(format_money(row.cost_seen, row.currency_seen), title=words.vat_of(row.vat_seen or ""))


def _happening(row: Any) -> Cell:
    return Cell(str(row.get_event_kind_display()), tone=TONES.get(row.event_kind, "info"))  # type: ignore[arg-type]


def _day(day: Any) -> Cell:
    return Cell(date_format(day, "j M Y") if day else "")


COLUMNS: tuple[Column, ...] = (
    Column("name", gettext_lazy("Summary"), "link", lambda row: Cell(row.name, url=row.get_absolute_url())),
    Column("date", gettext_lazy("Date"), "date", lambda row: _day(row.happened_on)),
    Column("kind", gettext_lazy("Kind"), "status", _happening),
    Column(
        "instrument",
        gettext_lazy("Instrument"),
        "text",
        lambda row: _linked(row, "instrument", "instruments:instrument"),
    ),
    Column("days", gettext_lazy("Days down"), "number", _days),
    Column("cost", gettext_lazy("Cost"), "money", _cost, "economics"),
    Column("unit", gettext_lazy("Unit"), "text", lambda row: _linked(row, "unit", "programme:unit")),
    Column(
        "supplier",
        gettext_lazy("Supplier"),
        "text",
        lambda row: Cell(row.supplier_seen or ""),
        "economics",
    ),
    Column("ended", gettext_lazy("Up again"), "date", lambda row: _day(row.ended_on)),
    Column("model", gettext_lazy("Make and model"), "text", _model),
    Column("note", gettext_lazy("Note"), "text", lambda row: Cell(shorten(row.note_seen or "")), "internal"),
)


HOME = Column("organisation", gettext_lazy("Organisation"), "text", lambda row: Cell(row.home.name))
"""Whose an event is: shown where partners' events are listed too."""
FILE_HOME: tuple[str, Any, str, Callable[[Any], Value]] = (
    "organisation",
    gettext_lazy("Organisation"),
    "basics",
    lambda row: row.home.name,
)


def known_columns(viewer: Viewer, home: str) -> tuple[Column, ...]:
    """Return the columns whose section this viewer may see of some event of these homes at all."""
    known = COLUMNS if home == OURS else (COLUMNS[0], HOME, *COLUMNS[1:])
    return tuple(column for column in known if may_see(column.section, viewer))


FILE_COLUMNS: tuple[tuple[str, Any, str, Callable[[Any], Value]], ...] = (
    ("uid", gettext_lazy("Record id"), "basics", lambda row: str(row.uid)),
    ("name", gettext_lazy("Summary"), "basics", lambda row: row.name),
    ("happened_on", gettext_lazy("Date"), "basics", lambda row: row.happened_on.isoformat()),
    ("event_kind", gettext_lazy("Kind"), "basics", lambda row: row.event_kind),
    ("instrument", gettext_lazy("Instrument"), "basics", lambda row: row.instrument_seen),
    (
        "instrument_uid",
        gettext_lazy("Instrument's record id"),
        "basics",
        lambda row: str(row.instrument_uid) if row.instrument_uid else None,
    ),
    ("unit", gettext_lazy("Unit"), "basics", lambda row: row.unit_seen),
    ("platform", gettext_lazy("Platform"), "basics", lambda row: row.platform_seen),
    ("model", gettext_lazy("Make and model as shown"), "basics", lambda row: _model(row).text or None),
    ("ended_on", gettext_lazy("Up again"), "basics", lambda row: row.ended_on and row.ended_on.isoformat()),
    ("still_down", gettext_lazy("Still down"), "basics", lambda row: "yes" if row.still_down else None),
    (
        "down_tenths",
        gettext_lazy("Days down as stated"),
        "basics",
        lambda row: None if row.down_tenths is None else as_days(row.down_tenths),
    ),
    (
        "days_down",
        gettext_lazy("Days down as counted"),
        "basics",
        lambda row: None if row.days_down is None else as_days(row.days_down),
    ),
    (
        "cost",
        gettext_lazy("Cost"),
        "economics",
        lambda row: None if row.cost_seen is None else plain_decimal(row.cost_seen, row.currency_seen),
    ),
    (
        "currency",
        gettext_lazy("Currency"),
        "economics",
        lambda row: None if row.cost_seen is None else row.currency_seen,
    ),
    ("vat", gettext_lazy("VAT"), "economics", lambda row: row.vat_seen),
    ("supplier", gettext_lazy("Supplier"), "economics", lambda row: row.supplier_seen),
    ("case_number", gettext_lazy("Case number"), "internal", lambda row: row.case_number_seen),
    ("note", gettext_lazy("Note"), "internal", lambda row: row.note_seen),
)
"""(key, heading, section, exact value) of an export; importing the file again changes nothing."""
