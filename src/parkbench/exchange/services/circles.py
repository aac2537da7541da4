"""Groups of partners: purpose, written terms, members. A change of members moves readers, no records."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from parkbench.accounts.rules import Action
from parkbench.exchange.models import CircleTerms, JournalGrant, Partner
from parkbench.exchange.rules import State
from parkbench.exchange.services import grants
from parkbench.lib.errors import Conflict, Invalid, NotFound, Problem
from parkbench.records.models import Audience
from parkbench.records.services import gate
from parkbench.records.visibility import Viewer


@transaction.atomic
def set_terms(*, token: UUID, purpose: str, terms: str, is_told: bool, by: Viewer) -> CircleTerms:
    """This function will say what a group is for, what its members agreed to, and whether they are told.

    Raises NotFound when there is no such group, Invalid for texts that are too long.
    """
    by.check(Action.SET_POLICY)
    group = _group(token)
    limits = ((_("Purpose"), purpose, 500), (_("Written terms"), terms, 10_000))
    problems = [
        Problem(label, text, _("at most %(most)d characters") % {"most": most})
        for label, text, most in limits
        if len(text) > most
    ]
    if problems:
        raise Invalid(problems)
    values = {"purpose": purpose.strip(), "terms": terms.strip(), "is_told": is_told}
    return CircleTerms.objects.update_or_create(audience=group, defaults=values)[0]


@transaction.atomic
def set_members(*, token: UUID, members: Collection[int], expected: Collection[int], by: Viewer) -> None:
    """This function will make these partners the members of a group, and no others.

    ``expected`` are the members as whoever asks saw them. It acts on everything at once: whoever comes in
    reads the group's journal from now on, whoever goes out removes it. Raises NotFound when there is no such
    group or partner, Conflict when the members changed meanwhile.
    """
    by.check(Action.SET_POLICY)
    gate.close()
    group, now = _group(token), timezone.now()
    held = set(JournalGrant.objects.filter(audience=group).values_list("partner_id", flat=True))
    if held != set(expected):
        raise Conflict(
            _("Somebody changed the members of this group meanwhile. Look at the change once more.")
        )
    wanted = set(members)
    for partner in _partners(wanted - held, {State.ACTIVE}):
        grants.let_read(partner=partner, audiences=[group], now=now)
    for partner in _partners(held - wanted, set(State)):
        grants.stop_reading(partner=partner, audiences=[group], now=now)


def _group(token: UUID) -> Audience:
    group = Audience.objects.filter(token=token, sort=Audience.Sort.CIRCLE).first()
    if group is None:
        raise NotFound(_("There is no such group of partners here any more."))
    return group


def _partners(numbers: set[int], states: Collection[State]) -> list[Partner]:
    found = list(
        Partner.objects.filter(pk__in=numbers, state__in=[state.value for state in states])
        .select_related("home")
        .order_by("pk")
    )
    if len(found) != len(numbers):
        raise NotFound(_("One of these is no active partner any more. Look at the list again."))
    return found
