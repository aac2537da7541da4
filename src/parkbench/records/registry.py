"""The kinds of record, told by their rooms at start; and who hears of changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from parkbench.accounts.rules import Action
from parkbench.lib import db
from parkbench.lib.identifiers import check_country, check_mail, check_orcid, check_ror, check_url

if TYPE_CHECKING:
    from django.db.models import Model


def check_day(text: str) -> str:
    """Return the ISO date; raise ValueError for anything that is no day between 1900 and 2200."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ValueError("expected a date such as 2024-03-31") from None
    if not 1900 <= day.year <= 2200:
        raise ValueError("expected a date between 1900 and 2200")
    return day.isoformat()


Body = Mapping[str, Any]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Day = Annotated[str, AfterValidator(check_day)]
Url = Annotated[str, Field(max_length=200), AfterValidator(check_url)]
Ror = Annotated[str, AfterValidator(check_ror)]
Country = Annotated[str, AfterValidator(check_country)]
Mail = Annotated[str, Field(max_length=254), AfterValidator(check_mail)]
Orcid = Annotated[str, AfterValidator(check_orcid)]
Ref = Annotated[str, Field(max_length=400)]
Listener = Callable[[str, Sequence[UUID]], None]


class SectionBody(BaseModel):
    """What every section's schema is: flat, closed, with a title per field as people read it."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)


class Contact(SectionBody):
    """How to reach whoever answers: a function mailbox, a person only where that person agreed."""

    mailbox: Mail | None = Field(None, title="Function mailbox")
    contact_url: Url | None = Field(None, title="How to ask")
    person_uid: str | None = Field(None, title="Contact person's id", max_length=36)
    person_name: str | None = Field(None, title="Contact person", max_length=200)
    person_email: Mail | None = Field(None, title="Contact person's e-mail")
    person_orcid: Orcid | None = Field(None, title="Contact person's ORCID")


def contact_columns(body: Body) -> dict[str, Any]:
    """Map a contact section to its columns."""
    columns = plain_columns(Contact, body)
    columns["person_uid"] = UUID(columns["person_uid"]) if columns["person_uid"] else None
    return columns


def plain_columns(schema: type[BaseModel], body: Body) -> dict[str, Any]:
    """Return one typed column per field of the schema: the body's value, else the field's default.

    Lists and objects must be mapped by the kind itself; dates stay ISO text, which both databases read.
    """
    return {name: body.get(name, known.default) for name, known in schema.model_fields.items()}


@dataclass(frozen=True, kw_only=True)
class SectionSpec:
    """A part of a record with one audience.

    ``schema`` is its pydantic model, ``version`` the latest number of it that this release reads, ``mask``
    and ``at`` the row's columns for who sees it and when it changed, ``see`` the action a person needs to see
    it inside the node.
    """

    name: str
    label: Any
    schema: type[BaseModel]
    see: Action = Action.SEE
    mask: str
    at: str
    version: int = 1


@dataclass(frozen=True, kw_only=True)
class WantedField:
    """A field that a complete record of its kind has: what it unlocks is said where it is missing.

    ``level`` is bronze, silver or gold; a record has a level when it has all fields of it and those below.
    """

    section: str
    column: str
    level: Literal["bronze", "silver", "gold"]
    unlocks: Any


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """A date column that people want in their calendar, such as the end of support."""

    section: str
    column: str
    label: Any


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of record.

    ``columns(section, body)`` maps a body to typed columns (all columns of that section, absent = None);
    ``references`` names columns `<x>_ref` and the kind they point to; ``scope_paths`` are look-ups from a
    row to the uids a grant may name; ``page`` is the name of its address, taking ``uid``;
    ``list_page`` that of the list of all, which ``?home=`` narrows to one home; ``search`` names,
    per section, that section's own columns whose words can be searched (none: the title alone);
    ``restore(uid=, by=)`` brings a deleted record back where the room has more to check than records has.
    ``is_searched`` False keeps records that nobody looks for by words out of the search.
    ``described(row, viewer)`` returns what a row says to programs (schema.org, without its context) as far as
    this viewer sees it; a kind without it has no page for everybody. ``wanted`` says what makes a record
    complete, ``deadlines`` what belongs into a calendar, and ``review_months`` how long its content counts as
    looked at (None: it is not reviewed). ``accepted(home, uids)`` hears of rows of a partner that were just
    written, in the same transaction, to write what the room derives from them.
    """

    name: str
    label: Any
    label_plural: Any
    model: type[Model]
    sections: tuple[SectionSpec, ...]
    columns: Callable[[str, Body], dict[str, Any]]
    references: Mapping[str, str] = field(default_factory=dict)
    scope_paths: tuple[str, ...] = ("uid",)
    title: str = "name"
    page: str
    list_page: str = ""
    edit: Action = Action.EDIT
    search: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    restore: Callable[..., None] | None = None
    described: Callable[[Any, Any], Mapping[str, Any] | None] | None = None
    wanted: tuple[WantedField, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    review_months: int | None = None
    is_searched: bool = True
    accepted: Callable[[int, Sequence[UUID]], None] | None = None

    def section(self, name: str) -> SectionSpec:
        """Return the section of that name; raises KeyError when the kind has none."""
        for spec in self.sections:
            if spec.name == name:
                return spec
        raise KeyError(f"The kind {self.name} has no section {name}.")


_kinds: dict[str, Kind] = {}
_listeners: dict[str, Listener] = {}
_hear_partners: set[str] = set()


def register(kind: Kind) -> None:
    """Register a kind; its first section must be ``basics``. Raises ValueError when the name is taken."""
    if kind.name in _kinds and _kinds[kind.name].model is not kind.model:
        raise ValueError(f"The kind {kind.name} is registered already.")
    if kind.sections[0].name != "basics":
        raise ValueError(f"The first section of {kind.name} must be basics.")
    _kinds[kind.name] = kind


def kind_of(name: str) -> Kind:
    """Return the kind of that name; raises KeyError for a kind this version does not know."""
    return _kinds[name]


def kinds() -> Iterable[Kind]:
    """Return all kinds in the order in which their rooms registered them."""
    return tuple(_kinds.values())


def on_change(name: str, listener: Listener, *, hears_partners: bool = False) -> None:
    """Let ``listener(kind, uids)`` hear of every change, inside its transaction.

    Of partners' rows only who ``hears_partners``: they come by the hundred thousand.
    """
    _listeners[name] = listener
    if hears_partners:
        _hear_partners.add(name)


def tell(kind: str, uids: Sequence[UUID]) -> None:
    """Tell the listeners that these records changed, came or went."""
    for listener in _listeners.values():
        listener(kind, uids)


def tell_of_partners(kind: str, uids: Sequence[UUID]) -> None:
    """Tell those who hear of partners' rows that these changed, came or went."""
    for name in _hear_partners:
        _listeners[name](kind, uids)


_journal_listeners: dict[str, Callable[[Sequence[int]], None]] = {}


def on_journals_moved(name: str, listener: Callable[[Sequence[int]], None]) -> None:
    """Let ``listener(audience bits)`` hear of journals that moved, inside the transaction."""
    _journal_listeners[name] = listener


def tell_journals_moved(bits: Sequence[int]) -> None:
    """Tell the listeners that these journals have a new head."""
    for listener in _journal_listeners.values():
        listener(bits)


Acceptor = Callable[[str, int, Sequence[UUID]], None]
"""``acceptor(kind, home, uids)`` derives what follows from rows of a partner that were just written."""

_acceptors: dict[str, Acceptor] = {}


def on_accepted(name: str, acceptor: Acceptor) -> None:
    """Let ``acceptor`` hear of rows of partners that were written, of any kind, inside their transaction."""
    _acceptors[name] = acceptor


def tell_accepted(kind: str, home: int, uids: Sequence[UUID]) -> None:
    """Let the room of a kind, then every other, derive what follows from these rows of a partner."""
    derive = kind_of(kind).accepted
    if derive is not None:
        derive(home, uids)
    for acceptor in _acceptors.values():
        acceptor(kind, home, uids)


Scrubber = Callable[[], None]
"""Wipes what removed rows leave behind elsewhere; called outside every transaction."""

_scrubbers: dict[str, Scrubber] = {}


def on_purged(name: str, scrubber: Scrubber) -> None:
    """Let ``scrubber`` run after rows of partners were removed for good, before that is confirmed."""
    _scrubbers[name] = scrubber


def scrub() -> None:
    """Run every scrubber, now, then let the database wipe what is left; call it outside a transaction."""
    for scrubber in _scrubbers.values():
        scrubber()
    db.wipe()


_eyes: list[Callable[[int], int]] = []


def register_eyes(source: Callable[[int], int]) -> None:
    """Name the callable that tells with which mask the single partner of an audience looks; 0 for none."""
    _eyes[:] = [source]


def eyes_of(audience_id: int) -> int:
    """Return the mask of all audiences that the single partner of this one is in; 0 while nobody knows."""
    return _eyes[0](audience_id) if _eyes else 0


_members: list[Callable[[], Mapping[str, Sequence[str]]]] = []


def register_members(source: Callable[[], Mapping[str, Sequence[str]]]) -> None:
    """Name the callable that tells the members' names of every group of partners, by the group's token."""
    _members[:] = [source]


def members_of_groups() -> Mapping[str, Sequence[str]]:
    """Return the names of the members of every group of partners that has any; at most one query."""
    return _members[0]() if _members else {}


_frozen: list[Callable[[int], frozenset[UUID]]] = []


def register_frozen(source: Callable[[int], frozenset[UUID]]) -> None:
    """Name the callable that tells which records of a home are under an open request for access."""
    _frozen[:] = [source]


def frozen_of(home_id: int) -> frozenset[UUID]:
    """Return the records of a home that nobody sees whatever its owner shares; none while nobody knows."""
    return _frozen[0](home_id) if _frozen else frozenset()


Exporter = Callable[[Any, str, Any], int]
"""``exporter(viewer, format, binary stream)`` writes everything of one sort and returns how many rows."""

_exporters: dict[str, Exporter] = {}


def exporter(name: str, function: Exporter) -> None:
    """Let the command line export something under this name."""
    _exporters[name] = function


def exporters() -> Mapping[str, Exporter]:
    """Return everything that can be exported, by name."""
    return dict(_exporters)


@dataclass(frozen=True, slots=True)
class OrganisationFacts:
    """What this node says of its organisation to other nodes."""

    name: str
    ror: str = ""


_organisation: list[Callable[[], OrganisationFacts | None]] = []


def register_organisation(source: Callable[[], OrganisationFacts | None]) -> None:
    """Name the callable that returns the facts of this node's organisation; None before it is set."""
    _organisation[:] = [source]


def organisation() -> OrganisationFacts | None:
    """Return the facts of this node's organisation; None when it is not set, or no room told of it."""
    return _organisation[0]() if _organisation else None


@dataclass(frozen=True, slots=True)
class HomeNote:
    """What is known of a home: its name, when it last confirmed what it shares, what stands in the way."""

    name: str
    confirmed_at: datetime | None = None
    problem: str = ""


_home_note: list[Callable[[int], HomeNote | None]] = []


def register_home_note(source: Callable[[int], HomeNote | None]) -> None:
    """Name the callable that tells, for the number of a home, when it last confirmed what it shares."""
    _home_note[:] = [source]


def home_note(home_id: int, name: str) -> HomeNote:
    """Return what is known of a home; its ``name`` alone while no room above tells more."""
    told = _home_note[0](home_id) if _home_note else None
    return told or HomeNote(name)
