"""Reads: what each viewer finds, in how many queries."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

import cast
from cast import OPERATOR, seen_by
from parkbench.accounts.rules import Role
from parkbench.catalogue import queries, services
from parkbench.catalogue.models import DeviceModel, Maker
from parkbench.catalogue.queries import ModelFilter
from parkbench.catalogue.services import MakerFields, ModelFields
from parkbench.instruments import services as instruments
from parkbench.instruments.queries.conditions import Condition, Wanted, park
from parkbench.instruments.queries.instrument import instrument_page
from parkbench.instruments.queries.park import facets
from parkbench.lib.errors import NotFound
from parkbench.lib.urn import register_uid
from parkbench.records.models import OWN, REGISTER
from parkbench.records.services import Draft, publish, set_policy, widen
from parkbench.records.visibility import Viewer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("register")]

PUBLIC = Viewer.public()


@pytest.fixture
def own() -> UUID:
    services.add_maker(fields=MakerFields(name="00 Aardvark Optik"), by=OPERATOR)
    return services.add_model(
        fields=ModelFields(
            maker="00 Aardvark Optik", designation="Mik 1", techniques=["confocal-microscopy"]
        ),
        by=OPERATOR,
    )


def share_models() -> None:
    set_policy(kind="model", section="basics", mask=1, by=OPERATOR)
    widen(kind="model")


def found(viewer: Viewer = OPERATOR, **wanted: Any) -> queries.FoundModels:
    return queries.found_models(wanted=ModelFilter(**wanted), viewer=viewer)


def designations(viewer: Viewer = OPERATOR, **wanted: Any) -> list[str]:
    return [row.designation for row in found(viewer, **wanted).rows]


@pytest.mark.parametrize(
    "text", ["lsm980", "LSM-980", "zeiss lsm 980", "Carl Zeiss LSM980", "980 confocal zeiss"]
)
def test_words_find_whatever_their_spelling(text: str) -> None:
    assert designations(text=text) == ["LSM 980"]


def test_an_accession_finds_its_model() -> None:
    known = DeviceModel.objects.exclude(rrid=None).order_by("pk").first()
    assert known
    assert known.designation in designations(text=known.rrid)


def test_a_technique_takes_in_what_is_under_it() -> None:
    confocal = set(designations(technique="confocal-microscopy", per_page=1000))
    light = set(designations(technique="light-microscopy", per_page=1000))
    assert "LSM 980" in confocal
    assert confocal < light


def test_facets_count_what_choosing_them_would_show() -> None:
    whole = found()
    for facet, name in (
        (whole.facets.makers, "maker"),
        (whole.facets.techniques, "technique"),
        (whole.facets.families, "family"),
    ):
        for value, _label, count in facet[:6]:
            assert found(**{name: value}).total == count
    narrowed = found(maker="zeiss", technique="microscopy")
    assert {key: count for key, _label, count in narrowed.facets.makers}["zeiss"] == narrowed.total
    for value, _label, count in narrowed.facets.families[:3]:
        assert found(maker="zeiss", technique="microscopy", family=value).total == count


def test_pages_split_the_list_without_gap_or_repeat() -> None:
    whole = designations(per_page=10_000)
    split = [
        row.uid
        for page in range(1, found(per_page=300).pages + 1)
        for row in found(per_page=300, page=page).rows
    ]
    assert len(split) == len(set(split)) == len(whole)
    assert found(page=99_999).page == found().pages


@pytest.mark.parametrize("sort", sorted(queries.SORTS))
def test_every_order_goes_both_ways_and_leaves_empty_values_last(sort: str) -> None:
    up = found(sort=sort, per_page=10_000).rows
    down = found(sort=sort, is_descending=True, per_page=10_000).rows
    assert {row.uid for row in up} == {row.uid for row in down}
    column = {
        "end_of_sale": "end_of_sale_on",
        "end_of_service": "end_of_service_on",
        "life": "typical_life_years",
    }
    values = [getattr(row, column.get(sort, sort)) for row in down]
    filled = [value for value in values if value]
    assert values[: len(filled)] == filled


@pytest.mark.parametrize("viewer", [OPERATOR, PUBLIC], ids=["member", "public"])
def test_the_list_costs_the_same_at_any_size(viewer: Viewer, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(5):
        found(viewer, text="lsm", technique="microscopy")
    services.make_missing_makers(names=[f"Maker {number}" for number in range(50)], by=OPERATOR)
    drafts = [
        Draft(
            uid=uuid4(),
            sections={"basics": {"designation": f"LSM {at}x", "key": f"x/lsm-{at}x"}},
            is_new=True,
        )
        for at in range(500)
    ]
    publish(kind="model", drafts=drafts, by=OPERATOR)
    with django_assert_num_queries(5):
        found(viewer, text="lsm", technique="microscopy")
    with django_assert_num_queries(5):
        found(viewer)


def test_own_entries_show_to_members_and_to_those_they_are_shared_with(own: UUID) -> None:
    before = found(PUBLIC).total
    assert found(OPERATOR).total == before + 1
    assert designations(PUBLIC, text="mik1") == []
    assert designations(seen_by("Ben", Role.READER), text="mik1") == ["Mik 1"]
    share_models()
    shown = found(PUBLIC, text="mik1").rows
    assert [row.designation for row in shown] == ["Mik 1"]
    assert shown[0].maker is None
    assert shown[0].is_maker_hidden


def test_a_maker_that_is_not_shared_tells_nothing_by_search_order_or_suggestion(own: UUID) -> None:
    share_models()
    assert designations(PUBLIC, text="aardvark") == []
    assert found(OPERATOR, sort="maker", per_page=1).rows[0].designation == "Mik 1"
    assert designations(PUBLIC, sort="maker", per_page=10_000)[-1] == "Mik 1"
    assert queries.suggest_models(text="aardvark", viewer=PUBLIC) == []
    assert queries.suggest_models(text="mik 1", viewer=PUBLIC)[0].label == "Mik 1"
    assert "Aardvark" not in str(
        queries.model_labels(ids=[DeviceModel.objects.get(uid=own).pk], viewer=PUBLIC)
    )
    page = queries.model_page(uid=own, viewer=PUBLIC)
    assert page.maker is None
    assert "00-aardvark-optik" not in {key for key, *_rest in found(PUBLIC).facets.makers}


def test_an_own_entry_stands_in_for_the_shipped_one_with_its_key() -> None:
    uid = uuid4()
    body = {"designation": "LSM 980 ours", "key": "zeiss/lsm-980", "aliases": ["LSM 980"]}
    maker = Maker.objects.get(key="zeiss")
    body["maker_ref"] = f"https://register.invalid/id/maker/{maker.uid}"
    before = found().total
    publish(kind="model", drafts=[Draft(uid=uid, sections={"basics": body}, is_new=True)], by=OPERATOR)
    assert found().total == before
    assert designations(text="lsm980") == ["LSM 980 ours"]
    assert designations(PUBLIC, text="lsm980") == ["LSM 980"]
    targets = queries.link_targets(OPERATOR)
    assert targets.model_id("Zeiss", "LSM 980") == DeviceModel.objects.get(uid=uid, home_id=OWN).pk


def test_the_index_takes_two_queries_and_links_every_shipped_model(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2):
        targets = queries.link_targets(OPERATOR)
    for model in DeviceModel.objects.live().select_related("maker"):
        assert targets.model_id(model.maker.name, model.designation) == model.pk
        assert targets.model_id("", f"{model.maker.name} {model.designation}") == model.pk
    assert targets.model_id("Zeiss", "LSM 981") is None
    assert targets.maker_key("Carl Zeiss AG") == "zeiss"


def test_suggestions_begin_with_what_begins_so(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        shown = queries.suggest_models(text="lsm", viewer=PUBLIC, limit=3)
    assert [one.key for one in shown] == ["zeiss/lsm-310", "zeiss/lsm-410", "zeiss/lsm-5-exciter"]
    assert "ZEISS" in [one.label for one in queries.suggest_makers(text="carl zei", viewer=PUBLIC)]
    assert queries.suggest_makers(text=" - ", viewer=PUBLIC) == []


def test_a_maker_is_named_by_text_or_key() -> None:
    for text in ("Carl Zeiss", "thermo-fisher"):
        assert queries.maker_named(text=text, viewer=PUBLIC)
    assert queries.maker_named(text="Nobody", viewer=PUBLIC) is None


def test_the_page_of_a_model(django_assert_max_num_queries: Any, own: UUID) -> None:
    with django_assert_max_num_queries(11):
        page = queries.model_page(uid=register_uid("model", "zeiss/lsm-880"), viewer=OPERATOR)
    assert page.successor is not None
    assert page.successor.key == "zeiss/lsm-980"
    assert "zeiss/lsm-980" in {model.key for model in page.siblings}
    assert "confocal-microscopy" in {technique.key for technique in page.techniques}
    assert (page.place.is_shipped, page.place.visible_to, page.place.may_edit) == (True, "everybody", False)
    ours = queries.model_page(uid=own, viewer=OPERATOR)
    assert (ours.place.is_own, ours.place.visible_to, ours.place.may_edit) == (
        True,
        "our organisation only",
        True,
    )
    assert ours.siblings == []
    with pytest.raises(NotFound):
        queries.model_page(uid=own, viewer=PUBLIC)


def test_the_page_of_a_maker_tells_its_line(django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(6):
        page = queries.maker_page(uid=register_uid("maker", "thermo-fisher"), viewer=PUBLIC)
    assert ("fei", "2016") in {(maker.key, maker.succeeded_on) for maker in page.predecessors}
    assert page.models
    fei = queries.maker_page(uid=register_uid("maker", "fei"), viewer=PUBLIC)
    assert fei.successor is not None
    assert fei.successor.key == "thermo-fisher"


def test_the_page_of_a_technique_takes_in_what_is_under_it(django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(6):
        page = queries.technique_page(uid=register_uid("technique", "light-microscopy"), viewer=PUBLIC)
    assert [technique.key for technique in page.path] == ["microscopy"]
    assert {node.depth for node in page.below} >= {0, 1}
    assert "LSM 980" in {model.designation for model in page.models}


def test_the_tree_holds_every_technique_once(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2):
        nodes = queries.technique_tree(viewer=PUBLIC)
    assert len({node.technique.key for node in nodes}) == len(nodes) == len(queries.technique_names(PUBLIC))
    counts = {node.technique.key: node.model_count for node in nodes}
    assert counts["microscopy"] == found(PUBLIC, technique="microscopy").total


def test_the_list_of_makers_counts_models(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(4):
        rows = queries.maker_rows(wanted=queries.MakerFilter(), viewer=PUBLIC)
    counts = {row.maker.key: row.model_count for row in rows}
    assert counts["zeiss"] == found(PUBLIC, maker="zeiss").total
    assert {row.successor.key for row in rows if row.maker.key == "fei" and row.successor} == {
        "thermo-fisher"
    }


def test_the_list_of_makers_is_searched_sorted_and_paged() -> None:
    def names(**asked: Any) -> list[str]:
        wanted = queries.MakerFilter(**{"per_page": 10_000, **asked})
        return [row.maker.name for row in queries.found_makers(wanted=wanted, viewer=PUBLIC).rows]

    assert names() == sorted(names(), key=str.casefold)
    assert names(is_descending=True) == names()[::-1]
    assert "ZEISS" in names(text="carl zeiss")
    assert len(names(text="carl zeiss")) < 5
    wanted = queries.MakerFilter(sort="models", is_descending=True, per_page=5)
    page = queries.found_makers(wanted=wanted, viewer=PUBLIC)
    counts = [row.model_count for row in page.rows]
    assert counts == sorted(counts, reverse=True)
    assert page.total == len(names())
    assert page.pages == -(-page.total // 5)
    for sort in ("country", "successor"):
        for is_descending in (False, True):
            wanted = queries.MakerFilter(sort=sort, is_descending=is_descending, per_page=10_000)
            rows = queries.found_makers(wanted=wanted, viewer=PUBLIC).rows
            texts = [
                (row.maker.country or "") if sort == "country" else str(row.successor or "") for row in rows
            ]
            filled = [text.casefold() for text in texts if text]
            assert filled == sorted(filled, reverse=is_descending)
            assert not any(texts[len(filled) :])


def test_labels_read_as_people_write_them() -> None:
    model = DeviceModel.objects.get(key="zeiss/lsm-980")
    assert queries.model_labels(ids=[model.pk, 0], viewer=PUBLIC) == {model.pk: "ZEISS LSM 980"}
    assert str(model) == "LSM 980"
    assert model.get_absolute_url() == f"/models/{model.uid}/"
    assert queries.model_ids(keys=["zeiss/lsm-980", "x"], viewer=PUBLIC) == {"zeiss/lsm-980": model.pk}


def own_in_place(key: str, techniques: list[str]) -> UUID:
    row = DeviceModel.objects.get(key=key, home_id=REGISTER)
    fields = ModelFields(designation=row.designation, maker=row.maker.name, techniques=techniques)
    return services.override(kind="model", uid=row.uid, fields=fields, by=OPERATOR)


def test_own_facts_of_a_model_reach_the_technique_filter_of_instruments(
    django_assert_num_queries: Any,
) -> None:
    shipped = DeviceModel.objects.get(key="zeiss/lsm-980")
    mine = cast.instrument("Mine", cast.unit())
    instruments.link_model(uid=mine, model=shipped, by=OPERATOR)

    def listed(technique: str, viewer: Viewer = OPERATOR) -> list[str]:
        wanted = Wanted(conditions=(Condition("techniques", values=(technique,)),))
        return [row.name for row in park(viewer, wanted)]

    def counted() -> dict[str, int]:
        options = facets(viewer=OPERATOR, wanted=Wanted())["techniques"]
        return {option.value: option.count for option in options}

    before = shipped.techniques.strip("|").split("|")
    assert listed(before[0]) == ["Mine"]
    assert counted() == dict.fromkeys(before, 1)
    uid = own_in_place("zeiss/lsm-980", ["flow-cytometry"])
    assert (listed("flow-cytometry"), listed(before[0])) == (["Mine"], [])
    assert counted() == {"flow-cytometry": 1}
    page = instrument_page(uid=mine, viewer=OPERATOR)
    assert [technique.key for technique in page.techniques] == ["flow-cytometry"]
    with django_assert_num_queries(2):
        queries.models_with("flow-cytometry", OPERATOR)
        queries.technique_texts([shipped.pk], OPERATOR)
    assert shipped.pk in queries.models_with(before[0], PUBLIC)
    assert shipped.pk not in queries.models_with("flow-cytometry", PUBLIC)
    assert queries.technique_texts([shipped.pk], PUBLIC) == {shipped.pk: shipped.techniques}
    services.take_back(kind="model", uid=uid, by=OPERATOR)
    assert counted() == dict.fromkeys(before, 1)
    own_in_place("zeiss/lsm-980", [])
    assert counted() == {}
