"""The receipt of what was removed."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

import envelopes as cast
from envelopes import ALPHA, BETA, BETA_KEY, BETA_PUBLIC, GAMMA, NOW, RECEIPT
from parkbench.envelope.acknowledgements import Receipt, read_receipt, write_receipt
from parkbench.envelope.errors import EnvelopeError, NotForUs, NotVerified, OutOfTime

TEXT = write_receipt(RECEIPT, BETA_KEY)
ASKED: dict[str, Any] = {"keys": [BETA_PUBLIC], "iss": BETA, "aud": ALPHA, "now": NOW}


def test_it_reads_what_was_acknowledged() -> None:
    assert read_receipt(TEXT, **ASKED) == RECEIPT


def test_each_receipt_has_its_own_id() -> None:
    made = [Receipt(BETA, ALPHA, "public", "e", 1, 1, 0, 0, "0" * 64, NOW) for _ in range(2)]
    assert made[0].jti != made[1].jti
    assert read_receipt(write_receipt(made[0], BETA_KEY), **ASKED) == made[0]


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"keys": [cast.ALPHA_PUBLIC]}, NotVerified),
        ({"iss": GAMMA}, NotForUs),
        ({"aud": GAMMA}, NotForUs),
        ({"now": NOW - timedelta(minutes=6)}, OutOfTime),
        ({"now": NOW + timedelta(minutes=61)}, OutOfTime),
    ],
)
def test_it_refuses_a_receipt_for_somebody_else_or_of_another_time(
    changed: dict[str, Any], error: Any
) -> None:
    with pytest.raises(error):
        read_receipt(TEXT, **{**ASKED, **changed})
    assert read_receipt(TEXT, **{**ASKED, "now": NOW + timedelta(days=9)}, max_age=None) == RECEIPT


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": ""},
        {"audience": "a.b"},
        {"epoch": ""},
        {"seq": -1},
        {"removed": -1},
        {"frozen": True},
        {"count": None},
        {"fingerprint": "F" * 64},
        {"jti": ""},
    ],
    ids=str,
)
def test_it_writes_nothing_that_a_reader_would_refuse(changed: dict[str, Any]) -> None:
    with pytest.raises(EnvelopeError):
        write_receipt(replace(RECEIPT, **changed), BETA_KEY)
