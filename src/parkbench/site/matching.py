"""`parkbench match`: which models two or more sheets have in common. Needs no node, and loads no Django."""

from __future__ import annotations

import argparse
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import Progress

from parkbench.lib import reports
from parkbench.lib.errors import Refused
from parkbench.lib.tabular import CsvWriter, TableWriter, XlsxWriter
from parkbench.lib.whole import written_whole
from parkbench.site.outcomes import DONE, WrongUse

# The rest is loaded when it is used: no other command should wait for numpy.
if TYPE_CHECKING:
    from parkbench.comparison.matching import Matcher, Register
    from parkbench.comparison.sheets import Park, Summary

NAME = "match"
HELP = "See which instruments of two or more spreadsheets are the same make and model; needs no node."

_EXAMPLE = "parkbench match ours.xlsx theirs.csv --out rows.csv --pairs pairs.csv"


def parser() -> argparse.ArgumentParser:
    """Return what the command takes."""
    made = argparse.ArgumentParser(prog=f"parkbench {NAME}", description=HELP, allow_abbrev=False)
    made.add_argument(
        "files",
        nargs="*",
        type=Path,
        metavar="FILE",
        help="a machine park: CSV, XLSX, ODS, XLS, as it is",
    )
    made.add_argument(
        "--columns",
        type=Path,
        metavar="MAP",
        help="TOML file: which columns hold name, maker, model",
    )
    made.add_argument(
        "--register",
        type=Path,
        metavar="FILE",
        help="a register of makers and models (CSV or folder) in the place of the shipped one",
    )
    made.add_argument("--out", type=Path, metavar="FILE", help="write what each row names: .csv or .xlsx")
    made.add_argument("--pairs", type=Path, metavar="FILE", help="write which rows of different files meet")
    made.add_argument(
        "--explain", nargs=2, metavar=("TEXT_A", "TEXT_B"), help="say why two names are the same model or not"
    )
    made.add_argument("--json", action="store_true", help="print the summary as JSON")
    return made


def run(arguments: Sequence[str]) -> int:
    """Compare, or explain; return 0 when done. Raises Refused and WrongUse."""
    given = parser().parse_intermixed_args(arguments)
    if given.explain:
        if given.files or given.out or given.pairs:
            raise WrongUse("--explain compares two texts. Leave out files, --out and --pairs.")
        _explain(*given.explain, register=_register(given.register), is_json=given.json)
        return DONE
    if not given.files:
        raise WrongUse(f"Name the sheets to compare, such as: {_EXAMPLE}")
    names = _names(given.files)
    _check_places(given)
    with _status("Reading the register ..."):
        matcher = _matcher(_register(given.register))
    parks = _read(given, names, matcher)
    say = reports.aside if given.json else reports.say
    for sentence in _sentences_on(parks):
        say(sentence)
    _report(_compare(parks, matcher, given.out, given.pairs), given)
    return DONE


def _names(files: Sequence[Path]) -> list[str]:
    """Return what each file is called in the results: its own name, or its path where two share a name."""
    for place, path in enumerate(files):
        for other in files[:place]:
            if path == other or (path.exists() and other.exists() and path.samefile(other)):
                raise WrongUse(f"{path} is given twice. A park is compared with others, not with itself.")
    counts = Counter(path.name for path in files)
    return [path.name if counts[path.name] == 1 else str(path) for path in files]


def _check_places(given: argparse.Namespace) -> None:
    """Refuse places that cannot be written, before hours of work rather than after."""
    places: dict[str, Path] = {f"--{name}": path for name in ("out", "pairs") if (path := vars(given)[name])}
    if len({path.absolute().resolve() for path in places.values()}) < len(places):
        raise WrongUse(f"--out and --pairs both name {given.out}. Give each a file of its own.")
    read = [path for path in (*given.files, given.columns, given.register) if path and path.exists()]
    for option, path in places.items():
        if path.is_dir():
            raise Refused(f"{option} {path} is a folder. Name a file in it, such as {path / 'rows.csv'}.")
        if any(path.exists() and path.samefile(one) for one in read):
            raise Refused(f"{option} {path} is a file that is read, and is not overwritten. Choose another.")
        if not path.absolute().parent.is_dir():
            raise Refused(f"{option} {path}: there is no folder {path.absolute().parent}. Make it first.")
        if not os.access(path.absolute().parent, os.W_OK):
            raise Refused(f"{option} {path}: the folder may not be written in. Choose another place.")


def _register(path: Path | None) -> Register:
    from parkbench.comparison.matching import RegisterError, read_register, shipped_register  # noqa: PLC0415

    try:
        return shipped_register() if path is None else read_register(path)
    except RegisterError as error:
        raise Refused(str(error)) from error


