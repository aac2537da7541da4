"""Two worlds that differ only in what somebody may not see answer that somebody alike, to the byte."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.urls import reverse
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import cast
import peers
import worlds
from parkbench.catalogue import services as catalogue
from parkbench.instruments import services as instruments
from parkbench.instruments.queries.columns import BY_KEY
from parkbench.instruments.rules import SECTION_OF
from parkbench.lib import jobs
from parkbench.programme import services as programme
from parkbench.records.models import Audience, SavedFilter
from parkbench.records.services import add_audience, set_stewardship
from parkbench.servicing import services as servicing
from worlds import World

pytestmark = pytest.mark.django_db
IS_LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
EXAMPLES = 55 if IS_LONG else 1
IS_POSTGRES = connection.vendor == "postgresql"

VIEWERS: dict[str, tuple[str, str]] = {
    "public": ("", ""),
    "cleo": ("cleo", ""),
    "ben": ("ben", ""),
    "edda": ("edda", ""),
    "hana": ("hana", ""),
    "partners": ("ada", "partners"),
}
"""Viewer > whose browser, and whose eyes it borrows."""

ALL_A, ALL_B = ("own_a", "open_a", "late_a"), ("own_b", "partner_b", "open_b")
HIDDEN: dict[str, dict[str, Sequence[str]]] = {
    "ben": {"economics": (*ALL_A, *ALL_B, "open_c"), "internal": (*ALL_A, *ALL_B, "open_c")},
    "edda": {"economics": (*ALL_A, *ALL_B, "open_c"), "internal": (*ALL_B, "open_c")},
    "hana": {"economics": (*ALL_B, "own_c", "open_c"), "internal": (*ALL_B, "own_c", "open_c")},
    "partners": {
        "basics": ("own_a", "own_b", "own_c", "late_a"),
        "capacity": ("own_a", "open_b", "own_c", "late_a"),
        "economics": (*ALL_A, "own_b", "open_b"),
        "internal": (*ALL_A, *ALL_B, "open_c"),
        "contact": ("own_a", "open_c", "late_a"),
    },
}
HIDDEN["public"] = HIDDEN["cleo"] = {
    **HIDDEN["partners"],
    "basics": ("own_a", "own_b", "partner_b", "late_a"),
}
"""Viewer > section > instruments in which they do not see it."""

ASKED = VIEWERS if IS_LONG or not IS_POSTGRES else ("public", "hana")
"""On PostgreSQL a visitor and a head stand for all; the campaign asks for everybody there too."""
EVENTS_A, EVENTS_B = ("event_a", "event_open_a"), ("event_b", "event_partner_b")
EVENTS_C = ("event_c", "event_open_c")
ALL_EVENTS = (*EVENTS_A, *EVENTS_B, *EVENTS_C)
HIDDEN_EVENTS: dict[str, dict[str, Sequence[str]]] = {
    "ben": {"economics": ALL_EVENTS, "internal": ALL_EVENTS},
    "edda": {"economics": ALL_EVENTS, "internal": (*EVENTS_B, *EVENTS_C)},
    "hana": {"economics": (*EVENTS_B, *EVENTS_C), "internal": (*EVENTS_B, *EVENTS_C)},
    "partners": {
        "basics": ("event_a", "event_b", "event_c"),
        "economics": (*EVENTS_A, "event_b", *EVENTS_C),
        "internal": ALL_EVENTS,
    },
}
HIDDEN_EVENTS["public"] = HIDDEN_EVENTS["cleo"] = {
    "basics": ("event_a", *EVENTS_B, "event_c"),
    "economics": ALL_EVENTS,
    "internal": ALL_EVENTS,
}
"""Viewer > section > service events in which they do not see it."""

EVENT_FIELDS: dict[str, Callable[[str, int], dict[str, Any]]] = {
    "basics": lambda word, n: {
        "name": word,
        "happened_on": f"{2019 + n % 7}-05-06",
        "event_kind": ("failure", "move", "upgrade")[n % 3],
        "still_down": n % 2 == 0,
        "ended_on": None,
        "down_tenths": None if n % 2 == 0 else n % 90,
    },
    "economics": lambda word, n: {
        "cost": n * 100,
        "currency": ("SEK", "EUR")[n % 2],
        "vat": ("excluded", "included", None)[n % 3],
        "supplier": word,
    },
    "internal": lambda word, _n: {"note": f"{word} here", "case_number": word},
}

FIELDS: dict[str, dict[str, Callable[[str, int], Any]]] = {
    "basics": {
        "name": lambda word, _n: word,
        "model_text": lambda word, _n: f"{word} 9",
        "status": lambda _word, n: ("limited", "out-of-service", "decommissioned")[n % 3],
        "commissioned_on": lambda _word, n: f"{1990 + n % 30}-05-06",
        "techniques": lambda _word, n: ["light-sheet", "flim"][: n % 3],
    },
    "capacity": {
        "configuration": lambda word, _n: word,
        "end_of_support_on": lambda _word, n: f"{2020 + n % 12}-01-02",
        "expected_life_years": lambda _word, n: 1 + n % 30,
    },
    "economics": {
        "legal_owner": lambda word, _n: word,
        "purchase_price": lambda _word, n: n * 1000,
        "replacement_price": lambda _word, n: n * 3000,
        "purchase_year": lambda _word, n: 1980 + n % 40,
        "running_cost": lambda _word, n: n * 7,
    },
    "internal": {
        "serial_number": lambda word, _n: word,
        "room": lambda word, _n: word,
        "notes": lambda word, _n: f"{word} here",
        "criticality": lambda _word, n: 1 + n % 5,
    },
    "contact": {"mailbox": lambda _word, n: f"desk{n}@y.se"},
}


@dataclass(frozen=True)
class Secret:
    """What one of two worlds holds where the viewer may not look."""

    words: tuple[str, ...]
    numbers: tuple[int, ...]
    is_emptied: bool
    is_fuller: bool


def secret(chance: Random, *, is_full: bool) -> Secret:
    """Choose what is hidden; the words are those that also stand beside what is shown."""
    words = tuple(chance.choices(POOL, k=5))
    numbers = tuple(chance.randint(1, 10**6) for _turn in range(3))
    return Secret(words, numbers, is_emptied=not is_full or chance.random() < 0.3, is_fuller=is_full)


POOL = ("Aardvark", "NameOpenA", "Unit A", "Zebra", "SetupOpenA", "Openscope", "Confocal", "Omega Ångström")
TYPED = (
    *POOL,
    "NameOwnA",
    "Serial",
    "Owner",
    "Quote",
    "Hiddenscope",
    "Halfway",
    "10",
    "1999",
    "namopena",
    "unit",
)

VALUES = {
    "": (*TYPED, "-"),
    ".has": TYPED,
    ".min": ("3", "1999", "5000", "500000", "2024-06-01", "Omega"),
    ".max": ("3", "1999", "5000", "500000", "2024-06-01", "Name"),
    ".empty": ("0", "1"),
}
"""Operators of the machine park's address > what may be asked with them."""


