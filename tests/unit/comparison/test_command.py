"""`parkbench match` compares sheets without a node, in words and in files, and refuses in words."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
import xlsxwriter

import nodes
from parkbench.lib.tabular import open_table
from parkbench.site import cli, matching

DOCS = Path(__file__).parents[3] / "docs"

REGISTER = """maker,family,designation,aliases
Vellmar,Optra,Optra 310,
Vellmar,Optra,Optra 320,
Vellmar,Optra,Optra 320 S,
Quistrom,Sekvo,Sekvo 7000,SKV7000
Quistrom,Sekvo,Sekvo 7000 Dx,
"""
OURS = """Geräteliste;;;
Gerät;Hersteller;Typ;Raum
Konfokales Mikroskop;Vellmar;Optra 320;02.114
Sequenzierer;Quistrom;Sekvo 7000;E 12
Sequenzierer (Ersatz);Quistrom;Sekvo 7000;E 12
Summe;;;3
"""
THEIRS = """Utrustning\tTillverkare
Quistrom SKV7000, rum B3\tQuistrom
Vellmar Optra 310\tVellmar
-Vellmar Optra 320 S\tVellmar
"""


class Bench:
    """A folder with a register and sheets, in which the command is run."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.capsys = folder, capsys
        self.write("register.csv", REGISTER)
        self.write("ours.csv", OURS, "cp1252")
        self.write("theirs.tsv", THEIRS, "utf-16")

    def write(self, name: str, text: str, encoding: str = "utf-8") -> Path:
        (self.folder / name).write_bytes(text.encode(encoding))
        return self.folder / name

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """Run the command in this process; arguments beginning with @ lie in the folder."""
        placed = [str(self.folder / one[1:]) if one.startswith("@") else one for one in arguments]
        code = cli.run(["match", *placed])
        out, err = self.capsys.readouterr()
        return code, out.replace(f"{self.folder}/", ""), err.replace(f"{self.folder}/", "")

    def rows(self, name: str) -> list[dict[str, str]]:
        with (self.folder / name).open(encoding="utf-8", newline="") as opened:
            return list(csv.DictReader(opened))


