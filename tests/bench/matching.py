"""Names of instruments: how well rows are seen to be models, on rows that no rule was written for; scale.

`rows/` says where the rows come from; real names come from `../shared/reference`, split by their source.
"""

from __future__ import annotations

import csv
import random
import resource
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path

import matching_scale as scale
from figures import Figure, at_most
from names import Figures, grouped, measured, read_mentions, read_rows

from parkbench.comparison.matching import Answer, Matcher, Mention, Register, read_register, shipped_register

SEEN_ROWS = tuple(
    f"development{more}"
    for more in ("", "_again", "_more", "_fourth", "_fifth", "_sixth", "_seventh", "_eighth")
)
ROWS = Path(__file__).parent / "rows"
MENTIONS = Path(__file__).parents[3] / "shared" / "reference" / "matching" / "instrument_mentions.psv"
SEEN = frozenset(("hubmap", "mdibl", "psims", "gms-se", "sdrf", "brief"))
"""Sources of real names that those who wrote the rules had before them; the others are held out."""


def measure(*, names: int) -> Iterator[Figure]:
    """Measure names, invented names and scale; ``names`` is how many are matched against 5,000 models."""
    register = shipped_register()
    for name in (*SEEN_ROWS, "held_out"):
        yield from _rows(name, register, is_held_out=name == "held_out")
    for name in ("invented", "invented_again", "invented_third", "invented_fourth", "invented_fifth"):
        yield from _invented(name)
    yield from _mentions(register)
    yield from _scale(names)


def at_least(what: str, value: float, least: float | None, counts: str = "") -> Figure:
    """Hold a share to a bound."""
    return Figure(
        what=what,
        ours=f"{100 * value:.2f} %",
        floor=counts,
        asked="" if least is None else f">= {100 * least:g} %",
        is_met=None if least is None else value >= least,
    )


def _rows(name: str, register: Register, *, is_held_out: bool) -> Iterator[Figure]:
    rows = read_rows(ROWS / f"{name}.csv")
    with (ROWS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        told = list(csv.DictReader(file))
    asked = (0.99, 0.90, 0.95) if is_held_out else (None, None, None)
    what = f"names, {name.replace('_', ' ')} ({len(rows):,} rows)"
    found = measured(rows, register)
    counts = found.counts
    yield at_least(
        f"{what}: precision of matched",
        found.precision,
        asked[0],
        f"{counts['right']} of {counts['matched']}",
    )
    yield at_least(f"{what}: recall", found.recall, asked[1], f"{counts['right']} of {counts['in register']}")
    yield at_least(f"{what}: F1", found.f1, asked[2])
    yield from _other_states(what, found, is_held_out=is_held_out)
    yield from _siblings(what, told, Matcher(register).match([row.mention for row in rows]))


def _invented(name: str) -> Iterator[Figure]:
    rows = read_rows(ROWS / f"{name}.csv")
    with (ROWS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        told = list(csv.DictReader(file))
    answers = Matcher(read_register(ROWS / f"{name}_register")).match([row.mention for row in rows])
    yield from _by_groups(f"names, {name.replace('_', ' ')} ({len(rows):,} rows)", told, answers)


def _other_states(what: str, found: Figures, *, is_held_out: bool) -> Iterator[Figure]:
    for kind, least in (
        ("not in register", 0.95 if is_held_out else None),
        ("undecided", None),
        ("none", None),
    ):
        right, every = found.counts[f"{kind}: right"], found.counts[kind]
        yield at_least(f"{what}: {kind}, said so", right / max(1, every), least, f"{right} of {every}")


def _siblings(what: str, told: Sequence[Mapping[str, str]], answers: Sequence[Answer]) -> Iterator[Figure]:
    """Count, among rows of different models of one family and maker, those that are given one key."""
    siblings = merged = 0
    for (one, a), (other, b) in combinations(zip(told, answers, strict=True), 2):
        if one["status"] != "model" or other["status"] != "model" or one["group"] == other["group"]:
            continue
        if (one["maker"], one["family"]) == (other["maker"], other["family"]):
            siblings += 1
            merged += bool(a.key) and a.key == b.key
    share = 100 * merged / max(1, siblings)
    yield at_most(f"{what}: siblings merged, of {siblings:,} pairs", share, "%", 0.5)


def _by_groups(what: str, told: Sequence[Mapping[str, str]], answers: Sequence[Answer]) -> Iterator[Figure]:
    """Compare by pairs: rows of one model meet, whether the register has it or not; others do not."""
    meet = both = should = 0
    for (one, a), (other, b) in combinations(zip(told, answers, strict=True), 2):
        are_same = one["status"] == other["status"] == "model" and one["group"] == other["group"]
        are_met = bool(a.key) and a.key == b.key
        meet, both, should = meet + are_met, both + (are_met and are_same), should + are_same
    yield at_least(f"{what}: precision of pairs", both / max(1, meet), None, f"{both} of {meet}")
    yield at_least(f"{what}: recall of pairs", both / max(1, should), None, f"{both} of {should}")
    counts = Counter(
        (row["status"], row["status"] == {"matched": "model", "proposed": "model"}.get(a.status, a.status))
        for row, a in zip(told, answers, strict=True)
    )
    for status in ("model", "undecided", "none"):
        right = counts[status, True]
        every = right + counts[status, False]
        yield at_least(f"{what}: {status}, said so", right / max(1, every), None, f"{right} of {every}")
    yield from _siblings(what, told, answers)


def _mentions(register: Register) -> Iterator[Figure]:
    if not MENTIONS.is_file():
        yield Figure(
            what=f"names, real: not measured, ../shared/reference/matching/{MENTIONS.name} is absent", ours=""
        )
        return
    held = read_mentions(MENTIONS, leave_out=SEEN)
    for what, rows, asked in (
        ("names, real, sources held out", held, (0.99, 0.90, 0.95)),
        (
            "names, real, sources seen",
            [row for row in read_mentions(MENTIONS) if row not in held],
            (None,) * 3,
        ),
    ):
        found = grouped(rows, register)
        for name, least in zip(("pair precision", "pair recall", "pair F1"), asked, strict=True):
            yield at_least(f"{what} ({len(rows)}): {name}", found[name], least)
        yield at_most(f"{what}: siblings merged", 100 * found["siblings merged"], "%", 0.5)


def _scale(count: int) -> Iterator[Figure]:
    draw = random.Random(5)
    models = max(5_000, count // 20)
    register = scale.invented(models, draw)
    rows = scale.messy(register, count, draw)
    matcher = Matcher(register)
    clock, busy = time.perf_counter(), time.process_time()
    matcher.match([mention for mention, _ in rows])
    seconds = time.perf_counter() - clock
    what = f"{count:,} names against {len(register.models):,} models"
    yield at_most(
        f"{what}, end to end", seconds, "s", 60 if count <= 100_000 else 1200, cpu=time.process_time() - busy
    )
    clock, busy = time.perf_counter(), time.process_time()
    matcher.match([Mention(f"{mention.text} new") for mention, _ in rows[:1000]])
    seconds = time.perf_counter() - clock
    yield at_most("1,000 new names", seconds, "s", 3, cpu=time.process_time() - busy)
    recall, rate = scale.candidates(matcher, rows[:2000])
    yield at_least("candidate recall at 10", recall, 0.98)
    yield Figure(
        what="names: pairs laid side by side a second and core",
        ours="",
        busy=f"{rate:,.0f}",
        asked=">= 10,000",
        is_met=rate >= 10_000,
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield at_most(f"{what}: memory at the peak of this run", peak, "MB", 2048 if count > 100_000 else None)
