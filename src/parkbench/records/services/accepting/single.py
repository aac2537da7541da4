"""One record of a partner: hidden from everybody whatever its owner shares, and shown again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from parkbench.records import registry
from parkbench.records.models import HELD
from parkbench.records.registry import kind_of, kinds
from parkbench.records.services.accepting.holding import locked_home
from parkbench.records.services.accepting.pages import announce


def hide_record(*, home: int, kind: str, uid: UUID) -> bool:
    """This function will hide one record of a partner from everybody at once; tells whether it was shown.

    It stays hidden while whoever answers `registry.frozen_of` names it. The home stays locked until the
    transaction ends, so that no page is taken in meanwhile. Raises NotFound for a home that is not a
    partner's.
    """
    with transaction.atomic():
        locked_home(home)
        rows = _rows(home, kind, uid).filter(deleted_at=None) if _is_known(kind) else None
        is_changed = rows is not None and rows.update(deleted_at=timezone.now()) > 0
        if is_changed:
            announce(home, {kind: [uid]})
    return is_changed


def show_record(*, home: int, kind: str, uid: UUID) -> bool:
    """This function will show one record of a partner again if it is still held; tells whether it is shown.

    Not while it is frozen, or its whole home is hidden. Raises NotFound as `hide_record` does.
    """
    with transaction.atomic():
        place = locked_home(home)
        if place.hidden_at is not None or uid in registry.frozen_of(home) or not _is_known(kind):
            return False
        is_shown = _rows(home, kind, uid).filter(audience_mask=HELD).update(deleted_at=None) > 0
        if is_shown:
            announce(home, {kind: [uid]})
    return is_shown


def _is_known(name: str) -> bool:
    return any(kind.name == name for kind in kinds())


def _rows(home: int, name: str, uid: UUID) -> QuerySet[Any]:
    return kind_of(name).model._default_manager.filter(home_id=home, uid=uid)
