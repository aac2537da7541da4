"""Partners' records beside our own: shown where asked for, counted nowhere, never told to anybody outside."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from django.core import mail
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import reverse

import cast
import neighbours
import worlds
from neighbours import MARK
from parkbench.accounts import services as accounts
from parkbench.instruments.models import Instrument
from parkbench.intake import services as intake
from parkbench.records import registry
from parkbench.records.models import Home, LocalNote
from parkbench.records.registry import HomeNote, exporters, kind_of
from parkbench.records.visibility import Viewer
from parkbench.search import queries as search
from parkbench.stewardship.services import feeds, mails
from worlds import Answer, World

pytestmark = pytest.mark.django_db
HOMES = re.compile(rb'<nav class="homes".*?</nav>', re.DOTALL)
TODAY = date(2026, 11, 23)
QUERIES = {
    "instruments:park": ("", f"?q={MARK}", "?replacement_price.min=1&sort=-replacement_price"),
    "instruments:facets": ("",),
    "instruments:figures": ("",),
    "servicing:events": ("", "?open=1"),
    "servicing:figures": ("?by=instrument", "?by=model", "?by=year"),
    "stewardship:reviews": ("?who=everything",),
    "stewardship:incomplete": ("?kind=instrument", "?kind=unit"),
    "search:search": (f"?q={MARK}&home=own", "?q=Thing&home=own"),
    "catalogue:suggest-makers": (f"?q={MARK}", "?q=Thing"),
    "catalogue:suggest-models": (f"?q={MARK}",),
    "catalogue:suggest-techniques": (f"?q={MARK}",),
}
"""Addresses that answer questions > what they are asked; all others are asked nothing."""
OWN = {
    "instruments": ("open_a", "own_a"),
    "servicing": ("event_a",),
    "figures": ("year_own_a",),
}


@pytest.fixture
def world(settings: Any, tmp_path: Any) -> World:
    settings.MEDIA_ROOT = tmp_path / "files"
    built = worlds.build()
    cast.partner()
    return built


@pytest.fixture
def beta() -> Home:
    return cast.partner()


@pytest.fixture
def small(settings: Any, tmp_path: Any) -> World:
    """Two units and the people who look; nothing else of ours."""
    settings.MEDIA_ROOT = tmp_path / "files"
    world = World(uids={f"unit_{letter}": cast.unit(f"Unit {letter.upper()}") for letter in "ab"})
    worlds.people(world)
    return world


def lists() -> Iterator[str]:
    """Yield the addresses of all lists, files, forms and figures that are about no single record."""
    for name, pattern in worlds.routes().items():
        if "<" in pattern.replace("<slug:format>", "").replace("<str:form>", "").replace("<int:page>", ""):
            continue
        if name == "demo-sign-in" or name.startswith("exchange:"):
            continue  # signed anew each time, and asked by other nodes
        forms = ("csv", "xlsx") if "<slug:format>" in pattern or "<str:form>" in pattern else (None,)
        for form in (1,) if "<int:page>" in pattern else forms:
            address = reverse(name, args=[form] if form else [])
            yield from (address + query for query in QUERIES.get(name, ("",)))


def pages(world: World) -> Iterator[str]:
    """Yield the pages and forms of own records."""
    uids = world.uids
    for kind in ("organisation", "platform_a", "unit_a", "site_a"):
        name = kind.partition("_")[0]
        yield reverse(f"programme:{name}", args=[uids[kind]])
        yield reverse(f"programme:{name}-edit", args=[uids[kind]])
    for name in ("open_a", "own_a"):
        yield from (
            reverse(f"instruments:{page}", args=[uids[name]]) for page in ("instrument", "edit", "link")
        )
        yield f"{reverse('instruments:link', args=[uids[name]])}?q={MARK}"
    yield from (
        f"{reverse('instruments:suggest', args=[field])}?{field}={MARK}" for field in ("parent", "model_text")
    )
    yield f"{reverse('overview:brief')}?of={uids['unit_a']}"
    for name in ("event", "event-edit"):
        yield reverse(f"servicing:{name}", args=[uids["event_a"]])
    yield reverse("figures:year", args=[uids["year_own_a"]])
    for page in ("service", "service-edit", "prices-edit"):
        yield reverse(f"offer:{page}", args=[uids["service_own_a"]])
    yield reverse("offer:capability-edit", args=[uids["capability_a"]])
    yield f"{reverse('offer:service-add')}?unit={uids['unit_a']}"
    for name in ("model_Openscope", "maker_Openscope"):
        yield reverse(f"catalogue:{name.partition('_')[0]}", args=[uids[name]])


@contextmanager
def planted(home: Home, *, is_there: bool) -> Iterator[dict[str, UUID]]:
    """Let the partner's records be there for a while, or not."""
    cache.clear()
    with transaction.atomic():
        yield neighbours.plant(home) if is_there else {}
        transaction.set_rollback(True)
    cache.clear()


