"""Signed objects: one algorithm, one header, one spelling."""

import base64
import hmac
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey

import envelopes as cast
from parkbench.envelope import keys, signatures
from parkbench.envelope.errors import EnvelopeError, NotVerified, TooLarge

TYP = "parkbench-test+jws"
PAYLOAD = {"a": 1, "å": "ö"}
GOOD = signatures.sign(cast.ALPHA_KEY, TYP, PAYLOAD)
KID = cast.ALPHA_PUBLIC["kid"]
HEADER = {"alg": "Ed25519", "kid": KID, "typ": TYP}


def read(text: str) -> dict[str, Any]:
    return signatures.verify(text, [cast.BETA_PUBLIC, cast.ALPHA_PUBLIC], TYP)


def signed(header: Any, payload: bytes = b'{"a":1}', key: keys.Key = cast.ALPHA_KEY) -> str:
    """Sign any header and payload, as no honest writer would."""
    raw = header if isinstance(header, bytes) else json.dumps(header).encode()
    start = f"{keys.encode(raw)}.{keys.encode(payload)}"
    private = key.private_key
    assert private is not None
    return f"{start}.{keys.encode(private.sign(start.encode()))}"  # type: ignore[union-attr, call-arg]


def test_it_reads_what_it_signed() -> None:
    assert read(GOOD) == PAYLOAD
    assert read(signed(HEADER)) == {"a": 1}


@pytest.mark.parametrize(
    "header",
    [
        {**HEADER, "alg": "none"},
        {**HEADER, "alg": "EdDSA"},
        {**HEADER, "alg": "Ed448"},
        {**HEADER, "alg": "RS256"},
        {**HEADER, "alg": ["Ed25519"]},
        {**HEADER, "typ": "parkbench-receipt+jws"},
        {**HEADER, "typ": None},
        {**HEADER, "crit": ["b64"], "b64": False},
        {**HEADER, "crit": []},
        {**HEADER, "b64": True},
        {**HEADER, "jwk": cast.ALPHA_PUBLIC},
        {**HEADER, "jku": "https://gamma.example/keys"},
        {**HEADER, "x5u": "https://gamma.example/cert"},
        {**HEADER, "x5c": ["MII"]},
        {**HEADER, "zip": "DEF"},
        {**HEADER, "more": 1},
        {"alg": "Ed25519", "kid": KID},
        {"alg": "Ed25519", "typ": TYP},
        {**HEADER, "kid": 1},
    ],
    ids=json.dumps,
)
def test_it_refuses_any_other_header_even_when_well_signed(header: dict[str, Any]) -> None:
    with pytest.raises(NotVerified):
        read(signed(header))


@pytest.mark.parametrize(
    ("header", "payload"),
    [
        (b'{"alg":"none","alg":"Ed25519","kid":"k","typ":"t"}', b"{}"),
        (b"[]", b"{}"),
        (b"\xff", b"{}"),
        (HEADER, b'{"a":1,"a":2}'),
        (HEADER, b"[1]"),
        (HEADER, b"text"),
        (HEADER, b'{"a":1.5}'),
        (HEADER, b'{"a":' + b"[" * 40 + b"]" * 40 + b"}"),
        (HEADER, b'{"a":' + b"[" * 100_000 + b"}"),
    ],
)
def test_it_refuses_json_that_two_readers_could_read_differently(header: Any, payload: bytes) -> None:
    with pytest.raises(EnvelopeError, match="cannot be read"):
        read(signed(header, payload))


def test_it_refuses_a_mac_made_with_the_public_key() -> None:
    start = f"{keys.encode(json.dumps({**HEADER, 'alg': 'HS256'}).encode())}.{keys.encode(b'{}')}"
    secret = keys.decode(cast.ALPHA_PUBLIC["x"])
    tag = hmac.digest(secret, start.encode(), "sha256")
    for signature in (tag, tag + tag):
        with pytest.raises(EnvelopeError):
            read(f"{start}.{keys.encode(signature)}")


