"""Keys that change: in turn, after a theft, and without anybody who vouches for the new ones."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

from living import Node, wait

Pair = tuple[Node, Node]


def shared(near: Node, far: Node, name: str) -> str:
    """Add an instrument, share it with all partners, and let one of them read."""
    uid = near.do("add", name=name)
    near.do("share", uid=uid, basics="partners")
    far.pulls(near)
    return str(uid)


def stale(node: Node, other: Node) -> None:
    """Let a node take its partner's document for old, so that it asks for the next one."""
    node.script(
        "from datetime import timedelta; from django.db.models import F\n"
        "rows = acts.Partner.objects.filter(home__address=given['url'])\n"
        "rows.update(document_at=F('document_at') - timedelta(hours=13))",
        url=other.url,
    )


def test_a_partner_follows_a_key_that_was_changed_in_turn_by_itself(pair: Pair) -> None:
    alpha, beta = pair
    number = beta.partner(alpha)["document_number"]
    old, _new = alpha.reports("keys", "show"), alpha.run("keys", "rotate")
    uid = shared(alpha, beta, "Under the new key")
    assert beta.shows(uid, "Under the new key")
    assert beta.partner(alpha)["document_number"] > number
    # What alpha signs as a reader counts at beta as well.
    theirs = shared(beta, alpha, "Read under the new key")
    assert alpha.shows(theirs)
    assert len(alpha.reports("keys", "show")) == len(old) + 1


def test_a_stolen_key_is_out_of_use_once_the_recovery_key_has_spoken(pair: Pair, tmp_path: Path) -> None:
    alpha, beta = pair
    if not any(key["is_recovery"] for key in alpha.reports("keys", "show")):
        sheet = alpha.run("keys", "recovery-sheet")
        (alpha.home.parent / "sheet").write_text(sheet)
    uid = shared(alpha, beta, "Before the theft")
    stale(beta, alpha)
    beta.pulls(alpha)  # so the thumbprint of the recovery key is known
    thief = copied(alpha, tmp_path)
    wait()
    alpha.run("keys", "recover", alpha.home.parent / "sheet")
    stale(beta, alpha)
    beta.pulls(alpha)
    journals = beta.do("journals", url=alpha.url)

    alpha.stop_serving()
    try:
        thief.start()
        thief.do("share", uid=uid, basics="nobody")
        thief.do("add", name="Forged")
        thief.answers()
        for is_asked_again in (False, True):
            if is_asked_again:
                stale(beta, alpha)
            assert "a key that it has revoked" in beta.pulls(alpha, fails=True)["problem"]
        assert beta.do("journals", url=alpha.url) == journals
        assert beta.shows(uid, "Before the theft")
    finally:
        thief.stop()
        alpha.serve_again()
    beta.pulls(alpha)
    assert beta.shows(uid, "Before the theft")
    alpha.pulls(beta)


def copied(alpha: Node, tmp_path: Path) -> Node:
    """A copy of a node as a thief has it, which answers at the same address."""
    home = tmp_path / "thief"
    shutil.copytree(alpha.home, home, ignore=lambda _folder, names: [n for n in names if "sqlite3" in n])
    with (
        sqlite3.connect(alpha.home / "parkbench.sqlite3") as source,
        sqlite3.connect(home / "parkbench.sqlite3") as target,
    ):
        source.backup(target)
    return Node("thief", home, port=alpha.port)


def test_a_key_that_changed_and_nobody_vouches_for_stops_reading_until_somebody_has_compared(
    pair: Pair,
) -> None:
    alpha, beta = pair
    uid = shared(alpha, beta, "Before all keys were lost")
    alpha.script(
        "import shutil\n"
        "state = acts.ExchangeState.objects.get()\n"
        "acts.NodeKey.objects.all().delete()\n"
        "shutil.rmtree(acts.keyring.folder())\n"
        "acts.ExchangeState.objects.update(document='')\n"
        "acts.current_document()"
    )
    stale(beta, alpha)
    report = beta.pulls(alpha, fails=True)
    assert "keys of this partner have changed" in report["problem"]
    assert "Compare the new fingerprint by telephone" in beta.page_of(alpha)
    assert beta.shows(uid, "Before all keys were lost"), "until its lease is over"
    new = alpha.do("add", name="Signed by a stranger")
    alpha.do("share", uid=new, basics="partners")
    assert not beta.pulls(alpha, fails=True)["ok"]
    assert not beta.shows(new)
    fingerprint = alpha.script(
        "from parkbench.exchange.services.ourselves import ourselves; said = ourselves().fingerprint"
    )
    number = beta.partner(alpha)["id"]
    status, page = beta.get(f"/partners/{number}/key/")
    assert (status, fingerprint.split()[0] in page) == (200, True)
    beta.script(
        "from parkbench.exchange.services.trust import trust_new_key\n"
        "trust_new_key(partner_id=given['number'], fingerprint=given['fingerprint'], by=acts.BY)",
        number=number,
        fingerprint=fingerprint,
    )
    beta.pulls(alpha)
    assert beta.shows(new, "Signed by a stranger")
    alpha.pulls(beta)
    recovery = alpha.home.parent / "sheet"
    recovery.unlink(missing_ok=True)
