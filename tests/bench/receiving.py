"""Receiving a partner's records: the first pull beside the same rows by sqlite3 alone; memory."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import floors
from commands import Broken, database, make_node, script
from figures import Cost, Figure, at_most, times

from parkbench.envelope import fingerprint
from parkbench.envelope.items import body_bytes
from parkbench.envelope.keys import new_key, public_jwk
from parkbench.envelope.pages import Item, write_page

PER_PAGE = 500
MOST_TIMES = 3
MOST_MB = 200
ISS = "https://partner.example"


def measure(*, folder: Path, rows: int) -> Iterator[Figure]:
    """Yield the figures of the first pull of as many sections as ``rows`` says."""
    pages = folder / "pages"
    pages.mkdir()
    prepare(pages, rows)
    node = make_node(folder / "receiver")
    ran = script(node, "accepting.py", pages)
    said = ran.report
    if said["sections"] != rows or said["problems"] or not said["is_equal"]:
        raise Broken(f"Not everything was taken in: {said}")
    ours = Cost(seconds=said["seconds"], cpu=said["cpu"])
    floor = floors.received_seconds(node=database(node), folder=folder)
    yield times(f"first pull of {rows:,} sections", ours, floor, MOST_TIMES)
    yield at_most("memory of receiving, its own", ran.own_mb, "MB", MOST_MB)
    yield at_most(
        "unzipping, signatures and lines, of the processor time",
        100 * said["wire_cpu"] / said["cpu"],
        "%",
        None,
    )


def prepare(folder: Path, rows: int) -> None:
    """Write the pages of a journal of instruments, basics and capacity of each, as files."""
    key, audience, epoch = new_key(), str(uuid4()), str(uuid4())
    now = datetime.now(UTC).replace(microsecond=0)
    total, items, number = fingerprint.EMPTY, [], 0
    for item in _items(rows, now):
        hashed = fingerprint.entry_hash(item.kind, item.uid, item.section, item.digest)
        total = fingerprint.add(total, hashed)
        items.append(item)
        if len(items) < PER_PAGE and item.seq < rows:
            continue
        is_last = item.seq == rows
        content = write_page(
            key,
            iss=ISS,
            audience=audience,
            epoch=epoch,
            after=items[0].seq - 1,
            upto=item.seq,
            head=rows,
            iat=now,
            items=items,
            count=rows if is_last else None,
            fingerprint=fingerprint.to_hex(total) if is_last else None,
        )
        (folder / f"{number:06}.page").write_bytes(content)
        items, number = [], number + 1
    about = {"iss": ISS, "audience": audience, "epoch": epoch, "key": public_jwk(key)}
    (folder / "about.json").write_text(json.dumps(about))


def _items(rows: int, now: datetime) -> Iterator[Item]:
    draw = random.Random(8)
    units = [f"{ISS}/id/unit/{uuid4()}" for _ in range(200)]
    words = ("confocal", "spinning disk", "mass spectrometer", "sequencer", "cryostat", "flow cytometer")
    for number in range(0, rows, 2):
        uid = UUID(int=draw.getrandbits(128), version=4)
        word = draw.choice(words)
        basics = {
            "name": f"{word} {number}",
            "unit_ref": draw.choice(units),
            "maker_text": draw.choice(("Zeiss", "Leica", "Thermo", "Illumina")),
            "model_text": f"{word} model {draw.randrange(400)}",
            "status": draw.choice(("in-service", "limited", "out-of-service")),
            "commissioned_on": f"20{draw.randrange(10, 26)}-0{draw.randrange(1, 10)}-15",
            "techniques": ["confocal-microscopy", "live-imaging"][: draw.randrange(1, 3)],
            "description": f"A {word} for everybody who comes with a sample, number {number}.",
        }
        capacity = {
            "configuration": f"{draw.randrange(2, 9)} lasers, {draw.randrange(1, 5)} detectors",
            "user_categories": ["internal", "academic"],
            "end_of_support_on": f"20{draw.randrange(27, 40)}-12-31",
            "expected_life_years": draw.randrange(5, 15),
        }
        for place, (section, body) in enumerate((("basics", basics), ("capacity", capacity))):
            if number + place < rows:
                yield Item(number + place + 1, "instrument", uid, section, 1, 1, now, body_bytes(body))