@pytest.fixture
def bench(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    return Bench(tmp_path, capsys)


BOTH = ("@ours.csv", "@theirs.tsv", "--register", "@register.csv")


def test_it_writes_what_each_row_names(bench):
    code, _, err = bench.run(*BOTH, "--out", "@rows.csv", "--pairs", "@pairs.csv")
    assert (code, err) == (0, "")
    rows = bench.rows("rows.csv")
    assert list(rows[0])[:9] == [
        *("file", "row", "text", "maker", "model", "configuration", "status", "score", "why")
    ]
    assert [(row["file"], row["row"], row["maker"], row["model"], row["status"]) for row in rows] == [
        ("ours.csv", "1", "Vellmar", "Optra 320", "matched"),
        ("ours.csv", "2", "Quistrom", "Sekvo 7000", "matched"),
        ("ours.csv", "3", "Quistrom", "Sekvo 7000", "matched"),
        ("ours.csv", "4", "", "", "none"),
        ("theirs.tsv", "1", "Quistrom", "Sekvo 7000", "matched"),
        ("theirs.tsv", "2", "Vellmar", "Optra 310", "matched"),
        ("theirs.tsv", "3", "Vellmar", "Optra 320 S", "matched"),
    ]
    assert all(0 <= float(row["score"]) <= 1 for row in rows)
    assert rows[0]["text"] == "Konfokales Mikroskop"


def test_it_writes_pairs_across_files_only(bench):
    bench.run(*BOTH, "--pairs", "@pairs.csv")
    rows = bench.rows("pairs.csv")
    assert list(rows[0]) == ["file_a", "row_a", "file_b", "row_b", "relation", "score"]
    assert [tuple(row.values())[:5] for row in rows] == [
        ("ours.csv", "1", "theirs.tsv", "2", "same family"),
        ("ours.csv", "1", "theirs.tsv", "3", "same family"),
        ("ours.csv", "2", "theirs.tsv", "1", "same configuration"),
        ("ours.csv", "3", "theirs.tsv", "1", "same configuration"),
    ]


def test_it_says_which_columns_it_took_and_what_it_found(bench):
    code, out, _ = bench.run(*BOTH, "--out", "@rows.csv")
    assert code == 0
    assert out.splitlines()[:2] == [
        "ours.csv: 4 rows (separated by semicolons, Windows-1252; headings in row 2): "
        "name from “Gerät”, maker from “Hersteller”, model from “Typ”.",
        "theirs.tsv: 3 rows (separated by tabs, UTF-16; headings in row 1): "
        "name from “Utrustning”, maker from “Tillverkare”, no column for model.",
    ]
    assert "ours.csv and theirs.tsv both have 1 model in common: Quistrom Sekvo 7000." in out
    assert "Only in ours.csv: 1 model: Vellmar Optra 320." in out
    assert "Only in theirs.tsv: 2 models: Vellmar Optra 310, Vellmar Optra 320 S." in out
    assert "Pairs of rows: 2 of the same configuration, 0 of the same model, 2 of the same family." in out
    assert "1 row is without a model" in out
    assert out.endswith("Wrote what each row names to rows.csv.\n")
    table = [line.split() for line in out.splitlines() if line.startswith(("File", "ours.csv  "))]
    assert table == [
        ["File", "Rows", "Matched", "Proposed", "Undecided", "None", "Models"],
        ["ours.csv", "4", "3", "0", "0", "1", "2"],
    ]


def test_json_is_the_summary_and_nothing_else(bench):
    code, out, err = bench.run(*BOTH, "--json", "--pairs", "@pairs.csv")
    report = json.loads(out)
    assert code == 0
    assert "name from “Gerät”" in err
    assert report["files"][0]["columns"] == {"name": "Gerät", "maker": "Hersteller", "model": "Typ"}
    assert report["files"][0]["statuses"] == {"matched": 3, "proposed": 0, "undecided": 0, "none": 1}
    assert report["in_common"][0]["models"] == 1
    assert report["in_common"][0]["list"][0]["rows"] == {"ours.csv": 2, "theirs.tsv": 1}
    assert report["pairs"] == {"same configuration": 2, "same model": 0, "same family": 2}
    assert report["written"] == {"pairs": "pairs.csv"}


def test_one_sheet_is_enough_and_has_no_pairs(bench):
    code, out, _ = bench.run(
        "@ours.csv", "--register", "@register.csv", "--out", "@rows.csv", "--pairs", "@pairs.csv"
    )
    assert code == 0
    assert len(bench.rows("rows.csv")) == 4
    assert bench.rows("pairs.csv") == []
    assert "common" not in out


def test_more_than_two_sheets_meet_each_other(bench):
    bench.write("third.csv", "Sekvo 7000\nOptra 320 S\n")
    code, out, _ = bench.run(*BOTH, "@third.csv", "--pairs", "@pairs.csv")
    assert code == 0
    assert "theirs.tsv and third.csv both have 2 models in common" in out
    met = {(row["file_a"], row["file_b"]) for row in bench.rows("pairs.csv")}
    assert met == {("ours.csv", "theirs.tsv"), ("ours.csv", "third.csv"), ("theirs.tsv", "third.csv")}


def test_it_reads_and_writes_workbooks(bench):
    with xlsxwriter.Workbook(bench.folder / "park.xlsx") as book:
        page = book.add_worksheet("Park")
        for place, line in enumerate(THEIRS.splitlines()):
            page.write_row(place, 0, line.split("\t"))
    code, _, _ = bench.run("@ours.csv", "@park.xlsx", "--register", "@register.csv", "--out", "@rows.xlsx")
    assert code == 0
    with open_table(bench.folder / "rows.xlsx", name="rows.xlsx") as table:
        rows = [row.cells for row in table.rows]
    assert [row[:2] for row in rows][3:5] == [["ours.csv", 4], ["park.xlsx", 1]]
    assert rows[6][2] == "-Vellmar Optra 320 S"


def test_text_that_a_spreadsheet_could_run_is_guarded(bench):
    bench.run(*BOTH, "--out", "@rows.csv")
    assert bench.rows("rows.csv")[6]["text"] == "'-Vellmar Optra 320 S"
    with open_table(bench.folder / "rows.csv", name="rows.csv") as table:
        assert [row.cells[2] for row in table.rows][6] == "-Vellmar Optra 320 S"


def test_files_of_one_name_are_told_apart_by_their_path(bench):
    (bench.folder / "b").mkdir()
    bench.write("b/ours.csv", "Sekvo 7000\n")
    bench.run("@ours.csv", "@b/ours.csv", "--register", "@register.csv", "--pairs", "@pairs.csv")
    files = {(row["file_a"], row["file_b"]) for row in bench.rows("pairs.csv")}
    assert files == {(str(bench.folder / "ours.csv"), str(bench.folder / "b/ours.csv"))}


def test_columns_can_be_said(bench):
    bench.write("odd.csv", "A;B;C\n1;x;Sekvo 7000\n2;y;Optra 320\n")
    bench.write("map.toml", '["odd.csv"]\nname = "B"\nmodel = 3\n["other.csv"]\nname = "A"\n')
    code, out, err = bench.run("@odd.csv", "--register", "@register.csv", "--columns", "@map.toml")
    assert code == 0
    assert "name from “B”, no column for maker, model from “C”" in out
    assert err == "map.toml speaks of other.csv, which is not among the files.\n"


def test_it_explains_two_names(bench):
    code, out, _ = bench.run(
        "--explain", "Optra 310 (Vellmar)", "Vellmar Optra 320", "--register", "@register.csv"
    )
    assert code == 0
    assert "“Optra 310 (Vellmar)”: matched, Vellmar Optra 310." in out
    assert "Veto: " in out
    assert "They are: same family." in out or "They are: not seen to be the same." in out


def test_what_it_explains_adds_up(bench):
    code, out, _ = bench.run("--explain", "Sekvo 7000", "SKV7000", "--json", "--register", "@register.csv")
    assert code == 0
    told = json.loads(out)
    assert told["relation"] == "same configuration"
    assert [answer["key"] for answer in told["answers"]] == ["quistrom/sekvo-7000"] * 2
    assert 0 <= told["score"] <= 1
    assert told["contributions"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), 2, "Name the sheets to compare, such as: parkbench match ours.xlsx theirs.csv"),
        (("@none.csv",), 1, "There is no file none.csv."),
        (("@.",), 1, "is a folder. Name the files to compare, one by one."),
        (("@empty.csv",), 1, "empty.csv is empty."),
        (
            ("@dates.csv",),
            1,
            "dates.csv: no column is seen to hold the names of instruments. It has: “Datum”",
        ),
        (("@ours.csv", "@ours.csv"), 2, "ours.csv is given twice."),
        (
            ("@ours.csv", "--out", "@ours.csv"),
            1,
            "--out ours.csv is a file that is read, and is not overwritten",
        ),
        (("@ours.csv", "--out", "@register.csv"), 1, "--out register.csv is a file that is read"),
        (("@ours.csv", "--out", "@a.csv", "--pairs", "@a.csv"), 2, "--out and --pairs both name a.csv."),
        (("@ours.csv", "--out", "@none/a.csv"), 1, "--out none/a.csv: there is no folder"),
        (("@ours.csv", "--pairs", "@."), 1, "is a folder. Name a file in it"),
        (("@ours.csv", "--columns", "@none.toml"), 1, "The map none.toml cannot be opened."),
        (("@ours.csv", "--columns", "@wrong.toml"), 1, "wrong.toml, nom: found “X”, expected one of name"),
        (("@ours.csv", "--columns", "@stray.toml"), 1, "ours.csv has no column “Namn”. It has: “Gerät”"),
        (("--explain", "a", "b", "@ours.csv"), 2, "--explain compares two texts."),
    ],
)
def test_it_refuses_in_words(bench, arguments, code, said):
    bench.write("empty.csv", "\n")
    bench.write("dates.csv", "Datum;Betrag\n1.1.2025;3\n2.1.2025;4\n")
    bench.write("wrong.toml", 'nom = "X"\n')
    bench.write("stray.toml", 'name = "Namn"\n')
    before = {path: path.read_bytes() for path in bench.folder.iterdir() if path.is_file()}
    done = bench.run(*arguments, "--register", "@register.csv")
    assert done[0] == code, done
    assert said in done[2]
    assert done[1] == ""
    assert {path: path.read_bytes() for path in bench.folder.iterdir() if path.is_file()} == before


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("maker,designation\n", "empty"),
        ("maker,name\nVellmar,Optra\n", "has no column designation"),
        ("", "no column"),
    ],
)
def test_a_register_that_cannot_be_used_is_refused_in_words(bench, text, said):
    bench.write("bad.csv", text)
    code, out, err = bench.run("@ours.csv", "--register", "@bad.csv")
    assert (code, out) == (1, "")
    assert said in err
    assert "bad.csv" in err


