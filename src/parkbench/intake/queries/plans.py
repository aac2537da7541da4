"""Reads on a plan: pages of its rows by what they come to, and the refused rows as a sheet."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from parkbench.intake.models import Batch
from parkbench.intake.queries.files import file_path, plan_path
from parkbench.intake.registry import FieldSpec, Reducing, Target, target_of
from parkbench.intake.rules import HEADING_ROW, HEADING_WRONG, LineState, hours_of, name_to_make
from parkbench.lib.errors import NotFound
from parkbench.lib.money import format_money
from parkbench.lib.tabular import open_table
from parkbench.records.registry import kind_of
from parkbench.records.visibility import Viewer

PER_PAGE = 50
KEPT = "kept"
"""The tab of rows whose record was corrected by hand, whatever else they come to."""


@dataclass(frozen=True, slots=True)
class ShownChange:
    """One field as people read it: old and new, or by hand and in the sheet."""

    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One row of the plan as people read it."""

    row: int
    title: str
    uid: str
    note: str
    changes: tuple[ShownChange, ...]
    kept: tuple[ShownChange, ...]
    problems: tuple[Mapping[str, Any], ...]
    is_in: bool
    is_taken: bool


@dataclass(frozen=True, slots=True)
class PlanPage:
    """A page of the rows of one state; ``page`` counts from 1."""

    lines: tuple[ShownLine, ...]
    page: int
    pages: int
    total: int


