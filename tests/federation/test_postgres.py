"""The same between nodes on PostgreSQL, and on one of each: alpha and gamma on PostgreSQL, beta on SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

import databases
import living
import nodes
from living import NOTHING, Node

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def three(templates: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Node, Node, Node]]:
    folder = tmp_path_factory.mktemp("mixed")
    with ExitStack() as stack:
        alpha, gamma = stack.enter_context(databases.living(folder, "alpha", "gamma"))
        (beta,) = stack.enter_context(living.living(folder, templates, "beta"))
        for reader in (beta, gamma):
            living.befriend(alpha, reader)
        yield alpha, beta, gamma


def test_shared_narrowed_edited_and_withdrawn_between_both_databases(three: tuple[Node, Node, Node]) -> None:
    alpha, beta, gamma = three
    uid = alpha.do("add", name="On both", replacement_price=120_000, replacement_currency="SEK")
    alpha.do("share", uid=uid, basics="partners", economics="partners")
    for reader in (beta, gamma):
        reader.pulls(alpha)
        assert reader.do("held", uid=uid)["price"] == "120000"
        assert reader.shows(uid, "On both")
    alpha.do("share", uid=uid, economics="nobody")
    alpha.do("edit", uid=uid, name="On both databases")
    for reader in (beta, gamma):
        reader.pulls(alpha)
        held = reader.do("held", uid=uid)
        assert (held["name"], held["price"], held["bodies"]) == ("On both databases", "", ["basics"])
    alpha.do("share", uid=uid, basics="nobody")
    for reader in (beta, gamma):
        reader.pulls(alpha)
        assert reader.do("held", uid=uid) == NOTHING
        assert not reader.shows(uid)
        assert "not told yet" not in alpha.page_of(reader)


def test_what_the_sqlite_node_shares_is_taken_in_by_postgresql_and_given_back(
    three: tuple[Node, Node, Node],
) -> None:
    alpha, beta, _gamma = three
    uid = beta.do("add", name="From SQLite")
    beta.do("share", uid=uid, basics="partners")
    alpha.pulls(beta)
    assert alpha.shows(uid, "From SQLite")
    beta.do("delete", uid=uid)
    alpha.pulls(beta)
    assert alpha.do("held", uid=uid) == NOTHING


def test_yesterdays_backup_on_postgresql_shares_nothing_that_was_withdrawn_since(
    three: tuple[Node, Node, Node], tmp_path: Path
) -> None:
    alpha, beta, gamma = three
    uid = alpha.do("add", name="Withdrawn since")
    alpha.do("share", uid=uid, basics="partners")
    alpha.run("backup", "--out", tmp_path / "alpha.tar")
    alpha.do("share", uid=uid, basics="nobody")
    alpha.stop()
    done = nodes.run("restore", "--home", alpha.home, tmp_path / "alpha.tar", "--yes", **alpha.settings)
    alpha.start()
    alpha.answers()
    assert done.returncode == 0, done.stderr
    for reader in (beta, gamma):
        assert all(journal["walked"] for journal in reader.pulls(alpha)["journals"])
        assert reader.do("held", uid=uid) == NOTHING


def test_a_partnership_that_ends_empties_both_databases(three: tuple[Node, Node, Node]) -> None:
    alpha, _beta, gamma = three
    living.befriend(alpha, gamma)
    ours, theirs = alpha.do("add", name="Ours"), gamma.do("add", name="Theirs")
    for near, far, uid in ((alpha, gamma, ours), (gamma, alpha, theirs)):
        near.do("share", uid=uid, basics="partners")
        far.pulls(near)
        assert far.shows(uid)
    alpha.run("partner", "end", gamma.url)
    alpha.do("work", name="exchange.purge_partner")
    gamma.pulls(alpha)
    assert (alpha.do("held", uid=theirs), gamma.do("held", uid=ours)) == (NOTHING, NOTHING)
