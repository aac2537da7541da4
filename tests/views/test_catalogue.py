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
from parkbench.records.visibility import Viewer
from parkbench.ui import slots
from parkbench.ui.slots import Panel

pytestmark = pytest.mark.django_db

LSM_980 = register_uid("model", "zeiss/lsm-980")


@pytest.fixture(autouse=True)
def register(db: None) -> None:
    services.load_register(by=OPERATOR)


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
    assert re.search(r"1–50 of 2,?\d\d\d", everything)
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
    assert reverse("catalogue:maker", args=[register_uid("maker", "zeiss")]) in page(public, "/makers/")
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


@pytest.mark.parametrize("name", ["catalogue:model-add", "catalogue:maker-add"])
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
