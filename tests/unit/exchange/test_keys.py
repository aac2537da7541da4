"""Keys and the node document: partners follow every change, and nothing but a change of hands stops them."""

from __future__ import annotations

import gzip
import io
import json
import stat
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

import cast
from parkbench.accounts.rules import Role
from parkbench.envelope import keys as jose
from parkbench.envelope.documents import NodeDocument, accept, read_document, write_document
from parkbench.envelope.errors import KeyChanged, NotVerified
from parkbench.exchange.models import ExchangeState, NodeKey
from parkbench.exchange.queries import own_keys
from parkbench.exchange.services import (
    current_document,
    keyring,
    make_recovery_key,
    recover,
    renew_document,
    revoke_key,
    rotate_key,
)
from parkbench.lib.errors import NotAllowed, NotFound, Refused
from parkbench.programme.services import set_organisation
from parkbench.records.models import Audience
from peers import API, US, Peer, pin


def served() -> bytes:
    answer = Client().get("/.well-known/parkbench-node")
    assert answer.status_code == 200
    return bytes(answer.content)


def pinned() -> NodeDocument:
    """What a partner holds of us after it fetched our document."""
    return read_document(served())[0]


def follows(held: NodeDocument, offered: bytes | None = None, *, now: datetime | None = None) -> NodeDocument:
    return accept(held, offered or served(), now=now or timezone.now())


def later(days: float) -> bytes:
    return renew_document(now=timezone.now() + timedelta(days=days)).encode()


def test_the_document_says_who_we_are_and_is_signed_by_a_key_it_names() -> None:
    document, signers = read_document(served())
    assert (document.id, document.exchange_url, document.number) == (US, API, 1)
    assert document.organisation == "Alpha Institute"
    assert signers == tuple(jwk["kid"] for jwk in document.keys)
    assert document.limits["page_items"] == 500


def test_the_private_half_lies_in_the_folder_for_its_owner_only(home: Path) -> None:
    key = NodeKey.objects.get()
    path = home / "keys" / f"{key.kid}.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    secret = json.loads(path.read_text())["d"]
    told = [str(list(NodeKey.objects.values())), ExchangeState.objects.get().document, served().decode()]
    assert not any(secret in text for text in told)
    with connection.cursor() as cursor:
        names = connection.introspection.table_names(cursor)
        for table in (name for name in names if name.startswith(("exchange_", "records_", "django_"))):
            cursor.execute(f'SELECT * FROM "{table}"')
            assert secret not in str(cursor.fetchall()), table


def test_the_same_document_is_given_until_something_changes() -> None:
    first = served()
    renew_document()
    assert served() == first
    assert pinned().number == 1


def test_it_is_renewed_before_it_expires_and_when_what_it_says_changes() -> None:
    held = pinned()
    assert read_document(later(1))[0].number == 1
    renewed = read_document(later(3))[0]
    assert (renewed.number, renewed.expires_at > held.expires_at) == (2, True)
    numbers = []
    for change in (
        lambda: set_organisation(by=cast.OPERATOR, name="Alpha Centre", ror="https://ror.org/048a87296"),
        lambda: ExchangeState.objects.update(mailbox="park@alpha.example"),
        lambda: ExchangeState.objects.update(is_public_authority=True),
    ):
        change()
        renew_document()
        numbers.append(follows(held).number)
    assert numbers == [3, 4, 5]
    now = pinned()
    assert (now.organisation, now.ror, now.mailbox, now.is_public_authority) == (
        "Alpha Centre",
        "https://ror.org/048a87296",
        "park@alpha.example",
        True,
    )


def test_an_expired_document_is_renewed_by_whoever_asks(monkeypatch) -> None:
    first = pinned()
    real = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: real() + timedelta(days=8))
    assert read_document(current_document())[0].number == first.number + 1


def test_partners_follow_a_new_key_even_when_they_missed_documents() -> None:
    held = pinned()
    for _ in range(3):
        rotate_key(by=cast.OPERATOR)
    assert follows(held).number == 4
    offered = later(30)
    assert follows(held, offered, now=timezone.now() + timedelta(days=30)).number == 5


