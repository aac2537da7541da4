"""What the pages of a model, a maker and a technique show."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from parkbench.catalogue.models import DeviceModel, Maker, Technique
from parkbench.catalogue.queries.effective import effective, standing
from parkbench.catalogue.queries.entries import Place, one, place_of
from parkbench.catalogue.rules import above, below, unbarred
from parkbench.records.models import ALL, OURS, PARTNERS
from parkbench.records.registry import kind_of
from parkbench.records.visibility import Viewer


@dataclass(frozen=True, slots=True)
class ModelPage:
    """A make and model with what stands around it; entries the viewer may not know of are left out."""

    model: DeviceModel
    place: Place
    maker: Maker | None
    techniques: Sequence[Technique]
    siblings: Sequence[DeviceModel]
    successor: DeviceModel | None
    predecessors: Sequence[DeviceModel]


@dataclass(frozen=True, slots=True)
class MakerPage:
    """A maker, its models, whom it took over and who took it over."""

    maker: Maker
    place: Place
    models: Sequence[DeviceModel]
    successor: Maker | None
    predecessors: Sequence[Maker]


@dataclass(frozen=True, slots=True)
class TechniqueNode:
    """A technique in the tree; ``model_count`` counts models for it or anything under it."""

    technique: Technique
    depth: int
    model_count: int

    @property
    def indent(self) -> range:
        """As many steps as the technique stands deep."""
        return range(self.depth)


@dataclass(frozen=True, slots=True)
class TechniquePage:
    """A technique, the way to it, what is under it, and models for any of these."""

    technique: Technique
    place: Place
    path: Sequence[Technique]
    below: Sequence[TechniqueNode]
    models: Sequence[DeviceModel]


def model_page(*, uid: UUID, viewer: Viewer) -> ModelPage:
    """Return the page of a make and model; raises NotFound when the viewer may not know of it."""
    model: DeviceModel = one(DeviceModel, uid, viewer)
    kin = effective(DeviceModel, viewer)
    maker = standing(Maker, model.maker_id, viewer)
    named = [maker.key] if maker else list(Maker.objects.filter(models=model).values_list("key", flat=True))
    siblings = kin.filter(maker__in=_rows(Maker, named), family=model.family).exclude(key=model.key)
    before = kin.filter(successor__in=_rows(DeviceModel, [model.key]))
    return ModelPage(
        model=model,
        place=place_of(kind=kind_of("model"), row=model, viewer=viewer),
        maker=maker,
        techniques=list(
            effective(Technique, viewer).filter(key__in=unbarred(model.techniques)).order_by("name")
        ),
        siblings=list(siblings.order_by("designation", "pk")) if model.family and model.maker_id else [],
        successor=standing(DeviceModel, model.successor_id, viewer),
        predecessors=list(before.order_by("designation", "pk")),
    )


def maker_page(*, uid: UUID, viewer: Viewer) -> MakerPage:
    """Return the page of a maker; raises NotFound when the viewer may not know of it."""
    maker: Maker = one(Maker, uid, viewer)
    rows = _rows(Maker, [maker.key])
    models = effective(DeviceModel, viewer).filter(maker__in=rows)
    predecessors = effective(Maker, viewer).filter(successor__in=rows)
    return MakerPage(
        maker=maker,
        place=place_of(kind=kind_of("maker"), row=maker, viewer=viewer),
        models=list(models.order_by("family", "designation", "pk")),
        successor=standing(Maker, maker.successor_id, viewer),
        predecessors=list(predecessors.order_by("succeeded_on", "name", "pk")),
    )


def _rows(model: type[Maker] | type[DeviceModel], keys: Sequence[str]) -> list[int]:
    """Return the rows that bear one of a few keys, own, shipped and of partners.

    Asked for by themselves: joined by key, PostgreSQL laid every row beside every other for minutes where
    its statistics were from before the register was loaded.
    """
    return list(model.objects.filter(key__in=keys).values_list("pk", flat=True))


def technique_page(*, uid: UUID, viewer: Viewer) -> TechniquePage:
    """Return the page of a technique; raises NotFound when the viewer may not know of it."""
    technique: Technique = one(Technique, uid, viewer)
    tree = _tree(viewer)
    keys = below(technique.key, tree.parents)
    of_technique = Q()
    for key in keys:
        of_technique |= Q(techniques__contains=f"|{key}|")
    models = list(effective(DeviceModel, viewer).filter(of_technique).order_by("designation", "pk"))
    return TechniquePage(
        technique=technique,
        place=place_of(kind=kind_of("technique"), row=technique, viewer=viewer),
        path=[tree.rows[key] for key in above(technique.key, tree.parents) if key in tree.rows],
        below=_nodes(tree, [model.techniques for model in models], technique.key),
        models=models,
    )


def technique_tree(*, viewer: Viewer, home: str = OURS) -> list[TechniqueNode]:
    """Return every technique in the order of the tree, with the models for it; two queries.

    Of ``all``, the tree of own and shipped ones first, then those of partners.
    """
    if home == ALL:
        return [*technique_tree(viewer=viewer), *technique_tree(viewer=viewer, home=PARTNERS)]
    used = effective(DeviceModel, viewer, home).exclude(techniques="").values_list("techniques", flat=True)
    if home == OURS:
        return _nodes(_tree(viewer), used, None)
    # Two partners may have a technique of one key: each stands in the list, those of our own in a tree.
    counts = Counter(key for keys in used for key in unbarred(keys))
    rows = effective(Technique, viewer, home).select_related("home").order_by("name", "pk")
    return [TechniqueNode(row, 0, counts[row.key]) for row in rows]


@dataclass(frozen=True, slots=True)
class _Tree:
    rows: Mapping[str, Technique]
    parents: Mapping[str, str | None]


def _tree(viewer: Viewer) -> _Tree:
    rows = effective(Technique, viewer).select_related("parent", "home").order_by("name", "pk")
    by_key = {row.key: row for row in rows}
    return _Tree(by_key, {key: row.parent.key if row.parent else None for key, row in by_key.items()})


def _nodes(tree: _Tree, used: Iterable[str], root: str | None) -> list[TechniqueNode]:
    """Return what is under ``root`` (None = everything), children after their parent, by name."""
    counts: Counter[str] = Counter()
    lines = {key: {key, *above(key, tree.parents)} for key in tree.rows}
    for keys in used:
        counts.update(set().union(*(lines.get(key, ()) for key in unbarred(keys))))
    children: dict[str | None, list[str]] = defaultdict(list)
    for key, parent in tree.parents.items():
        children[parent if parent in tree.rows else None].append(key)
    nodes: list[TechniqueNode] = []
    waiting = [(key, 0) for key in reversed(children[root])]
    while waiting:
        key, depth = waiting.pop()
        nodes.append(TechniqueNode(tree.rows[key], depth, counts[key]))
        waiting.extend((child, depth + 1) for child in reversed(children[key]))
    return nodes
