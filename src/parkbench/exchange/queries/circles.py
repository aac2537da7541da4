"""Reads on groups of partners: members, terms, and what coming in or going out opens or closes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext as _

from parkbench.accounts.rules import Action
from parkbench.exchange.models import CircleTerms, JournalGrant, Partner
from parkbench.exchange.rules import READS
from parkbench.lib.errors import NotFound
from parkbench.records.models import Audience, JournalEntry
from parkbench.records.visibility import Viewer


@dataclass(frozen=True, slots=True)
class Circle:
    """A group with its terms, the partners that may be in it, and which of them are."""

    audience: Audience
    terms: CircleTerms
    candidates: Sequence[Partner]
    members: frozenset[int]


@dataclass(frozen=True, slots=True)
class MemberEffect:
    """What coming in or going out does for one partner: what it comes to see, or sees no more.

    Only what nothing else shows it counts. ``record_count`` counts records of which any part opens or closes.
    """

    partner: Partner
    is_coming: bool
    record_count: int
    part_count: int

    @property
    def is_under_law(self) -> bool:
        """Whether copies would go to a partner that is subject to a public-access law."""
        return self.is_coming and self.partner.is_public_authority


def circle(*, token: UUID, viewer: Viewer) -> Circle:
    """Return a group of partners, for those who may set the policy; raises NotFound when there is none."""
    if not viewer.is_member:
        raise NotFound(_("There is no such page here, or it is not shared with you."))
    viewer.check(Action.SET_POLICY)
    audience = Audience.objects.filter(token=token, sort=Audience.Sort.CIRCLE).first()
    if audience is None:
        raise NotFound(_("There is no such group of partners here any more."))
    members = frozenset(JournalGrant.objects.filter(audience=audience).values_list("partner_id", flat=True))
    rows = Partner.objects.filter(Q(state__in=READS) | Q(pk__in=members)).select_related("home")
    terms = CircleTerms.objects.filter(audience=audience).first() or CircleTerms(audience=audience)
    return Circle(audience, terms, list(rows.order_by("home__name", "pk")), members)


def member_effects(circle: Circle, *, members: Collection[int]) -> list[MemberEffect]:
    """Return what making these partners the members does; one query for each that comes in or goes out."""
    wanted = frozenset(members)
    return [
        _effect(circle.audience, partner, is_coming=partner.pk in wanted)
        for partner in circle.candidates
        if (partner.pk in wanted) != (partner.pk in circle.members)
    ]


def circle_names() -> dict[str, list[str]]:
    """Return the names of the members of every group, by its token; one query."""
    found: dict[str, list[str]] = {}
    rows = JournalGrant.objects.filter(audience__sort=Audience.Sort.CIRCLE).order_by("partner__home__name")
    for token, name in rows.values_list("audience__token", "partner__home__name"):
        found.setdefault(str(token), []).append(name)
    return found


def _effect(audience: Audience, partner: Partner, *, is_coming: bool) -> MemberEffect:
    """Count the parts in a group's journal that no other journal brings to this partner."""
    other = JournalEntry.objects.filter(
        uid=OuterRef("uid"), section=OuterRef("section"), is_gone=False
    ).filter(
        Q(audience__sort=Audience.Sort.PUBLIC)
        | Q(audience__in=JournalGrant.objects.filter(partner=partner).values("audience"))
    )
    rows = JournalEntry.objects.filter(audience=audience, is_gone=False)
    rows = rows.filter(~Exists(other.exclude(audience=audience)))
    counts = rows.aggregate(parts=Count("pk"), records=Count("uid", distinct=True))
    return MemberEffect(partner, is_coming, counts["records"], counts["parts"])
