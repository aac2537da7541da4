"""What checks find, and how a stored value is compared with one that was just derived."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Field as Column
from django.db.models import JSONField


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it should be: where it stands, what was expected, what was found."""

    check: str
    kind: str
    uid: UUID | None
    section: str
    expected: str
    found: str


def as_read(column: Column[Any, Any], value: Any) -> Any:
    """Return a value as the column reads it back, so that ISO text equals a date and JSON text a list."""
    if isinstance(column, JSONField):
        return json.loads(value) if isinstance(value, str) else value
    return column.to_python(value)
