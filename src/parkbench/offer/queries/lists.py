"""Services as a list: narrowed, searched, sorted; facets; and the units behind capabilities."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Lower

from parkbench.catalogue.queries import technique_names
from parkbench.instruments.models import UserCategoryChoices
from parkbench.offer.models import AccessChoices, StatusChoices
from parkbench.offer.queries.rows import capabilities, services
from parkbench.offer.rules import split
from parkbench.records.models import ALL, OURS
from parkbench.records.visibility import Viewer

NOTHING = "-"
"""The value of a condition that asks for what is not given."""

FACETS = ("unit", "platform", "technique", "access", "for", "status")
COLUMN_OF = {
    "unit": "unit_uid_seen",
    "platform": "platform_uid_seen",
    "technique": "techniques",
    "access": "access_modes",
    "for": "user_categories",
    "status": "status",
}
WORDS = ("technique", "access", "for")
"""Facets whose column holds a list of words."""

SEARCHED = ("name", "description", "sample_types", "unit_seen", "throughput_seen")
SORTS = {
    "name": "name",
    "unit": "unit_seen",
    "lead_time": "lead_time_days_seen",
    "status": "status",
    "organisation": "home__name",
    "platform": "platform_seen",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address asks of a list."""

    search: str = ""
    sort: str = ""
    page: int = 1
    home: str = OURS
    conditions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Option:
    """One value of a facet with its label and number of services; '' is what is not given."""

    value: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Facets:
    """Facet > its values, the most frequent first; ``techniques`` is key > name."""

    options: Mapping[str, Sequence[Option]]
    techniques: Mapping[str, str]


def found_services(*, viewer: Viewer, wanted: Wanted) -> QuerySet[Any]:
    """Return the rows of the list in its order."""
    rows = _searched(services(viewer=viewer, home=wanted.home), wanted.search, SEARCHED)
    for key, values in wanted.conditions.items():
        rows = rows.filter(_condition(key, values))
    return _sorted(
        rows.select_related("home"), wanted.sort, ("name", "unit", "lead_time", "status", "organisation")
    )


def found_capabilities(*, viewer: Viewer, wanted: Wanted) -> QuerySet[Any]:
    """Return the capabilities of the list in its order."""
    rows = capabilities(viewer=viewer, home=wanted.home)
    rows = _searched(rows, wanted.search, ("name", "description", "platform_seen"))
    for value in wanted.conditions.get("platform", ()):
        uid = _uid(value)
        rows = rows.filter(platform_uid_seen=uid) if uid else rows.none()
    return _sorted(rows.select_related("home"), wanted.sort, ("name", "platform", "organisation"))


def facets(*, viewer: Viewer, wanted: Wanted) -> Facets:
    """Return, per facet, its values with counts under all other conditions; two queries."""
    rows = _searched(services(viewer=viewer, home=wanted.home), wanted.search, SEARCHED).order_by()
    names = technique_names(viewer)
    labels = _labels(names)
    counts: dict[str, Counter[str]] = {key: Counter() for key in FACETS}
    columns = (*(COLUMN_OF[key] for key in FACETS), "unit_seen", "platform_seen")
    for row in rows.values_list(*columns):
        *values, unit, platform = row
        held = {key: _values(key, value) for key, value in zip(FACETS, values, strict=True)}
        labels["unit"].update(dict.fromkeys(held["unit"], unit or ""))
        labels["platform"].update(dict.fromkeys(held["platform"], platform or ""))
        _count(held, wanted, counts)
    for key, chosen in wanted.conditions.items():
        for value in chosen:
            if value in labels[key]:
                counts[key].setdefault(value, 0)  # chosen, and nothing is left of it
    return Facets({key: _options(found, labels[key]) for key, found in counts.items()}, names)


def _labels(techniques: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return facet > value > label, as far as they are known beforehand."""
    choices: dict[str, Any] = {"access": AccessChoices, "for": UserCategoryChoices, "status": StatusChoices}
    found = {key: {str(value): str(label) for value, label in each.choices} for key, each in choices.items()}
    return {**found, "technique": dict(techniques), "unit": {}, "platform": {}}


def _values(key: str, value: Any) -> set[str]:
    """Return the values of a facet that a service has; what it has none of is a value too."""
    if key in WORDS:
        return set(split(value)) or {NOTHING}
    return {str(value) if value else NOTHING}


def _options(found: Mapping[str, int], labels: Mapping[str, str]) -> list[Option]:
    options = (
        Option(value, "" if value == NOTHING else labels.get(value, value), count)
        for value, count in found.items()
    )
    return sorted(
        options, key=lambda option: (option.value == NOTHING, -option.count, option.label.casefold())
    )


def _count(held: Mapping[str, Collection[str]], wanted: Wanted, counts: Mapping[str, Counter[str]]) -> None:
    """Count one service in every facet whose other conditions it meets."""
    unmet = {key for key, values in wanted.conditions.items() if not set(values) & set(held[key])}
    for key, counter in counts.items():
        if not unmet - {key}:
            counter.update(held[key])


def units_of_capabilities(*, pks: Iterable[int], viewer: Viewer) -> dict[int, list[tuple[str, str]]]:
    """Return capability > (service, unit) of the services this viewer may see; one query."""
    seen = services(viewer=viewer, home=ALL).filter(capability_links__capability__in=list(pks))
    rows = seen.order_by("capability_links__place").values_list(
        "capability_links__capability_id", "name", "unit_seen"
    )
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for pk, name, unit in rows:
        found[pk].append((name, unit or ""))
    return found


def _searched(rows: QuerySet[Any], text: str, columns: Sequence[str]) -> QuerySet[Any]:
    """Keep the rows where every word stands in some of these columns."""
    for word in text.replace("\x00", "").split()[:10]:
        condition = Q()
        for column in columns:
            condition |= Q(**{f"{column}__icontains": word})
        rows = rows.filter(condition)
    return rows


def _sorted(rows: QuerySet[Any], sort: str, known: Sequence[str]) -> QuerySet[Any]:
    key = sort.removeprefix("-")
    path = SORTS[key] if key in known else "name"
    column: Any = F(path) if path == "lead_time_days_seen" else Lower(path)
    order = column.desc(nulls_last=True) if sort.startswith("-") else column.asc(nulls_last=True)
    return rows.order_by(order, Lower("name"), "pk")


def _condition(key: str, values: Sequence[str]) -> Q:
    column = COLUMN_OF[key]
    condition = Q(pk__in=[])
    for value in values:
        if value == NOTHING:
            condition |= Q(**{column: None})
        elif key in WORDS:
            condition |= Q(**{f"{column}__contains": f"|{value}|"})
        elif key == "status":
            condition |= Q(status=value)
        elif uid := _uid(value):
            condition |= Q(**{column: uid})
    return condition


def _uid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
