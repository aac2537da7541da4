"""The list of reviews: whose, due when, of which kind."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, BinaryIO
from uuid import UUID

from django.urls import reverse
from django.utils import formats, timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from parkbench.accounts.rules import Action as Right
from parkbench.records.queries import chosen_columns, completed
from parkbench.records.registry import kinds
from parkbench.records.visibility import Viewer
from parkbench.stewardship.queries.feeds import places
from parkbench.stewardship.queries.periods import all_months
from parkbench.stewardship.queries.reviews import (
    SORTS,
    ReviewLine,
    ReviewWish,
    lines_of,
    review_count,
    reviews,
    who_of,
)
from parkbench.stewardship.queries.scopes import is_head_of_all, is_head_of_units
from parkbench.stewardship.rules import When, when_of
from parkbench.stewardship.tables.addresses import address, page_of, pager_of, write
from parkbench.ui.lists import (
    Action,
    BulkAction,
    Cell,
    Chip,
    ColumnHead,
    Empty,
    Facet,
    FacetOption,
    ListPage,
    ListRow,
)

TONES: Mapping[When, Any] = {When.OVERDUE: "bad", When.SOON: "warn"}


def whos(viewer: Viewer) -> dict[str, str]:
    """Return whose records this viewer may ask for, in words."""
    found = {"mine": _("What I answer for")}
    if is_head_of_units(viewer):
        found["units"] = _("My units")
    if is_head_of_all(viewer):
        found["everything"] = _("Everything")
    if is_head_of_units(viewer) or is_head_of_all(viewer):
        found["nobody"] = _("Nobody answers for it")
    return found


def whens() -> dict[str, str]:
    """Return how a review may lie to today, in words."""
    return {
        When.OVERDUE.value: _("Overdue"),
        When.SOON.value: _("Within 90 days"),
        When.LATER.value: _("Later"),
        When.NEVER.value: _("No date"),
    }


def wish_of(parameters: Mapping[str, str], viewer: Viewer) -> ReviewWish:
    """Read what an address asks for; what it may not ask for is left out."""
    given = {name: parameters.get(name, "").strip() for name in ("who", "when", "kind", "q", "sort")}
    return ReviewWish(
        who=who_of(given["who"], known=tuple(whos(viewer))),
        when=given["when"] if given["when"] in whens() else "",
        kind=given["kind"] if given["kind"] in {kind.name for kind in kinds()} else "",
        text=given["q"][:200],
        sort=given["sort"] if given["sort"].removeprefix("-") in SORTS else "due",
        place=_place(parameters.get("place", "")),
    )


def _place(text: str) -> UUID | None:
    """Read the id of a unit or platform; what is none asks for no place."""
    try:
        return UUID(text.strip())
    except ValueError:
        return None


def _kept(wish: ReviewWish) -> dict[str, str]:
    """Return the parameters that ask for this list; what is usual is left out."""
    return {
        "who": "" if wish.who == "mine" else wish.who,
        "when": wish.when,
        "kind": wish.kind,
        "q": wish.text,
        "sort": "" if wish.sort == "due" else wish.sort,
        "place": str(wish.place or ""),
    }


def _to(wish: ReviewWish, **changes: Any) -> str:
    return address(reverse("stewardship:reviews"), _kept(replace(wish, **changes)))


def reviews_page(*, parameters: Mapping[str, str], viewer: Viewer) -> ListPage:
    """Describe the list as this viewer may ask for it."""
    wish, today = wish_of(parameters, viewer), timezone.localdate()
    page = page_of(
        reviews(viewer=viewer, wish=wish, today=today),
        parameters.get("page", ""),
        total=review_count(viewer=viewer, wish=wish, today=today),
    )
    kept = {name: value for name, value in _kept(wish).items() if value}
    url = reverse("stewardship:reviews")
    known = _columns()
    keys = chosen_columns(list_name="reviews", known=list(known), viewer=viewer)
    described = ListPage(
        title=_("Reviews"),
        intro=_("What is to be looked at again. Whoever finds a record still right says so with one click."),
        columns=[_head(key, label, wish) for key, label in known.items() if key in keys],
        rows=[_row(line, today, keys) for line in lines_of(page)],
        pager=pager_of(page, url, kept),
        url=url,
        query=wish.text,
        query_hint=_("Search in names"),
        kept=[(name, value) for name, value in kept.items() if name != "q"],
        current_query=address("", kept).removeprefix("?"),
        facets=_facets(wish, viewer),
        chips=_chips(wish, viewer),
        clear_url=url,
        exports={
            label: address(reverse("stewardship:export", args=[form]), kept)
            for form, label in (("xlsx", "XLSX"), ("csv", "CSV"))
        },
        bulk_url=reverse("stewardship:still-right"),
        bulk_actions=[BulkAction("still-right", _("Still right"))],
        actions=page_actions(viewer),
        empty=_empty(wish),
    )
    # Partners' records are looked through by the partners: there is nothing of theirs to show here.
    columns = list(known.items())
    return completed(described, list_name="reviews", columns=columns, shown=keys, whose=None, viewer=viewer)


def page_actions(viewer: Viewer) -> list[Action]:
    """Return the ways to the other pages of stewardship."""
    found = [
        Action(_("Completeness"), reverse("stewardship:completeness")),
        Action(_("Calendars"), reverse("stewardship:calendars")),
    ]
    if viewer.may_somewhere(Right.SHARE):
        found.append(Action(_("Hand over"), reverse("stewardship:handover")))
    if viewer.may(Right.SET_POLICY):
        found.append(Action(_("Periods"), reverse("stewardship:periods")))
    return found


def _columns() -> dict[str, str]:
    return {
        "name": _("Name"),
        "due": _("Review due"),
        "kind": _("Kind"),
        "place": _("Lies in"),
        "steward": _("Content responsible"),
    }


def _head(key: str, label: str, wish: ReviewWish) -> ColumnHead:
    is_sorted = wish.sort.removeprefix("-") == key
    is_down = is_sorted and wish.sort.startswith("-")
    turned = f"-{key}" if is_sorted and not is_down else key
    return ColumnHead(
        key=key,
        label=label,
        kind="date" if key == "due" else "text",
        is_sorted=is_sorted,
        sort_url=_to(wish, sort=turned) if key in SORTS else None,
        direction="descending" if is_down else "ascending",
    )


def _row(line: ReviewLine, today: date, keys: Collection[str]) -> ListRow:
    cells = {
        "name": Cell(line.name),
        "due": Cell(day_of(line.due), tone=TONES.get(when_of(line.due, today))),
        "kind": Cell(str(line.kind.label)),
        "place": Cell(line.place),
        "steward": Cell(line.steward),
    }
    return ListRow(
        uid=f"{line.kind.name}:{line.uid}",
        url=reverse(line.kind.page, args=[line.uid]),
        cells=[cell for key, cell in cells.items() if key in keys],
    )


def day_of(day: date | None) -> str:
    """Return a date in words, '' without one."""
    return formats.date_format(day, "j F Y") if day else ""


def _facets(wish: ReviewWish, viewer: Viewer) -> list[Facet]:
    months = all_months()
    labels = {
        kind.name: capfirst(str(kind.label_plural))
        for kind in kinds()
        if months[kind.name] or kind.name == wish.kind
    }
    facets = [
        Facet("when", _("Due"), [_option(wish, "when", value, label) for value, label in whens().items()]),
        Facet("kind", _("Kind"), [_option(wish, "kind", value, label) for value, label in labels.items()]),
    ]
    if len(whos(viewer)) > 1:
        options = [
            FacetOption(value, label, None, _to(wish, who=value), is_on=wish.who == value)
            for value, label in whos(viewer).items()
        ]
        facets.insert(0, Facet("who", _("Whose"), options))
    return facets


def _option(wish: ReviewWish, name: str, value: str, label: str) -> FacetOption:
    is_on = getattr(wish, name) == value
    return FacetOption(value, label, None, _to(wish, **{name: "" if is_on else value}), is_on=is_on)


def _chips(wish: ReviewWish, viewer: Viewer) -> list[Chip]:
    chips = []
    if wish.who != "mine":
        chips.append(Chip(whos(viewer)[wish.who], _to(wish, who="mine")))
    if wish.when:
        chips.append(Chip(whens()[wish.when], _to(wish, when="")))
    if wish.kind:
        label = next(kind.label_plural for kind in kinds() if kind.name == wish.kind)
        chips.append(Chip(capfirst(str(label)), _to(wish, kind="")))
    if wish.place:
        name = dict(places(viewer=viewer)).get(wish.place, _("a unit that is not here"))
        chips.append(Chip(_("in %(place)s") % {"place": name}, _to(wish, place=None)))
    return chips


def _empty(wish: ReviewWish) -> Empty:
    if wish.who == "mine":
        return Empty(
            _("You answer for no record yet"),
            _("Whoever edits a record can name its content responsible in the form."),
        )
    return Empty(_("Nothing here"), "")


def export(*, form: str, stream: BinaryIO, wish: ReviewWish, viewer: Viewer) -> int:
    """Write the list exactly as asked, over all its pages; returns how many rows."""
    rows = lines_of(reviews(viewer=viewer, wish=wish).iterator(1000))
    cells = (
        [line.name, line.due.isoformat() if line.due else "", str(line.kind.label), line.place, line.steward]
        for line in rows
    )
    return write(form, stream, list(_columns().values()), cells, sheet=_("Reviews"))


def export_all(viewer: Viewer, form: str, stream: BinaryIO) -> int:
    """Write the reviews of everything; for the command line."""
    return export(form=form, stream=stream, wish=ReviewWish(who="everything"), viewer=viewer)
