"""What parks have in common: rows that name the same model or family, counted and paired across files."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

from parkbench.comparison.matching import Answer, related
from parkbench.comparison.matching.answers import Relation, Status
from parkbench.comparison.sheets.reading import Park, Record

STATUSES: tuple[Status, ...] = ("matched", "proposed", "undecided", "none")
RELATIONS: tuple[Relation, ...] = ("same configuration", "same model", "same family")
"""The closest first."""


class Matched(NamedTuple):
    """One row of a park with what it names."""

    record: Record
    answer: Answer


class Pair(NamedTuple):
    """Two rows of different files, how they stand to each other, and the lower of their two scores."""

    file_a: str
    row_a: int
    file_b: str
    row_b: int
    relation: Relation
    score: float


@dataclass(frozen=True, slots=True)
class Model:
    """A model that stands in at least one park, with its number of rows in each file."""

    key: str
    maker: str
    model: str
    rows: dict[str, int]

    @property
    def title(self) -> str:
        """Return maker and model in one line."""
        return self.model if self.model.startswith(self.maker) else f"{self.maker} {self.model}"


@dataclass(frozen=True, slots=True)
class Compared:
    """Parks with the answers to all their rows, in the order of the files."""

    parks: tuple[Park, ...]
    rows: tuple[tuple[Matched, ...], ...]

    @classmethod
    def of(cls, parks: Sequence[Park], answers: Sequence[Answer]) -> Compared:
        """Return parks with the answers to their rows, which follow each other in one list."""
        left = iter(answers)
        rows = tuple(
            tuple(Matched(record, answer) for record, answer in zip(park.records, left, strict=False))
            for park in parks
        )
        return cls(tuple(parks), rows)

    def statuses(self, place: int) -> dict[str, int]:
        """Return how many rows of a park have each status."""
        counts = Counter(row.answer.status for row in self.rows[place])
        return {status: counts[status] for status in STATUSES}

    def models(self) -> list[Model]:
        """Return the models that any row names, those in most files first."""
        found: dict[str, Model] = {}
        for park, rows in zip(self.parks, self.rows, strict=True):
            for row in rows:
                answer = row.answer
                if answer.key:
                    kept = found.setdefault(answer.key, Model(answer.key, answer.maker, answer.model, {}))
                    kept.rows[park.file] = kept.rows.get(park.file, 0) + 1
        return sorted(found.values(), key=lambda one: (-len(one.rows), one.title.casefold(), one.key))


def pairs_of(compared: Compared) -> Iterator[Pair]:
    """Yield all pairs of rows in different files that are related, by the order of files and rows.

    Every row of a model meets every row of it in the other file: the pairs are streamed, never held.
    """
    for one, other in combinations(range(len(compared.parks)), 2):
        by_key, by_family = _indexed(compared.rows[other])
        for row in compared.rows[one]:
            for place in _near(row.answer, by_key, by_family):
                found = compared.rows[other][place]
                relation = related(row.answer, found.answer)
                if relation is not None:
                    yield Pair(
                        compared.parks[one].file,
                        row.record.row,
                        compared.parks[other].file,
                        found.record.row,
                        relation,
                        min(row.answer.score, found.answer.score),
                    )


Places = dict[str, list[int]]


def _indexed(rows: Iterable[Matched]) -> tuple[Places, Places]:
    by_key: Places = defaultdict(list)
    by_family: Places = defaultdict(list)
    for place, row in enumerate(rows):
        if row.answer.family:
            by_family[row.answer.family].append(place)
        if row.answer.key:
            by_key[row.answer.key].append(place)
    return by_key, by_family


def _near(answer: Answer, by_key: Places, by_family: Places) -> Iterable[int]:
    """Return the rows that may be related, in their order, each once."""
    same = by_key.get(answer.key, []) if answer.key else []
    family = by_family.get(answer.family, []) if answer.family else []
    if not same or not family:
        return same or family
    return sorted({*same, *family})
