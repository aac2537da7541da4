"""What is written is read back exactly, and no spreadsheet runs it."""

import csv
import io
from datetime import UTC, date, datetime, time
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkbench.lib.errors import Refused
from parkbench.lib.tabular import CsvWriter, XlsxWriter, csv_chunks, escape, open_table, unescape

TRIGGERS = tuple("=+-@\t\r＝＋－＠")
ANY = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)
RISKY = st.builds(
    lambda head, tail: head + tail, st.sampled_from(["=", "'=", "''@", " -", "'", "＝", "\t'", "'\r"]), ANY
)
TEXTS = st.one_of(ANY, RISKY)


def written(headers, rows, **known):
    target = io.BytesIO()
    with CsvWriter(target, headers, **known) as writer:
        for row in rows:
            writer.row(row)
    return target.getvalue()


@given(TEXTS)
def test_escaping_is_undone_exactly_and_leaves_no_trigger(text):
    assert unescape(escape(text)) == text
    assert not escape(text).startswith(TRIGGERS)


@given(TEXTS, TEXTS)
def test_two_texts_never_become_one(one, other):
    assert (escape(one) == escape(other)) == (one == other)


@given(st.lists(st.tuples(TEXTS, TEXTS, TEXTS), min_size=1, max_size=5), st.sampled_from(",;\t"))
def test_any_text_goes_out_and_comes_back_in_csv(rows, delimiter):
    rows = [("x", "y", "z"), *rows, ("x", "y", "z")]
    data = written(["Name", "Unit", "Remark"], rows, delimiter=delimiter)
    with open_table(data, name="x.csv") as table:
        assert table.headers == ["Name", "Unit", "Remark"]
        assert [tuple(row.cells) for row in table.rows] == rows
    cells = [
        cell
        for row in csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=delimiter)
        for cell in row
    ]
    assert not any(cell.startswith(TRIGGERS) for cell in cells)


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=4))
def test_any_text_goes_out_and_comes_back_in_a_workbook(rows):
    target = io.BytesIO()
    with XlsxWriter(target, ["Name", "Unit"]) as writer:
        for row in [("x", "y"), *rows, ("x", "y")]:
            writer.row(row)
    with open_table(target.getvalue(), name="x.xlsx") as table:
        assert [tuple(row.cells) for row in table.rows][1:-1] == rows


def test_numbers_stay_numbers_and_need_no_apostrophe():
    data = written(
        ["a", "b", "c", "d"], [[-5, -1.5, Decimal("-0.10"), 2.0], ["-5", None, True, Decimal("1E+3")]]
    )
    assert data.decode("utf-8-sig").splitlines()[1:] == ["-5,-1.5,-0.10,2", '"\'-5","","true",1000']


def test_other_values_are_written_in_their_usual_form():
    uid = UUID(int=5)
    data = written(
        ["a", "b", "c"], [[date(2019, 3, 31), datetime(2019, 3, 31, 5, tzinfo=UTC), uid], ["x", time(5), "-"]]
    )
    with open_table(data, name="x.csv") as table:
        rows = [row.cells for row in table.rows]
    assert rows == [["2019-03-31", "2019-03-31T05:00:00+00:00", str(uid)], ["x", "05:00:00", "-"]]


def test_a_workbook_keeps_types_and_runs_nothing():
    target = io.BytesIO()
    moment = datetime(2019, 3, 31, 5, tzinfo=UTC)
    rows = [
        ["=1+1", -5, Decimal("0.10"), True],
        ["http://x.example", date(2019, 3, 31), moment, 10**17],
        [None, date(1850, 1, 1), float("nan"), UUID(int=5)],
    ]
    with XlsxWriter(target, ["a", "b", "c", "d"], sheet="Park") as writer:
        for row in rows:
            writer.row(row)
    with open_table(target.getvalue(), name="x.xlsx") as table:
        assert table.sheet == "Park"
        assert [row.cells for row in table.rows] == [
            ["=1+1", -5, 0.1, True],
            ["http://x.example", date(2019, 3, 31), datetime(2019, 3, 31, 5), str(10**17)],
            ["", "1850-01-01", "nan", str(UUID(int=5))],
        ]


def test_a_text_too_long_for_a_cell_is_refused_not_dropped():
    writer = XlsxWriter(io.BytesIO(), ["a"])
    with pytest.raises(Refused, match="Row 2 holds a text of 40,000 characters"):
        writer.row(["x" * 40_000])
    writer.close()


def test_a_file_may_be_written_by_path(tmp_path):
    for path, kind in ((tmp_path / "x.csv", CsvWriter), (tmp_path / "x.xlsx", XlsxWriter)):
        with kind(path, ["a", "b"]) as writer:
            writer.row(["x", "y"])
        with open_table(path, name="x") as table:
            assert [row.cells for row in table.rows] == [["x", "y"]]


def test_a_stream_that_was_given_stays_open():
    target = io.BytesIO()
    writer = CsvWriter(target, ["a"])
    writer.close()
    writer.close()
    assert not target.closed


def test_chunks_are_the_same_bytes_in_pieces():
    rows = [[f"row {place}", place, "å" * 50] for place in range(5_000)]
    chunks = list(csv_chunks(["a", "b", "c"], iter(rows)))
    assert len(chunks) > 3
    assert max(map(len, chunks)) < 200_000
    assert b"".join(chunks) == written(["a", "b", "c"], rows)