def without_homes(answer: Answer) -> tuple[int, bytes]:
    """Return an answer without the ways to own, partners' and all records, which tell how many there are."""
    return answer.status, HOMES.sub(b"", answer.body)


@pytest.mark.parametrize("who", ["mona", "hana"])
def test_no_list_figure_file_or_form_of_ours_changes_by_a_partners_records(
    world: World, beta: Home, who: str
) -> None:
    asked = [*lists(), *pages(world)]
    found = []
    for is_there in (False, True):
        client = world.client(who)
        with planted(beta, is_there=is_there):
            found.append([without_homes(worlds.ask(client, url)) for url in asked])
    differing = [url for url, one, other in zip(asked, *found, strict=True) if one != other]
    assert differing == []
    assert not any(
        MARK.encode() in body.replace(url.encode(), b"")
        for url, (_status, body) in zip(asked, found[1], strict=True)
        if "?" not in url
    )


@pytest.mark.parametrize(("who", "lens"), [("", ""), ("ada", "partners")])
def test_nobody_outside_learns_anything_of_a_partners_records(
    world: World, beta: Home, who: str, lens: str
) -> None:
    asked = [
        *lists(),
        *pages(world),
        "/search/?q=Betaword",
        "/instruments/?home=partners",
        "/units/?home=all",
    ]
    found = []
    for is_there in (False, True):
        client = world.client(who, lens=lens)
        with planted(beta, is_there=is_there) as uids:
            found.append(
                [(answer.status, answer.body) for answer in (worlds.ask(client, url) for url in asked)]
            )
            for kind, uid in uids.items():
                page = reverse(kind_of(kind).page, args=[uid])
                assert client.get(page).status_code == 404, page
    assert [url for url, one, other in zip(asked, *found, strict=True) if one != other] == []


def test_feeds_mails_and_files_of_the_command_line_hold_our_own_alone(
    world: World, beta: Home, settings: Any
) -> None:
    settings.HAS_MAIL = True
    mona = cast.viewer(world.people["mona"])
    _feed, secret = feeds.make_feed(sort="organisation", by=mona)
    found = []
    for is_there in (False, True):
        mail.outbox.clear()
        with planted(beta, is_there=is_there):
            held: dict[str, Any] = {"feed": feeds.fetch(secret=secret, today=TODAY).text}
            held["mails"] = mails.send_digests(today=TODAY), [one.body for one in mail.outbox]
            for name, export in exporters().items():
                stream = BytesIO()
                held[name] = export(Viewer.operator(), "csv", stream), stream.getvalue()
        found.append(held)
    assert found[0] == found[1]


def test_a_sheet_is_never_matched_with_a_partners_instrument(world: World, beta: Home) -> None:
    neighbours.plant(beta)
    batch = worlds.batch(world, "mona", "park", f"Thing {MARK}", **{"Serial number": "SN-77"})
    Instrument.objects.filter(home=beta).update(serial_number="SN-77")
    intake.accept(batch_id=batch.pk, by=cast.viewer(world.people["mona"]))
    assert Instrument.objects.own().filter(name=f"Thing {MARK}").count() == 1
    assert Instrument.objects.filter(home=beta).get().name == f"Thing {MARK}"


