"""The token of a request."""

from datetime import timedelta
from typing import Any

import pytest

import envelopes as cast
from envelopes import ALPHA, BETA, BETA_KEY, BETA_PUBLIC, GAMMA, GAMMA_KEY, NOW
from parkbench.envelope import signatures, tokens
from parkbench.envelope.errors import EnvelopeError, NotForUs, NotVerified, OutOfTime
from parkbench.envelope.tokens import read_token, write_token

ADDRESS = f"{ALPHA}/exchange/v1/journals"
ASKED: dict[str, Any] = {
    "keys_of": lambda iss, kid: BETA_PUBLIC if (iss, kid) == (BETA, BETA_PUBLIC["kid"]) else None,
    "aud": ALPHA,
    "htm": "GET",
    "htu": ADDRESS,
    "now": NOW,
}
CLAIMS: dict[str, Any] = {
    "iss": BETA,
    "sub": BETA,
    "aud": ALPHA,
    "iat": 1795874587,
    "exp": 1795874647,
    "jti": "x",
    "htm": "GET",
    "htu": ADDRESS,
}


def test_it_tells_who_asks() -> None:
    token = read_token(cast.token(), **ASKED)
    assert (token.iss, token.kid, token.jti) == (BETA, BETA_PUBLIC["kid"], "token-0001")
    assert token.exp == NOW + timedelta(seconds=60)


def test_the_query_does_not_count_and_each_token_is_its_own() -> None:
    made = [write_token(BETA_KEY, iss=BETA, aud=ALPHA, htm="GET", htu=ADDRESS, now=NOW) for _ in range(2)]
    one, two = (read_token(text, **{**ASKED, "htu": f"{ADDRESS}?a=1#b"}) for text in made)
    assert one.jti != two.jti


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"keys_of": lambda iss, kid: None}, NotVerified),
        ({"keys_of": lambda iss, kid: cast.GAMMA_PUBLIC}, NotVerified),
        ({"aud": GAMMA}, NotForUs),
        ({"htm": "POST"}, NotForUs),
        ({"htu": f"{ALPHA}/exchange/v1/ping"}, NotForUs),
        ({"htu": ADDRESS.replace("https", "http")}, NotForUs),
        ({"now": NOW - timedelta(seconds=31)}, OutOfTime),
        ({"now": NOW + timedelta(seconds=90)}, OutOfTime),
    ],
)
def test_it_refuses_a_token_for_something_else(changed: dict[str, Any], error: Any) -> None:
    with pytest.raises(error):
        read_token(cast.token(), **{**ASKED, **changed})


@pytest.mark.parametrize("seconds", [-30, 0, 60, 89])
def test_clocks_may_differ_by_30_seconds(seconds: int) -> None:
    assert read_token(cast.token(), **{**ASKED, "now": NOW + timedelta(seconds=seconds)}).iss == BETA


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "beta"},
        {"iss": GAMMA},
        {"sub": GAMMA},
        {"sub": None},
        {"aud": None},
        {"aud": [ALPHA]},
        {"exp": CLAIMS["iat"] + 61},
        {"exp": CLAIMS["iat"]},
        {"iat": None},
        {"exp": 2**62},
        {"jti": ""},
        {"jti": "a b"},
        {"htm": "get"},
        {"htu": f"{ADDRESS}?a"},
    ],
    ids=str,
)
def test_it_refuses_claims_of_another_shape(changed: dict[str, Any]) -> None:
    text = signatures.sign(BETA_KEY, tokens.TYP, {**CLAIMS, **changed})
    with pytest.raises(EnvelopeError):
        read_token(text, **ASKED)


@pytest.mark.parametrize("lifetime", [0, -1, 61])
def test_it_writes_no_token_for_longer_than_60_seconds(lifetime: int) -> None:
    with pytest.raises(EnvelopeError, match="60 seconds"):
        write_token(BETA_KEY, iss=BETA, aud=ALPHA, htm="GET", htu=ADDRESS, now=NOW, lifetime=lifetime)


def test_a_stranger_cannot_speak_for_beta() -> None:
    text = write_token(GAMMA_KEY, iss=BETA, aud=ALPHA, htm="GET", htu=ADDRESS, now=NOW)
    with pytest.raises(NotVerified, match=r"https://beta\.example has no key"):
        read_token(text, **ASKED)
