"""The machine park's address: reads what a query string asks for, and writes such query strings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import parse_qsl, urlencode

from django.conf import settings
from django.http import QueryDict

from parkbench.instruments.queries.columns import BY_KEY, USUAL, Column
from parkbench.instruments.queries.conditions import NOTHING, Condition, Wanted
from parkbench.lib.dates import parse_date
from parkbench.lib.errors import Refused
from parkbench.lib.money import parse_money, plain_decimal
from parkbench.records.models import OURS
from parkbench.records.queries import home_asked
from parkbench.records.visibility import Viewer

OPERATORS = ("has", "min", "max", "empty")


def wanted_of(
    query: QueryDict, *, kept_columns: Sequence[str] = (), viewer: Viewer | None = None
) -> tuple[Wanted, list[str]]:
    """Read a query string; return what it asks for and a sentence for each condition that cannot be read.

    Partners' rows are asked for by a ``viewer`` who is a member only.
    """
    problems: list[str] = []
    conditions: dict[str, dict[str, object]] = {}
    for name in query:
        key, _dot, operator = name.partition(".")
        column = BY_KEY.get(key)
        if column is None or (operator and operator not in OPERATORS):
            continue
        try:
            _note(conditions.setdefault(key, {}), column, operator, query.getlist(name))
        except Refused as refusal:
            problems.append(str(refusal))
    columns = [key for key in query.getlist("columns") if key in BY_KEY] or list(kept_columns) or list(USUAL)
    sort = query.get("sort", "name")
    return (
        Wanted(
            conditions=tuple(
                Condition(key=key, **given)  # type: ignore[arg-type]
                for key, given in conditions.items()
                if given
            ),
            search=query.get("q", "").strip()[:200],
            columns=tuple(columns),
            sort=sort if sort.lstrip("-") in BY_KEY else "name",
            home=home_asked(query.get("home", ""), viewer) if viewer else OURS,
        ),
        problems,
    )


def _note(given: dict[str, object], column: Column, operator: str, values: list[str]) -> None:
    values = [value.strip() for value in values if value.strip()]
    if not values:
        return
    if not operator:
        given["values"] = tuple(_value(column, value) for value in values[:50])
    elif operator == "has":
        given["contains"] = values[-1][:200]
    elif operator == "empty":
        given["is_empty"] = values[-1] not in ("0", "no")
    else:
        given["least" if operator == "min" else "most"] = _bound(column, values[-1])


def _value(column: Column, text: str) -> str:
    """Read one of the values asked for; what is no number or day cannot be compared with one."""
    if text == NOTHING or column.sort not in ("whole", "date", "money", "time"):
        return text
    if column.sort in ("money", "time"):
        raise Refused(f"{column.label}: ask for it with “from” and “up to”, not with “{text}”.")
    return str(_bound(column, text))


def _bound(column: Column, text: str) -> object:
    """Read a bound in the column's own terms: a day, an amount in minor units, a number, a text."""
    if column.sort in ("date", "time"):
        return parse_date(text, field=str(column.label)).isoformat()
    if column.sort == "money":
        money = parse_money(text, default_currency=settings.DEFAULT_CURRENCY, field=str(column.label))
        return money.amount_minor
    if column.sort == "whole":
        if not (text.isascii() and text.removeprefix("-").isdigit() and len(text) < 10):
            raise Refused(f"{column.label}: expected a whole number, found “{text}”.")
        return int(text)
    return text


def query_of(wanted: Wanted, *, kept_columns: Sequence[str] = (), **changes: str | None) -> str:
    """Write the query string of a list; ``changes`` set or, with None, drop a parameter."""
    pairs = dict_of(wanted, kept_columns=kept_columns)
    flat = [(name, value) for name, values in pairs.items() if name not in changes for value in values]
    flat += [(name, value) for name, value in changes.items() if value is not None]
    return urlencode(flat)


def dict_of(wanted: Wanted, *, kept_columns: Sequence[str] = ()) -> dict[str, list[str]]:
    """Return the parameters that ask for this list, each with its values."""
    pairs: dict[str, list[str]] = {}
    if wanted.search:
        pairs["q"] = [wanted.search]
    for condition in wanted.conditions:
        pairs.update(_pairs(condition))
    if wanted.home != OURS:
        pairs["home"] = [wanted.home]
    if wanted.sort != "name":
        pairs["sort"] = [wanted.sort]
    if wanted.columns != (tuple(kept_columns) or USUAL):
        pairs["columns"] = list(wanted.columns)
    return pairs


def _pairs(condition: Condition) -> Iterable[tuple[str, list[str]]]:
    key = condition.key
    if condition.values:
        yield key, list(condition.values)
    if condition.contains:
        yield f"{key}.has", [condition.contains]
    for operator, bound in (("min", condition.least), ("max", condition.most)):
        if bound is not None:
            yield f"{key}.{operator}", [bound_text(BY_KEY[key], bound)]
    if condition.is_empty is not None:
        yield f"{key}.empty", ["1" if condition.is_empty else "0"]


def bound_text(column: Column, bound: object) -> str:
    """Write a bound as `wanted_of` reads it."""
    if column.sort == "money" and isinstance(bound, int):
        return plain_decimal(bound, settings.DEFAULT_CURRENCY)
    return str(bound)


def with_condition(query: str, *, column: str, how: str, value: str) -> str:
    """Write a query string with one more condition on a column; what cannot be said leaves it as it is.

    ``how`` is has, min, max, given or missing; a condition of the same sort on that column is replaced.
    """
    operator, text = {"given": ("empty", "0"), "missing": ("empty", "1")}.get(how, (how, value.strip()))
    pairs = [(name, each) for name, each in parse_qsl(query) if name != f"{column}.{operator}"]
    if column in BY_KEY and operator in OPERATORS and text:
        pairs.append((f"{column}.{operator}", text))
    return urlencode([(name, each) for name, each in pairs if name != "page"])


def toggled(wanted: Wanted, key: str, value: str) -> str:
    """Write the query string with one value of a facet switched on, or off when it was on."""
    pairs = dict_of(wanted)
    values = pairs.get(key, [])
    pairs[key] = [other for other in values if other != value] if value in values else [*values, value]
    return urlencode([(name, each) for name, values in pairs.items() for each in values])


def lifted(wanted: Wanted, condition: Condition) -> str:
    """Write the query string without one condition."""
    gone = {name for name, _values in _pairs(condition)}
    return urlencode(
        [(name, value) for name, values in dict_of(wanted).items() if name not in gone for value in values]
    )
