"""Importing in tests: a folder of its own, and a sheet given as text."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cast import OPERATOR
from parkbench.intake import services
from parkbench.intake.models import Batch
from parkbench.intake.queries import source_named
from parkbench.intake.rules import recipe_from_json


@pytest.fixture
def bring(settings: Any, tmp_path: Path) -> Any:
    """Return what imports a sheet given as text."""
    settings.MEDIA_ROOT = tmp_path / "node" / "files"

    def brought(
        text: str, target: str = "services", by: Any = OPERATOR, source: str = "", **said: Any
    ) -> Batch:
        source = source or target
        known = source_named(name=source)
        recipe = replace(recipe_from_json(known.recipe if known else {}), **said)
        path = tmp_path / "list.csv"
        path.write_text(text, encoding="utf-8")
        return services.run(path=path, target=target, source=source, recipe=recipe, by=by)

    return brought