SERVICES: dict[str, Callable[[str, int], dict[str, Any]]] = {
    "basics": lambda word, n: {
        "name": word,
        "description": f"About {word}",
        "sample_types": [word],
        "status": ("offered", "paused")[n % 2],
        "techniques": ["light-sheet", "flim"][: n % 3],
        "user_categories": ["industry", "academic"][: n % 3],
        "access_modes": ["remote", "service"][: n % 3],
    },
    "capacity": lambda word, n: {"throughput": word, "lead_time_days": n % 90},
    "contact": lambda word, _n: {"mailbox": f"x{word}@alpha.example".casefold().replace(" ", "-")},
    "prices": lambda word, n: {
        "prices": [{"unit": "hour", "label": word[:90], "amount": n, "currency": "SEK"}][: n % 3]
    },
}
HIDDEN_SERVICES = {
    "service_own_a": ("basics", "capacity", "contact", "prices"),
    "service_open_b": ("capacity", "contact", "prices"),
}
"""Service > sections that nobody outside sees; members see all of them."""


def hide(world: World, viewer: str, held: Secret) -> None:
    """Make the world hold the secret, in every corner where this viewer may not look."""
    for place, (section, names) in enumerate(HIDDEN[viewer].items()):
        for turn, name in enumerate(names):
            word = held.words[(place + turn) % 5]
            number = held.numbers[(place + turn) % 3] + turn
            fields = FIELDS[section]
            values = {field: make(word, number) for field, make in fields.items()}
            if held.is_emptied and section != "basics" and turn % 3 == 1:
                values = {name: None for name, its in SECTION_OF.items() if its == section}
            if section == "basics" and name in ("own_a", "own_b") and "status" in values:
                values["decommissioned_on"] = None
            worlds.change(world, name, values)
    _hide_events(world, viewer, held)
    if viewer in ("public", "cleo", "partners"):
        for turn, name in enumerate(("own_a", "open_a")):
            worlds.use(world, name, 1 + held.numbers[turn] % 40_000)
        for turn, (name, sections) in enumerate(HIDDEN_SERVICES.items()):
            for section in sections:
                values = SERVICES[section](held.words[turn], held.numbers[turn])
                worlds.change_service(world, name, values)
    SavedFilter.objects.filter(pk=world.filters["mona"]).update(
        name=held.words[0], query=f"q={held.words[1]}"
    )
    if held.is_fuller:
        _fill(world, viewer, held)


