"""A clock that goes back pauses the exchange until an administrator has looked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import cast
from parkbench.accounts.rules import Role
from parkbench.exchange.models import ExchangeState
from parkbench.exchange.services import pause, resume, watch_clock
from parkbench.lib.errors import NotAllowed


@pytest.fixture
def clock(monkeypatch):
    """Move the clock of the server by so much."""
    real = timezone.now

    def move(**by: float) -> None:
        monkeypatch.setattr(timezone, "now", lambda: real() + timedelta(**by))

    return move


def status() -> int:
    return Client().get("/exchange/v1/journals/public").status_code


def test_a_clock_that_went_back_pauses_until_somebody_goes_on(clock) -> None:
    assert status() == 200
    clock(minutes=-4)
    assert status() == 200
    clock(minutes=-6)
    assert status() == 503
    state = ExchangeState.objects.get()
    assert state.is_paused
    assert "Set the clock right" in state.pause_reason
    clock(minutes=0)
    assert status() == 503
    resume(by=cast.OPERATOR)
    assert status() == 200


def test_going_on_takes_the_clock_for_right_as_it_is(clock) -> None:
    clock(days=1)
    assert status() == 200
    clock(days=0)
    assert status() == 503
    resume(by=cast.OPERATOR)
    assert status() == 200
    assert ExchangeState.objects.get().pause_reason == ""


def test_the_clock_is_watched_while_nobody_asks(clock) -> None:
    watch_clock()
    seen = ExchangeState.objects.get().seen_at
    clock(minutes=2)
    watch_clock()
    assert ExchangeState.objects.get().seen_at > seen
    clock(hours=-1)
    watch_clock()
    watch_clock()
    assert ExchangeState.objects.get().is_paused


def test_the_time_is_noted_once_a_minute(clock) -> None:
    status()
    with CaptureQueriesContext(connection) as seen:
        status()
    assert not any("UPDATE" in query["sql"] for query in seen)
    clock(seconds=61)
    with CaptureQueriesContext(connection) as seen:
        status()
    assert any("UPDATE" in query["sql"] for query in seen)


def test_only_an_administrator_pauses_and_goes_on() -> None:
    manager = cast.seen_by("Mia", Role.MANAGER)
    with pytest.raises(NotAllowed):
        pause(reason="because", by=manager)
    with pytest.raises(NotAllowed):
        resume(by=manager)
