"""Record ids."""

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkbench.lib.errors import Invalid
from parkbench.lib.urn import RecordId, node_url, parse_record_id, record_id, register_uid

UID = UUID("0190aaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee")


@given(
    uid=st.uuids(),
    kind=st.sampled_from(["instrument", "device-model", "x1"]),
    node=st.sampled_from(["https://a.example", "http://localhost:8000", "https://a.example/id/park"]),
)
def test_what_is_written_is_read(uid, kind, node):
    text = record_id(node=node + "/", kind=kind, uid=uid)
    assert parse_record_id(text) == RecordId(node, kind, uid)
    assert str(parse_record_id(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "instrument",
        f"https://a.example/id/{UID}",
        f"https://a.example/id/Instrument/{UID}",
        f"https://a.example/id/instrument/{str(UID).upper()}",
        f"https://a.example/id/instrument/{UID.hex}",
        f"https://a.example/id/instrument/{UID}/",
        f"https://A.example/id/instrument/{UID}",
        f"https://a.example//id/instrument/{UID}",
        f"ftp://a.example/id/instrument/{UID}",
        f"https://u:p@a.example/id/instrument/{UID}",
        f"https://a.example:99999/id/instrument/{UID}",
        f"https://a.example/?x/id/instrument/{UID}",
    ],
)
def test_every_other_spelling_is_refused(text):
    with pytest.raises(Invalid, match="record id"):
        parse_record_id(text)


def test_a_kind_is_a_lower_case_word():
    with pytest.raises(Invalid):
        record_id(node="https://a.example", kind="In strument", uid=uuid4())


def test_a_node_url_has_one_spelling():
    assert node_url(" https://Node.Example/park/ ") == "https://node.example/park"
    with pytest.raises(Invalid):
        node_url("https://[bad")


def test_register_ids_never_change():
    assert register_uid("maker", "zeiss") == UUID("5bc831c2-9e47-52cf-ac69-2d1785767484")
    assert register_uid("maker", "zeiss") != register_uid("technique", "zeiss")


@pytest.mark.parametrize(("kind", "key"), [("maker", ""), ("maker", " zeiss"), ("Maker", "zeiss")])
def test_register_ids_need_a_canonical_key(kind, key):
    with pytest.raises(Invalid):
        register_uid(kind, key)
