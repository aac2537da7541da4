"""The overview with three years of use and service events: of a manager, of a head of unit, and in print.

Usage: overviews.py COUNT. Grows the machine park to so many instruments first. Prints JSON: milliseconds per
kind of request, and the number of statements.
"""

from __future__ import annotations

import json
import sys

import django

django.setup()

import park  # noqa: E402
import past  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402
from requests_made import all_of, statements  # noqa: E402

from parkbench.overview.models import Visit  # noqa: E402
from parkbench.site import collector  # noqa: E402

REQUESTS = 40


def main(count: int) -> None:
    """Grow, look, report."""
    manager = park.manager()
    park.grow_to(count)
    past.grow_past(timezone.localdate())
    head = past.head_of_unit()
    past.change_lately([manager, head])
    collector.spare()
    clients = {"overview": Client(), "overview_head": Client()}
    for name, person in (("overview", manager), ("overview_head", head)):
        clients[name].force_login(person)
    report = {name: all_of(client, ["/"] * REQUESTS) for name, client in clients.items()}
    report["brief"] = all_of(clients["overview"], ["/brief.pdf"] * 12)
    counted = {"/": statements(clients["overview"], "/")}
    Visit.objects.filter(person=manager).update(previous_at=None)
    report["overview_first"] = all_of(clients["overview"], ["/"] * REQUESTS)
    sys.stdout.write(json.dumps({**report, "statements": counted}))


main(int(sys.argv[1]))