def plan_page(*, batch: Batch, state: str, page: int, viewer: Viewer) -> PlanPage:
    """Return one page of the plan's rows in a state, or of those ``kept`` by hand.

    At most one query per kind of record that the page names. Raises NotFound when there is no such tab or the
    plan is no longer kept.
    """
    if state not in (*LineState, KEPT):
        raise NotFound("There is no such list of rows.")
    path = plan_path(batch.pk)
    if not path.exists():
        raise NotFound("The rows of this import are no longer kept. Import the file again to see them.")
    total = int(batch.counts.get(state, 0))
    pages = max(1, -(-total // PER_PAGE))
    page = min(max(1, page), pages)
    found = islice(plan_lines(path, state), (page - 1) * PER_PAGE, page * PER_PAGE)
    return PlanPage(tuple(_shown(list(found), batch, viewer)), page, pages, total)


def plan_lines(path: Path, state: str) -> Iterator[dict[str, Any]]:
    """Yield the plan's lines in a state; lines of other states are not even parsed."""
    mark = '"kept":{' if state == KEPT else f'"state":"{state}"'
    with path.open(encoding="utf-8") as opened:
        for text in opened:
            if mark in text:
                line = json.loads(text)
                if line.get("kept") if state == KEPT else line["state"] == state:
                    yield line


def refused_of(*, plan: Path, late: Sequence[Mapping[str, Any]] = ()) -> list[dict[str, Any]]:
    """Return everything that is refused as row, column, value and expected, by row."""
    found = [
        problem for line in plan_lines(plan, LineState.REFUSED.value) for problem in line.get("problems", ())
    ]
    return sorted((*found, *map(dict, late)), key=lambda problem: problem["row"] or 0)


def kept_of(*, plan: Path, target: Target) -> list[dict[str, Any]]:
    """Return every value kept by hand: row, name, field, what is here, what the source says."""
    labels = {spec.name: str(spec.label) for spec in target.fields}
    fewest = {spec.name: spec.fewest for spec in target.fields}
    return [
        {
            "row": line["row"],
            "name": line.get("title", ""),
            "field": labels[name],
            "here": _or_few(fewest[name], ours),
            "source": _or_few(fewest[name], theirs),
        }
        for line in plan_lines(plan, KEPT)
        for name, (ours, theirs) in line["kept"].items()
    ]


def refused_rows(*, batch: Batch) -> Iterator[list[Any]]:
    """Yield the refused rows as a sheet that can be imported again once mended: names of columns first.

    The original columns, then the row number and what is wrong. Raises NotFound when the file is gone.
    """
    path = file_path(batch.sha256)
    if not path.exists() or not plan_path(batch.pk).exists():
        raise NotFound("The file of this import is no longer kept. Import it again to get its refused rows.")
    wrong: dict[int, list[str]] = {}
    for problem in refused_of(plan=plan_path(batch.pk), late=batch.result.get("late", ())):
        wrong.setdefault(int(problem["row"]), []).append(_in_words(problem))
    with open_table(path, name=batch.file_name, sheet=batch.recipe.get("sheet") or None) as table:
        kept = [place for place, name in enumerate(table.headers) if name not in (HEADING_ROW, HEADING_WRONG)]
        yield [*(table.headers[place] for place in kept), HEADING_ROW, HEADING_WRONG]
        is_part = isinstance(target_of(batch.source.target), Reducing)
        numbered = table.headers.index(HEADING_ROW) if is_part and HEADING_ROW in table.headers else -1
        for row in table.rows:
            number = row.number if numbered < 0 else int(str(row.cells[numbered] or 0))
            if number in wrong:
                yield [*(row.cells[place] for place in kept), number, "; ".join(wrong[number])]


def _in_words(problem: Mapping[str, Any]) -> str:
    found = f"“{problem['value']}”" if problem["value"] else _("nothing")
    if not problem["column"]:
        said = {"found": found, "expected": problem["expected"]}
        return (
            _("found %(found)s, expected %(expected)s") % said
            if problem["value"]
            else str(problem["expected"])
        )
    words = {"column": problem["column"], "found": found, "expected": problem["expected"]}
    return _("%(column)s: found %(found)s, expected %(expected)s") % words


def _shown(lines: Sequence[Mapping[str, Any]], batch: Batch, viewer: Viewer) -> Iterator[ShownLine]:
    target = target_of(batch.source.target)
    specs = {spec.name: spec for spec in target.fields}
    names = _names(lines, target, viewer)
    excluded, taken = set(batch.excluded), set(batch.taken)
    for line in lines:
        said = line.get("values", {})
        changes = line.get("changes", {})
        if line["state"] == LineState.NEW:
            changes = {
                name: [None, value] for name, value in said.items() if name[0] != "~" and value is not None
            }
        shown = [tuple(_changes(pairs, said, specs, names)) for pairs in (changes, line.get("kept", {}))]
        yield ShownLine(
            row=line["row"],
            title=line.get("title", ""),
            uid=line.get("uid", ""),
            note=line.get("note", ""),
            changes=shown[0],
            kept=shown[1],
            problems=tuple(line.get("problems", ())),
            is_in=line["row"] not in excluded,
            is_taken=line["row"] in taken,
        )


def _changes(
    pairs: Mapping[str, Sequence[Any]],
    said: Mapping[str, Any],
    specs: Mapping[str, FieldSpec],
    names: Mapping[str, str],
) -> Iterator[ShownChange]:
    for name, (old, new) in pairs.items():
        spec = specs.get(name)
        if spec is not None:
            texts = (in_words(spec, value, said, names) for value in (old, new))
            yield ShownChange(str(spec.label), *texts)


_TOLD: dict[str, Callable[[Any], str]] = {
    "percent": lambda value: f"{value / 100:g} %",
    "boolean": lambda value: _("yes") if value else _("no"),
    "hours": lambda value: _("%(hours)s h") % {"hours": hours_of(value)},
}


def in_words(spec: FieldSpec, value: Any, said: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Return a value as people read it; '' for an empty one."""
    if value is None:
        return ""
    if spec.sort == "money":
        currency = said.get(spec.currency)
        return format_money(value, currency) if currency else str(value)
    if spec.sort == "record":
        name = name_to_make(value)
        return _("%(name)s (to be made)") % {"name": name} if name else names.get(value, value)
    if spec.refers_to:
        return names.get(value, _("not shared"))
    if spec.sort in _TOLD:
        return _TOLD[spec.sort](value)
    return ", ".join(map(str, value)) if isinstance(value, list) else str(_or_few(spec.fewest, value))


def _or_few(fewest: int, value: Any) -> Any:
    """Return a count as it may be told: "fewer than 5" in the place of 3, where ``fewest`` is 5."""
    if fewest and value is not None and 0 < value < fewest:
        return _("fewer than %(count)s") % {"count": fewest}
    return value


def _names(lines: Iterable[Mapping[str, Any]], target: Target, viewer: Viewer) -> dict[str, str]:
    """Return uid > name of the records that these lines refer to, one query per kind."""
    wanted: dict[str, set[UUID]] = {}
    for spec in target.fields:
        kind_name = spec.record if spec.sort == "record" else spec.refers_to
        if not kind_name:
            continue
        for line in lines:
            if line["state"] in (LineState.REFUSED, LineState.SKIPPED):
                continue
            pairs = [line.get(part, {}).get(spec.name, ()) for part in ("changes", "kept")]
            for value in (line.get("values", {}).get(spec.name), *pairs[0], *pairs[1]):
                if value and not name_to_make(value):
                    wanted.setdefault(kind_name, set()).add(UUID(value))
    names: dict[str, str] = {}
    for kind_name, uids in wanted.items():
        kind = kind_of(kind_name)
        rows = kind.model._default_manager.visible(viewer).filter(uid__in=uids)  # type: ignore[attr-defined]
        names.update((str(uid), name) for uid, name in rows.values_list("uid", kind.title))
    return names
