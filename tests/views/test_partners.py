"""Pages of partners: the list, one partner, the handshake, acts, groups, keys; who may do what there."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

import cast
import handshakes
from handshakes import Node
from parkbench.accounts.rules import Role
from parkbench.envelope import keys
from parkbench.exchange import client as asking
from parkbench.exchange.models import ExchangeState, Invitation, JournalGrant, Partner, PullRun, Receipt
from parkbench.exchange.rules import State
from parkbench.exchange.services import invitations, partners
from parkbench.exchange.tables.pages import sheet_rows
from parkbench.lib import jobs
from parkbench.lib.errors import Refused
from parkbench.records import rules
from parkbench.records.models import Audience, HeldJournal, Membership, SectionProblem
from parkbench.records.services import share_record

pytestmark = pytest.mark.django_db

ROLES = {
    "public": None,
    "cleo": (),
    "ben": (Role.READER,),
    "hana": ((Role.HEAD, str(uuid4())),),
    "mona": (Role.MANAGER,),
    "ada": (Role.ADMINISTRATOR,),
}


@pytest.fixture(autouse=True)
def here(settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A node with a folder and an address, whose jobs wait."""
    settings.HOME = tmp_path
    cache.clear()
    handshakes.settle_here()
    monkeypatch.setattr(jobs, "enqueue", lambda name, **given: None)


def browser(name: str) -> Client:
    client, roles = Client(), ROLES[name]
    if roles is not None:
        client.force_login(cast.person(name.title(), *roles))
    return client


def text(response: Any) -> str:
    """The page without markup, its white space collapsed."""
    plain = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(plain.replace("\xa0", " ").replace("&nbsp;", " ").split())


def page(name: str, *args: Any) -> str:
    return reverse(f"exchange:{name}", args=args)


# --- the list and one partner ---


def test_an_empty_list_says_what_partnering_is_and_how_to_begin() -> None:
    shown = text(browser("ada").get(page("partners")))
    assert "No partners yet" in shown
    assert "Nothing leaves this node before an administrator here has confirmed" in shown
    assert "Invite partner" in shown
    assert "Accept an invitation" in shown


def test_the_list_is_searched_by_name_and_address() -> None:
    handshakes.partner()
    handshakes.partner("gamma")
    ben = browser("ben")
    shown = text(ben.get(page("partners"), {"q": "BETA.example institute"}))
    assert "Beta Institute" in shown
    assert "Gamma Institute" not in shown
    assert "Institute confirmed here" not in text(ben.get(page("partners"), {"q": "zeta"}))


def test_members_see_the_list_and_administrators_act() -> None:
    partner = handshakes.partner()
    shown = {name: text(browser(name).get(page("partner", partner.pk))) for name in ("ben", "mona", "ada")}
    assert "Beta Institute" in shown["ben"]
    assert "confirmed here, not yet there" in shown["ben"]
    assert "An administrator of Beta Institute has still to do the same there" in shown["ben"]
    for button, who in (("Suspend", {"ada"}), ("Pull now", {"mona", "ada"}), ("Preview as", {"mona", "ada"})):
        assert {name for name, said in shown.items() if button in said} == who


def test_nothing_is_pulled_or_previewed_that_the_partner_has_ended() -> None:
    partner = handshakes.partner()
    Partner.objects.filter(pk=partner.pk).update(their_state=State.ENDED)
    shown = text(browser("ada").get(page("partner", partner.pk)))
    assert "End" in shown
    assert not [button for button in ("Pull now", "Preview as", "Suspend") if button in shown]


def test_a_partner_page_leads_to_the_policy_while_nothing_is_open_to_it() -> None:
    partner = handshakes.partner()
    said = "Nothing of ours is open to it yet."
    ada = browser("ada")
    assert said in text(ada.get(page("partner", partner.pk)))
    share_record(
        kind="unit", uid=cast.unit(), masks={"basics": rules.PARTNERS}, share_from=None, by=cast.OPERATOR
    )
    assert said not in text(ada.get(page("partner", partner.pk)))


