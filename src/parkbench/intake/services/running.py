"""One import from the command line: dry run and accept in one go."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from parkbench.intake.models import Batch
from parkbench.intake.queries import source_named
from parkbench.intake.queries.files import folder
from parkbench.intake.registry import target_of
from parkbench.intake.rules import BatchState, Recipe
from parkbench.intake.services import files
from parkbench.intake.services.accepting import accept
from parkbench.intake.services.batches import check_may_import, dry_run, source_for
from parkbench.intake.services.gathering import reduced
from parkbench.intake.services.planning import Beat
from parkbench.records.visibility import Viewer


def run(
    *,
    path: Path,
    target: str,
    source: str,
    recipe: Recipe,
    by: Viewer,
    on_read: Beat | None = None,
    on_written: Beat | None = None,
) -> Batch:
    """This function will import a file whole: check it, then accept everything that is not refused.

    Raises UnreadableFile, and Refused when the recipe does not fit the file; then nothing was written.
    """
    check_may_import(by)
    plan = folder() / f"{uuid4()}.part"
    try:
        with reduced(target_of(target), path, path.name, recipe) as (kept, settled):
            batch = _checked(kept, plan, target, source, settled, name=path.name, by=by, on_read=on_read)
    finally:
        plan.unlink(missing_ok=True)
    return accept(batch_id=batch.pk, by=by, beat=on_written)


def _checked(
    path: Path,
    plan: Path,
    target: str,
    source: str,
    recipe: Recipe,
    *,
    name: str,
    by: Viewer,
    on_read: Beat | None,
) -> Batch:
    """Dry-run the file and keep it with its plan, ready to be accepted."""
    known = source_named(name=source)
    counts, settled, facts = dry_run(
        path=path,
        name=name,
        target=target_of(target),
        recipe=recipe,
        source_id=known.pk if known else None,
        by=by,
        plan=plan,
        beat=on_read,
    )
    sha256, size = files.keep_file(files.pieces_of(path))
    with transaction.atomic():
        batch = Batch.objects.create(
            source=source_for(name=source, target=target, by=by),
            state=BatchState.CHECKED.value,
            file_name=name[:255],
            sha256=sha256,
            file_size=size,
            recipe=settled.as_json(),
            facts=facts,
            counts=counts,
            by_id=by.person_id,
            beat_at=timezone.now(),
        )
        files.move_plan(plan, batch.pk)
    return batch
