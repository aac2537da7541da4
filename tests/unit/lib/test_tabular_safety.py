"""Broken files and bombs are refused in words, before they are read."""

import io
import struct
import time
import zipfile

import pytest

from parkbench.lib.tabular import Limits, UnreadableFile, XlsxWriter, looks_numeric, open_table
from parkbench.lib.tabular.extent import column_number

OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SHEET = "xl/worksheets/sheet1.xml"


def consume(data, **known):
    with open_table(data, name="park.x", **known) as table:
        list(table.rows)


def refused(data, words, **known):
    started = time.perf_counter()
    with (
        pytest.raises(UnreadableFile, match=words) as caught,
        open_table(data, name="park.x", **known) as table,
    ):
        list(table.rows)
    assert time.perf_counter() - started < 2
    assert str(caught.value).startswith("park.x")
    assert str(caught.value).endswith(".")


def workbook(change=lambda name, data: data, names=lambda name: name):
    plain = io.BytesIO()
    with XlsxWriter(plain, ["a", "b"]) as writer:
        writer.row(["x", 1])
    target = io.BytesIO()
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for entry in source.infolist():
            made.writestr(names(entry.filename), change(entry.filename, source.read(entry)))
    return target.getvalue()


def changed(old, new):
    return workbook(lambda name, data: data.replace(old, new) if name == SHEET else data)


def spreadsheet(rows):
    body = (
        '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
        f'<table:table table:name="S">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        made.writestr("content.xml", body)
        made.writestr("META-INF/manifest.xml", "<manifest/>")
    return target.getvalue()


CELL = '<table:table-cell office:value-type="string"><text:p>x</text:p></table:table-cell>'


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b" \r\n\r\n", "is empty"),
        (b"a;b\r\n", "no rows below"),
        (b"a;b\r\n;\r\n\r\n", "no rows below"),
        (b"%PDF-1.7 x", "a PDF document"),
        (b"\x89PNG\r\n\x1a\n", "a picture"),
        (b"\x1f\x8b\x08\x00", "a packed file .gzip.*Unpack"),
        (b"PK\x05\x06" + bytes(18), "empty or damaged archive"),
        (b"PK\x03\x04" + bytes(50), "cut off"),
        (b"a;b\r\n1;\x002\r\n", "binary data"),
        (b"\xef\xbb\xbf<!DOCTYPE html><html>", "a web page"),
        (b"<?xml version='1.0'?><Workbook/>", "a web page or XML"),
        (OLD_OFFICE + bytes(600), "no spreadsheet"),
        (
            OLD_OFFICE + "EncryptedPackage".encode("utf-16-le"),
            "protected by a password",
        ),
        (
            OLD_OFFICE + "Workbook".encode("utf-16-le") * 99,
            "cannot be read as a spreadsheet",
        ),
        (b'a;b\n1;2\n3;"x\n4;5\n', "row 3: a quotation mark is opened and never closed"),
        (b"a;b\n" + b"1;2\n" * 100 + b'3;"x\n4;5\n', "row 102: a quotation mark"),
        (b'a;b\nx;"' + b"y" * 200_000 + b'"\n', "row 2: a cell holds more than 128 KB"),
        (b"a;b\n" + b"1;2\n" * 100 + b"x;" + b"y" * 200_000, "row 102: a cell holds more than 128 KB"),
        ("a;b\n1;2\n".encode("utf-16") + b"\x00\xd8\x00", "the text is damaged"),
    ],
)
def test_what_is_no_table_is_refused(data, words):
    refused(data, words)


def test_a_file_over_the_limit_is_refused_by_its_size():
    refused(b"a;b\n" + b"1;2\n" * 300_000, "larger than 1 MB", limits=Limits(file_size=1024 * 1024))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (workbook(lambda name, data: data + b" " * 30_000_000 if name == SHEET else data), "would unpack to"),
        (changed(b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "aa">]><worksheet'), "XML entities"),
        (changed(b'r="B2"', b'r="XFD1048576"'), "column 16384"),
        (changed(b'r="B2"', b'r="ALL1048576"'), "down to row 1048576"),
        (changed(b' r="B2"', b" r='ALL1048576'"), "odd way"),
        (changed(b' r="B2"', b'\tr = "ALL1048576"'), "odd way"),
        (changed(b' r="B2"', b' r="&#65;LL1048576"'), "odd way"),
        (workbook(lambda name, data: data.decode().encode("utf-16") if name == SHEET else data), "encoding"),
        (workbook(names=lambda name: "x" + name.replace("[", "").replace("]", "")), "a ZIP archive"),
        (workbook()[:-100], "cut off"),
        (workbook(lambda name, data: b"<broken" if name == "xl/workbook.xml" else data), "cannot be read"),
    ],
)
def test_a_hostile_or_broken_workbook_is_refused(data, words):
    refused(data, words)


