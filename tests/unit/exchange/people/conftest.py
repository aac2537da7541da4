"""A node of its own for every test: its folder, its address."""

from __future__ import annotations

from typing import Any

import pytest

import handshakes


@pytest.fixture(autouse=True)
def here(request: pytest.FixtureRequest, settings: Any, tmp_path: Any) -> None:
    """Keep keys and logs in a folder of the test's own."""
    settings.HOME = tmp_path
    if request.node.get_closest_marker("django_db"):
        request.getfixturevalue("db")
        handshakes.settle_here()
