"""Parks are read from sheets as they lie; rows of different files meet when they name the same model."""

import io
from pathlib import Path

import pytest
import xlsxwriter

from parkbench.comparison.matching import Answer, Mention
from parkbench.comparison.sheets import (
    ColumnMap,
    Compared,
    Known,
    Park,
    Summary,
    pairs_of,
    read_map,
    read_park,
    said_of,
    write_pairs,
    write_rows,
)
from parkbench.comparison.sheets.headings import meaning_of
from parkbench.comparison.sheets.mapping import Said
from parkbench.lib.errors import Refused
from parkbench.lib.tabular import CsvWriter, UnreadableFile

MODELS = ("lsm 980", "novaseq 6000", "fusion", "orbitrap eclipse")
MAKERS = ("zeiss", "illumina", "bd", "thermo")
KNOWN = Known(
    models=lambda cells: [any(model in cell.casefold() for model in MODELS) for cell in cells],
    makers=lambda cells: [cell.casefold() in MAKERS for cell in cells],
)


@pytest.fixture
def park(tmp_path):
    """Reads a park from text, bytes or rows of a workbook."""

    def read(content, *, file="park.csv", encoding="utf-8", **said) -> Park:
        path = tmp_path / file
        path.write_bytes(content.encode(encoding) if isinstance(content, str) else content)
        sheet = said.pop("sheet", None)
        return read_park(path, file=file, known=KNOWN, said=Said(said, sheet))

    return read


def book(*sheets):
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as written:
        for name, rows in sheets:
            page = written.add_worksheet(name)
            for place, cells in enumerate(rows):
                page.write_row(place, 0, cells)
    return target.getvalue()


def texts(park):
    return [(record.row, record.mention.text) for record in park.records]


def roles(park):
    return tuple(park.columns.title(role) for role in ("name", "maker", "model"))


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1"]
)
@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_it_reads_any_encoding_and_separator(park, encoding, mark):
    lines = [
        ["Gerät", "Hersteller", "Typ"],
        ["Konfokales Mikroskop für Zürich", "Zeiss", "LSM 980"],
        ["Größenausschluss", "Äkta Köping", "Ä 25"],
    ]
    found = park("\r\n".join(mark.join(line) for line in lines), encoding=encoding)
    assert [record.mention for record in found.records] == [Mention(*line) for line in lines[1:]]


@pytest.mark.parametrize(
    ("headings", "expected"),
    [
        ("Instrument;Manufacturer;Model", ("Instrument", "Manufacturer", "Model")),
        ("Equipment name;Make;Model number", ("Equipment name", "Make", "Model number")),
        ("Bezeichnung;Hersteller;Typ", ("Bezeichnung", "Hersteller", "Typ")),
        ("Gerätebezeichnung;Firma;Modellbezeichnung", ("Gerätebezeichnung", "Firma", "Modellbezeichnung")),
        ("Utrustning;Tillverkare;Modell", ("Utrustning", "Tillverkare", "Modell")),
        ("Benämning;Leverantör;Typbeteckning", ("Benämning", "Leverantör", "Typbeteckning")),
        ("Toestel;Fabrikant;Type", ("Toestel", "Fabrikant", "Type")),
        ("Apparaat;Merk;Modelnaam", ("Apparaat", "Merk", "Modelnaam")),
        ("Désignation;Fabricant;Modèle", ("Désignation", "Fabricant", "Modèle")),
        ("Nom de l'appareil;Marque;Type", ("Nom de l'appareil", "Marque", "Type")),
        ("Equipo;Fabricante;Modelo", ("Equipo", "Fabricante", "Modelo")),
        ("Name of the instrument;Brand;Make/Model", ("Name of the instrument", "Brand", "Make/Model")),
        ("Gerät / Anlage;Hersteller;Gerätetyp", ("Gerät / Anlage", "Hersteller", "Gerätetyp")),
        ("APPARATNAMN (sv);Märke;Instrument model", ("APPARATNAMN (sv)", "Märke", "Instrument model")),
    ],
)
def test_it_knows_the_headings_of_six_languages(park, headings, expected):
    found = park(f"{headings}\nMikroskop 3;Zeiss;LSM 980\nSequenzer;Illumina;NovaSeq 6000\n")
    assert roles(found) == expected
    assert found.records[0].mention == Mention("Mikroskop 3", "Zeiss", "LSM 980")


