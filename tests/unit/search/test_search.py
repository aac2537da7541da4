"""What is found, in which order, and what a viewer must not be able to tell."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parkbench.records.models import OWN, Home
from parkbench.records.rules import PARTNERS
from parkbench.records.rules import PUBLIC as EVERYBODY
from parkbench.records.services import Draft, delete, publish, restore
from parkbench.records.visibility import Viewer
from parkbench.search.queries import search, statement, suggestions
from unit.search.conftest import MANAGER, PUBLIC, READER, add_unit, share

pytestmark = pytest.mark.django_db


def titles(text: str, viewer: Viewer = MANAGER, **more: Any) -> list[str]:
    """Return the titles found, in order."""
    found = search(text=text, viewer=viewer, **more)
    return [hit.title for group in found.groups for hit in group.hits]


@pytest.fixture(params=["sorted", "walked"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Answer by either of the two ways: sorting what matched, or walking the titles."""
    monkeypatch.setattr(statement, "FREQUENT", 10**9 if request.param == "sorted" else 0)


@pytest.mark.usefixtures("way")
def test_it_ranks_exact_then_beginning_then_word_then_elsewhere_then_shorter() -> None:
    for name in ("Old Zeiss", "Zeiss", "Zeiss lab two", "Zeiss lab", "A very old Zeiss lab"):
        add_unit(name)
    add_unit("Elsewhere", description="has a Zeiss")
    assert titles("zeiss") == [
        "Zeiss", "Zeiss lab", "Zeiss lab two", "Old Zeiss", "A very old Zeiss lab", "Elsewhere",
    ]  # fmt: skip


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("text", ["LSM980", "lsm 980", "LSM-980", "lsm98", "980"])
def test_it_finds_a_model_however_it_is_spelt(text: str) -> None:
    add_unit("Confocal LSM980")
    add_unit("Confocal LSM 980 upright")
    assert titles(text) == ["Confocal LSM980", "Confocal LSM 980 upright"]


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("text", ["angstrom", "Ångström", "ANGSTRÖM", "ångstr"])
def test_it_finds_swedish_with_and_without_its_letters(text: str) -> None:
    add_unit("Ångströmlaboratoriet")
    assert titles(text) == ["Ångströmlaboratoriet"]


def test_it_finds_german_sharp_s_both_ways() -> None:
    add_unit("Weißlicht")
    assert titles("weisslicht") == titles("weißlicht") == ["Weißlicht"]


@pytest.mark.usefixtures("way")
def test_a_closed_section_is_found_by_those_who_see_it_alone() -> None:
    share("unit", "basics", EVERYBODY)
    share("unit", "contact", EVERYBODY)
    uid = add_unit("Proteomics", contact="Quisling Grantmoney")
    found = search(text="grantmoney", viewer=MANAGER)
    assert found.counts == {"unit": 1}
    hit = found.groups[0].hits[0]
    assert (hit.uid, hit.section, hit.snippet) == (uid, "contact", "Quisling Grantmoney")
    assert search(text="grantmoney", viewer=READER).groups == ()
    assert search(text="grantmony", viewer=READER).corrections == ()
    assert search(text="grantmony", viewer=MANAGER).corrections == (("grantmony", "grantmoney"),)


def test_the_public_finds_what_is_public_of_own_records_only() -> None:
    share("unit", "basics", EVERYBODY)
    add_unit("Open hall", contact="Hiddenword")
    share("unit", "basics", PARTNERS)
    add_unit("Partners hall")
    share("unit", "basics", 0)
    add_unit("Closed hall")
    assert titles("hall", PUBLIC) == ["Open hall"]
    assert titles("hiddenword", PUBLIC) == []
    assert sorted(titles("hall", Viewer.as_audiences(PARTNERS))) == ["Open hall", "Partners hall"]
    assert sorted(titles("hall", READER)) == ["Closed hall", "Open hall", "Partners hall"]


def test_a_partners_record_is_found_by_members_with_its_home() -> None:
    uid = add_unit("Distant microscope")
    partner = Home.objects.create(address="https://beta.example", name="Beta institute")
    kind_model = statement.scopes(viewer=MANAGER, only=["unit"], asked=statement.rules.ask("x"))[0].kind.model
    kind_model._default_manager.filter(uid=uid).update(home=partner, is_public=True, audience_mask=1)
    hit = search(text="distant", viewer=READER).groups[0].hits[0]
    assert (hit.home, hit.is_own) == ("Beta institute", False)
    assert search(text="distant", viewer=PUBLIC).groups == ()


WORLD = [
    ("Zeiss lab", "", "common words here"),
    ("Old zeiss", "", "common"),
    ("Common room", "", "zeiss"),
    ("Another", "", "common zeiss"),
]
QUERIES = ["zeiss", "common", "zeis", "zeiss common", "room", "secret", "secrat", "comm", "lab old", "zeissa"]


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("viewer", [PUBLIC, Viewer.as_audiences(4)], ids=["public", "circle"])
def test_hidden_rows_change_neither_hits_nor_counts_nor_order_nor_corrections(viewer: Viewer) -> None:
    share("unit", "basics", EVERYBODY)
    share("unit", "contact", EVERYBODY)
    for name, _contact, text in WORLD:
        add_unit(name, description=text)
    before = [search(text=text, viewer=viewer) for text in QUERIES]
    share("unit", "basics", 0)
    share("unit", "contact", 0)
    for number, name in enumerate(("Zeiss", "Zeis", "Common", "Secret", "Zeissa", "Room", "Lab", "Old")):
        add_unit(name, description=f"zeiss common secret {'common ' * number}", contact="zeiss secret")
    assert [search(text=text, viewer=viewer) for text in QUERIES] == before


