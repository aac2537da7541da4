"""What rooms above tell accounts: what a grant may hold for, and where this node is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext as _

from parkbench.lib.errors import Refused

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

ScopeSource = Callable[[], Sequence[tuple[str, str]]]
"""Returns (uid as text, name) of everything of one sort that a grant may name."""


@dataclass(frozen=True, slots=True)
class ScopeChoice:
    """Something a grant may hold for; ``sort`` is what it is in words, such as unit."""

    uid: str
    name: str
    sort: str

    @property
    def label(self) -> str:
        """Name and sort, as people read them."""
        return f"{self.name} ({self.sort})"


_sources: dict[str, tuple[str | _StrPromise, ScopeSource]] = {}
_address: list[Callable[[], str]] = []


def register_scopes(kind: str, label: str | _StrPromise, source: ScopeSource) -> None:
    """Let a grant name what ``source`` returns; registering a kind again replaces it."""
    _sources[kind] = (label, source)


def scopes() -> list[ScopeChoice]:
    """Return everything a grant may hold for, sort by sort; one query per sort."""
    return [
        ScopeChoice(uid, name, str(label)) for label, source in _sources.values() for uid, name in source()
    ]


def find_scope(text: str) -> str:
    """Return the uid of what a grant names by uid or name; raise Refused unless that is just one thing."""
    wanted = " ".join(text.split()).casefold()
    known = scopes()
    if _is_uid(wanted):
        found = [choice for choice in known if choice.uid == str(UUID(wanted))]
    else:
        found = [choice for choice in known if choice.name.casefold() == wanted]
    if not found:
        names = ", ".join(choice.label for choice in known[:10]) or _("none yet")
        raise Refused(
            _("There is no unit or platform “%(name)s” here. Known: %(names)s.")
            % {"name": text, "names": names}
        )
    if len(found) > 1:
        ids = ", ".join(f"{choice.label} {choice.uid}" for choice in found)
        raise Refused(_("“%(name)s” may mean several: %(ids)s. Give the id.") % {"name": text, "ids": ids})
    return found[0].uid


def _is_uid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def register_address(source: Callable[[], str]) -> None:
    """Name the callable that returns this node's address, without a final slash."""
    _address[:] = [source]


def node_address() -> str:
    """Return this node's address; raise LookupError when no room above told it."""
    if not _address:
        raise LookupError("No room registered the address of this node.")
    return _address[0]()


_leaving: list[Callable[[UUID], str]] = []


def register_leaving(source: Callable[[UUID], str]) -> None:
    """Name the callable that says, for a person's uid, where to go on when they leave; '' for nowhere."""
    _leaving[:] = [source]


def leaving_url(uid: UUID) -> str:
    """Return the address of what is to be settled when this person leaves; '' when that is nothing."""
    return _leaving[0](uid) if _leaving else ""
