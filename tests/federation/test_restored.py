"""A backup is put back at the owner or at the reader: what was withdrawn since stays so, and both heal."""

from __future__ import annotations

import json
from pathlib import Path

import nodes
from living import NOTHING, Node

Pair = tuple[Node, Node]


def put_back(node: Node, file: Path) -> str:
    """Restore a node from a backup as an operator does: stop, restore, start; return what was said."""
    node.stop()
    try:
        done = nodes.run("restore", "--home", node.home, file, "--yes", **node.settings)
        assert done.returncode == 0, done.stderr + done.stdout
    finally:
        node.start()
        node.answers()
    return done.stdout


def backup(node: Node, tmp_path: Path) -> Path:
    """Write a backup beside the tests.

    What other tests took back minutes ago was done long before: a restore narrows again what was narrowed
    up to six minutes before its backup.
    """
    log = node.home / "withdrawals.log"
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    log.write_text("".join(json.dumps({**line, "at": "2026-01-01T00:00:00+00:00"}) + "\n" for line in lines))
    file = tmp_path / f"{node.name}.tar"
    node.run("backup", "--out", file)
    return file


def shared(near: Node, name: str, **sections: str) -> str:
    uid = near.do("add", name=name)
    near.do("share", uid=uid, **(sections or {"basics": "partners"}))
    return str(uid)


def test_yesterdays_backup_of_the_owner_shares_nothing_that_was_withdrawn_since(
    pair: Pair, tmp_path: Path
) -> None:
    alpha, beta = pair
    kept, left = shared(alpha, "Kept"), shared(alpha, "Withdrawn since")
    beta.pulls(alpha)
    file = backup(alpha, tmp_path)
    epoch, number = alpha.do("state")["epoch"], beta.partner(alpha)["number_seen"]
    document = beta.partner(alpha)["document_number"]
    alpha.do("share", uid=left, basics="nobody")
    later = shared(alpha, "Added since")
    beta.pulls(alpha)
    assert (beta.do("held", uid=left), beta.shows(later)) == (NOTHING, True)

    assert "withdrawals that were made after the backup are done again" in put_back(alpha, file)
    assert alpha.do("told", uid=left) == {}
    assert alpha.do("state")["epoch"] != epoch
    report = beta.pulls(alpha)
    assert all(journal["walked"] for journal in report["journals"])
    assert beta.shows(kept, "Kept")
    assert beta.do("held", uid=left) == NOTHING
    assert beta.do("held", uid=later) == NOTHING, "the owner does not have it any more either"
    assert beta.partner(alpha)["number_seen"] > number
    assert alpha.do("state")["document_number"] > document
    assert alpha.run("verify").strip()
    again = shared(alpha, "After the restore")
    beta.pulls(alpha)
    assert beta.shows(again, "After the restore")
    alpha.pulls(beta)


def test_without_the_log_of_withdrawals_a_restored_owner_waits_for_its_administrator(
    pair: Pair, tmp_path: Path
) -> None:
    alpha, beta = pair
    left = shared(alpha, "Withdrawn, and the log is lost")
    beta.pulls(alpha)
    file = backup(alpha, tmp_path)
    alpha.do("share", uid=left, basics="nobody")
    beta.pulls(alpha)
    (alpha.home / "withdrawals.log").unlink()
    assert "the log of withdrawals is not in the folder" in put_back(alpha, file)
    report = beta.pulls(alpha, fails=True)
    assert "asks to be asked later" in report["problem"]
    assert beta.do("held", uid=left) == NOTHING
    page = alpha.get("/partners/")[1]
    assert "log of withdrawals" in page
    assert "/partners/resume/" in page
    # The administrator looks, takes the record back once more, and goes on.
    alpha.do("share", uid=left, basics="nobody")
    alpha.script("from parkbench.exchange.services import resume; resume(by=acts.BY)")
    beta.pulls(alpha)
    assert beta.do("held", uid=left) == NOTHING


def test_a_restored_reader_hides_what_it_held_until_it_has_read_to_the_head(
    pair: Pair, tmp_path: Path
) -> None:
    alpha, beta = pair
    kept, left = shared(alpha, "Held before and after"), shared(alpha, "Withdrawn while the backup lay there")
    beta.pulls(alpha)
    file = backup(beta, tmp_path)
    alpha.do("share", uid=left, basics="nobody")
    beta.pulls(alpha)
    assert beta.do("held", uid=left) == NOTHING
    put_back(beta, file)
    held = beta.do("held", uid=left)
    assert (held["seen"], held["bodies"]) == (False, ["basics"]), (
        "yesterday's copy is back, but nobody sees it"
    )
    assert not beta.shows(left)
    assert not beta.shows(kept)
    assert not beta.lists("Held before and after")
    beta.pulls(alpha)
    assert beta.do("held", uid=left) == NOTHING
    assert beta.shows(kept, "Held before and after")
    counts = {name: found[2] for name, found in beta.do("journals", url=alpha.url).items()}
    heads = alpha.script("said = {a.sort: a.count for a in acts.Audience.objects.all()}")
    assert all(heads[name] == count for name, count in counts.items() if name in ("public", "partners"))
    alpha.pulls(beta)
