"""Price lists as people read them: by category, what holds today, what comes, what is past."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from parkbench.instruments.models import UserCategoryChoices
from parkbench.lib.money import format_money
from parkbench.offer.models import VatChoices
from parkbench.offer.rules import FIRST, is_past, is_valid_on

Line = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PriceRow:
    """One price as the page shows it; ``is_coming``: it does not hold yet."""

    id: str
    what: str
    price: str
    unit: str
    vat: str
    span: str
    is_coming: bool = False


@dataclass(frozen=True, slots=True)
class PriceGroup:
    """The prices for one category of users."""

    label: str
    rows: tuple[PriceRow, ...]
    past: tuple[PriceRow, ...]


def price_groups(lines: Sequence[Line], *, today: str) -> list[PriceGroup]:
    """Return the prices by category, those for everybody first; today's before what comes."""
    categories = [("", _("Everybody")), *((value, label) for value, label in UserCategoryChoices.choices)]
    groups = []
    for value, label in categories:
        mine = [line for line in lines if (line.get("category") or "") == value]
        ordered = sorted(mine, key=lambda line: (line.get("label") or "", line["unit"]))
        now = [line for line in ordered if is_valid_on(line, today)]
        past = sorted(
            (line for line in ordered if is_past(line, today)),
            key=lambda line: line.get("valid_until") or FIRST,
            reverse=True,
        )
        coming = [line for line in ordered if line not in now and line not in past]
        rows = [_row(line) for line in now] + [_row(line, is_coming=True) for line in coming]
        if mine:
            words = str(label)
            name = words[:1].upper() + words[1:]
            groups.append(PriceGroup(name, tuple(rows), tuple(_row(line) for line in past)))
    return groups


def from_price(lines: Sequence[Line] | None, today: str) -> str:
    """Return the lowest price that holds today in one text, with its unit; '' when there is none.

    Prices of another unit or currency cannot be compared: the unit of the most lines is taken.
    """
    valid = [line for line in lines or () if is_valid_on(line, today)]
    if not valid:
        return ""
    ways = [(line["unit"], line["currency"]) for line in valid]
    usual = max(dict.fromkeys(ways), key=ways.count)
    amounts = [line["amount"] for line in valid if (line["unit"], line["currency"]) == usual]
    words = {"price": format_money(min(amounts), usual[1]), "unit": usual[0]}
    if len(valid) == 1:
        return _("%(price)s per %(unit)s") % words
    return _("from %(price)s per %(unit)s") % words


def _row(line: Line, *, is_coming: bool = False) -> PriceRow:
    return PriceRow(
        id=line["id"],
        what=line.get("label") or "",
        price=format_money(line["amount"], line["currency"]),
        unit=line["unit"],
        vat=str(VatChoices(line["vat"]).label) if line.get("vat") else "",
        span=_span(line),
        is_coming=is_coming,
    )


def _span(line: Line) -> str:
    first, last = (_day(line.get(name)) for name in ("valid_from", "valid_until"))
    if first and last:
        return _("%(first)s to %(last)s") % {"first": first, "last": last}
    if first:
        return _("from %(first)s") % {"first": first}
    return _("until %(last)s") % {"last": last} if last else ""


def _day(text: str | None) -> str:
    return date_format(date.fromisoformat(text), "j M Y") if text else ""