def test_what_ends_a_partnership_stands_last_of_its_buttons() -> None:
    shown = text(browser("ada").get(page("partner", handshakes.partner().pk)))
    assert shown.index("Pull now") < shown.index("Preview as") < shown.index("Suspend")


def test_the_list_says_what_is_shared_both_ways_and_since_when() -> None:
    partner = handshakes.partner()
    now = timezone.now()
    Partner.objects.filter(pk=partner.pk).update(
        verified_at=now - timedelta(hours=3, minutes=5),
        their_state="active",
        lease_until=now + timedelta(days=30),
    )
    held(partner, "instrument", 2)
    held(partner, "spaceship", 1)
    problem(partner)
    share_record(
        kind="unit", uid=cast.unit(), masks={"basics": rules.PARTNERS}, share_from=None, by=cast.OPERATOR
    )
    known = "Beta Institute active 2 instruments, 1 “spaceship” (not understood by this version)"
    told = text(browser("ben").get(page("partners")))
    assert known in told
    assert f"{known} 1 " not in told, "readers are told no counts"
    shown = text(browser("mona").get(page("partners")))
    for words in (f"{known} 1 3 h ago",):
        assert words in shown


def held(partner: Partner, kind: str, count: int) -> None:
    """Memberships as pages of a partner leave them."""
    for _number in range(count):
        uid = uuid4()
        for audience in (uuid4(), uuid4()):
            Membership.objects.create(
                home=partner.home,
                audience=audience,
                kind=kind,
                uid=uid,
                section="basics",
                digest="0",
                revision=1,
            )


def problem(partner: Partner, reason: str = "A price is no number.") -> None:
    SectionProblem.objects.create(
        home=partner.home,
        kind="instrument",
        uid=uuid4(),
        section="economics",
        sort="bad",
        reason=reason,
        at=timezone.now(),
    )


def test_a_partner_page_shows_what_is_set_aside_and_what_readings_brought() -> None:
    partner = handshakes.partner()
    held(partner, "instrument", 1)
    problem(partner, "<script>alert(1)</script>\u202e")
    journal = {"items": 12, "removed": 3, "quarantined": 1}
    PullRun.objects.create(
        partner=partner,
        started_at=timezone.now() - timedelta(seconds=2),
        finished_at=timezone.now(),
        reason="schedule",
        is_ok=True,
        journals=[journal, journal],
        request_count=4,
        byte_count=123_456,
    )
    PullRun.objects.create(
        partner=partner,
        started_at=timezone.now(),
        finished_at=timezone.now(),
        reason="asked",
        is_ok=False,
        problem="beta.example did not answer within 20 s.",
    )
    response = browser("ben").get(page("partner", partner.pk))
    shown = text(response)
    assert "24 came, 6 removed, 2 set aside" in shown
    assert "4 requests, 123 kB" in shown
    assert "failed beta.example did not answer" in shown
    assert "cannot be used: " in shown
    assert b"<script>alert" not in response.content
    assert f'href="/instruments/?home={partner.home_id}"' in response.content.decode()


def test_a_name_with_markup_is_shown_as_text() -> None:
    partner = handshakes.partner(organisation='<img src=x onerror="alert(1)">\u202eBeta')
    for address in (page("partners"), page("partner", partner.pk), page("act", partner.pk, "end")):
        content = browser_of_ada().get(address).content.decode()
        assert "<img src=x" not in content
        assert "\u202e" not in content
        assert "&lt;img src=x" in content


def browser_of_ada() -> Client:
    from parkbench.accounts.models import Person

    known = Person.objects.filter(name="Ada").first()
    if known is None:
        return browser("ada")
    client = Client()
    client.force_login(known)
    return client


@pytest.mark.parametrize("name", ["partner", "partner-ledger", "confirm", "new-key"])
def test_another_number_is_no_partner(name: str) -> None:
    partner = handshakes.partner()
    assert browser("ada").get(page(name, partner.pk + 99)).status_code == 404


