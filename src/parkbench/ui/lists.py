"""What a list page consists of: frozen descriptions that a room fills and `ui/list_page.html` draws.

Pure Python. Every text is plain (templates escape it), every address is ready to be put into an `href`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from parkbench.ui.charts import Chart

ColumnKind = Literal["text", "number", "money", "date", "choice", "link", "status"]
Direction = Literal["ascending", "descending"]
Tone = Literal["good", "warn", "bad", "info", "quiet"]


@dataclass(frozen=True, slots=True)
class ColumnHead:
    """One shown column; `sort_url` is the address that sorts by it, or turns the direction when sorted."""

    key: str
    label: str
    kind: ColumnKind = "text"
    is_sorted: bool = False
    sort_url: str | None = None
    direction: Direction = "ascending"

    @property
    def is_numeric(self) -> bool:
        """Whether the column is set right-aligned in figures of equal width."""
        return self.kind in ("number", "money")

    @property
    def aria_sort(self) -> str:
        """Return the value of `aria-sort`: ascending, descending, or none."""
        return self.direction if self.is_sorted else "none"


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """One line of the column chooser."""

    key: str
    label: str
    is_shown: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell; `is_hidden` says that the reader may not see the value (drawn as "not shared")."""

    text: str = ""
    url: str | None = None
    tone: Tone | None = None
    title: str | None = None
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class ListRow:
    """One record of the list; `cells` stand in the order of the columns, `url` is the record's own page."""

    uid: str
    cells: Sequence[Cell]
    url: str | None = None
    is_selectable: bool = True


@dataclass(frozen=True, slots=True)
class FacetOption:
    """One value of a facet; `url` switches it on, or off when it `is_on`."""

    value: str
    label: str
    count: int | None
    url: str
    is_on: bool = False


@dataclass(frozen=True, slots=True)
class Facet:
    """A column one can narrow the list by."""

    key: str
    label: str
    options: Sequence[FacetOption]
    more_url: str | None = None

    @property
    def is_on(self) -> bool:
        """Whether the list is narrowed by this facet."""
        return any(option.is_on for option in self.options)


@dataclass(frozen=True, slots=True)
class Chip:
    """One condition in force, with the address that lifts it."""

    label: str
    clear_url: str


@dataclass(frozen=True, slots=True)
class PageNumber:
    """A number in the pager; `url` is None for the page being shown, `number` is None for a gap."""

    number: int | None
    url: str | None = None
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class Pager:
    """Where one is in a list of `total` rows; pages count from 1."""

    page: int = 1
    pages: int = 1
    total: int = 0
    prev_url: str | None = None
    next_url: str | None = None
    numbers: Sequence[PageNumber] = ()
    first_row: int | None = None
    last_row: int | None = None


@dataclass(frozen=True, slots=True)
class SavedFilter:
    """A named filter; `delete_url` takes a POST and is given only to those who may delete it."""

    name: str
    url: str
    is_shared: bool = False
    delete_url: str | None = None
    is_on: bool = False


@dataclass(frozen=True, slots=True)
class HomeChoice:
    """Whose records a list shows: ours, partners', all, or one partner's; `url` asks for them."""

    label: str
    count: int | None
    url: str
    is_on: bool = False


@dataclass(frozen=True, slots=True)
class Action:
    """A link or, with `is_post`, a button that sends a POST; the primary one stands out, one per page."""

    label: str
    url: str
    is_primary: bool = False
    is_post: bool = False
    confirm: str | None = None


@dataclass(frozen=True, slots=True)
class BulkAction:
    """A submit button of the bulk form, sent as `action=<name>` beside `uid=...` for every ticked row."""

    name: str
    label: str
    confirm: str | None = None
    is_dangerous: bool = False


@dataclass(frozen=True, slots=True)
class Empty:
    """What stands where nothing is: what it means, and the one thing to do about it."""

    title: str
    text: str = ""
    action: Action | None = None


@dataclass(frozen=True, slots=True)
class ListPage:
    """A whole list page.

    `query` is the quick search in force (parameter `q`), `kept` the other query parameters that the search
    and column forms carry along. `facets_url` and `figures_url` name a fragment to be fetched after the page
    (`ui/filters.html`, `ui/figures.html`) when the facets or figures are too costly for the first answer.
    The forms post: columns to `columns_url` as `column=...` (without it they are sent by GET to the list);
    a filter to be kept to `save_filter_url` as `name`, `is_shared` and `query`; ticked rows to `bulk_url`.
    `homes` are given where partners' records may be shown beside own ones. With `is_stacked` each row of a
    short list becomes a block of its own where there is no room for a table.
    """

    title: str
    columns: Sequence[ColumnHead]
    rows: Sequence[ListRow]
    pager: Pager
    url: str = ""
    intro: str = ""
    query: str = ""
    query_hint: str = ""
    kept: Sequence[tuple[str, str]] = ()
    current_query: str = ""
    facets: Sequence[Facet] = ()
    facets_url: str | None = None
    homes: Sequence[HomeChoice] = ()
    chips: Sequence[Chip] = ()
    clear_url: str | None = None
    figures: Sequence[Chart] = ()
    figures_url: str | None = None
    column_choices: Sequence[ColumnChoice] = ()
    columns_url: str | None = None
    condition_url: str | None = None
    saved_filters: Sequence[SavedFilter] = ()
    save_filter_url: str | None = None
    exports: Mapping[str, str] = field(default_factory=dict)
    bulk_url: str | None = None
    bulk_actions: Sequence[BulkAction] = ()
    actions: Sequence[Action] = ()
    empty: Empty | None = None
    is_stacked: bool = False

    @property
    def is_filtered(self) -> bool:
        """Whether any condition narrows the list."""
        return bool(self.chips or self.query)

    @property
    def lines(self) -> list[tuple[ListRow, Cell, list[tuple[ColumnHead, Cell]]]]:
        """Return every row with its first cell and the rest beside their columns, as the table draws them.

        Raises `ValueError` when a row has more or fewer cells than there are columns.
        """
        return [(row, row.cells[0], list(zip(self.columns, row.cells, strict=True))[1:]) for row in self.rows]

    @property
    def has_bulk(self) -> bool:
        """Whether rows can be ticked and changed together; not where every row is a partner's."""
        return bool(self.bulk_url and self.bulk_actions and any(row.is_selectable for row in self.rows))


def page_numbers(page: int, pages: int, *, url_of: Mapping[int, str]) -> list[PageNumber]:
    """Return first, last and the neighbours of `page` (counted from 1), with gaps for what is left out.

    `url_of` maps each wanted number to its address; see `wanted_numbers` for which are needed.
    """
    shown: list[PageNumber] = []
    previous = 0
    for number in wanted_numbers(page, pages):
        if number - previous > 1:
            shown.append(PageNumber(number=None))
        is_current = number == page
        shown.append(PageNumber(number, None if is_current else url_of[number], is_current))
        previous = number
    return shown


def wanted_numbers(page: int, pages: int) -> list[int]:
    """Return the page numbers a pager of `pages` pages shows while on `page`, ascending."""
    near = {1, pages, page - 1, page, page + 1}
    return sorted(number for number in near if 1 <= number <= pages)
