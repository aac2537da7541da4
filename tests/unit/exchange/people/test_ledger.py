"""The sharing ledger: offered, fetched, told, removed and confirmed, from journals and receipts alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import cast
import handshakes
from parkbench.accounts.rules import Role
from parkbench.exchange.models import ExchangeState, Partner, Receipt
from parkbench.exchange.queries import ledger as queries
from parkbench.exchange.queries import partners as people
from parkbench.exchange.services import circles, partners
from parkbench.exchange.tables import ledger
from parkbench.lib.errors import NotFound
from parkbench.records import rules
from parkbench.records.models import Audience, JournalEntry
from parkbench.records.services import share_record
from parkbench.records.visibility import Viewer

pytestmark = pytest.mark.django_db


def share(uid: UUID, mask: int, *sections: str) -> None:
    share_record(
        kind="instrument",
        uid=uid,
        masks=dict.fromkeys(("basics", *sections), mask),
        share_from=None,
        by=cast.OPERATOR,
    )


def told(partner: Partner, audience: Audience, sort: str = "fetched", at: datetime | None = None) -> None:
    """The partner says how far it came in a journal of ours."""
    audience.refresh_from_db()
    Receipt.objects.create(
        partner=partner,
        audience=audience,
        sort=sort,
        epoch=ExchangeState.objects.get().epoch,
        seq=audience.head,
        at=at or timezone.now(),
    )
    Partner.objects.filter(pk=partner.pk).update(fetched_at=at or timezone.now())


def of_record(uid: UUID) -> list[tuple[str, bool, str]]:
    lines = queries.record_lines(kind="instrument", uid=uid, viewer=cast.OPERATOR)
    return [
        (
            line.section,
            line.is_offered,
            ledger.status(line.departure)[0].split(" at ")[0]
            if line.departure
            else ("fetched" if line.fetched_at else "new"),
        )
        for line in lines
    ]


@pytest.fixture
def everybody() -> Audience:
    return Audience.objects.get(sort="partners")


def test_a_withdrawal_is_told_then_removed_and_confirmed(everybody: Audience) -> None:
    beta, uid = handshakes.partner(), cast.instrument("Confocal", cast.unit())
    share(uid, rules.PARTNERS)
    assert of_record(uid) == [("basics", True, "new")]
    told(beta, everybody)
    assert of_record(uid) == [("basics", True, "fetched")]
    share(uid, rules.NOBODY)
    assert of_record(uid) == [("basics", False, "not told yet: it has not asked since")]
    [left] = queries.departures(beta, viewer=cast.OPERATOR)
    assert (left.uid, left.section, left.was_held, left.is_open) == (uid, "basics", True, True)
    told(beta, everybody)
    assert of_record(uid) == [("basics", False, "told")]
    told(beta, everybody, "removed")
    assert of_record(uid) == [("basics", False, "removed, confirmed")]
    [left] = queries.departures(beta, viewer=cast.OPERATOR)
    assert left.removed_at is not None
    assert not left.is_open


def test_a_confirmation_says_when_to_the_second(everybody: Audience, settings: Any) -> None:
    settings.TIME_ZONE = "UTC"
    beta, uid = handshakes.partner(), cast.instrument("Confocal", cast.unit())
    share(uid, rules.PARTNERS)
    told(beta, everybody)
    share(uid, rules.NOBODY)
    at = (timezone.now() + timedelta(days=40)).replace(hour=14, minute=3, second=7)
    told(beta, everybody, "removed", at=at)
    [left] = queries.departures(beta, viewer=cast.OPERATOR)
    words, tone = ledger.status(left)
    assert words.endswith("14:03:07")
    assert words.startswith("removed, confirmed at")
    assert tone == "good"


def test_what_a_partner_keeps_under_a_request_is_said_until_it_is_gone(everybody: Audience) -> None:
    beta, uid = handshakes.partner(), cast.instrument("Confocal", cast.unit())
    share(uid, rules.PARTNERS)
    told(beta, everybody)
    share(uid, rules.NOBODY)
    told(beta, everybody, "removed")
    Receipt.objects.filter(sort="removed").update(frozen_count=1)
    [left] = queries.departures(beta, viewer=cast.OPERATOR)
    [line] = queries.record_lines(kind="instrument", uid=uid, viewer=cast.OPERATOR)
    for departure in (left, line.departure):
        assert departure is not None
        words, tone = ledger.status(departure)
        assert words.startswith("removed, confirmed at")
        assert words.endswith("; 1 part frozen under a request for access")
        assert (tone, departure.is_open) == ("warn", False)
    later = timezone.now() + timedelta(days=40)
    told(beta, everybody, "removed", at=later)
    [left] = queries.departures(beta, viewer=cast.OPERATOR)
    assert (left.frozen_count, left.removed_at) == (0, later), "when it said that nothing is kept any more"
    assert "frozen" not in ledger.status(left)[0]
    [line] = queries.record_lines(kind="instrument", uid=uid, viewer=cast.OPERATOR)
    assert line.departure is not None
    assert (line.departure.frozen_count, line.departure.removed_at) == (0, later)


def test_a_whole_journal_can_be_kept_in_part_under_a_request(everybody: Audience) -> None:
    beta, uid = handshakes.partner(), cast.instrument("Confocal", cast.unit())
    share(uid, rules.PARTNERS)
    told(beta, everybody)
    partners.end(partner_id=beta.pk, by=cast.OPERATOR)
    told(beta, everybody, "removed")
    Receipt.objects.filter(sort="removed").update(frozen_count=2)
    left = [one for one in queries.departures(beta, viewer=cast.OPERATOR) if one.audience == everybody]
    assert [one.frozen_count for one in left] == [2]
    [line] = queries.record_lines(kind="instrument", uid=uid, viewer=cast.OPERATOR)
    assert line.departure is not None
    assert line.departure.frozen_count == 2


def test_what_came_and_left_between_two_readings_was_never_held(everybody: Audience) -> None:
    beta, uid = handshakes.partner(), cast.instrument("Confocal", cast.unit())
    told(beta, everybody)
    share(uid, rules.PARTNERS)
    share(uid, rules.NOBODY)
    told(beta, everybody)
    [left] = queries.departures(beta, viewer=cast.OPERATOR)
    assert not left.was_held
    assert not left.is_open
    assert of_record(uid) == []


def test_an_older_receipt_confirms_nothing(everybody: Audience) -> None:
    beta, uid = handshakes.partner(), cast.instrument("Confocal", cast.unit())
    share(uid, rules.PARTNERS)
    told(beta, everybody)
    told(beta, everybody, "removed")
    share(uid, rules.NOBODY)
    [left] = queries.departures(beta, viewer=cast.OPERATOR)
    assert (left.told_at, left.removed_at) == (None, None)


def test_a_part_that_moves_to_another_journal_of_the_same_partner_did_not_leave(everybody: Audience) -> None:
    beta, uid = handshakes.partner(), cast.instrument("Confocal", cast.unit())
    assert beta.audience is not None
    share(uid, rules.PARTNERS)
    told(beta, everybody)
    share(uid, 1 << beta.audience.bit)
    assert of_record(uid) == [("basics", True, "new")]


def test_a_partner_is_not_told_of_what_left_before_it_came(everybody: Audience) -> None:
    beta, uid = handshakes.partner(), cast.instrument("Confocal", cast.unit())
    share(uid, rules.PARTNERS)
    told(beta, everybody)
    share(uid, rules.NOBODY)
    gamma = handshakes.partner("gamma")
    told(gamma, everybody)
    assert queries.departures(gamma, viewer=cast.OPERATOR) == []
    assert len(of_record(uid)) == 1


def test_going_out_of_a_group_stands_in_the_ledger_until_it_is_confirmed() -> None:
    beta, uid = handshakes.partner(), cast.instrument("Confocal", cast.unit())
    group = handshakes.circle("Nordic imaging", beta)
    share(uid, 1 << group.bit)
    told(beta, group)
    circles.set_members(token=group.token, members=(), expected={beta.pk}, by=cast.OPERATOR)
    beta.refresh_from_db()
    [left] = queries.departures(beta, viewer=cast.OPERATOR)
    assert (left.audience, left.uid, left.count, left.is_open) == (group, None, 1, True)
    assert of_record(uid) == [("basics", False, "not told yet: it has not asked since")]
    told(beta, group, "removed")
    beta.refresh_from_db()
    [left] = queries.departures(beta, viewer=cast.OPERATOR)
    assert left.removed_at is not None
    assert of_record(uid) == [("basics", False, "removed, confirmed")]


def test_an_ended_partner_is_given_nothing_and_its_page_says_whether_it_heard() -> None:
    beta, uid = handshakes.partner(), cast.instrument("Confocal", cast.unit())
    share(uid, rules.PARTNERS)
    told(beta, Audience.objects.get(sort="partners"))
    partners.end(partner_id=beta.pk, by=cast.OPERATOR)
    beta.refresh_from_db()
    assert queries.journal_lines(beta, viewer=cast.OPERATOR) == []
    assert of_record(uid) == [("basics", False, "not told yet: it has not asked since")]
    Partner.objects.filter(pk=beta.pk).update(fetched_at=timezone.now())
    assert of_record(uid) == [("basics", False, "told")]


def test_journals_say_how_far_a_partner_came(everybody: Audience) -> None:
    beta = handshakes.partner()
    share(cast.instrument("Confocal", cast.unit()), rules.PARTNERS)
    first = {line.audience.sort: line for line in queries.journal_lines(beta, viewer=cast.OPERATOR)}
    assert list(first) == ["public", "partners", "partner"]
    assert (first["partners"].count, first["partners"].told_at) == (1, None)
    told(beta, everybody)
    lines = {line.audience.sort: line for line in queries.journal_lines(beta, viewer=cast.OPERATOR)}
    assert lines["partners"].is_at_head
    share(cast.instrument("Widefield", cast.unit("Other")), rules.PARTNERS)
    lines = {line.audience.sort: line for line in queries.journal_lines(beta, viewer=cast.OPERATOR)}
    assert not lines["partners"].is_at_head


def test_the_ledger_is_for_members() -> None:
    beta = handshakes.partner()
    for ask in (
        lambda: queries.departures(beta, viewer=Viewer.public()),
        lambda: queries.journal_lines(beta, viewer=Viewer.as_audiences(7)),
        lambda: queries.record_lines(kind="instrument", uid=uuid4(), viewer=Viewer.public()),
        lambda: people.partners(viewer=Viewer.public()),
        lambda: people.partner(pk=beta.pk, viewer=Viewer.as_audiences(7)),
    ):
        with pytest.raises(NotFound):
            ask()


def test_the_ledger_of_a_record_takes_three_queries_whatever_the_number_of_partners() -> None:
    uid = cast.instrument("Confocal", cast.unit())
    share(uid, rules.PARTNERS)
    counts = []
    for names in (["beta"], ["gamma", "delta", "epsilon", "zeta"]):
        for name in names:
            handshakes.partner(name)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert queries.record_lines(kind="instrument", uid=uid, viewer=cast.OPERATOR)
        counts.append(len(asked))
    assert counts == [3, 3]


def test_the_ledger_of_a_record_tells_nothing_of_a_part_that_one_may_not_see() -> None:
    handshakes.partner()
    uid = cast.instrument("Confocal", cast.unit(), legal_owner="Somebody", purchase_price=5)
    share(uid, rules.PARTNERS, "economics")
    for somebody, seen in (
        (cast.seen_by("Ben", Role.READER), {"basics"}),
        (cast.seen_by("Mona", Role.MANAGER), {"basics", "economics"}),
    ):
        lines = queries.record_lines(kind="instrument", uid=uid, viewer=somebody)
        assert {line.section for line in lines} == seen


def test_what_left_a_partner_tells_nothing_of_a_part_that_one_may_not_see() -> None:
    beta = handshakes.partner()
    uid = cast.instrument("Confocal", cast.unit(), legal_owner="Somebody", purchase_price=5)
    share(uid, rules.PARTNERS, "economics")
    share(uid, rules.NOBODY, "economics")
    for somebody, seen in (
        (cast.seen_by("Ben", Role.READER), {"basics"}),
        (cast.seen_by("Mona", Role.MANAGER), {"basics", "economics"}),
    ):
        assert {line.section for line in queries.departures(beta, viewer=somebody)} == seen


# --- looking as a partner ---


def seen_as(partner: Partner) -> set[tuple[str, UUID, str]]:
    """Every part that the preview of a partner shows."""
    from parkbench.records.registry import kinds
    from parkbench.records.visibility import sections

    eyes = Viewer.as_audiences(people.mask_of(partner))
    return {
        (kind.name, row.uid, section)
        for kind in kinds()
        for row in kind.model._default_manager.visible(eyes).filter(home_id=1)
        for section in sections(kind, row, eyes)
        if getattr(row, kind.section(section).at) is not None
    }


def served_to(partner: Partner) -> set[tuple[str, UUID, str]]:
    """Every part in the journals that a partner may read."""
    rows = JournalEntry.objects.filter(is_gone=False, audience__in=people.audiences_of(partner))
    return set(rows.values_list("kind", "uid", "section"))


def test_the_preview_shows_exactly_what_the_journals_of_a_partner_hold() -> None:
    import worlds

    worlds.build()
    beta, gamma = handshakes.partner(), handshakes.partner("gamma")
    group = handshakes.circle("Nordic imaging", beta)
    assert gamma.audience is not None
    unit = cast.unit("Shared unit")
    masks = (rules.PUBLIC, rules.PARTNERS, 1 << group.bit, 1 << gamma.audience.bit, rules.NOBODY)
    for number, mask in enumerate(masks):
        uid = cast.instrument(f"Scope {number}", unit, room="1", replacement_price=5)
        share(uid, mask, "capacity") if number % 2 else share(uid, mask, "economics")
    for partner in (beta, gamma):
        assert seen_as(partner) == served_to(partner)
    assert seen_as(beta) != seen_as(gamma)
    partners.suspend(partner_id=beta.pk, by=cast.OPERATOR)
    beta.refresh_from_db()
    assert people.mask_of(beta) == rules.PUBLIC
    assert seen_as(beta) == served_to(beta)
