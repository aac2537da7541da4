"""Completeness in words: what each missing field would unlock, levels as pictures, lists behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from parkbench.lib.errors import NotFound
from parkbench.records.registry import Kind, kinds
from parkbench.records.visibility import Viewer
from parkbench.stewardship.queries.completeness import (
    CompletenessLine,
    KindLevels,
    Wanted,
    completeness_rows,
    label_of,
    lines_of,
    wanted_of,
)
from parkbench.stewardship.queries.panels import TONES, words_of
from parkbench.stewardship.rules import LEVELS, Level, uid_of
from parkbench.stewardship.tables.addresses import address, page_of, pager_of, write
from parkbench.ui.charts import plain_figure
from parkbench.ui.lists import Cell, Chip, ColumnHead, Empty, Facet, FacetOption, ListPage, ListRow
from parkbench.ui.parts import Stat

ORDER = (Level.GOLD, Level.SILVER, Level.BRONZE, Level.NONE)


@dataclass(frozen=True, slots=True)
class FieldLine:
    """One wanted field: which level needs it, how many lack it, and what filling it would unlock."""

    label: str
    level: str
    tone: str
    count: int
    sentence: str
    url: str


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One unit with (number, address of the list) per level, gold first."""

    name: str
    url: str
    counts: Sequence[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class KindBlock:
    """Everything about one kind."""

    name: str
    title: str
    total: int
    stats: Sequence[Stat]
    fields: Sequence[FieldLine]
    units: Sequence[UnitRow]


def list_url(kind: Kind, **given: str) -> str:
    """Return the address of the records of a kind, narrowed."""
    return address(reverse("stewardship:incomplete"), {"kind": kind.name, **given})


def blocks(found: Sequence[KindLevels]) -> list[KindBlock]:
    """Describe the kinds of which there is any record, those with most records first."""
    return [_block(one) for one in sorted(found, key=lambda one: -one.total) if one.total]


def _block(found: KindLevels) -> KindBlock:
    kind = found.kind
    stats = [
        Stat(
            capfirst(words_of(level)), plain_figure(count), list_url(kind, level=level.key) if count else None
        )
        for level in ORDER
        for count in (found.counts[level],)
    ]
    return KindBlock(
        name=kind.name,
        title=capfirst(str(kind.label_plural)),
        total=found.total,
        stats=stats,
        fields=[_field(kind, one, count) for one, count in found.missing],
        units=[
            UnitRow(
                unit.name,
                list_url(kind, unit=str(unit.uid)),
                [
                    (unit.counts[level], list_url(kind, unit=str(unit.uid), level=level.key))
                    for level in ORDER
                ],
            )
            for unit in found.units
            if kind.name != "unit"
        ],
    )


def _field(kind: Kind, wanted: Wanted, count: int) -> FieldLine:
    return FieldLine(
        label=capfirst(wanted.label),
        level=words_of(wanted.level),
        tone=TONES[wanted.level],
        count=count,
        sentence=sentence_of(kind, wanted, count),
        url=list_url(kind, missing=wanted.field.column) if count else "",
    )


def sentence_of(kind: Kind, wanted: Wanted, count: int) -> str:
    """Say what a field would unlock: Add “replacement price”: 14 instruments are missing from ....

    What a kind says it unlocks either ends that sentence or, with a capital, is one of its own.
    """
    unlocks = str(wanted.field.unlocks)
    words = {
        "field": wanted.label,
        "n": count,
        "kinds": str(kind.label if count == 1 else kind.label_plural),
        "unlocks": unlocks.rstrip("."),
    }
    if not count:
        return _("Every record has it.")
    if unlocks[:1].isupper():
        return (
            ngettext(
                "Add “%(field)s”: %(n)s %(kinds)s lacks it. %(unlocks)s.",
                "Add “%(field)s”: %(n)s %(kinds)s lack it. %(unlocks)s.",
                count,
            )
            % words
        )
    return (
        ngettext(
            "Add “%(field)s”: %(n)s %(kinds)s is missing from %(unlocks)s.",
            "Add “%(field)s”: %(n)s %(kinds)s are missing from %(unlocks)s.",
            count,
        )
        % words
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a list of records asks for."""

    kind: Kind
    missing: str
    level: str
    unit: str
    text: str

    @property
    def kept(self) -> dict[str, str]:
        """Return the parameters that ask for this list."""
        given = {"kind": self.kind.name, "missing": self.missing, "level": self.level, "unit": self.unit}
        return {name: value for name, value in {**given, "q": self.text}.items() if value}

    def to(self, **changes: str) -> str:
        """Return the address with some parameters changed."""
        return address(reverse("stewardship:incomplete"), {**self.kept, **changes})


def _asked(parameters: Mapping[str, str], viewer: Viewer) -> _Asked:
    given = {name: parameters.get(name, "").strip() for name in ("kind", "missing", "level", "unit", "q")}
    kind = next((one for one in kinds() if one.name == given["kind"] and one.wanted), None)
    if kind is None:
        raise NotFound(_("There is no such kind of record here."))
    seen = {one.field.column for one in wanted_of(kind, viewer)}
    return _Asked(
        kind=kind,
        missing=given["missing"] if given["missing"] in seen else "",
        level=given["level"] if given["level"] in LEVELS else "",
        unit=str(uid_of(given["unit"]) or ""),
        text=given["q"][:200],
    )


def _rows(asked: _Asked, viewer: Viewer) -> tuple[list[Wanted], Any]:
    return completeness_rows(
        kind=asked.kind,
        viewer=viewer,
        missing=asked.missing,
        level=asked.level,
        unit=uid_of(asked.unit),
        text=asked.text,
    )


def incomplete_page(*, parameters: Mapping[str, str], viewer: Viewer) -> ListPage:
    """Describe the records of one kind with their level and what they lack."""
    asked = _asked(parameters, viewer)
    wanted, rows = _rows(asked, viewer)
    page = page_of(rows, parameters.get("page", ""))
    url = reverse("stewardship:incomplete")
    return ListPage(
        title=_("Completeness: %(kinds)s") % {"kinds": asked.kind.label_plural},
        columns=[ColumnHead(key, label) for key, label in _columns().items()],
        rows=[_row(line, asked.kind) for line in lines_of(wanted, page)],
        pager=pager_of(page, url, asked.kept),
        url=url,
        query=asked.text,
        query_hint=_("Search in names"),
        kept=[(name, value) for name, value in asked.kept.items() if name != "q"],
        current_query=address("", asked.kept).removeprefix("?"),
        facets=_facets(asked, wanted),
        chips=_chips(asked),
        clear_url=address(url, {"kind": asked.kind.name}),
        exports={
            label: address(reverse("stewardship:incomplete-export", args=[form]), asked.kept)
            for form, label in (("xlsx", "XLSX"), ("csv", "CSV"))
        },
        empty=Empty(_("Nothing here")),
    )


def _columns() -> dict[str, str]:
    return {
        "name": _("Name"),
        "place": _("Lies in"),
        "level": _("Level"),
        "missing": _("What is missing"),
    }


def _row(line: CompletenessLine, kind: Kind) -> ListRow:
    tone: Any = TONES[line.level]
    cells = [
        Cell(line.name),
        Cell(line.place),
        Cell(words_of(line.level), tone=tone),
        Cell(", ".join(line.missing)),
    ]
    return ListRow(str(line.uid), cells, reverse(kind.page, args=[line.uid]))


def _facets(asked: _Asked, wanted: Sequence[Wanted]) -> list[Facet]:
    levels = [
        FacetOption(
            level.key,
            capfirst(words_of(level)),
            None,
            asked.to(level="" if asked.level == level.key else level.key),
            is_on=asked.level == level.key,
        )
        for level in ORDER
    ]
    lacking = [
        FacetOption(
            one.field.column,
            capfirst(one.label),
            None,
            asked.to(missing="" if asked.missing == one.field.column else one.field.column),
            is_on=asked.missing == one.field.column,
        )
        for one in wanted
    ]
    return [Facet("level", _("Level"), levels), Facet("missing", _("Without"), lacking)]


def _chips(asked: _Asked) -> list[Chip]:
    chips = []
    if asked.missing:
        label = label_of(asked.kind, asked.missing)
        chips.append(Chip(_("without %(field)s") % {"field": label}, asked.to(missing="")))
    if asked.level:
        chips.append(Chip(words_of(LEVELS[asked.level]), asked.to(level="")))
    if asked.unit:
        chips.append(Chip(_("one unit"), asked.to(unit="")))
    return chips


def export(*, form: str, stream: BinaryIO, parameters: Mapping[str, str], viewer: Viewer) -> int:
    """Write the list exactly as asked, over all its pages; returns how many rows."""
    asked = _asked(parameters, viewer)
    wanted, rows = _rows(asked, viewer)
    lines = lines_of(wanted, rows.iterator(1000))
    cells = ([line.name, line.place, words_of(line.level), "; ".join(line.missing)] for line in lines)
    return write(form, stream, list(_columns().values()), cells, sheet=_("Completeness"))


def export_all(viewer: Viewer, form: str, stream: BinaryIO) -> int:
    """Write the completeness of all instruments; for the command line."""
    return export(form=form, stream=stream, parameters={"kind": "instrument"}, viewer=viewer)
