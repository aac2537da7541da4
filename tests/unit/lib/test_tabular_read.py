"""Tables of any usual form are read as a person sees them."""

import csv
import io
from datetime import date, datetime

import pytest
import xlsxwriter
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table as OdfTable
from odf.table import TableCell, TableRow
from odf.text import P

from parkbench.lib.tabular import Limits, UnreadableFile, kind_of_row, looks_numeric, open_table

SWEDISH = "Namn;Plats;Pris\r\nMikroskop;Göteborg;1.234,50\r\nGerät für Größe;Åbo;12,5\r\n"


def read(data, **known):
    with open_table(data if isinstance(data, bytes) else data.encode(), name="park.csv", **known) as table:
        return table, [list(row.cells) for row in table.rows]


def book(rows, sheet="Park", before=()):
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as written:
        for name in before:
            written.add_worksheet(name)
        page = written.add_worksheet(sheet)
        day = written.add_format({"num_format": "yyyy-mm-dd"})
        for place, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                page.write(place, column, cell, *([day] if isinstance(cell, date) else []))
    return target.getvalue()


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("utf-32", "UTF-32"),
        ("cp1252", "Windows-1252"),
        ("latin-1", "Windows-1252"),
        ("mac_roman", "Mac Roman"),
        ("cp850", "DOS (code page 850)"),
    ],
)
def test_letters_come_out_right_in_every_encoding(encoding, said):
    table, rows = read(SWEDISH.encode(encoding))
    assert table.encoding == said
    assert table.headers == ["Namn", "Plats", "Pris"]
    assert rows == [["Mikroskop", "Göteborg", "1.234,50"], ["Gerät für Größe", "Åbo", "12,5"]]


def test_polish_letters_come_out_right():
    table, rows = read("Nazwa;Miasto\nŹródło światła;Łódź\nMikroskop;Kraków\n".encode("cp1250"))
    assert rows[0] == ["Źródło światła", "Łódź"]
    assert table.encoding == "Windows-1250"


def test_a_foreign_letter_far_down_is_seen_before_reading_begins():
    text = "Name;Place\n" + "LSM 980;Room 1\n" * 20_000 + "LSM 980;Göteborg\n"
    for encoding in ("utf-8", "cp1252"):
        assert read(text.encode(encoding))[1][-1] == ["LSM 980", "Göteborg"]


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("a,b\n1,2\n", "separated by commas", ["1", "2"]),
        ("a\tb\n1,5\t2,5\n", "separated by tabs", ["1,5", "2,5"]),
        ("a|b\n1|2\n", "separated by vertical bars", ["1", "2"]),
        ("name;price;mass\nx;1,5;2,5\ny;1,6;3,5\n", "separated by semicolons", ["x", "1,5", "2,5"]),
        ("name,tags\nx,a;b\ny,c;d\n", "separated by commas", ["x", "a;b"]),
        ("sep=|\na|b\n1|2;3\n", "separated by vertical bars", ["1", "2;3"]),
        ("'a','b'\n'1;2','3'\n", "separated by commas, texts in '", ["1;2", "3"]),
        ('"a","b"\n"x\ny, z","say ""yes"""\n', "separated by commas", ["x\ny, z", 'say "yes"']),
        ('a, "b"\n1, "x, y"\n', "separated by commas", ["1", "x, y"]),
        ('a,b\n1,"5\\" tube, long"\n', "separated by commas", ["1", '5" tube, long']),
        ("a;b\r1;2\r", "separated by semicolons", ["1", "2"]),
        ("name\nx\ny\n", "one column", ["x"]),
    ],
)
def test_it_finds_the_dialect(text, words, expected):
    table, rows = read(text)
    assert table.dialect == words
    assert rows[0] == expected


def test_row_numbers_are_those_a_spreadsheet_shows():
    text = 'Machine park\n\nName,Unit,Note\nA,B,"two\nlines"\n\nC,D,x\n'
    with open_table(text.encode(), name="park.csv") as table:
        assert table.headers == ["Name", "Unit", "Note"]
        assert table.header_number == 3
        assert [(row.number, row.cells[0]) for row in table.skipped_above] == [(1, "Machine park")]
        assert [(row.number, row.cells[0]) for row in table.rows] == [(4, "A"), (5, ""), (6, "C")]
    with open_table(b"sep=;\na;b\n1;2\n", name="park.csv") as table:
        assert [row.number for row in table.rows] == [3]


