"""Pages of records: history and revert, deleted records, who sees what, view as."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse

import cast
from parkbench.accounts.rules import Role
from parkbench.lib.urn import record_id
from parkbench.programme.models import Unit
from parkbench.records import queries, rules, services
from parkbench.records.models import Audience, PolicyCell, Section, SharingException
from parkbench.records.registry import kind_of
from parkbench.records.services import Draft, publish
from parkbench.records.visibility import Viewer

pytestmark = pytest.mark.django_db


def put(kind: str, uid: UUID, *, is_new: bool = False, **sections: dict[str, object]) -> UUID:
    publish(kind=kind, drafts=[Draft(uid=uid, sections=sections, is_new=is_new)], by=cast.OPERATOR)
    return uid


def instrument(unit: UUID, **more: dict[str, object]) -> UUID:
    ref = record_id(node=queries.own_address(), kind="unit", uid=unit)
    basics = {"name": "Confocal 1", "unit_ref": ref, "model_text": "Leica SP8", **more.pop("basics", {})}
    return put("instrument", uuid4(), is_new=True, basics=basics, **more)


def signed_in(name: str, *roles: tuple[Role, str] | Role) -> Client:
    client = Client()
    client.force_login(cast.person(name, *roles))
    return client


def url(name: str, kind: str, uid: UUID) -> str:
    return reverse(f"records:{name}", args=[kind, uid])


def text(response: object) -> str:
    """The page without markup, its white space collapsed."""
    plain = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(plain.replace("\xa0", " ").replace("&nbsp;", " ").split())


# --- history ---


def test_history_says_who_changed_what_from_what_to_what() -> None:
    uid = cast.unit("Light microscopy")
    ada = cast.seen_by("Ada", Role.MANAGER)
    publish(kind="unit", drafts=[Draft(uid=uid, sections={"basics": {"name": "Imaging"}})], by=ada)
    page = signed_in("Ben", Role.READER).get(url("history", "unit", uid))
    assert "Ada" in text(page)
    assert "Name Light microscopy Imaging" in text(page)
    assert "Revert" not in text(page)


def test_history_prints_money_days_words_and_names_for_people() -> None:
    unit = cast.unit("Light microscopy")
    uid = instrument(
        unit,
        basics={"commissioned_on": "2021-03-04", "status": "in-service", "techniques": ["light-sheet"]},
        economics={
            "purchase_price": 120000050,
            "purchase_currency": "SEK",
            "purchase_year": 2021,
            "funding": [{"funder": "VR", "amount": 500000, "currency": "EUR", "keep_until_on": "2030-01-02"}],
        },
    )
    page = text(signed_in("Ada", Role.MANAGER).get(url("history", "instrument", uid)))
    for words in (
        "Commissioned — not given 4 March 2021",
        "Status — not given in service",
        "Techniques — not given light sheet",
        "Unit — not given Light microscopy",
        "Purchase price — not given SEK 1 200 000.50",
        "Year of purchase — not given 2021",
        "VR, EUR 5 000, 2 January 2030",
    ):
        assert words in page


def test_history_hides_the_parts_that_the_member_may_not_see() -> None:
    uid = instrument(
        cast.unit(),
        economics={"purchase_price": 12345600, "purchase_currency": "SEK"},
        internal={"serial_number": "XZ-778"},
    )
    page = text(signed_in("Ben", Role.READER).get(url("history", "instrument", uid)))
    assert "Confocal 1" in page
    for hidden in ("123 456", "XZ-778", "Economics", "Internal"):
        assert hidden not in page


@pytest.mark.parametrize("roles", [None, ()])
@pytest.mark.parametrize("name", ["history", "sharing"])
def test_outsiders_are_not_told_that_a_record_is_here(name: str, roles: tuple[Role, ...] | None) -> None:
    uid = cast.unit()
    services.share_record(kind="unit", uid=uid, masks={"basics": rules.PUBLIC}, by=cast.OPERATOR)
    client = Client() if roles is None else signed_in("Cleo", *roles)
    assert client.get(url(name, "unit", uid)).status_code == 404
    assert client.post(url(name, "unit", uid)).status_code == 404


@pytest.mark.parametrize("name", ["history", "sharing"])
def test_made_up_addresses_are_not_found(name: str) -> None:
    client = signed_in("Ada", Role.MANAGER)
    assert client.get(url(name, "unit", uuid4())).status_code == 404
    assert client.get(url(name, "ghost", cast.unit())).status_code == 404


def test_an_earlier_revision_is_published_again_and_that_is_undone_the_same_way() -> None:
    uid = cast.unit("Light microscopy")
    put("unit", uid, basics={"name": "Imaging"})
    client = signed_in("Ada", Role.MANAGER)
    to = {"section": "basics", "revision": "1"}
    page = client.post(url("revert", "unit", uid), to, follow=True)
    assert Unit.objects.get(uid=uid).name == "Light microscopy"
    assert "To undo this, revert to revision 2." in text(page)
    client.post(url("revert", "unit", uid), {**to, "revision": "2"})
    assert Unit.objects.get(uid=uid).name == "Imaging"
    assert Section.objects.filter(uid=uid).count() == 4


def test_a_content_responsible_reverts_their_own_record_only() -> None:
    uid, other = cast.unit("Light microscopy"), cast.unit("Electron microscopy")
    for one in (uid, other):
        put("unit", one, basics={"name": f"New {one}"})
    ada = cast.person("Ada", Role.READER)
    services.set_stewardship(kind="unit", uid=uid, steward=ada, review_due_on=None, by=cast.OPERATOR)
    client = Client()
    client.force_login(ada)
    for one in (uid, other):
        client.post(url("revert", "unit", one), {"section": "basics", "revision": "1"})
    assert Unit.objects.get(uid=uid).name == "Light microscopy"
    assert Unit.objects.get(uid=other).name == f"New {other}"


@pytest.mark.parametrize(
    ("section", "revision"), [("basics", "9"), ("basics", "x"), ("ghost", "1"), ("", ""), ("economics", "1")]
)
def test_a_revision_that_is_not_kept_is_refused_in_words(section: str, revision: str) -> None:
    uid = cast.unit()
    client = signed_in("Ada", Role.MANAGER)
    to = {"section": section, "revision": revision}
    page = client.post(url("revert", "unit", uid), to, follow=True)
    assert "This revision is not kept here." in text(page)


def test_going_back_to_a_name_that_another_bears_by_now_is_refused_in_words() -> None:
    uid = cast.unit("Light microscopy")
    put("unit", uid, basics={"name": "Imaging"})
    cast.unit("Light microscopy")
    client = signed_in("Ada", Role.MANAGER)
    page = client.post(url("revert", "unit", uid), {"section": "basics", "revision": "1"}, follow=True)
    assert "Another record has the name it had then." in text(page)
    assert Unit.objects.get(uid=uid).name == "Imaging"


def test_a_long_history_comes_in_pages_of_50_with_the_same_number_of_queries(
    django_assert_max_num_queries,
) -> None:
    uid = cast.unit("Unit 0")
    client = signed_in("Ada", Role.MANAGER)
    for number in range(1, 60):
        put("unit", uid, basics={"name": f"Unit {number}"})
    with django_assert_max_num_queries(14):
        first = client.get(url("history", "unit", uid))
    assert first.content.count(b"<ins>") == 50
    second = client.get(url("history", "unit", uid), {"page": "2"})
    assert second.content.count(b"<ins>") == 10
    assert client.get(url("history", "unit", uid), {"page": "999999999999"}).status_code == 200


# --- deleted records ---


def test_a_head_restores_what_was_deleted_in_their_unit_only() -> None:
    unit, other = cast.unit("Light microscopy"), cast.unit("Electron microscopy")
    mine, theirs = instrument(unit), instrument(other, basics={"name": "Titan"})
    services.delete(kind="instrument", uids=[mine, theirs], by=cast.OPERATOR)
    client = signed_in("Ada", (Role.HEAD, str(unit)))
    page = text(client.get(reverse("records:deleted")))
    assert "Confocal 1" in page
    assert "Titan" not in page
    restore = reverse("records:restore", args=["instrument"])
    assert "There is no such record here" in text(client.post(restore, {"uid": [str(theirs)]}, follow=True))
    assert "1 record is back." in text(client.post(restore, {"uid": [str(mine)]}, follow=True))
    shown = kind_of("instrument").model.objects.visible(cast.OPERATOR)
    assert set(shown.values_list("uid", flat=True)) == {mine}


def test_restoring_runs_the_checks_of_the_room() -> None:
    uid = cast.unit("Light microscopy")
    services.delete(kind="unit", uids=[uid], by=cast.OPERATOR)
    cast.unit("Light microscopy")
    client = signed_in("Ada", Role.MANAGER)
    page = client.post(reverse("records:restore", args=["unit"]), {"uid": [str(uid)]}, follow=True)
    assert "Rename that one first, then restore." in text(page)
    assert not Unit.objects.visible(cast.OPERATOR).filter(uid=uid).exists()


def test_deleted_records_are_for_those_who_may_delete() -> None:
    assert reverse("accounts:sign-in") in Client().get(reverse("records:deleted"))["Location"]
    assert signed_in("Ben", Role.READER).get(reverse("records:deleted")).status_code == 403
    client = signed_in("Ada", Role.MANAGER)
    assert "Nothing is deleted" in text(client.get(reverse("records:deleted")))
    for data in ({}, {"uid": ["x"]}):
        page = client.post(reverse("records:restore", args=["unit"]), data, follow=True)
        assert "Tick at least one record first." in text(page)


# --- who sees a record ---


def choices(**more: str) -> dict[str, str]:
    return {"basics": "policy", "contact": "policy", "from_on": "", "from_at": "", **more}


def test_sharing_says_in_words_who_sees_each_part_and_why() -> None:
    uid = instrument(cast.unit(), internal={"room": "B 12"})
    PolicyCell.objects.create(kind="instrument", section="basics", mask=rules.PARTNERS)
    services.widen(kind="instrument")
    page = text(signed_in("Ben", Role.READER).get(url("sharing", "instrument", uid)))
    assert "Basics all partners The policy for instruments says so." in page
    assert "Capacity our organisation only Nothing is entered here yet." in page
    # Whether there is anything in a part that he may not see is not his to know either.
    assert "Economics our organisation only The policy for instruments says so." in page
    assert "Internal our organisation only This part never leaves the organisation." in page
    assert "Change who sees it" not in page


def test_a_record_is_shared_beside_the_policy_and_back() -> None:
    uid = cast.unit()
    client = signed_in("Ada", Role.MANAGER)
    assert client.post(url("sharing", "unit", uid), choices(basics="public")).status_code == 302
    assert Unit.objects.visible(Viewer.public()).filter(uid=uid).exists()
    assert "Basics everybody This record says so." in text(client.get(url("sharing", "unit", uid)))
    client.post(url("sharing", "unit", uid), choices())
    assert not Unit.objects.visible(Viewer.public()).exists()


def test_a_part_wider_than_the_basics_is_refused_with_the_sentence_and_what_was_chosen() -> None:
    uid = cast.unit()
    client = signed_in("Ada", Role.MANAGER)
    page = client.post(url("sharing", "unit", uid), choices(contact="public"))
    assert page.status_code == 422
    assert "cannot be visible to more than the basics are" in text(page)
    assert re.search(r'name="contact".*?<option value="public" selected', page.content.decode(), re.DOTALL)
    assert not SharingException.objects.exists()


def test_a_date_to_share_from_is_in_the_zone_of_the_organisation(settings) -> None:
    settings.TIME_ZONE = "Europe/Stockholm"
    uid = cast.unit()
    client = signed_in("Ada", Role.MANAGER)
    later = choices(basics="public", from_on="2126-07-01", from_at="09:30")
    client.post(url("sharing", "unit", uid), later)
    assert queries.share_from(uid=uid) == datetime(2126, 7, 1, 7, 30, tzinfo=UTC)
    assert not Unit.objects.visible(Viewer.public()).exists()
    page = client.get(url("sharing", "unit", uid))
    assert "Nothing of this record is shared before 1 July 2126, 09:30." in text(page)
    assert 'value="09:30"' in page.content.decode()


@pytest.mark.parametrize(
    ("day", "clock", "words"),
    [
        ("2027-03-28", "02:30", "couldn’t be interpreted in time zone"),  # summer time leaves this hour out
        ("", "09:30", "Give the day too"),
        ("soon", "", "Enter a valid date"),
    ],
)
def test_a_date_that_cannot_be_read_is_refused_at_its_field(day: str, clock: str, words: str) -> None:
    uid = cast.unit()
    page = signed_in("Ada", Role.MANAGER).post(
        url("sharing", "unit", uid), choices(from_on=day, from_at=clock)
    )
    assert page.status_code == 422
    assert words in text(page)


def test_only_those_who_may_share_change_it() -> None:
    unit, other = cast.unit("Light microscopy"), cast.unit("Electron microscopy")
    head = signed_in("Ada", (Role.HEAD, str(unit)))
    assert head.post(url("sharing", "unit", unit), choices(basics="public")).status_code == 302
    assert head.post(url("sharing", "unit", other), choices(basics="public")).status_code == 403
    editor = signed_in("Ben", (Role.EDITOR, str(unit)))
    assert editor.post(url("sharing", "unit", unit), choices(basics="nobody")).status_code == 403
    assert set(Unit.objects.visible(Viewer.public()).values_list("uid", flat=True)) == {unit}


def test_groups_and_partners_are_chosen_singly() -> None:
    circle = services.add_audience(sort=Audience.Sort.CIRCLE, name="Nordic imaging", by=cast.OPERATOR)
    uid = cast.unit()
    client = signed_in("Ada", Role.MANAGER)
    page = client.post(url("sharing", "unit", uid), choices(basics="chosen"))
    assert "Tick at least one group or partner" in text(page)
    given = {**choices(basics="chosen"), "basics__chosen": [str(circle.token)]}
    client.post(url("sharing", "unit", uid), given)
    assert Unit.objects.get(uid=uid).audience_mask == 1 << circle.bit
    assert "Basics Nordic imaging This record says so." in text(client.get(url("sharing", "unit", uid)))


# --- the policy ---


def cells(**changes: str) -> dict[str, str]:
    """Every cell of the matrix at "nobody", but for the changes."""
    names = [f"{kind.name}__{part.name}" for kind in queries_kinds() for part in kind.sections]
    return {**dict.fromkeys(names, "nobody"), **changes}


def queries_kinds() -> list:
    from parkbench.records.registry import kinds

    return list(kinds())


def test_a_new_node_shares_nothing_and_says_so() -> None:
    page = text(signed_in("Ada", Role.MANAGER).get(reverse("records:policy")))
    assert "Nothing is shared by policy yet" in page
    assert "never leaves" in page


def test_a_change_of_policy_is_counted_before_it_is_saved_and_then_saved(
    django_capture_on_commit_callbacks,
) -> None:
    following, own, late = cast.unit("One"), cast.unit("Two"), cast.unit("Three")
    services.share_record(kind="unit", uid=own, masks={"basics": rules.NOBODY}, by=cast.OPERATOR)
    services.share_record(
        kind="unit", uid=late, masks={}, share_from=datetime(2126, 1, 1, tzinfo=UTC), by=cast.OPERATOR
    )
    gone = cast.unit("Four")
    services.delete(kind="unit", uids=[gone], by=cast.OPERATOR)
    client = signed_in("Ada", Role.MANAGER)
    wanted = cells(unit__basics="public", unit__contact="partners")
    page = client.post(reverse("records:policy"), {**wanted, "step": "preview"})
    assert (
        "units: Basics 1 opens to everybody our organisation only everybody "
        "1 record says otherwise itself 1 record waits for its date" in text(page)
    )
    assert "units: Contact no record yet our organisation only all partners" in text(page)
    assert "1 part of a record would open, 0 would close." in text(page)
    assert not PolicyCell.objects.exists()
    seen = re.search(r'name="seen" value="([^"]*)"', page.content.decode()).group(1)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("records:policy"), {**wanted, "step": "confirm", "seen": seen})
    assert queries.policy() == {("unit", "basics"): rules.PUBLIC, ("unit", "contact"): rules.PARTNERS}
    assert set(Unit.objects.visible(Viewer.public()).values_list("uid", flat=True)) == {following}
    closing = client.post(reverse("records:policy"), {**cells(), "step": "preview"})
    assert "units: Basics 1 closes to the public everybody our organisation only" in text(closing)


def test_a_policy_that_moved_on_since_the_preview_is_previewed_again() -> None:
    client = signed_in("Ada", Role.MANAGER)
    wanted = cells(unit__basics="public")
    page = client.post(reverse("records:policy"), {**wanted, "step": "preview"})
    seen = re.search(r'name="seen" value="([^"]*)"', page.content.decode()).group(1)
    services.set_policy(kind="unit", section="basics", mask=rules.PARTNERS, by=cast.OPERATOR)
    page = client.post(reverse("records:policy"), {**wanted, "step": "confirm", "seen": seen})
    assert "Somebody changed the sharing policy meanwhile" in text(page)
    assert "all partners everybody" in text(page)
    assert queries.policy() == {("unit", "basics"): rules.PARTNERS}


def test_nothing_is_saved_without_a_preview() -> None:
    client = signed_in("Ada", Role.MANAGER)
    page = client.post(reverse("records:policy"), {**cells(unit__basics="public"), "step": "confirm"})
    assert "Look at what the change does first" in text(page)
    assert not PolicyCell.objects.exists()


def test_a_cell_wider_than_its_basics_is_refused_at_the_cell() -> None:
    client = signed_in("Ada", Role.MANAGER)
    page = client.post(reverse("records:policy"), {**cells(unit__contact="public"), "step": "preview"})
    assert page.status_code == 422
    assert "units: Contact : “Contact” cannot be visible to more" in text(page)


def test_the_policy_is_for_those_who_may_set_it() -> None:
    unit = cast.unit()
    for roles in ((Role.READER,), ((Role.HEAD, str(unit)),)):
        client = signed_in(f"Ben{len(roles[0])}", *roles)
        assert client.get(reverse("records:policy")).status_code == 403
        assert client.post(reverse("records:policy"), cells()).status_code == 403
    assert Client().get(reverse("records:policy")).status_code == 302


def test_a_ready_policy_is_previewed_and_taken(django_capture_on_commit_callbacks) -> None:
    uid = cast.unit("One")
    put("unit", uid, contact={"mailbox": "one@alpha.example"})
    client = signed_in("Ada", Role.MANAGER)
    url = reverse("records:policy")
    assert "Closed in force" in text(client.get(url))
    page = client.post(url, {"step": "preview", "ready": "catalogue"})
    assert "units: Basics 1 opens to everybody our organisation only everybody" in text(page)
    assert "units: Contact" not in text(page)
    assert not PolicyCell.objects.exists()
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.content.decode()))
    with django_capture_on_commit_callbacks(execute=True):
        client.post(url, {**fields, "step": "confirm"}, follow=True)
    assert Unit.objects.visible(Viewer.public()).filter(uid=uid).exists()
    assert "Catalogue in force" in text(client.get(url))
    assert "exactly this already" in text(client.post(url, {"step": "preview", "ready": "catalogue"}))
    assert client.post(url, {"step": "preview", "ready": "nonsense"}).status_code == 404


def test_groups_of_partners_are_named_renamed_and_removed() -> None:
    client = signed_in("Ada", Role.MANAGER)
    page = text(client.post(reverse("records:groups"), {"name": "Nordic  imaging"}, follow=True))
    assert "Nordic imaging no members Nothing is shared with it." in page
    group = Audience.objects.get(sort=Audience.Sort.CIRCLE)
    again = client.post(reverse("records:groups"), {"name": "nordic imaging"})
    assert again.status_code == 422
    assert "a name that no other group or partner bears" in text(again)
    rename = reverse("records:group-rename", args=[group.pk])
    assert "Baltic imaging" in text(client.post(rename, {"name": "Baltic imaging"}, follow=True))
    assert "a name of 1 to 100" in text(client.post(rename, {"name": " "}, follow=True))
    assert "View as: Baltic imaging" in text(client.get(reverse("records:policy")))
    remove = reverse("records:group-remove", args=[group.pk])
    assert "No groups yet" in text(client.post(remove, follow=True))
    assert client.post(remove).status_code == 404


def test_a_group_that_something_is_or_was_shared_with_stays() -> None:
    group = services.add_audience(sort=Audience.Sort.CIRCLE, name="Nordic imaging", by=cast.OPERATOR)
    uid = cast.unit()
    share = {"kind": "unit", "uid": uid, "by": cast.OPERATOR}
    services.share_record(**share, masks={"basics": 1 << group.bit})
    client = signed_in("Ada", Role.MANAGER)
    remove = reverse("records:group-remove", args=[group.pk])
    page = text(client.get(reverse("records:groups")))
    assert "Named by 0 parts of the policy, and by 1 record itself." in page
    assert "named by the policy or by a record" in text(client.post(remove, follow=True))
    services.share_record(**share, masks={"basics": None})
    assert "must still hear what left" in text(client.post(remove, follow=True))
    assert Audience.objects.filter(pk=group.pk).exists()


def test_groups_are_for_those_who_may_set_the_policy() -> None:
    group = services.add_audience(sort=Audience.Sort.CIRCLE, name="Nordic imaging", by=cast.OPERATOR)
    client = signed_in("Ben", Role.READER)
    assert client.get(reverse("records:groups")).status_code == 403
    assert client.post(reverse("records:group-remove", args=[group.pk])).status_code == 403
    assert client.post(reverse("records:group-rename", args=[group.pk]), {"name": "x"}).status_code == 403
    assert Client().get(reverse("records:groups")).status_code == 302


# --- view as ---


def test_one_looks_with_the_eyes_of_an_audience_until_one_stops() -> None:
    uid = cast.unit()
    client = signed_in("Ada", Role.MANAGER)
    page = client.post(
        reverse("records:view-as"), {"audience": "public", "next": url("sharing", "unit", uid)}, follow=True
    )
    assert page.status_code == 404
    assert "You are looking with the eyes of: the public" in text(page)
    back = client.post(f"{reverse('records:view-as')}?next={url('sharing', 'unit', uid)}", follow=True)
    assert back.status_code == 200
    assert "You are looking" not in text(back)


def test_a_group_sees_what_all_partners_see_too() -> None:
    circle = services.add_audience(sort=Audience.Sort.CIRCLE, name="Nordic imaging", by=cast.OPERATOR)
    client = signed_in("Ada", Role.MANAGER)
    client.post(reverse("records:view-as"), {"audience": str(circle.token)})
    assert client.session["view_as"] == rules.PARTNERS | 1 << circle.bit
    page = client.get(url("history", "unit", uuid4()))
    assert "with the eyes of: Nordic imaging" in text(page)


def test_borrowed_eyes_see_nothing_that_ones_own_may_not() -> None:
    """Else a head who looks as a partner would learn what other units cost."""
    here, there = cast.unit("Light microscopy"), cast.unit("Mass spectrometry")
    near = cast.instrument("Confocal", here, legal_owner="Zebra Foundation")
    far = cast.instrument("Orbitrap", there, legal_owner="Okapi Foundation")
    for uid in (near, far):
        masks = {"basics": rules.PARTNERS, "economics": rules.PARTNERS}
        services.share_record(kind="instrument", uid=uid, masks=masks, share_from=None, by=cast.OPERATOR)
    head, manager = signed_in("Hana", (Role.HEAD, str(here))), signed_in("Mona", Role.MANAGER)
    for client in (head, manager):
        client.post(reverse("records:view-as"), {"audience": "partners"})
    for client, uid, owner, is_seen in (
        (head, near, "Zebra", True),
        (head, far, "Okapi", False),
        (manager, far, "Okapi", True),
    ):
        page = text(client.get(f"/instruments/{uid}/"))
        assert "with the eyes of: all partners" in page
        assert (f"{owner} Foundation" in page) is is_seen
        found = text(client.get("/instruments/", {"legal_owner": f"{owner} Foundation", "q": owner}))
        hits = text(client.get("/search/", {"q": owner}))
        assert ("Orbitrap" in found + hits) is (is_seen and uid == far)


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", ""])
def test_view_as_leads_nowhere_else(wanted: str) -> None:
    client = signed_in("Ada", Role.MANAGER)
    answer = client.post(reverse("records:view-as"), {"audience": "public", "next": wanted})
    assert answer["Location"] == "/"


def test_view_as_is_for_those_who_share_something() -> None:
    for client in (signed_in("Ben", Role.READER), Client()):
        answer = client.post(reverse("records:view-as"), {"audience": "partners"})
        assert answer.status_code == 403
        assert "view_as" not in client.session
    assert signed_in("Ada", Role.MANAGER).get(reverse("records:view-as")).status_code == 405
    ghost = signed_in("Eve", Role.MANAGER).post(reverse("records:view-as"), {"audience": str(uuid4())})
    assert ghost.status_code == 404


def test_borrowed_eyes_change_nothing() -> None:
    uid = cast.unit("Light microscopy")
    put("unit", uid, basics={"name": "Imaging"})
    services.share_record(kind="unit", uid=uid, masks={"basics": rules.PUBLIC}, by=cast.OPERATOR)
    client = signed_in("Ada", Role.MANAGER)
    client.post(reverse("records:view-as"), {"audience": "public"})
    to = {"section": "basics", "revision": "1"}
    assert client.post(url("revert", "unit", uid), to).status_code == 404
    assert client.post(url("sharing", "unit", uid), choices(basics="nobody")).status_code == 404
    assert client.post(reverse("records:restore", args=["unit"]), {"uid": [str(uid)]}).status_code == 404
    assert client.get(reverse("records:policy")).status_code == 403
    assert client.get(reverse("records:deleted")).status_code == 403
    assert Unit.objects.get(uid=uid).name == "Imaging"


# --- the badge ---


def test_the_badge_says_in_plain_words_who_sees_a_record() -> None:
    uid = cast.unit()
    put("unit", uid, contact={"mailbox": "lm@alpha.example"})
    unit = kind_of("unit")

    def badge(viewer: Viewer = cast.OPERATOR) -> str:
        return queries.badge_of(kind=unit, row=Unit.objects.get(uid=uid), viewer=viewer)

    assert badge() == "our organisation only"
    share = {"kind": "unit", "uid": uid, "by": cast.OPERATOR}
    services.share_record(**share, masks={"basics": rules.PUBLIC})
    assert badge() == "everybody, in part"
    services.share_record(**share, masks={"contact": rules.PUBLIC})
    assert badge() == "everybody"
    assert badge(Viewer.public()) == ""
