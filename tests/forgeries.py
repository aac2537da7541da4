"""Mutants of signed objects: bytes bent at random, parts swapped, and the known attacks on JOSE."""

import hmac
import itertools
import json
from collections.abc import Iterator
from random import Random
from typing import Any

import envelopes as cast
from envelopes import ALPHA_PUBLIC, BETA_PUBLIC, GAMMA_KEY, GAMMA_PUBLIC
from parkbench.envelope.keys import decode, encode

HEADERS: list[dict[str, Any]] = [
    {},
    {"alg": "none"},
    {"alg": "None"},
    {"alg": ""},
    {"alg": "HS256"},
    {"alg": "HS512"},
    {"alg": "RS256"},
    {"alg": "ES256"},
    {"alg": "EdDSA"},
    {"alg": "Ed448"},
    {"alg": None},
    {"kid": GAMMA_PUBLIC["kid"]},
    {"kid": ALPHA_PUBLIC["kid"]},
    {"kid": BETA_PUBLIC["kid"]},
    {"kid": "../../keys/gamma"},
    {"kid": ""},
    {"typ": "JWT"},
    {"typ": "parkbench-token+jwt"},
    {"typ": "parkbench-listing+jws"},
    {"typ": "parkbench-receipt+jws"},
    {"typ": "parkbench-page+jws"},
    {"crit": ["b64"], "b64": False},
    {"crit": ["exp"], "exp": 1},
    {"b64": False},
    {"jwk": GAMMA_PUBLIC},
    {"jwk": GAMMA_PUBLIC, "kid": GAMMA_PUBLIC["kid"]},
    {"jku": "https://gamma.example/keys.json"},
    {"x5u": "https://gamma.example/cert.pem"},
    {"x5c": ["MIIB"]},
    {"zip": "DEF"},
]


def bend(good: bytes, others: tuple[bytes, ...], chance: Random) -> bytes:
    """Return the bytes with one to three bits, slices or parts of another object changed."""
    bent = good
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        bent = chance.choice(_BENDS)(bent or b"x", chance.choice(others), chance)
    return bent


def _flip(content: bytes, other: bytes, chance: Random) -> bytes:
    at = chance.randrange(len(content))
    return content[:at] + bytes([content[at] ^ 1 << chance.randrange(8)]) + content[at + 1 :]


def _letter(content: bytes, other: bytes, chance: Random) -> bytes:
    at = chance.randrange(len(content))
    return content[:at] + bytes([chance.choice(b'AZaz09-_.=+/ \n"{}[],:')]) + content[at + 1 :]


def _truncate(content: bytes, other: bytes, chance: Random) -> bytes:
    return content[: chance.randrange(len(content))]


def _cut(content: bytes, other: bytes, chance: Random) -> bytes:
    start, end = sorted(chance.randrange(len(content) + 1) for _ in range(2))
    return content[:start] + content[end:]


def _repeat(content: bytes, other: bytes, chance: Random) -> bytes:
    start, end = sorted(chance.randrange(len(content) + 1) for _ in range(2))
    return content[:end] + content[start:end] + content[end:]


def _splice(content: bytes, other: bytes, chance: Random) -> bytes:
    at = chance.randrange(len(content))
    return content[:at] + other[min(at, len(other)) :]


def _swap_parts(content: bytes, other: bytes, chance: Random) -> bytes:
    """Put one part of the other object, between two separators, in the place of one of ours."""
    mark = chance.choice((b".", b"\n", b'"', b"{", b" "))
    ours, theirs = content.split(mark), other.split(mark)
    ours[chance.randrange(len(ours))] = chance.choice(theirs)
    return mark.join(ours)


def _shuffle_lines(content: bytes, other: bytes, chance: Random) -> bytes:
    lines = content.split(b"\n")
    chance.shuffle(lines)
    return b"\n".join(lines)


_BENDS = (_flip, _flip, _letter, _truncate, _cut, _repeat, _splice, _swap_parts, _swap_parts, _shuffle_lines)


def attacks(good: bytes, others: tuple[bytes, ...]) -> Iterator[bytes]:
    """Yield every known attack on the signatures of a compact object, a page or a document."""
    if good.startswith(b"{"):
        yield from _attacks_on_general(good, others)
        return
    first, newline, rest = good.partition(b"\n")
    if first.count(b".") != 2 or not first.isascii():
        return
    parts = [other.split(b"\n")[0].decode("ascii", "replace").split(".") for other in others]
    for text in _attacks_on_compact(first.decode(), [part for part in parts if len(part) == 3]):
        yield text.encode() + newline + rest