@pytest.mark.parametrize(
    ("name", "headings", "rows", "expected"),
    [
        (
            "NEMO",
            "id,name,visible,_description,_serial,_category,_location,_operational",
            ["3,LSM 980,True,Confocal,123,Imaging,R1,True", "4,Evaporator,True,E-beam,9,Deposition,R2,True"],
            ("name", "", ""),
        ),
        (
            "OpenIRIS",
            "Resource Id;Resource name;Provider;Community;Type;Location;Status",
            ["17;Zeiss LSM 980;Imaging core;Alpha;Confocal;R1;Active", "18;Bath;Core;Alpha;Other;R2;Active"],
            ("Resource name", "", ""),
        ),
        (
            "PPMS",
            "System ID;System;Type;Core facility;Room;Hourly rate",
            ["1;NovaSeq 6000;Sequencer;Genomics;R1;40", "2;Old one;Sequencer;Genomics;R2;10"],
            ("System", "", ""),
        ),
        (
            "iLab",
            "Core,Equipment Name,Equipment Type,Manufacturer,Model,Serial Number,Price Type",
            [
                "Flow,Sorter 2,Cytometer,BD,FACSAria Fusion,77,Internal",
                "Flow,Sorter 3,Sorter,Sony,,8,Internal",
            ],
            ("Equipment Name", "Manufacturer", "Model"),
        ),
    ],
)
def test_exports_of_booking_systems_work_as_they_lie(park, name, headings, rows, expected):
    found = park("\n".join([headings, *rows]))
    assert (name, roles(found)) == (name, expected)


def test_type_is_a_category_when_its_cells_name_no_models(park):
    assert roles(park("Instrument;Type\nLSM 980;Confocal\nFACSAria Fusion;Sorter\n")) == (
        "Instrument",
        "",
        "",
    )
    assert roles(park("Instrument;Type\nMikroskop;LSM 980\nSorter;X-30\n")) == ("Instrument", "", "Type")


def test_names_of_people_rooms_and_numbers_are_no_instruments(park):
    found = park(
        "Name of contact person;Room name;Instrument ID;Anlage;Preis\nAda;R1;7;LSM 980;3\nBen;R2;8;Bad;4\n"
    )
    assert roles(found) == ("Anlage", "", "")


def test_titles_above_the_headings_are_no_rows(park):
    found = park("Geräteliste 2026;;\nStand: 3.11.;;\n;;\nGerät;Hersteller;Preis\nLSM 980;Zeiss;1\n")
    assert (texts(found), found.heading_row) == ([(1, "LSM 980")], 4)


def test_rows_are_counted_as_a_csv_reader_counts(park):
    """A line without anything is no row, one of separators is; a quoted line break belongs to its row."""
    found = park('Gerät;Raum\n\n"LSM 980\nmit Tisch";R1\n;\nNovaSeq 6000;R2\n')
    assert texts(found) == [(1, "LSM 980\nmit Tisch"), (2, ""), (3, "NovaSeq 6000")]
    assert found.empty == 1


def test_rows_of_a_wrong_width_are_kept_and_counted(park):
    found = park("Gerät;Hersteller;Raum\nLSM 980\nFACSAria Fusion;BD;R1;x;y\nNovaSeq 6000;Illumina;R2\n")
    assert [record.mention for record in found.records] == [
        Mention("LSM 980"),
        Mention("FACSAria Fusion", "BD"),
        Mention("NovaSeq 6000", "Illumina"),
    ]
    assert found.uneven == 2
    assert "2 rows are wider or narrower than the others" in " ".join(said_of(found))


def test_every_row_of_a_workbook_counts_as_its_place(park):
    rows = [["Park"], [], ["Equipment", "Model"], ["LSM 980", 980], [], ["Sequencer", "NovaSeq 6000"], [6000]]
    found = park(book(("Cover", []), ("Geräte", rows)), file="park.xlsx")
    assert texts(found) == [(1, "LSM 980"), (2, ""), (3, "Sequencer"), (4, "6000")]
    assert found.records[0].mention == Mention("LSM 980", "", "980")
    assert (found.heading_row, found.uneven) == (3, 0)


def test_the_sheet_of_a_workbook_can_be_said(park):
    content = book(("Old", [["Instrument"], ["LSM 980"]]), ("New", [["Instrument"], ["NovaSeq 6000"]]))
    assert texts(park(content, file="park.xlsx", sheet="New")) == [(1, "NovaSeq 6000")]
    with pytest.raises(Refused, match=r"no sheet called “Newer”\. It has: Old, New"):
        park(content, file="park.xlsx", sheet="Newer")


