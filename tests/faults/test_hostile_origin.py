"""A partner that says what is allowed by its shape and means harm: it costs us little, and is told of."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

import origins
from origins import Origin
from parkbench.envelope.bundles import NONCE, write_bundle
from parkbench.envelope.compression import zip_bytes
from parkbench.envelope.listings import JournalState, Listing, write_listing
from parkbench.exchange.client import import_bundle, pull, pulling
from parkbench.exchange.models import OwedReceipt, Partner, PullRun
from parkbench.exchange.services import pulls
from parkbench.programme.models import Platform
from parkbench.records.models import HeldJournal, Home

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(settings: Any, tmp_path: Any) -> Iterator[tuple[Origin, Partner]]:
    settings.HOME = tmp_path
    origin = Origin()
    origin.reader_keys = origins.settle_reader()
    origin.change(Random(7), 20)
    with origin.serving():
        yield origin, origins.pin(origin)


def read(partner: Partner) -> PullRun:
    run = pull(partner=partner.pk)
    assert run is not None
    return run


def listing(origin: Origin, nonce: str, *, iat: Any = None, **more: Any) -> str:
    """A listing of one journal as the partner signs it, with what is to be wrong about it."""
    origin.number += 1
    journal = origin.journals["public"]
    said = journal.page(journal.head).statement
    state = JournalState(
        audience=str(journal.audience),
        epoch=str(journal.epoch),
        head=journal.head,
        count=said.count or 0,
        fingerprint=said.fingerprint or "",
        sort="public",
    )
    return write_listing(
        Listing(
            iss=origin.address,
            aud=origins.HERE,
            nonce=nonce,
            number=origin.number,
            iat=iat or timezone.now(),
            state="active",
            journals=(replace(state, **more),),
        ),
        origin.key,
    )


def test_an_epoch_that_is_no_id_is_told_of_and_asked_for_later(
    pair: tuple[Origin, Partner], monkeypatch: pytest.MonkeyPatch
) -> None:
    origin, partner = pair
    monkeypatch.setattr(
        origin, "_listing", lambda nonce: zip_bytes(listing(origin, nonce, epoch="no-uuid").encode())
    )
    run = read(partner)
    partner.refresh_from_db()
    assert not run.is_ok
    assert "no-uuid" in partner.problem
    assert partner.pulling_since is None


def test_a_journal_that_never_ends_does_not_hold_the_worker(
    pair: tuple[Origin, Partner], monkeypatch: pytest.MonkeyPatch
) -> None:
    _origin, partner = pair
    monkeypatch.setattr(pulling, "LONGEST", 0.0)
    run = read(partner)
    assert "goes on from where" in run.problem
    monkeypatch.undo()
    assert read(partner).is_ok


def test_receipts_that_are_never_taken_do_not_pile_up(pair: tuple[Origin, Partner]) -> None:
    _origin, partner = pair
    nothing = "0" * 64
    for _turn in range(3):
        owed = [
            OwedReceipt(audience=uuid4(), epoch=uuid4(), seq=1, fingerprint=nothing) for _each in range(200)
        ]
        pulls.owe_receipts(partner=partner.pk, owed=owed)
    assert OwedReceipt.objects.count() == pulls.MOST_OWED
    assert owed[-1] in OwedReceipt.objects.all()


def test_a_bundle_whose_lease_is_over_shows_nothing(pair: tuple[Origin, Partner]) -> None:
    origin, partner = pair
    old = timezone.now() - timedelta(days=60)
    journal = origin.journals["public"]
    pages, after = [], 0
    while not pages or after < journal.head:
        pages.append((str(journal.audience), origin.page(journal, after)))
        after = journal.page(after, origin.per_page).statement.upto
    file = io.BytesIO()
    write_bundle(file, listing=listing(origin, NONCE, iat=old), pages=pages)
    file.seek(0)
    run = import_bundle(partner=partner, file=file)
    assert run.is_ok, run.problem
    assert HeldJournal.objects.get(home=partner.home_id).seq == journal.head
    assert Home.objects.get(pk=partner.home_id).hidden_at is not None
    assert not Platform.objects.filter(home=partner.home_id, deleted_at=None).exists()
    assert read(partner).is_ok
    assert Home.objects.get(pk=partner.home_id).hidden_at is None
