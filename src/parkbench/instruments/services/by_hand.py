"""What a form saves: the values, the link that follows from them, who answers for the content."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from parkbench.accounts.models import Person
from parkbench.catalogue import queries as catalogue
from parkbench.instruments.services import writing
from parkbench.instruments.services.writing import KIND, Values
from parkbench.records import services as records
from parkbench.records.visibility import Viewer


@dataclass(frozen=True, slots=True)
class Stewardship:
    """Who answers for the content, and when it is looked at next."""

    steward: Person | None
    review_due_on: date | None


@transaction.atomic
def add_by_hand(*, values: Values, by: Viewer, stewardship: Stewardship | None = None) -> UUID:
    """This function will add an instrument, linked to what its maker and model name exactly.

    Raises as `add` does.
    """
    linked, local = _linked(values, {}, by)
    uid = writing.add(values=linked, by=by, local=local)
    _set_stewardship(uid, stewardship, by)
    return uid


@transaction.atomic
def edit_by_hand(
    *,
    uid: UUID,
    values: Values,
    expected: Mapping[str, int],
    by: Viewer,
    stewardship: Stewardship | None = None,
) -> tuple[str, ...]:
    """This function will set fields of an instrument and return the sections that changed.

    When maker or model text changes, the link follows, unless it was chosen by hand. Raises as `edit` does.
    """
    now, _revisions = writing.content_of(uid)
    linked, local = _linked(values, now, by)
    changed = writing.edit(uid=uid, values=linked, by=by, expected=expected, local=local)
    _set_stewardship(uid, stewardship, by)
    return changed


def _linked(values: Values, now: Values, by: Viewer) -> tuple[Values, dict[str, Any]]:
    """Add the make and model that the texts name exactly; what differs from that now was chosen by hand."""
    if "maker_text" not in values and "model_text" not in values:
        return values, {}
    targets = catalogue.link_targets(by)
    keys = {pk: key for key, pk in targets.models.items()}

    def named(said: Values) -> int | None:
        return targets.model_id(said.get("maker_text") or "", said.get("model_text") or "")

    before = named(now)
    if now.get("model_key") != (keys[before] if before else None):
        return values, {}
    pk = named({**now, **values})
    key = keys[pk] if pk else None
    ids = catalogue.model_ids(keys=[key], viewer=by) if key else {}
    return {**values, "model_key": key}, {"linked_model_id": ids.get(key or "")}


def _set_stewardship(uid: UUID, stewardship: Stewardship | None, by: Viewer) -> None:
    if stewardship is not None:
        records.set_stewardship(
            kind=KIND, uid=uid, steward=stewardship.steward, review_due_on=stewardship.review_due_on, by=by
        )