def test_an_unknown_option_is_wrong_use(bench):
    code, _, err = bench.run("--bogus")
    assert code == 2
    assert "unrecognized arguments: --bogus" in err


def test_nothing_is_left_half_written(bench, monkeypatch):
    monkeypatch.setattr("parkbench.comparison.sheets.write_rows", _break)
    code, _, err = bench.run(*BOTH, "--out", "@rows.csv")
    assert code == 1
    assert "No space left" in err
    assert not [path for path in bench.folder.iterdir() if "rows" in path.name]


def _break(compared, table):
    table.row(["a"] * 11)
    raise OSError(28, "No space left on device")


def test_it_runs_without_a_node_and_without_django(bench):
    """The command does not wait for what a node needs, and reads no setting of one."""
    code = (
        "import sys; from parkbench.site import cli; code = cli.run(sys.argv[1:]); "
        "print(code, sorted({name.partition('.')[0] for name in sys.modules} & {'django', 'granian'}))"
    )
    told = [str(bench.folder / name) for name in ("ours.csv", "theirs.tsv", "register.csv")]
    done = subprocess.run(
        [sys.executable, "-c", code, "match", *told[:2], "--register", told[2], "--json"],
        env=nodes.surroundings(PARKBENCH_HOME=str(bench.folder / "no node"), PYTHONWARNINGS="error"),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.stdout.splitlines()[-1] == "0 []", done.stderr


def test_the_program_itself_compares(bench):
    done = nodes.run(
        *("match", bench.folder / "ours.csv", bench.folder / "theirs.tsv"),
        *("--register", bench.folder / "register.csv", "--out", bench.folder / "rows.csv"),
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert len(bench.rows("rows.csv")) == 7


def test_the_help_lists_it_and_tells_what_it_takes():
    listed = nodes.run("--help")
    assert "match" in [line.split()[0] for line in listed.stdout.splitlines() if line[:1].islower()]
    for arguments in (("match", "--help"), ("help", "match")):
        told = nodes.run(*arguments)
        assert told.returncode == 0
        assert "--explain TEXT_A TEXT_B" in told.stdout


def test_a_slip_of_its_name_is_offered():
    assert "Did you mean: parkbench match?" in nodes.run("mach").stderr


def test_a_csv_begins_with_its_first_heading(bench):
    """A byte order mark would be a part of it for whoever reads UTF-8."""
    bench.run(*BOTH, "--out", "@rows.csv")
    first = io.BytesIO((bench.folder / "rows.csv").read_bytes()).readline()
    assert first.startswith(b'"file","row",')


def test_the_page_shows_what_the_program_says(tmp_path, monkeypatch, capsys):
    """The run on the sample sheets, as the page on comparing two parks prints it."""
    page = (DOCS / "how-to" / "compare-two-parks.md").read_text(encoding="utf-8")
    command = next(line.split()[1:] for line in page.splitlines() if line.startswith("    parkbench match b"))
    shown = page.split("```\n")[1]
    for sample in command[1:3]:
        (tmp_path / sample).write_bytes((DOCS / "samples" / sample).read_bytes())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    assert cli.run(command) == 0
    assert [line.rstrip() for line in capsys.readouterr().out.splitlines()] == shown.splitlines()


def test_the_reference_names_every_option():
    page = (DOCS / "reference" / "commands.md").read_text(encoding="utf-8")
    part = page.split("\n## match\n")[1].split("\n## ")[0]
    options = [one.option_strings[-1] for one in matching.parser()._actions if one.option_strings]
    assert [option for option in options if option not in part] == ["--help"]


def test_sample_sheets_say_that_they_are_samples():
    for sample in (DOCS / "samples").iterdir():
        with open_table(sample, name=sample.name, has_header=False) as table:
            assert "sample data of a fictional institute" in str(next(table.rows).cells[0])
