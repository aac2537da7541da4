"""Accept: the plan written to the records, 1,000 rows a transaction, resumed after a kill."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from parkbench.intake.models import Batch, Source, SourceRow
from parkbench.intake.queries.files import plan_path
from parkbench.intake.registry import Context, Target, Values, fold, target_of
from parkbench.intake.rules import NEW, BatchState, LineState, recipe_from_json
from parkbench.intake.services.batches import move
from parkbench.intake.services.comparing import Comparer
from parkbench.intake.services.files import chunks_of_plan
from parkbench.intake.services.lines import Line, Needs, as_text
from parkbench.intake.services.reading import ReadRow
from parkbench.lib import jobs
from parkbench.lib.db import Turns
from parkbench.lib.errors import Invalid, Refused
from parkbench.records import bulk
from parkbench.records.services import gate
from parkbench.records.visibility import Viewer

Beat = Callable[[int], None]
WRITTEN = (LineState.NEW, LineState.CHANGED, LineState.UNCHANGED)


@dataclass(slots=True)
class _Run:
    """What one run of accepting looks up once."""

    batch_id: UUID
    source_id: int
    target: Target
    context: Context
    comparer: Comparer
    by: Viewer
    excluded: frozenset[int]
    needs: Needs


def accept(*, batch_id: UUID, by: Viewer, beat: Beat | None = None) -> Batch:
    """This function will write what the dry run found, except refused and left-out rows, or go on doing so.

    Every chunk of 1,000 rows is one transaction with its progress: after a kill it goes on where it stopped.
    Rows that cannot be written any more are refused then and listed in the result. Raises Refused when the
    import is in no state to be accepted.
    """
    batch = move(batch_id=batch_id, to=BatchState.ACCEPTING)
    run = _run(batch, by)
    chunks = chunks_of_plan(plan_path(batch_id), start=batch.done, size=bulk.CHUNK)
    done, turns = batch.done, Turns()
    for chunk in chunks:
        turns.begin()
        _accept_chunk(run, [Line(**line) for line in chunk], done)
        turns.end()
        done += len(chunk)
        if beat:
            beat(done)
    return _finish(batch_id)


def _run(batch: Batch, by: Viewer) -> _Run:
    target = target_of(batch.source.target)
    context = target.context(viewer=by)
    comparer = Comparer(
        target,
        context,
        recipe_from_json(batch.recipe),
        by,
        batch.source_id,
        frozenset(batch.taken),
        is_locking=True,
    )
    return _Run(
        batch.pk,
        batch.source_id,
        target,
        context,
        comparer,
        by,
        frozenset(batch.excluded),
        Needs(target, context.known),
    )


def _accept_chunk(run: _Run, planned: Sequence[Line], done: int) -> None:
    """Write one chunk, all or nothing; another worker at the same import makes this one stop."""
    with transaction.atomic():
        batch = Batch.objects.select_for_update().get(pk=run.batch_id)
        if batch.state != BatchState.ACCEPTING or batch.done != done:
            raise Refused("This import is being worked on elsewhere. Look at its page for how far it is.")
        gate.enter()
        lines = run.comparer.lines(
            [
                ReadRow(line.row, line.key, line.values, line.names, finds=line.finds)
                for line in planned
                if line.state in WRITTEN and line.row not in run.excluded
            ]
        )
        _make(run, lines, batch)
        _write(run, [line for line in lines if line.state in (LineState.NEW, LineState.CHANGED)])
        _keep_said(run, [line for line in lines if line.state in WRITTEN])
        missing = [line.key for line in planned if line.state == LineState.MISSING]
        _flag_missing(run, missing)
        _count(batch, planned, lines, run)


def _make(run: _Run, lines: Sequence[Line], batch: Batch) -> None:
    """Make the units, makers and sites that these lines name and that are not here, once each."""
    wanted: dict[str, dict[str, str]] = {}
    for line in lines:
        for kind, name in run.needs.of(line):
            wanted.setdefault(kind, {}).setdefault(fold(name), name)
    for kind, names in wanted.items():
        try:
            with transaction.atomic():
                made = run.target.make(kind=kind, names=list(names.values()), by=run.by, batch=run.batch_id)
        except Refused as error:
            _refuse_needing(run, lines, kind, error)
            continue
        known = run.context.known.setdefault(kind, {})
        for name, uid in made.items():
            known[fold(name)] = str(uid)
            batch.made.setdefault(kind, {})[str(uid)] = name
    if wanted:
        run.needs.forget()
        for line in lines:
            _name_by_uid(run, line)


def _refuse_needing(run: _Run, lines: Sequence[Line], kind: str, error: Refused) -> None:
    for line in lines:
        if any(needed == kind for needed, _name in run.needs.of(line)):
            line.refuse([_refusal(line, error.sentence)])


def _name_by_uid(run: _Run, line: Line) -> None:
    """Put the uid of what was just made where the line still names it."""
    for spec in run.target.fields:
        value = line.values.get(spec.name)
        if spec.sort == "record" and isinstance(value, str) and value.startswith(NEW):
            uid = run.context.known.get(spec.record, {}).get(fold(value[len(NEW) :]), value)
            line.values[spec.name] = uid
            if spec.name in line.changes:
                line.changes[spec.name][1] = uid


def _refusal(line: Line, sentence: str) -> dict[str, Any]:
    return {"row": line.row, "column": "", "value": line.title or None, "expected": sentence}


def _write(run: _Run, lines: Sequence[Line]) -> None:
    """Write the records; halve what is refused until the row that is to blame stands alone."""
    if not lines:
        return
    new: list[tuple[UUID, Values]] = []
    changed: list[tuple[UUID, Values]] = []
    for line in lines:
        if line.state == LineState.NEW:
            line.uid = line.uid or str(uuid4())
            values = {name: value for name, value in line.values.items() if value is not None}
            new.append((UUID(line.uid), values))
        else:
            changed.append((UUID(line.uid), {name: pair[1] for name, pair in line.changes.items()}))
    try:
        with transaction.atomic():
            run.target.write(new=new, changed=changed, by=run.by, batch=run.batch_id)
    except Refused as error:
        if len(lines) == 1:
            lines[0].refuse(_late_problems(run, lines[0], error))
            return
        half = len(lines) // 2
        _write(run, lines[:half])
        _write(run, lines[half:])


def _late_problems(run: _Run, line: Line, error: Refused) -> list[dict[str, Any]]:
    if not isinstance(error, Invalid):
        return [_refusal(line, error.sentence)]
    columns = run.comparer.recipe.columns
    return [
        {**problem.as_dict(), "row": line.row, "column": columns.get(problem.field, problem.field)}
        for problem in error.problems
    ]


def _keep_said(run: _Run, lines: Sequence[Line]) -> None:
    """Keep what the source said, for the rows about which it says something else than before."""
    rows, superseded = [], []
    for line in lines:
        names = {f"~{name}": text for name, text in line.names.items()}
        said = {**line.base_said, **line.values, **names}
        said = {name: value for name, value in said.items() if value is not None}
        if line.base is not None and said == line.base_said and not line.is_back:
            continue
        if line.base is not None:
            superseded.append((False, line.base))
        rows.append((run.source_id, run.batch_id, line.key, UUID(line.uid), line.row, as_text(said), True))
    bulk.amend(SourceRow, columns=("is_current",), rows=superseded, key=("id",))
    columns = ("source_id", "batch_id", "key", "uid", "row_number", "said", "is_current")
    bulk.upsert(SourceRow, columns=columns, rows=rows)


def _flag_missing(run: _Run, keys: Sequence[str]) -> None:
    if keys:
        rows = SourceRow.objects.filter(source_id=run.source_id, is_current=True, key__in=keys)
        rows.filter(missing_batch=None).update(missing_batch=run.batch_id)


def _count(batch: Batch, planned: Sequence[Line], lines: Sequence[Line], run: _Run) -> None:
    """Add the chunk to the result, in the chunk's own transaction."""
    result = batch.result
    for line in lines:
        result[line.state] = result.get(line.state, 0) + 1
        result["kept"] = result.get("kept", 0) + bool(line.kept)
    result["left_out"] = result.get("left_out", 0) + sum(line.row in run.excluded for line in planned)
    late = result.setdefault("late", [])
    late.extend(problem for line in lines for problem in line.problems)
    batch.done += len(planned)
    batch.beat_at = timezone.now()
    batch.save(update_fields=["result", "done", "beat_at", "made"])


def _finish(batch_id: UUID) -> Batch:
    """Close the import and remember its recipe for the next file of this source."""
    with transaction.atomic():
        batch = move(batch_id=batch_id, to=BatchState.ACCEPTED)
        batch.accepted_at = timezone.now()
        batch.save(update_fields=["accepted_at"])
        Source.objects.filter(pk=batch.source_id).update(recipe=batch.recipe)
        if batch.done >= bulk.CHUNK:
            jobs.enqueue("records.refresh_statistics")
    return batch