@pytest.mark.usefixtures("way")
def test_hidden_sections_change_nothing_for_a_reader() -> None:
    share("unit", "basics", EVERYBODY)
    uids = [uuid4() for _ in WORLD]
    for uid, (name, _contact, text) in zip(uids, WORLD, strict=True):
        add_unit(name, uid=uid, description=text)
    before = [search(text=text, viewer=READER) for text in QUERIES]
    for uid in uids:
        body = {"person_name": "Zeiss Secret Common Zeissa Zeis", "mailbox": "lab-old@room.example"}
        publish(kind="unit", drafts=[Draft(uid=uid, sections={"contact": body})], by=MANAGER)
    assert search(text="secret", viewer=MANAGER).counts == {"unit": 4}
    assert [search(text=text, viewer=READER) for text in QUERIES] == before


def test_a_head_finds_the_closed_section_of_that_unit_alone() -> None:
    from parkbench.accounts.rules import Held, Role

    mine = add_unit("Mine", contact="Vault")
    add_unit("Theirs", contact="Vault")
    head = Viewer(grants=(Held(Role.HEAD, str(mine)),))
    found = search(text="vault", viewer=head)
    assert [(hit.title, hit.snippet) for hit in found.groups[0].hits] == [("Mine", "Vault")]
    assert found.count == 1


@pytest.mark.usefixtures("way")
def test_a_record_found_by_two_sections_counts_once() -> None:
    add_unit("Zeiss lab", contact="Carl Zeiss")
    add_unit("Other", contact="Carl Zeiss")
    found = search(text="zeiss", viewer=MANAGER)
    assert [hit.title for hit in found.groups[0].hits] == ["Zeiss lab", "Other"]
    assert found.count == 2


NASTY = ['"', "'", "a AND", "NEAR(a b)", "*", "a*b", "(", "NOT x", "a OR", "body:x", "^a", "{a}", "-", "a''b",
         "\\", "%", "_", ";DROP TABLE x", "'::tsquery", "a & | !b", "<->", "\x00a", "ß" * 300, "1e5", "½",
         "ﷺ"]  # fmt: skip


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("text", NASTY)
def test_no_typed_mark_is_an_operator(text: str) -> None:
    add_unit("Apparatus a b")
    assert search(text=text, viewer=MANAGER).text == text


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80, deadline=None)
@given(st.text(max_size=30))
def test_nothing_typed_fails(text: str) -> None:
    assert search(text=text, viewer=MANAGER).count == 0


def test_it_puts_a_misspelt_word_right_and_says_so() -> None:
    add_unit("Zeiss lab")
    found = search(text="zeis", viewer=MANAGER)
    assert found.corrections == ()  # the beginning of a word is no misspelling
    found = search(text="ziess lab", viewer=MANAGER)
    assert found.corrections == (("ziess", "zeiss"),)
    assert found.counts == {"unit": 1}


def test_it_offers_nothing_for_words_that_are_right_but_never_together() -> None:
    add_unit("Zeiss lab")
    add_unit("Leica hall")
    found = search(text="zeiss hall", viewer=MANAGER)
    assert (found.groups, found.corrections) == ((), ())


def test_words_for_a_kind_list_it_or_put_it_first() -> None:
    add_unit("Imaging")
    assert titles("core facility") == ["Imaging"]
    assert titles("imaging core facility") == ["Imaging"]


def test_one_kind_is_paged() -> None:
    for number in range(60):
        add_unit(f"Hall {number:02}")
    first = search(text="hall", viewer=MANAGER, only=["unit"]).groups[0]
    second = search(text="hall", viewer=MANAGER, only=["unit"], page=2).groups[0]
    assert (len(first.hits), len(second.hits), second.pages, second.count) == (50, 10, 2, 60)
    beyond = search(text="hall", viewer=MANAGER, only=["unit"], page=9).groups[0]
    assert beyond.page == 1
    assert len({hit.uid for hit in (*first.hits, *second.hits)}) == 60


def test_changed_deleted_and_restored_records_are_found_as_they_are() -> None:
    uid = add_unit("Firstname")
    publish(kind="unit", drafts=[Draft(uid=uid, sections={"basics": {"name": "Secondname"}})], by=MANAGER)
    assert titles("firstname") == []
    assert titles("secondname") == ["Secondname"]
    delete(kind="unit", uids=[uid], by=MANAGER)
    assert titles("secondname") == []
    restore(kind="unit", uids=[uid], by=MANAGER)
    assert titles("secondname") == ["Secondname"]


def test_the_number_of_statements_is_the_same_for_few_and_many(django_assert_max_num_queries: Any) -> None:
    for number in range(20):
        add_unit(f"Hall {number:02}", contact="Keeper")
    with django_assert_max_num_queries(3):
        search(text="hall", viewer=MANAGER)


def test_suggestions_are_the_best_visible_hits() -> None:
    share("unit", "basics", EVERYBODY)
    add_unit("Mass spectrometry")
    share("unit", "basics", 0)
    add_unit("Mass hidden")
    assert [hit.title for hit in suggestions(text="mas", viewer=PUBLIC)] == ["Mass spectrometry"]
    assert suggestions(text="  ", viewer=PUBLIC) == []


def test_a_long_text_is_cut_around_the_word() -> None:
    add_unit("Hall", description=f"{'before ' * 60} needle {'after ' * 60}")
    snippet = search(text="needle", viewer=MANAGER).groups[0].hits[0].snippet
    assert "needle" in snippet
    assert snippet.startswith("… ")
    assert len(snippet) <= 170


def test_own_home_is_told() -> None:
    uid: UUID = add_unit("Hall")
    hit = search(text="hall", viewer=MANAGER).groups[0].hits[0]
    assert (hit.uid, hit.is_own, hit.home) == (uid, True, Home.objects.get(pk=OWN).name)