def test_row_numbers_stay_right_beyond_the_first_rows():
    text = "a,b\n" + "".join(f"{place},x\n" for place in range(2, 500))
    with open_table(text.encode(), name="park.csv") as table:
        assert all(row.cells[0] == str(row.number) for row in table.rows)


def test_short_rows_are_filled_and_long_ones_keep_their_surplus():
    text = "a,b\n1\n" + "x,y\n" * 100 + "1,2,,\n1,2,3\n1\n"
    table, rows = read(text)
    assert table.headers == ["a", "b"]
    assert rows[0] == ["1", ""]
    assert rows[-3:] == [["1", "2"], ["1", "2", "3"], ["1", ""]]


def test_header_names_are_unique_and_never_empty():
    table, _ = read("Name,Name, ,Name (2),Name\n1,2,3,4,5\n")
    assert table.headers == ["Name", "Name (3)", "Column 3", "Name (2)", "Name (4)"]
    assert read('"Two\n lines",b\n1,2\n')[0].headers == ["Two lines", "b"]


def test_a_workbook_keeps_its_types_and_says_its_sheet():
    rows = [
        ["Machine park 2024"],
        [],
        ["Name", "Price", "Since"],
        ["A", 100, date(2019, 3, 31)],
        ["B", 0.5, ""],
    ]
    table, cells = read(book(rows, before=["Empty"]))
    assert (table.sheet, table.sheets, table.dialect) == ("Park", ["Empty", "Park"], "sheet “Park”")
    assert table.header_number == 3
    assert cells == [["A", 100, date(2019, 3, 31)], ["B", 0.5, ""]]
    assert [type(cell) for cell in cells[0]] == [str, int, date]
    assert not isinstance(cells[0][2], datetime)


def test_a_sheet_may_be_chosen_by_name():
    data = book([["a"], ["x"]], before=["First"])
    assert read(data, sheet="Park")[1] == [["x"]]
    with pytest.raises(UnreadableFile, match=r"no sheet called “Other”. It has: First, Park"):
        read(data, sheet="Other")
    with pytest.raises(UnreadableFile, match=r"“First” of park\.csv is empty"):
        read(data, sheet="First")


def test_open_document_sheets_are_read():
    document = OpenDocumentSpreadsheet()
    page = OdfTable(name="Park")
    document.spreadsheet.addElement(page)
    for values in (["Name", "Größe"], ["LSM", 5], ["Y", 2.5]):
        row = TableRow()
        page.addElement(row)
        for value in values:
            known = (
                {"valuetype": "string"} if isinstance(value, str) else {"valuetype": "float", "value": value}
            )
            cell = TableCell(**known)
            cell.addElement(P(text=str(value)))
            row.addElement(cell)
        row.addElement(TableCell(numbercolumnsrepeated=1000))
    rest = TableRow(numberrowsrepeated=1_048_000)
    rest.addElement(TableCell(numbercolumnsrepeated=1024))
    page.addElement(rest)
    target = io.BytesIO()
    document.save(target)
    table, rows = read(target.getvalue())
    assert table.headers == ["Name", "Größe"]
    assert rows == [["LSM", 5], ["Y", 2.5]]


