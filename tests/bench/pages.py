"""Requests to a node's pages, whole and rendered, as a signed-in manager and as the public.

Usage: pages.py COUNT. Grows the machine park to so many instruments first. Prints JSON: milliseconds per kind
of request, and the number of statements of a few addresses.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Sequence

import django

django.setup()

import park  # noqa: E402
from django.core.cache import cache  # noqa: E402
from django.test import Client  # noqa: E402
from requests_made import Took, all_of, statements, took  # noqa: E402

from parkbench.instruments.models import Instrument  # noqa: E402
from parkbench.programme.models import Site, Unit  # noqa: E402
from parkbench.site import collector  # noqa: E402

REQUESTS = 40
SORTS = (
    "name",
    "-name",
    "model",
    "unit",
    "-status",
    "replacement_price",
    "-year",
    "site",
    "end_of_support_on",
)
SEARCHES = (
    *("microscope", "zeiss", "orbitrap", "leica sp8", "illumina novaseq", "sequencer blue", "INV-000007"),
    *(
        "clinical",
        "Eigenbau",
        "spare 12",
        "cytometer",
        "xevo",
        "confocal",
        "robot",
        "teaching 40",
        "nmr north",
    ),
)
COUNTED = (
    *("/instruments/", "/instruments/?sort=-replacement_price", "/instruments/?status=in-service&q=blue"),
    *("/instruments/facets/", "/instruments/figures/", "/search/?q=blue", "instrument"),
)


def addresses(pages: int, dice: random.Random) -> list[str]:
    """Return 40 addresses of the list: sorts, filters, quick searches, pages near and far."""
    units = list(Unit.objects.own().order_by("pk").values_list("uid", flat=True)[:6])
    sites = list(Site.objects.own().order_by("pk").values_list("uid", flat=True)[:3])
    narrowed = [
        "",
        *(f"unit={uid}" for uid in units[:3]),
        f"unit={units[3]}&unit={units[4]}",
        *(f"site={uid}" for uid in sites),
        "status=in-service",
        "status=out-of-service&status=limited",
        "maker=zeiss",
        "end_of_support_on.max=2026-12-31",
        "replacement_price.min=100000",
        "q=blue",
        "q=teaching+12",
        "",
    ]
    found = []
    for place in range(REQUESTS):
        chosen = narrowed[place % len(narrowed)]
        far = dice.choice((1, 1, 1, 2, 3, max(pages // 2, 1), pages))
        found.append(f"/instruments/?{chosen}&sort={SORTS[place % len(SORTS)]}&page={far}")
    return found


def facets(client: Client, found: Sequence[str]) -> dict[str, list[Took]]:
    """Time the facets of some lists: worked out, and kept."""
    cold, kept = [], []
    for place, address in enumerate(found):
        wanted = address.replace("/instruments/?", "/instruments/facets/?")
        cache.clear()
        first = took(client, wanted)
        if place:  # the first request of all opens files and reads templates
            cold.append(first)
            kept.append(took(client, wanted))
    return {"facets": cold, "facets_kept": kept}


def _shown_outside(address: str) -> str:
    """Ask for columns that the public may see."""
    narrowed = address.replace("replacement_price.min=100000", "status=limited")
    return narrowed.replace("sort=replacement_price", "sort=year")


def main(count: int) -> None:
    """Grow, look, report."""
    somebody = park.manager()
    park.grow_to(count)
    collector.spare()
    dice = random.Random(7)
    signed_in, public = Client(), Client()
    signed_in.force_login(somebody)
    pages = max(count // 50, 1)
    uids = list(Instrument.objects.own().live().order_by("pk").values_list("uid", flat=True))
    chosen = [f"/instruments/{dice.choice(uids)}/" for _ in range(REQUESTS)]
    found = addresses(pages, dice)
    searches = [f"/search/?q={text.replace(' ', '+')}" for text in (*SEARCHES, *SEARCHES, *SEARCHES)][
        :REQUESTS
    ]
    counted = [chosen[0] if address == "instrument" else address for address in COUNTED]
    report = {
        "list": all_of(signed_in, found),
        "list_public": all_of(public, [_shown_outside(one) for one in found]),
        "instrument": all_of(signed_in, chosen),
        "instrument_public": all_of(public, chosen),
        "search": all_of(signed_in, searches),
        "search_public": all_of(public, searches),
        **facets(signed_in, found[:12]),
        "statements": {name: statements(signed_in, one) for name, one in zip(COUNTED, counted, strict=True)},
    }
    sys.stdout.write(json.dumps(report))


main(int(sys.argv[1]))
