"""A recipe as said by options of the command line and by a TOML file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from parkbench.intake.registry import FieldSpec, Target
from parkbench.intake.rules import Recipe, fold, fold_heading
from parkbench.lib.errors import Refused
from parkbench.lib.maps import read_toml

_MAP_PARTS = frozenset({"columns", "set", "key", "decimal", "date_order", "sheet", "section", "category"})


def field_named(target: Target, text: str) -> FieldSpec:
    """Return the field that a person means by its name, label or a heading; raise Refused with the fields."""
    for names in (lambda spec: (spec.name, str(spec.label)), lambda spec: spec.names):
        for spec in target.fields:
            if any(
                fold(name) == fold(text) or fold_heading(name) == fold_heading(text) for name in names(spec)
            ):
                return spec
    known = ", ".join(spec.name for spec in target.fields)
    raise Refused(f"There is no field “{text}”. The fields are: {known}.")


def recipe_given(
    target: Target,
    recipe: Recipe,
    *,
    map_file: Path | None = None,
    constants: Sequence[str] = (),
    meanings: Sequence[str] = (),
) -> Recipe:
    """Return the recipe with what a TOML file and ``FIELD=VALUE`` texts say.

    Raises Refused when the file is no such map or a field is not known.
    """
    if map_file is not None:
        recipe = _with_map(target, recipe, _read_map(map_file))
    found = dict(recipe.constants)
    for text in constants:
        name, mark, value = text.partition("=")
        if not mark:
            raise Refused(f"“{text}” is not understood. Write a field and its value, such as unit=Imaging.")
        found[field_named(target, name.strip()).name] = value.strip()
    recipe = with_meanings(target, recipe, dict(_meaning(text) for text in meanings))
    return replace(recipe, constants={name: value for name, value in found.items() if value})


def _meaning(text: str) -> tuple[str, str]:
    word, mark, meaning = text.rpartition("=")
    if not mark:
        raise Refused(
            f"“{text}” is not understood. Write a word of the file and what it means: Intern=internal."
        )
    return word.strip(), meaning.strip()


def with_meanings(target: Target, recipe: Recipe, said: Mapping[str, str]) -> Recipe:
    """Return the recipe with what words of the source mean; an empty meaning forgets the word.

    Raises Refused when the target knows no such meaning.
    """
    known = getattr(target, "meanings", ())
    for word, meaning in said.items():
        if meaning and meaning not in known:
            raise Refused(f"“{word}” cannot mean “{meaning}”. Allowed: {', '.join(known) or 'nothing here'}.")
    merged = {**recipe.meanings, **{fold(word): meaning for word, meaning in said.items()}}
    return replace(recipe, meanings={word: meaning for word, meaning in merged.items() if meaning})


def _read_map(path: Path) -> Mapping[str, Any]:
    found = read_toml(path)
    strange = sorted(set(found) - _MAP_PARTS)
    if strange:
        known = ", ".join(sorted(_MAP_PARTS))
        raise Refused(f"The map {path.name} has the part “{strange[0]}”. Its parts may be: {known}.")
    return found


def _with_map(target: Target, recipe: Recipe, found: Mapping[str, Any]) -> Recipe:
    said = {name: found.get(name, {}) for name in ("columns", "set")}
    for name, part in said.items():
        if not isinstance(part, dict):
            raise Refused(f"The part “{name}” of the map must be a table of fields.")
    columns = {field_named(target, name).name: str(heading) for name, heading in said["columns"].items()}
    constants = {field_named(target, name).name: str(value) for name, value in said["set"].items()}
    recipe = with_meanings(
        target, recipe, {word: str(one) for word, one in found.get("category", {}).items()}
    )
    key = found.get("key")
    keys = tuple([key] if isinstance(key, str) else map(str, key or ()))
    section = found.get("section", "")
    return replace(
        recipe,
        columns={**recipe.columns, **columns},
        constants={**recipe.constants, **constants},
        asked=tuple(columns),
        key=keys if key is not None else recipe.key,
        is_key_known=recipe.is_key_known or key is not None,
        decimal=_one_of("decimal", found, ("", ".", ",")) or recipe.decimal,
        date_order=_one_of("date_order", found, ("", "DMY", "MDY", "YMD")) or recipe.date_order,
        sheet=str(found.get("sheet", recipe.sheet)),
        section_field=field_named(target, section).name if section else recipe.section_field,
    )


def _one_of(name: str, found: Mapping[str, Any], allowed: Sequence[str]) -> str:
    value = str(found.get(name, ""))
    if value not in allowed:
        raise Refused(
            f"The map says {name} = “{value}”. Allowed: {', '.join(one for one in allowed if one)}."
        )
    return value
