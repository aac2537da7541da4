"""Keys: written, read, named, and said aloud."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import envelopes as cast
from parkbench.envelope import keys
from parkbench.envelope.errors import EnvelopeError

P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P


def add(one: tuple[int, int], two: tuple[int, int]) -> tuple[int, int]:
    """Add two points of the curve (RFC 8032, section 5.1.4, in affine form)."""
    (x1, y1), (x2, y2) = one, two
    product = D * x1 * x2 * y1 * y2
    x = (x1 * y2 + x2 * y1) * pow(1 + product, -1, P) % P
    y = (y1 * y2 + x1 * x2) * pow(1 - product, -1, P) % P
    return x, y


def point_of(raw: bytes) -> tuple[int, int]:
    y = (int.from_bytes(raw, "little") & (2**255 - 1)) % P
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    assert x * x % P == square
    return x, y


def test_a_key_is_written_and_read_back() -> None:
    key = keys.new_key()
    again = keys.read_private(keys.private_jwk(key))
    assert keys.private_jwk(again) == keys.private_jwk(key)
    assert keys.read_public(keys.public_jwk(key)) == keys.public_jwk(key)
    assert keys.private_jwk(key)["d"] not in repr(key)


def test_two_new_keys_differ() -> None:
    assert keys.public_jwk(keys.new_key()) != keys.public_jwk(keys.new_key())


def test_what_a_public_key_does_not_need_is_left_out() -> None:
    given = {**cast.ALPHA_PUBLIC, "use": "sig", "x5c": ["MII"], "x5u": "https://gamma.example"}
    assert keys.read_public(given) == cast.ALPHA_PUBLIC


def test_the_public_half_cannot_be_written_as_private() -> None:
    with pytest.raises(EnvelopeError, match="only the public half"):
        keys.private_jwk(keys.verifier(cast.ALPHA_PUBLIC["x"]))


X = cast.ALPHA_PUBLIC["x"]


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"kty": "EC"}, "kty “OKP”"),
        ({"crv": "Ed448"}, "crv “Ed25519”"),
        ({"crv": "X25519"}, "crv “Ed25519”"),
        ({"x": None}, "member “x”"),
        ({"x": X + "="}, "not base64url"),
        ({"x": X[:-1] + "p"}, "stray bits"),
        ({"x": X[:-3]}, "is no public key"),
        ({"x": "A" * 43}, "is no public key"),
        ({"x": X[:-1] + "é"}, "not base64url"),
        ({"x": "A"}, "not base64url"),
        ({"kid": cast.BETA_PUBLIC["kid"]}, "RFC 7638"),
        ({"kid": None}, "RFC 7638"),
        ({"d": "secret"}, "burnt"),
    ],
)
def test_it_refuses_a_public_key_of_another_shape(changed: dict[str, Any], named: str) -> None:
    with pytest.raises(EnvelopeError, match=named):
        keys.read_public({**cast.ALPHA_PUBLIC, **changed})


@pytest.mark.parametrize("given", [None, [], "key", 1])
def test_it_refuses_what_is_no_key_at_all(given: Any) -> None:
    with pytest.raises(EnvelopeError, match="JSON Web Key"):
        keys.read_public(given)


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"d": None}, "43 characters"),
        ({"d": "A" * 42}, "43 characters"),
        ({"d": "A" * 42 + "B"}, "no base64url"),
        ({"d": keys.private_jwk(cast.BETA_KEY)["d"]}, "two halves"),
    ],
)
def test_it_refuses_a_private_key_whose_halves_do_not_fit(changed: dict[str, Any], named: str) -> None:
    with pytest.raises(EnvelopeError, match=named):
        keys.read_private({**cast.ALPHA_JWK, **changed})


@pytest.mark.parametrize("raw", sorted(keys._SMALL_ORDER))
def test_a_point_of_small_order_is_no_key(raw: bytes) -> None:
    """Each of the listed points is nothing after three doublings, and none is missing (next test)."""
    point = point_of(raw)
    for _ in range(3):
        point = add(point, point)
    assert point == (0, 1)
    for sign in (0, 0x80):
        x = keys.encode(raw[:31] + bytes([raw[31] | sign]))
        with pytest.raises(EnvelopeError, match="no public key"):
            keys.read_public({"kty": "OKP", "crv": "Ed25519", "x": x})


def test_no_point_of_small_order_is_missing() -> None:
    """There are eight, with five values of y; y + p is a second spelling where it fits into 255 bits."""
    spelt = {int.from_bytes(raw, "little") for raw in keys._SMALL_ORDER}
    values = {number % P for number in spelt}
    assert len(values) == 5
    assert spelt == {number for y in values for number in (y, y + P) if number < 2**255}


@given(st.binary(min_size=32, max_size=32))
def test_what_is_spoken_has_no_look_alikes_and_tells_thumbprints_apart(raw: bytes) -> None:
    said = keys.spoken(keys.encode(raw))
    groups = said.split(" ")
    assert [len(group) for group in groups] == [4] * 8
    assert not set(said) & set("01io")
    other = bytes([raw[0] ^ 1]) + raw[1:]
    assert keys.spoken(keys.encode(other)) != said


@pytest.mark.parametrize("kid", ["", "A" * 42, "A" * 44, "é" * 43])
def test_only_a_thumbprint_is_spoken(kid: str) -> None:
    with pytest.raises(EnvelopeError, match="43 characters"):
        keys.spoken(kid)


@given(st.binary(max_size=80))
def test_base64url_has_one_spelling(content: bytes) -> None:
    text = keys.encode(content)
    assert keys.decode(text) == content
    for other in (text + "=", text + "\n", " " + text, text.replace("A", "A\n") + "\r"):
        with pytest.raises(EnvelopeError):
            keys.decode(other)
