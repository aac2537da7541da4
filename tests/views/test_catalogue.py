"""Pages of the catalogue, as the public, a reader and a manager get them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse

from cast import OPERATOR, person
from parkbench.accounts.rules import Role
from parkbench.catalogue import services
from parkbench.catalogue.models import DeviceModel, Maker, Technique
from parkbench.catalogue.services import MakerFields, ModelFields
from parkbench.lib.urn import register_uid
from parkbench.records.queries import own_address
from parkbench.records.visibility import Viewer
from parkbench.ui import slots
from parkbench.ui.slots import Panel

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("register")]

LSM_980 = register_uid("model", "zeiss/lsm-980")


@pytest.fixture
def manager(client: Client) -> Client:
    client.force_login(person("Ada", Role.MANAGER))
    return client


@pytest.fixture
def reader() -> Client:
    client = Client()
    client.force_login(person("Ben", Role.READER))
    return client


@pytest.fixture
def public() -> Client:
    return Client()


@pytest.fixture
def own_model() -> UUID:
    services.add_maker(
        fields=MakerFields(name="Orebro Optik AB", successor="Zeiss", succeeded_on="2024"), by=OPERATOR
    )
    fields = ModelFields(
        maker="Orebro Optik", designation="Mik 1", family="Mik", techniques=["confocal-microscopy"]
    )
    return services.add_model(fields=fields, by=OPERATOR)


@pytest.fixture
def who_has_it() -> Iterator[None]:
    def panel(*, ids: Any, viewer: Viewer) -> Panel:
        return Panel("Who has it", "ui/empty.html", {"empty": {"title": f"nobody has {ids[0]}"}})

    def count(*, ids: Any, viewer: Viewer) -> Panel:
        return Panel("Instruments", "", {"counts": {str(LSM_980): 4711}, "urls": {str(LSM_980): "/there/"}})

    slots.register("model", "who-has-it", panel)
    slots.register("model", "count", count)
    yield
    slots.unregister("model", "who-has-it", panel)
    slots.unregister("model", "count", count)


def page(client: Client, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status, answer.content.decode()[:2000]
    return answer.content.decode()


def test_the_list_narrows_by_words_maker_technique_and_family(public: Client) -> None:
    everything = page(public, reverse("catalogue:models"))
    assert re.search(r"1–50 of [2-9],?\d\d\d", everything)
    narrowed = page(public, "/models/?maker=zeiss&family=LSM&technique=light-microscopy&q=lsm980")
    assert reverse("catalogue:model", args=[LSM_980]) in narrowed
    assert "LSM 880" not in re.sub(r"<aside.*?</aside>", "", narrowed, flags=re.DOTALL)
    assert "Clear all" in narrowed


def test_the_list_turns_its_order_and_keeps_conditions_in_the_pager(public: Client) -> None:
    shown = page(public, "/models/?technique=microscopy&sort=designation")
    assert 'aria-sort="ascending"' in shown
    assert "sort=-designation" in shown
    assert "technique=microscopy&amp;sort=designation&amp;page=2" in shown
    assert 'aria-sort="descending"' in page(public, "/models/?sort=-designation")


@pytest.mark.parametrize(
    "query", ["?page=x", "?page=99999", "?sort=nonsense", "?technique=none", "?q=%00%27", "?q=..."]
)
def test_the_list_bears_nonsense(public: Client, query: str) -> None:
    page(public, f"/models/{query}")


def test_the_list_shows_every_value_of_a_facet_when_asked(public: Client) -> None:
    few = page(public, "/models/")
    whole = page(public, "/models/?all=maker")
    assert "all=maker" in few
    assert whole.count("maker=") > few.count("maker=")


def test_rooms_above_fill_a_column_and_a_panel(public: Client, who_has_it: None) -> None:
    shown = page(public, "/models/?q=lsm980")
    assert "4711" in shown
    assert 'href="/there/"' in shown
    assert f"nobody has {LSM_980}" in page(public, reverse("catalogue:model", args=[LSM_980]))


def test_the_page_of_a_shipped_model_shows_facts_family_source_and_licence(public: Client) -> None:
    shown = page(public, reverse("catalogue:model", args=[LSM_980]))
    for expected in (
        "LSM 980",
        "LSM 880",
        "Confocal microscopy",
        "Shipped register",
        "Source",
        "Licence",
        "everybody",
    ):
        assert expected in shown
    assert "partner</span>" not in shown


@pytest.mark.parametrize(("name", "model", "key"), [
    ("maker", Maker, "zeiss"),
    ("technique", Technique, "confocal-microscopy"),
])  # fmt: skip
def test_makers_and_techniques_have_pages(public: Client, name: str, model: Any, key: str) -> None:
    row = model.objects.get(key=key)
    shown = page(public, row.get_absolute_url())
    assert row.name in shown
    assert "LSM 980" in shown


def test_the_whole_lists_of_makers_and_techniques(public: Client) -> None:
    assert reverse("catalogue:maker", args=[register_uid("maker", "zeiss")]) in page(
        public, "/makers/?q=carl+zeiss"
    )
    assert "Confocal microscopy" in page(public, "/techniques/")


@pytest.mark.parametrize("name", ["model", "maker", "technique"])
def test_what_is_not_there_is_not_found(public: Client, name: str) -> None:
    page(public, reverse(f"catalogue:{name}", args=[uuid4()]), status=404)


def test_own_entries_are_for_members_until_they_are_shared(
    public: Client, reader: Client, manager: Client, own_model: UUID
) -> None:
    url = reverse("catalogue:model", args=[own_model])
    maker = Maker.objects.get(key="orebro-optik")
    page(public, url, status=404)
    page(public, maker.get_absolute_url(), status=404)
    assert "Mik 1" not in page(public, "/models/?q=mik")
    assert "Mik 1" not in page(public, "/techniques/")
    seen = page(reader, url)
    assert "our organisation only" in seen
    assert reverse("catalogue:model-edit", args=[own_model]) not in seen
    assert reverse("catalogue:model-edit", args=[own_model]) in page(manager, url)
    assert "2024" in page(reader, maker.get_absolute_url())
    assert "Orebro" not in page(public, reverse("catalogue:maker", args=[register_uid("maker", "zeiss")]))


def test_the_public_gets_no_more_in_counts_or_suggestions(
    public: Client, reader: Client, own_model: UUID
) -> None:
    assert "Mik 1" in page(reader, "/models/suggest/?model=orebro")
    assert "Mik" not in page(public, "/models/suggest/?model=mik+1")
    assert "Orebro" not in page(public, "/makers/suggest/?maker=orebro")
    total = re.compile(r"of (\d+)</p>")
    theirs = total.search(page(public, "/models/"))
    ours = total.search(page(reader, "/models/"))
    assert theirs
    assert ours
    assert int(ours[1]) == int(theirs[1]) + 1


def test_suggestions_are_options(public: Client) -> None:
    assert '<option value="ZEISS LSM 980"></option>' in page(
        public, "/models/suggest/?successor=zeiss+lsm+98"
    )
    assert '<option value="ZEISS"></option>' in page(public, "/makers/suggest/?maker=zei")
    assert "option" not in page(public, "/makers/suggest/")


@pytest.mark.parametrize("name", ["catalogue:model-add", "catalogue:maker-add", "catalogue:technique-add"])
def test_forms_are_for_those_who_may(public: Client, reader: Client, manager: Client, name: str) -> None:
    assert public.get(reverse(name)).status_code == 302
    assert public.get(reverse(name.replace("add", "edit"), args=[uuid4()])).status_code == 302
    assert reader.get(reverse(name)).status_code == 403
    assert "<form" in page(manager, reverse(name))


def test_a_manager_adds_a_maker_and_a_model(manager: Client) -> None:
    answer = manager.post("/makers/new/", {"name": "Orebro Optik AB", "aliases": "OOAB\n\n", "country": "se"})
    maker = Maker.objects.get(key="orebro-optik")
    assert answer.headers["Location"] == maker.get_absolute_url()
    assert (maker.aliases, maker.country) == (["OOAB"], "SE")
    posted = {
        "maker": "ooab",
        "designation": "Mik 1+",
        "techniques": ["confocal-microscopy"],
        "end_of_sale_on": "31.12.2025",
        "typical_life_years": "9",
        "successor": "Zeiss LSM 980",
    }
    answer = manager.post("/models/new/", posted)
    model = DeviceModel.objects.get(key="orebro-optik/mik-1-plus")
    assert answer.headers["Location"] == model.get_absolute_url()
    assert model.end_of_sale_on is not None
    assert model.end_of_sale_on.isoformat() == "2025-12-31"
    assert model.successor is not None
    assert "Saved." in page(manager, model.get_absolute_url())


def test_a_refused_form_keeps_what_was_typed_and_says_where(manager: Client) -> None:
    answer = manager.post("/models/new/", {"maker": "Nobody Ltd", "designation": "Mik <1>", "rrid": "x"})
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert "Mik &lt;1&gt;" in shown
    assert "a maker of the catalogue" in shown
    answer = manager.post(
        "/models/new/", {"maker": "Zeiss", "designation": "Mik 1", "rrid": "x", "end_of_sale_on": "soon"}
    )
    assert answer.status_code == 422
    assert "Expected a date such as" in answer.content.decode()
    answer = manager.post("/models/new/", {"maker": "Zeiss", "designation": "Mik 1", "rrid": "x"})
    assert "an identifier such as RRID:SCR_020293" in answer.content.decode()
    answer = manager.post("/models/new/", {"maker": "Zeiss", "designation": "LSM-980"})
    assert "in the catalogue already" in answer.content.decode()


def test_an_own_model_is_edited_and_a_shipped_one_is_not(manager: Client, own_model: UUID) -> None:
    url = reverse("catalogue:model-edit", args=[own_model])
    form = page(manager, url)
    assert 'value="Orebro Optik AB"' in form
    assert re.search(r'value="confocal-microscopy" selected', form)
    answer = manager.post(url, {"maker": "Orebro Optik AB", "designation": "Mik 2", "revision": "1"})
    assert answer.status_code == 302
    assert DeviceModel.objects.get(uid=own_model).key == "orebro-optik/mik-2"
    shipped = manager.get(reverse("catalogue:model-edit", args=[LSM_980]))
    assert shipped.status_code == 400


def test_two_editors_do_not_overwrite_each_other(manager: Client, own_model: UUID) -> None:
    url = reverse("catalogue:model-edit", args=[own_model])
    mine = {"maker": "Orebro Optik", "designation": "Mik 1", "family": "Mine", "revision": "1"}
    manager.post(url, {**mine, "family": "Theirs"})
    answer = manager.post(url, mine)
    shown = answer.content.decode()
    assert answer.status_code == 409
    assert "<del>Theirs</del>" in shown
    assert "<ins>Mine</ins>" in shown
    assert 'name="revision" value="2"' in shown
    assert manager.post(url, {**mine, "revision": "2"}).status_code == 302
    assert DeviceModel.objects.get(uid=own_model).family == "Mine"


def test_an_own_maker_is_edited(manager: Client, own_model: UUID) -> None:
    maker = Maker.objects.get(key="orebro-optik")
    url = reverse("catalogue:maker-edit", args=[maker.uid])
    assert 'value="ZEISS"' in page(manager, url)
    assert manager.post(url, {"name": "Optik Orebro", "revision": "1"}).status_code == 302
    maker.refresh_from_db()
    assert (maker.name, maker.key, maker.successor) == ("Optik Orebro", "orebro-optik", None)


# --- own entries in the place of shipped ones ---


def override(manager: Client, **changes: str) -> DeviceModel:
    url = reverse("catalogue:model-override", args=[LSM_980])
    form = page(manager, url)
    assert 'value="LSM 980"' in form
    assert 'value="ZEISS"' in form
    posted = {"maker": "ZEISS", "designation": "LSM 980", "family": "LSM", **changes}
    answer = manager.post(url, posted)
    assert answer.status_code == 302, answer.content.decode()[:3000]
    return DeviceModel.objects.get(home_id=1, key="zeiss/lsm-980")


def text(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_an_own_entry_is_put_in_the_place_of_a_shipped_one_and_taken_back(
    manager: Client, public: Client
) -> None:
    shipped_url = reverse("catalogue:model", args=[LSM_980])
    assert "Put an own entry in its place" in page(manager, shipped_url)
    assert "Put an own entry" not in page(public, shipped_url)
    own = override(manager, end_of_service_on="2034-06-30", source="Letter of 2026")
    shown = text(page(manager, own.get_absolute_url()))
    assert "This entry of our own stands in for the one that comes with Parkbench." in shown
    assert "30 June 2034" in shown
    assert "Letter of 2026" in shown
    assert "An entry of our own stands in for this one" in text(page(manager, shipped_url))
    assert "stands in" not in text(page(public, shipped_url))
    assert own.get_absolute_url() in page(manager, "/models/?q=lsm980")
    assert shipped_url not in page(manager, "/models/?q=lsm980")
    assert shipped_url in page(public, "/models/?q=lsm980")
    for uid in (own.uid, LSM_980):
        beside = text(page(manager, reverse("catalogue:model-shipped", args=[uid])))
        assert "End of service — not given 2034-06-30 differs" in beside
        assert "Designation LSM 980 LSM 980 alike" in beside
    answer = manager.post(reverse("catalogue:model-take-back", args=[own.uid]), follow=True)
    assert "The shipped entry stands again." in answer.content.decode()
    assert shipped_url in page(manager, "/models/?q=lsm980")
    assert manager.get(own.get_absolute_url()).status_code == 404
    assert "LSM 980" in page(manager, reverse("records:deleted"))


def test_an_own_entry_keeps_the_key_and_the_maker_of_the_shipped_one(manager: Client) -> None:
    own = override(manager, designation="LSM 980 with Airyscan 2")
    assert own.designation == "LSM 980 with Airyscan 2"
    url = reverse("catalogue:model-edit", args=[own.uid])
    answer = manager.post(url, {"maker": "Leica", "designation": "X", "revision": "1"})
    assert answer.status_code == 422
    assert "the maker of the shipped entry" in answer.content.decode()
    again = {"maker": "ZEISS", "designation": "LSM 980 new", "revision": "1"}
    assert manager.post(url, again).status_code == 302
    own.refresh_from_db()
    assert own.key == "zeiss/lsm-980"


def test_there_is_one_own_entry_beside_a_shipped_one(manager: Client) -> None:
    own = override(manager)
    answer = manager.get(reverse("catalogue:model-override", args=[LSM_980]))
    assert answer.status_code == 400
    assert "stands in for this one already" in answer.content.decode()
    assert manager.get(reverse("catalogue:model-override", args=[own.uid])).status_code == 400
    answer = manager.post(reverse("catalogue:model-remove", args=[own.uid]), follow=True)
    assert "Take that one back instead" in answer.content.decode()


def test_names_of_shipped_models_are_not_taken(manager: Client) -> None:
    posted = {"maker": "Zeiss", "designation": "Mik 1", "aliases": "LSM 980"}
    answer = manager.post("/models/new/", posted)
    assert answer.status_code == 422
    assert "“LSM 980” is in the catalogue already, as zeiss/lsm-980" in answer.content.decode()


def test_an_own_maker_in_the_place_of_a_shipped_one_keeps_its_models(manager: Client, public: Client) -> None:
    zeiss = register_uid("maker", "zeiss")
    url = reverse("catalogue:maker-override", args=[zeiss])
    assert 'value="ZEISS"' in page(manager, url)
    posted = {"name": "Zeiss Microscopy", "aliases": "ZEISS\nCarl Zeiss", "country": "DE"}
    assert manager.post(url, posted).status_code == 302
    own = Maker.objects.get(home_id=1, key="zeiss")
    assert "LSM 980" in page(manager, own.get_absolute_url())
    assert "Zeiss Microscopy" in page(manager, reverse("catalogue:model", args=[LSM_980]))
    listed = page(manager, "/models/?maker=zeiss&q=lsm980")
    assert "Zeiss Microscopy" in listed
    assert "LSM 980" in listed
    assert "Zeiss Microscopy" not in page(public, "/models/?maker=zeiss&q=lsm980")
    # Named by the id that is alike on all nodes, so that taking it back leaves nothing behind.
    made = manager.post("/models/new/", {"maker": "Zeiss Microscopy", "designation": "Mik 1"})
    assert made.status_code == 302
    model = DeviceModel.objects.get(key="zeiss/mik-1")
    assert model.maker is not None
    assert model.maker.uid == zeiss
    manager.post(reverse("catalogue:maker-take-back", args=[own.uid]))
    assert "ZEISS Mik 1" in text(page(manager, model.get_absolute_url()))


def test_techniques_are_added_with_parent_and_other_names(manager: Client, reader: Client) -> None:
    posted = {"name": "Swept sheet microscopy", "aliases": "SSM", "parent": "light-sheet"}
    answer = manager.post("/techniques/new/", posted)
    assert answer.status_code == 302, answer.content.decode()[:3000]
    own = Technique.objects.get(key="swept-sheet-microscopy")
    assert own.aliases == ["SSM"]
    assert own.parent is not None
    assert "Swept sheet microscopy" in page(reader, own.parent.get_absolute_url())
    assert "Swept sheet microscopy" in page(reader, "/techniques/")
    suggested = page(reader, "/techniques/suggest/?parent=swept+sh")
    assert '<option value="Swept sheet microscopy"></option>' in suggested
    url = reverse("catalogue:technique-edit", args=[own.uid])
    assert "SSM" in page(manager, url)
    posted = {"name": "Swept", "parent": "swept sheet microscopy", "revision": "1"}
    circle = manager.post(url, posted)
    assert "a technique that is not a kind of this one" in circle.content.decode()
    taken = manager.post(url, {"name": "Swept", "aliases": "Confocal microscopy", "revision": "1"})
    assert "in the catalogue already, as Confocal microscopy" in taken.content.decode()
    nowhere = manager.post(url, {"name": "Swept", "parent": "Nowhere", "revision": "1"})
    assert "a technique of the catalogue" in nowhere.content.decode()


def test_an_own_entry_is_deleted_unless_another_names_it(manager: Client, own_model: UUID) -> None:
    maker = Maker.objects.get(key="orebro-optik")
    answer = manager.post(reverse("catalogue:maker-remove", args=[maker.uid]), follow=True)
    assert "It is named by 1 make and model. Change those first." in answer.content.decode()
    answer = manager.post(reverse("catalogue:model-remove", args=[own_model]), follow=True)
    assert "Deleted. It can be restored for 30 days." in answer.content.decode()
    assert manager.post(reverse("catalogue:maker-remove", args=[maker.uid])).status_code == 302
    assert not Maker.objects.live().filter(key="orebro-optik").exists()


def test_shipped_entries_are_not_deleted_or_taken_back(manager: Client) -> None:
    for what in ("remove", "take-back"):
        answer = manager.post(reverse(f"catalogue:model-{what}", args=[LSM_980]), follow=True)
        assert "comes with Parkbench" in answer.content.decode()


def test_own_entries_are_changed_by_those_who_may(reader: Client, public: Client, own_model: UUID) -> None:
    for what in ("override", "edit"):
        url = reverse(f"catalogue:model-{what}", args=[own_model])
        assert reader.get(url).status_code == 403
        assert public.get(url).status_code == 302
    for what in ("remove", "take-back"):
        url = reverse(f"catalogue:model-{what}", args=[own_model])
        assert reader.post(url).status_code == 403
        assert public.post(url).status_code in (403, 404)
    assert reader.get(reverse("catalogue:model-shipped", args=[own_model])).status_code == 404


# --- files ---


@pytest.mark.parametrize("name", ["models", "makers", "techniques"])
@pytest.mark.parametrize("form", ["csv", "xlsx", "jsonl"])
def test_lists_are_sent_as_files(
    public: Client, reader: Client, own_model: UUID, name: str, form: str
) -> None:
    for client in (public, reader):
        answer = client.get(reverse(f"catalogue:{name}-export", args=[form]))
        assert answer.status_code == 200
        assert f'filename="{name}.{form}"' in answer["Content-Disposition"]
    if form != "xlsx":
        hidden = "Mik 1" if name == "models" else "Orebro"
        assert hidden not in page(public, reverse(f"catalogue:{name}-export", args=[form]))
        if name != "techniques":
            assert hidden in page(reader, reverse(f"catalogue:{name}-export", args=[form]))


def test_files_hold_the_rows_of_the_list(public: Client) -> None:
    import json

    narrowed = page(public, reverse("catalogue:models-export", args=["jsonl"]) + "?maker=zeiss&family=LSM")
    rows = [json.loads(line) for line in narrowed.splitlines()]
    assert {row["maker"] for row in rows} == {"ZEISS"}
    lsm_880 = next(row for row in rows if row["designation"] == "LSM 880")
    assert lsm_880["successor"] == "ZEISS LSM 980"
    assert lsm_880["licence"]
    found = page(public, reverse("catalogue:makers-export", args=["csv"]) + "?q=carl+zeiss")
    assert '"ZEISS"' in found
    assert 2 <= len(found.splitlines()) < 10
    tree = page(public, reverse("catalogue:techniques-export", args=["jsonl"]))
    confocal = next(json.loads(line) for line in tree.splitlines() if '"confocal-microscopy"' in line)
    assert confocal["parent"] == "Light microscopy"
    assert public.get(reverse("catalogue:models-export", args=["pdf"])).status_code == 404


def test_the_command_line_writes_them_too(tmp_path: Any) -> None:
    from parkbench.records.registry import exporters

    for name in ("models", "makers", "techniques"):
        path = tmp_path / f"{name}.csv"
        with path.open("wb") as stream:
            count = exporters()[name](OPERATOR, "csv", stream)
        assert count == len(path.read_text(encoding="utf-8-sig").splitlines()) - 1 > 50


# --- how much a page asks ---


@pytest.mark.parametrize(
    ("url", "most"),
    [("/models/", 14), ("/makers/", 12), ("/techniques/", 10), (f"/models/{LSM_980}/", 24)],
)
def test_pages_ask_little(
    manager: Client, public: Client, django_assert_max_num_queries: Any, url: str, most: int
) -> None:
    for client in (manager, public):
        page(client, url)
        with django_assert_max_num_queries(most):
            page(client, url)


def test_the_permalink_is_the_nodes_own_address_whatever_host_was_asked(manager: Client) -> None:
    url = reverse("catalogue:model", args=[LSM_980])
    shown = manager.get(url, headers={"host": "evil.example"}).content.decode()
    assert "evil.example" not in shown
    assert f">{own_address()}{url}</a>" in shown
