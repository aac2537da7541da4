"""First contact: what counts as an answer, what does not, and that each try is counted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

import cast
import handshakes
from handshakes import US, Node
from parkbench.accounts.rules import Role
from parkbench.envelope.answers import read_answer, write_answer
from parkbench.envelope.documents import read_document
from parkbench.envelope.invitations import read_code
from parkbench.envelope.keys import public_jwk
from parkbench.exchange.models import Invitation, Partner
from parkbench.exchange.rules import State
from parkbench.exchange.services import invitations
from parkbench.exchange.services import partners as services
from parkbench.exchange.services.ourselves import ourselves
from parkbench.lib.errors import Invalid, NotAllowed, NotFound, Refused
from parkbench.records.models import Home

pytestmark = pytest.mark.django_db


def invite() -> tuple[Invitation, str]:
    return invitations.invite(name="Beta", by=cast.OPERATOR)


def refused(written: bytes) -> str:
    """The sentence of a refusal; nobody became a partner by it."""
    before = Partner.objects.count()
    with pytest.raises(Refused) as caught:
        invitations.receive_acceptance(written=written)
    assert Partner.objects.count() == before
    return caught.value.sentence


def tries(invitation: Invitation) -> int:
    invitation.refresh_from_db()
    return invitation.tries_left


# --- the inviter ---


def test_an_invitation_names_our_key_and_keeps_no_secret() -> None:
    invitation, code = invite()
    read = read_code(code, now=timezone.now())
    assert (read.url, read.thumbprint) == (US, ourselves().thumbprint)
    assert timedelta(days=6) < read.expires_at - timezone.now() <= timedelta(days=7)
    assert read.secret.hex() not in str(Invitation.objects.values())
    assert invitation.tries_left == 5


def test_an_answer_makes_a_partner_that_waits_and_is_given_nothing() -> None:
    invitation, code = invite()
    partner = invitations.receive_acceptance(written=Node().answer(code, mailbox="rf@beta.example"))
    invitation.refresh_from_db()
    assert (partner.state, partner.home.name, partner.home.address) == (
        State.PENDING,
        "Beta Institute",
        "https://beta.example",
    )
    assert invitation.partner == partner
    assert partner.mailbox == "rf@beta.example"
    assert not partner.grants.exists()


def test_a_wrong_secret_is_refused_and_counts_as_a_try() -> None:
    invitation, code = invite()
    good = read_answer(Node().answer(code))
    other = read_answer(Node().answer(Node().code()))
    forged = write_answer_as(good.invitation, good.document, other.mac)
    assert refused(forged) == invitations.refusal()
    assert tries(invitation) == 4


def test_the_sixth_try_is_refused_even_with_the_right_secret() -> None:
    invitation, code = invite()
    good = read_answer(Node().answer(code))
    forged = write_answer_as(good.invitation, good.document, "A" * 43)
    for _number in range(5):
        refused(forged)
    assert tries(invitation) == 0
    assert refused(Node().answer(code)) == invitations.refusal()


def test_an_answer_counts_once() -> None:
    _invitation, code = invite()
    answer = Node().answer(code)
    invitations.receive_acceptance(written=answer)
    assert refused(answer) == invitations.refusal()
    assert refused(Node("gamma").answer(code)) == invitations.refusal()


def test_an_invitation_that_is_over_or_withdrawn_is_refused_alike() -> None:
    invitation, code = invite()
    late = Node().answer(code)
    Invitation.objects.filter(pk=invitation.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert refused(late) == invitations.refusal()
    second, code = invite()
    invitations.withdraw_invitation(pk=second.pk, by=cast.OPERATOR)
    assert refused(Node().answer(code)) == invitations.refusal()
    with pytest.raises(NotFound):
        invitations.withdraw_invitation(pk=second.pk, by=cast.OPERATOR)


def test_a_swapped_document_does_not_fit_the_proof() -> None:
    invitation, code = invite()
    good = read_answer(Node().answer(code))
    swapped = write_answer_as(good.invitation, Node("gamma").document(), good.mac)
    assert refused(swapped) == invitations.refusal()
    assert tries(invitation) == 4


@pytest.mark.parametrize(
    "written", [b"", b"{}", b"[]", b"\xff", b'{"invitation":"x"}', b"x" * 70_000], ids=range(6)
)
def test_what_is_no_answer_is_refused_in_the_same_words(written: bytes) -> None:
    invitation, _code = invite()
    assert refused(written) == invitations.refusal()
    assert tries(invitation) == 5


def test_a_document_of_ourselves_is_refused() -> None:
    _invitation, code = invite()
    assert refused(Node().answer(code, id=US)) == invitations.refusal()


def test_an_active_partner_is_not_met_a_second_time() -> None:
    beta = handshakes.partner()
    _invitation, code = invite()
    assert refused(Node().answer(code)) == invitations.refusal()
    beta.refresh_from_db()
    assert beta.state == State.ACTIVE


def test_a_partner_that_waits_may_answer_a_second_invitation() -> None:
    first = handshakes.invited()
    again = Node()
    second = handshakes.invited(again)
    assert first.pk == second.pk
    assert read_document(second.document.encode())[1] == (again.thumbprint,)


def test_an_ended_partner_begins_again_by_an_invitation() -> None:
    beta = handshakes.partner()
    services.end(partner_id=beta.pk, by=cast.OPERATOR)
    again = handshakes.invited()
    assert (again.pk, again.state, again.confirmed_at) == (beta.pk, State.PENDING, None)


def test_a_node_that_was_made_anew_at_its_address_numbers_its_listings_from_the_start() -> None:
    """It lost everything, its keys too: else nothing of it is read until it comes past its old numbers."""
    old, new = Node(), Node()
    beta = handshakes.invited(old)
    for node, seen in ((old, 812), (new, 0)):
        Partner.objects.update(number_seen=812, state=State.PENDING)
        services.end(partner_id=beta.pk, by=cast.OPERATOR)
        handshakes.invited(node)
        beta.refresh_from_db()
        assert beta.number_seen == seen, "with the same key old bundles would count again"


def test_a_name_with_markup_and_hidden_marks_is_kept_on_one_line() -> None:
    partner = handshakes.invited(organisation="<b>Beta</b>\u202e etutitsnI\u200b\n<script>x</script>")
    assert partner.home.name == "<b>Beta</b> etutitsnI <script>x</script>"


def test_proofs_of_invitations_that_ended_are_forgotten() -> None:
    invitation, _code = invite()
    assert invitations.forget_expired() == 0
    Invitation.objects.filter(pk=invitation.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    kept = invitation.secret_hash
    assert invitations.forget_expired() == 1
    assert invitations.forget_expired() == 0
    invitation.refresh_from_db()
    assert invitation.secret_hash != kept


def test_only_administrators_invite_and_withdraw() -> None:
    mona = cast.seen_by("Mona", Role.MANAGER)
    invitation, _code = invite()
    for act in (
        lambda: invitations.invite(name="Beta", by=mona),
        lambda: invitations.withdraw_invitation(pk=invitation.pk, by=mona),
        lambda: invitations.look(code="x", fetch=lambda url: b"", by=mona),
        lambda: invitations.accept(code="x", fetch=lambda url: b"", send=lambda url, answer: None, by=mona),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_a_name_is_asked_for_and_the_number_of_open_invitations_is_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(Invalid):
        invitations.invite(name="  ", by=cast.OPERATOR)
    monkeypatch.setattr(invitations, "MOST_OPEN", 1)
    invite()
    with pytest.raises(Refused, match="open invitations"):
        invite()


def write_answer_as(name: str, document: bytes, mac: str) -> bytes:
    """An answer with a proof of somebody's choice."""
    from parkbench.envelope.items import body_bytes

    return body_bytes({"invitation": name, "document": document.decode(), "mac": mac})


