"""The states of a partnership: who may change them, what each change opens, closes and notes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

import cast
import handshakes
from handshakes import TERMS, Node
from parkbench.accounts.rules import Role
from parkbench.exchange.models import FormerReader, JournalGrant, Partner
from parkbench.exchange.rules import TRANSITIONS, State, check_step, fit, is_lease_ending
from parkbench.exchange.services import holding, trust
from parkbench.exchange.services import partners as services
from parkbench.lib import jobs
from parkbench.lib.errors import Conflict, Invalid, NotAllowed, NotFound, Refused
from parkbench.records import rules
from parkbench.records.models import Audience, Home
from parkbench.records.services import set_policy, widen

db = pytest.mark.django_db

ACTS: dict[str, Callable[..., Partner]] = {
    "confirm": lambda **given: services.confirm(terms=TERMS, **given),
    "suspend": services.suspend,
    "resume": services.resume,
    "end": services.end,
}
MAY = {
    State.INVITED: {"end"},
    State.PENDING: {"confirm", "end"},
    State.ACTIVE: {"suspend", "end"},
    State.SUSPENDED: {"resume", "end"},
    State.ENDED: set(),
}


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """The jobs that were queued."""
    found: list[tuple[str, dict[str, Any]]] = []
    monkeypatch.setattr(jobs, "enqueue", lambda name, **given: found.append((name, given)))
    return found


def reads(partner: Partner) -> set[str]:
    return set(JournalGrant.objects.filter(partner=partner).values_list("audience__name", flat=True))


@pytest.mark.parametrize("old", State)
@pytest.mark.parametrize("new", State)
def test_the_table_says_which_steps_there_are(old: State, new: State) -> None:
    assert bool(check_step(old, new)) == (new not in TRANSITIONS[old])


@db
@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("state", State)
def test_an_act_is_done_in_its_states_only(state: State, act: str, queued: list[Any]) -> None:
    partner = handshakes.invited()
    Partner.objects.filter(pk=partner.pk).update(state=state.value)
    if act in MAY[state]:
        assert ACTS[act](partner_id=partner.pk, by=cast.OPERATOR).state != state
        return
    with pytest.raises(Refused, match="cannot be done now"):
        ACTS[act](partner_id=partner.pk, by=cast.OPERATOR)
    partner.refresh_from_db()
    assert partner.state == state


@db
@pytest.mark.parametrize("act", ACTS)
def test_only_administrators_change_a_state(act: str) -> None:
    partner = handshakes.invited()
    for name, role in (("Ben", Role.READER), ("Mona", Role.MANAGER)):
        with pytest.raises(NotAllowed):
            ACTS[act](partner_id=partner.pk, by=cast.seen_by(name, role))
    with pytest.raises(NotFound):
        ACTS[act](partner_id=partner.pk + 99, by=cast.OPERATOR)


@db
def test_a_confirmed_partner_reads_what_partners_see_from_where_the_journal_stands(queued: list[Any]) -> None:
    cast.unit("Light microscopy")
    set_policy(kind="unit", section="basics", mask=rules.PARTNERS, by=cast.OPERATOR)
    widen(kind="unit")
    head = Audience.objects.get(sort="partners").head
    assert head > 0
    partner = services.confirm(
        partner_id=handshakes.invited().pk, terms=TERMS, by=cast.seen_by("Ada", Role.ADMINISTRATOR)
    )
    shared = JournalGrant.objects.get(partner=partner, audience__sort="partners")
    assert shared.since_seq == head
    assert partner.audience is not None
    assert (partner.audience.sort, partner.audience.name) == ("partner", "Beta Institute")
    assert partner.confirmed_by is not None
    assert (partner.confirmed_by.name, partner.terms_version, partner.their_signatory) == (
        "Ada",
        "1.0",
        "Bea",
    )
    assert ("exchange.pull", {"partner": partner.pk, "reason": "asked"}) in queued


@db
def test_terms_must_be_whole_and_signed_by_now() -> None:
    partner = handshakes.invited()
    tomorrow = timezone.localdate() + timedelta(days=1)
    for bad in (
        replace(TERMS, version=" "),
        replace(TERMS, our_signatory=""),
        replace(TERMS, their_signatory="x" * 201),
        replace(TERMS, signed_on=tomorrow),
    ):
        with pytest.raises(Invalid):
            services.confirm(partner_id=partner.pk, terms=bad, by=cast.OPERATOR)
    partner.refresh_from_db()
    assert partner.state == State.PENDING


@db
def test_a_partner_bears_a_number_when_a_group_has_its_name(queued: list[Any]) -> None:
    handshakes.circle("Beta Institute")
    partner = handshakes.partner()
    assert partner.audience is not None
    assert partner.audience.name == "Beta Institute (2)"


@db
def test_with_all_bits_taken_a_partner_is_let_in_without_an_audience_of_its_own(queued: list[Any]) -> None:
    for bit in range(2, 62):
        Audience.objects.create(sort="circle", name=f"Group {bit}", bit=bit)
    partner = handshakes.partner()
    assert partner.audience is None
    assert JournalGrant.objects.filter(partner=partner).count() == 1


@db
def test_ending_takes_every_journal_away_and_notes_it_outside_the_database(
    queued: list[Any], tmp_path: Path
) -> None:
    partner = handshakes.partner()
    handshakes.circle("Nordic imaging", partner)
    assert len(reads(partner)) == 3
    services.end(partner_id=partner.pk, by=cast.OPERATOR)
    assert not reads(partner)
    assert FormerReader.objects.filter(partner=partner).count() == 3
    noted = [json.loads(line) for line in (tmp_path / "withdrawals.log").read_text().splitlines()]
    assert [(line["what"], line["partner"]) for line in noted] == [("reader", "https://beta.example")] * 3
    partner.refresh_from_db()
    assert partner.hidden_at is not None
    assert Home.objects.get(pk=partner.home_id).hidden_at is not None
    assert ("exchange.purge_partner", {"partner_id": partner.pk}) in queued


@db
def test_a_purge_leaves_a_partner_alone_that_began_again(queued: list[Any]) -> None:
    partner = handshakes.partner()
    services.end(partner_id=partner.pk, by=cast.OPERATOR)
    holding.purge(partner_id=partner.pk)
    partner.refresh_from_db()
    assert partner.purged_at is not None
    Partner.objects.filter(pk=partner.pk).update(purged_at=None)
    handshakes.partner()
    holding.purge(partner_id=partner.pk)
    partner.refresh_from_db()
    assert partner.purged_at is None


@db
def test_suspending_hides_and_resuming_shows_while_the_lease_runs(queued: list[Any]) -> None:
    partner = handshakes.partner()
    later = timezone.now() + timedelta(days=3)
    Partner.objects.filter(pk=partner.pk).update(lease_until=later, their_state="active")
    before = reads(partner)
    Partner.objects.filter(pk=partner.pk).update(ping_wanted_at=None)
    services.suspend(partner_id=partner.pk, by=cast.OPERATOR)
    partner.refresh_from_db()
    assert partner.hidden_at is not None
    assert partner.ping_wanted_at is not None, "It hears of it now, not at its next reading."
    services.resume(partner_id=partner.pk, by=cast.OPERATOR)
    assert ("exchange.show_partner", {"partner_id": partner.pk}) in queued
    holding.show(partner_id=partner.pk)
    partner.refresh_from_db()
    assert partner.hidden_at is None
    assert reads(partner) == before


@db
@pytest.mark.parametrize("their_state", ["suspended", "", "active"])
def test_what_has_no_lease_or_is_suspended_there_stays_hidden(their_state: str, queued: list[Any]) -> None:
    partner = handshakes.partner()
    days = 3 if their_state != "active" else -1
    until = timezone.now() + timedelta(days=days)
    Partner.objects.filter(pk=partner.pk).update(lease_until=until, their_state=their_state)
    services.suspend(partner_id=partner.pk, by=cast.OPERATOR)
    services.resume(partner_id=partner.pk, by=cast.OPERATOR)
    holding.show(partner_id=partner.pk)
    partner.refresh_from_db()
    assert partner.hidden_at is not None


@db
def test_a_pull_is_asked_for_by_managers_and_of_partners_that_are_read(queued: list[Any]) -> None:
    partner = handshakes.partner()
    queued.clear()
    services.pull_now(partner_id=partner.pk, by=cast.seen_by("Mona", Role.MANAGER))
    assert queued == [("exchange.pull", {"partner": partner.pk, "reason": "asked"})]
    with pytest.raises(NotAllowed):
        services.pull_now(partner_id=partner.pk, by=cast.seen_by("Ben", Role.READER))
    services.end(partner_id=partner.pk, by=cast.OPERATOR)
    with pytest.raises(Refused, match="Nothing is read"):
        services.pull_now(partner_id=partner.pk, by=cast.OPERATOR)
    with pytest.raises(NotFound):
        services.pull_now(partner_id=partner.pk + 99, by=cast.OPERATOR)


@db
def test_a_new_key_counts_only_with_the_fingerprint_that_was_compared(queued: list[Any]) -> None:
    from parkbench.envelope.keys import spoken

    partner, stranger = handshakes.partner(), Node()
    with pytest.raises(Refused, match="no new key"):
        trust.trust_new_key(partner_id=partner.pk, fingerprint="x", by=cast.OPERATOR)
    Partner.objects.filter(pk=partner.pk).update(offered=stranger.document(number=9).decode())
    with pytest.raises(Conflict):
        trust.trust_new_key(partner_id=partner.pk, fingerprint="abcd", by=cast.OPERATOR)
    with pytest.raises(NotAllowed):
        trust.trust_new_key(partner_id=partner.pk, fingerprint="x", by=cast.seen_by("Mona", Role.MANAGER))
    told = spoken(stranger.thumbprint)
    trusted = trust.trust_new_key(partner_id=partner.pk, fingerprint=told, by=cast.OPERATOR)
    assert (trusted.offered, trusted.document_number) == ("", 9)
    Partner.objects.filter(pk=partner.pk).update(offered=Node("gamma").document().decode())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Beta\u202eahpla", "Betaahpla"),
        ("a\u200bb\u2066c\ufeff", "abc"),
        ("line\nbreak\ttab\x00nul\x1b[31m", "line break tab nul [31m"),
        ("x" * 300, "x" * 199 + "…"),
        ("Institut für Ödem 日本", "Institut für Ödem 日本"),
        ("\u2028para\u2029", "para"),
    ],
)
def test_names_of_others_are_shown_without_marks_that_mislead(text: str, shown: str) -> None:
    assert fit(text) == shown


@pytest.mark.parametrize(
    ("lease", "left", "is_ending"),
    [(30, 7.5, False), (30, 6.5, True), (30, -3, True), (365, 8, False), (4, 1.1, False), (4, 0.9, True)],
)
def test_a_lease_is_told_of_in_its_last_week_or_its_last_quarter(
    lease: int, left: float, is_ending: bool
) -> None:
    heard = datetime(2026, 3, 1, tzinfo=UTC)
    until = heard + timedelta(days=lease)
    now = until - timedelta(days=left)
    assert is_lease_ending(verified_at=heard, until=until, now=now) is is_ending
    assert not is_lease_ending(verified_at=None, until=None, now=now)
