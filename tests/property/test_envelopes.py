"""Forged and bent envelopes: nothing is accepted with another meaning; what is written is read back.

3,000 mutants in the short run, 100,000 in the long one (`make campaign`), drawn from a fixed seed. A
mutant that comes through must mean what the good object meant, or what another good one means.
"""

import contextlib
import io
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey
from hypothesis import given
from hypothesis import strategies as st

import envelopes as cast
from envelopes import ALPHA, ALPHA_KEY, ALPHA_PUBLIC, BETA, BETA_KEY, CIRCLE, EPOCH, GAMMA_KEY, NOW
from forgeries import attacks, bend
from parkbench.envelope import (
    acknowledgements,
    bundles,
    documents,
    invitations,
    listings,
    pages,
    tokens,
)
from parkbench.envelope.compression import unzip, zip_bytes
from parkbench.envelope.errors import EnvelopeError
from parkbench.envelope.items import body_bytes
from parkbench.envelope.keys import decode, encode
from parkbench.envelope.pages import Gone, Item

COUNT = 100_000 if os.environ.get("HYPOTHESIS_PROFILE") == "long" else 3_000
LATER = cast.ROTATED.issued_at
ALPHA_KEYS, BETA_KEYS = [ALPHA_PUBLIC], [cast.BETA_PUBLIC]


@dataclass(frozen=True)
class Case:
    """One kind of object: a good one, others of the same hand to take parts from, and how it is read."""

    name: str
    good: bytes
    others: tuple[bytes, ...]
    read: Callable[[bytes], Any]


def _read_page(content: bytes) -> Any:
    return pages.read_page(
        content, keys=ALPHA_KEYS, iss=ALPHA, audience=CIRCLE, epoch=EPOCH, after=0, now=NOW
    )


def _read_bundle(content: bytes) -> Any:
    bundle = bundles.read_bundle(io.BytesIO(content), keys=ALPHA_KEYS, iss=ALPHA, aud=BETA, now=NOW)
    return bundle.listing, [page.items for page in bundle.pages]


def _read_listing(content: bytes) -> Any:
    return listings.read_listing(
        content.decode(), keys=ALPHA_KEYS, iss=ALPHA, aud=BETA, nonce=cast.NONCE_SENT, now=NOW, last_number=40
    )


def _read_token(content: bytes) -> Any:
    return tokens.read_token(
        content.decode(),
        keys_of=lambda iss, kid: {BETA: cast.BETA_PUBLIC, ALPHA: ALPHA_PUBLIC}.get(iss),
        aud=ALPHA,
        htm="GET",
        htu=f"{ALPHA}/exchange/v1/journals",
        now=NOW,
    )


def _read_receipt(content: bytes) -> Any:
    return acknowledgements.read_receipt(content.decode(), keys=BETA_KEYS, iss=BETA, aud=ALPHA, now=NOW)


