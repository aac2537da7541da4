"""Nodes of different versions: what a reader does not understand is kept, shown so, used after an upgrade.

The older reader is played by its own pull in a process from whose register a kind, a part or a schema was
taken; the pages are those of the process beside it.
"""

from __future__ import annotations

import pytest

from living import Node

Pair = tuple[Node, Node]

OLDER = """
from dataclasses import replace
from parkbench.exchange import client
from parkbench.records import registry
kind = registry.kind_of("instrument")
if given["lacks"] == "kind":
    older = None
elif given["lacks"] == "part":
    sections = tuple(s for s in kind.sections if s.name != "economics")
    older = replace(kind, sections=sections, search={s.name: kind.search.get(s.name, ()) for s in sections})
else:
    sections = tuple(replace(s, version=0) if s.name == "basics" else s for s in kind.sections)
    older = replace(kind, sections=sections)
if older is None:
    del registry._kinds["instrument"]
else:
    registry._kinds["instrument"] = older
try:
    run = client.pull(partner=acts.Partner.objects.get(home__address=given["url"]).pk, reason="command")
    said = [run.is_ok, run.problem, [one["fingerprint_ok"] for one in run.journals]]
finally:
    registry._kinds["instrument"] = kind
"""


@pytest.mark.parametrize("lacks", ["kind", "part", "schema"])
def test_what_an_older_reader_does_not_know_is_kept_shown_as_such_and_used_after_an_upgrade(
    pair: Pair, lacks: str
) -> None:
    alpha, beta = pair
    uid = alpha.do("add", name=f"Newer by a {lacks}", replacement_price=7_000, replacement_currency="SEK")
    alpha.do("share", uid=uid, basics="partners", economics="partners")
    is_ok, problem, equal = beta.script(OLDER, lacks=lacks, url=alpha.url)
    assert (is_ok, problem, set(equal)) == (True, "", {True})
    held = beta.do("held", uid=uid)
    assert held["members"] == held["bodies"] == ["basics", "economics"]
    assert held["seen"] is (lacks == "part")
    assert ["economics" if lacks == "part" else "basics", "unknown"] in held["problems"]
    assert held["price"] == ""
    assert "not understood by this version" in beta.page_of(alpha)
    assert beta.shows(uid) is (lacks == "part")

    assert beta.do("run_job", name="records.reapply") >= 1
    held = beta.do("held", uid=uid)
    assert (held["seen"], held["price"], held["problems"]) == (True, "7000", [])
    assert beta.shows(uid, f"Newer by a {lacks}")
    beta.pulls(alpha)


NEWER = """
import json
from parkbench.envelope.digests import digest
from parkbench.envelope.items import body_bytes
from parkbench.records.services import gate
from parkbench.records.services.publishing import settle_records
from django.db import transaction
row = acts.Section.objects.get(uid=given["uid"], section="basics", is_current=True)
body = body_bytes({**json.loads(row.body), "helium_recovery": "by a later version"})
with transaction.atomic():
    gate.close()
    acts.Section.objects.filter(pk=row.pk).update(is_current=False)
    row.pk, row.body, row.digest, row.revision = None, body.decode(), digest(body), row.revision + 1
    row.save()
    settle_records(acts.kind_of("instrument"), [row.uid], {(row.uid, "basics"): row.digest})
"""


def test_a_field_that_an_older_reader_does_not_know_is_kept_and_the_rest_is_used(pair: Pair) -> None:
    alpha, beta = pair
    uid = alpha.do("add", name="With a field of tomorrow")
    alpha.do("share", uid=uid, basics="partners")
    beta.pulls(alpha)
    alpha.script(NEWER, uid=uid)
    beta.pulls(alpha)
    held = beta.do("held", uid=uid)
    assert (held["seen"], held["name"], held["problems"]) == (True, "With a field of tomorrow", [])
    body = beta.script("said = acts.Section.objects.get(uid=given['uid'], section='basics').body", uid=uid)
    assert "helium_recovery" in body
    assert beta.shows(uid, "by a later version")
