"""What the pages of a model, a maker and a technique show."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from parkbench.catalogue.models import DeviceModel, Maker, Technique
from parkbench.catalogue.queries.effective import effective
from parkbench.catalogue.queries.names import label
from parkbench.catalogue.rules import above, below, unbarred
from parkbench.lib.errors import NotFound, Refused
from parkbench.records import queries as records
from parkbench.records.models import OWN, REGISTER
from parkbench.records.registry import Kind, kind_of
from parkbench.records.visibility import Viewer


@dataclass(frozen=True, slots=True)
class Place:
    """Whose entry it is and who sees it; ``visible_to`` is '' for those outside the organisation."""

    home: str
    is_own: bool
    is_shipped: bool
    visible_to: str
    may_edit: bool


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
class MakerRow:
    """One maker of the list."""

    maker: Maker
    model_count: int
    successor: Maker | None


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


@dataclass(frozen=True, slots=True)
class EditedMaker:
    """An own maker as its form needs it: the body, the revision seen, the name of its successor."""

    maker: Maker
    body: Mapping[str, Any]
    revision: int
    successor: str


@dataclass(frozen=True, slots=True)
class EditedModel:
    """An own model as its form needs it: the body, the revision seen, the names of maker and successor."""

    model: DeviceModel
    body: Mapping[str, Any]
    revision: int
    maker: str
    successor: str


def model_page(*, uid: UUID, viewer: Viewer) -> ModelPage:
    """Return the page of a make and model; raises NotFound when the viewer may not know of it."""
    model: DeviceModel = _one(DeviceModel, uid, viewer)
    kin = DeviceModel.objects.visible(viewer)
    siblings = (
        effective(DeviceModel, viewer)
        .filter(maker_id=model.maker_id, family=model.family)
        .exclude(pk=model.pk)
        .order_by("designation", "pk")
    )
    return ModelPage(
        model=model,
        place=place_of(kind=kind_of("model"), row=model, viewer=viewer),
        maker=Maker.objects.visible(viewer).filter(pk=model.maker_id).first(),
        techniques=list(
            effective(Technique, viewer).filter(key__in=unbarred(model.techniques)).order_by("name")
        ),
        siblings=list(siblings) if model.family and model.maker_id else [],
        successor=kin.filter(pk=model.successor_id).first(),
        predecessors=list(kin.filter(successor_id=model.pk).order_by("designation", "pk")),
    )


def maker_page(*, uid: UUID, viewer: Viewer) -> MakerPage:
    """Return the page of a maker; raises NotFound when the viewer may not know of it."""
    maker: Maker = _one(Maker, uid, viewer)
    kin = Maker.objects.visible(viewer)
    models = effective(DeviceModel, viewer).filter(maker_id=maker.pk)
    return MakerPage(
        maker=maker,
        place=place_of(kind=kind_of("maker"), row=maker, viewer=viewer),
        models=list(models.order_by("family", "designation", "pk")),
        successor=kin.filter(pk=maker.successor_id).first(),
        predecessors=list(kin.filter(successor_id=maker.pk).order_by("succeeded_on", "name", "pk")),
    )


def technique_page(*, uid: UUID, viewer: Viewer) -> TechniquePage:
    """Return the page of a technique; raises NotFound when the viewer may not know of it."""
    technique: Technique = _one(Technique, uid, viewer)
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


def technique_tree(*, viewer: Viewer) -> list[TechniqueNode]:
    """Return every technique in the order of the tree, with the models for it; two queries."""
    used = effective(DeviceModel, viewer).exclude(techniques="").values_list("techniques", flat=True)
    return _nodes(_tree(viewer), used, None)


def maker_list(*, viewer: Viewer) -> list[MakerRow]:
    """Return every maker by name with the number of its models; two queries."""
    counted = effective(DeviceModel, viewer).order_by().values_list("maker_id").annotate(Count("pk"))
    counts = dict(counted)
    makers = list(effective(Maker, viewer).order_by("name", "pk"))
    by_id = {maker.pk: maker for maker in makers}
    return [MakerRow(maker, counts.get(maker.pk, 0), by_id.get(maker.successor_id)) for maker in makers]


def edited_model(*, uid: UUID, viewer: Viewer) -> EditedModel:
    """Return an own model to be edited; raises NotFound, NotAllowed, or Refused for a shipped one."""
    model, body, revision = _edited("model", uid, viewer)
    after = model.successor
    return EditedModel(
        model=model,
        body=body,
        revision=revision,
        maker=model.maker.name if model.maker else "",
        successor=label(after.maker.name if after.maker else None, after.designation) if after else "",
    )


def edited_maker(*, uid: UUID, viewer: Viewer) -> EditedMaker:
    """Return an own maker to be edited; raises NotFound, NotAllowed, or Refused for a shipped one."""
    maker, body, revision = _edited("maker", uid, viewer)
    return EditedMaker(maker, body, revision, maker.successor.name if maker.successor else "")


def editable(*, kind: Kind, uid: UUID, viewer: Viewer) -> Any:
    """Return an own entry that the viewer may edit.

    Raises NotFound when the viewer may not know of it, NotAllowed without the right, Refused when it is
    shipped with Parkbench or a partner's.
    """
    viewer.check(kind.edit)
    row = _one(kind.model, uid, viewer)
    if row.home_id == OWN:
        return row
    if row.home_id == REGISTER:
        raise Refused(
            _("This entry comes with Parkbench and changes with its releases. Report what is wrong in it.")
        )
    raise Refused(_("This entry belongs to a partner and can only be changed there."))


def place_of(*, kind: Kind, row: Any, viewer: Viewer) -> Place:
    """Return whose entry a row is and who sees it; at most four queries."""
    is_own = row.home_id == OWN
    visible_to = _("everybody") if row.home_id == REGISTER else ""
    if is_own and viewer.is_member:
        visible_to = records.reach_of(kind=kind, row=row, viewer=viewer)[0].words
    return Place(
        home=row.home.name,
        is_own=is_own,
        is_shipped=row.home_id == REGISTER,
        visible_to=visible_to,
        may_edit=is_own and viewer.may(kind.edit),
    )


@dataclass(frozen=True, slots=True)
class _Tree:
    rows: Mapping[str, Technique]
    parents: Mapping[str, str | None]


def _tree(viewer: Viewer) -> _Tree:
    rows = effective(Technique, viewer).select_related("parent").order_by("name", "pk")
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


def _one(model: Any, uid: UUID, viewer: Viewer) -> Any:
    """Return the visible row with this uid, an own one first where a partner's has the same."""
    row = (
        model.objects.visible(viewer)
        .select_related("home", "steward")
        .filter(uid=uid)
        .order_by("home_id")
        .first()
    )
    if row is None:
        raise NotFound(_("There is nothing at this address, or it is not shared with you."))
    return row


def _edited(kind_name: str, uid: UUID, viewer: Viewer) -> tuple[Any, Mapping[str, Any], int]:
    kind = kind_of(kind_name)
    row = editable(kind=kind, uid=uid, viewer=viewer)
    revision, body = records.heads(kind=kind, row=row, viewer=viewer).get("basics", (0, {}))
    return row, body, revision