def test_lists_and_pages_take_as_many_queries_with_many_partners_and_pulls() -> None:
    counts: dict[str, list[int]] = {"list": [], "page": []}
    client = browser("ben")
    first = None
    for names in (["beta"], ["gamma", "delta", "epsilon"]):
        for name in names:
            partner = handshakes.partner(name)
            first = first or partner
            held(partner, "instrument", 3)
            problem(partner)
            for number in range(15):
                PullRun.objects.create(
                    partner=partner, started_at=timezone.now(), reason="schedule", request_count=number
                )
        assert first is not None
        for what, address in (("list", page("partners")), ("page", page("partner", first.pk))):
            client.get(address)
            with CaptureQueriesContext(connection) as asked:
                assert client.get(address).status_code == 200
            counts[what].append(len(asked))
    assert counts["list"][0] == counts["list"][1] <= 14
    assert counts["page"][0] == counts["page"][1] <= 25


# --- invite, accept, confirm ---


def test_an_invitation_is_shown_once_with_words_for_a_mail() -> None:
    ada = browser("ada")
    shown = text(ada.post(page("invite"), {"name": "Beta"}))
    assert "parkbench1." in shown
    assert "Dear colleagues" in shown
    assert "can be used once" in shown
    listed = text(ada.get(page("partners")))
    assert "Beta open until" in listed
    assert "5 tries left" in listed
    assert "parkbench1." not in listed
    invitation = Invitation.objects.get()
    ada.post(page("withdraw", invitation.pk))
    assert "open until" not in text(ada.get(page("partners")))
    assert ada.post(page("withdraw", invitation.pk)).status_code == 404
    assert ada.post(page("invite"), {"name": ""}).status_code == 422


def test_the_invited_sees_who_it_is_before_anything_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    beta, sent = Node(), []
    document = beta.document(is_public_authority=True, ror="https://ror.org/048a87296")
    monkeypatch.setattr(asking, "fetch_document", lambda url: document)
    monkeypatch.setattr(asking, "send_acceptance", lambda url, answer: sent.append(url))
    ada, code = browser("ada"), beta.code()
    shown = text(ada.post(page("accept"), {"code": code}))
    for words in ("Beta Institute", "https://ror.org/048a87296", "https://beta.example", "Public-access law"):
        assert words in shown
    assert not sent
    assert not Partner.objects.exists()
    response = ada.post(page("accept"), {"code": code, "step": "confirm"})
    partner = Partner.objects.get()
    assert response["Location"] == page("confirm", partner.pk)
    assert sent == ["https://beta.example/exchange/v1"]
    monkeypatch.setattr(asking, "fetch_document", lambda url: Node().document())
    refused = ada.post(page("accept"), {"code": beta.code(), "step": "confirm"})
    assert refused.status_code == 422
    assert "another key than the invitation names" in text(refused)
    assert len(sent) == 1


def test_confirming_needs_terms_and_compared_fingerprints() -> None:
    beta = Node()
    partner = handshakes.invited(beta, is_public_authority=True)
    ada = browser("ada")
    shown = text(ada.get(page("confirm", partner.pk)))
    assert "Theirs: they read it to you" in shown
    assert "subject to a public-access law" in shown
    said = {
        "terms_version": "1.0",
        "our_signatory": "Ada",
        "their_signatory": "Bea",
        "signed_on": "1 March 2026",
        "fingerprint": keys.spoken(beta.thumbprint),
    }
    assert "Compare the fingerprints first" in text(ada.post(page("confirm", partner.pk), said))
    late = {**said, "is_compared": "on", "signed_on": "2190-01-01"}
    assert "a day that has come" in text(ada.post(page("confirm", partner.pk), late))
    assert not JournalGrant.objects.exists()
    response = ada.post(page("confirm", partner.pk), {**said, "is_compared": "on"})
    assert response["Location"] == page("partner", partner.pk)
    partner.refresh_from_db()
    assert (partner.state, partner.terms_signed_on) == ("active", date(2026, 3, 1))
    again = ada.post(page("confirm", partner.pk), {**said, "is_compared": "on"})
    assert "cannot be done now" in text(again)


