"""Which line of a sheet holds the headings, and which columns hold name, maker and model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from parkbench.catalogue.rules import fold
from parkbench.comparison.matching import Matcher, Mention
from parkbench.comparison.sheets.headings import LOOSE, ROLES, WEAK, Meaning, Role, meaning_of
from parkbench.lib.errors import Refused
from parkbench.lib.tabular import Row, find_header, fold_heading, looks_numeric, unique_headers

Recognise = Callable[[Sequence[str]], Sequence[bool]]


@dataclass(frozen=True, slots=True)
class Known:
    """What the register tells of cells: of each whether it names a model, or a maker and nothing else."""

    models: Recognise
    makers: Recognise


def known_to(matcher: Matcher) -> Known:
    """Return what the register of a matcher tells of cells."""
    makers = {fold(name) for maker in matcher.register.makers.values() for name in maker.names}
    return Known(
        models=lambda cells: [
            answer.status == "matched" for answer in matcher.match([Mention(cell) for cell in cells])
        ],
        makers=lambda cells: [fold(cell) in makers for cell in cells],
    )


Line = list[str]

SAMPLE = 60
"""Lines at the top that are looked at; a sheet of a million rows is understood from them."""
CLEAR_SHARE = 0.3
"""A column nobody named is taken when the register knows models in this share of its cells."""
FAINT_SHARE = 0.1
MAKERS_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Columns:
    """The places of name, maker and model in a line (0-based, None for none), and what they are called."""

    name: int
    maker: int | None
    model: int | None
    headings: tuple[str, ...]
    is_headed: bool = True

    def title(self, role: Role) -> str:
        """Return what the column of a role is called, '' when there is none."""
        place: int | None = getattr(self, role)
        return "" if place is None else self.headings[place]


def heading_line(lines: Sequence[Line], known: Known) -> int | None:
    """Return the place of the line that names the columns, None when every line is a row.

    The line with most known headings, at least two; else a line of words above the rows in which the
    register knows no model.
    """
    counts = [headings_in(line) for line in lines]
    best = max(counts, default=0)
    if best >= 2:
        return counts.index(best)
    place = find_header([Row(number, list(line)) for number, line in enumerate(lines, 1)])
    filled = [cell for cell in lines[place] if cell.strip()]
    if counts[place]:
        return place
    is_data = len(set(filled)) < len(filled) or any(map(looks_numeric, filled)) or any(known.models(filled))
    return None if is_data or len(lines) == 1 else place


def heading_of_list(lines: Sequence[Line], known: Known) -> int | None:
    """Return the place of the heading above a list of one column, None when the first line is a row."""
    place = next((place for place, line in enumerate(lines) if any(map(str.strip, line))), None)
    if place is None or place == len(lines) - 1:
        return None
    text = lines[place][0]
    found = meaning_of(text)
    if found is None or found.role is None:
        return None
    return place if found.rank < LOOSE or not known.models([text])[0] else None


def headings_in(line: Line) -> int:
    """Return how many cells of a line are known as headings."""
    return sum(map(_is_known, line))


def _is_known(cell: str) -> bool:
    found = meaning_of(cell) if cell.strip() else None
    return found is not None and found.rank < LOOSE


def guess(
    headings: Sequence[str],
    rows: Sequence[Line],
    known: Known,
    *,
    file: str,
    said: Mapping[Role, int | None] | None = None,
    is_headed: bool = True,
) -> Columns:
    """Return the columns, what was ``said`` first; raise Refused when none can be the name."""
    return _Guess(headings, rows, known, file=file, said=said or {}, is_headed=is_headed).columns()


class _Guess:
    """One sheet's headings and the first of its rows, weighed against each other."""

    def __init__(
        self,
        headings: Sequence[str],
        rows: Sequence[Line],
        known: Known,
        *,
        file: str,
        said: Mapping[Role, int | None],
        is_headed: bool,
    ) -> None:
        self.headings = tuple(unique_headers(headings, max(map(len, [headings, *rows]), default=0)))
        self.rows, self.known, self.file, self.said = rows, known, file, said
        self.is_headed = is_headed
        self.meanings = [meaning_of(heading) if is_headed else None for heading in self.headings]
        self._shares: dict[int, float] = {}

    def columns(self) -> Columns:
        """Return what was said, then what headings say, then what the cells say."""
        taken: dict[Role, int | None] = {role: self.said.get(role) for role in ROLES}
        for role in ("maker", "model", "name"):
            if role not in self.said:
                free = [place for place in range(len(self.headings)) if place not in taken.values()]
                taken[role] = self._by_heading(role, free)
        if taken["maker"] is None and "maker" not in self.said:
            taken["maker"] = self._maker_by_cells(taken)
        if taken["name"] is None and "name" not in self.said:
            taken["name"] = self._without_a_name(taken["model"], taken["maker"])
        name = taken["name"]
        if name is None:
            raise Refused(self._no_name())
        model = taken["model"] if "model" in self.said else self._model_beside(name, taken)
        return Columns(
            name, taken["maker"], None if model == name else model, self.headings, is_headed=self.is_headed
        )

    def _by_heading(self, role: Role, free: Sequence[int]) -> int | None:
        """Return the column whose heading says the role most plainly; cells decide between equals."""
        meant = [(found.rank, place) for place in free if (found := self._meaning(place, role))]
        for rank in sorted({rank for rank, _ in meant}):
            places = [place for at, place in meant if at == rank and self._is_borne_out(role, rank, place)]
            if places:
                return places[0] if len(places) == 1 else max(places, key=self.share)
        # A plain heading counts also where the first rows are empty below it.
        return min(((rank, place) for rank, place in meant if rank < WEAK), default=(0, None))[1]

    def _meaning(self, place: int, role: Role) -> Meaning | None:
        found = self.meanings[place]
        return found if found is not None and found.role == role else None

    def _is_borne_out(self, role: Role, rank: int, place: int) -> bool:
        """Tell whether the cells agree with a heading; “Type” is a model here and a category there."""
        cells = self.cells(place)
        if not cells:
            return False
        if role != "model" or rank < WEAK:
            return True
        with_digits = sum(any(map(str.isdigit, cell)) for cell in cells) / len(cells)
        return with_digits >= CLEAR_SHARE or self.share(place) >= FAINT_SHARE

    def _maker_by_cells(self, taken: Mapping[Role, int | None]) -> int | None:
        """Return a column without a known heading in which makers stand, and nothing else."""
        for place, found in enumerate(self.meanings):
            cells = self.cells(place) if found is None and place not in taken.values() else []
            if cells and sum(self.known.makers(cells)) > MAKERS_SHARE * len(cells):
                return place
        return None

    def _without_a_name(self, model: int | None, maker: int | None) -> int | None:
        """Return the column to read the instrument from when no heading says name."""
        if model is not None:
            return model
        unknown = [place for place, found in enumerate(self.meanings) if found is None and place != maker]
        best = self._best(unknown)
        if best is not None and self.share(best) > 0:
            return best
        # A list of one column is a park, whatever the register knows of it.
        filled = [place for place in range(len(self.headings)) if self.cells(place)]
        return filled[0] if len(filled) == 1 and filled[0] in unknown else None

    def _model_beside(self, name: int, taken: Mapping[Role, int | None]) -> int | None:
        """Return the model's column: by its heading, else one whose cells say more than the names do."""
        if taken["model"] is not None:
            return taken["model"]
        others = [
            place
            for place, found in enumerate(self.meanings)
            if place not in (name, taken["maker"]) and (found is None or found.role == "name")
        ]
        best = self._best(others)
        if best is None or self.share(best) <= self.share(name):
            return None
        least = CLEAR_SHARE if self.meanings[best] is None else FAINT_SHARE
        return best if self.share(best) >= least else None

    def _best(self, places: Sequence[int]) -> int | None:
        return max(places, key=lambda place: (self.share(place), -place), default=None)

    def share(self, place: int) -> float:
        """Return in which share of a column's different cells the register knows a model."""
        if place not in self._shares:
            cells = list(dict.fromkeys(self.cells(place)))
            words = [cell for cell in cells if not looks_numeric(cell)]
            count = sum(self.known.models(words)) if words else 0
            self._shares[place] = count / len(cells) if cells else 0.0
        return self._shares[place]

    def cells(self, place: int) -> list[str]:
        """Return the cells of a column that hold anything."""
        return [row[place] for row in self.rows if place < len(row) and row[place].strip()]

    def _no_name(self) -> str:
        found = ", ".join(f"“{heading}”" for heading in self.headings)
        return (
            f"{self.file}: no column is seen to hold the names of instruments. It has: {found}. "
            f"Say which one in a file for --columns, such as: {_example(self.file, self.headings[0])}"
        )


def place_of(column: str | int, headings: Sequence[str], file: str) -> int:
    """Return the place of a column said by its heading or its number; raise Refused with those there are."""
    if isinstance(column, int) and 1 <= column <= len(headings):
        return column - 1
    if isinstance(column, str):
        for fold in (str.strip, fold_heading):
            for place, heading in enumerate(headings):
                if fold(heading) == fold(column):
                    return place
    found = ", ".join(f"“{heading}”" for heading in headings)
    raise Refused(f"{file} has no column “{column}”. It has: {found}.")


def _example(file: str, heading: str) -> str:
    return f'["{file}"] and below it name = "{heading}"'
