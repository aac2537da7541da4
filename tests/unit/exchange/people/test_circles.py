"""Groups of partners: who is in one, what that opens and closes, and the same counted before."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

import cast
import handshakes
from parkbench.accounts.rules import Role
from parkbench.exchange.models import FormerReader, JournalGrant, Partner
from parkbench.exchange.queries import circles as queries
from parkbench.exchange.services import circles, grants, partners
from parkbench.lib.errors import Conflict, Invalid, NotAllowed, NotFound
from parkbench.records import rules
from parkbench.records.models import JournalEntry
from parkbench.records.services import remove_group, share_record

pytestmark = pytest.mark.django_db


def share(uid: UUID, mask: int, *sections: str) -> None:
    share_record(
        kind="instrument",
        uid=uid,
        masks=dict.fromkeys(("basics", *sections), mask),
        share_from=None,
        by=cast.OPERATOR,
    )


def members(token: UUID) -> set[int]:
    return set(JournalGrant.objects.filter(audience__token=token).values_list("partner_id", flat=True))


def test_what_a_member_comes_to_see_is_counted_before() -> None:
    beta, gamma = handshakes.partner(), handshakes.partner("gamma")
    group, other = handshakes.circle("Nordic imaging"), handshakes.circle("Benelux", gamma)
    unit = cast.unit()
    first, second, third = (cast.instrument(f"Confocal {n}", unit) for n in "123")
    share(first, 1 << group.bit)
    share(second, 1 << group.bit | 1 << other.bit)
    share(third, rules.PUBLIC)
    found = queries.circle(token=group.token, viewer=cast.OPERATOR)
    effects = queries.member_effects(found, members={beta.pk, gamma.pk})
    assert [(one.partner, one.is_coming, one.record_count, one.part_count) for one in effects] == [
        (beta, True, 2, 2),
        (gamma, True, 1, 1),
    ]


def test_members_come_in_and_go_out_and_no_record_is_rewritten() -> None:
    beta, gamma = handshakes.partner(), handshakes.partner("gamma")
    group = handshakes.circle("Nordic imaging", beta)
    share(cast.instrument("Confocal", cast.unit()), 1 << group.bit)
    before = list(JournalEntry.objects.order_by("pk").values())
    circles.set_members(token=group.token, members={gamma.pk}, expected={beta.pk}, by=cast.OPERATOR)
    assert members(group.token) == {gamma.pk}
    assert list(JournalEntry.objects.order_by("pk").values()) == before
    left = FormerReader.objects.get()
    assert (left.partner, left.audience, left.count) == (beta, group, 1)
    group.refresh_from_db()
    assert JournalGrant.objects.get(partner=gamma, audience=group).since_seq == group.head
    beta.refresh_from_db()
    assert beta.ping_wanted_at is not None


def test_a_reader_begins_where_the_journal_stands_and_not_where_somebody_saw_it() -> None:
    gamma, group = handshakes.partner("gamma"), handshakes.circle("Nordic imaging")
    share(cast.instrument("Confocal", cast.unit()), 1 << group.bit)
    assert group.head == 0
    grants.let_read(partner=gamma, audiences=[group], now=timezone.now())
    assert JournalGrant.objects.get(partner=gamma, audience=group).since_seq == 1


def test_a_change_that_was_shown_for_other_members_is_shown_again() -> None:
    beta, gamma = handshakes.partner(), handshakes.partner("gamma")
    group = handshakes.circle("Nordic imaging", beta)
    with pytest.raises(Conflict):
        circles.set_members(token=group.token, members={gamma.pk}, expected=(), by=cast.OPERATOR)
    assert members(group.token) == {beta.pk}


def test_only_active_partners_come_in() -> None:
    waiting, group = handshakes.invited(), handshakes.circle()
    with pytest.raises(NotFound):
        circles.set_members(token=group.token, members={waiting.pk}, expected=(), by=cast.OPERATOR)
    with pytest.raises(NotFound):
        circles.set_members(token=group.token, members={999}, expected=(), by=cast.OPERATOR)
    with pytest.raises(NotFound):
        circles.set_members(token=uuid4(), members=(), expected=(), by=cast.OPERATOR)


def test_a_suspended_member_stays_and_can_be_taken_out() -> None:
    beta = handshakes.partner()
    group = handshakes.circle("Nordic imaging", beta)
    partners.suspend(partner_id=beta.pk, by=cast.OPERATOR)
    found = queries.circle(token=group.token, viewer=cast.OPERATOR)
    assert [one.pk for one in found.candidates] == [beta.pk]
    circles.set_members(token=group.token, members={beta.pk}, expected={beta.pk}, by=cast.OPERATOR)
    circles.set_members(token=group.token, members=(), expected={beta.pk}, by=cast.OPERATOR)
    assert not members(group.token)


def test_terms_are_kept_and_told_only_when_ticked() -> None:
    group = handshakes.circle()
    kept = circles.set_terms(
        token=group.token, purpose=" Purchases ", terms="Signed in March.", is_told=True, by=cast.OPERATOR
    )
    assert (kept.purpose, kept.terms, kept.is_told) == ("Purchases", "Signed in March.", True)
    again = circles.set_terms(token=group.token, purpose="", terms="", is_told=False, by=cast.OPERATOR)
    assert (again.pk, again.is_told) == (kept.pk, False)
    with pytest.raises(Invalid):
        circles.set_terms(token=group.token, purpose="x" * 501, terms="", is_told=False, by=cast.OPERATOR)


def test_groups_are_for_those_who_may_set_the_policy() -> None:
    group, hana = handshakes.circle(), cast.seen_by("Hana", (Role.HEAD, str(uuid4())))
    mona = cast.seen_by("Mona", Role.MANAGER)
    acts: list[Any] = [
        lambda by: circles.set_members(token=group.token, members=(), expected=(), by=by),
        lambda by: circles.set_terms(token=group.token, purpose="", terms="", is_told=False, by=by),
        lambda by: queries.circle(token=group.token, viewer=by),
    ]
    for act in acts:
        act(mona)
        with pytest.raises(NotAllowed):
            act(hana)


def test_a_group_with_members_is_not_removed() -> None:
    from parkbench.lib.errors import Refused

    beta = handshakes.partner()
    group = handshakes.circle("Nordic imaging", beta)
    with pytest.raises(Refused, match="Take them out first"):
        remove_group(pk=group.pk, by=cast.OPERATOR)
    assert queries.circle_names() == {str(group.token): ["Beta Institute"]}
    circles.set_members(token=group.token, members=(), expected={beta.pk}, by=cast.OPERATOR)
    remove_group(pk=group.pk, by=cast.OPERATOR)


def test_a_public_authority_that_comes_in_is_warned_of() -> None:
    beta = handshakes.partner(is_public_authority=True)
    group = handshakes.circle()
    found = queries.circle(token=group.token, viewer=cast.OPERATOR)
    [effect] = queries.member_effects(found, members={beta.pk})
    assert effect.is_under_law
    assert Partner.objects.get().is_public_authority
