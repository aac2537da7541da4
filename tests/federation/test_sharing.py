"""What one node shares another one holds, and gives back when its owner says so: live nodes."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

import nodes
from living import NOTHING, Node

Pair = tuple[Node, Node]
CONFIRMED = "removed, confirmed at"


def shared(alpha: Node, *readers: Node, name: str, **sections: str) -> str:
    """Add an instrument with a price at alpha, share it, and let the readers read."""
    uid = alpha.do("add", name=name, replacement_price=120_000, replacement_currency="SEK")
    alpha.do("share", uid=uid, **(sections or {"basics": "partners"}))
    for reader in readers:
        reader.pulls(alpha)
    return str(uid)


def ledger(alpha: Node, beta: Node, uid: str) -> str:
    """What alpha's page says of a record with its partners."""
    status, text = alpha.get(f"/partners/ledger/instrument/{uid}/")
    assert status == 200, text
    return text


def test_what_is_shared_stands_in_the_partners_list_and_on_a_page_with_its_home(pair: Pair) -> None:
    alpha, beta = pair
    uid = shared(alpha, beta, name="Confocal Ada")
    assert alpha.do("told", uid=uid) == {"basics": ["partners"]}
    held = beta.do("held", uid=uid)
    assert (held["seen"], held["name"], held["bodies"]) == (True, "Confocal Ada", ["basics"])
    assert held["price"] == ""
    assert beta.shows(uid, "Alpha Institute")
    assert beta.lists("Confocal Ada")
    assert not beta.get(f"/instruments/{uid}/", stranger=True)[1].count("Confocal Ada")
    assert beta.get(f"/instruments/{uid}/edit/")[0] in (403, 404)
    beta.pulls(alpha)
    assert "offered, fetched" in ledger(alpha, beta, uid)


def test_an_edit_reaches_the_same_row(pair: Pair) -> None:
    alpha, beta = pair
    uid = shared(alpha, beta, name="Confocal before")
    key = (
        "from parkbench.instruments.models import Instrument as I; said = I.objects.get(uid=given['uid']).pk"
    )
    row = beta.script(key, uid=uid)
    alpha.do("edit", uid=uid, name="Confocal after", replacement_price=130_000)
    report = beta.pulls(alpha)
    assert sum(journal["items"] for journal in report["journals"]) == 1
    assert beta.do("held", uid=uid)["name"] == "Confocal after"
    assert beta.script(key, uid=uid) == row
    assert beta.lists("Confocal after")
    assert not beta.lists("Confocal before")


def test_a_cell_that_is_narrowed_takes_the_prices_back_and_leaves_the_rest(pair: Pair) -> None:
    alpha, beta = pair
    alpha.do("policy", section="basics", who="partners")
    alpha.do("policy", section="economics", who="partners")
    uid = alpha.do("add", name="Priced", replacement_price=120_000, replacement_currency="SEK")
    beta.pulls(alpha)
    assert beta.do("held", uid=uid)["price"] == "120000"
    before = alpha.do("confirmed", url=beta.url)
    alpha.do("policy", section="economics", who="nobody")
    beta.pulls(alpha)
    held = beta.do("held", uid=uid)
    assert (held["seen"], held["price"], held["bodies"], held["members"]) == (
        True,
        "",
        ["basics"],
        ["basics"],
    )
    assert beta.shows(uid, "Priced")
    [*_, (count, is_equal)] = alpha.do("confirmed", url=beta.url)
    assert len(alpha.do("confirmed", url=beta.url)) > len(before)
    assert (count >= 1, is_equal) == (True, True)
    assert CONFIRMED in ledger(alpha, beta, uid)


@pytest.mark.parametrize("way", ["withdrawn", "deleted"])
def test_a_record_that_is_taken_back_leaves_nothing_and_its_owner_sees_that(pair: Pair, way: str) -> None:
    alpha, beta = pair
    uid = shared(alpha, beta, name=f"Soon {way}", basics="partners", economics="partners")
    assert beta.do("held", uid=uid)["price"] == "120000"
    if way == "withdrawn":
        alpha.do("share", uid=uid, basics="nobody", economics="nobody")
    else:
        alpha.do("delete", uid=uid)
    assert "not told yet" in alpha.page_of(beta)
    report = beta.pulls(alpha)
    assert sum(journal["removed"] for journal in report["journals"]) == 2
    assert beta.do("held", uid=uid) == NOTHING
    assert not beta.shows(uid)
    assert not beta.lists(f"Soon {way}")
    assert beta.do("owed") == 0
    assert CONFIRMED in alpha.page_of(beta)
    assert "not told yet" not in alpha.page_of(beta)


def test_an_embargo_that_passes_lets_a_record_go_and_not_a_minute_before(pair: Pair) -> None:
    alpha, beta = pair
    uid = alpha.do("add", name="Embargoed")
    start = datetime.now(UTC) + timedelta(minutes=30)
    alpha.do("share", uid=uid, start=start.isoformat(), basics="partners")
    beta.pulls(alpha)
    assert (alpha.do("told", uid=uid), beta.do("held", uid=uid)) == ({}, NOTHING)
    for node in pair:
        node.clock(31 * 60)
    beta.pulls(alpha)
    assert alpha.do("told", uid=uid) == {"basics": ["partners"]}
    assert beta.do("held", uid=uid)["seen"]
    assert beta.shows(uid, "Embargoed")