@pytest.mark.parametrize("heading", ["Instrument", "Utrustning", "Geräteliste", "Liste des appareils"])
def test_a_list_of_one_column_may_have_a_heading(park, heading):
    found = park(f"{heading}\nLSM 980\nOven\n")
    assert (texts(found), roles(found)) == ([(1, "LSM 980"), (2, "Oven")], (heading, "", ""))


def test_a_list_of_one_column_may_have_none(park):
    found = park("LSM 980\nOven\n\nNovaSeq 6000\n")
    assert texts(found) == [(1, "LSM 980"), (2, "Oven"), (3, "NovaSeq 6000")]
    assert "name from column 1" in " ".join(said_of(found))


def test_a_single_line_is_a_park(park):
    assert texts(park("LSM 980")) == [(1, "LSM 980")]


@pytest.mark.parametrize("first", ["", "Instrument\n"])
def test_commas_in_a_list_of_one_column_are_text(park, first):
    found = park(
        f"{first}Zeiss LSM 980, Airyscan 2, room 3\nNovaSeq 6000\nFACSAria Fusion, 5 lasers\nOven, old\n"
    )
    assert [text for _, text in texts(found)] == [
        "Zeiss LSM 980, Airyscan 2, room 3",
        "NovaSeq 6000",
        "FACSAria Fusion, 5 lasers",
        "Oven, old",
    ]
    assert found.uneven == 0


def test_without_headings_the_cells_say_which_columns(park):
    found = park("R1;Zeiss;LSM 980;2020\nR2;Illumina;NovaSeq 6000;2021\nR3;BD;FACSAria Fusion;2022\n")
    assert found.records[0].mention == Mention("LSM 980", "Zeiss")
    assert found.heading_row is None
    assert len(found.records) == 3


def test_with_unknown_headings_the_cells_say_which_columns(park):
    found = park("Laite;Valmistaja;Huone\nLSM 980;Zeiss;R1\nUuni;Memmert;R2\nNovaSeq 6000;Illumina;R3\n")
    assert roles(found) == ("Laite", "Valmistaja", "")
    assert len(found.records) == 3


def test_a_column_that_says_more_than_the_name_is_the_model(park):
    found = park("Name;Beschreibung;Raum\nBerta;Zeiss LSM 980;1\nEmil;NovaSeq 6000;2\n")
    assert roles(found) == ("Name", "", "Beschreibung")
    assert found.records[0].mention == Mention("Berta", "", "Zeiss LSM 980")


def test_of_two_names_the_one_with_models_is_taken(park):
    assert roles(park("Resource;Item\nImaging;LSM 980\nSequencing;NovaSeq 6000\n")) == ("Item", "", "")


def test_a_model_alone_is_a_name(park):
    found = park("Raum;Hersteller;Modell\n1;Zeiss;LSM 980\n")
    assert found.records[0].mention == Mention("LSM 980", "Zeiss", "")


def test_no_name_column_is_refused_with_the_columns_there_are(park):
    with pytest.raises(Refused) as refused:
        park("Datum;Betrag;Raum\n1.1.2025;30;R1\n2.1.2025;40;R2\n")
    assert str(refused.value) == (
        "park.csv: no column is seen to hold the names of instruments. It has: “Datum”, “Betrag”, “Raum”. "
        'Say which one in a file for --columns, such as: ["park.csv"] and below it name = "Datum"'
    )


@pytest.mark.parametrize("content", ["", "\n\n", ";;;\n;;;\n", "Gerät;Raum\n", "Gerät;Raum\n;\n"])
def test_a_sheet_without_rows_is_refused(park, content):
    with pytest.raises(Refused, match=r"park\.csv (is empty|has no rows)"):
        park(content)


def test_what_is_no_file_is_refused_in_words(tmp_path):
    with pytest.raises(UnreadableFile, match="is a folder"):
        read_park(tmp_path, file="a", known=KNOWN)
    with pytest.raises(UnreadableFile, match="There is no file"):
        read_park(tmp_path / "none.csv", file="none.csv", known=KNOWN)
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
    with pytest.raises(UnreadableFile, match=r"picture\.png"):
        read_park(picture, file="picture.png", known=KNOWN)


