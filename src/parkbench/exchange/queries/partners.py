"""Reads on partners as people see them: who they are, what they share with us, what we share with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from parkbench.accounts.rules import Action
from parkbench.envelope.documents import NodeDocument, read_document
from parkbench.envelope.errors import EnvelopeError
from parkbench.envelope.keys import spoken
from parkbench.exchange.models import Invitation, JournalGrant, Partner, PullRun
from parkbench.exchange.queries.authority import without_frozen
from parkbench.exchange.queries.serving import node_now
from parkbench.exchange.rules import READS, State, fit
from parkbench.lib.errors import NotFound
from parkbench.records.models import Audience, HeldJournal, Membership, SectionProblem
from parkbench.records.registry import HomeNote, Kind, kinds
from parkbench.records.visibility import Viewer

SHOWN = 20
"""Pulls and problems that a partner's page shows."""


@dataclass(frozen=True, slots=True)
class HeldKind:
    """How many records of one kind a partner shares with us; ``kind`` is None where this version has none."""

    name: str
    kind: Kind | None
    count: int


@dataclass(frozen=True, slots=True)
class PartnerLine:
    """A partner with what is held of it (records by kind), offered to it (parts), and set aside."""

    partner: Partner
    held: Sequence[HeldKind]
    offered_count: int | None
    problem_count: int


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a partner says it is, by the document that counts; '' for what it does not say."""

    organisation: str
    ror: str
    url: str
    mailbox: str
    fingerprint: str
    is_public_authority: bool
    offered_fingerprint: str = ""


def partners(*, viewer: Viewer) -> list[PartnerLine]:
    """Return all partners by name, for members; five queries, whatever their number."""
    _check_member(viewer)
    rows = list(Partner.objects.select_related("home").order_by("home__name", "pk"))
    held = _held([row.home_id for row in rows])
    offered = _offered(rows) if sees_counts(viewer) else {}
    problems = dict(
        without_frozen(SectionProblem.objects.order_by()).values_list("home").annotate(count=Count("pk"))
    )  # one line for each home that has any
    return [
        PartnerLine(row, held.get(row.home_id, ()), offered.get(row.pk), problems.get(row.home_id, 0))
        for row in rows
    ]


def partner(*, pk: int, viewer: Viewer) -> Partner:
    """Return one partner with its home; raise NotFound when there is none, or for anybody but members."""
    _check_member(viewer)
    found = Partner.objects.select_related("home", "audience", "confirmed_by").filter(pk=pk).first()
    if found is None:
        raise NotFound(_("There is no such partner here."))
    return found


def sees_counts(viewer: Viewer) -> bool:
    """Tell whether a viewer may know how many parts there are: whoever sees all of them.

    To others a count would tell that a part was filled which they may not see.
    """
    return viewer.may(Action.SEE_ECONOMICS) and viewer.may(Action.SEE_INTERNAL)


def line_of(partner: Partner) -> PartnerLine:
    """Return what the list says of one partner, to those who see counts; four queries."""
    count = without_frozen(SectionProblem.objects.filter(home_id=partner.home_id)).count()
    held = _held([partner.home_id]).get(partner.home_id, ())
    return PartnerLine(partner, held, _offered([partner])[partner.pk], count)


def identity(partner: Partner) -> Identity:
    """Return who a partner is, from its pinned document."""
    document, kid = _read(partner.document)
    offered = _read(partner.offered)[1] if partner.offered else ""
    return Identity(
        organisation=partner.home.name,
        ror=document.ror if document else "",
        url=partner.home.address,
        mailbox=partner.mailbox,
        fingerprint=spoken(kid) if kid else "",
        is_public_authority=partner.is_public_authority,
        offered_fingerprint=spoken(offered) if offered else "",
    )


def held_journals(partner: Partner, *, viewer: Viewer) -> list[HeldJournal]:
    """Return the journals that are read of a partner, the widest first; none for those who see no counts."""
    if not sees_counts(viewer):
        return []
    order = {"public": 0, "partners": 1, "group": 2, "partner": 3}
    held = HeldJournal.objects.filter(home_id=partner.home_id)
    return sorted(held, key=lambda one: (order.get(one.sort, 4), one.name, str(one.audience)))


def runs(partner: Partner) -> list[PullRun]:
    """Return the last pulls, the newest first."""
    return list(partner.pulls.order_by("-started_at", "-pk")[:SHOWN])


def problems(partner: Partner) -> list[SectionProblem]:
    """Return what a partner shares that is not shown here, the newest first."""
    rows = without_frozen(SectionProblem.objects.filter(home_id=partner.home_id))
    return list(rows.order_by("-at", "-pk")[:SHOWN])


def audiences_of(partner: Partner) -> list[Audience]:
    """Return the audiences that a partner is in just now: everybody always; the rest while it is active."""
    granted = Audience.objects.filter(sort=Audience.Sort.PUBLIC)
    if partner.state in READS:
        granted = granted | Audience.objects.filter(grants__partner=partner)
    return list(granted.distinct().order_by("bit"))


def mask_of(partner: Partner) -> int:
    """Return the mask of the audiences that a partner is in: with it one sees what the partner may hold."""
    return sum(1 << audience.bit for audience in audiences_of(partner))


def open_invitations(*, viewer: Viewer, now: datetime | None = None) -> list[Invitation]:
    """Return the invitations that nobody has answered yet, for members; the newest first."""
    _check_member(viewer)
    rows = Invitation.objects.filter(partner=None, withdrawn_at=None, expires_at__gt=now or timezone.now())
    return list(rows.select_related("by").order_by("-made_at", "-pk"))


def authorities(*, in_groups_only: bool = False) -> list[Partner]:
    """Return the active partners that are subject to a public-access law; one query.

    ``in_groups_only`` leaves out those that read neither a group's journal nor one of their own.
    """
    rows = Partner.objects.filter(state__in=READS, is_public_authority=True).select_related("home")
    if in_groups_only:
        sorts = (Audience.Sort.CIRCLE, Audience.Sort.PARTNER)
        rows = rows.filter(grants__audience__sort__in=sorts).distinct()
    return list(rows.order_by("home__name"))


def is_paused() -> str | None:
    """Return why the exchange is paused ('' without a reason); None while it runs."""
    node = node_now()
    return node.pause_reason if node.is_paused else None


def _check_member(viewer: Viewer) -> None:
    if not viewer.is_member:
        raise NotFound(_("There is no such page here, or it is not shared with you."))


def _read(written: str) -> tuple[NodeDocument | None, str]:
    """Return a kept document and the first key that signed it."""
    try:
        document, signers = read_document(written.encode())
    except EnvelopeError:
        return None, ""
    return document, signers[0]


def _held(homes: Sequence[int]) -> dict[int, list[HeldKind]]:
    """Count the records that these homes share with us, by kind, in the order of the kinds; one query."""
    known = {kind.name: kind for kind in kinds()}
    places = {name: place for place, name in enumerate(known)}
    rows = without_frozen(Membership.objects.filter(home__in=homes, section="basics")).order_by()
    counted = rows.values_list("home_id", "kind").annotate(count=Count("uid", distinct=True))
    found: dict[int, list[HeldKind]] = defaultdict(list)
    for home, name, count in counted:
        found[home].append(HeldKind(name, known.get(name), count))
    for lines in found.values():
        lines.sort(key=lambda line: (places.get(line.name, len(places)), line.name))
    return found


def _offered(rows: Sequence[Partner]) -> dict[int, int]:
    """Count the parts that each partner may read now; two queries."""
    public = sum(
        Audience.objects.filter(sort=Audience.Sort.PUBLIC).values_list("count", flat=True)
    )  # the one journal that needs no grant
    counts: dict[int, int] = {row.pk: public if row.state in READS else 0 for row in rows}
    granted: QuerySet[JournalGrant, tuple[int, int]] = JournalGrant.objects.filter(
        partner__in=[row.pk for row in rows if row.state in READS]
    ).values_list("partner_id", "audience__count")
    for pk, count in granted:
        counts[pk] += count
    return counts


def names_of_records(parts: Sequence[tuple[str, UUID]]) -> dict[UUID, str]:
    """Return the titles of own records by id, one query for each kind among them; '' for what has no page."""
    by_kind: dict[str, list[UUID]] = defaultdict(list)
    for kind, uid in parts:
        by_kind[kind].append(uid)
    found: dict[UUID, str] = {}
    for kind_row in kinds():
        if uids := by_kind.get(kind_row.name):
            rows = kind_row.model._default_manager.filter(uid__in=uids, home_id=1)
            found |= dict(rows.values_list("uid", kind_row.title))
    return found


def home_note(home_id: int) -> HomeNote | None:
    """Return what pages of a partner's records say of their home, None for any other; one query."""
    found = Partner.objects.select_related("home").filter(home_id=home_id).first()
    if found is None:
        return None
    return HomeNote(fit(found.home.name), found.verified_at, _in_the_way(found))


def _in_the_way(partner: Partner) -> str:
    """Say what stands between us and what a partner shares now; '' for nothing."""
    if partner.state == State.ENDED:
        return _("the partnership has ended")
    if State.SUSPENDED in (partner.state, partner.their_state):
        return _("the partnership is suspended")
    if partner.offered:
        return _("its keys have changed, and nobody has compared them yet")
    if partner.hidden_at is not None:
        return _("it has been silent for longer than its lease")
    return _("the last reading did not succeed") if partner.failure_count else ""