SHOWN = {
    "instruments:park": "instrument",
    "programme:units": "unit",
    "programme:platforms": "platform",
    "programme:sites": "site",
    "offer:services": "service",
    "offer:capabilities": "capability",
    "servicing:events": "service-event",
    "figures:list": "use",
    "catalogue:models": "model",
    "catalogue:makers": "maker",
    "catalogue:techniques": "technique",
}
FILES = {
    "instruments:park": ("instruments:export", ["csv"]),
    "servicing:events": ("servicing:export", ["csv"]),
    "figures:list": ("figures:export", ["csv"]),
    **{
        f"catalogue:{name}": (f"catalogue:{name}-export", ["csv"])
        for name in ("models", "makers", "techniques")
    },
    **{f"programme:{name}": (f"programme:{name}-csv", []) for name in ("units", "platforms", "sites")},
    **{f"offer:{name}": (f"offer:{name}-csv", []) for name in ("services", "capabilities")},
}


@pytest.mark.parametrize("name", SHOWN)
def test_every_list_shows_partners_records_with_their_home_when_asked(
    small: World, beta: Home, name: str
) -> None:
    neighbours.plant(beta)
    client, url = small.client("mona"), reverse(name)
    whole = client.get(url).content.decode()
    assert 'aria-current="true">Own' in whole
    assert MARK not in whole
    for home in ("partners", "all", "3"):
        page = client.get(f"{url}?home={home}").content.decode()
        assert MARK in page, home
        assert ">Beta<" in page
        file, args = FILES[name]
        sheet = client.get(f"{reverse(file, args=args)}?home={home}")
        text = (b"".join(sheet.streaming_content) if sheet.streaming else sheet.content).decode()
        assert MARK in text
        assert "Beta" in text
        assert "Organisation" in text.splitlines()[0] or "From" in text.splitlines()[0]
    assert client.get(f"{url}?home=partners&sort=organisation").status_code == 200
    assert MARK not in client.get(f"{url}?home=4").content.decode()


def test_a_node_alone_has_no_ways_to_partners(small: World, beta: Home) -> None:
    beta.delete()
    client = small.client("mona")
    for name in SHOWN:
        assert 'class="homes"' not in client.get(reverse(name)).content.decode()


PAGES = {
    "organisation": "programme:organisation",
    "platform": "programme:platform",
    "unit": "programme:unit",
    "site": "programme:site",
    "maker": "catalogue:maker",
    "technique": "catalogue:technique",
    "model": "catalogue:model",
    "instrument": "instruments:instrument",
    "use": "figures:year",
    "service-event": "servicing:event",
    "service": "offer:service",
    "capability": "offer:capability",
}


@pytest.mark.parametrize("kind", PAGES)
def test_the_page_of_a_partners_record_says_whose_it_is_and_offers_nothing_to_change(
    small: World, beta: Home, kind: str
) -> None:
    uids = neighbours.plant(beta)
    page = small.client("ada").get(reverse(PAGES[kind], args=[uids[kind]])).content.decode()
    assert "Shared with us by" in page
    assert "Confirmed" in page
    assert MARK in page
    main = page[page.index("<main") :]
    for word in (
        "/edit/",
        "/delete/",
        "/history/",
        "/sharing/",
        "still-right",
        "Enter a month",
        "/new/",
        "/override/",
    ):
        assert word not in main.replace("/notes/", ""), word