def _matcher(register: Register) -> Matcher:
    from parkbench.comparison.matching import Matcher  # noqa: PLC0415

    return Matcher(register)


def _read(given: argparse.Namespace, names: Sequence[str], matcher: Matcher) -> list[Park]:
    from parkbench.comparison.sheets import ColumnMap, known_to, read_map, read_park  # noqa: PLC0415

    columns = read_map(given.columns) if given.columns else ColumnMap()
    for name in columns.strangers(names, given.files):
        reports.aside(f"{given.columns} speaks of {name}, which is not among the files.")
    known = known_to(matcher)
    parks = []
    for name, path in zip(names, given.files, strict=True):
        with _status(f"Reading {name} ..."):
            parks.append(read_park(path, file=name, known=known, said=columns.said_of(name, path)))
    return parks


def _sentences_on(parks: Sequence[Park]) -> Iterator[str]:
    from parkbench.comparison.sheets import said_of  # noqa: PLC0415

    for park in parks:
        yield from said_of(park)


def _compare(parks: Sequence[Park], matcher: Matcher, out: Path | None, pairs: Path | None) -> Summary:
    from parkbench.comparison.sheets import (  # noqa: PLC0415
        PAIRS,
        ROWS,
        Compared,
        Summary,
        write_pairs,
        write_rows,
    )

    mentions = [record.mention for park in parks for record in park.records]
    with _progress(f"Matching {len(mentions):,} rows") as on_done:
        compared = Compared.of(parks, matcher.match(mentions, on_done))
    with _status("Writing ..."):
        if out is not None:
            with _table(out, ROWS) as table:
                write_rows(compared, table)
        if pairs is None:
            return Summary.of(compared, write_pairs(compared, None))
        with _table(pairs, PAIRS) as table:
            return Summary.of(compared, write_pairs(compared, table))


@contextmanager
def _table(path: Path, headers: Sequence[str]) -> Iterator[TableWriter]:
    """Open a table that appears when it is whole: a workbook by its name, else CSV as programs read it."""
    with written_whole(path.absolute()) as stream:
        if path.suffix.casefold() == ".xlsx":
            table: TableWriter = XlsxWriter(stream, headers, sheet=path.stem)
        else:
            table = CsvWriter(stream, headers, has_mark=False)
        yield table
        table.close()


def _report(summary: Summary, given: argparse.Namespace) -> None:
    written = {name: str(path) for name in ("out", "pairs") if (path := vars(given)[name])}
    if given.json:
        reports.as_json(summary.as_json() | {"written": written})
        return
    reports.say("")
    reports.table(("File", "Rows", "Matched", "Proposed", "Undecided", "None", "Models"), summary.table())
    reports.say("")
    for sentence in summary.sentences():
        reports.say(sentence)
    for what, path in (("what each row names", given.out), ("the pairs", given.pairs)):
        if path:
            reports.say(f"Wrote {what} to {path}.")


def _explain(text_a: str, text_b: str, *, register: Register, is_json: bool) -> None:
    from parkbench.comparison.matching import Mention, compare  # noqa: PLC0415

    mentions = Mention(text_a), Mention(text_b)
    found = compare(*mentions, register)
    answers = _matcher(register).match(mentions)
    if is_json:
        reports.as_json(asdict(found) | {"answers": [asdict(answer) for answer in answers]})
        return
    for text, answer in zip((text_a, text_b), answers, strict=True):
        named = f"{answer.maker} {answer.model}".strip()
        reports.say(f"“{text}”: {answer.status}{f', {named}' if named else ''}. {answer.why}".strip())
    reports.say("")
    # Adding 0.0 makes a zero of the negative one.
    rows = [
        (f"{round(part.value, 3) + 0.0:+.3f}", part.name, part.text_a, part.text_b)
        for part in found.contributions
    ]
    reports.table(("Adds", "Because of", "In the first", "In the second"), rows)
    total = sum(part.value for part in found.contributions)
    reports.say(f"\nTogether {total:+.3f}, a score of {found.score:.3f}.")
    for veto in found.vetoes:
        reports.say(f"Veto: {veto}")
    reports.say(f"They are: {found.relation or 'not seen to be the same'}.")


def _status(sentence: str) -> AbstractContextManager[object]:
    """Show on a terminal what takes its time; on the other stream, so that results stay clean."""
    return Console(stderr=True).status(sentence)


@contextmanager
def _progress(sentence: str) -> Iterator[Callable[[int, int], None]]:
    """Show on a terminal how many different names are answered; yields what is told of it."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as shown:
        task = shown.add_task(sentence, total=None)
        yield lambda done, total: shown.update(task, completed=done, total=total)
