"""The code that people paste into a mail."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import envelopes as cast
from envelopes import INVITATION, NOW
from parkbench.envelope import invitations
from parkbench.envelope.errors import EnvelopeError, Mistyped, NotVerified, OutOfTime
from parkbench.envelope.invitations import check_mac, mac, new_invitation, read_code, stored, write_code
from parkbench.envelope.keys import encode

CODE = write_code(INVITATION)


def test_a_new_invitation_is_written_and_read_back() -> None:
    one, two = (new_invitation(url=cast.ALPHA, thumbprint=cast.ALPHA_PUBLIC["kid"], now=NOW) for _ in "ab")
    assert one.secret != two.secret
    assert one.expires_at == NOW + timedelta(days=7)
    assert read_code(write_code(one), now=NOW) == one
    assert "secret" not in repr(one)


def test_what_a_mail_does_to_a_line_is_undone() -> None:
    assert read_code(f"\n  {CODE[:30]}\r\n{CODE[30:70]} \t{CODE[70:]}\n", now=NOW) == INVITATION


@given(st.integers(0, len(CODE) - 1), st.sampled_from("ABCabc019-_.=é"))
def test_a_code_with_one_wrong_character_is_told_apart(place: int, letter: str) -> None:
    wrong = CODE[:place] + letter + CODE[place + 1 :]
    if wrong != CODE:
        with pytest.raises(Mistyped, match="Copy it anew"):
            read_code(wrong, now=NOW)


@pytest.mark.parametrize(
    "text", ["", "parkbench1.", CODE[:-1], CODE + "AAAA", CODE[1:], "x" * 2000, CODE * 9]
)
def test_a_code_cut_short_or_longer_is_told_apart(text: str) -> None:
    with pytest.raises(Mistyped):
        read_code(text, now=NOW)


def test_two_swapped_characters_are_told_apart() -> None:
    for place in range(11, len(CODE) - 1):
        if CODE[place] != CODE[place + 1]:
            with pytest.raises(Mistyped):
                read_code(CODE[:place] + CODE[place + 1] + CODE[place] + CODE[place + 2 :], now=NOW)


def test_a_code_ends() -> None:
    assert read_code(CODE, now=INVITATION.expires_at - timedelta(seconds=1)) == INVITATION
    with pytest.raises(OutOfTime, match="Ask for a new one"):
        read_code(CODE, now=INVITATION.expires_at)


@pytest.mark.parametrize(
    "content",
    [
        bytes(53) + b"no address",
        bytes(53) + b"https://alpha.example/?q",
        bytes(53) + b"\xff",
        bytes(48) + b"\xff" * 5 + b"https://alpha.example",
    ],
)
def test_a_code_that_something_else_wrote_names_no_node(content: bytes) -> None:
    text = "parkbench1." + encode(content + invitations._check_sum(content))
    with pytest.raises(EnvelopeError, match="names no node"):
        read_code(text, now=NOW)


@pytest.mark.parametrize("changed", [{"thumbprint": "AAAA"}, {"secret": b"short"}, {"url": "alpha"}])
def test_it_writes_no_code_that_would_not_read_back(changed: dict[str, Any]) -> None:
    with pytest.raises(EnvelopeError):
        write_code(replace(INVITATION, **changed))


def test_the_invited_proves_that_it_holds_the_code() -> None:
    kept, answer = stored(INVITATION.secret), mac(INVITATION.secret, cast.document())
    assert kept != INVITATION.secret.hex()
    check_mac(kept, cast.document(), answer)


@pytest.mark.parametrize(
    ("secret", "message", "answer"),
    [
        (bytes(16), cast.document(), None),
        (INVITATION.secret, b"another document", None),
        (INVITATION.secret, cast.document(), ""),
        (INVITATION.secret, cast.document(), "é\ud800"),
        (INVITATION.secret, cast.document(), mac(INVITATION.secret, cast.document()) + "="),
    ],
)
def test_it_refuses_an_answer_made_without_the_code_or_for_another_document(
    secret: bytes, message: bytes, answer: str | None
) -> None:
    given = mac(secret, message) if answer is None else answer
    with pytest.raises(NotVerified):
        check_mac(stored(INVITATION.secret), cast.document(), given)


def test_what_is_kept_has_one_shape() -> None:
    with pytest.raises(EnvelopeError, match="64 hex digits"):
        check_mac("kept", b"", "")