# --- the invited ---


class Sent:
    """What was sent to whom."""

    def __init__(self) -> None:
        self.all: list[tuple[str, bytes]] = []

    def __call__(self, url: str, answer: bytes) -> None:
        self.all.append((url, answer))


def test_the_invited_looks_then_answers_with_its_own_document() -> None:
    beta, sent = Node(), Sent()
    code = beta.code()
    met = invitations.look(code=code, fetch=lambda url: beta.document(), by=cast.OPERATOR)
    assert (met.document.organisation, met.thumbprint) == ("Beta Institute", beta.thumbprint)
    assert not Partner.objects.exists()
    partner = invitations.accept(code=code, fetch=lambda url: beta.document(), send=sent, by=cast.OPERATOR)
    [(url, written)] = sent.all
    assert url == "https://beta.example/exchange/v1"
    answer = read_answer(written)
    assert answer.document == ourselves().written
    assert written == write_answer(
        secret=read_code(code, now=timezone.now()).secret, document=ourselves().written
    )
    assert partner.state == State.PENDING
    assert not partner.grants.exists()


def test_another_key_than_the_invitation_names_is_refused() -> None:
    beta, stranger, sent = Node(), Node(), Sent()
    with pytest.raises(Refused, match="another key"):
        invitations.accept(
            code=beta.code(), fetch=lambda url: stranger.document(), send=sent, by=cast.OPERATOR
        )
    assert not sent.all
    assert not Partner.objects.exists()


