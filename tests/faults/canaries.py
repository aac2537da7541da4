"""Run by test_withdrawn_words: a partner shares marked words in every kind, then takes them back."""

from __future__ import annotations

import sys
from typing import Any
from uuid import uuid4

import django

if __name__ == "__main__":
    django.setup()

from django.test import Client
from django.urls import reverse

import cast
from parkbench.accounts.rules import Role
from parkbench.records.models import Section
from parkbench.records.registry import kind_of, kinds
from parkbench.records.services import purge_home, settle_departures
from parkbench.search.services import catch_up
from partners import Partner

LISTS = ("instruments", "services", "capabilities", "service-events", "units", "platforms", "sites")


def bodies(beta: Partner) -> list[tuple[str, dict[str, dict[str, Any]]]]:
    """Return kind and sections of one record of each kind; WORD stands where a marked word goes."""
    unit, platform = beta.ref("unit", uuid4()), beta.ref("platform", uuid4())
    instrument, mail = beta.ref("instrument", uuid4()), {"person_name": "WORD", "mailbox": "WORD@b.example"}
    text = {"name": "WORD", "description": "WORD and WORD"}
    price = {"id": str(uuid4()), "label": "WORD", "unit": "hour", "amount": 5, "currency": "SEK"}
    event = {"instrument_ref": instrument, "happened_on": "2026-01-02", "event_kind": "failure"}
    named = {"name": "WORD", "aliases": ["WORD"]}
    return [
        ("organisation", {"basics": text}),
        ("platform", {"basics": text, "contact": mail}),
        ("unit", {"basics": {**text, "platform_ref": platform, "host_name": "WORD"}, "contact": mail}),
        ("site", {"basics": {"name": "WORD", "address": "WORD", "city": "WORD"}}),
        ("maker", {"basics": {**named, "key": "m"}}),
        ("technique", {"basics": {**named, "key": "t"}}),
        ("model", {"basics": {"designation": "WORD", "family": "WORD", "aliases": ["WORD"], "key": "m/o"}}),
        (
            "instrument",
            {
                "basics": {**text, "unit_ref": unit, "model_text": "WORD", "maker_text": "WORD"},
                "capacity": {"configuration": "WORD WORD"},
                "economics": {"legal_owner": "WORD", "insurance": "WORD"},
                "contact": mail,
            },
        ),
        (
            "service",
            {
                "basics": {**text, "unit_ref": unit, "sample_types": ["WORD"]},
                "capacity": {"throughput": "WORD"},
                "contact": mail,
                "prices": {"prices": [price]},
            },
        ),
        ("capability", {"basics": text, "contact": mail}),
        ("service-event", {"basics": {**event, "name": "WORD"}, "economics": {"supplier": "WORD"}}),
        ("telescope", {"basics": {"name": "WORD"}}),
    ]


class Words:
    """Gives out words that stand nowhere else, so that each can be looked for."""

    count = 0

    def marked(self, value: Any) -> Any:
        """Return a body with a word of its own wherever WORD stands."""
        if isinstance(value, dict):
            return {name: self.marked(each) for name, each in value.items()}
        if isinstance(value, list):
            return [self.marked(each) for each in value]
        while isinstance(value, str) and "WORD" in value:
            self.count += 1
            value = value.replace("WORD", f"kanary{self.count:04}x", 1)
        return value


def look_at_everything(beta: Partner, **here: str) -> int:
    """Open lists, pages, searches and files of the partner's records; return in how many answers words stood.

    ``here`` is how the node is asked, so that it answers as in its own surroundings.
    """
    client = Client(**here)  # type: ignore[arg-type]
    client.force_login(cast.person("Mona", Role.MANAGER))
    urls = [f"/{name}/{end}?home=partners" for name in LISTS for end in ("", "export.csv", "export.xlsx")]
    urls += [f"/search/?q=kanary{number:04}x&home=all" for number in range(1, 200, 20)]
    for kind in kinds():
        rows = kind.model._default_manager.filter(home=beta.home).values_list("uid", flat=True)[:2]
        urls += [reverse(kind_of(kind.name).page, args=[uid]) for uid in rows if kind.page]
    seen = 0
    for url in urls:
        answer = client.get(url, secure=True)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
        seen += b"kanary" in body
    return seen


def share_and(way: str, **here: str) -> tuple[int, int, int]:
    """Share, look, take back as is asked for: how many words, bodies kept, answers with words."""
    words, beta = Words(), Partner.named("beta")
    while words.count < 200:
        for kind, sections in bodies(beta):
            uid = uuid4()
            for section, body in sections.items():
                beta.public.name(kind, uid, section, words.marked(body))
    beta.pull()
    catch_up()
    seen = look_at_everything(beta, **here)
    if way == "withdraw":
        for entry in beta.public.live():
            beta.public.drop(entry.kind or "", entry.uid or uuid4(), entry.section or "")
        beta.pull()
        settle_departures(home=beta.home.pk)
    elif way == "purge":
        purge_home(home=beta.home.pk)
    return words.count, Section.objects.filter(home=beta.home).count(), seen


if __name__ == "__main__":
    sys.stdout.write(" ".join(map(str, share_and(sys.argv[1], HTTP_HOST="alpha.example"))))
