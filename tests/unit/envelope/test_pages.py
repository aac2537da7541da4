"""Pages: bytes first, then lines; one bad entry harms no other."""

import time
import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

import envelopes as cast
from envelopes import ALPHA, ALPHA_KEY, ALPHA_PUBLIC, CIRCLE, EPOCH, GAMMA, ITEMS, NOW
from parkbench.envelope.compression import unzip
from parkbench.envelope.digests import digest
from parkbench.envelope.errors import EnvelopeError, NotForUs, NotVerified, OutOfTime, TooLarge
from parkbench.envelope.items import MAX_BYTES, body_bytes
from parkbench.envelope.pages import BadItem, Gone, Item, Page, read_page
from parkbench.envelope.pages.reading import MOST_ITEMS
from parkbench.envelope.pages.statements import Statement, write_statement

ASKED: dict[str, Any] = {
    "keys": [ALPHA_PUBLIC],
    "iss": ALPHA,
    "audience": CIRCLE,
    "epoch": EPOCH,
    "after": 0,
    "now": NOW,
}
CONTENT = unzip([cast.page()])
UID = "123e4567-e89b-42d3-a456-426614174000"
START = f'{{"seq":4,"kind":"instrument","uid":"{UID}","section":"basics"'
REST = f'{START},"revision":3,"schema":1,"at":"2026-11-28T14:03:07Z"'


def signed(lines: bytes, **changed: Any) -> bytes:
    """Return any lines under a good statement, as no honest writer would."""
    given: dict[str, Any] = {
        "iss": ALPHA,
        "audience": CIRCLE,
        "epoch": EPOCH,
        "after": 0,
        "upto": 9,
        "head": 9,
        "sha256": digest(lines),
        "iat": NOW,
        "count": 1,
        "fingerprint": "0" * 64,
        **changed,
    }
    return write_statement(Statement(**given), ALPHA_KEY).encode() + b"\n" + lines


def read(content: bytes, **changed: Any) -> Page:
    return read_page(content, **{**ASKED, **changed})


def test_it_reads_what_was_written() -> None:
    page = read(CONTENT)
    assert (page.items, page.bad) == (ITEMS, ())
    assert page.statement.is_complete
    assert (page.statement.head, page.statement.lease_days) == (9, 14)


def test_a_page_in_the_middle_has_no_count() -> None:
    middle = unzip([cast.page(upto=7, items=ITEMS[:2], count=None, fingerprint=None)])
    assert not read(middle).statement.is_complete


def test_a_page_may_be_empty_at_the_end_of_its_journal() -> None:
    empty = unzip([cast.page(after=7, items=())])
    assert read(empty, after=7).items == ()


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"keys": [cast.GAMMA_PUBLIC]}, NotVerified),
        ({"iss": GAMMA}, NotForUs),
        ({"audience": "public"}, NotForUs),
        ({"epoch": "other"}, NotForUs),
        ({"after": 4}, NotForUs),
        ({"now": NOW - timedelta(minutes=6)}, OutOfTime),
        ({"now": NOW + timedelta(minutes=11), "max_age": timedelta(minutes=10)}, OutOfTime),
    ],
)
def test_it_refuses_a_page_that_was_not_asked_for(changed: dict[str, Any], error: Any) -> None:
    with pytest.raises(error):
        read(CONTENT, **changed)