def _hide_events(world: World, viewer: str, held: Secret) -> None:
    for place, (section, names) in enumerate(HIDDEN_EVENTS[viewer].items()):
        for turn, name in enumerate(names):
            number = held.numbers[(place + turn) % 3] + turn
            values = EVENT_FIELDS[section](held.words[(place + turn) % 5], number)
            if held.is_emptied and section != "basics" and turn % 3 == 1:
                values = dict.fromkeys(values)
            servicing.edit(uid=world.uids[name], values=values, by=cast.OPERATOR)


def _fill(world: World, viewer: str, held: Secret) -> None:
    """Add what the other world has not: records, deletions, an import, whole names of hidden places."""
    uid = cast.instrument("Deleted before", world.uids["unit_b"], notes=held.words[2])
    instruments.delete(uids=[uid], by=cast.OPERATOR)
    worlds.batch(world, "mona", "mona's list", held.words[3])
    if viewer in ("ben", "edda", "hana"):
        return
    if viewer != "partners":
        unit = world.uids["unit_b"]
        programme.edit(kind="unit", uid=unit, fields={"name": f"{held.words[0]} of B"}, by=cast.OPERATOR)
        platform = world.uids["platform_b"]
        fields = {"name": f"{held.words[1]} platform"}
        programme.edit(kind="platform", uid=platform, fields=fields, by=cast.OPERATOR)
    cast.instrument(f"{held.words[0]} more", world.uids["unit_a"], legal_owner=held.words[1])
    more = {"happened_on": "2024-01-02", "event_kind": "failure", "still_down": True}
    servicing.add(instrument=world.uids["open_a"], values=more, by=cast.OPERATOR)
    programme.add_unit(name=f"{held.words[2]} unit", by=cast.OPERATOR)
    fields = catalogue.MakerFields(name=f"{held.words[3]} Works {held.numbers[0]}")
    catalogue.add_maker(fields=fields, by=cast.OPERATOR)
    somebody = world.people["ben"]
    set_stewardship(
        kind="instrument", uid=world.uids["open_a"], steward=somebody, review_due_on=None, by=cast.OPERATOR
    )


Query = Callable[[Random], str]


def _park_query(chance: Random) -> str:
    """Choose sorts, filters, a quick search and columns, most of them about what is hidden."""
    keys = sorted(BY_KEY)
    guarded = [key for key in keys if BY_KEY[key].section in ("economics", "internal", "capacity")]
    pairs = [("columns", key) for key in chance.sample(guarded, 3) + chance.sample(keys, 2)]
    if chance.random() < 0.5:
        pairs.append(("sort", chance.choice(("", "-")) + chance.choice(guarded)))
    if chance.random() < 0.3:
        pairs.append(("q", chance.choice(TYPED)))
    if chance.random() < 0.7:
        key, operator = chance.choice(guarded), chance.choice(tuple(VALUES))
        pairs.append((f"{key}{operator}", chance.choice(VALUES[operator])))
    return f"?{urlencode(pairs)}"


