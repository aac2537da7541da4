"""Telling headers, totals, section lines and blank lines from data."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal

from parkbench.lib.money import MINOR_DIGITS
from parkbench.lib.tabular.table import Cell, Row

RowKind = Literal["data", "blank", "total", "section"]

_TOTAL_WORDS = frozenset(
    {
        *("total", "totals", "totalt", "totale", "totalen", "totaux", "totaal", "totaalbedrag", "totalsumma"),
        *("totalsumme", "totalbelopp", "sum", "summe", "summa", "somme", "suma", "somma", "gesamt", "ialt"),
        *("gesamtsumme", "gesamtbetrag", "gesamtwert", "insgesamt", "subtotal", "subtotals", "subtotaal"),
        *("delsumma", "zwischensumme", "mellansumma", "yhteensä", "celkem", "razem"),
    }
)
_BESIDE_TOTAL = frozenset(
    {
        *("grand", "sub", "net", "gross", "sous", "général", "general", "all", "overall"),
        *("sek", "eur", "chf", "nok", "dkk", "usd", "gbp", "kr", "€"),
    }
)
_NUMBER_LIKE = re.compile(
    r"\W*\d[\d\s.,'’:/-]*(?:%|[a-zA-Z]{1,4}\.?|[€$£])?\W{0,3}"  # 1 200,50 kr · 31/03/2019 · 50 %
    r"|(?:(?P<code>[A-Za-z]{3})|kr\.?|[€$£])\s*-?\d[\d\s.,'’-]*"  # EUR 1 200
)
_LONGEST_NUMBER = 40
_HEADER_SHARE = 0.6


def is_empty(cell: Cell) -> bool:
    """Tell whether a cell holds nothing that can be seen."""
    return cell is None or cell == "" or (isinstance(cell, str) and not cell.strip())


def looks_numeric(cell: Cell) -> bool:
    """Tell whether a cell holds a number, an amount or a date rather than words."""
    if not isinstance(cell, str):
        return True
    found = _NUMBER_LIKE.fullmatch(cell.strip()) if len(cell) <= _LONGEST_NUMBER else None
    # LSM 980 is a model, EUR 980 an amount.
    return found is not None and (found["code"] is None or found["code"].upper() in MINOR_DIGITS)


def kind_of_row(cells: Sequence[Cell]) -> RowKind:
    """Return what a line is: data, blank, a total of the lines above, or the heading of a section.

    A total begins with a word such as Summe and holds only numbers besides; a section line holds one text, in
    one of the first two columns of a table of at least three.
    """
    first: Cell = None
    position = -1
    others: list[Cell] = []
    for place, cell in enumerate(cells):
        if is_empty(cell):
            continue
        if position >= 0:
            others.append(cell)
            if len(others) == 1 and not _says_total(first):
                return "data"
        else:
            first, position = cell, place
    if position < 0:
        return "blank"
    if _says_total(first) and all(looks_numeric(cell) for cell in others):
        return "total"
    is_heading = not others and len(cells) >= 3 and position < 2 and not looks_numeric(first)
    return "section" if is_heading else "data"


def _says_total(cell: Cell) -> bool:
    if not isinstance(cell, str) or len(cell) > 40:
        return False
    words = cell.lower().replace("-", " ").replace(":", " ").replace("=", " ").split()
    if not any(word in _TOTAL_WORDS for word in words):
        return words == ["i", "alt"]
    return all(word in _TOTAL_WORDS or word in _BESIDE_TOTAL or word.isdigit() for word in words)


def find_header(sample: Sequence[Row]) -> int:
    """Return the place in the sample of the line that names the columns; lines above it are titles.

    The first line that fills at least 60 % of the widest line, mostly with words; without such a line the
    first that is wide enough.
    """
    filled = [[cell for cell in row.cells if not is_empty(cell)] for row in sample]
    widest = max((len(cells) for cells in filled), default=0)
    wide = [place for place, cells in enumerate(filled) if cells and len(cells) >= widest * _HEADER_SHARE]
    for place in wide:
        words = sum(not looks_numeric(cell) for cell in filled[place])
        if words * 2 >= len(filled[place]):
            return place
    return wide[0] if wide else 0


def unique_headers(cells: Iterable[Cell], width: int) -> list[str]:
    """Return one name per column: spaces tidied, empty ones `Column 5`, repeated ones `Name (2)`."""
    names = [" ".join(str("" if cell is None else cell).split()) for cell in cells]
    names += [""] * (width - len(names))
    names = [name or f"Column {place}" for place, name in enumerate(names, start=1)]
    # A name that stands in the file keeps its spelling; only its repetitions are renamed.
    taken = set(names)
    seen: Counter[str] = Counter()
    unique: list[str] = []
    for name in names:
        seen[name] += 1
        while seen[name] > 1 and f"{name} ({seen[name]})" in taken:
            seen[name] += 1
        chosen = name if seen[name] == 1 else f"{name} ({seen[name]})"
        taken.add(chosen)
        unique.append(chosen)
    return unique
