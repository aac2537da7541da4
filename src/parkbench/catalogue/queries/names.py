"""Names: suggestions while typing, labels, and the index that links written texts to models."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from parkbench.catalogue.models import DeviceModel, Maker, Technique
from parkbench.catalogue.queries.effective import effective, matching, of_maker
from parkbench.catalogue.rules import KnownMaker, KnownModel, LinkIndex, fold, link, link_index, maker_of
from parkbench.records.models import OWN, REGISTER
from parkbench.records.visibility import Viewer


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something a typed text may mean; ``label`` reads as people write it (Zeiss LSM 980)."""

    uid: UUID
    key: str
    label: str


@dataclass(frozen=True, slots=True)
class LinkTargets:
    """The pure index, and the row ids that its keys stand for; look up each distinct pair of texts once."""

    index: LinkIndex
    models: Mapping[str, int]
    makers: Mapping[str, int]

    def key(self, text_maker: str, text_model: str) -> str | None:
        """Return the key of the model that the two texts name exactly, else None."""
        return link(text_maker, text_model, self.index)

    def model_id(self, text_maker: str, text_model: str) -> int | None:
        """Return the row id of the model that the two texts name exactly, else None."""
        key = self.key(text_maker, text_model)
        return None if key is None else self.models[key]

    def maker_key(self, text: str) -> str | None:
        """Return the key of the maker that the text names, else None."""
        return maker_of(text, self.index.makers)


def link_targets(viewer: Viewer) -> LinkTargets:
    """Return what linking needs of all own and shipped entries this viewer may know of; two queries."""
    at_hand = Q(home_id__in=(OWN, REGISTER))
    columns = ("pk", "key", "name", "aliases", "successor__key")
    makers = list(effective(Maker, viewer).filter(at_hand).values_list(*columns))
    columns = ("pk", "key", "designation", "aliases", "maker__key")
    models = list(effective(DeviceModel, viewer).filter(at_hand).values_list(*columns))
    known = {key for _pk, key, *_rest in makers}
    index = link_index(
        [KnownMaker(key, (name, *aliases), successor) for _pk, key, name, aliases, successor in makers],
        [
            KnownModel(key, maker, (designation, *aliases))
            for _pk, key, designation, aliases, maker in models
            if maker in known
        ],
    )
    return LinkTargets(
        index=index,
        models={key: pk for pk, key, *_rest in models},
        makers={key: pk for pk, key, *_rest in makers},
    )


def model_ids(*, keys: Iterable[str], viewer: Viewer) -> dict[str, int]:
    """Return key > row id of the own and shipped models among ``keys``, shipped ones first; one query.

    This is what instruments are linked to: everybody may know of a shipped model, so that the link of a
    public instrument still shows when an own entry, which nobody outside sees, stands in for it here.
    """
    rows = DeviceModel.objects.visible(viewer).filter(home_id__in=(OWN, REGISTER), key__in=set(keys))
    return dict(rows.order_by("home_id").values_list("key", "pk"))


def maker_named(*, text: str, viewer: Viewer) -> Maker | None:
    """Return the maker that a text names exactly, by name, other name or key, with or without legal form."""
    targets = link_targets(viewer)
    key = targets.maker_key(text) or (text if text in targets.makers else None)
    return None if key is None else Maker.objects.filter(pk=targets.makers[key]).first()


def model_labels(*, ids: Iterable[int], viewer: Viewer) -> dict[int, str]:
    """Return row id > "Zeiss LSM 980" for those of ``ids`` that this viewer may know of; one query."""
    rows = DeviceModel.objects.visible(viewer).filter(pk__in=list(ids))
    rows = rows.annotate(shown_maker=of_maker(viewer, "name"))
    return {
        pk: label(maker, designation)
        for pk, maker, designation in rows.values_list("pk", "shown_maker", "designation")
    }


def label(maker: str | None, designation: str) -> str:
    """Return maker and designation as one text."""
    return f"{maker} {designation}" if maker else designation


def suggest_models(*, text: str, viewer: Viewer, limit: int = 10) -> list[Suggestion]:
    """Return the own and shipped models a typed text may mean, those that begin with it first; one query."""
    rows = effective(DeviceModel, viewer).annotate(
        shown_maker=of_maker(viewer, "name"), maker_folded=of_maker(viewer, "folded")
    )
    found = _best(rows, text, "designation", "folded", "maker_folded")[:limit]
    return [
        Suggestion(uid, key, label(maker, designation))
        for uid, key, maker, designation in found.values_list("uid", "key", "shown_maker", "designation")
    ]


def suggest_makers(*, text: str, viewer: Viewer, limit: int = 10) -> list[Suggestion]:
    """Return the own and shipped makers a typed text may mean, those that begin with it first; one query."""
    found = _best(effective(Maker, viewer), text, "name", "folded")[:limit]
    return [Suggestion(uid, key, name) for uid, key, name in found.values_list("uid", "key", "name")]


def suggest_techniques(*, text: str, viewer: Viewer, limit: int = 10) -> list[Suggestion]:
    """Return the own and shipped techniques a text may mean, those that begin with it first; one query."""
    found = _best(effective(Technique, viewer), text, "name", "folded")[:limit]
    return [Suggestion(uid, key, name) for uid, key, name in found.values_list("uid", "key", "name")]


def technique_names(viewer: Viewer) -> dict[str, str]:
    """Return technique key > name; one query."""
    return dict(effective(Technique, viewer).order_by("name").values_list("key", "name"))


def technique_choices(viewer: Viewer) -> list[tuple[str, str]]:
    """Return (key, name) of every technique, by name; one query."""
    return sorted(technique_names(viewer).items(), key=lambda pair: pair[1].casefold())


def _best(rows: QuerySet[Any], text: str, name: str, *columns: str) -> QuerySet[Any]:
    folded = fold(text)
    if not folded:
        return rows.none()
    starts = Q(**{f"{columns[0]}__startswith": f"|{folded}"})
    rank = Case(When(starts, then=Value(0)), default=Value(1), output_field=IntegerField())
    found: QuerySet[Any] = matching(rows, text, *columns).annotate(rank=rank)
    return found.order_by("rank", name, "pk")