def test_a_confirmation_counts_for_the_key_that_was_compared_alone() -> None:
    beta, thief = Node(), Node()
    partner = handshakes.invited(beta)
    ada = browser("ada")
    assert keys.spoken(beta.thumbprint) in text(ada.get(page("confirm", partner.pk)))
    handshakes.invited(thief)  # whoever was invited too answers in the name of beta, while Ada telephones
    said = {
        "terms_version": "1.0",
        "our_signatory": "Ada",
        "their_signatory": "Bea",
        "signed_on": "1 March 2026",
        "is_compared": "on",
        "fingerprint": keys.spoken(beta.thumbprint),
    }
    assert "with another key" in text(ada.post(page("confirm", partner.pk), said))
    partner.refresh_from_db()
    assert partner.state == "pending"
    assert not JournalGrant.objects.exists()


@pytest.mark.parametrize("name", ["suspend", "end"])
def test_an_act_says_what_follows_before_it_is_done(name: str) -> None:
    partner = handshakes.partner()
    held(partner, "instrument", 2)
    ada = browser("ada")
    shown = text(ada.get(page("act", partner.pk, name)))
    assert "What follows" in shown
    assert "2 instruments" in shown
    partner.refresh_from_db()
    assert partner.state == "active"
    ada.post(page("act", partner.pk, name))
    partner.refresh_from_db()
    assert partner.state in ("suspended", "ended")
    assert "cannot be done now" in text(ada.post(page("act", partner.pk, name), follow=True))
    assert ada.get(page("act", partner.pk, "delete")).status_code == 404


def test_a_changed_key_is_looked_at_and_trusted_by_hand() -> None:
    partner, stranger = handshakes.partner(), Node()
    Partner.objects.filter(pk=partner.pk).update(offered=stranger.document(number=4).decode())
    ada = browser("ada")
    assert "keys changed" in text(ada.get(page("partners")))
    shown = ada.get(page("new-key", partner.pk)).content.decode()
    told = re.search(r'name="fingerprint" value="([^"]+)"', shown)
    assert told is not None
    assert ada.post(page("new-key", partner.pk), {"fingerprint": "x"}).status_code == 409
    ada.post(page("new-key", partner.pk), {"fingerprint": told[1]})
    partner.refresh_from_db()
    assert partner.offered == ""
    assert "no new key" in text(ada.get(page("new-key", partner.pk)))


def test_one_looks_with_the_eyes_of_a_partner() -> None:
    partner = handshakes.partner()
    group = handshakes.circle("Nordic imaging", partner)
    unit = cast.unit("Shared with the group")
    share_record(kind="unit", uid=unit, masks={"basics": 1 << group.bit}, share_from=None, by=cast.OPERATOR)
    cast.unit("Shared with nobody")
    mona = browser("mona")
    mona.post(page("preview", partner.pk))
    units = text(mona.get("/units/"))
    assert "You are looking with the eyes of: Beta Institute" in units
    assert "Shared with the group" in units
    assert "Shared with nobody" not in units
    assert mona.get(page("partners")).status_code == 403
    mona.post("/view-as/")
    assert "Shared with nobody" in text(mona.get("/units/"))
    assert partner.audience is not None
    mona.post("/view-as/", {"audience": str(partner.audience.token)})
    assert "Shared with the group" in text(mona.get("/units/"))
    assert browser("ben").post(page("preview", partner.pk)).status_code == 403


def test_a_pause_is_told_with_its_reason_and_ended_by_administrators() -> None:
    ExchangeState.objects.update(is_paused=True, pause_reason="The clock went back by 2 hours.")
    assert "The clock went back by 2 hours." in text(browser("ben").get(page("partners")))
    mona = browser("mona")
    assert "Resume the exchange" not in text(mona.get(page("partners")))
    assert mona.post(page("resume")).status_code == 403
    ada = browser("ada")
    assert "Resume the exchange" in text(ada.get(page("partners")))
    ada.post(page("resume"))
    assert not ExchangeState.objects.get().is_paused


# --- the ledger on pages ---