def test_it_refuses_the_signature_of_somebody_else_under_our_kid() -> None:
    with pytest.raises(NotVerified, match="does not fit"):
        read(signed(HEADER, key=cast.GAMMA_KEY))
    with pytest.raises(NotVerified, match="not among the keys"):
        read(signed({**HEADER, "kid": cast.GAMMA_PUBLIC["kid"]}, key=cast.GAMMA_KEY))
    with pytest.raises(NotVerified, match="not among the keys"):
        signatures.verify(GOOD, [], TYP)


def test_it_refuses_a_signature_of_another_curve() -> None:
    start = GOOD.rpartition(".")[0]
    longer = Ed448PrivateKey.generate().sign(start.encode())
    with pytest.raises(EnvelopeError):
        read(f"{start}.{keys.encode(longer)}")
    with pytest.raises(NotVerified):
        read(f"{start}.{keys.encode(longer[:64])}")


def test_it_refuses_the_second_form_of_a_signature() -> None:
    """S + L verifies for a careless reader (RFC 8032, section 5.1.7)."""
    start, _, last = GOOD.rpartition(".")
    raw = keys.decode(last)
    order = 2**252 + 27742317777372353535851937790883648493
    second = raw[:32] + (int.from_bytes(raw[32:], "little") + order).to_bytes(32, "little")
    with pytest.raises(NotVerified, match="does not fit"):
        read(f"{start}.{keys.encode(second)}")


HEAD, BODY, SIGNATURE = GOOD.split(".")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "..",
        f"{HEAD}.{BODY}",
        f"{HEAD}.{BODY}.",
        f"{HEAD}..{SIGNATURE}",
        f"{GOOD}.{SIGNATURE}",
        f"{GOOD}=",
        f"{GOOD}\n",
        f" {GOOD}",
        f"{HEAD}=.{BODY}.{SIGNATURE}",
        f"{HEAD}.{BODY}.{SIGNATURE[:-1]}",
        f"{HEAD}.{BODY}.{SIGNATURE[:-1]}é",
        f"{HEAD}.{BODY}.{SIGNATURE[:-1]}{chr(ord(SIGNATURE[-1]) + 1)}",
        f"{HEAD}.{BODY}.{SIGNATURE}".replace(BODY, BODY[:-1] + chr(ord(BODY[-1]) + 1)),
        json.dumps({"payload": BODY, "protected": HEAD, "signature": SIGNATURE}),
        base64.b64encode(GOOD.encode()).decode(),
    ],
)
def test_it_refuses_another_spelling_of_the_same(text: str) -> None:
    with pytest.raises(EnvelopeError):
        read(text)


def test_it_refuses_more_than_a_body_may_hold() -> None:
    with pytest.raises(TooLarge, match="at most"):
        read(GOOD + "A" * 400_000)
    large = {"a": "x" * 200_000}
    assert read(signatures.sign(cast.ALPHA_KEY, TYP, large)) == large


def test_only_a_private_key_signs() -> None:
    with pytest.raises(EnvelopeError, match="cannot be signed"):
        signatures.sign(keys.verifier(cast.ALPHA_PUBLIC["x"]), TYP, PAYLOAD)


def test_a_key_in_the_header_counts_only_where_it_is_asked_for_and_fits() -> None:
    text = signatures.sign(cast.ALPHA_KEY, TYP, PAYLOAD, with_jwk=True)
    assert signatures.take_apart(text, TYP, may_carry_jwk=True).jwk == cast.ALPHA_PUBLIC
    with pytest.raises(NotVerified):
        read(text)
    other = signed({**HEADER, "jwk": cast.GAMMA_PUBLIC}, key=cast.GAMMA_KEY)
    with pytest.raises(NotVerified, match="thumbprint of its key"):
        signatures.take_apart(other, TYP, may_carry_jwk=True)
