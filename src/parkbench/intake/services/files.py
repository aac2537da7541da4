"""Kept files: what was uploaded, and the plan of each import, under the node's folder."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from django.utils import timezone

from parkbench.intake.models import Batch
from parkbench.intake.queries.files import file_path, folder, plan_path

KEPT = timedelta(days=90)
"""How long an uploaded file and its plan are kept (retention table of the handbook)."""


def keep_file(pieces: Iterable[bytes]) -> tuple[str, int]:
    """This function will keep a file under its SHA-256, once, and return (digest, bytes)."""
    digest, size = hashlib.sha256(), 0
    partial = folder() / f"{timezone.now().timestamp()}.part"
    with partial.open("wb") as written:
        for piece in pieces:
            digest.update(piece)
            size += len(piece)
            written.write(piece)
    partial.replace(file_path(digest.hexdigest()))
    return digest.hexdigest(), size


def pieces_of(path: Path) -> Iterator[bytes]:
    """Yield a file in pieces of 1 MB."""
    with path.open("rb") as opened:
        while piece := opened.read(1_048_576):
            yield piece


def forget_plan(batch: UUID) -> None:
    """This function will remove the plan of an import, so that it is made anew."""
    plan_path(batch).unlink(missing_ok=True)


def move_plan(source: Path, batch: UUID) -> None:
    """This function will put a finished plan in its place, all at once."""
    shutil.move(source, plan_path(batch))


def chunks_of_plan(path: Path, *, start: int, size: int) -> Iterator[list[dict[str, Any]]]:
    """Yield the lines of a plan from number ``start`` (0-based), ``size`` at a time."""
    with path.open(encoding="utf-8") as opened:
        lines = islice(opened, start, None)
        while chunk := [json.loads(line) for line in islice(lines, size)]:
            yield chunk


def purge(*, now: datetime | None = None) -> int:
    """This function will remove files and plans of imports older than 90 days; returns how many files."""
    before = (now or timezone.now()) - KEPT
    kept = set(Batch.objects.filter(at__gte=before).values_list("sha256", flat=True))
    old = Batch.objects.filter(at__lt=before)
    count = 0
    for pk, sha256 in old.values_list("pk", "sha256"):
        paths = [plan_path(pk), *([] if sha256 in kept else [file_path(sha256)])]
        for path in paths:
            count += path.exists()
            path.unlink(missing_ok=True)
    return count
