"""Bookings summed by whole columns come to what they come to one by one."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from parkbench.figures.importers import tallies
from parkbench.figures.importers.summing import Places, Sums

HEADINGS = ("resource", "start", "end", "category", "group")
PLACES = Places({name: place for place, name in enumerate(HEADINGS)}, dict(zip(HEADINGS, HEADINGS)), 5)  # noqa: B905
DAYS = ("2025-03-29", "2025-03-30", "2025-03-31", "2025-10-26", "2024-02-29")
begins = st.builds(
    lambda day, minutes: datetime.fromisoformat(day) + timedelta(minutes=minutes),
    st.sampled_from(DAYS),
    st.sampled_from((0, 90, 180, 600, 1410)),
)
lengths = st.sampled_from((-30, 0, 30, 60, 300, 1440, 1500)).map(lambda minutes: timedelta(minutes=minutes))
wrong = st.sampled_from((("", ""), ("2025-02-30 10:00", "2025-03-03 10:00"), ("2025-03-03 10:00", "noon")))
times = st.tuples(begins, lengths).map(
    lambda one: (f"{one[0]:%Y-%m-%d %H:%M}", f"{one[0] + one[1]:%Y-%m-%d %H:%M}")
)


def lists_of(times):
    """Return lists of bookings with these times."""
    texts = (("A", "B", " A ", ""), ("in", "out", " in"), ("", "G1", "G2", "G3 "))
    resource, category, group = map(st.sampled_from, texts)
    rows = st.tuples(resource, times, category, group).map(lambda one: [one[0], *one[1], *one[2:]])
    return st.lists(rows, max_size=40)


def summed(blocks, *, shape=str, by_columns=True):
    """Return the sums by what tells them apart, and the rows at fault."""
    faults, numbers = [], count(1)
    sums = Sums(PLACES, ZoneInfo("Europe/Stockholm"), "dmy", lambda found: faults.append(found.row))
    sums._is_simple = by_columns
    for block in blocks:
        shaped = [[row[0], shape(row[1]), shape(row[2]), *row[3:]] for row in block]
        sums.add(next(numbers), shaped)
        for _more in block[1:]:
            next(numbers)
    groups = sums.tally.groups.known
    found = {}
    for key, first, minutes, sessions, bits in sums.cells():
        named = {name for place, name in enumerate(groups[1:]) if bits >> place & 1}
        found[key] = (first, minutes, sessions, named)
    return found, sorted(faults)


def by_dots(text):
    """Return 31.03.2025 14:30 for 2025-03-31 14:30, anything else as it is."""
    day, _space, hour = text.partition(" ")
    return f"{day[8:]}.{day[5:7]}.{day[:4]} {hour}" if hour else text


@given(lists_of(times) | lists_of(times | wrong))
def test_a_block_comes_to_what_its_rows_come_to(found):
    one_by_one = summed([found], by_columns=False)
    assert summed([found]) == one_by_one
    assert summed([found], shape=by_dots) == one_by_one
    assert summed([found[:7], found[7:]]) == one_by_one


def test_sums_are_the_same_when_many_rows_wait(monkeypatch):
    bookings = [
        [name, "2025-03-03 09:00", "2025-03-03 10:00", "in", f"G{n % 3}"] for n in range(9) for name in "AB"
    ]
    whole = summed([bookings])
    monkeypatch.setattr(tallies, "MOST", 4)
    monkeypatch.setattr(tallies, "_BITS", 1)
    assert summed([bookings[:5], bookings[5:]]) == whole
    assert whole[0]["B", "in", "", "", "2025-03"] == (2, 540, 9, {"G0", "G1", "G2"})