def test_no_key_is_changed_so_often_that_a_partner_loses_track() -> None:
    held = pinned()
    for _ in range(7):
        rotate_key(by=cast.OPERATOR)
    with pytest.raises(Refused, match=r"changed 7 times in 60 days.*by hand"):
        rotate_key(by=cast.OPERATOR)
    assert follows(held).number == 8


def test_a_key_that_was_replaced_leaves_document_and_folder_after_60_days() -> None:
    old = NodeKey.objects.get()
    new = rotate_key(by=cast.OPERATOR)
    assert {jwk["kid"] for jwk in read_document(later(59))[0].keys} == {old.kid, new.kid}
    assert keyring.has_private(old.kid)
    assert {jwk["kid"] for jwk in read_document(later(61))[0].keys} == {new.kid}
    assert not keyring.has_private(old.kid)
    assert keyring.has_private(new.kid)


def test_what_is_signed_after_a_rotation_is_signed_by_the_new_key(circle: Audience) -> None:
    beta = Peer("beta")
    pin(beta, reads=[circle])
    new = rotate_key(by=cast.OPERATOR)
    page = Client().get("/exchange/v1/journals/public")
    header = gzip.decompress(page.content).split(b".")[0]
    assert json.loads(jose.decode(header.decode()))["kid"] == new.kid


def test_a_revoked_key_counts_no_more_and_partners_hear_of_it() -> None:
    held, old = pinned(), NodeKey.objects.get()
    made = revoke_key(kid=jose.spoken(old.kid), by=cast.OPERATOR, reason="the server was broken into")
    followed = follows(held)
    assert made is not None
    assert set(followed.revoked) == {old.kid}
    after = timezone.now() + timedelta(seconds=2)
    assert [jwk["kid"] for jwk in followed.keys_at(after)] == [made.kid]
    with pytest.raises(Refused, match="revoked on"):
        revoke_key(kid=old.kid, by=cast.OPERATOR, reason="")
    with pytest.raises(NotFound):
        revoke_key(kid="nonsense", by=cast.OPERATOR, reason="")


def test_an_old_key_can_be_revoked_and_the_new_one_stays() -> None:
    old = NodeKey.objects.get()
    new = rotate_key(by=cast.OPERATOR)
    assert revoke_key(kid=old.kid, by=cast.OPERATOR, reason="lost") is None
    assert [key.kid for key in own_keys() if key.is_in_use] == [new.kid]


def test_a_thief_who_took_over_is_thrown_out_by_the_recovery_key() -> None:
    sheet = make_recovery_key(by=cast.OPERATOR)
    held = follows(pinned())
    stolen = keyring.private_key(NodeKey.objects.get(sort="signing").kid)
    theirs = jose.new_key()
    said = {name: getattr(held, name) for name in NodeDocument.__slots__} | {
        "number": held.number + 50,
        "keys": tuple(map(jose.public_jwk, (theirs, stolen))),
    }
    forged = follows(held, write_document(NodeDocument(**said), [theirs, stolen]))
    revoke_key(kid=jose.public_jwk(stolen)["kid"], by=cast.OPERATOR, reason="stolen")
    with pytest.raises(ValueError, match=r"older|changed"):
        follows(forged)
    recover(sheet=sheet, by=cast.OPERATOR)
    assert follows(forged).number > forged.number
    assert follows(held).number > forged.number


def test_lost_keys_are_replaced_by_the_recovery_key(home: Path) -> None:
    sheet = make_recovery_key(by=cast.OPERATOR)
    held = pinned()
    for path in (home / "keys").iterdir():
        path.unlink()
    with pytest.raises(Refused, match="cannot be read"):
        rotate_key(by=cast.OPERATOR)
    new = recover(sheet=sheet, by=cast.OPERATOR)
    followed = follows(held)
    assert [jwk["kid"] for jwk in followed.keys_at(timezone.now() + timedelta(seconds=2))] == [new.kid]
    # The signature of the recovery key cannot be made again: that document stays as long as it may.
    assert read_document(later(5))[0].number == followed.number
    assert read_document(later(6.5))[0].number == followed.number + 1
    with pytest.raises(KeyChanged):
        follows(held, now=timezone.now() + timedelta(days=6.5))


