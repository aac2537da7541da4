"""What a section asks of a text beside its length, checked cell by cell so that the dry run says it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from typing import Annotated, Any, get_args

from pydantic import AfterValidator, TypeAdapter, ValidationError

from parkbench.intake.registry import Target
from parkbench.intake.rules import Recipe
from parkbench.records.registry import kind_of

Check = Callable[[str], str]


def field_checks(target: Target, recipe: Recipe) -> list[tuple[str, Check]]:
    """Return, for each mapped text field that must have a form (an e-mail, an address), its check.

    A check returns '' or what was expected.
    """
    kind = kind_of(target.kind)
    checks: list[tuple[str, Check]] = []
    for spec in target.fields:
        known = kind.section(spec.section).schema.model_fields.get(spec.name)
        is_said = spec.name in recipe.columns or spec.name in recipe.constants
        if known is None or spec.sort != "text" or not is_said:
            continue
        if _has_form(known.annotation, known.metadata):
            asked: Any = known.annotation
            if known.metadata:
                asked = Annotated[asked, *known.metadata]
            adapter: TypeAdapter[Any] = TypeAdapter(asked)
            checks.append((spec.name, lru_cache(10_000)(partial(_expected, adapter))))
    return checks


def _has_form(annotation: Any, metadata: Sequence[Any]) -> bool:
    """Whether anything but a length is asked; an optional field carries it on its inner type."""
    inner = [*metadata]
    for part in get_args(annotation):
        inner += getattr(part, "__metadata__", ())
    return any(isinstance(one, AfterValidator) or getattr(one, "pattern", None) for one in _flat(inner))


def _flat(metadata: Sequence[Any]) -> Iterator[Any]:
    for one in metadata:
        yield one
        yield from getattr(one, "metadata", ())


def _expected(adapter: TypeAdapter[Any], value: str) -> str:
    try:
        adapter.validate_python(value)
    except ValidationError as error:
        message = str(error.errors()[0]["msg"]).removeprefix("Value error, ").removeprefix("expected ")
        return message[:1].lower() + message[1:]
    return ""