def _attacks_on_compact(text: str, others: list[list[str]]) -> Iterator[str]:
    head, payload, signature = text.split(".")
    header, claims = json.loads(decode(head)), json.loads(decode(payload))
    yield from _spellings(head, payload, signature)
    for mix in itertools.product(
        *(
            [mine, *theirs]
            for mine, theirs in zip((head, payload, signature), zip(*others, strict=True), strict=True)
        )
    ):
        yield ".".join(mix)
    forged = [claims, *({**claims, name: _other(value)} for name, value in claims.items())]
    for changes, content in itertools.product(HEADERS, forged):
        start = f"{_json({**header, **changes})}.{_json(content)}"
        yield f"{start}.{signature}"
        yield f"{start}."
        yield f"{start}.{encode(_gamma_signs(start))}"
        if "alg" in changes:
            yield f"{start}.{encode(hmac.digest(decode(ALPHA_PUBLIC['x']), start.encode(), 'sha256'))}"
    for double in (b'{"alg":"none",', b'{"kid":"k",', b'{"typ":"JWT",'):
        yield f"{encode(double + decode(head)[1:])}.{payload}.{signature}"
    twice = b'{"iss":"https://gamma.example",' + decode(payload)[1:]
    yield f"{head}.{encode(twice)}.{signature}"


def _spellings(head: str, payload: str, signature: str) -> Iterator[str]:
    """Yield the same object in other spellings, and with signatures of nothing."""
    for part in (head, payload, signature):
        for other in (
            f"{part}=",
            f"{part}==",
            f" {part}",
            f"{part}\n",
            part[:-1],
            f"{part}A",
            part.swapcase(),
        ):
            yield f"{head}.{payload}.{signature}".replace(part, other, 1)
    yield f"{head}.{payload}"
    yield f"{head}.{payload}.{signature}.{signature}"
    yield f"{head}..{signature}"
    yield json.dumps({"protected": head, "payload": payload, "signature": signature})
    yield f"{head}.{payload}.{encode(bytes(64))}"
    yield f"{head}.{payload}.{encode(bytes([1]) + bytes(63))}"


def _attacks_on_general(good: bytes, others: tuple[bytes, ...]) -> Iterator[bytes]:
    value = json.loads(good)
    payloads = {value["payload"]}
    signatures = [*value["signatures"]]
    for other in others:
        theirs = json.loads(other)
        payloads.add(theirs["payload"])
        signatures += theirs["signatures"]
    claims = json.loads(decode(value["payload"]))
    forged = {**claims, "keys": [GAMMA_PUBLIC], "number": claims["number"] + 1}
    payloads.add(_json(forged))
    for kid, changes in itertools.product((ALPHA_PUBLIC, GAMMA_PUBLIC, cast.RECOVERY_PUBLIC), HEADERS):
        header = {"alg": "Ed25519", "kid": kid["kid"], "typ": "parkbench-node+jws", **changes}
        start = f"{_json(header)}.{_json(forged)}"
        signatures.append({"protected": _json(header), "signature": encode(_gamma_signs(start))})
    # Sorted, so that the same run gives the same mutants.
    for payload, count in itertools.product(sorted(payloads), (1, 2)):
        for chosen in itertools.permutations(signatures[:12], count):
            yield json.dumps({"payload": payload, "signatures": chosen}).encode()
    for extra in signatures:
        for kept in ([], value["signatures"], value["signatures"][:1], value["signatures"][1:]):
            yield json.dumps({"payload": _json(forged), "signatures": [*kept, extra]}).encode()
            yield json.dumps({"payload": value["payload"], "signatures": [*kept, extra]}).encode()
            if kept:
                one = {**kept[0], "header": {"jwk": GAMMA_PUBLIC}}
                yield json.dumps({"payload": value["payload"], "signatures": [one, extra]}).encode()


def _gamma_signs(start: str) -> bytes:
    private = GAMMA_KEY.private_key
    assert private is not None
    return bytes(private.sign(start.encode()))  # type: ignore[union-attr, call-arg]


def _json(value: Any) -> str:
    return encode(json.dumps(value).encode())


def _other(value: Any) -> Any:
    if isinstance(value, bool) or value is None:
        return not value
    if isinstance(value, int):
        return value + 1
    return f"{value}x" if isinstance(value, str) else []
