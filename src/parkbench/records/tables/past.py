"""History in words, and the list of deleted records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import takewhile
from typing import Any, Literal, get_args, get_origin
from uuid import UUID

from django.urls import NoReverseMatch, reverse
from django.utils import formats, timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from pydantic import BaseModel

from parkbench.lib.errors import Invalid, shorten
from parkbench.lib.money import format_money
from parkbench.records.models import RecordEvent
from parkbench.records.queries import Deleted, Revision
from parkbench.records.registry import Kind
from parkbench.records.services import RESTORABLE
from parkbench.ui.lists import (
    BulkAction,
    Cell,
    ColumnHead,
    Empty,
    Facet,
    FacetOption,
    ListPage,
    ListRow,
    PageNumber,
    Pager,
    page_numbers,
    wanted_numbers,
)
from parkbench.ui.parts import Change

ROWS = 50
LONGEST = 300
MONEY = frozenset({"price", "cost", "amount", "value"})


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of a history: a revision with its changes, or an event beside the content.

    ``revision`` is 0 for an event; ``batch`` says that an import wrote it, ``batch_url`` leads there.
    """

    title: str
    at: datetime
    by: str
    section: str = ""
    revision: int = 0
    is_current: bool = False
    can_revert: bool = False
    batch: UUID | None = None
    batch_url: str = ""
    detail: str = ""
    changes: tuple[Change, ...] = ()