def _as_text(read: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
    """Read as a caller does: bytes that are no text never reach a reader of text."""

    def checked(content: bytes) -> Any:
        try:
            return read(content)
        except UnicodeDecodeError as problem:
            raise EnvelopeError("no text") from problem

    return checked


def cases() -> list[Case]:
    listing = listings.write_listing(cast.LISTING, ALPHA_KEY).encode()
    receipt = acknowledgements.write_receipt(cast.RECEIPT, BETA_KEY).encode()
    token = cast.token().encode()
    content = unzip([cast.page()])
    other_page = unzip([cast.page(upto=7, items=cast.ITEMS[:2], count=None, fingerprint=None)])
    next_page = unzip([cast.page(after=4, items=cast.ITEMS[1:])])
    rotated = documents.write_document(cast.ROTATED, [cast.NEXT_KEY, ALPHA_KEY])
    signed = (listing, receipt, token, content.split(b"\n")[0])
    older = listings.write_listing(replace(cast.LISTING, number=40, journals=()), ALPHA_KEY).encode()
    theirs = listings.write_listing(replace(cast.LISTING, aud=cast.GAMMA), ALPHA_KEY).encode()
    moved = replace(cast.RECEIPT, aud=cast.GAMMA, removed=99)
    post = tokens.write_token(
        BETA_KEY, iss=BETA, aud=ALPHA, htm="POST", htu=f"{ALPHA}/exchange/v1/ping", now=NOW
    )
    bundle_then = cast.bundle(replace(cast.BUNDLE_LISTING, number=42, journals=()))
    return [
        Case("listing", listing, (*signed, older, theirs), _as_text(_read_listing)),
        Case(
            "receipt",
            receipt,
            (*signed, acknowledgements.write_receipt(moved, BETA_KEY).encode()),
            _as_text(_read_receipt),
        ),
        Case("token", token, (*signed, post.encode()), _as_text(_read_token)),
        Case("page", content, (other_page, next_page, *signed), _read_page),
        Case(
            "zipped page",
            zip_bytes(content),
            (zip_bytes(other_page), zip_bytes(next_page)),
            lambda content: _read_page(unzip([content])),
        ),
        Case(
            "document",
            rotated,
            (
                cast.document(),
                documents.write_document(cast.ROTATED, [cast.NEXT_KEY, cast.RECOVERY_KEY]),
                documents.write_document(
                    replace(cast.ROTATED, number=9, keys=(cast.GAMMA_PUBLIC,)), [GAMMA_KEY]
                ),
            ),
            lambda content: documents.accept(cast.DOCUMENT, content, now=LATER),
        ),
        Case("bundle", cast.bundle(), (bundle_then, content), _read_bundle),
    ]


def mutants(case: Case, chance: Random, count: int) -> Iterator[bytes]:
    """Yield mutants of a good object: attacks on its signatures, at most half of all, then bent bytes."""
    known = [mutant for mutant in attacks(case.good, case.others) if mutant != case.good]
    made = min(len(known), count // 2)
    yield from chance.sample(known, made)
    while made < count:
        mutant = bend(case.good, case.others, chance)
        if mutant != case.good:
            made += 1
            yield mutant


def meanings(case: Case) -> Iterator[Any]:
    """Yield what the good object means, and what those others mean that this reader would accept whole."""
    yield case.read(case.good)
    for other in case.others:
        with contextlib.suppress(EnvelopeError):
            yield case.read(other)


def test_no_mutant_is_accepted_with_another_meaning(say: Callable[[str], None]) -> None:
    told: Counter[str] = Counter()
    all_cases = cases()
    for number, case in enumerate(all_cases):
        allowed = list(meanings(case))
        share = COUNT // len(all_cases) + (number < COUNT % len(all_cases))
        for mutant in mutants(case, Random(f"{case.name} 2026"), share):
            told["mutants"] += 1
            try:
                found = case.read(mutant)
            except EnvelopeError:
                told["refused"] += 1
                continue
            assert found in allowed, (case.name, mutant)
            told[f"good all the same, {case.name}"] += 1
    assert told["mutants"] == COUNT
    assert told["refused"] > 0.9 * COUNT
    accepted = told["mutants"] - told["refused"]
    say(f"forged objects: {COUNT} mutants of {len(all_cases)} sorts, {accepted} mean the same, 0 another")


def test_the_campaign_would_see_a_reader_that_trusts_too_much() -> None:
    """A reader without checks accepts some of the same mutants: it is the checks that refuse them."""

    def careless(content: bytes) -> Any:
        return json.loads(decode(content.decode().split(".")[1]))

    (case, *_) = cases()
    accepted = 0
    for mutant in mutants(case, Random(1), 400):
        try:
            accepted += careless(mutant) != careless(case.good)
        except (ValueError, IndexError):
            continue
    assert accepted > 20


def test_a_signature_of_another_curve_never_passes() -> None:
    """Ed448 signs 114 bytes: neither whole nor cut does it pass for the listing."""
    start = listings.write_listing(cast.LISTING, ALPHA_KEY).rpartition(".")[0]
    raw = Ed448PrivateKey.generate().sign(start.encode())
    for signature in (raw, raw[:64], raw[-64:]):
        with pytest.raises(EnvelopeError):
            _read_listing(f"{start}.{encode(signature)}".encode())


NAMES = st.sampled_from(["instrument", "device-model", "unit", "basics", "a1_b2", "x" * 40])
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=20)
BODIES = st.dictionaries(TEXT, TEXT | st.integers(), max_size=2).map(body_bytes)
INSTANTS = st.integers(0, 4102444800).map(lambda n: NOW.fromtimestamp(n, NOW.tzinfo))
ENTRIES = st.one_of(
    st.builds(
        Item,
        st.just(0),
        NAMES,
        st.uuids(),
        NAMES,
        st.integers(1, 2**31),
        st.integers(1, 99),
        INSTANTS,
        BODIES,
    ),
    st.builds(Gone, st.just(0), st.uuids(), NAMES, NAMES),
)


@given(st.lists(ENTRIES, max_size=4, unique_by=lambda entry: entry.uid), st.integers(0, 2**40), st.data())
def test_any_page_is_read_as_it_was_written(
    entries: list[Item | Gone], after: int, data: st.DataObject
) -> None:
    seq, items = after, []
    for entry in entries:
        seq += data.draw(st.integers(1, 50))
        items.append(replace(entry, seq=seq))
    page = cast.page(after=after, upto=seq, head=seq, items=items, count=len(items))
    read = pages.read_page(
        unzip([page]), keys=ALPHA_KEYS, iss=ALPHA, audience=CIRCLE, epoch=EPOCH, after=after, now=NOW
    )
    assert (list(read.items), read.bad) == (items, ())


LABELS = st.text("AZaz09_-", min_size=1, max_size=20)
JOURNALS = st.builds(
    listings.JournalState,
    LABELS,
    LABELS,
    st.integers(0, 2**63 - 1),
    st.integers(0, 2**63 - 1),
    st.binary(min_size=32, max_size=32).map(bytes.hex),
    st.integers(1, 3650),
    st.sampled_from(["", *listings.SORTS]),
    TEXT,
    TEXT,
)


@given(st.lists(JOURNALS, max_size=3, unique_by=lambda journal: journal.audience), LABELS, INSTANTS)
def test_any_listing_is_read_as_it_was_written(journals: Any, nonce: str, iat: Any) -> None:
    listing = replace(cast.LISTING, nonce=nonce, iat=iat, journals=tuple(journals))
    text = listings.write_listing(listing, ALPHA_KEY)
    assert listings.read_listing(text, keys=ALPHA_KEYS, iss=ALPHA, aud=BETA, nonce=nonce, now=iat) == listing


@given(st.builds(listings.Have, LABELS, LABELS, st.integers(0, 2**63 - 1)))
def test_any_have_is_read_as_it_was_written(have: listings.Have) -> None:
    assert listings.read_have(listings.write_have(have)) == have


@given(
    st.builds(
        acknowledgements.Receipt,
        st.just(BETA),
        st.just(ALPHA),
        LABELS,
        LABELS,
        *[st.integers(0, 2**63 - 1)] * 4,
        st.binary(min_size=32, max_size=32).map(bytes.hex),
        INSTANTS,
        LABELS,
    )
)
def test_any_receipt_is_read_as_it_was_written(receipt: acknowledgements.Receipt) -> None:
    text = acknowledgements.write_receipt(receipt, BETA_KEY)
    read = acknowledgements.read_receipt(text, keys=BETA_KEYS, iss=BETA, aud=ALPHA, now=receipt.iat)
    assert read == receipt


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=16, max_size=16), INSTANTS)
def test_any_invitation_is_read_as_it_was_written(thumb: bytes, secret: bytes, ends: Any) -> None:
    given = invitations.Invitation(ALPHA, encode(thumb), secret, ends)
    early = ends.replace(year=1969)
    assert invitations.read_code(invitations.write_code(given), now=early) == given


@given(
    st.lists(TEXT.filter(bool), min_size=1, max_size=4), INSTANTS, st.integers(1, 7 * 86400), st.booleans()
)
def test_any_document_is_read_as_it_was_written(texts: Any, issued: Any, seconds: int, flag: bool) -> None:
    document = replace(
        cast.DOCUMENT,
        issued_at=issued,
        expires_at=issued.fromtimestamp(issued.timestamp() + seconds, NOW.tzinfo),
        organisation=texts[0],
        mailbox=texts[-1],
        revoked={},
        limits={text: number for number, text in enumerate(texts)},
        is_public_authority=flag,
    )
    assert documents.read_document(documents.write_document(document, [ALPHA_KEY]))[0] == document