def test_it_verifies_every_byte_before_it_reads_one() -> None:
    place = CONTENT.index(b"Mikroskop")
    with pytest.raises(NotVerified, match="not those that were signed"):
        read(CONTENT[:place] + b"m" + CONTENT[place + 1 :])
    for content in (CONTENT + b"\n", CONTENT[:-1], CONTENT + CONTENT.splitlines(True)[-1]):
        with pytest.raises(NotVerified):
            read(content)


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"no statement", b"\xff\n", b"a.b.c\n", b"x" * 20_000 + b"\n"]
)
def test_it_refuses_what_has_no_statement(content: bytes) -> None:
    with pytest.raises(EnvelopeError):
        read(content)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (f'{REST},"body":{{"a":1}}}}', None),
        (f'{REST},"new":[1],"body":{{"a":1}}}}', None),
        (f'{START},"gone":true}}', None),
        (f'{REST},"body":{{"a":1.5}}}}', "whole"),
        (f'{REST},"body":{{"a":1,"a":2}}}}', "twice"),
        (f'{REST},"body":[1]}}', "JSON object"),
        (f'{REST},"body":{{"a":{"[" * 32}{"]" * 32}}}}}', "32 levels"),
        (f'{REST},"body":{{"a":"{"x" * MAX_BYTES}"}}}}', "262144 bytes"),
        (f'{REST},"body":{{}}}}}}', "not a JSON body"),
        (f'{REST},"body":}}', "not a JSON body"),
        (f'{REST},"body":{{"a":1}},"gone":true}}', "not a JSON body"),
        (f'{REST},"body" : {{"b":2}},"more":1,"body":{{"a":1}}}}', "one body"),
        (f'{START},"gone":true,"body":{{"a":1}}}}', "one body"),
        (f"{REST}}}", "one body"),
        (f'{START},"gone":false}}', "or is gone"),
        (f'{START},"gone":1}}', "“gone”"),
        (f'{START},"revision":0,"schema":1,"at":"2026-11-28T14:03:07Z","body":{{}}}}', "“revision”"),
        (f'{START},"revision":3,"at":"2026-11-28T14:03:07Z","body":{{}}}}', "“schema”"),
        (f'{START},"revision":3,"schema":1,"at":"today","body":{{}}}}', "“at”"),
        (f'{REST.replace("instrument", "In Strument")},"body":{{}}}}', "“kind”"),
        (f'{REST.replace("basics", "b" * 41)},"body":{{}}}}', "“section”"),
        (f'{REST.replace(UID, UID.upper())},"body":{{}}}}', "“uid”"),
        (f'{REST.replace("4,", "4,", 1).replace("instrument", "")},"body":{{}}}}', "“kind”"),
    ],
)
def test_one_bad_entry_is_told_with_its_reason(line: str, reason: str | None) -> None:
    page = read(signed(line.encode() + b"\n"))
    if reason is None:
        assert (len(page.items), page.bad) == (1, ())
        return
    (bad,) = page.bad
    assert page.items == ()
    assert (bad.seq, reason in bad.reason) == (4, True), bad.reason


def test_a_bad_body_still_counts_as_a_member() -> None:
    body = '{"a":1.5,"å":"ö"}'.encode()
    (bad,) = read(signed(REST.encode() + b',"body":' + body + b"}\n")).bad
    assert bad.is_member
    assert bad == BadItem(4, bad.reason, "instrument", uuid.UUID(UID), "basics", digest(body), 3)
    (nameless,) = read(signed(REST.replace("basics", "B").encode() + b',"body":{}}\n')).bad
    assert not nameless.is_member
    assert (nameless.kind, nameless.section, nameless.digest) == ("instrument", None, digest(b"{}"))


def test_a_body_may_hold_what_looks_like_the_start_of_a_body() -> None:
    body = body_bytes({"text": ',"body":{"a":1}', "body": {"body": 1}})
    item = replace(cast.LIVE[0], body=body)
    page = read(unzip([cast.page(items=(item,), count=1)]))
    assert page.items == (item,)


LINE = f'{START},"gone":true}}\n'


@pytest.mark.parametrize(
    "lines",
    [
        LINE[:-1],
        LINE + "\n",
        "\n" + LINE,
        LINE + LINE,
        LINE.replace('"seq":4', '"seq":9') + LINE.replace(UID, UID[:-1] + "1"),
        LINE + LINE.replace('"seq":4', '"seq":5'),
        LINE.replace('"seq":4', '"seq":10'),
        LINE.replace('"seq":4', '"seq":0'),
        LINE.replace('"seq":4', '"seq":4.0'),
        LINE.replace('"seq":4', '"seq":"4"'),
        LINE.replace('"seq":4', '"seq":4,"seq":5'),
        LINE.replace("{", "[", 1),
        LINE.replace("true}", f'true,"more":"{"x" * 5000}"}}'),
        REST + ',"body":{} \n',
        "text\n",
        "null\n",
        '{"seq":4,"a":[}\n',
    ],
)
def test_a_page_of_another_structure_is_refused_as_a_whole(lines: str) -> None:
    with pytest.raises(EnvelopeError):
        read(signed(lines.encode()))


