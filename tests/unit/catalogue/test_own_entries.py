"""A node's own makers and models beside the shipped register."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from cast import OPERATOR, seen_by
from parkbench.accounts.rules import Role
from parkbench.catalogue import services
from parkbench.catalogue.models import DeviceModel, Maker, Technique
from parkbench.catalogue.services import MakerFields, ModelFields
from parkbench.lib.errors import Conflict, Invalid, NotAllowed, NotFound, Refused
from parkbench.records.models import OWN, REGISTER, Section

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("register")]

ZEISS = MakerFields(name="Zeiss")


def row(kind: str, key: str) -> Any:
    model = {"maker": Maker, "technique": Technique, "model": DeviceModel}[kind]
    return model.objects.get(home_id=REGISTER, key=key)


def test_own_makers_get_a_key_and_history() -> None:
    fields = MakerFields(
        name="Örebro Optik AB", aliases=["OOAB"], successor="Carl Zeiss", succeeded_on="2024"
    )
    uid = services.add_maker(fields=fields, by=OPERATOR)
    maker = Maker.objects.get(uid=uid)
    assert (maker.home_id, maker.key, maker.aliases) == (OWN, "orebro-optik", ["OOAB"])
    assert maker.successor.key == "zeiss"
    assert maker.folded == "|orebrooptikab|ooab|"
    assert Section.objects.filter(uid=uid, section="basics", revision=1).exists()


@pytest.mark.parametrize("name", ["ZEISS", "Carl Zeiss Microscopy GmbH", "Zeiss Inc."])
def test_a_maker_that_is_here_is_not_added_again(name: str) -> None:
    with pytest.raises(Refused, match=r"in the catalogue already, as ZEISS"):
        services.add_maker(fields=MakerFields(name=name), by=OPERATOR)


def test_a_maker_cannot_take_a_name_of_another_as_its_other_name() -> None:
    with pytest.raises(Refused, match="already"):
        services.add_maker(fields=MakerFields(name="Optik", aliases=["zeiss"]), by=OPERATOR)


@pytest.mark.parametrize("role", [Role.READER, (Role.HEAD, "x"), (Role.EDITOR, "x")])
def test_only_those_with_the_right_change_the_catalogue(role: Any) -> None:
    ben = seen_by("Ben", role)
    model = ModelFields(maker="Zeiss", designation="Mik")
    maker = services.add_maker(fields=MakerFields(name="Optik"), by=OPERATOR)
    own = services.add_model(fields=ModelFields(maker="Optik", designation="Mik"), by=OPERATOR)
    for act in (
        lambda: services.add_maker(fields=MakerFields(name="New"), by=ben),
        lambda: services.add_model(fields=model, by=ben),
        lambda: services.edit_maker(uid=maker, fields=MakerFields(name="New"), expected=1, by=ben),
        lambda: services.edit_model(uid=own, fields=model, expected=1, by=ben),
        lambda: services.make_missing_makers(names=["New"], by=ben),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert services.make_missing_makers(names=["zeiss"], by=ben) == {"zeiss": "zeiss"}


def test_an_own_model_is_added_under_a_shipped_maker() -> None:
    fields = ModelFields(
        maker="Carl Zeiss AG",
        designation="Mik 1+",
        aliases=["Mikky"],
        techniques=["confocal-microscopy"],
        typical_life_years=9,
        successor="Zeiss LSM 980",
    )
    model = DeviceModel.objects.get(uid=services.add_model(fields=fields, by=OPERATOR))
    assert model.key == "zeiss/mik-1-plus"
    assert model.maker.home_id == REGISTER
    assert model.techniques == "|confocal-microscopy|"
    assert model.successor.key == "zeiss/lsm-980"
    assert "|mik1plus|" in model.folded


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (ModelFields(maker="Zeiss", designation="lsm-980"), "already"),
        (ModelFields(maker="Zeiss", designation="New", aliases=["LSM 980"]), "already"),
        (ModelFields(maker="Nobody", designation="New"), "maker of the catalogue"),
        (ModelFields(maker="Zeiss", designation="---"), "letter"),
        (
            ModelFields(maker="Zeiss", designation="New", techniques=["nonsense"]),
            "techniques of the catalogue",
        ),
        (ModelFields(maker="Zeiss", designation="New", successor="LSM 980"), "maker and designation"),
        (ModelFields(maker="Zeiss", designation="New", rrid="x"), "RRID:SCR"),
        (ModelFields(maker="Zeiss", designation="New", typical_life_years=0), "Typical life"),
    ],
)
def test_a_model_that_does_not_fit_is_refused_in_words(fields: ModelFields, words: str) -> None:
    with pytest.raises(Refused, match=words):
        services.add_model(fields=fields, by=OPERATOR)


def test_service_does_not_end_before_sale() -> None:
    fields = ModelFields(
        maker="Zeiss", designation="New", end_of_sale_on=date(2025, 1, 1), end_of_service_on=date(2024, 1, 1)
    )
    with pytest.raises(Invalid, match="not before the end of sale"):
        services.add_model(fields=fields, by=OPERATOR)


def test_an_edit_keeps_itself_and_moves_the_key() -> None:
    uid = services.add_model(fields=ModelFields(maker="Zeiss", designation="Mik"), by=OPERATOR)
    same = ModelFields(maker="Zeiss", designation="MIK", aliases=["Mikky"])
    services.edit_model(uid=uid, fields=same, expected=1, by=OPERATOR)
    services.edit_model(
        uid=uid, fields=ModelFields(maker="Leica", designation="Mik 2"), expected=2, by=OPERATOR
    )
    model = DeviceModel.objects.get(uid=uid)
    assert model.key == f"{model.maker.key}/mik-2"
    assert model.aliases == []
    with pytest.raises(Refused, match="already"):
        services.edit_model(
            uid=uid, fields=ModelFields(maker="Zeiss", designation="LSM 980"), expected=3, by=OPERATOR
        )


def test_a_model_is_not_followed_by_itself_or_by_an_earlier_one() -> None:
    one = services.add_model(fields=ModelFields(maker="Zeiss", designation="One"), by=OPERATOR)
    services.add_model(
        fields=ModelFields(maker="Zeiss", designation="Two", successor="Zeiss One"), by=OPERATOR
    )
    for successor in ("Zeiss One", "Zeiss Two"):
        with pytest.raises(Invalid, match="does not come before"):
            services.edit_model(
                uid=one,
                fields=ModelFields(maker="Zeiss", designation="One", successor=successor),
                expected=1,
                by=OPERATOR,
            )


def test_a_stale_edit_is_a_conflict() -> None:
    uid = services.add_model(fields=ModelFields(maker="Zeiss", designation="Mik"), by=OPERATOR)
    fields = ModelFields(maker="Zeiss", designation="Mik", family="F")
    services.edit_model(uid=uid, fields=fields, expected=1, by=OPERATOR)
    with pytest.raises(Conflict):
        services.edit_model(
            uid=uid, fields=ModelFields(maker="Zeiss", designation="Mok"), expected=1, by=OPERATOR
        )


def test_shipped_and_unknown_entries_are_not_edited() -> None:
    fields = ModelFields(maker="Zeiss", designation="Mik")
    with pytest.raises(Refused, match="comes with Parkbench"):
        services.edit_model(uid=row("model", "zeiss/lsm-980").uid, fields=fields, expected=0, by=OPERATOR)
    with pytest.raises(NotFound):
        services.edit_model(uid=UUID(int=1), fields=fields, expected=0, by=OPERATOR)


def test_missing_makers_are_made_once() -> None:
    names = ["ZEISS", "Foo Inc.", "foo inc", "Föö", "Bar"]
    keys = services.make_missing_makers(names=names, by=OPERATOR, batch=UUID(int=7))
    assert keys == {"ZEISS": "zeiss", "Foo Inc.": "foo", "foo inc": "foo", "Föö": "foo", "Bar": "bar"}
    assert sorted(Maker.objects.own().values_list("name", flat=True)) == ["Bar", "Foo Inc."]
    assert Section.objects.filter(batch=UUID(int=7)).count() == 2
    assert services.make_missing_makers(names=names, by=OPERATOR) == keys
    assert Maker.objects.own().count() == 2
