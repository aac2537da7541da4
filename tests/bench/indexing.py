"""The job that indexes what a large change left: how long it takes, and how many records it indexed."""

from __future__ import annotations

import json
import sys
import time

import django

django.setup()

from parkbench.search.services import catch_up  # noqa: E402
from parkbench.site import collector  # noqa: E402


def main() -> None:
    """Index, report."""
    collector.spare()
    start = time.perf_counter()
    count = catch_up()
    sys.stdout.write(json.dumps({"records": count, "seconds": time.perf_counter() - start}))


main()
