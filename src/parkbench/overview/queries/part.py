"""Which part of the organisation a page is about: all of it, the viewer's own units, one unit or platform."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from parkbench.accounts.rules import Action, reach
from parkbench.instruments.queries.conditions import uuids
from parkbench.lib.errors import NotFound
from parkbench.programme.models import Platform, Unit
from parkbench.records.visibility import Viewer

Pair = tuple[str, str]
ALL, MINE = "all", "mine"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the organisation: its units by row id and by uid, both None for the whole of it.

    ``of`` is what the address asks for, ``pairs`` are the parameters that narrow a list of instruments to the
    same units; ``name`` is the unit's or platform's when it is one of them.
    """

    of: str = ALL
    name: str = ""
    units: tuple[int, ...] | None = None
    uids: tuple[UUID, ...] | None = None
    platforms: tuple[UUID, ...] = ()
    pairs: tuple[Pair, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether it is the whole organisation."""
        return self.units is None

    @property
    def is_mine(self) -> bool:
        """Whether these are the units the viewer heads or edits."""
        return self.of == MINE

    @property
    def one(self) -> Pair | None:
        """The parameter that narrows a list of other records to the same units, where one is enough."""
        return self.pairs[0] if len(self.pairs) == 1 else None


WHOLE = Part()


@dataclass(frozen=True, slots=True)
class Parts:
    """What the page is about, and the viewer's own part when they have one to switch to."""

    shown: Part
    mine: Part | None = field(default=None)


def parts(*, viewer: Viewer, of: str = "") -> Parts:
    """Return the part asked for by ``of`` ("all", "mine", a unit's or platform's uid), one's own by default.

    Two queries for who heads or edits something, and two for a unit or platform asked for.
    Raises NotFound for one that is not here or not theirs to see.
    """
    scopes = reach(viewer.grants, Action.EDIT)
    mine = part_of(viewer=viewer, uids=uuids(sorted(scopes)), of=MINE) if scopes else None
    if of == ALL or (of in ("", MINE) and mine is None):
        return Parts(WHOLE, mine)
    if of in ("", MINE):
        return Parts(mine or WHOLE, mine)
    found = part_of(viewer=viewer, uids=uuids([of]), of=of)
    if found is None:
        raise NotFound(_("There is no such unit or platform here, or it is not shared with you."))
    return Parts(found, mine)


def uid_named(*, viewer: Viewer, kind: str, name: str) -> str:
    """Return the uid of the own unit or platform of this name, upper and lower case alike; one query.

    No two bear one name. Raises NotFound without it.
    """
    model, wanted = {"unit": Unit, "platform": Platform}[kind], _folded(name)
    for _pk, uid, shown in _named(model, viewer, Q()):
        if _folded(shown) == wanted:
            return str(uid)
    raise NotFound(_("There is no %(kind)s called “%(name)s” here.") % {"kind": kind, "name": name})


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()


def part_of(*, viewer: Viewer, uids: list[UUID], of: str) -> Part | None:
    """Return the units among these ids and those of the platforms among them; None without either."""
    platforms: list[tuple[int, UUID, str]] = list(_named(Platform, viewer, Q(uid__in=uids)))
    condition = Q(uid__in=uids) | Q(platform__in=[pk for pk, _uid, _name in platforms])
    units: list[tuple[int, UUID, str]] = list(_named(Unit, viewer, condition))
    direct = [unit for unit in units if unit[1] in uids]
    if not platforms and not direct:
        return None
    named = [*platforms, *direct]
    return Part(
        of=of,
        name=named[0][2] if len(named) == 1 else "",
        units=tuple(pk for pk, _uid, _name in units),
        uids=tuple(uid for _pk, uid, _name in units),
        platforms=tuple(uid for _pk, uid, _name in platforms) if not direct else (),
        pairs=_pairs([uid for _pk, uid, _name in platforms], direct, units),
    )


def _named(model: Any, viewer: Viewer, condition: Q) -> Any:
    rows = model.objects.visible(viewer).own().filter(condition)
    return rows.order_by("name", "pk").values_list("pk", "uid", "name")


def _pairs(
    platforms: list[UUID], direct: list[tuple[int, UUID, str]], units: list[tuple[int, UUID, str]]
) -> tuple[Pair, ...]:
    """Return parameters that find just these units; units and platforms together find what is in both."""
    if platforms and not direct:
        return tuple(("platform", str(uid)) for uid in platforms)
    return tuple(("unit", str(uid)) for _pk, uid, _name in units)