@pytest.mark.parametrize("who", ["mona", "ada", "hana"])
def test_no_route_changes_a_partners_record_whoever_asks(small: World, beta: Home, who: str) -> None:
    uids = neighbours.plant(beta)
    before = {
        kind: kind_of(kind).model._default_manager.filter(uid=uid).values().get()
        for kind, uid in uids.items()
    }
    client = small.client(who)
    subjects = {"instruments": "instrument", "servicing": "service-event", "figures": "use"}
    writing = re.compile(
        r"edit|delete|status|link|attach|detach|month|add|up-again|override|shipped|remove|take-back|restore"
    )
    asked = 0
    for name, pattern in worlds.routes().items():
        room, _colon, page = name.partition(":")
        if "<uuid:uid>" not in pattern or room in ("accounts", "stewardship", "intake"):
            continue
        kind = subjects.get(room) or page.split("-")[0]
        kind = {"prices": "service", "note": "instrument"}.get(kind, kind)
        if name in ("servicing:event-add", "figures:month"):
            kind = "instrument"
        if room == "records":
            kind = "instrument"
            if page not in ("history", "sharing", "revert"):
                continue
        elif not writing.search(page):
            continue
        values = {
            "uuid:uid": uids[kind],
            "slug:kind": kind,
            "slug:place": "capacity",
            "slug:digest": "ab" * 32,
        }
        url = reverse(name, args=[values[hole] for hole in re.findall(r"<([^>]+)>", pattern)])
        for answer in (client.get(url), client.post(url, {"x": "1", "section": "basics", "revision": "1"})):
            asked += 1
            is_said = answer.status_code == 302 and page.endswith("remove")  # back, and told why not
            assert is_said or answer.status_code in (400, 403, 404, 405), f"{name} {answer.status_code}"
            if answer.status_code in (403, 404):
                assert "<h1" in answer.content.decode()
    assert asked > 40
    for kind, row in before.items():
        assert kind_of(kind).model._default_manager.filter(uid=uids[kind]).values().get() == row


def test_bulk_edit_and_still_right_pass_over_a_partners_record(small: World, beta: Home) -> None:
    uid = neighbours.plant(beta)["instrument"]
    client = small.client("mona")
    client.post(reverse("instruments:bulk"), {"uid": str(uid), "action": "delete"})
    client.post(reverse("stewardship:still-right"), {"uid": f"instrument:{uid}"})
    row = Instrument.objects.get(uid=uid)
    assert (row.deleted_at, row.review_due_on) == (None, None)
    page = client.get(f"{reverse('instruments:park')}?home=partners").content.decode()
    assert f'name="uid" value="{uid}"' not in page
    assert "data-bulk" not in page, "Where every row is a partner's there is nothing to tick."
    cast.instrument("Ours", small.uids["unit_a"])
    everybodys = client.get(f"{reverse('instruments:park')}?home=all").content.decode()
    assert "data-bulk" in everybodys
    assert f'name="uid" value="{uid}"' not in everybodys


def test_what_is_not_held_is_said_to_be_not_shared(small: World, beta: Home) -> None:
    only = {
        "instrument": ("basics",),
        "unit": ("basics",),
        "service": ("basics",),
        "service-event": ("basics",),
    }
    uids = neighbours.plant(beta, only=only)
    client = small.client("mona")
    for kind, parts in (("instrument", 3), ("service", 3), ("unit", 1), ("service-event", 2)):
        page = client.get(reverse(PAGES[kind], args=[uids[kind]])).content.decode()
        assert page.count('<p class="not-shared">') >= parts, kind
        assert "ask@beta.example" not in page
    head = client.get(reverse(PAGES["unit"], args=[uids["unit"]])).content.decode()
    assert re.search(r"Content responsible</dt><dd><span class=.not-shared.>", head)


def test_a_reference_to_what_is_not_held_is_not_shared(small: World, beta: Home) -> None:
    unit = cast.partner_ref(beta, "unit", UUID(int=5))
    basics = {"name": "Alone", "unit_ref": unit, "model_text": "X 1"}
    uid = cast.partner_row("instrument", beta, {"basics": basics})
    client = small.client("ben")
    page = client.get(reverse("instruments:instrument", args=[uid])).content.decode()
    assert re.search(r"<dt>Unit</dt><dd><span class=.not-shared.>not shared", page)
    listed = client.get(f"{reverse('instruments:park')}?home=partners").content.decode()
    assert "not shared" in listed


