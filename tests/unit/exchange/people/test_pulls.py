"""A pull that is asked for while another one runs is not lost: the schedule may be many minutes away."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

import handshakes
from parkbench.exchange import client
from parkbench.exchange.models import Partner, PullRun
from parkbench.exchange.services import pulls
from parkbench.lib import jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> tuple[Partner, PullRun, list[Any]]:
    """A partner of which a pull of the command line runs, and what is queued from now on."""
    queued: list[Any] = []
    monkeypatch.setattr(jobs, "enqueue", lambda name, **given: queued.append((name, given)))
    partner = handshakes.partner()
    run = pulls.begin_pull(partner=partner.pk, reason="command", now=timezone.now() - timedelta(seconds=20))
    Partner.objects.update(next_pull_at=timezone.now() - timedelta(hours=1))
    assert run is not None
    queued.clear()
    return partner, run, queued


@pytest.mark.parametrize("reason", ["ping", "asked"])
def test_what_was_asked_for_meanwhile_follows_at_once(
    running: tuple[Partner, PullRun, list[Any]], reason: str
) -> None:
    partner, run, queued = running
    assert client.pull(partner=partner.pk, reason=reason) is None
    pulls.finish_pull(run=run)
    assert queued == [("exchange.pull", {"partner": partner.pk, "reason": "asked"})]
    partner.refresh_from_db()
    assert partner.next_pull_at is not None
    assert partner.next_pull_at <= timezone.now(), "the schedule finds it too, should the queue be lost"


def test_what_the_schedule_wanted_meanwhile_is_done_by_the_running_one(
    running: tuple[Partner, PullRun, list[Any]],
) -> None:
    partner, run, queued = running
    Partner.objects.update(next_pull_at=timezone.now() - timedelta(minutes=1))
    assert client.pull(partner=partner.pk, reason="schedule") is None
    pulls.finish_pull(run=run)
    partner.refresh_from_db()
    assert partner.next_pull_at is not None
    assert (queued, partner.next_pull_at > timezone.now()) == ([], True)


def test_a_partner_that_asks_to_be_asked_later_is_not_asked_at_once(
    running: tuple[Partner, PullRun, list[Any]],
) -> None:
    partner, run, queued = running
    assert client.pull(partner=partner.pk, reason="ping") is None
    pulls.finish_pull(run=run, wait=timedelta(seconds=300), problem="Later.")
    assert queued == []
