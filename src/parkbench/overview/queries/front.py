"""What visitors see first, and how far a new node has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Exists, Subquery

from parkbench.accounts.models import Person
from parkbench.accounts.rules import Action
from parkbench.instruments.models import Instrument
from parkbench.overview.rules import Start
from parkbench.programme.models import Organisation, Platform, Unit
from parkbench.programme.queries import own_organisation
from parkbench.records.models import OWN, Home, PolicyCell
from parkbench.records.visibility import Viewer


@dataclass(frozen=True, slots=True)
class Shown:
    """What the organisation shows to a visitor."""

    organisation: Organisation | None
    platforms: Sequence[Platform]
    unit_count: int
    instrument_count: int

    @property
    def is_empty(self) -> bool:
        """Whether a visitor may see nothing at all."""
        has_any = self.organisation or self.platforms or self.unit_count or self.instrument_count
        return not has_any


def start(*, viewer: Viewer, has_instruments: bool) -> tuple[Start, UUID | None] | None:
    """Return how far the node has come and its organisation's uid; one query, None for who only uses it."""
    if not viewer.may(Action.MANAGE_PEOPLE):
        return None
    others = Person.objects.filter(is_active=True, is_erased=False).exclude(pk=viewer.person_id or 0)
    shared = PolicyCell.objects.filter(mask__gt=0)
    organisation = Organisation.objects.visible(viewer).own().order_by().values("uid")[:1]
    active = Person.objects.filter(is_active=True, is_erased=False, grants=None).order_by()
    roleless = active.values("is_active").annotate(n=Count("pk")).values("n")
    rows = Home.objects.filter(pk=OWN).annotate(
        organisation=Subquery(organisation),
        people=Exists(others),
        shares=Exists(shared),
        roleless=Subquery(roleless),
    )
    uid, has_people, is_sharing, count = rows.values_list(
        "organisation", "people", "shares", "roleless"
    ).get()
    return Start(has_instruments, bool(has_people), bool(is_sharing), count or 0), uid


def shown(*, viewer: Viewer) -> Shown:
    """Return what a visitor, or who borrows a visitor's eyes, may see of the organisation; four queries."""
    return Shown(
        organisation=own_organisation(viewer=viewer),
        platforms=list(Platform.objects.visible(viewer).own().order_by("name", "pk")),
        unit_count=Unit.objects.visible(viewer).own().count(),
        instrument_count=Instrument.objects.visible(viewer).own().count(),
    )
