"""Partners that pause, end, fall silent, or whose clock is wrong: what is held goes with the partnership."""

from __future__ import annotations

import nodes
from living import NOTHING, Node

Pair = tuple[Node, Node]


def shared(near: Node, far: Node, name: str) -> str:
    """Add an instrument, share it with all partners, and let one of them read."""
    uid = near.do("add", name=name)
    near.do("share", uid=uid, basics="partners")
    far.pulls(near)
    assert far.shows(uid, name)
    return str(uid)


def test_a_suspended_partner_is_given_nothing_and_both_sides_hide_until_it_is_resumed(pair: Pair) -> None:
    alpha, beta = pair
    ours, theirs = shared(alpha, beta, "Ours for a while"), shared(beta, alpha, "Theirs for a while")
    alpha.run("partner", "suspend", beta.url)
    assert not alpha.shows(theirs)
    new = alpha.do("add", name="While suspended")
    alpha.do("share", uid=new, basics="partners")
    report = beta.pulls(alpha, fails=True)
    assert "suspended" in report["problem"]
    assert not beta.shows(ours)
    assert not beta.lists("Ours for a while")
    assert beta.do("held", uid=ours)["bodies"] == ["basics"], "hidden, not lost: the lease still runs"
    assert beta.do("held", uid=new) == NOTHING
    assert "suspended the partnership on its side" in beta.page_of(alpha)

    alpha.run("partner", "resume", beta.url)
    alpha.do("work", name="exchange.show_partner")
    assert alpha.shows(theirs, "Theirs for a while")
    beta.pulls(alpha)
    assert beta.shows(ours, "Ours for a while")
    assert beta.shows(new, "While suspended")


def test_a_partnership_that_ends_empties_both_sides(pair: Pair, gamma: Node) -> None:
    alpha, _beta = pair
    ours, theirs = shared(alpha, gamma, "Until the end"), shared(gamma, alpha, "Theirs until the end")
    alpha.run("partner", "end", gamma.url)
    assert not alpha.shows(theirs)
    alpha.do("work", name="exchange.purge_partner")
    assert alpha.do("held", uid=theirs) == NOTHING
    gamma.pulls(alpha)
    assert gamma.do("held", uid=ours) == NOTHING
    assert not gamma.shows(ours)
    assert gamma.do("journals", url=alpha.url) == {}
    assert "has ended the partnership on its side" in gamma.page_of(alpha)
    assert gamma.partner(alpha)["purged_at"]


def test_a_silent_partners_records_are_hidden_when_the_lease_is_over_and_purged_after_twice_that(
    pair: Pair,
) -> None:
    alpha, beta = pair
    uid = shared(alpha, beta, "Soon silent")
    alpha.stop_serving()
    try:
        beta.pulls(alpha, fails=True)
        assert beta.shows(uid, "Soon silent")
        beta.do("pass_days", url=alpha.url, days=29)
        beta.do("run_job", name="exchange.keep_leases")
        assert beta.shows(uid, "Soon silent")
        beta.do("pass_days", url=alpha.url, days=2)
        beta.do("run_job", name="exchange.keep_leases")
        assert not beta.shows(uid)
        assert not beta.lists("Soon silent")
        assert beta.do("held", uid=uid)["bodies"] == ["basics"]
        beta.do("pass_days", url=alpha.url, days=28)
        beta.do("run_job", name="exchange.keep_leases")
        assert beta.do("held", uid=uid)["bodies"] == ["basics"]
        beta.do("pass_days", url=alpha.url, days=2)
        beta.do("run_job", name="exchange.keep_leases")
        assert beta.do("held", uid=uid) == NOTHING
    finally:
        alpha.serve_again()
    beta.pulls(alpha)
    assert beta.shows(uid, "Soon silent")


def test_a_server_whose_clock_went_back_pauses_and_says_why_until_somebody_looked(pair: Pair) -> None:
    alpha, beta = pair
    uid = shared(alpha, beta, "Before the clock went back")
    alpha.do("past_refusals")
    alpha.clock(-3600)
    report = beta.pulls(alpha, fails=True)
    assert "asks to be asked later" in report["problem"]
    assert beta.shows(uid), "a partner that is paused takes nothing away"
    state = alpha.do("state")
    assert (bool(state["is_paused"]), "clock of this server" in state["pause_reason"]) == (True, True)
    assert "clock of this server" in alpha.get("/partners/")[1]
    assert "clock of this server" in alpha.pulls(beta, fails=True)["problem"], "nor does it read"
    alpha.clock(0)
    assert beta.pulls(alpha, fails=True), "the right time alone does not end the pause"
    alpha.script("from parkbench.exchange.services import resume; resume(by=acts.BY)")
    beta.pulls(alpha)
    assert "clock of this server" not in alpha.get("/partners/")[1]


def test_a_reader_whose_clock_is_wrong_is_told_that_the_clocks_differ_and_loses_nothing(pair: Pair) -> None:
    alpha, beta = pair
    uid = shared(alpha, beta, "Right on time")
    for seconds in (600, -240):
        beta.do("past_refusals")
        beta.clock(seconds)
        report = beta.pulls(alpha, fails=True)
        assert f"clock differs from ours by {abs(seconds) // 60} minutes" in report["problem"], report
        assert f"by {abs(seconds) // 60} minutes" in beta.page_of(alpha)
        assert beta.shows(uid, "Right on time")
        beta.clock(0)
        beta.do("past_refusals")
    beta.pulls(alpha)


def test_a_healthy_node_answers_while_its_exchange_is_paused(pair: Pair) -> None:
    alpha, beta = pair
    alpha.script("from parkbench.exchange.services import pause; pause(reason='A drill.', by=acts.BY)")
    assert nodes.fetch(alpha.port)[0] == 200
    assert nodes.fetch(alpha.port, "/exchange/v1/journals/public")[0] == 503
    assert "A drill." in alpha.get("/partners/")[1]
    assert not beta.pulls(alpha, fails=True)["ok"]