def test_a_withdrawn_record_is_gone_from_every_page_list_and_count(small: World, beta: Home) -> None:
    uids = neighbours.plant(beta)
    client = small.client("mona")
    from django.utils import timezone

    for kind, uid in uids.items():
        kind_of(kind).model._default_manager.filter(uid=uid).update(deleted_at=timezone.now())
        registry.tell(kind, [uid])
    for name in SHOWN:
        page = client.get(f"{reverse(name)}?home=all").content.decode()
        assert MARK not in page, name
    for kind, uid in uids.items():
        assert client.get(reverse(PAGES[kind], args=[uid])).status_code == 404
    assert not search.search(text=MARK, viewer=cast.viewer(small.people["mona"])).count


def test_the_exchange_may_tell_when_a_partner_confirmed(small: World, beta: Home, monkeypatch: Any) -> None:
    told = HomeNote("Beta Institute", None, "not reached for 3 days")
    monkeypatch.setattr(registry, "_home_note", [lambda home_id: told if home_id == beta.pk else None])
    uid = neighbours.plant(beta)["instrument"]
    page = small.client("ben").get(reverse("instruments:instrument", args=[uid])).content.decode()
    assert "Beta Institute" in page
    assert "not reached for 3 days" in page


def test_search_finds_partners_records_by_section_and_shows_whose_they_are(small: World, beta: Home) -> None:
    uid = neighbours.plant(beta)["instrument"]
    mona, ben = (cast.viewer(small.people[name]) for name in ("mona", "ben"))

    def hits(text: str, viewer: Viewer, home: str = "all") -> list[str]:
        found = search.search(text=text, viewer=viewer, only=["instrument"], home=home)
        return [hit.home for group in found.groups for hit in group.hits]

    assert hits(f"Setup {MARK}", ben) == ["Beta"]
    assert hits(f"Setup {MARK}", ben, "partners") == hits(f"Setup {MARK}", ben, "3") == ["Beta"]
    assert hits(f"Setup {MARK}", ben, "own") == []
    assert hits(f"Owner {MARK}", mona) == ["Beta"]
    assert hits(f"Owner {MARK}", ben) == []
    assert hits(f"Owner {MARK}", cast.viewer(small.people["hana"])) == []
    Instrument.objects.filter(uid=uid).update(configuration=None, capacity_mask=0)
    registry.tell("instrument", [uid])
    assert hits(f"Setup {MARK}", mona) == []
    page = small.client("ben").get("/search/", {"q": MARK}).content.decode()
    assert 'class="homes"' in page
    assert ">Beta</span>" in page


def test_fields_this_version_does_not_know_stand_at_the_foot_escaped(small: World, beta: Home) -> None:
    body = {"name": "New", "model_text": "X", "unit_ref": cast.partner_ref(beta, "unit", UUID(int=5))}
    more = {"vibration": "<script>alert(1)</script>", "is_quiet": True, "levels": [1, 2]}
    economics = {"legal_owner": "Beta", "tax_class": "Betatax"}
    uid = cast.partner_row("instrument", beta, {"basics": {**body, **more}, "economics": economics})
    url = reverse("instruments:instrument", args=[uid])
    page = small.client("mona").get(url).content.decode()
    assert "Not understood by this version" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert(1)" not in page
    assert "Basics: is_quiet" in page
    assert "Betatax" in page
    assert "Betatax" not in small.client("ben").get(url).content.decode()


def add_note(client: Client, uid: UUID, text: str) -> int:
    return client.post(reverse("records:note-add", args=["instrument", uid]), {"text": text}).status_code


def test_members_keep_notes_of_their_own_on_a_partners_record(small: World, beta: Home) -> None:
    uid = neighbours.plant(beta)["instrument"]
    url = reverse("instruments:instrument", args=[uid])
    edda, ben, hugo, mona = (small.client(name) for name in ("edda", "ben", "hugo", "mona"))
    assert add_note(edda, uid, "Ask <b>Kim</b> about time") == 302
    assert add_note(edda, uid, "  ") == 302
    assert add_note(ben, uid, "Me too") == 403
    note = LocalNote.objects.get()
    page = ben.get(url).content.decode()
    assert "Ask &lt;b&gt;Kim&lt;/b&gt; about time" in page
    assert "Edda" in page
    assert 'name="text"' not in page[page.index("<main") :]
    edit, gone = (reverse(f"records:note-{what}", args=[note.pk]) for what in ("edit", "delete"))
    assert hugo.post(edit, {"text": "Mine now"}).status_code == 403
    assert hugo.post(gone).status_code == 403
    assert edda.post(edit, {"text": "Ask Kim"}).status_code == 302
    note.refresh_from_db()
    assert (note.text, note.edited_at is not None) == ("Ask Kim", True)
    assert not search.search(text="Kim", viewer=cast.viewer(small.people["mona"])).count
    assert mona.post(gone).status_code == 302
    assert not LocalNote.objects.exists()