def test_a_workbook_that_lies_about_its_size_is_refused():
    data = bytearray(workbook(lambda name, data: data + b" " * 3_000_000 if name == SHEET else data))
    entry = data.rfind(SHEET.encode()) - 46
    struct.pack_into("<I", data, entry + 24, 1000)
    refused(bytes(data), "larger than it says")
    struct.pack_into("<I", data, entry + 24, 4_000_000)
    refused(bytes(data), "shorter than it says")


def test_a_workbook_packed_or_locked_in_odd_ways_is_refused():
    data = bytearray(workbook())
    entry = data.rfind(SHEET.encode()) - 46
    struct.pack_into("<H", data, entry + 10, 12)
    refused(bytes(data), "packed in a way")
    data = bytearray(workbook())
    struct.pack_into("<H", data, entry + 8, 1)
    refused(bytes(data), "protected by a password")
    data = bytearray(workbook())
    struct.pack_into("<I", data, entry + 20, 10_000_000)
    refused(bytes(data), "parts overlap")
    data = bytearray(workbook())
    data[200:400] = b"\xff" * 200
    refused(bytes(data), "damaged|cut off")


def test_an_archive_of_thousands_of_parts_is_refused():
    for count, words in ((6_000, "more parts than any"), (30_000, "far more parts")):
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as made:
            made.writestr("[Content_Types].xml", "x")
            for place in range(count):
                made.writestr(f"part{place}", "")
        refused(target.getvalue(), words)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (
            f'<table:table-row table:number-rows-repeated="1048577">{CELL}</table:table-row>',
            "too much to read",
        ),
        (
            f'<table:table-row table:number-rows-repeated="1000000">{CELL * 100}</table:table-row>',
            "over 100 columns",
        ),
        (
            '<table:table-row><table:table-cell office:value-type="string" '
            'table:number-columns-repeated="16384"><text:p>x</text:p></table:table-cell></table:table-row>',
            "column 16384",
        ),
        (
            f"<table:table-row>{CELL * 100}</table:table-row>"
            '<table:table-row table:number-rows-repeated="900000"/>'
            f"<table:table-row>{CELL}</table:table-row>",
            "down to row 900002",
        ),
    ],
)
def test_an_open_document_that_stands_for_too_many_cells_is_refused(rows, words):
    refused(spreadsheet(rows), words)


def test_an_ordinary_open_document_passes():
    rows = f"<table:table-row>{CELL * 2}</table:table-row>" * 3
    with open_table(spreadsheet(rows), name="x.ods") as table:
        assert len(list(table.rows)) == 2


def test_rows_of_several_sheets_are_counted_apart():
    many = f"<table:table-row>{CELL}</table:table-row>" * 40
    rows = f'{many}</table:table><table:table table:name="T">{many}'
    with open_table(spreadsheet(rows), name="x.ods", limits=Limits(rows=45)) as table:
        assert len(list(table.rows)) == 39
        assert table.sheets == ["S", "T"]
    refused(spreadsheet(rows), "too much to read", limits=Limits(rows=35))


def test_rows_without_end_cost_no_time():
    refused(spreadsheet("<table:table-row>" * 200_000), "cannot be read|no rows|is empty|8 MB|unpack")
    refused(spreadsheet("<table:table-row>" * 400_000 + "</table:table-row>"), ".")


def test_a_long_word_beside_a_digit_costs_no_time():
    started = time.perf_counter()
    assert not looks_numeric("1" + "a" * 38 + "_")
    assert not looks_numeric("1" + "a" * 100_000 + "_")
    assert time.perf_counter() - started < 0.5


def test_styles_before_the_first_row_may_be_long():
    with open_table(
        spreadsheet("<x:y/>" * 2_000_000 + f"<table:table-row>{CELL * 2}</table:table-row>" * 2),
        name="x.ods",
        limits=Limits(unpacked_ratio=2_000),
    ) as table:
        assert len(list(table.rows)) == 1


def test_columns_are_numbered_as_spreadsheets_do():
    assert [column_number(letters) for letters in (b"A", b"Z", b"AA", b"ALL", b"XFD")] == [
        1,
        26,
        27,
        1000,
        16384,
    ]
