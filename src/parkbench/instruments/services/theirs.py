"""What follows from instruments of partners: which make and model of the catalogue they are."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from parkbench.catalogue.models import DeviceModel
from parkbench.instruments.models import Instrument
from parkbench.records import bulk
from parkbench.records.models import REGISTER


def link_theirs(kind: str, home: int, uids: Sequence[UUID]) -> None:
    """This function will link instruments of a partner to the make and model that their key names.

    To the shipped entry, which is alike everywhere; else to the partner's own; never to one of ours, whose
    keys a partner cannot know. It hears of every row of a partner that is written, inside its transaction,
    also of makes and models that come after the instruments.
    """
    if kind == "instrument":
        rows = Instrument.objects.filter(home_id=home, uid__in=uids)
    elif kind == "model":
        keys = DeviceModel.objects.filter(home_id=home, uid__in=uids).values_list("key", flat=True)
        rows = Instrument.objects.filter(home_id=home, linked_model=None, model_key__in=list(keys))
    else:
        return
    held = list(rows.values_list("pk", "model_key", "linked_model_id"))
    found = _models(home, {key for _pk, key, _linked in held if key})
    moved = [(found.get(key or ""), pk) for pk, key, linked in held if found.get(key or "") != linked]
    bulk.amend(Instrument, columns=("linked_model_id",), rows=moved, key=("id",))


def _models(home: int, keys: Collection[str]) -> dict[str, int]:
    """Return key > row: the shipped entry, else the partner's first of that key; one query."""
    if not keys:
        return {}
    rows = DeviceModel.objects.live().filter(home_id__in=(REGISTER, home), key__in=keys)
    return dict(rows.order_by("-home_id", "-pk").values_list("key", "pk"))
