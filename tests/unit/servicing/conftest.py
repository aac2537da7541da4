"""Service events in tests: two units, three instruments, and sheets given as text."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

import cast
from cast import OPERATOR
from parkbench.intake import services as intake
from parkbench.intake.models import Batch
from parkbench.intake.queries import source_named
from parkbench.intake.registry import target_of
from parkbench.intake.rules import Recipe, recipe_from_json
from parkbench.servicing import services


@dataclass
class Park:
    """Two units; a microscope and a sorter in the first, a robot in the second."""

    imaging: UUID
    robots: UUID
    scope: UUID
    sorter: UUID
    robot: UUID

    def event(self, instrument: str = "scope", by: Any = OPERATOR, **values: Any) -> UUID:
        """Note an event, a failure on 4 March 2025 unless said otherwise."""
        usual = {"happened_on": "2025-03-04", "event_kind": "failure"}
        if "cost" in values:
            values.setdefault("currency", "SEK")
        return services.add(instrument=getattr(self, instrument), values={**usual, **values}, by=by)


@pytest.fixture
def park(db: None) -> Park:
    imaging, robots = cast.unit("Imaging"), cast.unit("Robots")
    return Park(
        imaging=imaging,
        robots=robots,
        scope=cast.instrument("Scope", imaging, serial_number="S-1", inventory_number="I-1"),
        sorter=cast.instrument("Sorter", imaging, serial_number="S-2", inventory_number="I-2"),
        robot=cast.instrument("Robot", robots, serial_number="S-3", inventory_number="I-3"),
    )


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "node" / "files"
    return tmp_path


class Sheets:
    """Writes service logs and imports them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, text: str, name: str = "log.csv") -> Path:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def bring(self, text: str, source: str = "log", by: Any = OPERATOR) -> Batch:
        return intake.run(
            path=self.path(text),
            target="service-events",
            source=source,
            recipe=self.recipe(source),
            by=by,
        )

    def dry(self, text: str, source: str = "log") -> dict[str, Any]:
        known = source_named(name=source)
        return intake.dry_run(
            path=self.path(text),
            name="log.csv",
            target=target_of("service-events"),
            recipe=self.recipe(source),
            source_id=known.pk if known else None,
            by=OPERATOR,
            plan=self.folder / "plan.jsonl",
        )[0]

    def recipe(self, source: str) -> Recipe:
        known = source_named(name=source)
        return recipe_from_json(known.recipe if known else {})


@pytest.fixture
def sheets(folder: Path) -> Sheets:
    return Sheets(folder)
