"""Nodes killed at any instant, the one who reads and the one who is read: nothing lost, doubled, back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import nodes

HERE = Path(__file__).parent
KILLS = 1000 if os.environ.get("HYPOTHESIS_PROFILE") == "long" else 50
SEED = int(os.environ.get("PARKBENCH_SEED", "20261128"))


def killed(home: Path, what: str, count: int) -> dict[str, Any]:
    """Let forks of one process in a node's surroundings be killed; return what came of it."""
    more = {
        "PARKBENCH_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "parkbench.site.settings",
        "PYTHONPATH": os.pathsep.join([str(HERE.parent), *filter(None, [os.environ.get("PYTHONPATH")])]),
    }
    done = subprocess.run(
        [sys.executable, str(HERE / "kills.py"), what, str(SEED), str(count)],
        env=nodes.surroundings(**more),
        capture_output=True,
        text=True,
        check=False,
        timeout=60 + 5 * count,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("what", ["reader", "origin"])
def test_nothing_is_lost_doubled_or_back_whoever_is_killed(
    home: Path, what: str, say: Callable[[str], None]
) -> None:
    count = KILLS if what == "reader" else KILLS // 2
    found = killed(home, what, count)
    assert found["wrong"] == []
    assert found["killed"] == count
    where = found.pop("where")
    # In every sort of place: within and beside transactions, and in a pull beside requests too.
    places = {place.split()[-1] for place in where}
    assert {"statement", "commit", "clock"} <= places
    assert what == "origin" or "request" in places
    say(f"kills, {what}, seed {SEED}: {found}, {dict(sorted(where.items()))}")
