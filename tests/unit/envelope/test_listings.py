"""The listing, and what a reader says it has."""

import secrets
import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

import envelopes as cast
from envelopes import ALPHA, ALPHA_KEY, ALPHA_PUBLIC, BETA, EPOCH, GAMMA, GAMMA_KEY, LISTING, NOW
from parkbench.envelope import listings, signatures
from parkbench.envelope.compression import zip_bytes
from parkbench.envelope.digests import digest
from parkbench.envelope.errors import EnvelopeError, NotForUs, NotVerified, OutOfTime, RolledBack
from parkbench.envelope.listings import Have, JournalState, read_have, read_listing, write_have, write_listing

TEXT = write_listing(LISTING, ALPHA_KEY)
ASKED: dict[str, Any] = {
    "keys": [ALPHA_PUBLIC],
    "iss": ALPHA,
    "aud": BETA,
    "nonce": cast.NONCE_SENT,
    "now": NOW,
}


def test_it_reads_what_was_listed() -> None:
    assert read_listing(TEXT, **ASKED) == LISTING
    assert read_listing(TEXT, **ASKED, last_number=40) == LISTING


@pytest.mark.parametrize("state", listings.STATES)
def test_a_listing_without_journals_tells_its_state(state: Any) -> None:
    empty = replace(LISTING, state=state, journals=())
    assert read_listing(write_listing(empty, ALPHA_KEY), **ASKED) == empty


def test_journals_may_differ_in_epoch_and_lease() -> None:
    one, two = LISTING.journals
    mixed = replace(LISTING, journals=(one, replace(two, epoch="other", lease_days=7)))
    assert read_listing(write_listing(mixed, ALPHA_KEY), **ASKED) == mixed


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"keys": [cast.BETA_PUBLIC]}, NotVerified),
        ({"keys": []}, NotVerified),
        ({"iss": GAMMA}, NotForUs),
        ({"aud": GAMMA}, NotForUs),
        ({"nonce": "another"}, NotForUs),
        ({"last_number": 41}, RolledBack),
        ({"last_number": 41, "last_digest": digest(b"another")}, RolledBack),
        ({"last_number": 42, "last_digest": digest(TEXT.encode())}, RolledBack),
        ({"now": NOW - timedelta(minutes=5, seconds=1)}, OutOfTime),
    ],
)
def test_it_refuses_a_listing_that_is_not_the_answer(changed: dict[str, Any], error: Any) -> None:
    with pytest.raises(error):
        read_listing(TEXT, **{**ASKED, **changed})


def test_the_same_listing_once_more_is_let_through() -> None:
    assert read_listing(TEXT, **ASKED, last_number=41, last_digest=digest(TEXT.encode())) == LISTING


def test_somebody_else_cannot_list_for_alpha() -> None:
    with pytest.raises(NotVerified):
        read_listing(write_listing(LISTING, GAMMA_KEY), **ASKED)


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "alpha"},
        {"aud": ""},
        {"nonce": ""},
        {"nonce": "with blank"},
        {"number": 0},
        {"state": "gone"},
        {"journals": (LISTING.journals[0],) * 2},
        {"journals": tuple(replace(LISTING.journals[0], audience=f"a{n}") for n in range(201))},
        {"journals": (replace(LISTING.journals[0], audience="a.b"),)},
        {"journals": (replace(LISTING.journals[0], epoch=""),)},
        {"journals": (replace(LISTING.journals[0], head=-1),)},
        {"journals": (replace(LISTING.journals[0], count=2**63),)},
        {"journals": (replace(LISTING.journals[0], fingerprint="f" * 63),)},
        {"journals": (replace(LISTING.journals[0], lease_days=0),)},
        {"journals": (replace(LISTING.journals[0], sort="everybody"),)},
        {"journals": (replace(LISTING.journals[0], name="x" * 201),)},
    ],
    ids=str,
)
def test_it_writes_nothing_that_a_reader_would_refuse(changed: dict[str, Any]) -> None:
    with pytest.raises(EnvelopeError):
        write_listing(replace(LISTING, **changed), ALPHA_KEY)


ROW = ["a", 1, 1, "A" * 43, {"epoch": "e", "lease": 1}]


@pytest.mark.parametrize(
    "journals",
    [{}, [1], [{"audience": "a"}], [[]], [ROW[:4]], [[*ROW, 1]], [[*ROW[:4], []]], [[*ROW[:3], "f"]]],
)
def test_it_refuses_journals_of_another_shape(journals: Any) -> None:
    payload = {"iss": ALPHA, "aud": BETA, "nonce": cast.NONCE_SENT, "number": 1, "iat": 1, "state": "active"}
    text = signatures.sign(ALPHA_KEY, listings.TYP, payload)
    assert read_listing(text, **ASKED).journals == ()
    text = signatures.sign(ALPHA_KEY, listings.TYP, {**payload, "journals": [ROW]})
    assert read_listing(text, **ASKED).journals == (JournalState("a", "e", 1, 1, "0" * 64, 1),)
    text = signatures.sign(ALPHA_KEY, listings.TYP, {**payload, "journals": journals})
    with pytest.raises(EnvelopeError):
        read_listing(text, **ASKED)


@pytest.mark.parametrize("count", [0, 1, 5, 30, 60])
def test_a_listing_of_many_journals_stays_small(count: int) -> None:
    """At most 500 bytes and 100 for each journal, gzipped, whatever the random parts."""
    epoch = secrets.token_urlsafe(12)
    journals = tuple(
        JournalState(
            str(uuid.uuid4()),
            epoch,
            secrets.randbelow(10**7),
            secrets.randbelow(10**6),
            secrets.token_hex(32),
            sort=listings.SORTS[n % 4],
        )
        for n in range(count)
    )
    listing = replace(LISTING, nonce=secrets.token_urlsafe(16), journals=journals)
    assert len(zip_bytes(write_listing(listing, ALPHA_KEY).encode())) <= 500 + 100 * count


@pytest.mark.parametrize("have", [Have("public", EPOCH, 0), Have(cast.CIRCLE, "e", 2**63 - 1)])
def test_what_a_reader_has_is_written_and_read_back(have: Have) -> None:
    assert read_have(write_have(have)) == have


@pytest.mark.parametrize(
    "text",
    [
        "",
        "public",
        "public:e",
        "public:e.",
        "public:e.01",
        "public:e.-1",
        "public:e.1 ",
        "public:e.1\n",
        ":e.1",
        "public:.1",
        "a:b:c.1",
        "public:e.f.1",
        "public:e.9223372036854775808",
        "public:e.99999999999999999999",
        "public:e.٣",
    ],
)
def test_it_refuses_any_other_have(text: str) -> None:
    with pytest.raises(EnvelopeError, match="is not <audience>"):
        read_have(text)


@pytest.mark.parametrize("have", [Have("a:b", "e", 1), Have("a", "e.1", 2), Have("a", "e", -1)])
def test_it_writes_no_have_that_would_not_read_back(have: Have) -> None:
    with pytest.raises(EnvelopeError):
        write_have(have)
