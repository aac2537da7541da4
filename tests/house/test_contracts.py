"""The contracts of `.importlinter` hold, and each fault that they are there for is caught."""

import configparser
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from house.source import FREE_ROOMS, PACKAGE, ROOMS, TOP, copy_of_package, plant

LINTER = Path(sys.executable).with_name("lint-imports")

FAULTS = {
    "an import of a higher floor": (
        {"records/queries.py": "from parkbench.overview import views", "overview/views.py": ""},
        "parkbench.records.queries -> parkbench.overview.views",
    ),
    "an import of the ground above": (
        {"lib/urn.py": "from parkbench.accounts import models", "accounts/models.py": ""},
        "parkbench.lib.urn -> parkbench.accounts.models",
    ),
    "an import of a sibling": (
        {"programme/queries.py": "import parkbench.catalogue.queries", "catalogue/queries.py": ""},
        "parkbench.programme.queries -> parkbench.catalogue.queries",
    ),
    "an import of the sibling one floor up": (
        {"instruments/queries.py": "import parkbench.search.queries", "search/queries.py": ""},
        "parkbench.instruments.queries -> parkbench.search.queries",
    ),
    "a lazy import inside a function": (
        {
            "accounts/services.py": "def lazy():\n    from parkbench.records import models",
            "records/models.py": "",
        },
        "parkbench.accounts.services -> parkbench.records.models",
    ),
    "an import for type checkers only": (
        {
            "accounts/models.py": "if TYPE_CHECKING:\n    from parkbench.records.models import Section",
            "records/models.py": "",
        },
        "parkbench.accounts.models -> parkbench.records.models",
    ),
    "a room that stands on no floor": ({"cellar/__init__.py": ""}, "- parkbench.cellar"),
    "a step up the stairs": (
        {
            "instruments/models.py": "from parkbench.instruments import services",
            "instruments/services.py": "",
        },
        "parkbench.instruments.models -> parkbench.instruments.services",
    ),
    "a step up the stairs by way of another file": (
        {
            "search/rules.py": "from parkbench.search import wire",
            "search/wire.py": "from parkbench.search import queries",
            "search/queries.py": "",
        },
        "parkbench.search.rules -> parkbench.search.wire",
    ),
    "a view that imports an API": (
        {"intake/views.py": "from parkbench.intake import api", "intake/api.py": ""},
        "parkbench.intake.views -> parkbench.intake.api",
    ),
    "a stray file in a room": ({"catalogue/odds_and_ends.py": ""}, "- parkbench.catalogue.odds_and_ends"),
    "a circle between two files that no stairs order": (
        {
            "lib/first.py": "from parkbench.lib import second",
            "lib/second.py": "from parkbench.lib import first",
        },
        "No cycles are allowed in parkbench.lib",
    ),
    "Django in the envelope": (
        {"envelope/items.py": "from django.utils import timezone"},
        "parkbench.envelope.items -> django",
    ),
    "another room in the envelope": (
        {"envelope/items.py": "from parkbench.lib import errors", "lib/errors.py": ""},
        "parkbench.envelope.items -> parkbench.lib.errors",
    ),
    "Django in rules": (
        {"programme/rules.py": "from django.db import models"},
        "parkbench.programme.rules -> django",
    ),
    "Django in rules by way of lib": (
        {"programme/rules.py": "from parkbench.lib import reach", "lib/reach.py": "import django.db"},
        "parkbench.lib.reach -> django",
    ),
}


def lint(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run import-linter over the package in a folder, without its cache."""
    # A copy is read, never run: coverage, which starts itself in every child, must not count it.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    path = kept | {"PYTHONPATH": str(folder), "COLUMNS": "200", "NO_COLOR": "1"}
    command = [str(LINTER), "--no-logo", "--no-cache", *options]
    return subprocess.run(command, cwd=folder, env=path, text=True, capture_output=True, check=False)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the package beside its contracts, to plant faults in."""
    shutil.copy(TOP / ".importlinter", tmp_path)
    return copy_of_package(tmp_path)


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What import-linter says of a copy without any planted fault."""
    folder = tmp_path_factory.mktemp("before")
    shutil.copy(TOP / ".importlinter", folder)
    copy_of_package(folder)
    done = lint(folder)
    assert "Contracts:" in done.stdout, done.stdout + done.stderr
    return done.stdout


def test_the_house_keeps_every_contract() -> None:
    config = str(TOP / ".importlinter")
    done = lint(TOP / "src", "--config", config)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_caught(copied: Path, before: str, fault: str) -> None:
    files, named = FAULTS[fault]
    assert named not in before
    for file, text in files.items():
        plant(copied, file, text)
    done = lint(copied.parent)
    assert done.returncode == 1, done.stdout + done.stderr
    assert named in done.stdout


def test_every_room_has_its_stairs() -> None:
    config = configparser.ConfigParser()
    config.read(TOP / ".importlinter", encoding="utf-8")
    containers = set(config["importlinter:contract:stairs"]["containers"].split())
    on_disk = {path.parent.name for path in PACKAGE.glob("*/__init__.py")} - {*FREE_ROOMS, "site"}
    assert containers == {f"parkbench.{room}" for room in on_disk} == {f"parkbench.{room}" for room in ROOMS}


def test_the_contracts_are_exhaustive_and_ignore_nothing() -> None:
    config = configparser.ConfigParser()
    config.read(TOP / ".importlinter", encoding="utf-8")
    for contract in ("floors", "stairs"):
        assert config[f"importlinter:contract:{contract}"]["exhaustive"] == "True"
    softenings = {"ignore_imports", "exhaustive_ignores", "skip_descendants", "exclude_type_checking_imports"}
    assert not [(name, key) for name in config.sections() for key in config[name] if key in softenings]
