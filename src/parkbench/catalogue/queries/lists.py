"""The list of makes and models: filter, quick search, sort, pages, facets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet

from parkbench.catalogue.models import DeviceModel, Maker, Technique
from parkbench.catalogue.queries.effective import effective, matching, of_maker
from parkbench.catalogue.rules import above, below, unbarred
from parkbench.records.models import ALL, OURS, Home
from parkbench.records.visibility import Viewer

SORTS = {
    "designation": "designation",
    "maker": "shown_maker",
    "family": "family",
    "rrid": "rrid",
    "end_of_sale": "end_of_sale_on",
    "end_of_service": "end_of_service_on",
    "life": "typical_life_years",
    "home": "home__name",
}
"""Sort keys and the columns behind them; empty values come last either way."""


@dataclass(frozen=True, slots=True)
class ModelFilter:
    """What is asked of the list; ``maker`` and ``technique`` are keys, pages count from 1."""

    text: str = ""
    maker: str = ""
    technique: str = ""
    family: str = ""
    sort: str = "maker"
    is_descending: bool = False
    page: int = 1
    per_page: int = 50
    home: str = OURS


@dataclass(frozen=True, slots=True)
class Linked:
    """Another entry, as far as the viewer may know of it."""

    uid: UUID
    key: str
    name: str


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One make and model of the list; ``home`` names whose entry it is."""

    uid: UUID
    key: str
    designation: str
    maker: Linked | None
    is_maker_hidden: bool
    family: str
    techniques: tuple[Linked, ...]
    rrid: str
    end_of_sale_on: date | None
    end_of_service_on: date | None
    typical_life_years: int | None
    home: str
    aliases: tuple[str, ...] = ()
    psi_ms: str = ""
    ena: str = ""
    export_control: str = ""
    successor: str = ""
    source: str = ""
    licence: str = ""


@dataclass(frozen=True, slots=True)
class Facets:
    """What the list can be narrowed by: (value, label, count), the most frequent first."""

    makers: Sequence[tuple[str, str, int]] = ()
    techniques: Sequence[tuple[str, str, int]] = ()
    families: Sequence[tuple[str, str, int]] = ()


@dataclass(frozen=True, slots=True)
class FoundModels:
    """One page of the list with its facets."""

    rows: Sequence[ModelRow]
    total: int
    page: int
    pages: int
    facets: Facets = field(default_factory=Facets)


@dataclass(frozen=True, slots=True)
class _Known:
    makers: Mapping[int, Linked]
    techniques: Mapping[str, Linked]
    parents: Mapping[str, str | None]
    folded: Mapping[str, str]