def test_a_withdrawal_is_watched_on_the_page_of_the_record_until_it_is_confirmed() -> None:
    partner, uid = handshakes.partner(), cast.instrument("Confocal", cast.unit())
    audience = Audience.objects.get(sort="partners")
    epoch = ExchangeState.objects.get().epoch

    def share(mask: int) -> None:
        share_record(kind="instrument", uid=uid, masks={"basics": mask}, share_from=None, by=cast.OPERATOR)

    def say(sort: str) -> None:
        audience.refresh_from_db()
        Receipt.objects.create(
            partner=partner, audience=audience, sort=sort, epoch=epoch, seq=audience.head, at=timezone.now()
        )

    share(rules.PARTNERS)
    say("fetched")
    mona = browser("mona")
    sharing = reverse("records:sharing", args=["instrument", uid])
    fragment, piece = page("record-ledger", "instrument", uid), {"headers": {"HX-Request": "true"}}
    assert mona.get(fragment)["Location"] == sharing
    assert "Beta Institute Basics offered, fetched: told at" in text(mona.get(sharing))
    assert "hx-get" not in mona.get(fragment, **piece).content.decode()
    share(rules.NOBODY)
    watched = mona.get(fragment, **piece).content.decode()
    assert f'hx-get="{fragment}" hx-trigger="every 2s"' in watched
    say("fetched")
    assert "told at" in text(mona.get(fragment, **piece))
    say("removed")
    done = mona.get(fragment, **piece)
    assert "removed, confirmed at" in text(done)
    assert "hx-get" not in done.content.decode()
    ledger = text(mona.get(page("partner-ledger", partner.pk)))
    assert "Confocal: Basics withdrawn at" in ledger
    assert "removed, confirmed at" in ledger
    assert mona.get(page("record-ledger", "instrument", uuid4())).status_code == 404
    assert mona.get(page("record-ledger", "nothing", uid)).status_code == 404


# --- groups ---


def test_what_members_of_a_group_come_to_see_is_shown_before_it_is_saved() -> None:
    partner = handshakes.partner(is_public_authority=True)
    group = handshakes.circle()
    share_record(
        kind="unit", uid=cast.unit(), masks={"basics": 1 << group.bit}, share_from=None, by=cast.OPERATOR
    )
    mona, address = browser("mona"), page("circle", group.token)
    assert "Members, purpose and terms" in text(mona.get("/sharing/groups/"))
    preview = mona.post(address, {"members": [str(partner.pk)]})
    shown = text(preview)
    assert "Beta Institute comes in: 1 part opens of 1 record" in shown
    assert "subject to a public-access law" in shown
    assert not JournalGrant.objects.filter(audience=group).exists()
    seen = re.search(r'name="seen" value="([^"]*)"', preview.content.decode())
    assert seen is not None
    mona.post(address, {"members": [str(partner.pk)], "seen": seen[1], "step": "confirm"})
    assert JournalGrant.objects.filter(audience=group, partner=partner).exists()
    assert "1 member" in text(mona.get("/sharing/groups/"))
    stale = mona.post(address, {"members": [], "seen": "", "step": "confirm"})
    assert "changed the members of this group meanwhile" in text(stale)
    assert "Beta Institute goes out: 1 part closes" in text(stale)
    assert mona.post(address, {"members": ["999"]}).status_code == 422
    assert "exactly these already" in text(mona.post(address, {"members": [str(partner.pk)]}))


def test_purpose_and_terms_of_a_group_are_kept() -> None:
    group, mona = handshakes.circle(), browser("mona")
    address = page("circle-terms", group.token)
    mona.post(address, {"purpose": "Joint purchases", "terms": "Signed.", "is_told": "on"})
    shown = text(mona.get(page("circle", group.token)))
    assert "Joint purchases" in shown
    assert "The members see that they are in a group of ours" in text(
        mona.get(page("circle", handshakes.circle("Other").token))
    )
    assert "The members are told" in shown
    assert mona.post(address, {"purpose": "x" * 501}).status_code == 422
    assert mona.get(page("circle", uuid4())).status_code == 404
    assert browser("ben").get(address).status_code == 403


def test_the_preview_of_a_policy_names_public_authorities_it_opens_to() -> None:
    handshakes.partner(is_public_authority=True)
    cast.unit()
    mona = browser("mona")
    answers = {"unit__basics": "partners"}
    from parkbench.records.forms import PolicyForm
    from parkbench.records.queries import audiences, policy
    from parkbench.records.registry import kinds

    form = PolicyForm(kinds=list(kinds()), policy=policy(), audiences=audiences())
    said = {name: "nobody" for name in form.fields if not name.endswith("__chosen")} | answers
    assert "Beta Institute is subject to a public-access law" in text(mona.post("/sharing/", said))