def _list_query(chance: Random) -> str:
    sorts = ("", "name", "-name", "platform", "-platform", "mailbox", "-person", "maker", "-maker")
    return f"?{urlencode({'q': chance.choice(('', *TYPED)), 'sort': chance.choice(sorts)})}"


def _event_query(chance: Random) -> str:
    """Choose sorts, filters and a search of service events, most of them about what is hidden."""
    sorts = ("", "cost", "-cost", "supplier", "-note", "days", "-days", "instrument", "-unpriced", "label")
    pairs = {"q": chance.choice(("", *TYPED, "Supplier", "Note", "Case")), "sort": chance.choice(sorts)}
    pairs |= chance.choice(({}, {"open": "1"}, {"year": "2025"}, {"kind": "failure"}, {"home": "own"}))
    return f"?{urlencode(pairs | {'by': chance.choice(('instrument', 'model', 'unit', 'year'))})}"


def _typed(name: str) -> Query:
    return lambda chance: f"?{urlencode({name: chance.choice(TYPED)})}"


def _incomplete_query(chance: Random) -> str:
    """Choose a kind and what is missing, most of it of sections that are not for everybody."""
    kind = chance.choice(("instrument", "unit"))
    columns = ("replacement_price", "running_cost", "criticality", "status", "end_of_support_on", "site")
    given = {"kind": kind, "missing": chance.choice(("", *columns)), "q": chance.choice(("", *TYPED))}
    return f"?{urlencode({**given, 'level': chance.choice(('', 'none', 'bronze', 'gold'))})}"


def _review_query(chance: Random) -> str:
    whose = ("", "units", "everything", "nobody")
    given = {"who": chance.choice(whose), "when": chance.choice(("", "overdue", "later", "none"))}
    return f"?{urlencode({**given, 'q': chance.choice(('', *TYPED)), 'sort': chance.choice(('', 'name'))})}"


def _nothing(_chance: Random) -> str:
    return ""


def _service_query(chance: Random) -> str:
    sorts = ("", "name", "-unit", "lead_time", "-lead_time", "status", "price", "platform")
    pairs = [("q", chance.choice(("", *TYPED))), ("sort", chance.choice(sorts))]
    conditions = (
        ("status", "paused"),
        ("technique", "flim"),
        ("for", "-"),
        ("access", "remote"),
        ("unit", "-"),
    )
    pairs += chance.sample(conditions, chance.randrange(2))
    return f"?{urlencode(pairs)}"