def test_only_the_right_sheet_recovers() -> None:
    with pytest.raises(Refused, match="no recovery key"):
        recover(sheet="{}", by=cast.OPERATOR)
    make_recovery_key(by=cast.OPERATOR)
    for sheet in ("", "{}", "[]", "nonsense"):
        with pytest.raises(Refused, match="This is no recovery key"):
            recover(sheet=sheet, by=cast.OPERATOR)
    other = json.dumps(jose.private_jwk(jose.new_key()))
    with pytest.raises(Refused, match="another key"):
        recover(sheet=other, by=cast.OPERATOR)


def test_a_recovery_key_is_replaced_only_with_the_old_sheet() -> None:
    first = make_recovery_key(by=cast.OPERATOR)
    held = pinned()
    with pytest.raises(Refused):
        make_recovery_key(by=cast.OPERATOR)
    second = make_recovery_key(by=cast.OPERATOR, current=first)
    assert follows(held).recovery_thumbprint == jose.public_jwk(jose.read_private(json.loads(second)))["kid"]
    secret = json.loads(second)["d"]
    assert secret not in str(list(NodeKey.objects.values()))


def test_only_an_administrator_changes_keys() -> None:
    manager = cast.seen_by("Mia", Role.MANAGER)
    for act in (
        lambda: rotate_key(by=manager),
        lambda: revoke_key(kid="x", by=manager, reason=""),
        lambda: make_recovery_key(by=manager),
        lambda: recover(sheet="{}", by=manager),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert NodeKey.objects.count() == 1


def test_a_node_without_its_key_serves_nothing_and_says_why_to_its_operator(home: Path, caplog) -> None:
    for path in (home / "keys").iterdir():
        path.unlink()
    answer = Client().get("/exchange/v1/journals/public")
    assert answer.status_code == 503
    assert str(home) not in answer.content.decode()
    assert "parkbench keys recover" in caplog.text


def test_a_node_that_was_there_before_makes_its_key_when_first_asked(home: Path) -> None:
    NodeKey.objects.filter().delete()
    ExchangeState.objects.update(document="", document_number=0)
    assert Client().get("/exchange/v1/journals/public").status_code == 200
    assert NodeKey.objects.count() == 1
    assert pinned().number == 1


def test_a_document_that_no_key_signed_is_never_written() -> None:
    with pytest.raises(NotVerified):
        write_document(pinned(), [jose.new_key()])


def test_recovery_works_however_often_the_keys_were_changed_before() -> None:
    sheet = make_recovery_key(by=cast.OPERATOR)
    held = pinned()
    for _ in range(9):  # by a thief, say, who wants no room left for the signature of the recovery key
        newest = NodeKey.objects.filter(sort="signing", revoked_at=None).latest("pk")
        revoke_key(kid=newest.kid, by=cast.OPERATOR, reason="changed by a thief")
    made = recover(sheet=sheet, by=cast.OPERATOR)
    after = follows(held)
    assert [jwk["kid"] for jwk in after.keys_at(timezone.now())] == [made.kid]
    assert len(json.loads(served())["signatures"]) == 8
    second = make_recovery_key(by=cast.OPERATOR, current=sheet)
    assert follows(after).recovery_thumbprint == jose.public_jwk(jose.read_private(json.loads(second)))["kid"]


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("keys", *arguments, stdout=out)
    return out.getvalue()


def test_keys_on_the_command_line(tmp_path: Path) -> None:
    first = NodeKey.objects.get()
    assert first.kid in run("show")
    assert jose.spoken(first.kid) in run("show")
    sheet = tmp_path / "sheet.txt"
    sheet.write_text(run("recovery-sheet"), encoding="utf-8")
    assert "It is shown this one time" in sheet.read_text()
    listed = json.loads(run("rotate", "--json"))
    assert [key["retired_at"] is None for key in listed] == [True, True, False]
    assert "revoked on" in run("revoke", first.kid if first.kid[0] != "-" else jose.spoken(first.kid))
    assert "all older ones are revoked" in run("recover", str(sheet))
    other = tmp_path / "other.txt"
    other.write_text(run("recovery-sheet", "--current", str(sheet)), encoding="utf-8")
    with pytest.raises(CommandError, match="another key"):
        run("recover", str(sheet))
    with pytest.raises(CommandError, match="cannot be read"):
        run("recover", str(tmp_path / "nowhere"))
