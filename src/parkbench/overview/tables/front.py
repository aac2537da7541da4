"""Units by platform, the first steps, the figures of a visitor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from parkbench.overview.queries import Shown, UnitLine
from parkbench.overview.queries.part import WHOLE
from parkbench.overview.rules import Start
from parkbench.overview.tables.links import STANDS, park_url
from parkbench.ui.charts import plain_figure
from parkbench.ui.parts import Stat, Step


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit with the list of its instruments."""

    name: str
    url: str
    count: int
    list_url: str


@dataclass(frozen=True, slots=True)
class PlatformBlock:
    """A platform with its units; the name is '' for units outside a platform."""

    name: str
    url: str | None
    count: int
    list_url: str | None
    units: Sequence[UnitRow]


def public_stats(shown: Shown) -> list[Stat]:
    """Return the figures a visitor sees, each with its list; those that are nothing are left out."""
    counted = (
        (_("Platforms"), len(shown.platforms), reverse("programme:platforms")),
        (_("Units"), shown.unit_count, reverse("programme:units")),
        (_("Instruments"), shown.instrument_count, reverse("instruments:park")),
    )
    return [Stat(label, plain_figure(count), url) for label, count, url in counted if count]


def platform_blocks(lines: Sequence[UnitLine], *, is_all: bool = True) -> list[PlatformBlock]:
    """Return the units under their platforms, with the number of instruments of each.

    Unless ``is_all``, a platform's number is that of the units listed, and leads to these.
    """
    blocks = []
    for (uid, name), under in groupby(lines, key=lambda line: (line.platform_uid, line.platform)):
        held = list(under)
        units = [
            UnitRow(
                line.name,
                reverse("programme:unit", args=[line.uid]),
                line.count,
                park_url(WHOLE, *STANDS, ("unit", str(line.uid))),
            )
            for line in held
        ]
        whose = [("platform", str(uid))] if is_all else [("unit", str(unit.uid)) for unit in held]
        blocks.append(
            PlatformBlock(
                name=name,
                url=reverse("programme:platform", args=[uid]) if uid else None,
                count=sum(unit.count for unit in units),
                list_url=park_url(WHOLE, *STANDS, *whose) if uid else None,
                units=units,
            )
        )
    return blocks


def steps(start: Start, organisation: UUID | None) -> list[Step]:
    """Return the path from an empty node to a shared machine park; the first step not done is the next."""
    edit = reverse("programme:organisation-edit", args=[organisation]) if organisation else None
    wanted = [
        (_("Your organisation"), _("Name, ROR, country, website and mission."), edit, _("Edit")),
        (
            _("Import your machine park"),
            _("Bring the sheet you already keep. You see what it would do before anything is stored."),
            reverse("intake:sources"),
            _("Import a sheet"),
        ),
        (
            _("Look at it"),
            _("Sort, narrow, correct; what you correct by hand survives the next import."),
            reverse("instruments:park"),
            _("Open the machine park"),
        ),
        (
            _("Invite people"),
            _("Heads see and edit their own unit, readers see all but prices and internal notes."),
            reverse("accounts:people"),
            _("People"),
        ),
        (
            _("Decide what to share"),
            _("Nothing leaves your organisation until you say so."),
            reverse("records:policy"),
            _("Sharing policy"),
        ),
    ]
    following = start.done.index(False) if False in start.done else None
    return [
        Step(title, text, url, action, is_done=is_done, is_current=place == following)
        for place, ((title, text, url, action), is_done) in enumerate(zip(wanted, start.done, strict=True))
    ]
