"""Who may ask for what: every endpoint, by every caller; and what a page holds for each."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

import cast
from parkbench.envelope import keys
from parkbench.envelope.listings import read_listing
from parkbench.exchange.models import ExchangeState, Partner, Receipt, UsedToken
from parkbench.exchange.rules import State
from parkbench.records import rules, services
from parkbench.records.models import Audience
from peers import API, US, Peer, our_keys, pin, read

CALLERS = (
    "stranger",
    "forged",
    "other circle",
    "active",
    "suspended",
    "ended",
    "long ended",
    "pending",
    "stale",
)


@pytest.fixture
def callers(circle: Audience, other_circle: Audience, partners: Audience) -> dict[str, Peer]:
    """One node of each sort; all but the stranger and the pending one were partners in the circle."""
    found = {name: Peer(name.replace(" ", "-")) for name in CALLERS}
    long_ago = timezone.now() - timedelta(days=61)
    both = (partners, circle)
    pin(found["active"], reads=both)
    pin(found["forged"], reads=both)
    found["forged"].key = keys.new_key()
    pin(found["other circle"], reads=(partners, other_circle))
    pin(found["suspended"], state=State.SUSPENDED, reads=both)
    pin(found["ended"], state=State.ENDED, reads=both)
    pin(found["long ended"], state=State.ENDED, reads=both, state_at=long_ago)
    pin(found["pending"], state=State.PENDING)
    stale = pin(found["stale"], reads=both)
    Partner.objects.filter(pk=stale.pk).update(document_at=timezone.now() - timedelta(days=8))
    return found


@pytest.fixture
def asked(public: Audience, partners: Audience, circle: Audience) -> dict[str, Callable[[Peer], Any]]:
    journal = "/journals/{}".format
    return {
        "listing": lambda peer: peer.get("/journals", {"nonce": "n"}),
        "public": lambda peer: peer.get(journal(public.token)),
        "partners": lambda peer: peer.get(journal(partners.token)),
        "circle": lambda peer: peer.get(journal(circle.token)),
        "unknown": lambda peer: peer.get(journal(uuid4())),
        "no uuid": lambda peer: peer.get(journal("nonsense")),
        "receipt": lambda peer: peer.post("/receipts", peer.receipt(circle.token, 0)),
        "ping": lambda peer: peer.post("/ping"),
    }


EXPECTED: dict[str, dict[str, int]] = {
    "stranger": dict.fromkeys(
        ("listing", "public", "partners", "circle", "unknown", "no uuid", "receipt", "ping"), 401
    ),
    "active": {"listing": 200, "public": 200, "partners": 200, "circle": 200, "receipt": 200, "ping": 202},
    "other circle": {"listing": 200, "public": 200, "partners": 200, "receipt": 404, "ping": 202},
    "suspended": {"listing": 200, "public": 200, "receipt": 200, "ping": 404},
    "ended": {"listing": 200, "public": 200, "receipt": 200, "ping": 404},
    # Whoever has not shown us its document for 7 days hears how it stands, and is given nothing.
    "stale": {"listing": 200, "public": 200, "receipt": 200, "ping": 202},
}
for same in ("forged", "long ended", "pending"):
    EXPECTED[same] = EXPECTED["stranger"]


@pytest.mark.parametrize("name", CALLERS)
def test_every_endpoint_answers_every_caller_as_it_may(name: str, callers, asked) -> None:
    answered = {what: ask(callers[name]).status_code for what, ask in asked.items()}
    assert answered == {what: EXPECTED[name].get(what, 404) for what in asked}


def test_nobody_learns_which_journals_exist(callers, asked, circle: Audience) -> None:
    """No grant, no such journal, no token, suspended, ended: one answer, to the byte."""
    answers = [asked[what](callers["other circle"]) for what in ("circle", "unknown", "no uuid")]
    answers += [asked["circle"](callers[name]) for name in ("suspended", "ended", "stale")]
    answers += [Client().get(f"/exchange/v1/journals/{token}") for token in (circle.token, uuid4())]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert len({tuple(sorted(set(answer.headers) - {"Date"})) for answer in answers}) == 1


def wrong_tokens(peer: Peer) -> dict[str, str]:
    """Authorization headers that must not count, each wrong in one way."""
    now = timezone.now()
    good = peer.token("GET", "/journals")
    header, payload, signature = good.split(".")
    return {
        "nothing": "",
        "no bearer": good,
        "basic": f"Basic {good}",
        "rubbish": "Bearer x.y.z",
        "other method": f"Bearer {peer.token('POST', '/journals')}",
        "other address": f"Bearer {peer.token('GET', '/ping')}",
        "other host": f"Bearer {peer.token('GET', '', htu='https://testserver/exchange/v1/journals')}",
        "other node": f"Bearer {peer.token('GET', '/journals', aud='https://delta.example')}",
        "other issuer": f"Bearer {peer.token('GET', '/journals', iss='https://gamma.example')}",
        "other key": f"Bearer {peer.token('GET', '/journals', key=keys.new_key())}",
        "too old": f"Bearer {peer.token('GET', '/journals', now=now - timedelta(seconds=120))}",
        "from the future": f"Bearer {peer.token('GET', '/journals', now=now + timedelta(seconds=60))}",
        "cut": f"Bearer {header}.{payload}.",
        "bit flipped": f"Bearer {header}.{payload}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}",
    }


def test_one_refusal_whatever_is_wrong_and_it_changes_nothing(circle: Audience) -> None:
    beta = Peer("beta")
    partner = pin(beta, reads=[circle])
    answers = {
        why: Client().get("/exchange/v1/journals", {"nonce": "n"}, headers={"Authorization": header})
        for why, header in wrong_tokens(beta).items()
    }
    assert {why: answer.status_code for why, answer in answers.items()} == dict.fromkeys(answers, 401)
    assert len({answer.content for answer in answers.values()}) == 1
    assert all(answer.headers["Date"] and answer.headers["WWW-Authenticate"] for answer in answers.values())
    partner.refresh_from_db()
    assert (partner.number_sent, Receipt.objects.count(), UsedToken.objects.count()) == (0, 0, 0)


def test_the_host_header_names_nobody(circle: Audience) -> None:
    beta = Peer("beta")
    pin(beta, reads=[circle])
    header = {"Authorization": f"Bearer {beta.token('GET', '/journals')}", "Host": "evil.example"}
    assert Client().get("/exchange/v1/journals", {"nonce": "n"}, headers=header).status_code == 200
    forged = beta.token("GET", "", aud="http://evil.example", htu="http://evil.example/exchange/v1/journals")
    header["Authorization"] = f"Bearer {forged}"
    assert Client().get("/exchange/v1/journals", {"nonce": "n"}, headers=header).status_code == 401


def test_a_revoked_key_counts_no_more(circle: Audience) -> None:
    beta = Peer("beta")
    partner = pin(beta, reads=[circle])
    old, beta.key = beta.key, keys.new_key()
    both = tuple(map(keys.public_jwk, (beta.key, old)))
    revoked = {keys.public_jwk(old)["kid"]: timezone.now() - timedelta(minutes=1)}
    partner.document = beta.document(number=2, keys=both, revoked=revoked).decode()
    partner.save()
    assert beta.get("/journals", {"nonce": "n"}).status_code == 200
    assert beta.get("/journals", {"nonce": "n"}, key=old).status_code == 401


def test_a_token_writes_once(circle: Audience) -> None:
    beta = Peer("beta")
    pin(beta, reads=[circle])
    header = {"Authorization": f"Bearer {beta.token('POST', '/receipts')}"}
    send = lambda: Client().post(  # noqa: E731
        "/exchange/v1/receipts", beta.receipt(circle.token, 0), content_type="text/plain", headers=header
    )
    assert [send().status_code for _ in range(3)] == [200, 401, 401]
    assert sorted(Receipt.objects.values_list("sort", flat=True)) == ["fetched", "removed"]


def test_only_the_method_that_the_protocol_has() -> None:
    for path, right in (
        ("/.well-known/parkbench-node", "GET"),
        ("/exchange/v1/journals", "GET"),
        ("/exchange/v1/journals/public", "GET"),
        ("/exchange/v1/receipts", "POST"),
        ("/exchange/v1/ping", "POST"),
    ):
        for method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} - {right}:
            answer = Client().generic(method, path)
            assert (answer.status_code, answer.headers["Allow"]) == (405, right), (path, method)


def test_answers_carry_no_cookie_and_speak_of_none(circle: Audience) -> None:
    beta = Peer("beta", client=Client(enforce_csrf_checks=True))
    pin(beta, reads=[circle])
    answers = [
        beta.get("/journals", {"nonce": "n"}),
        beta.get(f"/journals/{circle.token}"),
        beta.post("/ping"),
        beta.post("/receipts", beta.receipt(circle.token, 0)),
        Client().get("/exchange/v1/journals"),
        Client().get("/.well-known/parkbench-node"),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 202, 200, 401, 200]
    for answer in answers:
        assert not answer.cookies
        assert not {"Vary", "Set-Cookie", "ETag", "Last-Modified", "Content-Language"} & set(answer.headers)
        assert answer.headers["Cache-Control"] == "no-store"
    assert Client().get("/exchange/v1/journals/public").headers["Cache-Control"] == "public, no-cache"


def test_whoever_asks_too_often_is_told_when_to_come_back(circle: Audience, monkeypatch) -> None:
    from parkbench.exchange.services import limits

    beta = Peer("beta")
    pin(beta, reads=[circle])
    assert [beta.post("/ping").status_code for _ in range(31)] == [202] * 30 + [429]
    monkeypatch.setattr(limits.BY_ADDRESS, "burst", 2)
    monkeypatch.setattr(limits.BY_ADDRESS, "per_second", 0.01)
    limits.BY_ADDRESS.forget()
    answers = [Client().get("/exchange/v1/journals") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [401, 401, 429]
    assert int(answers[-1].headers["Retry-After"]) >= 1


def test_a_paused_exchange_says_so_and_only_the_node_document_is_given(circle: Audience) -> None:
    from parkbench.exchange.services import pause, resume

    beta = Peer("beta")
    pin(beta, reads=[circle])
    pause(reason="a restored copy, secret reasons", by=cast.OPERATOR)
    answers = [
        beta.get("/journals", {"nonce": "n"}),
        beta.get(f"/journals/{circle.token}"),
        beta.post("/ping"),
        Client().get("/exchange/v1/journals/public"),
    ]
    assert {answer.status_code for answer in answers} == {503}
    assert all(answer.headers["Retry-After"] and b"secret" not in answer.content for answer in answers)
    assert Client().get("/.well-known/parkbench-node").status_code == 200
    resume(by=cast.OPERATOR)
    assert beta.get("/journals", {"nonce": "n"}).status_code == 200


def test_pages_hold_nothing_of_what_lies_outside_their_audience(
    public: Audience, partners: Audience, circle: Audience, other_circle: Audience
) -> None:
    """Canaries in every section of every audience: each page holds its own, and no other."""
    beta = Peer("beta")
    bits = {"public": public, "partners": partners, "circle": circle, "other": other_circle}
    pin(beta, reads=[partners, circle, other_circle])
    for name, audience in bits.items():
        uid = cast.unit(f"canary-basics-{name}", url=f"https://canary-url-{name}.example")
        services.share_record(
            kind="unit",
            uid=uid,
            masks={"basics": 1 << audience.bit, "contact": rules.NOBODY},
            by=cast.OPERATOR,
        )
    cast.unit("canary-basics-private")
    for name, audience in bits.items():
        page = beta.get(f"/journals/{audience.token}")
        text = gzip.decompress(page.content).decode()
        assert f"canary-basics-{name}" in text
        others = [other for other in (*bits, "private") if other != name and f"canary-basics-{other}" in text]
        assert others == []


@pytest.mark.parametrize("state", [State.SUSPENDED, State.ENDED])
def test_a_listing_names_no_journal_once_sharing_stopped(state: State, circle: Audience) -> None:
    beta = Peer("beta")
    pin(beta, state=state, reads=[circle])
    said = beta.listing()
    assert (said.state, said.journals) == (state.value, ())


def test_a_listing_tells_of_a_group_only_what_its_owner_ticked(circle: Audience, partners: Audience) -> None:
    from parkbench.exchange.models import CircleTerms

    beta = Peer("beta")
    pin(beta, reads=[circle, partners])
    terms = CircleTerms.objects.create(audience=circle, purpose="Sharing microscopes")
    quiet = next(each for each in beta.listing().journals if each.audience == str(circle.token))
    assert (quiet.name, quiet.purpose, quiet.sort) == ("", "", "group")
    CircleTerms.objects.filter(pk=terms.pk).update(is_told=True)
    told = next(each for each in beta.listing().journals if each.audience == str(circle.token))
    assert (told.name, told.purpose) == ("Nordic imaging", "Sharing microscopes")
    sorts = [each.sort for each in beta.listing().journals]
    assert sorts == ["public", "partners", "group"]


def test_anybody_may_read_the_public_journal_by_its_name_or_id(public: Audience) -> None:
    services.set_policy(kind="unit", section="basics", mask=rules.PUBLIC, by=cast.OPERATOR)
    cast.unit("Open unit")
    answers = [Client().get(f"/exchange/v1/journals/{name}") for name in ("public", public.token)]
    pages = [read(answer.content, public.token) for answer in answers]
    assert [len(page.items) for page in pages] == [1, 1]
    assert pages[0].statement.iss == US
    assert API.startswith(US)


def test_a_listing_without_a_proper_nonce_or_have_is_not_understood(circle: Audience) -> None:
    beta = Peer("beta")
    pin(beta, reads=[circle])
    epoch = ExchangeState.objects.get().epoch
    for query in (
        {},
        {"nonce": "a b"},
        {"nonce": "x" * 65},
        {"nonce": "n", "have": "nonsense"},
        {"nonce": "n", "have": f"{circle.token}:{epoch}.-1"},
        {"nonce": "n", "have": [f"{circle.token}:{epoch}.1"] * 201},
    ):
        answer = beta.get("/journals", query)
        assert answer.status_code == 400, query
        assert answer.json()["problem"]


def test_every_listing_has_a_higher_number_and_answers_one_question(circle: Audience) -> None:
    beta, gamma = Peer("beta"), Peer("gamma")
    pin(beta, reads=[circle])
    pin(gamma, reads=[circle])
    numbers = [beta.listing(nonce=f"n{count}").number for count in range(3)]
    assert numbers == [1, 2, 3]
    assert gamma.listing().number == 1
    text = gzip.decompress(beta.get("/journals", {"nonce": "mine"}).content).decode()
    with pytest.raises(ValueError, match="another question"):
        read_listing(text, keys=our_keys(), iss=US, aud=beta.id, nonce="other", now=timezone.now())
