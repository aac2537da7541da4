"""The node document, and how the next one takes over."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

import envelopes as cast
from envelopes import (
    ALPHA_KEY,
    ALPHA_PUBLIC,
    DOCUMENT,
    GAMMA_KEY,
    GAMMA_PUBLIC,
    NEXT_KEY,
    NEXT_PUBLIC,
    NOW,
    RECOVERY_KEY,
    ROTATED,
)
from parkbench.envelope import documents, signatures
from parkbench.envelope.documents import accept, read_document, write_document
from parkbench.envelope.errors import (
    EnvelopeError,
    KeyChanged,
    NotForUs,
    NotVerified,
    OutOfTime,
    RolledBack,
    TooLarge,
)

LATER = NOW + timedelta(days=1)
DAY = timedelta(days=1)


def raw(payload: dict[str, Any], *signers: Any, typ: str = documents.TYP) -> bytes:
    """Sign any payload as a document, as no honest writer would."""
    texts = [signatures.sign(key, typ, payload, with_jwk=key is RECOVERY_KEY) for key in signers]
    parts = [text.split(".") for text in texts]
    entries = [{"protected": part[0], "signature": part[2]} for part in parts]
    return json.dumps({"payload": parts[0][1], "signatures": entries}).encode()


def payload(**changed: Any) -> dict[str, Any]:
    """Return the payload of DOCUMENT with some members changed, or left out when None."""
    return {**documents._payload(DOCUMENT), **changed}


def test_a_document_tells_which_of_its_keys_signed_it() -> None:
    both = replace(DOCUMENT, keys=(ALPHA_PUBLIC, NEXT_PUBLIC))
    written = write_document(both, [ALPHA_KEY, NEXT_KEY, RECOVERY_KEY])
    assert read_document(written) == (both, (ALPHA_PUBLIC["kid"], NEXT_PUBLIC["kid"]))
    assert read_document(write_document(both, [NEXT_KEY]))[1] == (NEXT_PUBLIC["kid"],)


def test_a_node_may_say_no_more_than_it_must() -> None:
    least = documents.NodeDocument(
        id="http://localhost:8001",
        number=1,
        issued_at=NOW,
        expires_at=NOW + DAY,
        organisation="A",
        exchange_url="http://localhost:8001",
        keys=(ALPHA_PUBLIC,),
    )
    assert read_document(write_document(least, [ALPHA_KEY]))[0] == least


@pytest.mark.parametrize("signers", [[], [GAMMA_KEY], [RECOVERY_KEY]])
def test_a_document_that_it_did_not_sign_itself_is_not_written(signers: list[Any]) -> None:
    with pytest.raises(EnvelopeError):
        write_document(DOCUMENT, signers)


def test_the_same_document_is_accepted_again() -> None:
    assert accept(DOCUMENT, cast.document(), now=NOW) == DOCUMENT


@pytest.mark.parametrize(
    "signers",
    [[NEXT_KEY, ALPHA_KEY], [NEXT_KEY, RECOVERY_KEY], [NEXT_KEY, GAMMA_KEY, ALPHA_KEY]],
    ids=["old key", "recovery key", "a stranger signs too"],
)
def test_the_next_document_takes_over(signers: list[Any]) -> None:
    assert accept(DOCUMENT, write_document(ROTATED, signers), now=LATER) == ROTATED


@pytest.mark.parametrize(
    ("document", "signers", "error"),
    [
        (ROTATED, [NEXT_KEY], KeyChanged),
        (ROTATED, [NEXT_KEY, GAMMA_KEY], KeyChanged),
        (replace(ROTATED, number=2), [NEXT_KEY, ALPHA_KEY], RolledBack),
        (replace(ROTATED, number=3), [NEXT_KEY, ALPHA_KEY], RolledBack),
        (replace(ROTATED, revoked={}), [NEXT_KEY, ALPHA_KEY], RolledBack),
        (
            replace(ROTATED, revoked={kid: at + DAY for kid, at in DOCUMENT.revoked.items()}),
            [NEXT_KEY, ALPHA_KEY],
            RolledBack,
        ),
        (replace(ROTATED, id=cast.GAMMA), [NEXT_KEY, ALPHA_KEY], NotForUs),
        (replace(ROTATED, recovery_thumbprint=GAMMA_PUBLIC["kid"]), [NEXT_KEY, ALPHA_KEY], KeyChanged),
        (replace(ROTATED, recovery_thumbprint=""), [NEXT_KEY, ALPHA_KEY], KeyChanged),
        (replace(ROTATED, issued_at=LATER + timedelta(minutes=6)), [NEXT_KEY, ALPHA_KEY], OutOfTime),
        (replace(ROTATED, issued_at=NOW - 3 * DAY, expires_at=LATER), [NEXT_KEY, ALPHA_KEY], OutOfTime),
    ],
)
def test_it_refuses_what_may_not_take_over(document: Any, signers: list[Any], error: Any) -> None:
    with pytest.raises(error):
        accept(DOCUMENT, write_document(document, signers), now=LATER)


def test_only_the_recovery_key_replaces_the_recovery_key() -> None:
    other = replace(ROTATED, recovery_thumbprint=GAMMA_PUBLIC["kid"])
    assert accept(DOCUMENT, write_document(other, [NEXT_KEY, RECOVERY_KEY]), now=LATER) == other
    without = replace(DOCUMENT, recovery_thumbprint="")
    assert accept(without, write_document(other, [NEXT_KEY, ALPHA_KEY]), now=LATER) == other


def test_a_revoked_key_lets_nobody_take_over() -> None:
    stolen = replace(DOCUMENT, revoked={ALPHA_PUBLIC["kid"]: NOW}, keys=(ALPHA_PUBLIC, NEXT_PUBLIC))
    theirs = replace(ROTATED, revoked=stolen.revoked, keys=(GAMMA_PUBLIC,))
    assert stolen.keys_at(NOW - DAY) == (ALPHA_PUBLIC, NEXT_PUBLIC)
    assert stolen.keys_at(NOW) == (NEXT_PUBLIC,)
    with pytest.raises(KeyChanged):
        accept(stolen, write_document(theirs, [GAMMA_KEY, ALPHA_KEY]), now=LATER)
    with pytest.raises(NotVerified, match="No key that this node document contains"):
        write_document(stolen, [ALPHA_KEY])


def test_a_node_that_moved_is_followed_only_where_its_old_document_points() -> None:
    leaving = replace(DOCUMENT, number=4, moved_to="https://park.alpha.example")
    pinned = accept(DOCUMENT, write_document(leaving, [ALPHA_KEY]), now=NOW)
    arrived = replace(ROTATED, id="https://park.alpha.example", number=5)
    assert accept(pinned, write_document(arrived, [NEXT_KEY, ALPHA_KEY]), now=LATER) == arrived
    with pytest.raises(KeyChanged):
        accept(pinned, write_document(arrived, [NEXT_KEY]), now=LATER)
    with pytest.raises(NotForUs):
        accept(DOCUMENT, write_document(arrived, [NEXT_KEY, ALPHA_KEY]), now=LATER)


def test_it_is_trusted_for_7_days_after_it_was_fetched_or_until_it_says() -> None:
    assert DOCUMENT.trusted_until(NOW - DAY) == NOW + 6 * DAY
    assert DOCUMENT.trusted_until(NOW + DAY) == DOCUMENT.expires_at


@pytest.mark.parametrize(
    "changed",
    [
        {"id": None},
        {"id": "alpha"},
        {"id": "https://alpha.example/"},
        {"number": 0},
        {"number": True},
        {"issued": None},
        {"expires": 0},
        {"expires": 1795874587},
        {"expires": 1795874587 + 7 * 86400 + 1},
        {"expires": 2**60},
        {"organisation": ""},
        {"exchange": "ftp://alpha.example"},
        {"keys": []},
        {"keys": None},
        {"keys": {}},
        {"keys": ["key"]},
        {"keys": [ALPHA_PUBLIC, ALPHA_PUBLIC]},
        {"keys": [ALPHA_PUBLIC] * 9},
        {"keys": [cast.ALPHA_JWK]},
        {"keys": [{**ALPHA_PUBLIC, "crv": "Ed448"}]},
        {"ror": "05f950310"},
        {"mailbox": 1},
        {"revoked": []},
        {"revoked": {"key": 1}},
        {"revoked": {ALPHA_PUBLIC["kid"]: "yesterday"}},
        {"recovery": "key"},
        {"versions": []},
        {"versions": ["1"]},
        {"versions": [True]},
        {"limits": {"a": "many"}},
        {"public_authority": None},
        {"public_authority": 1},
        {"moved_to": "here"},
    ],
    ids=str,
)
def test_it_refuses_a_field_of_another_shape(changed: dict[str, Any]) -> None:
    with pytest.raises(EnvelopeError):
        read_document(raw(payload(**changed), ALPHA_KEY))


def test_members_of_a_later_release_are_left_alone() -> None:
    document, kids = read_document(raw(payload(colour="blue"), ALPHA_KEY))
    assert (document, kids) == (DOCUMENT, (ALPHA_PUBLIC["kid"],))


def outer(change: Any) -> bytes:
    """Return the signed document with its outer JSON changed."""
    value = json.loads(write_document(ROTATED, [NEXT_KEY, ALPHA_KEY]))
    change(value)
    return json.dumps(value).encode()


@pytest.mark.parametrize(
    "change",
    [
        lambda value: value.update(more=1),
        lambda value: value.update(signatures=[]),
        lambda value: value.update(signatures={}),
        lambda value: value.update(signatures=value["signatures"] * 5),
        lambda value: value.update(signatures=value["signatures"] * 2),
        lambda value: value.update(payload=""),
        lambda value: value.update(payload=value["payload"] + "A"),
        lambda value: value.pop("signatures"),
        lambda value: value["signatures"].append("signature"),
        lambda value: value["signatures"][0].update(header={"kid": "k"}),
        lambda value: value["signatures"][0].update(header={"jwk": GAMMA_PUBLIC}),
        lambda value: value["signatures"][0].update(signature=value["signatures"][1]["signature"]),
        lambda value: value["signatures"][1].update(signature=value["signatures"][0]["signature"]),
        lambda value: value["signatures"][0].pop("protected"),
        lambda value: value["signatures"].pop(0),
        lambda value: value["signatures"].pop(1),
    ],
)
def test_it_refuses_another_outer_shape(change: Any) -> None:
    with pytest.raises(EnvelopeError):
        accept(DOCUMENT, outer(change), now=LATER)


def test_an_object_of_another_kind_is_no_document() -> None:
    with pytest.raises(NotVerified):
        read_document(raw(payload(), ALPHA_KEY, typ="parkbench-listing+jws"))


@pytest.mark.parametrize("written", [b"", b"[]", b"{}", b"\xff", b'{"payload":1}', cast.document()[:-1]])
def test_it_refuses_what_is_no_document_at_all(written: bytes) -> None:
    with pytest.raises(EnvelopeError):
        read_document(written)


def test_it_refuses_more_than_64_kib() -> None:
    with pytest.raises(TooLarge):
        read_document(b" " * (64 * 1024) + cast.document())


def test_a_number_that_no_database_holds_is_refused() -> None:
    with pytest.raises(EnvelopeError, match="number"):
        write_document(replace(DOCUMENT, number=2**31), [ALPHA_KEY])
