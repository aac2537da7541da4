"""Lists, pages, search and facets at 10, a fifth and all of the rows; exports at the last two."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import floors
from commands import Broken, Ran, copied, database, run, script
from figures import Figure, at_most, percentile, times

FORMS = ("csv", "xlsx", "jsonl")
NAMES = {
    "list": "list",
    "list_public": "list, as the public",
    "instrument": "page of an instrument",
    "instrument_public": "page of an instrument, as the public",
    "search": "search",
    "search_public": "search, as the public",
    "facets": "facets, worked out",
    "facets_kept": "facets, kept",
}
OVERVIEWS = {
    "overview": "overview",
    "overview_head": "overview, head of unit",
    "overview_first": "overview, first visit",
    "brief": "brief as PDF",
}
ASKED_OF_A_FIFTH = {"list": 100, "list_public": 100, "facets": 150}
ASKED = {**dict.fromkeys(NAMES, 150), "facets": 700, "facets_kept": 50}


def measure(*, node: Path, folder: Path, rows: int, only: str) -> Iterator[Figure]:
    """Yield the figures of pages, exports, or both, on one node that grows."""
    home = copied(node, folder / "park")
    few: dict[str, Any] = script(home, "pages.py", 10).report if only != "export" else {}
    exports: dict[str, list[Ran]] = {form: [] for form in FORMS}
    for count, asked in ((rows // 5, ASKED_OF_A_FIFTH), (rows, ASKED)):
        report = script(home, "pages.py", count).report
        if only != "export":
            yield from _requests(report, NAMES, count, asked, floors.list_milliseconds(database(home)))
        if only != "export" and count < rows:
            yield from _overviews(node, home, folder, count)
        if only != "lists":
            for form in FORMS:
                exports[form].append(_export(home, folder, form, count))
        if count == rows and only != "export":
            yield from _statements(few["statements"], report["statements"], rows)
    if only != "lists":
        yield from _exports(home, folder, exports, rows)


def _requests(
    report: dict[str, Any], names: dict[str, str], count: int, asked: dict[str, int], floor: float
) -> Iterator[Figure]:
    for key, name in names.items():
        found = report[key]
        value = percentile([milliseconds for milliseconds, _busy, _address in found], 0.95)
        busy = percentile([busy for _milliseconds, busy, _address in found], 0.95)
        most = asked.get(key)
        beside = floor if key.startswith("list") else None
        yield at_most(f"{count:,}: {name}, p95", value, "ms", most, floor=beside, cpu=busy)
        if most and value > most:
            for milliseconds, spent, address in sorted(found, reverse=True)[:2]:
                yield at_most(f"  slow: {address}", milliseconds, "ms", None, cpu=spent)


def _overviews(node: Path, home: Path, folder: Path, count: int) -> Iterator[Figure]:
    """Measure the first page on a copy that has three years of use and service events beside."""
    few = script(copied(node, folder / "overview-few"), "overviews.py", 10).report["statements"]
    report = script(copied(home, folder / "overview"), "overviews.py", count).report
    asked = {"overview": 150, "overview_head": 150, "overview_first": 150, "brief": 2_000}
    yield from _requests(report, OVERVIEWS, count, asked, 0)
    yield from _statements(few, report["statements"], count)


def _statements(few: dict[str, int], many: dict[str, int], rows: int) -> Iterator[Figure]:
    for address, count in many.items():
        yield Figure(
            what=f"statements of {address} at {rows:,} rows, beside 10",
            ours=str(count),
            floor=str(few[address]),
            asked="the same",
            is_met=count == few[address],
        )


def _export(home: Path, folder: Path, form: str, count: int) -> Ran:
    path = folder / f"export.{form}"
    done = run(home, "export", "instruments", "--format", form, "--out", path)
    path.unlink()
    if done.report["rows"] != count:
        raise Broken(f"Expected {count} rows in the export, found {done.report['rows']}.")
    return done


def _exports(home: Path, folder: Path, exports: dict[str, list[Ran]], rows: int) -> Iterator[Figure]:
    for form, (small, large) in exports.items():
        floor = floors.export_seconds(database(home), form, folder / f"floor.{form}")
        yield times(f"export of {rows:,} rows as {form.upper()}", large, floor)
        ratio = large.own_mb / small.own_mb
        yield Figure(
            what=f"  its memory, beside {rows // 5:,} rows",
            ours=f"{large.own_mb:.0f} MB",
            floor=f"{small.own_mb:.0f} MB",
            ratio=ratio,
            asked="constant (<= 1.2 x)",
            is_met=ratio <= 1.2,
        )
        yield at_most("  with mapped pages of the database", large.peak_mb, "MB", None, floor=small.peak_mb)