# --- keys ---


def test_keys_are_shown_rotated_revoked_and_recovered_from_paper() -> None:
    ada = browser("ada")
    shown = text(ada.get(page("keys")))
    assert "Our fingerprint" in shown
    assert "There is no recovery key yet" in shown
    sheet = ada.post(page("key-recovery"), {"current": ""})
    assert '"d":"' in sheet.content.decode().replace("&quot;", '"')
    assert "no-store" in sheet["Cache-Control"]
    assert ada.post(page("key-recovery"), {"current": ""}).status_code == 422
    before = text(ada.get(page("keys")))
    ada.post(page("key-rotate"))
    after = text(ada.get(page("keys")))
    assert before != after
    assert "replaced on" in after
    from parkbench.exchange.queries import own_keys

    newest = next(key for key in own_keys() if not key.is_recovery)
    assert ada.post(page("key-revoke"), {"kid": "nothing", "reason": "x"}).status_code == 422
    ada.post(page("key-revoke"), {"kid": newest.spoken, "reason": "stolen"})
    assert "revoked on" in text(ada.get(page("keys")))


# --- what other nodes send ---


def test_an_answer_is_taken_over_http() -> None:
    _invitation, code = invitations.invite(name="Beta", by=cast.OPERATOR)
    answer = Node().answer(code)
    address = page("invitations")
    taken = Client().post(address, answer, content_type="application/json")
    assert (taken.status_code, json.loads(taken.content)) == (202, {"state": "pending"})
    again = Client().post(address, answer, content_type="application/json")
    nonsense = Client().post(address, b"{}", content_type="application/json")
    assert again.status_code == nonsense.status_code == 403
    assert again.content == nonsense.content
    assert Client().get(address).status_code == 405
    assert Client().post(address, b"x" * 65_537, content_type="application/json").status_code == 413
    ExchangeState.objects.update(is_paused=True)
    assert Client().post(address, answer, content_type="application/json").status_code == 503


def test_answers_are_limited_by_address() -> None:
    address = page("invitations")
    statuses = [
        Client(REMOTE_ADDR="192.0.2.1").post(address, b"{}", content_type="application/json").status_code
        for _number in range(21)
    ]
    assert statuses == [403] * 20 + [429]
    other = Client(REMOTE_ADDR="2001:db8::1").post(address, b"{}", content_type="application/json")
    assert other.status_code == 403
    assert Client(REMOTE_ADDR="").post(address, b"{}", content_type="application/json").status_code == 403


def test_ended_partners_stay_in_the_list_with_the_way_to_begin_again() -> None:
    partner = handshakes.partner()
    partners.end(partner_id=partner.pk, by=cast.OPERATOR)
    shown = text(browser("ben").get(page("partner", partner.pk)))
    assert "To begin again, invite Beta Institute anew" in shown
    assert "It is given nothing" not in shown, "the ledger is for those who see every part"
    assert "It is given nothing" in text(browser("mona").get(page("partner", partner.pk)))


def test_a_pull_is_asked_for_from_the_page() -> None:
    partner = handshakes.partner()
    mona = browser("mona")
    assert "is read now" in text(mona.post(page("pull", partner.pk), follow=True))
    partners.end(partner_id=partner.pk, by=cast.OPERATOR)
    assert "Nothing is read from" in text(mona.post(page("pull", partner.pk), follow=True))


# --- the other side has ended it ---


