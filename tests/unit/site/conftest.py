"""A made node, copied for each test: making one takes seconds, copying none."""

import shutil
from pathlib import Path

import pytest

import nodes


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A node as init leaves it; look, do not touch."""
    home = tmp_path_factory.mktemp("made") / "alpha"
    done = nodes.init(home)
    assert done.returncode == 0, done.stderr
    return home


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    """A node of one's own."""
    return Path(shutil.copytree(made, tmp_path / "alpha"))