def test_a_note_outlives_the_record_and_is_hidden_meanwhile(small: World, beta: Home) -> None:
    from django.utils import timezone

    uid = neighbours.plant(beta)["instrument"]
    client = small.client("edda")
    add_note(client, uid, "Keep this")
    rows = Instrument.objects.filter(uid=uid)
    rows.update(deleted_at=timezone.now())
    url, note = reverse("instruments:instrument", args=[uid]), LocalNote.objects.get()
    assert client.get(url).status_code == 404
    assert client.post(reverse("records:note-edit", args=[note.pk]), {"text": "x"}).status_code == 404
    assert client.post(reverse("records:note-delete", args=[note.pk])).status_code == 404
    rows.update(deleted_at=None)
    assert "Keep this" in client.get(url).content.decode()


def test_own_records_take_no_notes_and_an_erased_author_is_not_named(small: World, beta: Home) -> None:
    assert add_note(small.client("mona"), cast.instrument("Ours", small.uids["unit_a"]), "x") == 404
    uid = neighbours.plant(beta)["instrument"]
    add_note(small.client("edda"), uid, "Said once")
    accounts.erase_person(person=small.people["edda"])
    page = small.client("ben").get(reverse("instruments:instrument", args=[uid])).content.decode()
    assert "Said once" in page
    assert "Edda" not in page


def test_who_has_a_model_also_names_partners_with_their_home(world: World, beta: Home) -> None:
    model = world.uids["model_Openscope"]
    uid = neighbours.plant(beta)["instrument"]
    linked = Instrument.objects.own().exclude(linked_model=None).values("linked_model").first()
    Instrument.objects.filter(uid=uid).update(linked_model=linked["linked_model"])
    page = world.client("ben").get(reverse("catalogue:model", args=[model])).content.decode()
    assert f"Thing {MARK}" in page
    assert "<td>Beta</td>" in page
    assert "home=all" in page


KEPT = (
    "programme:units",
    "offer:services",
    "servicing:events",
    "figures:list",
    "catalogue:models",
    "stewardship:reviews",
)


@pytest.mark.parametrize("name", KEPT)
def test_own_columns_and_named_filters_are_kept_in_every_main_list(small: World, name: str) -> None:
    client, url = small.client("mona"), reverse(name)
    page = client.get(url).content.decode()
    action = re.search(r'action="(/lists/[^/]+/columns/)"', page).group(1)
    keys = re.findall(r'name="column" value="([^"]+)"', page)
    assert client.post(action, {"column": keys[:2], "next": url})["Location"] == url
    ticked = r'name="column" value="([^"]+)" checked'
    assert re.findall(ticked, client.get(url).content.decode()) == keys[:2]
    client.post(action, {"next": url})
    assert re.findall(ticked, client.get(url).content.decode()) == keys
    saving = action.replace("/columns/", "/filters/")
    asked = {"name": "Mine", "query": "q=unit", "is_shared": "1", "next": f"{url}?q=unit"}
    assert client.post(saving, asked)["Location"] == f"{url}?q=unit"
    shown = small.client("hana").get(url).content.decode()
    assert f'href="{url}?q=unit"' in shown
    gone = re.search(r'action="(/lists/filters/\d+/delete/)"', client.get(url).content.decode()).group(1)
    assert small.client("hana").post(gone, {"next": url}).status_code == 404
    assert client.post(gone, {"next": "https://evil.example/"})["Location"] == "/"
    assert client.post(saving, {"name": " ", "query": "", "next": url}).status_code == 302
