"""The columns of the machine park: one description that lists, filters, facets and exports share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from django.db.models import Case, CharField, Expression, F, Value, When
from django.db.models.functions import Cast, Coalesce, Concat, NullIf, Substr, Trim
from django.utils.translation import gettext_lazy as _

from parkbench.instruments import rules
from parkbench.instruments.models import (
    AcquisitionChoices,
    Instrument,
    StatusChoices,
    UserCategoryChoices,
    VatChoices,
)
from parkbench.records.models import OURS
from parkbench.records.registry import kind_of
from parkbench.records.visibility import Viewer, masked, referred

Sort = Literal["text", "whole", "money", "date", "choice", "words", "time"]

NO_YEARS = _("No instrument here has a year in service or of purchase yet, so no age can be shown.")


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    ``path`` is the look-up from an instrument; ``prefix`` is set when it leads to another record, whose own
    visibility then counts; ``currency`` is the money column's currency field.
    """

    key: str
    label: Any
    section: str
    sort: Sort
    path: str
    prefix: str = ""
    currency: str = ""
    choices: tuple[tuple[str, Any], ...] = ()
    is_usual: bool = False


def _field(name: str, *, is_usual: bool = False) -> Column:
    """Describe a column that is a field of a section."""
    section = rules.SECTION_OF[name]
    sort: Sort = "text"
    if name in rules.CURRENCIES:
        sort = "money"
    elif name.endswith("_on"):
        sort = "date"
    elif name in rules.WORD_LISTS:
        sort = "words"
    elif name in CHOICES:
        sort = "choice"
    elif name in WHOLE:
        sort = "whole"
    return Column(
        name,
        Instrument.label_of(name),
        section,
        sort,
        name,
        currency=rules.CURRENCIES.get(name, ""),
        choices=tuple(CHOICES.get(name, ())),
        is_usual=is_usual,
    )


CHOICES: dict[str, Any] = {
    "status": StatusChoices.choices,
    "acquisition": AcquisitionChoices.choices,
    "purchase_vat": VatChoices.choices,
    "user_categories": UserCategoryChoices.choices,
}
WHOLE = frozenset(
    {"purchase_year", "replacement_year", "depreciation_years", "expected_life_years", "criticality"}
)

COLUMNS: tuple[Column, ...] = (
    _field("name", is_usual=True),
    Column("model", _("Make and model"), "basics", "text", "designation", "linked_model__", is_usual=True),
    Column("maker", _("Linked maker"), "basics", "text", "name", "linked_model__maker__"),
    _field("maker_text"),
    _field("model_text"),
    Column("unit", _("Unit"), "basics", "text", "name", "unit__", is_usual=True),
    Column("platform", _("Platform"), "basics", "text", "name", "unit__platform__"),
    Column("site", _("Site"), "basics", "text", "name", "site__", is_usual=True),
    _field("room"),
    _field("status", is_usual=True),
    _field("status_on"),
    _field("techniques"),
    Column("year", _("First year in service"), "basics", "text", "year", is_usual=True),
    _field("commissioned_on"),
    _field("decommissioned_on"),
    _field("pid"),
    _field("description"),
    _field("configuration"),
    _field("user_categories"),
    _field("end_of_support_on", is_usual=True),
    _field("expected_life_years"),
    _field("legal_owner"),
    _field("acquisition"),
    _field("purchase_price"),
    _field("purchase_vat"),
    _field("purchase_year"),
    Column("keep_until_on", _("Funders' conditions end"), "economics", "date", "keep_until_on"),
    _field("replacement_price", is_usual=True),
    _field("replacement_year"),
    _field("replacement_source"),
    _field("depreciation_years"),
    _field("depreciation_start_on"),
    _field("insurance"),
    _field("insured_until_on"),
    _field("running_cost"),
    _field("mailbox"),
    _field("contact_url"),
    _field("serial_number"),
    _field("inventory_number"),
    _field("criticality"),
    _field("notes"),
    Column("steward", _("Content responsible"), "internal", "text", "steward__name"),
    Column("review_due_on", _("Review due"), "internal", "date", "review_due_on"),
    Column("updated_at", _("Last updated"), "basics", "time", "updated_at"),
)
HOME = Column("organisation", _("Organisation"), "basics", "text", "home__name")
"""Whose an instrument is: shown where partners' instruments are listed too."""
BY_KEY = {column.key: column for column in (*COLUMNS, HOME)}
USUAL = tuple(column.key for column in COLUMNS if column.is_usual)


def expression(column: Column, viewer: Viewer) -> F | Expression:
    """Return the column as this viewer may see it: what is not theirs is NULL, whatever is done with it."""
    if column.key == "year":
        return _year(viewer)
    if column.key == "model" and column.path == "designation":
        return _model(viewer)
    if column.prefix:
        return referred(viewer, column.path, column.prefix)
    return masked(kind_of("instrument"), column.section, viewer, column.path)


def currency_expression(column: Column, viewer: Viewer) -> F | Expression:
    """Return the currency that stands beside a money column, masked alike."""
    return masked(kind_of("instrument"), column.section, viewer, column.currency)


def _model(viewer: Viewer) -> Expression:
    """Maker and designation of the linked model, else make and model as written."""
    known = referred(viewer, "designation", "linked_model__")
    maker = referred(viewer, "name", "linked_model__maker__")
    linked = Case(
        When(linked_model=None, then=Value(None)),
        default=Trim(Concat(maker, Value(" "), known, output_field=CharField())),
        output_field=CharField(),
    )
    return Coalesce(NullIf(linked, Value("")), F("model_text"), output_field=CharField())


def _year(viewer: Viewer) -> Expression:
    """The year of commissioning, else of purchase as far as the viewer sees that; text of four digits."""
    commissioned = Substr(Cast("commissioned_on", CharField()), 1, 4)
    bought = Cast(masked(kind_of("instrument"), "economics", viewer, "purchase_year"), CharField())
    return Coalesce(commissioned, bought)


def shown_columns(keys: list[str] | tuple[str, ...], viewer: Viewer, home: str = OURS) -> tuple[Column, ...]:
    """Return the columns of these keys in the order asked for, unknown ones left out; the name always first.

    Columns of sections that this viewer can see of no row at all are left out; whose an instrument is stands
    second wherever the list shows others' than our own.
    """
    first = ["name"] if home == OURS else ["name", HOME.key]
    wanted = [key for key in dict.fromkeys([*first, *keys]) if key in BY_KEY]
    return tuple(BY_KEY[key] for key in wanted if may_show(BY_KEY[key], viewer))


def may_show(column: Column, viewer: Viewer) -> bool:
    """Tell whether the viewer may see this column of any row at all."""
    spec = kind_of("instrument").section(column.section)
    if viewer.is_member:
        return viewer.may_somewhere(spec.see)
    return column.section != "internal" and column.key not in ("steward", "review_due_on")