def test_a_path_is_read_as_bytes_are(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text(SWEDISH, encoding="utf-8")
    for source in (path, str(path)):
        with open_table(source, name="x.csv") as table:
            assert len(list(table.rows)) == 2
    with pytest.raises(UnreadableFile, match="cannot be opened"):
        open_table(tmp_path / "missing.csv", name="missing.csv")


def test_reading_streams():
    data = b"a,b\n" + b"1,2\n" * 100_000
    with open_table(data, name="x.csv") as table:
        assert next(table.rows).cells == ["1", "2"]


def test_rows_agree_with_the_csv_module():
    rows = [[f"r{place}c{column}" for column in range(7)] for place in range(300)]
    target = io.StringIO()
    csv.writer(target, delimiter=";").writerows(rows)
    table, found = read(target.getvalue())
    assert [table.headers, *found] == rows


def test_too_many_rows_or_columns_are_refused_in_words():
    with pytest.raises(UnreadableFile, match="more than 70 rows"):
        read("a,b\n" + "1,2\n" * 100, limits=Limits(rows=70))
    assert len(read("a,b\n" + "1,2\n" * 69, limits=Limits(rows=70))[1]) == 69
    with pytest.raises(UnreadableFile, match="1500 columns"):
        read(";".join(f"c{place}" for place in range(1500)) + "\n1\n")


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["Total", "", 5], "total"),
        (["", "Summe:", "1 200 kr"], "total"),
        (["Grand total", "EUR 5", ""], "total"),
        (["Sub-total 2023", "", "4"], "total"),
        (["Gesamt", 5.5], "total"),
        (["Totaal", "", ""], "total"),
        (["Somme", "", 1], "total"),
        (["I alt", "", 1], "total"),
        (["Total Station", "Leica", "x"], "data"),
        (["Total", "Leica", "5"], "data"),
        (["Light microscopy", "", ""], "section"),
        (["", "Light microscopy", "", ""], "section"),
        (["", "", "only a remark"], "data"),
        (["LSM 980", "", ""], "section"),
        (["2019", "", ""], "data"),
        ([5, "", ""], "data"),
        (["x"], "data"),
        (["x", ""], "data"),
        (["LSM 980", "Zeiss", ""], "data"),
        (["", " ", None], "blank"),
        ([], "blank"),
    ],
)
def test_it_tells_totals_sections_and_blanks_from_data(cells, kind):
    assert kind_of_row(cells) == kind


def test_amounts_and_dates_look_numeric_and_models_do_not():
    assert all(
        looks_numeric(cell)
        for cell in ("12,5", "EUR 980", "1 200 kr", "31/03/2019", "50 %", 5, date(2019, 1, 1))
    )
    assert not any(looks_numeric(cell) for cell in ("LSM 980", "x", "", "Room 5b"))


def test_a_title_padded_with_separators_does_not_hide_which_one_separates():
    names = [
        "Nr",
        "Name",
        "Hersteller",
        "Modell",
        "Ort",
        "Raum",
        "Zustand",
        "Preis",
        "Neuwert",
        "Ab",
        "Bis",
        "Wer",
    ]
    row = "A-{n};Stand {n};Zeiss;LSM;Nord;1.2;gut;1.250,00;2.300,50;2019;2029;Ada"
    padding = ";" * (len(names) - 1)
    lines = [f"Geräteliste 2026{padding}", padding, ";".join(names), *(row.format(n=n) for n in range(30))]
    table, rows = read("\r\n".join(lines))
    assert table.headers == names
    assert rows[0] == row.format(n=0).split(";")


def test_without_a_header_every_line_is_a_row_as_it_stands():
    table, rows = read("Instruments\n\nZeiss;LSM 980;\nLeica;SP8\n", has_header=False)
    assert (table.headers, table.header_number, table.delimiter) == ([], 0, ";")
    assert rows == [["Instruments"], [], ["Zeiss", "LSM 980", ""], ["Leica", "SP8"]]


def test_without_a_header_a_single_line_is_enough_and_an_empty_file_is_not():
    assert read("LSM 980\n", has_header=False)[1] == [["LSM 980"]]
    with pytest.raises(UnreadableFile, match=r"park\.csv is empty"):
        read(" ; ;\n\n", has_header=False)
    with pytest.raises(UnreadableFile, match="never closed"):
        read('Leica;"SP8\nZeiss;LSM\n', has_header=False)


def test_without_a_header_all_lines_of_a_sheet_are_rows():
    table, rows = read(book([["Park"], [], ["LSM 980", 3]]), has_header=False)
    assert rows == [["Park", ""], ["", ""], ["LSM 980", 3]]
    assert table.sheet == "Park"
