"""Importing in tests: a folder of its own, and a sheet given as text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cast import OPERATOR
from parkbench.intake import services
from parkbench.intake.models import Batch
from parkbench.intake.queries import source_named
from parkbench.intake.registry import target_of
from parkbench.intake.rules import Recipe, recipe_from_json


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "node" / "files"
    return tmp_path


class Sheets:
    """Writes sheets and imports them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, text: str, name: str = "list.csv") -> Path:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def bring(self, text: str, source: str = "inventory", by: Any = OPERATOR, **said: Any) -> Batch:
        return services.run(
            path=self.path(text),
            target="instruments",
            source=source,
            recipe=self.recipe(source, **said),
            by=by,
        )

    def dry(self, text: str, source: str = "inventory", **said: Any) -> dict[str, Any]:
        known = source_named(name=source)
        return services.dry_run(
            path=self.path(text),
            name="list.csv",
            target=target_of("instruments"),
            recipe=self.recipe(source, **said),
            source_id=known.pk if known else None,
            by=OPERATOR,
            plan=self.folder / "plan.jsonl",
        )[0]

    def recipe(self, source: str, **said: Any) -> Recipe:
        from dataclasses import replace

        known = source_named(name=source)
        return replace(recipe_from_json(known.recipe if known else {}), **said)


@pytest.fixture
def sheets(folder: Path) -> Sheets:
    return Sheets(folder)
