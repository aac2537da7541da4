"""The machine park as a list: one page, facets, pictures, all rows for an export."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, QuerySet, Sum, Window
from django.db.models.functions import Lower

from parkbench.catalogue.models import DeviceModel, Maker, Technique
from parkbench.catalogue.queries import technique_texts
from parkbench.instruments.models import Instrument
from parkbench.instruments.queries.columns import (
    BY_KEY,
    Column,
    currency_expression,
    expression,
    may_show,
    shown_columns,
)
from parkbench.instruments.queries.conditions import NOTHING, Condition, Wanted, park, uuids
from parkbench.instruments.rules import split
from parkbench.programme.models import Platform, Site, Unit
from parkbench.records.models import ALL, REGISTER, Audience, RecordEvent, Section
from parkbench.records.visibility import Viewer

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class ParkRow:
    """One row: ids for its links, and the values in the order of the columns; money is (minor, currency).

    ``is_unit_hidden``: a partner's instrument names a unit that is not shared with us.
    """

    uid: UUID
    home_id: int
    values: tuple[Any, ...]
    unit_uid: UUID | None
    model_uid: UUID | None
    is_unit_hidden: bool = False


@dataclass(frozen=True, slots=True)
class ParkPage:
    """One page of the list; pages count from 1."""

    columns: tuple[Column, ...]
    rows: tuple[ParkRow, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Option:
    """One value of a facet with its label and number of instruments."""

    value: str
    label: str
    count: int


def park_page(*, viewer: Viewer, wanted: Wanted, page: int = 1) -> ParkPage:
    """Return one page of the instruments this viewer may see; at most four queries whatever its size."""
    columns = shown_columns(wanted.columns, viewer, wanted.home)
    # Ids first: sorting 100,000 wide rows to show 50 costs three times as much.
    ids, total, page = _ids_of_page(viewer, wanted, max(page, 1))
    pages = max((total + PER_PAGE - 1) // PER_PAGE, 1)
    rank = {pk: place for place, pk in enumerate(ids)}
    found = _read(Instrument.objects.visible(viewer, ALL).filter(pk__in=ids), columns, viewer, "pk")
    shown = sorted(found, key=lambda values: rank[values[-1]])
    return ParkPage(columns, tuple(_row(columns, values) for values in shown), total, page, pages)


def _ids_of_page(viewer: Viewer, wanted: Wanted, page: int) -> tuple[list[int], int, int]:
    """Return the ids of one page, the number of all rows, and the page, the last one when asked for more."""
    rows = park(viewer, wanted)
    ordered = _ordered(rows, wanted, viewer)
    start = (page - 1) * PER_PAGE
    if wanted.search:
        # Counted on the way: a quick search reads every row, and once is enough.
        counted = ordered.annotate(all_rows=Window(Count("pk"))).values_list("pk", "all_rows")
        if found := list(counted[start : start + PER_PAGE]):
            return [pk for pk, _total in found], found[0][1], page
    total = rows.count()
    page = min(page, max((total + PER_PAGE - 1) // PER_PAGE, 1))
    start = (page - 1) * PER_PAGE
    keys = ordered.values_list("pk", flat=True)
    if start <= total // 2:
        return list(keys[start : start + PER_PAGE]), total, page
    # From the end, so that the last pages are as near as the first.
    end = max(total - start - PER_PAGE, 0)
    return list(keys.reverse()[end : total - start])[::-1], total, page


def park_rows(*, viewer: Viewer, wanted: Wanted) -> tuple[tuple[Column, ...], Iterator[ParkRow]]:
    """Return the columns and, in constant memory, all rows of the list in its order."""
    columns = shown_columns(wanted.columns, viewer, wanted.home)
    found = _read(_ordered(park(viewer, wanted), wanted, viewer), columns, viewer)
    return columns, (_row(columns, values) for values in found.iterator(chunk_size=2000))


def matching_uids(*, viewer: Viewer, wanted: Wanted, most: int) -> list[UUID]:
    """Return the ids of all own instruments of the list, at most so many and one more."""
    return list(park(viewer, wanted).own().order_by("pk").values_list("uid", flat=True)[: most + 1])


def count_of(*, viewer: Viewer, wanted: Wanted, home: str) -> int:
    """Return how many instruments of these homes meet all the conditions."""
    count: int = park(viewer, replace(wanted, home=home)).count()
    return count


def _ordered(rows: QuerySet[Any], wanted: Wanted, viewer: Viewer) -> QuerySet[Any]:
    is_down = wanted.sort.startswith("-")
    column = BY_KEY.get(wanted.sort.lstrip("-"), BY_KEY["name"])
    if not may_show(column, viewer):
        column, is_down = BY_KEY["name"], False
    if column.key == "name":
        order: Any = Lower("name")
    else:
        order = expression(column, viewer)
        if column.sort == "text":
            order = Lower(order)
    first = order.desc(nulls_last=True) if is_down else order.asc(nulls_last=column.key != "name" or None)
    return rows.order_by(first, "id" if not is_down else "-id")


def _read(rows: QuerySet[Any], columns: Sequence[Column], viewer: Viewer, *more: str) -> QuerySet[Any]:
    shown: dict[str, Any] = {"c_unit_uid": expression_of_uid("unit", viewer)}
    shown["c_model_uid"] = expression_of_uid("model", viewer)
    for column in columns:
        shown[f"c_{column.key}"] = expression(column, viewer)
        if column.currency:
            shown[f"c_{column.key}_currency"] = currency_expression(column, viewer)
    read: QuerySet[Any] = rows.annotate(**shown).values_list("uid", "home_id", "unit_ref", *shown, *more)
    return read


def expression_of_uid(key: str, viewer: Viewer) -> Any:
    """The id of the unit or model a row refers to, as far as the viewer may see that."""
    return expression(replace(BY_KEY[key], path="uid"), viewer)


def _row(columns: Sequence[Column], values: tuple[Any, ...]) -> ParkRow:
    rest = iter(values[5:])
    shown = []
    for column in columns:
        value = next(rest)
        if column.currency:
            currency = next(rest)
            value = None if value is None else (value, currency)
        elif column.sort == "words":
            value = split(value)
        shown.append(value)
    unit = _uid(values[3])
    is_hidden = values[1] > REGISTER and bool(values[2]) and unit is None
    return ParkRow(values[0], values[1], tuple(shown), unit, _uid(values[4]), is_hidden)


def _uid(value: Any) -> UUID | None:
    return value if value is None or isinstance(value, UUID) else UUID(str(value))


def version() -> str:
    """Return a text that changes whenever anything a list shows may have changed; three small queries."""
    written = Section.objects.aggregate(last=Max("id"))["last"]
    happened = RecordEvent.objects.aggregate(last=Max("id"))["last"]
    moved = Audience.objects.aggregate(moves=Sum("head"))["moves"]
    return f"{written}.{happened}.{moved}"


def facets(*, viewer: Viewer, wanted: Wanted) -> dict[str, list[Option]]:
    """Return, per facet, its values with counts under all other conditions, the most frequent first."""
    return {
        "status": _by_status(viewer, wanted),
        "unit": _by_key(viewer, wanted, "unit", Unit),
        "platform": _by_platform(viewer, wanted),
        "maker": _by_maker(viewer, wanted),
        "techniques": _by_technique(viewer, wanted),
        "site": _by_key(viewer, wanted, "site", Site),
    }


def _counted(viewer: Viewer, wanted: Wanted, key: str, *columns: str) -> list[tuple[Any, ...]]:
    rows = park(viewer, wanted, without=key).order_by()
    return list(rows.values_list(*columns).annotate(n=Count("pk")).values_list(*columns, "n"))


def _by_status(viewer: Viewer, wanted: Wanted) -> list[Option]:
    return statuses(viewer=viewer, wanted=replace(wanted, conditions=wanted.without("status")))


def _by_key(viewer: Viewer, wanted: Wanted, key: str, model: Any) -> list[Option]:
    counts = dict(_counted(viewer, wanted, key, f"{key}_id"))
    rows = model.objects.visible(viewer, ALL).filter(pk__in=[pk for pk in counts if pk])
    return _most_first(
        Option(str(uid), name, counts[pk]) for pk, uid, name in rows.values_list("pk", "uid", "name")
    )


def _by_platform(viewer: Viewer, wanted: Wanted) -> list[Option]:
    counts = dict(_counted(viewer, wanted, "platform", "unit_id"))
    rows = Unit.objects.visible(viewer, ALL).filter(
        pk__in=[pk for pk in counts if pk], platform__in=Platform.objects.visible(viewer, ALL)
    )
    total: Counter[tuple[str, str]] = Counter()
    for pk, uid, name in rows.values_list("pk", "platform__uid", "platform__name"):
        total[str(uid), name] += counts[pk]
    return _most_first(Option(uid, name, count) for (uid, name), count in total.items())


def _by_maker(viewer: Viewer, wanted: Wanted) -> list[Option]:
    counts = dict(_counted(viewer, wanted, "maker", "linked_model_id"))
    rows = DeviceModel.objects.visible(viewer, ALL).filter(pk__in=[pk for pk in counts if pk])
    total: Counter[tuple[str, str]] = Counter()
    for pk, key, name in rows.values_list("pk", "maker__key", "maker__name"):
        if key:
            total[key, name] += counts[pk]
    return _most_first(Option(key, name, count) for (key, name), count in total.items())


def _by_technique(viewer: Viewer, wanted: Wanted) -> list[Option]:
    counts = _counted(viewer, wanted, "techniques", "linked_model_id", "techniques")
    of_model = technique_texts({pk for pk, own, _n in counts if pk and own is None}, viewer)
    total: Counter[str] = Counter()
    for pk, own, count in counts:
        for key in split(own if own is not None else of_model.get(pk)):
            total[key] += count
    rows = Technique.objects.visible(viewer).filter(key__in=list(total))
    names = dict(rows.values_list("key", "name"))
    return _most_first(Option(key, names.get(key, key), count) for key, count in total.items())


def _most_first(options: Any) -> list[Option]:
    return sorted(options, key=lambda option: (-option.count, option.label.casefold()))


def by_year(*, viewer: Viewer, wanted: Wanted) -> dict[int | None, int]:
    """Return year in service (or of purchase) > number of instruments, None where it is not known."""
    rows = park(viewer, wanted).order_by().annotate(y=expression(BY_KEY["year"], viewer))
    counts: Counter[int | None] = Counter()
    for year, count in rows.values_list("y").annotate(n=Count("pk")).values_list("y", "n"):
        counts[int(year) if year else None] += count
    return dict(counts)


def figures(*, viewer: Viewer, wanted: Wanted) -> tuple[dict[int | None, int], list[Option]]:
    """Return what the pictures of the list are drawn from: years, statuses; two queries."""
    return by_year(viewer=viewer, wanted=wanted), statuses(viewer=viewer, wanted=wanted)


def statuses(*, viewer: Viewer, wanted: Wanted) -> list[Option]:
    """Return how many of the listed instruments are in which status, in the order of the life cycle."""
    rows = (
        park(viewer, wanted)
        .order_by()
        .values_list("status")
        .annotate(n=Count("pk"))
        .values_list("status", "n")
    )
    return options_of_status(dict(rows))


def options_of_status(counts: Mapping[str | None, int]) -> list[Option]:
    """Return status > number of instruments as options, in the order of the life cycle; no query."""
    labels = dict(BY_KEY["status"].choices)
    known = [Option(value, str(label), counts[value]) for value, label in labels.items() if value in counts]
    return known + ([Option(NOTHING, "", counts[None])] if counts.get(None) else [])


def names_of_values(*, viewer: Viewer, condition: Condition) -> list[tuple[str, str]]:
    """Return (value, name) of what a condition chose; one that is not theirs to know keeps its text."""
    tables: dict[str, tuple[Any, str, str]] = {
        "unit": (Unit, "uid", "name"),
        "platform": (Platform, "uid", "name"),
        "site": (Site, "uid", "name"),
        "model": (DeviceModel, "uid", "designation"),
        "maker": (Maker, "key", "name"),
        "techniques": (Technique, "key", "name"),
    }
    names = {str(value): str(label) for value, label in BY_KEY[condition.key].choices}
    if condition.key in tables:
        table, by, name = tables[condition.key]
        given = uuids(list(condition.values)) if by == "uid" else list(condition.values)
        rows = table.objects.visible(viewer, ALL).filter(**{f"{by}__in": given})
        names = {str(value): str(label) for value, label in rows.values_list(by, name)}
    return [(value, names.get(value, value)) for value in condition.values]