@pytest.mark.parametrize("is_suspended", [False, True])
def test_what_the_other_side_ended_is_neither_suspended_resumed_nor_read(is_suspended: bool) -> None:
    partner, ada = handshakes.partner(), browser("ada")
    if is_suspended:
        partners.suspend(partner_id=partner.pk, by=cast.OPERATOR)
    before = text(ada.get(page("partner", partner.pk)))
    assert "Pull now" in before
    Partner.objects.update(their_state="ended")
    shown = text(ada.get(page("partner", partner.pk)))
    for button in ("Pull now", "Suspend ", "Resume "):
        assert f" {button}" not in shown
    assert "has ended the partnership on its side. End it here too." in shown
    assert "ended there" in text(ada.get(page("partners")))
    for address in (
        page("pull", partner.pk),
        *(page("act", partner.pk, name) for name in ("suspend", "resume")),
    ):
        assert "takes nothing and gives nothing any more" in text(ada.post(address, follow=True))
    ada.post(page("act", partner.pk, "end"))
    partner.refresh_from_db()
    assert partner.state == "ended"


def test_a_partner_that_begins_anew_may_be_suspended_again() -> None:
    partner = handshakes.partner()
    Partner.objects.update(their_state="ended")
    with pytest.raises(Refused, match="End it here too"):
        partners.suspend(partner_id=partner.pk, by=cast.OPERATOR)
    partners.end(partner_id=partner.pk, by=cast.OPERATOR)
    partner = handshakes.partner()
    assert partners.suspend(partner_id=partner.pk, by=cast.OPERATOR).state == "suspended"


# --- whole pages and pieces of them ---


def test_the_address_of_a_preview_leads_to_the_page_with_its_button_and_borrows_no_eyes() -> None:
    partner, mona = handshakes.partner(), browser("mona")
    answer = mona.get(page("preview", partner.pk))
    assert (answer.status_code, answer["Location"]) == (302, page("partner", partner.pk))
    assert "view_as" not in mona.session
    assert browser("public").get(page("preview", partner.pk))["Location"].startswith("/sign-in/")
    assert mona.put(page("preview", partner.pk)).status_code == 405


def test_the_ledger_is_a_whole_page_unless_a_page_asks_for_its_piece() -> None:
    partner, mona = handshakes.partner(), browser("mona")
    address = page("partner-ledger", partner.pk)
    whole, piece = mona.get(address), mona.get(address, headers={"HX-Request": "true"})
    for answer in (whole, piece):
        assert "Sharing ledger" in text(answer)
        assert "HX-Request" in answer["Vary"], "whoever keeps one must not give it for the other"
    assert b"<html" in whole.content
    assert f'href="{page("partner", partner.pk)}"' in whole.content.decode()
    assert piece.content.lstrip().startswith(b"<section")


def test_what_partners_hold_of_a_record_is_shown_on_its_sharing_page() -> None:
    handshakes.partner()
    uid = cast.instrument("Confocal", cast.unit())
    share_record(
        kind="instrument", uid=uid, masks={"basics": rules.PARTNERS}, share_from=None, by=cast.OPERATOR
    )
    shown = browser("mona").get(page("record-ledger", "instrument", uid), follow=True)
    assert b"<html" in shown.content
    assert "What partners hold of it" in text(shown)


# --- what waits for an administrator ---


def test_the_overview_leads_an_administrator_to_what_waits() -> None:
    handshakes.invited()
    silent, hidden, fresh = (handshakes.partner(name) for name in ("gamma", "delta", "epsilon"))
    now = timezone.now()
    for partner, heard, days, hid in ((silent, 25, 5, None), (hidden, 31, -1, now), (fresh, 1, 29, None)):
        Partner.objects.filter(pk=partner.pk).update(
            their_state="active",
            verified_at=now - timedelta(days=heard),
            lease_until=now + timedelta(days=days),
            hidden_at=hid,
        )
    for _number in range(2):
        problem(fresh)
    shown = browser("ada").get("/")
    said, markup = text(shown), shown.content.decode()
    waiting = Partner.objects.get(state="pending")
    for words, address in (
        ("Beta Institute waits for you to confirm it", page("confirm", waiting.pk)),
        ("Gamma Institute is silent since", page("partner", silent.pk)),
        ("Delta Institute is silent since", page("partner", hidden.pk)),
        ("2 parts that Epsilon Institute shares are set aside", f"{page('partner', fresh.pk)}#set-aside"),
    ):
        assert words in said
        assert f'<a href="{address}">' in markup
    assert "its records are hidden here" in said
    assert "Epsilon Institute is silent" not in said
    for name in ("mona", "ben"):
        assert "waits for you" not in text(browser(name).get("/"))
    partners.end(partner_id=fresh.pk, by=cast.OPERATOR)
    assert "Epsilon Institute" not in text(browser_of_ada().get("/"))


