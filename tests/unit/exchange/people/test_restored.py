"""After a backup was put back: a reader that was taken out stays out, one that was let in again stays in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

import cast
import handshakes
from parkbench.exchange.models import JournalGrant, Partner
from parkbench.exchange.services import circles, partners
from parkbench.exchange.services.restored import after_restore
from parkbench.lib import jobs
from parkbench.records.services import withdrawals

pytestmark = pytest.mark.django_db
Act = Callable[..., None]


@pytest.fixture(autouse=True)
def waiting(here: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs wait; the log of withdrawals is there."""
    monkeypatch.setattr(jobs, "enqueue", lambda name, **given: None)
    withdrawals.begin()


@pytest.fixture
def act(django_capture_on_commit_callbacks: Any) -> Act:
    """Do something and commit it: being back is noted after that, so an act that fails lets nobody in."""

    def does(what: Callable[..., object], **given: Any) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            what(**given, by=cast.OPERATOR)

    return does


def restored() -> int:
    """Do what a restore does with a backup of this moment; return how many journals were taken away."""
    return after_restore(made_at=timezone.now()).reader_count


def journals(partner: Partner) -> int:
    return JournalGrant.objects.filter(partner=partner).count()


def test_a_partner_suspended_and_resumed_just_before_the_backup_reads_on(act: Act) -> None:
    partner = handshakes.partner()
    handshakes.circle("Nordic imaging", partner)
    act(partners.suspend, partner_id=partner.pk)
    act(partners.resume, partner_id=partner.pk)
    assert (restored(), journals(partner)) == (0, 3)


def test_a_partner_suspended_after_it_was_resumed_reads_nothing_of_what_the_backup_says(act: Act) -> None:
    partner = handshakes.partner()
    for what in (partners.suspend, partners.resume, partners.suspend):
        act(what, partner_id=partner.pk)
    assert (restored(), journals(partner)) == (2, 0)


def test_who_left_a_group_and_came_back_is_in_and_who_left_for_good_is_out(act: Act) -> None:
    partner = handshakes.partner()
    back, out = handshakes.circle("Back", partner), handshakes.circle("Out", partner)
    for group in (back, out):
        act(circles.set_members, token=group.token, members=(), expected={partner.pk})
    act(circles.set_members, token=back.token, members={partner.pk}, expected=())
    JournalGrant.objects.create(partner=partner, audience=out, granted_at=timezone.now())  # as in the backup
    restored()
    assert JournalGrant.objects.filter(partner=partner, audience=back).exists()
    assert not JournalGrant.objects.filter(partner=partner, audience=out).exists()


def test_a_partnership_that_ended_stays_ended_though_its_partner_came_back_with_another_key(act: Act) -> None:
    partner = handshakes.partner()
    act(partners.end, partner_id=partner.pk)
    partner = handshakes.partner()
    act(partners.suspend, partner_id=partner.pk)
    act(partners.resume, partner_id=partner.pk)
    assert (restored(), journals(partner)) == (2, 0), "the backup may hold the key of the first partnership"


def test_being_back_is_noted_when_it_is_committed_and_not_when_it_failed(
    monkeypatch: pytest.MonkeyPatch, act: Act
) -> None:
    partner = handshakes.partner()
    act(partners.suspend, partner_id=partner.pk)
    with monkeypatch.context() as broken:
        broken.setattr(jobs, "enqueue", broken_queue)
        with pytest.raises(RuntimeError):
            act(partners.resume, partner_id=partner.pk)
    assert "back" not in {line["what"] for line in lines()}
    act(partners.resume, partner_id=partner.pk)
    assert [line["what"] for line in lines()].count("back") == 2


def broken_queue(name: str, **_given: Any) -> None:
    if name == "exchange.show_partner":
        raise RuntimeError("The queue is broken.")


def lines() -> list[withdrawals.Line]:
    return list(withdrawals.lines_since(since=timezone.now() - timedelta(hours=1)))
