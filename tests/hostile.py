"""Plants a partner all of whose texts would script; run in the surroundings of a node, for the browser.

``hit()`` stands in each: whoever looks on counts how often it is called.
"""

from __future__ import annotations

import json
import sys
from typing import Any
from uuid import uuid4

import django

if __name__ == "__main__":
    django.setup()

from django.utils import timezone

from parkbench.exchange.models import Partner as Known
from parkbench.exchange.models import PullRun
from parkbench.exchange.rules import State
from parkbench.records.models import Home, SectionProblem
from parkbench.search.services import catch_up
from partners import Partner
from views.test_hostile_texts import TAGS

WAYS_OUT = ("", '">', "'>", "</td></table>", "--></script>", "</title></textarea></select>")
PAYLOADS = tuple(f"{out}{tag}" for out in WAYS_OUT for tag in TAGS)
"""Every text that would script, as it is and after a way out of each place where a page puts a text."""


def plant(payloads: tuple[str, ...] = PAYLOADS) -> dict[str, Any]:
    """Let a partner share instruments, units, services and events; a payload stands in every field."""
    beta = Partner.named("beta")
    units, uids = [], []
    for number, text in enumerate(payloads):
        other = payloads[(number + 1) % len(payloads)]
        if number % 20 == 0:
            units.append(beta.shares("unit", {"name": text, "description": other, "host_name": other}))
        shown = {"description": text, "maker_text": other[:90], "model_text": text, f"new_{number}": text}
        uids.append(
            beta.instrument(
                text,
                units[-1],
                basics=shown,
                capacity={"configuration": other},
                contact={"person_name": other, "mailbox": "ask@beta.example"},
            )
        )
        if number % 20 == 1:
            ref = beta.ref("instrument", uids[-1])
            event = {
                "name": text,
                "instrument_ref": ref,
                "happened_on": "2026-01-02",
                "event_kind": "failure",
            }
            beta.shares("service-event", event, economics={"supplier": other})
            offered = {"name": text, "description": other, "unit_ref": beta.ref("unit", units[-1])}
            beta.shares("service", {**offered, "sample_types": [other]}, capacity={"throughput": text})
    beta.pull()
    problems = list(SectionProblem.objects.values_list("kind", "reason"))
    _introduce(beta, payloads)
    catch_up()
    return {
        "payloads": len(payloads),
        "instruments": [str(uid) for uid in uids],
        "units": [str(uid) for uid in units],
        "problems": problems[:5],
    }


def _introduce(beta: Partner, payloads: tuple[str, ...]) -> None:
    """Let the partnership itself bear such texts: names, problems, the words of the last pulls."""
    now = timezone.now()
    Home.objects.filter(pk=beta.home.pk).update(name="<script>hit()</script>")
    known = Known.objects.create(
        home=beta.home,
        state=State.ACTIVE.value,
        state_at=now,
        problem=payloads[1],
        their_signatory=payloads[2],
    )
    for text in payloads[:8]:
        PullRun.objects.create(partner=known, started_at=now, reason="asked", is_ok=False, problem=text)
        SectionProblem.objects.create(
            home=beta.home, kind=text[:20], uid=uuid4(), section=text[:20], reason=text, sort="bad", at=now
        )


if __name__ == "__main__":
    sys.stdout.write(json.dumps(plant()))