def page_of(text: str | None, total: int, size: int = ROWS) -> int:
    """Return the page asked for, counted from 1; anything that is no page of the list is the nearest one."""
    wanted = int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else 1
    return max(1, min(wanted, -(-total // size)))


def pager(page: int, total: int, *, url: str, query: Mapping[str, str] | None = None) -> Pager:
    """Describe the pages of a list of ``total`` rows, 50 each."""
    pages = max(1, -(-total // ROWS))

    def at(number: int) -> str:
        return f"{url}?{urlencode({**(query or {}), 'page': str(number)})}"

    numbers: Sequence[PageNumber] = page_numbers(
        page, pages, url_of={number: at(number) for number in wanted_numbers(page, pages)}
    )
    return Pager(
        page=page,
        pages=pages,
        total=total,
        prev_url=at(page - 1) if page > 1 else None,
        next_url=at(page + 1) if page < pages else None,
        numbers=numbers,
        first_row=(page - 1) * ROWS + 1 if total else None,
        last_row=min(page * ROWS, total) if total else None,
    )


def references_in(revisions: Iterable[Revision]) -> set[str]:
    """Return the record ids among the old and new values, to be looked up together."""
    return {
        ref
        for revision in revisions
        for change in revision.changes
        if change.field.endswith(("_ref", "_refs"))
        for value in (change.old, change.new)
        for ref in (value if isinstance(value, list) else [value])
        if isinstance(ref, str)
    }


def merged(revisions: Sequence[Revision], events: Sequence[RecordEvent]) -> list[Revision | RecordEvent]:
    """Return revisions and events together, newest first."""
    both: list[Revision | RecordEvent] = [*revisions, *events]
    return sorted(both, key=lambda one: one.at, reverse=True)


def lines(
    entries: Iterable[Revision | RecordEvent], *, kind: Kind, names: Mapping[str, str], may_revert: bool
) -> list[Line]:
    """Describe entries of a history; ``names`` maps the record ids in them to names."""
    return [
        _event(entry) if isinstance(entry, RecordEvent) else _revision(entry, kind, names, may_revert)
        for entry in entries
    ]


def _event(event: RecordEvent) -> Line:
    title = str(event.get_what_display())
    return Line(
        title=title[:1].upper() + title[1:],
        at=event.at,
        by=event.by.name if event.by else _("the node itself"),
        batch=event.batch,
        batch_url=batch_url(event.batch),
        detail=event.detail,
    )


def _revision(revision: Revision, kind: Kind, names: Mapping[str, str], may_revert: bool) -> Line:
    schema = kind.section(revision.section).schema
    return Line(
        title=revision.label,
        at=revision.at,
        by=revision.by,
        section=revision.section,
        revision=revision.revision,
        is_current=revision.is_current,
        # Nothing goes back to basics that say nothing: a record cannot be without them.
        can_revert=may_revert
        and not revision.is_current
        and bool(revision.after or revision.section != "basics"),
        batch=revision.batch,
        batch_url=batch_url(revision.batch),
        changes=tuple(
            Change(
                change.label,
                *_apart(
                    in_words(change.field, change.old, revision.before, schema=schema, names=names),
                    in_words(change.field, change.new, revision.after, schema=schema, names=names),
                ),
            )
            for change in revision.changes
        ),
    )


def batch_url(batch: UUID | None) -> str:
    """Return the page of an import; '' without one, or while this node has no such page."""
    if batch is None:
        return ""
    try:
        return reverse("intake:batch", args=[batch])
    except NoReverseMatch:
        return ""


def _apart(old: str, new: str) -> tuple[str, str]:
    """Shorten two long texts to where they begin to differ."""
    if max(len(old), len(new)) > LONGEST:
        same = sum(1 for _pair in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))
        if same > LONGEST // 2:
            old, new = (f"…{text[same - 40 :]}" if text else "" for text in (old, new))
    return shorten(old, LONGEST), shorten(new, LONGEST)


def in_words(
    name: str, value: Any, body: Mapping[str, Any], *, schema: type[BaseModel], names: Mapping[str, str]
) -> str:
    """Return a field's value as people read it; ``body`` is the section it stands in.

    Whole numbers named price, cost, amount or value stand beside their currency (`purchase_price` beside
    `purchase_currency`) and are minor units; `..._on` are days; `..._ref` are record ids,
    `..._refs` lists of them.
    """
    if value is None or value in ("", [], ()):
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list | tuple):
        return _list(name, value, schema, names)
    if isinstance(value, Mapping):
        return _object(value, _model_in(schema, name), names)
    if isinstance(value, int):
        return _number(name, value, body)
    return _text(name, str(value), schema, names)


def _list(name: str, value: Sequence[Any], schema: type[BaseModel], names: Mapping[str, str]) -> str:
    """Return a list in one line: names of records, objects one after the other, words without hyphens."""
    if name.endswith("_refs"):
        return ", ".join(_text(name, str(one), schema, names) for one in value)
    inner = _model_in(schema, name)
    texts = [
        _object(one, inner, names) if isinstance(one, Mapping) else str(one).replace("-", " ")
        for one in value
    ]
    return ", ".join(texts) if inner is None else "; ".join(texts)


def _object(value: Mapping[str, Any], schema: type[BaseModel] | None, names: Mapping[str, str]) -> str:
    """Return the values of an object in one line; a checksum or an id says nothing to people."""
    order = list(schema.model_fields) if schema else []
    value = {name: value[name] for name in [*order, *value] if name in value}
    shown = [
        in_words(name, one, value, schema=schema or BaseModel, names=names)
        for name, one in value.items()
        if name not in ("digest", "currency", "id")
    ]
    return ", ".join(text for text in shown if text)


def _number(name: str, value: int, body: Mapping[str, Any]) -> str:
    stem, _mark, last = name.rpartition("_")
    currency = body.get(f"{stem}_currency" if stem else "currency")
    if last not in MONEY or not isinstance(currency, str):
        return str(value)
    try:
        return format_money(value, currency)
    except Invalid:
        # A currency that a partner knows and this version does not.
        return f"{value} {currency}"


def _text(name: str, value: str, schema: type[BaseModel], names: Mapping[str, str]) -> str:
    if name.endswith(("_ref", "_refs")):
        return names.get(value) or _("not here any more, or not shared")
    if name == "on" or name.endswith("_on"):
        try:
            return formats.date_format(date.fromisoformat(value), "j F Y")
        except ValueError:
            return value
    if value in _words_in(schema, name):
        return value.replace("-", " ")
    return value


def _parts(annotation: Any) -> list[Any]:
    """Return the annotation and everything it is made of."""
    return [annotation, *(part for one in get_args(annotation) for part in _parts(one))]


def _annotation(schema: type[BaseModel], name: str) -> Any:
    known = schema.model_fields.get(name)
    return known.annotation if known else None


def _model_in(schema: type[BaseModel], name: str) -> type[BaseModel] | None:
    """Return the schema of the objects that a field holds, if it holds objects."""
    for part in _parts(_annotation(schema, name)):
        if isinstance(part, type) and get_origin(part) is None and issubclass(part, BaseModel):
            return part
    return None


def _words_in(schema: type[BaseModel], name: str) -> set[Any]:
    """Return the fixed words of a field, if it takes only these."""
    literals = [part for part in _parts(_annotation(schema, name)) if get_origin(part) is Literal]
    return {word for literal in literals for word in get_args(literal)}


def deleted_page(
    *,
    counts: Sequence[tuple[Kind, int]],
    kind: Kind | None,
    rows: Sequence[Deleted],
    total: int,
    page: int,
    text: str,
) -> ListPage:
    """Describe the list of deleted records of one kind; other kinds are a click away."""
    url = reverse("records:deleted")
    chosen = {"kind": kind.name} if kind else {}
    options = _kind_options(counts, kind, url)
    return ListPage(
        title=_("Deleted records"),
        intro=_(
            "Deleted records are seen by nobody. For %(days)s days they can be restored; then they are gone."
        )
        % {"days": RESTORABLE.days},
        columns=[
            ColumnHead("name", _("Name")),
            ColumnHead("at", _("Deleted"), "date"),
            ColumnHead("by", _("Deleted by")),
            ColumnHead("until", _("Restorable until"), "date"),
        ],
        rows=[_deleted_row(row) for row in rows],
        pager=pager(page, total, url=url, query={**chosen, **({"q": text} if text else {})}),
        url=url,
        query=text,
        query_hint=_("Search in names"),
        kept=list(chosen.items()),
        current_query=urlencode({**chosen, **({"q": text} if text else {})}),
        facets=[Facet("kind", _("Kind"), options)] if options else (),
        clear_url=f"{url}?{urlencode(chosen)}" if chosen else url,
        bulk_url=reverse("records:restore", args=[kind.name]) if kind else None,
        bulk_actions=[BulkAction("restore", _("Restore"))] if kind else (),
        empty=Empty(_("Nothing is deleted"), _("What you delete can be restored here for 30 days.")),
    )


def _kind_options(counts: Sequence[tuple[Kind, int]], kind: Kind | None, url: str) -> list[FacetOption]:
    return [
        FacetOption(
            one.name, str(one.label_plural), count, f"{url}?{urlencode({'kind': one.name})}", one is kind
        )
        for one, count in counts
    ]


def _deleted_row(row: Deleted) -> ListRow:
    return ListRow(
        str(row.uid),
        [Cell(row.name), Cell(_day(row.at)), Cell(row.by), Cell(_day(row.at + RESTORABLE))],
    )


def _day(moment: datetime) -> str:
    return formats.date_format(timezone.localtime(moment), "j F Y")
