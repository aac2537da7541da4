"""What serving costs on a node of a given size: an idle poll, a page of changes, a publish, a narrowing."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

django.setup()
sys.path.insert(0, str(Path(__file__).parents[1]))

from django.db import connection  # noqa: E402
from park import BY, grow_to  # noqa: E402

import peers  # noqa: E402
from parkbench.envelope.compression import unzip, zip_bytes  # noqa: E402
from parkbench.exchange.models import ExchangeState  # noqa: E402
from parkbench.instruments import services as instruments  # noqa: E402
from parkbench.instruments.models import Instrument  # noqa: E402
from parkbench.records import rules, services  # noqa: E402
from parkbench.records.models import Audience  # noqa: E402

GROUPS, CHANGES = 30, 100


def timed(act: Callable[[], Any]) -> tuple[float, float, Any]:
    """Return seconds by the clock and of processor, and what the act returned."""
    start, busy = time.perf_counter(), time.process_time()
    done = act()
    return time.perf_counter() - start, time.process_time() - busy, done


def idle(peer: peers.Peer) -> dict[str, Any]:
    """Ask when nothing has changed: bytes, statements, the best of five times."""
    journals = peer.listing().journals
    query = {"nonce": "n", "have": [f"{each.audience}:{each.epoch}.{each.head}" for each in journals]}
    peer.get("/journals", query)  # notes how far it came
    seen: list[str] = []

    def note(execute: Any, sql: str, *rest: Any) -> Any:
        seen.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        answer = peer.get("/journals", query)
    seconds = min(timed(lambda: peer.get("/journals", query))[0] for _ in range(5))
    size = len(answer.content)
    return {"bytes": size, "journals": len(journals), "statements": len(seen), "ms": seconds * 1000}


def walk(peer: peers.Peer, audience: Audience) -> dict[str, Any]:
    """Read a whole journal, page by page."""
    after, size, pages, epoch = 0, 0, 0, ExchangeState.objects.get().epoch
    start, busy = time.perf_counter(), time.process_time()
    while True:
        answer = peer.get(f"/journals/{audience.token}", {"after": f"{epoch}.{after}", "walk": audience.head})
        statement = peers.read(answer.content, audience.token, after).statement
        after, size, pages = statement.upto, size + len(answer.content), pages + 1
        if statement.is_complete:
            spent = {"seconds": time.perf_counter() - start, "cpu": time.process_time() - busy}
            return {**spent, "bytes": size, "pages": pages, "count": statement.count}


def changed(peer: peers.Peer, audience: Audience) -> dict[str, Any]:
    """Change 100 records: the bytes of the page beside gzip of the changed items alone."""
    audience.refresh_from_db()
    rows = list(Instrument.objects.own().live().order_by("pk").values_list("uid", "name")[:CHANGES])
    for uid, name in rows:
        instruments.edit(uid=uid, values={"name": f"{name} moved"}, by=BY)
    epoch = ExchangeState.objects.get().epoch
    answer = peer.get(f"/journals/{audience.token}", {"after": f"{epoch}.{audience.head}"})
    items = unzip([answer.content]).partition(b"\n")[2]
    return {
        "bytes": len(answer.content),
        "floor": len(zip_bytes(items)),
        "items": items.count(b"\n"),
    }


def publishing(groups: list[Audience]) -> tuple[float, float]:
    """Write 100 changes that 30 audiences see, in one transaction."""
    mask = sum(1 << group.bit for group in groups)
    rows = Instrument.objects.own().live().order_by("-pk").values_list("uid", "name")[:CHANGES]
    found = list(rows)
    for uid, _name in found:
        services.share_record(kind="instrument", uid=uid, masks={"basics": mask}, by=BY)
    changes = {uid: {"name": f"{name} again"} for uid, name in found}
    drafts = [
        services.Draft(uid=uid, sections={"basics": _body(uid) | said}) for uid, said in changes.items()
    ]
    seconds, cpu, done = timed(lambda: services.publish(kind="instrument", drafts=drafts, by=BY))
    assert len(done.changed) == CHANGES
    return seconds, cpu


def _body(uid: Any) -> dict[str, Any]:
    from parkbench.records.models import Section

    return dict(json.loads(Section.objects.get(uid=uid, section="basics", is_current=True).body))


def main() -> None:
    """Measure at 10 records and at the size asked for."""
    count = int(sys.argv[1])
    peers.settle_here()
    groups = [
        services.add_audience(sort=Audience.Sort.CIRCLE, name=f"Group {number}", by=BY)
        for number in range(GROUPS)
    ]
    partners = Audience.objects.get(bit=1)
    for section in ("basics", "economics"):
        services.set_policy(kind="instrument", section=section, mask=rules.PARTNERS, by=BY)
    few, many = peers.Peer("beta"), peers.Peer("delta")
    peers.pin(few, reads=[partners])
    peers.pin(many, reads=[partners, *groups])
    grow_to(10)
    report: dict[str, Any] = {"idle_10": idle(few)}
    grow_to(count)
    partners.refresh_from_db()
    report |= {"idle": idle(few), "walk": walk(few, partners)}
    report["changed"] = changed(few, partners)
    report["publish"] = publishing(groups)
    report["idle_groups"] = idle(many)
    narrow = lambda: services.set_policy(  # noqa: E731
        kind="instrument", section="economics", mask=rules.NOBODY, by=BY
    )
    before = Audience.objects.get(bit=1).count
    seconds, cpu, _done = timed(narrow)
    report["narrow"] = (seconds, cpu)
    report["narrowed"] = before - Audience.objects.get(bit=1).count
    report["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps(report))


main()
