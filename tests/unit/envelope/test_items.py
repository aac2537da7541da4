"""Bodies as bytes, and back."""

import enum
import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkbench.envelope.digests import digest
from parkbench.envelope.items import MAX_BYTES, MAX_DEPTH, BodyError, body_bytes, read_body

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=20)
SCALARS = TEXT | st.integers() | st.booleans()
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
BODIES = st.dictionaries(TEXT, VALUES, max_size=8)


class Status(enum.StrEnum):
    IN_SERVICE = "in_service"


def nested(levels: int) -> dict[str, Any]:
    body: dict[str, Any] = {"end": 1}
    for _ in range(levels - 1):
        body = {"in": body}
    return body


def test_it_writes_sorted_compact_utf8() -> None:
    assert body_bytes({"b": 1, "a": "Ångström", "c": True}) == '{"a":"Ångström","b":1,"c":true}'.encode()


def test_it_leaves_out_none_at_every_level() -> None:
    assert body_bytes({"a": None, "b": {"c": None, "d": 1}, "e": [{"f": None}]}) == b'{"b":{"d":1},"e":[{}]}'


def test_it_writes_the_value_of_an_enumeration_and_a_tuple_as_a_list() -> None:
    assert body_bytes({"s": Status.IN_SERVICE, "t": (1, 2)}) == b'{"s":"in_service","t":[1,2]}'


@given(BODIES)
def test_what_is_written_is_read_back(body: dict[str, Any]) -> None:
    assert read_body(body_bytes(body)) == body


@given(BODIES, st.randoms())
def test_the_order_of_keys_does_not_change_a_byte(body: dict[str, Any], chance: Any) -> None:
    keys = list(body)
    chance.shuffle(keys)
    assert body_bytes({key: body[key] for key in keys}) == body_bytes(body)


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"a": 1.5}, "body.a is the float 1.5"),
        ({"a": [1, {"b": float("nan")}]}, r"body.a\[1\].b is the float nan"),
        ({"a": float("inf")}, "float inf"),
        ({"a": [None]}, r"body.a\[0\] is a NoneType"),
        ({"a": b"x"}, "body.a is a bytes"),
        ({1: "a"}, "Keys are text"),
        ({"a": {2: "b"}}, "body.a has 2"),
        ({"a": "\ud800"}, "cannot be written as UTF-8"),
        ({"a": 10**5000}, "cannot be written"),
        ({"a": "nul \0"}, "no NUL"),
        ({"a": [{"b\0": 1}]}, "no NUL"),
        (nested(MAX_DEPTH + 1), "at most 32 levels"),
        ({"a": "x" * MAX_BYTES}, "at most 262144 bytes"),
    ],
)
def test_it_refuses_to_write_what_breaks_a_rule_and_says_which(body: Any, named: str) -> None:
    with pytest.raises(BodyError, match=named):
        body_bytes(body)


def test_lists_count_as_levels_in_writing_and_in_reading() -> None:
    deep: Any = 1
    for _ in range(MAX_DEPTH - 1):
        deep = [deep]
    assert read_body(body_bytes({"a": deep})) == {"a": deep}
    with pytest.raises(BodyError, match="levels"):
        body_bytes({"a": [deep]})
    with pytest.raises(BodyError, match="levels"):
        read_body(json.dumps({"a": [deep]}).encode())


def test_it_writes_32_levels_256_kib_and_a_backslash_before_u0000() -> None:
    assert read_body(body_bytes(nested(MAX_DEPTH))) == nested(MAX_DEPTH)
    longest = "x" * (MAX_BYTES - len('{"a":""}'))
    assert len(body_bytes({"a": longest})) == MAX_BYTES
    assert read_body(body_bytes({"a": "\\u0000"})) == {"a": "\\u0000"}


@pytest.mark.parametrize(
    ("written", "named"),
    [
        (b"[1]", "is a JSON object"),
        (b'{"a":1', "not a JSON body"),
        (b'{"a":1}x', "not a JSON body"),
        (b'\xef\xbb\xbf{"a":1}', "not a JSON body"),
        (b'{"a":"\xe5"}', "not a JSON body"),
        (b'{"a":1.0}', "1.0 is not"),
        (b'{"a":1e3}', "1e3 is not"),
        (b'{"a":NaN}', "NaN is not"),
        (b'{"a":1,"a":2}', "stands twice"),
        (b'{"a":[{"b":1,"b":1}]}', "stands twice"),
        (b'{"a":"\\ud800"}', "no Unicode text"),
        (b'{"a":["\\u0000"]}', "no NUL"),
        (b'{"a":' + b"[" * 100_000, "not a JSON body"),
        (b'{"a":' + b"[" * 32 + b"]" * 32 + b"}", "at most 32 levels"),
        (b'{"a":"' + b"x" * MAX_BYTES + b'"}', "at most 262144 bytes"),
        (b'{"a":' + b"9" * 5000 + b"}", "not a JSON body"),
    ],
)
def test_it_refuses_to_read_what_breaks_a_rule_and_says_which(written: bytes, named: str) -> None:
    with pytest.raises(BodyError, match=named):
        read_body(written)


def test_it_reads_a_body_that_another_program_wrote_in_its_own_way() -> None:
    assert read_body(b'{ "b": null, "a": "\\u00e5", "c": [{}] }') == {"b": None, "a": "å", "c": [{}]}


def test_many_small_lists_side_by_side_are_not_deep() -> None:
    body = {f"key_{n}": [{"a": n}] for n in range(2 * MAX_DEPTH)}
    assert read_body(body_bytes(body)) == body


def test_a_digest_is_the_sha256_of_the_bytes() -> None:
    assert digest(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_body_of_12_keys_costs_little_more_than_one_dump() -> None:
    body = {f"key_{n}": f"some text {n}" for n in range(8)} | {"a": 1, "b": 2, "c": True, "d": "å"}
    write = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode

    def best(act: Any) -> float:
        times = []
        for _ in range(15):
            start = time.perf_counter()
            for _ in range(1000):
                act()
            times.append(time.perf_counter() - start)
        return min(times)

    assert best(lambda: body_bytes(body)) < 2.5 * best(lambda: write(body).encode())
