"""Slots: places on a page, and buttons above it, that rooms above may fill without the page knowing them.

A room registers a panel in its `apps.py`; a panel makes at most two SQL queries.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from parkbench.ui.lists import Action


@dataclass(frozen=True, slots=True)
class Panel:
    """One filled slot: its heading, and the template drawn with the context."""

    title: str
    template: str
    context: Mapping[str, Any] = field(default_factory=dict)


class PanelMaker(Protocol):
    """What a room registers: returns None when it has nothing to say about these records."""

    def __call__(self, *, ids: Sequence[str], viewer: Any) -> Panel | None:
        """Return the panel for the records with these ids, as far as the viewer may see."""


class ActionMaker(Protocol):
    """What a room registers to put buttons above a record; it makes no SQL query: the row is loaded."""

    def __call__(self, *, row: Any, viewer: Any) -> Sequence[Action]:
        """Return what this viewer may do with the record beside what its own room offers."""


_actions: dict[str, list[ActionMaker]] = {}
_panels: dict[tuple[str, str], list[tuple[int, PanelMaker]]] = {}


def register(kind: str, slot: str, panel: PanelMaker, *, order: int = 100) -> None:
    """Fill `slot` on pages of `kind` with `panel`; lower `order` first; registering twice counts once."""
    filled = _panels.setdefault((kind, slot), [])
    filled[:] = [entry for entry in filled if entry[1] is not panel]
    filled.append((order, panel))
    filled.sort(key=lambda entry: entry[0])


def unregister(kind: str, slot: str, panel: PanelMaker) -> None:
    """Take `panel` out of `slot` again; nothing happens when it is not there."""
    filled = _panels.get((kind, slot), [])
    filled[:] = [entry for entry in filled if entry[1] is not panel]


def panels(kind: str, slot: str, *, ids: Sequence[str], viewer: Any) -> list[Panel]:
    """Return the panels that have something to say, in order."""
    made = (panel(ids=ids, viewer=viewer) for _, panel in _panels.get((kind, slot), []))
    return [panel for panel in made if panel is not None]


def is_elsewhere(ids: Sequence[str]) -> bool:
    """Tell whether a page is about a record of another home: it gives the whole id, not its end alone."""
    return any("/id/" in one for one in ids)


def register_actions(kind: str, maker: ActionMaker) -> None:
    """Let ``maker`` add buttons above records of ``kind``; registering twice counts once."""
    makers = _actions.setdefault(kind, [])
    if maker not in makers:
        makers.append(maker)


def actions(kind: str, *, row: Any, viewer: Any) -> list[Action]:
    """Return the buttons that rooms above offer for this record, in the order of their registration."""
    return [action for maker in _actions.get(kind, []) for action in maker(row=row, viewer=viewer)]
