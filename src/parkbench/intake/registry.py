"""What can be imported: a room describes its fields and how records are read and written, as a Target."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable
from uuid import UUID

from parkbench.intake.rules import (
    HEADING_ROW,
    NEW,
    FieldSpec,
    Recipe,
    Sort,
    Values,
    fold,
    fold_heading,
    guess_columns,
    name_to_make,
)
from parkbench.lib.errors import Problem, Refused

if TYPE_CHECKING:
    from parkbench.records.visibility import Viewer

__all__ = [
    "HEADING_ROW",
    "NEW",
    "TOGETHER",
    "Asking",
    "ColumnsMissingError",
    "Context",
    "FieldSpec",
    "Gathered",
    "Gathering",
    "Guessing",
    "Recipe",
    "Reducing",
    "Sort",
    "Spreading",
    "Target",
    "Values",
    "Word",
    "fold",
    "fold_heading",
    "guess_columns",
    "name_to_make",
    "register",
    "target_of",
    "targets",
    "together",
]


TOGETHER = "~together"
"""Where a target's `finish` puts the text by which `find` finds the record of a row that no single column
identifies; it never becomes a value of the row."""


def together(target: Target, columns: Mapping[str, str]) -> tuple[str, ...]:
    """Return the headings that identify a row together: of the target's ``key_together``, if it has any.

    ``columns`` is field > heading; a field given once for the whole source has no heading.
    """
    fields: tuple[str, ...] = getattr(target, "key_together", ())
    return tuple(dict.fromkeys(columns[name] for name in fields if name in columns))


@dataclass(slots=True)
class Context:
    """What a run looks up once: per kind the known records, folded name (``fold``) > uid as text.

    ``data`` is the target's own (a model index, rates ...). A run adds to ``known`` what it makes.
    """

    known: dict[str, dict[str, str]] = field(default_factory=dict)
    data: Any = None


class Target(Protocol):
    """A kind of record that can be imported; all methods are keyword-only.

    ``name`` is what the command line calls it ("instruments"), ``kind`` the record kind ("instrument"),
    ``page`` the name of a record's address, taking a uid; ``fields`` in the order people see them; ``title``
    the field that names a record; ``scope`` the fields on which ``check`` depends (its answer is remembered
    per value of these). A target may have ``key_together`` too: fields that identify a row where no single
    key column does.
    """

    name: str
    kind: str
    label: Any
    page: str
    fields: tuple[FieldSpec, ...]
    title: str
    scope: tuple[str, ...]

    def context(self, *, viewer: Viewer) -> Context:
        """Return what a run looks up, in a fixed number of queries."""

    def check(self, *, viewer: Viewer, values: Values) -> str:
        """Return '' if this viewer may write a record with these values of ``scope``, else the sentence."""

    def finish(self, *, context: Context, values: Values) -> tuple[Values, list[Problem]]:
        """Return the values with what follows from several fields, and what is wrong with them.

        E.g. splits one text that feeds maker and model. ``values`` holds the fields the file says something
        about, records resolved (uid or ``NEW`` + name, also where nothing may be made: the comparison refuses
        that). Must be the same for the same input, and must find all that ``write`` would refuse except a
        missing required field. A problem's field is a field's name.
        """

    def find(self, *, field: str, texts: Sequence[str]) -> Mapping[str, Sequence[UUID]]:
        """Return own live records whose key field equals each text, at most 1,000 texts, in one query."""

    def current(self, *, uids: Sequence[UUID]) -> Mapping[UUID, Values]:
        """Return all flat values now of at most 1,000 own live records, in at most 3 queries."""

    def make(self, *, kind: str, names: Sequence[str], by: Viewer, batch: UUID) -> Mapping[str, UUID]:
        """Make the records of these names that are not here; return the uid per name as given."""

    def unmake(self, *, kind: str, uids: Sequence[UUID], by: Viewer, batch: UUID) -> Sequence[UUID]:
        """Delete those of these records, made by the batch, that nothing uses; return the uids deleted."""

    def write(
        self,
        *,
        new: Sequence[tuple[UUID, Values]],
        changed: Sequence[tuple[UUID, Values]],
        by: Viewer,
        batch: UUID,
    ) -> None:
        """Publish at most 1,000 records within the caller's transaction, all with ``batch``.

        ``new`` has all values, ``changed`` only those to set (None empties). Records are uids by now.
        Raises Refused (Invalid with the field names) when a record cannot be written.
        """


@dataclass(slots=True)
class Gathered:
    """A row as a gathering target sees it, and the record it makes of several.

    ``number`` is the first row, ``count`` how many rows; ``problems`` refuse it, ``skipped`` says why
    it is no record. ``key`` identifies the record within its source, ``finds`` is a text by which
    it is found here.
    """

    number: int
    values: Values = field(default_factory=dict)
    key: str = ""
    finds: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    skipped: str = ""
    count: int = 1


@runtime_checkable
class Gathering(Protocol):
    """A target whose record is made of many rows, such as a year of twelve months."""

    def gather(self, *, rows: Iterable[Gathered], context: Context, recipe: Recipe) -> Iterator[Gathered]:
        """Yield what is refused or skipped as it is, and one record for all rows that belong together."""

    def whole(self, *, values: Values) -> list[Problem]:
        """Return what is wrong with a record as it would be after the import."""


@runtime_checkable
class Spreading(Protocol):
    """A target of which one row may hold several records, such as a price per user category."""

    def spread(self, *, values: Values) -> Sequence[tuple[str, Values]]:
        """Return the records of a row before they are finished: the field that feeds each, and its values.

        The field is '' for a row that is one record as it stands. A field feeds one record of a row.
        """


class ColumnsMissingError(Refused):
    """Columns that are needed were not found; ``found`` is field > heading, ``given`` what may be chosen."""

    def __init__(self, sentence: str, *, found: Mapping[str, str], given: Sequence[str]) -> None:
        super().__init__(sentence)
        self.found, self.given = found, given


@runtime_checkable
class Reducing(Protocol):
    """A target of which only a part of the file may be kept: the rest is never stored.

    ``original`` are the fields that columns of the file as given feed.
    """

    original: tuple[FieldSpec, ...]

    def reduce(self, *, path: Path, name: str, recipe: Recipe, to: Path) -> Recipe:
        """Leave at ``to`` the table that is kept and imported; return the recipe with what was found.

        Its column ``Row`` holds the row of the file as given. Raises UnreadableFile, and
        ColumnsMissingError when a column that is needed is not there.
        """


@runtime_checkable
class Guessing(Protocol):
    """A target that knows columns by more than a list of names, such as the months of any year."""

    def guess(self, *, headings: Sequence[str], taken: Mapping[str, str]) -> Mapping[str, str]:
        """Return field > heading for such columns, of fields that are not taken (field > heading) yet."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Word:
    """A word of the source that means something here, such as a price type.

    ``rows`` is how many rows it stands in, ``minutes`` what they come to where they are times, ``meaning``
    '' when it is not known. Where the text is not kept it is '' and ``mark`` stands for it in the kept file.
    """

    text: str
    rows: int
    meaning: str
    mark: str = ""
    minutes: int | None = None


@runtime_checkable
class Asking(Protocol):
    """A target that asks people what words of the source mean; ``meanings`` is value > label."""

    asks: Any
    meanings: Mapping[str, Any]

    def words(self, *, rows: Iterable[Mapping[str, Any]], recipe: Recipe) -> list[Word]:
        """Return the words of these rows (field > cell), those without a meaning first."""


_targets: dict[str, Target] = {}


def register(target: Target) -> None:
    """Let a kind be imported; the same name again replaces it. Raises ValueError for doubled fields."""
    names = [spec.name for spec in target.fields]
    if len(names) != len(set(names)):
        raise ValueError(f"The target {target.name} has two fields of one name.")
    _targets[target.name] = target


def target_of(name: str) -> Target:
    """Return the target of that name; raises KeyError when nothing of that name can be imported."""
    return _targets[name]


def targets() -> tuple[Target, ...]:
    """Return everything that can be imported."""
    return tuple(_targets.values())