def test_columns_are_said_by_heading_or_number_or_left_out(park):
    content = "Gerät;Bemerkung;Firma\nMikroskop;LSM 980;Zeiss\nOfen;alt;Memmert\n"
    assert roles(park(content, name="bemerkung")) == ("Bemerkung", "Firma", "")
    assert roles(park(content, name=2, maker="", model=1)) == ("Bemerkung", "", "Gerät")
    for wrong in ("Notiz", 4, 0):
        with pytest.raises(
            Refused, match=r"park\.csv has no column .* It has: “Gerät”, “Bemerkung”, “Firma”\."
        ):
            park(content, name=wrong)


def test_columns_without_headings_are_said_by_number(park):
    found = park("R1;Zeiss;Berta;LSM 980\nR2;Illumina;Emil;NovaSeq 6000\n", name=3, model=4)
    assert found.records[0].mention == Mention("Berta", "Zeiss", "LSM 980")


def _map(tmp_path, text) -> ColumnMap:
    path = tmp_path / "map.toml"
    path.write_text(text, encoding="utf-8")
    return read_map(path)


@pytest.mark.parametrize("start", ["", "[columns]\n"])
def test_a_map_speaks_of_all_sheets_and_of_single_ones(tmp_path, start):
    found = _map(tmp_path, f'{start}name = "Name"\nmaker = 2\n["b.csv"]\nname = "Gerät"\nsheet = "Park"\n')
    assert found.said_of("a.csv", Path("x/a.csv")) == Said({"name": "Name", "maker": 2})
    assert found.said_of("y/b.csv", Path("y/b.csv")) == Said({"name": "Gerät", "maker": 2}, "Park")
    assert found.strangers(["a.csv"], [Path("x/a.csv")]) == ["b.csv"]
    assert found.strangers(["x/b.csv"], [Path("x/b.csv")]) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nom = 'X'", "map.toml, nom: found “X”, expected one of name, maker, model, sheet, or a section"),
        ("['a.csv']\nmarke = 'X'", "map.toml, [a.csv] marke: found “X”, expected one of name, maker"),
        ("name = ['X']", "map.toml, name: found “['X']”, expected a heading in quotes or the number"),
        ("name = true", "map.toml, name: found “True”, expected a heading in quotes or the number"),
        ("name = ", "The map map.toml is no valid TOML"),
    ],
)
def test_a_wrong_map_is_refused_with_value_and_expected(tmp_path, text, said):
    with pytest.raises(Refused) as refused:
        _map(tmp_path, text)
    assert str(refused.value).startswith(said)


def test_a_map_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(Refused, match="cannot be opened"):
        read_map(tmp_path / "none.toml")


def test_texts_of_rows_are_not_taken_for_headings():
    for text in (
        "Zeiss LSM 980 microscope",
        "Serviceavtal NovaSeq 6000",
        "x" * 80,
        "Mikroskop, Raum 2 rechts",
    ):
        found = meaning_of(text)
        assert found is None or found.rank == 3


ONE = Answer("matched", "a/one", "A", "One", "Ones", ("STED",), 0.9)
PLAIN = Answer("matched", "a/one", "A", "One", "Ones", (), 0.8)
TWO = Answer("matched", "a/two", "A", "Two", "Ones", (), 0.7)
OWN = Answer("proposed", "c/own", "C", "Own", "", (), 0.6)
OPEN = Answer("undecided", "", "A", "", "", (), 0.4, "One or Two")
NONE = Answer("none")


def compared(**files) -> Compared:
    parks, answers = [], []
    for name, found in files.items():
        park = Park(name, (), None, 1, "", "", 0, 0)  # type: ignore[arg-type]
        records = tuple(
            type("Record", (), {"row": row, "mention": Mention(f"{name}{row}")})()
            for row in range(1, len(found) + 1)
        )
        parks.append(type(park)(name, records, None, 1, "", "", 0, 0))
        answers += found
    return Compared.of(parks, answers)


def test_rows_meet_across_files_only_and_in_order():
    found = list(pairs_of(compared(a=[ONE, ONE, NONE, OWN], b=[TWO, PLAIN, OPEN], c=[OWN, NONE])))
    assert [tuple(pair) for pair in found] == [
        ("a", 1, "b", 1, "same family", 0.7),
        ("a", 1, "b", 2, "same model", 0.8),
        ("a", 2, "b", 1, "same family", 0.7),
        ("a", 2, "b", 2, "same model", 0.8),
        ("a", 4, "c", 1, "same configuration", 0.6),
    ]