def test_who_joins_a_group_learns_nothing_that_left_before_and_gives_all_back_on_leaving(pair: Pair) -> None:
    alpha, beta = pair
    group = alpha.do("circle", name=f"Imaging {uuid4().hex[:6]}")
    kept = shared(alpha, name="For the group", basics=group)
    left = shared(alpha, name="Gone from the group", basics=group)
    alpha.do("share", uid=left, basics="nobody")
    alpha.do("join", token=group, members=[beta.url])
    report = beta.pulls(alpha)
    assert [one["items"] for one in report["journals"] if one["audience"] == group] == [1]
    assert beta.do("held", uid=kept)["seen"]
    assert beta.shows(kept, "For the group")
    assert beta.do("held", uid=left) == NOTHING
    bytes_read = beta.script(READ, url=alpha.url, audience=group)
    assert kept in bytes_read
    assert left not in bytes_read
    assert "Imaging" not in beta.page_of(alpha), "the name of a group is told only where its owner says so"

    alpha.do("join", token=group, members=[])
    assert "not told yet" in alpha.page_of(beta)
    report = beta.pulls(alpha)
    assert [one["removed"] for one in report["journals"] if one["audience"] == group] == [1]
    assert beta.do("held", uid=kept) == NOTHING
    assert not beta.shows(kept)
    assert "not told yet" not in alpha.page_of(beta)
    assert CONFIRMED in alpha.page_of(beta)


READ = """
from parkbench.exchange.client.asking import caller, open_partner
from parkbench.exchange.models import Partner
held = acts.HeldJournal.objects.get(audience=given["audience"])
partner = Partner.objects.get(home__address=given["url"])
with open_partner(node=given["url"], exchange_url=partner.exchange_url, caller=caller()) as talk:
    said = talk.page(audience=given["audience"], epoch=str(held.epoch), after=0, walk=0).decode()
"""


def test_each_of_three_nodes_holds_what_is_meant_for_it(pair: Pair, gamma: Node) -> None:
    alpha, beta = pair
    both = alpha.do("circle", name=f"Both {uuid4().hex[:6]}", one=beta.url, two=gamma.url)
    for_both = shared(alpha, name="For both", basics=both)
    alone = shared(alpha, name="For beta alone", basics=alpha.do("own_token", url=beta.url))
    for reader in (beta, gamma):
        reader.pulls(alpha)
        assert reader.shows(for_both, "For both")
    assert beta.shows(alone, "For beta alone")
    assert gamma.do("held", uid=alone) == NOTHING
    # From one journal into another: at gamma it comes, at beta the same row stays.
    alpha.do("share", uid=alone, basics="partners")
    for reader in (beta, gamma):
        reader.pulls(alpha)
        assert reader.shows(alone, "For beta alone")
    alpha.do("share", uid=for_both, basics=alpha.do("own_token", url=gamma.url))
    for reader in (beta, gamma):
        reader.pulls(alpha)
    assert beta.do("held", uid=for_both) == NOTHING
    assert gamma.shows(for_both, "For both")


def test_the_public_journal_is_read_by_a_stranger_who_can_verify_it(pair: Pair) -> None:
    from parkbench.envelope.compression import unzip
    from parkbench.envelope.documents import read_document
    from parkbench.envelope.pages import read_page

    alpha, beta = pair
    uid = shared(alpha, name="For everybody", basics="public")
    hidden = shared(alpha, name="For partners", basics="partners")
    document, _signers = read_document(fetched(alpha, "/.well-known/parkbench-node"))
    written = fetched(alpha, "/exchange/v1/journals/public")
    said = json.loads(_payload(unzip([written]).split(b"\n", 1)[0]))
    page = read_page(
        unzip([written]),
        keys=document.keys,
        iss=alpha.url,
        audience=said["audience"],
        epoch=said["epoch"],
        after=0,
        now=datetime.now(UTC),
    )
    assert uid in {str(item.uid) for item in page.items}
    assert hidden not in {str(item.uid) for item in page.items}
    partners = [one for one in beta.pulls(alpha)["journals"] if one["sort"] == "partners"]
    status, _text = nodes.fetch(alpha.port, f"/exchange/v1/journals/{partners[0]['audience']}")
    assert status == 404
    assert beta.shows(uid, "For everybody")


def _payload(statement: bytes) -> bytes:
    from parkbench.envelope.keys import decode

    return decode(statement.decode().split(".")[1])


def fetched(node: Node, path: str) -> bytes:
    """Read what a node gives to anybody."""
    import urllib.request

    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(node.url + path, timeout=20) as answer:
        content: bytes = answer.read()
    assert answer.headers.get("Set-Cookie") is None
    if answer.headers.get("Content-Encoding") == "gzip" and "journals" not in path:
        return gzip.decompress(content)
    return content


def test_nodes_without_an_open_port_exchange_by_file_both_ways(pair: Pair, tmp_path: object) -> None:
    alpha, beta = pair
    of_alpha = shared(alpha, name="By file")
    of_beta = shared(beta, name="By file too")
    files = []
    for near, far in ((alpha, beta), (beta, alpha)):
        file = f"{tmp_path}/{near.name}.bundle"
        near.run("bundle", "export", far.url, "--out", file)
        report = far.reports("bundle", "import", file)
        assert (report["ok"], report["requests"]) == (True, 0), report
        files.append(file)
    assert beta.shows(of_alpha, "By file")
    assert alpha.shows(of_beta, "By file too")
    # What was withdrawn leaves by file as well, and an older file does not bring it back.
    alpha.do("share", uid=of_alpha, basics="nobody")
    later = f"{tmp_path}/later.bundle"
    alpha.run("bundle", "export", beta.url, "--out", later)
    assert beta.reports("bundle", "import", later)["ok"]
    assert beta.do("held", uid=of_alpha) == NOTHING
    refused = beta.run("bundle", "import", files[0], fails=True)
    assert beta.do("held", uid=of_alpha) == NOTHING, refused
    assert "not told yet" in alpha.page_of(beta)  # a file carries no receipts; the next reading does
    beta.pulls(alpha)
    assert "not told yet" not in alpha.page_of(beta)
