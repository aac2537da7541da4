"""Receives a partner's journal from prepared pages: unzips, verifies, takes in; says how long it took."""

from __future__ import annotations

import cProfile
import json
import os
import pstats
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import django

django.setup()

from parkbench.envelope.compression import unzip  # noqa: E402
from parkbench.envelope.pages import read_page  # noqa: E402
from parkbench.records.models import Home  # noqa: E402
from parkbench.records.services import accept_page, begin_walk, end_walk  # noqa: E402
from parkbench.site import collector  # noqa: E402


def main() -> None:
    """Receive the pages of a folder, report."""
    folder = Path(sys.argv[1])
    asked = json.loads((folder / "about.json").read_text())
    home = Home.objects.create(address=asked["iss"], name="Bench partner").pk
    audience, epoch = asked["audience"], asked["epoch"]
    collector.spare()
    profile = cProfile.Profile() if os.environ.get("BENCH_PROFILE") else None
    start, cpu, wire = time.perf_counter(), time.process_time(), 0.0
    if profile:
        profile.enable()
    begin_walk(home=home, audience=UUID(audience), epoch=UUID(epoch), sort="public")
    after, count, problems = 0, 0, 0
    for path in sorted(folder.glob("*.page")):
        began = time.process_time()
        page = read_page(
            unzip([path.read_bytes()]),
            keys=[asked["key"]],
            iss=asked["iss"],
            audience=audience,
            epoch=epoch,
            after=after,
            now=datetime.now(UTC),
        )
        wire += time.process_time() - began
        done = accept_page(home=home, page=page)
        after, count, problems = page.statement.upto, count + done.added, problems + done.problems
    end_walk(home=home, audience=UUID(audience))
    if profile:
        profile.disable()
        pstats.Stats(profile, stream=sys.stderr).sort_stats("tottime").print_stats(45)
    report = {
        "sections": count,
        "problems": problems,
        "is_equal": done.is_equal,
        "seconds": time.perf_counter() - start,
        "cpu": time.process_time() - cpu,
        "wire_cpu": wire,
    }
    sys.stdout.write(json.dumps(report))


main()