def test_the_overview_tells_of_a_few_partners_and_how_many_more_in_the_same_queries() -> None:
    counts, ada = [], browser("ada")
    for names in (["a"], [f"b{number}" for number in range(6)]):
        for name in names:
            problem(handshakes.partner(name))
        ada.get("/")
        with CaptureQueriesContext(connection) as asked:
            shown = text(ada.get("/"))
        counts.append(len(asked))
    assert shown.count("shares is set aside") == 5
    assert "set aside 2 more partners" in shown
    assert counts[0] == counts[1] <= 28


# --- plain words, first fields, small screens, paper ---


def test_what_is_counted_is_said_in_plain_words() -> None:
    partner, mona = handshakes.partner(), browser("mona")
    values = {"home": partner.home, "epoch": uuid4(), "count": 7, "is_walking": False}
    HeldJournal.objects.create(**values, audience=uuid4(), sort="public", seq=9, head=9)
    HeldJournal.objects.create(**values, audience=uuid4(), sort="partners", seq=8, head=9)
    shown = text(mona.get(page("partner", partner.pk)))
    assert "What it shows everybody 7 parts up to date" in shown
    assert "What it shows all its partners 7 parts being read" in shown
    assert shown.count("A part is a piece of a record that is shared by itself") == 2
    assert "A part is a piece of a record" in text(mona.get(page("partners")))


@pytest.mark.parametrize(("name", "field"), [("invite", "name"), ("accept", "code")])
def test_the_first_field_of_a_handshake_has_the_focus(name: str, field: str) -> None:
    [control] = re.findall(r"<[^>]+ autofocus[ >]", browser("ada").get(page(name)).content.decode())
    assert f'name="{field}"' in control


def test_rows_of_the_list_say_what_they_hold_where_there_is_no_room_for_a_head() -> None:
    handshakes.partner()
    content = browser("mona").get(page("partners")).content.decode()
    assert 'class="list-table form-table"' in content
    assert 'data-label="Parts we share with it"' in content


def test_the_recovery_sheet_says_what_to_do_with_it_and_ends_no_row_in_a_hyphen() -> None:
    ada = browser("ada")
    sheet = ada.post(page("key-recovery"), {"current": ""})
    shown = text(sheet)
    for words in ("Print", "lock it away", "from brace to brace", "parkbench keys recover FILE"):
        assert words in shown
    [key] = re.findall(r'<p class="code-text recovery-key">(.+?)</p>', sheet.content.decode())
    rows = [unescape(row) for row in re.findall(r"<span>([^<]+)</span>", key)]
    typed = "\n  ".join(rows)
    assert "{" in typed
    assert ada.post(page("key-recovery"), {"current": f"From the sheet:\n{typed}\n"}).status_code == 200
    assert ada.post(page("key-recovery"), {"current": typed}).status_code == 422, "it was replaced"


@pytest.mark.parametrize(
    ("secret", "rows"),
    [
        ("a" * 70, [32, 32, 6]),
        ("a" * 31 + "-b", [31, 2]),
        ("a" * 29 + "---" + "b" * 30, [29, 32, 1]),
        ("-" * 40, [32, 8]),
        ("", []),
    ],
)
def test_a_row_that_would_end_in_a_hyphen_ends_before_it(secret: str, rows: list[int]) -> None:
    found = sheet_rows(secret)
    assert [len(row) for row in found] == rows
    assert "".join(found) == secret


def test_a_partner_that_was_just_resumed_is_not_called_silent() -> None:
    partner, ada = handshakes.partner(), browser("ada")
    now = timezone.now()
    heard = {"their_state": "active", "verified_at": now, "hidden_at": now}
    Partner.objects.update(**heard, lease_until=now + timedelta(days=30))
    assert "hidden until read" in text(ada.get(page("partner", partner.pk)))
    Partner.objects.update(lease_until=now - timedelta(days=1))
    assert "silent: hidden" in text(ada.get(page("partner", partner.pk)))
