"""Which entries count: a node's own entry stands in for the shipped one with the same key."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from parkbench.catalogue.models import DeviceModel, Maker, Technique
from parkbench.catalogue.rules import fold
from parkbench.records.models import ALL, OURS, PARTNERS, REGISTER
from parkbench.records.visibility import Viewer

Entry = type[Maker] | type[Technique] | type[DeviceModel]


def effective(model: Entry, viewer: Viewer, home: str = OURS) -> QuerySet[Any]:
    """Return the entries this viewer may know of, shipped ones left out where an own one has their key.

    Own and shipped ones, unless those of partners are asked for by another ``home``.
    """
    own = model.objects.visible(viewer).own().filter(key=OuterRef("key"))
    rows: QuerySet[Any] = model.objects.visible(viewer, home).exclude(Q(home_id=REGISTER) & Exists(own))
    return rows


def standing(model: Entry, pk: int | None, viewer: Viewer) -> Any:
    """Return the entry that a row refers to, the own one where there is one; None when it is not visible."""
    if pk is None:
        return None
    key = model.objects.visible(viewer, ALL).filter(pk=pk).values_list("key", flat=True).first()
    found = effective(model, viewer).filter(key=key).order_by("home_id").first()
    # What a partner alone has stands for itself.
    return found or model.objects.visible(viewer, PARTNERS).filter(pk=pk).first()


def technique_texts(pks: Iterable[int], viewer: Viewer) -> dict[int, str]:
    """Return, per model's row, the techniques that hold for it (``|flim|confocal-microscopy|``); one query.

    A node's own facts count in the place of shipped ones, also where it says that there are none.
    """
    models = DeviceModel.objects.visible(viewer)
    own = models.own().filter(key=OuterRef("key")).values("techniques")[:1]
    held = Case(
        When(home_id=REGISTER, then=Coalesce(Subquery(own), F("techniques"))), default=F("techniques")
    )
    return dict(models.filter(pk__in=list(pks)).annotate(held=held).values_list("pk", "held"))


def models_with(technique: str, viewer: Viewer) -> list[int]:
    """Return the rows of models for which a technique holds, by its key; one query.

    A shipped row has the techniques of the own entry in its place, where there is one.
    """
    bar = f"|{technique}|"
    models = DeviceModel.objects.visible(viewer)
    shipped, own = Q(home_id=REGISTER), models.own()
    as_it_stands = Q(techniques__contains=bar) & ~(shipped & Exists(own.filter(key=OuterRef("key"))))
    as_own_says = shipped & Q(key__in=own.filter(techniques__contains=bar).values("key"))
    return list(models.filter(as_it_stands | as_own_says).values_list("pk", flat=True))


def of_maker(viewer: Viewer, column: str) -> Combinable:
    """Return a column of a model's maker, NULL where the viewer may not know of that maker.

    An own maker that stands in for a shipped one gives its own column.
    """
    makers = Maker.objects.visible(viewer)
    own = makers.own().filter(key=OuterRef("maker__key")).values(column)[:1]
    if viewer.is_member:
        return Coalesce(Subquery(own), F(f"maker__{column}"))
    return Coalesce(Subquery(own), Subquery(makers.filter(pk=OuterRef("maker_id")).values(column)[:1]))


def matching(
    rows: QuerySet[Any], text: str, *columns: str, also: Callable[[str], Q] | None = None
) -> QuerySet[Any]:
    """Narrow rows to those in which every word of the text stands, folded, in one of the folded columns.

    The whole phrase counts too, so that LSM980, lsm 980 and LSM-980 find the same; ``also`` gives a further
    condition under which a folded word is found.
    """
    words = [folded for word in text.split() if (folded := fold(word))]
    each = Q()
    for word in words:
        each &= _anywhere(word, columns) | (also(word) if also else Q(pk__in=[]))
    whole = _anywhere("".join(words), columns) if len(words) > 1 else Q(pk__in=[])
    return rows.filter(each | whole) if words else rows


def _anywhere(word: str, columns: Iterable[str]) -> Q:
    found = Q()
    for column in columns:
        found |= Q(**{f"{column}__contains": word})
    return found
