"""Sources and imports: beginning one, checking its file, its states, who may touch it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from parkbench.accounts.rules import Action
from parkbench.intake.models import Batch, Source
from parkbench.intake.queries import batch_of, source_named
from parkbench.intake.queries.files import file_path, folder
from parkbench.intake.registry import Target, target_of
from parkbench.intake.rules import BatchState, Recipe, check_move, recipe_from_json
from parkbench.intake.services import files
from parkbench.intake.services.gathering import reduced_pieces
from parkbench.intake.services.planning import Beat, Plan
from parkbench.intake.services.reading import OpenSheet, open_sheet
from parkbench.intake.services.words import words_of
from parkbench.lib import jobs
from parkbench.lib.errors import NotAllowed, Refused
from parkbench.records.visibility import Viewer

CHECKED_AT_ONCE = 1_048_576
"""Files up to this many bytes are checked while the person waits."""


@transaction.atomic
def move(*, batch_id: UUID, to: BatchState, note: str = "") -> Batch:
    """This function will put an import into another state; raises Refused when it cannot go there."""
    batch = Batch.objects.select_for_update().select_related("source").get(pk=batch_id)
    sentence = check_move(batch.state, to)
    if sentence:
        raise Refused(sentence)
    batch.state, batch.note, batch.beat_at = to.value, note, timezone.now()
    batch.save(update_fields=["state", "note", "beat_at"])
    return batch


def check_may_import(by: Viewer) -> None:
    """Raise NotAllowed unless there is a unit this viewer may import into."""
    if not by.may_somewhere(Action.IMPORT):
        raise NotAllowed("You may not import. Ask the head of your unit or a manager.")


@transaction.atomic
def source_for(*, name: str, target: str, by: Viewer) -> Source:
    """This function will return the source of that name, made when it is new.

    Raises Refused when the name is empty or belongs to a source of other records.
    """
    check_may_import(by)
    name = " ".join(name.split())
    if not name or len(name) > 100:
        raise Refused("Name the source in at most 100 letters, such as “Inventory list of the platform”.")
    source = source_named(name=name)
    if source is None:
        return Source.objects.create(name=name, target=target, created_by_id=by.person_id)
    if source.target != target:
        raise Refused(
            f"The source “{source.name}” brings {source.target}, not {target}. Choose another name."
        )
    return source


def begin(
    *,
    source: str,
    target: str,
    file_name: str,
    pieces: Iterable[bytes],
    by: Viewer,
    recipe: Recipe | None = None,
    columns: Mapping[str, str] | None = None,
    hear: Callable[[Mapping[str, str]], None] | None = None,
) -> Batch:
    """This function will keep an uploaded file and begin an import of it, to be mapped and checked.

    Without a recipe the one remembered of the source is taken and filled in for this file; ``columns`` says
    field > heading beside it. ``hear`` is told the words that are shown once and not kept, by what stands for
    them. Raises NotAllowed, UnreadableFile, and Refused when no column is understood.
    """
    check_may_import(by)
    known = target_of(target)
    remembered = source_named(name=source)
    given = recipe or recipe_from_json(remembered.recipe if remembered else {})
    read = _read(known, pieces, file_name, with_columns(given, columns or {}), hear)
    with transaction.atomic():
        return Batch.objects.create(
            source=source_for(name=source, target=target, by=by),
            by_id=by.person_id,
            beat_at=timezone.now(),
            **read,
        )


def with_columns(recipe: Recipe, columns: Mapping[str, str]) -> Recipe:
    """Return the recipe with what a person said of the columns of the file as given."""
    return replace(recipe, columns={**recipe.columns, **columns})


def _read(
    target: Target,
    pieces: Iterable[bytes],
    file_name: str,
    recipe: Recipe,
    hear: Callable[[Mapping[str, str]], None] | None,
) -> dict[str, Any]:
    """Keep what may be kept of a file; return what its import says of it."""
    with reduced_pieces(target, pieces, file_name, recipe) as (kept, given):
        sha256, size = files.keep_file(kept)
    facts, settled = examine(path=file_path(sha256), name=file_name, target=target, recipe=given)
    if hear is not None:
        hear(settled.fleeting)
    return {
        "file_name": file_name[:255],
        "sha256": sha256,
        "file_size": size,
        "recipe": settled.as_json(),
        "facts": facts,
    }


def read_again(
    *,
    batch_id: UUID,
    file_name: str,
    pieces: Iterable[bytes],
    recipe: Recipe,
    columns: Mapping[str, str],
    by: Viewer,
    hear: Callable[[Mapping[str, str]], None] | None = None,
) -> Batch:
    """This function will read a file anew with other columns, where only a part of it is kept, and check it.

    Raises NotFound, UnreadableFile, and Refused when the import is accepted or a column is not there.
    """
    batch = _unaccepted(batch_id, by)
    read = _read(target_of(batch.source.target), pieces, file_name, with_columns(recipe, columns), hear)
    Batch.objects.filter(pk=batch.pk).update(**read, excluded=[], taken=[])
    return start_check(batch_id=batch_id, by=by)


def _unaccepted(batch_id: UUID, by: Viewer) -> Batch:
    """Return an import whose columns can still be said."""
    batch = batch_of(pk=batch_id, viewer=by)
    if check_move(batch.state, BatchState.CHECKING):
        raise Refused("This import is accepted already. Begin a new one to read the file in another way.")
    return batch


def examine(*, path: Path, name: str, target: Target, recipe: Recipe) -> tuple[dict[str, Any], Recipe]:
    """Return what a file is like (headings, first rows, sheets, how it is written) and its settled recipe."""
    sheet = open_sheet(path, name=name, target=target, recipe=recipe)
    with sheet.table:
        words = words_of(target, path=path, name=name, recipe=sheet.recipe)
        return {**facts_of(sheet), "words": words}, sheet.recipe


def facts_of(sheet: OpenSheet) -> dict[str, Any]:
    """Return what is kept of a file for its pages."""
    table = sheet.table
    return {
        "headings": table.headers,
        "sample": [
            [str("" if cell is None else cell)[:80] for cell in row.cells] for row in sheet.sample[:5]
        ],
        "sheet": table.sheet or "",
        "sheets": table.sheets,
        "dialect": table.dialect,
        "encoding": table.encoding,
        "above": [row.number for row in table.skipped_above],
    }


def set_recipe(*, batch_id: UUID, recipe: Recipe, by: Viewer) -> Batch:
    """This function will say how the columns of an import are read; it must be checked again after that.

    Raises NotFound, Refused when it is accepted already.
    """
    batch = _unaccepted(batch_id, by)
    target = target_of(batch.source.target)
    path = file_path(batch.sha256)
    facts, settled = examine(path=path, name=batch.file_name, target=target, recipe=recipe)
    Batch.objects.filter(pk=batch.pk).update(recipe=settled.as_json(), facts=facts, excluded=[], taken=[])
    return batch


def start_check(*, batch_id: UUID, by: Viewer) -> Batch:
    """This function will check the import: small files at once, larger ones by a job."""
    batch = batch_of(pk=batch_id, viewer=by)
    move(batch_id=batch.pk, to=BatchState.CHECKING)
    if batch.file_size <= CHECKED_AT_ONCE:
        return check(batch_id=batch.pk, by=by)
    jobs.enqueue("intake.check", batch=str(batch.pk))
    return batch


def check(*, batch_id: UUID, by: Viewer, beat: Beat | None = None) -> Batch:
    """This function will make the dry run of an import; only the import's own row is written.

    An unreadable file stops the import with the sentence that says why.
    """
    batch = move(batch_id=batch_id, to=BatchState.CHECKING)

    def told(rows: int) -> None:
        Batch.objects.filter(pk=batch_id).update(done=rows, beat_at=timezone.now())
        if beat:
            beat(rows)

    partial = folder() / f"{uuid4()}.part"
    try:
        counts = dry_run(
            path=file_path(batch.sha256),
            name=batch.file_name,
            target=target_of(batch.source.target),
            recipe=recipe_from_json(batch.recipe),
            source_id=batch.source_id,
            by=by,
            plan=partial,
            taken=frozenset(batch.taken),
            beat=told,
        )[0]
    except Refused as error:
        partial.unlink(missing_ok=True)
        return move(batch_id=batch_id, to=BatchState.STOPPED, note=error.sentence)
    files.move_plan(partial, batch_id)
    with transaction.atomic():
        moved = move(batch_id=batch_id, to=BatchState.CHECKED)
        moved.counts, moved.done, moved.result = counts, 0, {}
        moved.save(update_fields=["counts", "done", "result"])
    return moved


def dry_run(
    *,
    path: Path,
    name: str,
    target: Target,
    recipe: Recipe,
    source_id: int | None,
    by: Viewer,
    plan: Path,
    taken: frozenset[int] = frozenset(),
    beat: Beat | None = None,
) -> tuple[dict[str, Any], Recipe, dict[str, Any]]:
    """Return (counts, settled recipe, facts) of a file and leave its plan at ``plan``; no more is written.

    Raises UnreadableFile, and Refused when the recipe does not fit the file.
    """
    sheet = open_sheet(path, name=name, target=target, recipe=recipe)
    with sheet.table:
        words = words_of(target, path=path, name=name, recipe=sheet.recipe)
        facts = {**facts_of(sheet), "words": words}
        made = Plan(
            sheet=sheet, target=target, source_id=source_id, viewer=by, path=plan, taken=taken, beat=beat
        )
        counts = made.write()
    return counts, sheet.recipe, facts


@transaction.atomic
def choose_rows(
    *, batch_id: UUID, shown: Iterable[int], chosen: Iterable[int], is_kept_list: bool, by: Viewer
) -> Batch:
    """This function will keep a person's choice among the shown rows of one list.

    In the list of corrections by hand the sheet wins in the chosen rows; in the others, rows that are not
    chosen are left out. Raises NotFound, and Refused once the import is accepted.
    """
    batch = batch_of(pk=batch_id, viewer=by)
    if batch.state != BatchState.CHECKED:
        raise Refused("Rows can be chosen only before the import is accepted.")
    on_page, wanted = set(shown), set(chosen)
    if is_kept_list:
        batch.taken = sorted((set(batch.taken) - on_page) | (wanted & on_page))
    else:
        batch.excluded = sorted((set(batch.excluded) - on_page) | (on_page - wanted))
    batch.save(update_fields=["excluded", "taken"])
    return batch


def start_accept(*, batch_id: UUID, by: Viewer) -> Batch:
    """This function will queue the accepting of a checked import."""
    batch_of(pk=batch_id, viewer=by)
    with transaction.atomic():
        batch = move(batch_id=batch_id, to=BatchState.ACCEPTING)
        jobs.enqueue("intake.accept", batch=str(batch.pk))
    return batch