def found_models(*, wanted: ModelFilter, viewer: Viewer) -> FoundModels:
    """Return one page of the models this viewer may know of, and the facets; five queries at any size."""
    known = _known(viewer, wanted.home)
    searched = _searched(wanted, viewer, known)
    keys = below(wanted.technique, known.parents)
    scan = list(searched.values_list("maker_id", "family", "techniques"))
    facets, total = _facets(scan, wanted, keys, known)
    pages = max(1, -(-total // wanted.per_page))
    page = min(max(1, wanted.page), pages)
    rows = _sorted(_narrowed(searched, wanted, keys, known), wanted)
    start = (page - 1) * wanted.per_page
    homes = dict(Home.objects.values_list("pk", "name"))
    return FoundModels(
        rows=[_row(model, known, homes) for model in rows[start : start + wanted.per_page]],
        total=total,
        page=page,
        pages=pages,
        facets=facets,
    )


def model_rows(*, wanted: ModelFilter, viewer: Viewer) -> Iterator[ModelRow]:
    """Yield every model of the list, over all its pages, with all that is known of it; five queries."""
    known = _known(viewer, wanted.home)
    rows = _narrowed(_searched(wanted, viewer, known), wanted, below(wanted.technique, known.parents), known)
    homes = dict(Home.objects.values_list("pk", "name"))
    named = effective(DeviceModel, viewer, _all_of(wanted.home)).annotate(
        shown_maker=of_maker(viewer, "name")
    )
    names = {pk: (maker, name) for pk, maker, name in named.values_list("pk", "shown_maker", "designation")}
    for model in _sorted(rows, wanted).iterator(1000):
        maker, name = names.get(model.successor_id, ("", ""))
        yield replace(
            _row(model, known, homes),
            aliases=tuple(model.aliases),
            psi_ms=model.psi_ms or "",
            ena=model.ena or "",
            export_control=model.export_control or "",
            successor=f"{maker} {name}".strip() if maker else name,
            source=model.source or "",
            licence=model.licence or "",
        )


def model_count(*, wanted: ModelFilter, viewer: Viewer) -> int:
    """Return how many models meet all conditions; three queries."""
    known = _known(viewer, wanted.home)
    keys = below(wanted.technique, known.parents)
    return _narrowed(_searched(wanted, viewer, known), wanted, keys, known).count()


def _all_of(home: str) -> str:
    """Return of which homes entries may be named: a partner's model may name what is shipped or ours."""
    return OURS if home == OURS else ALL


def _known(viewer: Viewer, home: str) -> _Known:
    # Own entries come last and stand in for the shipped and partners' ones with their key.
    rows = Maker.objects.visible(viewer, _all_of(home)).order_by("-home_id")
    makers = list(rows.values_list("pk", "uid", "key", "name"))
    by_key = {key: Linked(uid, key, name) for _pk, uid, key, name in makers}
    techniques = effective(Technique, viewer, _all_of(home)).order_by("-home_id")
    found = list(techniques.values_list("uid", "key", "name", "parent__key", "folded"))
    return _Known(
        makers={pk: by_key[key] for pk, _uid, key, _name in makers},
        techniques={key: Linked(uid, key, name) for uid, key, name, *_rest in found},
        parents={key: parent for _uid, key, _name, parent, _folded in found},
        folded={key: folded for _uid, key, _name, _parent, folded in found},
    )


def _searched(wanted: ModelFilter, viewer: Viewer, known: _Known) -> QuerySet[Any]:
    def by_technique(word: str) -> Q:
        return _of_techniques(key for key, folded in known.folded.items() if word in folded)

    rows = effective(DeviceModel, viewer, wanted.home).annotate(
        shown_maker=of_maker(viewer, "name"), maker_folded=of_maker(viewer, "folded")
    )
    return matching(rows, wanted.text, "folded", "maker_folded", also=by_technique)


def _of_techniques(keys: Iterable[str]) -> Q:
    found = Q(pk__in=[])
    for key in keys:
        found |= Q(techniques__contains=f"|{key}|")
    return found


def _narrowed(rows: QuerySet[Any], wanted: ModelFilter, keys: frozenset[str], known: _Known) -> QuerySet[Any]:
    if wanted.maker:
        rows = rows.filter(
            maker_id__in=[pk for pk, maker in known.makers.items() if maker.key == wanted.maker]
        )
    if wanted.family:
        rows = rows.filter(family=wanted.family)
    if wanted.technique:
        rows = rows.filter(_of_techniques(keys))
    return rows


def _sorted(rows: QuerySet[Any], wanted: ModelFilter) -> QuerySet[Any]:
    column = SORTS.get(wanted.sort, SORTS["maker"])
    order = F(column).desc(nulls_last=True) if wanted.is_descending else F(column).asc(nulls_last=True)
    return rows.order_by(order, "designation", "pk")


def _row(model: Any, known: _Known, homes: Mapping[int, str]) -> ModelRow:
    return ModelRow(
        uid=model.uid,
        key=model.key,
        designation=model.designation,
        maker=known.makers.get(model.maker_id),
        is_maker_hidden=bool(model.maker_ref) and model.maker_id not in known.makers,
        family=model.family or "",
        techniques=tuple(
            known.techniques[key] for key in unbarred(model.techniques) if key in known.techniques
        ),
        rrid=model.rrid or "",
        end_of_sale_on=model.end_of_sale_on,
        end_of_service_on=model.end_of_service_on,
        typical_life_years=model.typical_life_years,
        home=homes[model.home_id],
    )


def _facets(
    scan: Iterable[tuple[int | None, str | None, str]],
    wanted: ModelFilter,
    keys: frozenset[str],
    known: _Known,
) -> tuple[Facets, int]:
    """Count each facet under the conditions of the others, and the rows under all of them."""
    makers: Counter[str] = Counter()
    techniques: Counter[str] = Counter()
    families: Counter[str] = Counter()
    total = 0
    lines = {key: {key, *above(key, known.parents)} for key in known.techniques}
    for maker_id, family, used in scan:
        linked = known.makers.get(maker_id or 0)
        maker = linked.key if linked else ""
        used_keys = unbarred(used)
        misses = (
            bool(wanted.maker) and maker != wanted.maker,
            bool(wanted.family) and family != wanted.family,
            bool(wanted.technique) and keys.isdisjoint(used_keys),
        )
        total += not any(misses)
        makers[maker] += misses[1:] == (False, False)
        families[family or ""] += (misses[0], misses[2]) == (False, False)
        if not (misses[0] or misses[1]):
            # A model for a kind of a technique is a model for the technique, once.
            techniques.update(set().union(*(lines.get(key, ()) for key in used_keys)))
    technique_labels = {key: technique.name for key, technique in known.techniques.items()}
    facets = Facets(
        makers=_counted(makers, {maker.key: maker.name for maker in known.makers.values()}),
        techniques=_counted(techniques, technique_labels),
        families=_counted(families, {family: family for family in families if family}),
    )
    return facets, total


def _counted(counts: Counter[str], labels: Mapping[str, str]) -> list[tuple[str, str, int]]:
    found = [(value, labels[value], count) for value, count in counts.items() if count and value in labels]
    return sorted(found, key=lambda entry: (-entry[2], entry[1].casefold()))
