"""Import records from a spreadsheet: dry run, accept, resume, undo."""  # noqa: N999 - the command's name

from __future__ import annotations

import json
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from parkbench.intake import queries, services
from parkbench.intake.forms import recipe_given
from parkbench.intake.models import Batch
from parkbench.intake.queries.files import plan_path
from parkbench.intake.registry import Target, target_of, targets
from parkbench.intake.rules import BatchState, LineState, Recipe, recipe_from_json
from parkbench.intake.services.planning import Beat
from parkbench.lib.errors import Refused
from parkbench.records.visibility import Viewer

SHOWN = 20
"""Refused values shown in the table; --json lists them all."""


class Command(BaseCommand):
    """Exit code 0: all rows are in; 1: some rows were refused; 2: nothing was done."""

    help = "Import records from a spreadsheet (CSV, XLSX, ODS): all that is not refused, unless --dry-run."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("target", help=f"what to import: {', '.join(one.name for one in targets())}")
        parser.add_argument("file", nargs="?", type=Path, help="the spreadsheet")
        parser.add_argument(
            "--source", default="", help="name of the source; without it the name of the file"
        )
        parser.add_argument("--map", type=Path, help="TOML file that says which column is which")
        parser.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="COLUMN=VALUE",
            help="a value given once for all rows",
        )
        parser.add_argument(
            "--category",
            action="append",
            default=[],
            metavar="WORD=CATEGORY",
            help="what a price type or group of the file means, such as Internal=internal; repeatable",
        )
        parser.add_argument("--sheet", default="", help="sheet of the workbook; without it the first")
        parser.add_argument(
            "--key",
            action="append",
            default=[],
            metavar="COLUMN",
            help="column that identifies a row; repeatable",
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would happen and write nothing")
        parser.add_argument("--json", action="store_true", help="report as JSON")
        parser.add_argument("--undo", type=UUID, metavar="BATCH", help="undo an import")
        parser.add_argument("--resume", action="store_true", help="go on with an import that was interrupted")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what was asked and leave with the exit code that says how it went."""
        try:
            report = self._report(options)
        except Refused as error:
            if options["json"]:
                self.stdout.write(json.dumps({"error": error.sentence}, ensure_ascii=False))
            raise CommandError(error.sentence, returncode=2) from error
        if options["json"]:
            self.stdout.write(json.dumps(report, ensure_ascii=False, indent=2))
        else:
            self._show(report)
        if report.get("refused"):
            sys.exit(1)

    def _report(self, options: dict[str, Any]) -> dict[str, Any]:
        name = options["target"]
        if name not in {one.name for one in targets()}:
            known = ", ".join(one.name for one in targets())
            raise Refused(f"“{name}” cannot be imported. What can be: {known}.")
        by = Viewer.operator()
        if options["undo"]:
            return _undone(options["undo"], by)
        if options["resume"]:
            return _resumed(name, options["source"], by)
        path: Path | None = options["file"]
        if path is None or not path.is_file():
            raise Refused(f"There is no file {path}." if path else "Name the file to import.")
        source = options["source"] or path.stem
        recipe = _recipe(target_of(name), source, options)
        if options["dry_run"]:
            return _dry_run(target_of(name), path, source, recipe, by)
        with _progress() as (on_read, on_written):
            batch = services.run(
                path=path,
                target=name,
                source=source,
                recipe=recipe,
                by=by,
                on_read=on_read,
                on_written=on_written,
            )
        return _accepted(batch)

    def _show(self, report: dict[str, Any]) -> None:
        console = Console(file=self.stdout)  # type: ignore[arg-type]
        table = Table("", "", title=report.get("title"), show_header=False)
        for label, value in report.items():
            if isinstance(value, int | str) and label != "title" and not isinstance(value, bool):
                table.add_row(label.replace("_", " "), str(value))
        for kind, names in (report.get("made") or {}).items():
            table.add_row(f"{kind} made" if report.get("batch") else f"{kind} to be made", ", ".join(names))
        if report.get("columns_not_imported"):
            table.add_row("columns not imported", ", ".join(report["columns_not_imported"]))
        console.print(table)
        if report.get("refused"):
            console.print(_refused_table(report["refused"]))
        if report.get("unmapped"):
            console.print(_unmapped_table(report["unmapped"]))
        for one in (report.get("kept") or [])[:SHOWN]:
            console.print(" · ".join(str(part) for part in one.values() if part), markup=False)


def _recipe(target: Target, source: str, options: dict[str, Any]) -> Recipe:
    remembered = queries.source_named(name=source)
    recipe = recipe_from_json(remembered.recipe if remembered else {})
    if remembered and remembered.target != target.name:
        raise Refused(f"The source “{remembered.name}” brings {remembered.target}. Choose another name.")
    recipe = recipe_given(
        target, recipe, map_file=options["map"], constants=options["set"], meanings=options["category"]
    )
    if options["sheet"]:
        recipe = replace(recipe, sheet=options["sheet"])
    if options["key"]:
        recipe = replace(recipe, key=tuple(options["key"]), is_key_known=True)
    return recipe


def _dry_run(target: Target, path: Path, source: str, recipe: Recipe, by: Viewer) -> dict[str, Any]:
    """Report what an import would do; the plan is written beside the node and thrown away."""
    known = queries.source_named(name=source)
    with tempfile.TemporaryDirectory() as folder, _progress() as (on_read, _on_written):
        plan = Path(folder) / "plan.jsonl"
        with services.reduced(target, path, path.name, recipe) as (kept, settled_recipe):
            counts, settled, facts = services.dry_run(
                path=kept,
                name=path.name,
                target=target,
                recipe=settled_recipe,
                source_id=known.pk if known else None,
                by=by,
                plan=plan,
                beat=on_read,
            )
        found = {
            **counts,
            "refused": queries.refused_of(plan=plan),
            "kept": queries.kept_of(plan=plan, target=target),
            "columns_not_imported": list(settled.unused()),
            "unmapped": _unmapped(facts, settled_recipe),
        }
    return {"title": f"Dry run of {path.name}: nothing was written", "source": source, "batch": None, **found}


def _unmapped(facts: dict[str, Any], recipe: Recipe) -> list[dict[str, Any]]:
    """Return the words whose meaning nobody said; shown to who asks for a dry run, and in no other report."""
    return [
        {
            "word": word["text"] or recipe.fleeting.get(word["mark"]),
            "rows": word["rows"],
            "hours": None if word["minutes"] is None else round(word["minutes"] / 60, 1),
        }
        for word in facts["words"]
        if not word["meaning"]
    ]


def _accepted(batch: Batch) -> dict[str, Any]:
    result, plan = batch.result, plan_path(batch.pk)
    late = result.get("late", [])
    refused = queries.refused_of(plan=plan, late=late)
    states = {state.value: result.get(state.value, 0) for state in (LineState.NEW, LineState.CHANGED)}
    return {
        "title": f"Imported {batch.file_name}",
        "source": batch.source.name,
        "batch": str(batch.pk),
        **batch.counts,
        **states,
        "unchanged": result.get("unchanged", 0),
        "refused": refused,
        "made": {kind: sorted(names.values()) for kind, names in batch.made.items()},
        "kept": queries.kept_of(plan=plan, target=target_of(batch.source.target)),
        "words_not_known": sum(not word["meaning"] for word in batch.facts.get("words", ())),
        "columns_not_imported": list(recipe_from_json(batch.recipe).unused()),
    }


def _undone(pk: UUID, by: Viewer) -> dict[str, Any]:
    with _progress() as (_on_read, on_written):
        batch = services.undo(batch_id=pk, by=by, beat=on_written)
    found = batch.result.get("undo", {})
    return {"title": f"Undone: {batch.file_name}", "batch": str(pk), **found}


def _resumed(target: str, source: str, by: Viewer) -> dict[str, Any]:
    batch = queries.last_written(target=target, source=source)
    if batch is None:
        raise Refused("No import was interrupted; there is nothing to go on with.")
    if batch.state == BatchState.UNDOING:
        return _undone(batch.pk, by)
    with _progress() as (_on_read, on_written):
        return _accepted(services.accept(batch_id=batch.pk, by=by, beat=on_written))


@contextmanager
def _progress() -> Iterator[tuple[Beat, Beat]]:
    """Show on standard error how many rows are read and written; yields the two callables to tell it."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,}"),
    )
    console = Console(stderr=True)
    with Progress(*columns, TimeElapsedColumn(), console=console, disable=not console.is_terminal) as shown:
        reading = shown.add_task("Reading", total=None)
        writing = shown.add_task("Writing", total=None, visible=False)
        yield (
            lambda rows: shown.update(reading, completed=rows),
            lambda rows: shown.update(writing, completed=rows, visible=True),
        )


def _unmapped_table(unmapped: list[dict[str, Any]]) -> Table:
    title = "What do these mean? Say it by --category WORD=CATEGORY, or on the page of the import"
    table = Table("In the file", "Rows", "Hours", title=title)
    for one in unmapped[:SHOWN]:
        hours = "" if one["hours"] is None else str(one["hours"])
        table.add_row(one["word"] or "(looks like a name: never shown)", str(one["rows"]), hours)
    return table


def _refused_table(refused: list[dict[str, Any]]) -> Table:
    table = Table("Row", "Column", "Found", "Expected", title=f"Refused: {len(refused)}")
    for problem in refused[:SHOWN]:
        table.add_row(*(str(problem[name] or "") for name in ("row", "column", "value", "expected")))
    return table