@pytest.mark.parametrize(
    "changed",
    [
        {"upto": 10},
        {"after": 10},
        {"after": 0, "upto": 4, "head": 9},
        {"count": None},
        {"fingerprint": None},
        {"sha256": "0"},
        {"lease_days": 0},
        {"iss": "alpha"},
        {"head": 2**63},
    ],
)
def test_no_statement_contradicts_itself(changed: dict[str, Any]) -> None:
    with pytest.raises(EnvelopeError):
        signed(LINE.encode(), **changed)


@pytest.mark.parametrize(("lines", "upto"), [("", 0), ("", 5), (LINE, 5)])
def test_a_page_that_is_not_the_last_moves_forward_to_its_last_entry(lines: str, upto: int) -> None:
    with pytest.raises(EnvelopeError, match="not the last one"):
        read(signed(lines.encode(), upto=upto, count=None, fingerprint=None))


@pytest.mark.parametrize(
    "item",
    [
        replace(cast.LIVE[0], kind="In strument"),
        replace(cast.LIVE[0], kind="k" * 41),
        replace(cast.LIVE[0], section='s","seq":1'),
        replace(cast.LIVE[0], seq=0),
        replace(cast.LIVE[0], seq=10),
        replace(cast.LIVE[0], revision=0),
        replace(cast.LIVE[0], schema=2**63),
        replace(cast.LIVE[0], at=NOW.replace(tzinfo=None)),
        replace(cast.LIVE[0], body=b'{\n"a":1}'),
        replace(cast.LIVE[0], body=b"[1]"),
        replace(cast.LIVE[0], body=b'{"a":1}\n'),
        replace(cast.LIVE[0], body=b'{"' + b"a" * MAX_BYTES + b'":1}'),
    ],
)
def test_it_writes_no_entry_that_would_break_the_page(item: Item) -> None:
    with pytest.raises(EnvelopeError):
        cast.page(items=(item,), count=1)


def gone(count: int) -> list[Item | Gone]:
    return [Gone(n, uuid.UUID(int=n), "basics", "instrument") for n in range(1, count + 1)]


def test_a_page_holds_10000_items_and_8_mib_at_most() -> None:
    many = {"upto": MOST_ITEMS, "head": MOST_ITEMS}
    assert len(read(unzip([cast.page(items=gone(MOST_ITEMS), **many)])).items) == MOST_ITEMS
    with pytest.raises(TooLarge):
        cast.page(items=gone(MOST_ITEMS + 1), upto=MOST_ITEMS + 1, head=MOST_ITEMS + 1)
    with pytest.raises(TooLarge):
        read(signed(b"{}\n" * (MOST_ITEMS + 1)))
    large = b'{"a":"' + b"x" * 250_000 + b'"}'
    items = [replace(cast.LIVE[0], seq=n, uid=uuid.UUID(int=n), body=large) for n in range(1, 40)]
    with pytest.raises(TooLarge):
        cast.page(items=items, upto=40, head=40)
    with pytest.raises(TooLarge):
        read(b"x" * (8 * 1024 * 1024 + 1))


def test_hashes_and_signatures_are_a_small_part_of_reading() -> None:
    """At most a tenth of the reader's time on a page of 500 ordinary items."""
    body = body_bytes({f"key_{n}": f"some text {n} å" for n in range(14)})
    items = [
        Item(n, "instrument", uuid.UUID(int=n), "basics", 1, 1, NOW, body.replace(b"text 1", b"%06d" % n))
        for n in range(1, 501)
    ]
    content = unzip([cast.page(items=items, upto=500, head=500, count=500)])
    lines = content.split(b"\n", 1)[1]

    def best(act: Any) -> float:
        times = []
        for _ in range(7):
            start = time.perf_counter()
            act()
            times.append(time.perf_counter() - start)
        return min(times)

    whole = best(lambda: read(content))
    proof = best(lambda: read(unzip([cast.page(items=(), count=0)]))) + best(lambda: digest(lines))
    assert proof < 0.1 * whole