QUERIES: dict[str, Query] = {
    **{
        f"offer:{kind}{end}": _service_query
        for kind in ("services", "capabilities")
        for end in ("", "-csv", "-xlsx")
    },
    **dict.fromkeys(
        ("instruments:park", "instruments:facets", "instruments:figures", "instruments:export"), _park_query
    ),
    **{
        f"programme:{kind}s{end}": _list_query
        for kind in ("unit", "platform", "site")
        for end in ("", "-csv", "-xlsx")
    },
    **dict.fromkeys(
        ("catalogue:models", "catalogue:makers", "catalogue:techniques", "accounts:people"), _list_query
    ),
    **dict.fromkeys(
        ("servicing:events", "servicing:export", "servicing:figures", "servicing:figures-export"),
        _event_query,
    ),
    **dict.fromkeys(("stewardship:incomplete", "stewardship:incomplete-export"), _incomplete_query),
    **dict.fromkeys(("stewardship:reviews", "stewardship:export"), _review_query),
    "stewardship:handover": lambda chance: chance.choice(("", "?person=nobody")),
    **{f"catalogue:{kind}s-export": _list_query for kind in ("model", "maker", "technique")},
    "catalogue:suggest-techniques": _typed("q"),
    "instruments:suggest": _typed("model_text"),
    "catalogue:suggest-models": _typed("q"),
    "catalogue:suggest-makers": _typed("q"),
    "search:search": _typed("q"),
    "instruments:link": _typed("q"),
    "records:deleted": _typed("q"),
}
OFTEN = {
    "instruments:park": 24,
    "instruments:facets": 8,
    "instruments:figures": 6,
    "search:search": 8,
    "servicing:events": 8,
    "servicing:figures": 8,
}
"""Addresses that answer very many questions are asked several at a time."""
POST_ONLY = {
    *("accounts:sign-out", "accounts:password", "accounts:grant", "accounts:revoke", "accounts:new-link"),
    *("accounts:erase", "records:restore", "records:revert", "records:view-as", "instruments:columns"),
    *("instruments:save-filter", "instruments:delete-filter", "instruments:bulk", "instruments:restore"),
    *("records:group-rename", "records:group-remove"),
    *("records:note-add", "records:note-edit", "records:note-delete"),
    *("records:list-columns", "records:list-filters", "records:list-filter-delete"),
    *(
        f"catalogue:{kind}-{what}"
        for kind in ("model", "maker", "technique")
        for what in ("take-back", "remove")
    ),
    *("instruments:attach", "instruments:detach", "intake:rows", "intake:accept", "intake:undo"),
    *("servicing:event-up-again", "servicing:event-restore"),
    *(f"programme:{kind}-delete" for kind in ("unit", "platform", "site")),
    *(f"offer:{kind}-delete" for kind in ("service", "capability")),
    *("figures:delete", "figures:restore"),
    *("stewardship:still-right", "stewardship:date-undated"),
    *("stewardship:undo-handover", "stewardship:revoke-calendar"),
    *(f"exchange:{act}" for act in ("withdraw", "resume", "key-rotate", "key-revoke", "key-recovery")),
    *("exchange:pull", "exchange:preview"),
}
APART = {
    "demo-sign-in",
    *(f"exchange:{name}" for name in ("node-document", "listing", "page", "receipts", "ping", "invitations")),
}
"""Only on the sample node, where it signs in and shows nothing; what other nodes ask: see
test_exchange_leaks."""


def addresses(world: World, name: str, pattern: str) -> Iterator[str]:
    """Yield the addresses of a route, one per record that it may be about."""
    uids = world.uids
    kind = name.partition(":")[2].split("-")[0]
    if "<slug:format>" in pattern or ("<str:form>" in pattern and "<uuid" not in pattern):
        yield from (reverse(name, args=[form]) for form in ("csv", "xlsx"))
    elif "<int:page>" in pattern:
        yield reverse(name, args=[1])
    elif "<slug:digest>" in pattern:
        for place, digest in world.digests.items():
            yield reverse(name, args=[uids["open_a"], place, digest])
    elif "<slug:kind>/<uuid" in pattern:
        for wanted, known in (("instrument", "open_a"), ("instrument", "own_b"), ("unit", "unit_b")):
            yield reverse(name, args=[wanted, uids[known]])
        yield reverse(name, args=["instrument", uids["partner_b"]])
        for known in ("event_a", "event_open_a", "event_partner_b"):
            yield reverse(name, args=["service-event", uids[known]])
    elif name.startswith("intake:") and "<" in pattern:
        found = world.batches["mona"]
        more = ["csv"] if "<str:form>" in pattern else []
        yield reverse(name, args=[found.pk if "uuid" in pattern else found.source_id, *more])
    elif name.startswith("exchange:") and "<slug:kind>" not in pattern:
        given = {"<int:pk>": world.partners["beta"], "<slug:name>": "end", "<uuid:token>": uids["group"]}
        yield reverse(name, args=[value for hole, value in given.items() if hole in pattern])
    elif "<slug:field>" in pattern:
        yield from (reverse(name, args=[field]) for field in ("model_text", "maker_text", "parent"))
    elif "<str:secret>" in pattern:
        yield reverse(name, args=["no-such-secret"])
    elif "<uuid:uid>" in pattern:
        yield from (reverse(name, args=[uid]) for uid in _about(world, name, kind))
    else:
        yield reverse(name)