def test_a_document_that_lists_the_key_without_its_signature_is_refused() -> None:
    beta, stranger = Node(), Node()
    both = (public_jwk(beta.key), public_jwk(stranger.key))
    with pytest.raises(Refused, match="another key"):
        invitations.look(code=beta.code(), fetch=lambda url: stranger.document(keys=both), by=cast.OPERATOR)


def test_a_node_that_calls_itself_otherwise_is_refused() -> None:
    beta = Node()
    with pytest.raises(Refused, match="calls itself"):
        invitations.look(
            code=beta.code(),
            fetch=lambda url: beta.document(id="https://gamma.example"),
            by=cast.OPERATOR,
        )


def test_our_own_invitation_is_refused() -> None:
    _invitation, code = invite()
    with pytest.raises(Refused, match="our own"):
        invitations.look(code=code, fetch=lambda url: ourselves().written, by=cast.OPERATOR)


@pytest.mark.parametrize(
    ("spoil", "words"), [(lambda code: code[:-5] + "AAAAA", "copied"), (str.upper, "begins")]
)
def test_a_mistyped_code_is_refused_in_words(spoil: Any, words: str) -> None:
    with pytest.raises(Refused, match=words):
        invitations.look(code=spoil(Node().code()), fetch=lambda url: b"", by=cast.OPERATOR)


def test_a_code_that_is_over_is_refused_before_anybody_is_asked() -> None:
    asked: list[str] = []

    def fetch(url: str) -> bytes:
        asked.append(url)
        return b""

    code = Node().code(now=timezone.now() - timedelta(days=8))
    with pytest.raises(Refused, match="ended"):
        invitations.look(code=code, fetch=fetch, by=cast.OPERATOR)
    assert not asked


def test_an_expired_document_is_refused() -> None:
    beta, then = Node(), timezone.now().replace(microsecond=0) - timedelta(days=9)
    old = beta.document(issued_at=then, expires_at=then + timedelta(days=7))
    with pytest.raises(Refused, match="too old"):
        invitations.look(code=beta.code(), fetch=lambda url: old, by=cast.OPERATOR)


def test_nothing_is_kept_when_the_inviter_does_not_take_the_answer() -> None:
    beta = Node()

    def send(url: str, answer: bytes) -> None:
        raise Refused("no")

    with pytest.raises(Refused, match="no"):
        invitations.accept(code=beta.code(), fetch=lambda url: beta.document(), send=send, by=cast.OPERATOR)
    assert not Partner.objects.exists()
    assert not Home.objects.filter(address=beta.id).exists()
