"""What a checked body says, and what a row holds that no section fills."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from parkbench.records.registry import Kind

_PLAIN = frozenset({str, int, bool})


def told(checked: BaseModel) -> dict[str, Any]:
    """Return what a checked body says, without what it leaves at its default."""
    held = vars(checked)
    values = {name: held[name] for name in checked.model_fields_set if held[name] is not None}
    fields = type(checked).__pydantic_fields__
    if _PLAIN.issuperset(map(type, values.values())):
        return {name: value for name, value in values.items() if value != fields[name].default}
    return checked.model_dump(mode="json", exclude_none=True, exclude_defaults=True)


def defaults(kind: Kind) -> dict[str, Any]:
    """Return the columns that must not be NULL and that no section fills: masks, flags."""
    return {
        str(column.column): column.get_default()
        for column in kind.model._meta.concrete_fields
        if not column.primary_key and not column.null and column.has_default()
        if column.column not in ("uid", "home_id")
    }