def test_pairs_of_many_rows_are_streamed():
    many = pairs_of(compared(a=[ONE] * 3000, b=[ONE] * 3000))
    assert tuple(next(many)) == ("a", 1, "b", 1, "same configuration", 0.9)


def test_tables_hold_a_line_a_row_and_a_line_a_pair():
    rows, pairs = io.BytesIO(), io.BytesIO()
    both = compared(a=[ONE, NONE], b=[PLAIN])
    from parkbench.comparison.sheets import PAIRS, ROWS

    with CsvWriter(rows, ROWS, has_mark=False) as table:
        assert write_rows(both, table) == 3
    with CsvWriter(pairs, PAIRS, has_mark=False) as table:
        assert write_pairs(both, table) == {"same configuration": 0, "same model": 1, "same family": 0}
    assert write_pairs(both, None) == {"same configuration": 0, "same model": 1, "same family": 0}
    assert rows.getvalue().decode().splitlines() == [
        '"file","row","text","maker","model","configuration","status","score","why","key","family"',
        '"a",1,"a1","A","One","STED","matched",0.9,"","a/one","Ones"',
        '"a",2,"a2","","","","none",0,"","",""',
        '"b",1,"b1","A","One","","matched",0.8,"","a/one","Ones"',
    ]
    assert pairs.getvalue().decode().splitlines() == [
        '"file_a","row_a","file_b","row_b","relation","score"',
        '"a",1,"b",1,"same model",0.8',
    ]


def test_the_summary_says_what_is_common_what_is_missing_and_what_to_do():
    both = compared(a=[ONE, ONE, OPEN, NONE], b=[PLAIN, OWN])
    summary = Summary.of(both, {"same model": 2})
    said = list(summary.sentences())
    assert said[:3] == [
        "a and b both have 1 model in common: A One.",
        "Only in a: 0 models.",
        "Only in b: 1 model: C Own.",
    ]
    assert said[3].startswith("Pairs of rows: 2 of the same model. Each row meets every such row")
    assert [sentence.split(":")[0] for sentence in said[4:]] == [
        "1 row is undecided",
        "1 row is proposed",
        "1 row is without a model, such as totals, section lines and services.",
    ]
    assert list(summary.table()) == [("a", 4, 2, 0, 1, 1, 1), ("b", 2, 1, 1, 0, 0, 2)]


def test_a_summary_of_one_park_speaks_of_no_other():
    assert list(Summary.of(compared(a=[ONE]), {}).sentences()) == []


def test_many_models_are_counted_and_the_first_named():
    many = [Answer("matched", f"a/{n}", "A", f"Model {n:02}", "", (), 0.9) for n in range(12)]
    said = next(Summary.of(compared(a=many, b=many), {}).sentences())
    assert said.startswith("a and b both have 12 models in common: A Model 00, A Model 01")
    assert said.endswith("A Model 09 and 2 more.")


def test_a_plain_heading_counts_where_its_first_rows_are_empty(park):
    rows = "LSM 980;;\n" * 70 + "Mikroskop;Zeiss;LSM 980\n"
    found = park(f"Gerät;Hersteller;Modell\n{rows}")
    assert found.records[-1].mention == Mention("Mikroskop", "Zeiss", "LSM 980")


def test_commas_with_spaces_are_text_where_lines_differ_in_width(park):
    found = park("Zeiss, LSM 980\nIllumina, NovaSeq 6000\nBD, FACSAria Fusion\nOven\n")
    assert [text for _, text in texts(found)][:2] == ["Zeiss, LSM 980", "Illumina, NovaSeq 6000"]
    even = park("Zeiss, LSM 980\nIllumina, NovaSeq 6000\n")
    assert even.records[0].mention == Mention("LSM 980", "Zeiss")


def test_the_line_of_known_headings_wins_over_a_wide_title(park):
    found = park("Übersicht;Stand;Herbst\nGerät;Hersteller;Typ\nMikroskop;Zeiss;LSM 980\n")
    assert (roles(found), texts(found)) == (("Gerät", "Hersteller", "Typ"), [(1, "Mikroskop")])


def test_a_column_of_unknown_heading_is_the_model_only_when_many_cells_are(park):
    lines = ["Name;Zusatz", "Berta;LSM 980", "Emil;alt", "Fritz;neu"]
    assert roles(park("\n".join(lines))) == ("Name", "", "Zusatz")
    assert roles(park("\n".join([*lines, "Gerd;grün", "Hans;rot"]))) == ("Name", "", "")
