"""Where uploaded files and plans lie."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from django.conf import settings


def folder() -> Path:
    """Return the folder of imports beside the node's files, made when it is not there."""
    path = Path(settings.MEDIA_ROOT).parent / "imports"
    path.mkdir(parents=True, exist_ok=True)
    return path


def file_path(sha256: str) -> Path:
    """Return where the file with this SHA-256 is kept."""
    return folder() / sha256


def plan_path(batch: UUID) -> Path:
    """Return where the plan of an import is kept: one JSON line per row."""
    return folder() / f"{batch}.plan.jsonl"
