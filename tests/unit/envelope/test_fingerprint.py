"""The fingerprint of a journal, against golden vectors and an oracle."""

import hashlib
import json
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkbench.envelope.fingerprint import (
    EMPTY,
    Entry,
    add,
    entry_hash,
    fingerprint_of,
    from_hex,
    remove,
    to_hex,
)

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "fingerprint.json").read_text(encoding="utf-8"))
DIGESTS = st.binary(min_size=32, max_size=32).map(bytes.hex)
NAMES = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
ENTRIES = st.tuples(NAMES, st.uuids(), NAMES, DIGESTS)
UID = "123e4567-e89b-42d3-a456-426614174000"


@pytest.mark.parametrize("vector", VECTORS["entries"], ids=lambda vector: vector["why"])
def test_it_hashes_the_golden_entries_to_the_same_number(vector: dict[str, str]) -> None:
    """A failure here means that the wire has changed: nodes of the last release would never agree again."""
    number = entry_hash(vector["kind"], vector["uid"], vector["section"], vector["digest"])
    assert to_hex(number) == vector["hash"]


def test_it_sums_the_golden_entries_to_the_same_fingerprint() -> None:
    entries = [(v["kind"], v["uid"], v["section"], v["digest"]) for v in VECTORS["entries"]]
    assert to_hex(fingerprint_of(entries)) == VECTORS["fingerprint"]
    assert to_hex(EMPTY) == VECTORS["empty"] == "0" * 64


def test_an_entry_is_framed_as_the_docstring_says() -> None:
    kind, section, name = "instrument", "basics", "a" * 64
    framed = b"".join(len(f).to_bytes(4, "big") + f for f in map(str.encode, (kind, UID, section, name)))
    assert entry_hash(kind, UUID(UID), section, name) == int(hashlib.sha256(framed).hexdigest(), 16)


def test_moving_a_character_between_fields_changes_the_hash() -> None:
    assert entry_hash("ab", UID, "c", "0" * 64) != entry_hash("a", UID, "bc", "0" * 64)


@given(st.lists(ENTRIES, max_size=12), st.randoms())
def test_the_order_of_arrival_does_not_matter(entries: list[Entry], chance: object) -> None:
    shuffled = list(entries)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert fingerprint_of(entries) == fingerprint_of(shuffled)


@given(st.lists(ENTRIES, max_size=12), ENTRIES)
def test_what_is_added_and_removed_leaves_no_trace(entries: list[Entry], one: Entry) -> None:
    before = fingerprint_of(entries)
    after = add(before, entry_hash(*one))
    assert after == fingerprint_of([*entries, one])
    assert remove(after, entry_hash(*one)) == before


@given(st.integers(min_value=0, max_value=2**256 - 1))
def test_hex_is_64_digits_and_reads_back(number: int) -> None:
    assert len(to_hex(number)) == 64
    assert from_hex(to_hex(number)) == number


@pytest.mark.parametrize("text", ["", "0" * 63, "A" * 64, "0x" + "0" * 62, "0" * 64 + "\n", "g" * 64])
def test_it_refuses_hex_of_another_shape(text: str) -> None:
    with pytest.raises(ValueError, match="64 lower-case hex digits"):
        from_hex(text)
    with pytest.raises(ValueError, match="64 lower-case hex digits"):
        entry_hash("instrument", UID, "basics", text)


@pytest.mark.parametrize("uid", [UID.upper(), UID.replace("-", ""), UID + " ", ""])
def test_it_refuses_a_uid_of_another_shape(uid: str) -> None:
    with pytest.raises(ValueError, match="lower-case UUID"):
        entry_hash("instrument", uid, "basics", "0" * 64)


@pytest.mark.parametrize("number", [-1, 2**256])
def test_it_refuses_to_write_a_number_out_of_range(number: int) -> None:
    with pytest.raises(ValueError, match="between 0 and"):
        to_hex(number)