def _about(world: World, name: str, kind: str) -> list[Any]:
    uids = world.uids
    if name.startswith("instruments:") or name in ("servicing:event-add", "figures:month"):
        return [uids[one] for one in ("open_a", "own_b", "partner_b", "open_c", "late_a", "gone_b")]
    if name.startswith("accounts:"):
        return [world.people["hana"].uid]
    if name.startswith("catalogue:"):
        return [uids[one] for one in uids if one.startswith(f"{kind}_")] or [uuid4()]
    kind = "service" if kind == "prices" else kind
    return [uids[one] for one in uids if one.startswith(f"{kind}_") or one == kind]


def some(chance: Random, found: list[str]) -> list[str]:
    """Choose two of the addresses of a route; the long run asks all."""
    return found if IS_LONG else chance.sample(found, min(len(found), 2))


@pytest.fixture
def world(world: World, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """The small institute with a partner and a group of partners; what the exchange would send waits."""
    settings.HOME = tmp_path
    monkeypatch.setattr(jobs, "enqueue", lambda name, **given: None)
    group = add_audience(sort=Audience.Sort.CIRCLE, name="Nordic imaging", by=cast.OPERATOR)
    partner = peers.pin(peers.Peer("beta"), reads=[Audience.objects.get(bit=1), group])
    world.partners, world.uids["group"] = {"beta": partner.pk}, group.token
    return world


@contextmanager
def holding(world: World, viewer: str, held: Secret) -> Iterator[None]:
    """Let the world hold a secret for a while; nothing may be remembered of it afterwards."""
    cache.clear()
    with transaction.atomic():
        hide(world, viewer, held)
        yield
        transaction.set_rollback(True)
    cache.clear()


def test_every_address_is_asked() -> None:
    assert set(QUERIES) | POST_ONLY | APART <= set(worlds.routes())


@pytest.mark.parametrize("viewer", ASKED)
def test_two_worlds_that_differ_in_what_one_may_not_see_answer_alike(
    viewer: str, world: World, say: Callable[[str], None]
) -> None:
    somebody, lens = VIEWERS[viewer]
    client = world.client(somebody, lens=lens)
    compared: Counter[str] = Counter()

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        phases=[Phase.generate],
        database=None,
        derandomize=not IS_LONG,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.integers(0, 2**32))
    def compare(seed: int) -> None:
        chance = Random(f"{viewer} {seed}")
        pair = (secret(chance, is_full=True), secret(chance, is_full=False))
        asked = [
            (name, address + QUERIES.get(name, _nothing)(chance))
            for name, pattern in worlds.routes().items()
            if name not in POST_ONLY | APART
            for address in some(chance, list(addresses(world, name, pattern)))
            for _turn in range(OFTEN.get(name, 1))
        ]
        answers = []
        for held in pair:
            with holding(world, viewer, held):
                answers.append([worlds.ask(client, url) for _name, url in asked])
        for (name, url), first, second in zip(asked, *answers, strict=True):
            assert first == second, told(viewer, url, first, second)
            compared[name] += 1

    compare()
    wanted = set(worlds.routes()) - POST_ONLY - APART
    assert {name for name in wanted if compared[name] >= EXAMPLES} == wanted
    say(f"leaks, {viewer}: {compared.total()} comparisons over {len(wanted)} routes, 0 differences")


def told(viewer: str, url: str, first: worlds.Answer, second: worlds.Answer) -> str:
    """Say where two answers part."""
    heads = set(first.headers) ^ set(second.headers)
    pairs = zip(first.body.splitlines(), second.body.splitlines(), strict=False)
    parted = next(
        ((one, other) for one, other in pairs if one != other), (first.body[-200:], second.body[-200:])
    )
    where = f"{viewer} {url}: {first.status} {second.status} {heads}"
    return f"{where}\n{parted[0].decode()[:600]}\n{parted[1].decode()[:600]}"
