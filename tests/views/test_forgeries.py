"""Forged ids, borrowed rights and guesses: nothing is written, and nothing is learnt from the answer."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.urls import reverse

import cast
import worlds
from parkbench.accounts.models import Grant, Person
from parkbench.instruments.models import Instrument
from parkbench.instruments.queries.columns import BY_KEY
from parkbench.programme import services as programme
from parkbench.records.models import SavedFilter, Section
from parkbench.records.services import set_stewardship
from worlds import World

pytestmark = pytest.mark.django_db


def row(world: World, name: str) -> Instrument:
    return Instrument.objects.select_related("unit").get(uid=world.uids[name])


def post(world: World, who: str, name: str, /, *args: Any, **data: Any) -> Any:
    return world.client(who).post(reverse(name, args=args), data)


def said(world: World, who: str, name: str, /, *args: Any, **data: Any) -> str:
    """Post, follow, and return what the next page says, ids and tokens aside."""
    response = world.client(who).post(reverse(name, args=args), data, follow=True)
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "id", response.content.decode())
    return re.sub(r'value="\w{64}"|X-CSRFToken": "\w{64}', "token", text)


@pytest.mark.parametrize("who", worlds.VIEWERS)
def test_what_one_may_not_know_of_answers_like_what_was_never_here(world: World, who: str) -> None:
    unseen = ["gone_b"] if who in world.people and who != "cleo" else ["own_a", "own_c", "late_a", "gone_a"]
    for name, pattern in worlds.routes().items():
        if not name.startswith(("instruments:", "records:", "permalink")) or "uuid:uid" not in pattern:
            continue
        for subject in unseen:
            answers = []
            for uid in (world.uids[subject], UUID(int=uuid4().int)):
                holes = {"uuid:uid": uid, "slug:kind": "instrument"}
                holes |= {"slug:place": "capacity", "slug:section": "capacity", "slug:digest": "0" * 64}
                url = reverse(name, args=[holes[hole] for hole in re.findall(r"<([^>]+)>", pattern)])
                for data in (None, {"x": "1"}):
                    got = worlds.ask(world.client(who), url, data)
                    headers = str(got.headers).replace(str(uid), "id")
                    answers.append((got.status, headers, got.body.replace(str(uid).encode(), b"id")))
            assert answers[:2] == answers[2:], f"{who} {name} {subject}"


def test_reverting_a_part_one_may_not_see_answers_like_a_revision_that_never_was(world: World) -> None:
    uid = world.uids["own_a"]
    worlds.change(world, "own_a", {"legal_owner": "Somebody else"})
    held, never, made_up = (
        said(world, "edda", "records:revert", "instrument", uid, section=section, revision=revision)
        for section, revision in (("economics", 1), ("economics", 99), ("nonsense", 1))
    )
    assert held == never == made_up
    assert row(world, "own_a").legal_owner == "Somebody else"


def test_reverting_does_not_move_an_instrument_to_where_one_has_no_rights(world: World) -> None:
    uid = world.uids["own_a"]
    for letter in "ba":
        worlds.change(world, "own_a", {"unit_ref": cast.unit_ref(world.uids[f"unit_{letter}"])})
    for who in ("edda", "hana"):
        post(world, who, "records:revert", "instrument", uid, section="basics", revision=2)
        assert row(world, "own_a").unit.uid == world.uids["unit_a"]
    post(world, "mona", "records:revert", "instrument", uid, section="basics", revision=2)
    assert row(world, "own_a").unit.uid == world.uids["unit_b"]


def test_reverting_does_not_move_a_unit_to_another_platform(world: World) -> None:
    uid, platform = world.uids["unit_a"], world.uids["platform_b"]
    programme.edit(kind="unit", uid=uid, fields={"platform": platform}, by=cast.OPERATOR)
    post(world, "hana", "records:revert", "unit", uid, section="basics", revision=1)
    now = Section.objects.get(uid=uid, section="basics", is_current=True)
    assert str(platform) in now.body


def test_a_steward_does_not_move_an_instrument_into_a_unit_of_their_own(world: World) -> None:
    steward = world.people["hana"]
    uid = world.uids["own_b"]
    set_stewardship(kind="instrument", uid=uid, steward=steward, review_due_on=None, by=cast.OPERATOR)
    data = {"name": "Mine", "unit": "Unit A", "model_text": "Openscope 1"}
    post(world, "hana", "instruments:edit", uid, **data)
    assert row(world, "own_b").unit.uid == world.uids["unit_b"]
    data["unit"] = "Unit B"
    assert post(world, "hana", "instruments:edit", uid, **data).status_code == 302


def test_an_editor_does_not_move_an_instrument_into_another_unit(world: World) -> None:
    data = {"name": "Mine", "unit": "Unit B", "model_text": "Openscope 1"}
    assert post(world, "edda", "instruments:edit", world.uids["own_a"], **data).status_code == 422
    assert post(world, "edda", "instruments:add", **data).status_code == 422
    bulk = {"field": "unit_ref", "unit_ref": cast.unit_ref(world.uids["unit_b"])}
    assert post(world, "edda", "instruments:bulk", uid=str(world.uids["own_a"]), **bulk).status_code == 422
    assert row(world, "own_a").unit.uid == world.uids["unit_a"]
    assert not Instrument.objects.filter(name="Mine").exists()


def test_a_bulk_edit_with_one_foreign_instrument_changes_none(world: World) -> None:
    uids = [str(world.uids[name]) for name in ("own_a", "own_b")]
    for field, value in (("room", "Cellar"), ("legal_owner", "Nobody")):
        post(world, "hana", "instruments:bulk", uid=uids, field=field, **{field: value})
    post(world, "hana", "instruments:bulk", uid=uids, action="delete")
    assert not Instrument.objects.filter(room="Cellar").exists()
    assert not Instrument.objects.filter(legal_owner="Nobody").exists()
    assert row(world, "own_a").deleted_at is None


def test_fields_of_a_hidden_part_are_not_written_whatever_is_posted(world: World) -> None:
    data = {"name": "NameOwnA", "unit": "Unit A", "model_text": "Openscope 1", "purchase_price": "1 EUR"}
    post(
        world,
        "edda",
        "instruments:edit",
        world.uids["own_a"],
        legal_owner="Edda",
        revision_economics=1,
        **data,
    )
    bulk = {"field": "legal_owner", "legal_owner": "Edda"}
    assert post(world, "edda", "instruments:bulk", uid=str(world.uids["own_a"]), **bulk).status_code == 422
    now = row(world, "own_a")
    assert (now.legal_owner, now.purchase_price) == ("OwnerOwnA", 1_000_000)


def test_a_file_is_served_and_taken_off_under_its_own_part_and_instrument_only(world: World) -> None:
    uid = world.uids["open_a"]
    for section, place in (("capacity", "economics"), ("basics", "internal"), ("capacity", "internal")):
        url = reverse("instruments:file", args=[uid, section, world.digests[place]])
        for who in worlds.VIEWERS:
            assert world.client(who).get(url).status_code == 404
    own = world.uids["own_a"]
    assert (
        post(world, "hana", "instruments:detach", own, "capacity", world.digests["capacity"]).status_code
        == 404
    )
    assert (
        post(world, "edda", "instruments:detach", uid, "economics", world.digests["economics"]).status_code
        == 403
    )
    assert row(world, "open_a").economics_documents


def test_a_saved_filter_of_somebody_else_stays_and_shows_to_nobody(world: World) -> None:
    for who in ("", "cleo", "ben", "hana", "ada"):
        assert post(world, who, "instruments:delete-filter", world.filters["mona"]).status_code == 404
        assert b"mona filter" not in world.client(who).get(reverse("instruments:park")).content
    post(world, "cleo", "instruments:save-filter", name="Look here", query="q=x", is_shared="1")
    assert SavedFilter.objects.filter(name="Look here").count() == 0


def test_nobody_gives_themselves_a_role_or_another_name_to_sign_in(world: World) -> None:
    before = set(Grant.objects.values_list("person", "role", "scope"))
    for who in ("cleo", "ben", "hana", "mona"):
        uid = world.people[who].uid
        post(world, who, "accounts:grant", uid, role="administrator", scope="")
        more = {"role": "administrator", "email": "x@y.se", "is_active": "on", "is_erased": "on"}
        post(world, who, "accounts:me", name=who.title(), **more)
    assert set(Grant.objects.values_list("person", "role", "scope")) == before
    assert not Person.objects.filter(email="x@y.se").exists()


def test_only_who_shares_borrows_eyes_and_only_as_long(world: World) -> None:
    for who in ("", "cleo", "ben", "eva", "edda"):
        assert "view_as" not in world.client(who, lens="partners").session
    client = world.client("hana", lens="public")
    assert client.get(reverse("instruments:instrument", args=[world.uids["own_a"]])).status_code == 404
    Grant.objects.filter(person=world.people["hana"]).update(role="editor")
    assert client.get(reverse("instruments:instrument", args=[world.uids["own_a"]])).status_code == 200


def test_with_borrowed_eyes_nothing_is_written(world: World) -> None:
    client = world.client("ada", lens="partners")
    uid = world.uids["open_a"]
    before = Section.objects.count()
    for name, data in (
        ("edit", {"name": "X"}),
        ("delete", {}),
        ("status", {"status": "limited"}),
        ("link", {}),
    ):
        assert client.post(reverse(f"instruments:{name}", args=[uid]), data).status_code == 403
    assert client.post(reverse("accounts:person-add"), {"name": "X"}).status_code == 403
    assert client.post(reverse("records:policy"), {"step": "confirm"}).status_code == 403
    assert Section.objects.count() == before
    assert row(world, "open_a").deleted_at is None


def test_an_import_does_not_tell_whether_a_guess_at_a_hidden_value_was_right(world: World) -> None:
    counts = []
    for owner in ("OwnerOwnA", "Wrong guess", ""):
        more = {"Inventory number": "InventoryOwnA", "Legal owner": owner}
        batch = worlds.batch(world, "edda", f"guess {owner}", "NameOwnA", **more)
        counts.append({state: batch.counts[state] for state in ("new", "changed", "unchanged", "refused")})
    assert counts[0] == counts[1]
    assert counts[0]["refused"] == 1
    assert counts[2]["refused"] == 0


def test_an_import_does_not_tell_a_number_that_another_unit_keeps_to_itself(world: World) -> None:
    known, unknown = (
        worlds.batch(world, "edda", f"list {number}", "New one", **{"Inventory number": number}).counts
        for number in ("InventoryOwnB", "NeverSeen1")
    )
    assert known == unknown


def test_no_condition_that_somebody_types_into_the_address_breaks_the_machine_park(world: World) -> None:
    client = world.client("mona")
    texts = ("Zebra", "-", "--3", "٣", "1" * 30, "-5", "2024-06-01", "1999", "\x00", "%", "1e9", "NaN")
    keys = {column.sort: column.key for column in BY_KEY.values()}.values()
    for key in (*keys, "year", "unit", "model", "techniques"):
        for operator in ("", ".has", ".min", ".max", ".empty"):
            for text in texts:
                found = client.get(reverse("instruments:facets"), {f"{key}{operator}": text})
                assert found.status_code == 200, f"{key}{operator}={text}"
