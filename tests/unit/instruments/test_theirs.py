"""Instruments of partners: linked to the shipped make and model, and never to one of ours."""

from __future__ import annotations

from uuid import uuid4

import pytest

import cast
from parkbench.catalogue import services as catalogue
from parkbench.catalogue.models import DeviceModel, Maker
from parkbench.catalogue.queries import model_ids, suggest_models, technique_names
from parkbench.instruments.models import Instrument
from parkbench.records.models import OWN, REGISTER, SectionProblem
from partners import Partner

pytestmark = pytest.mark.django_db


def test_the_shipped_entry_is_linked_by_its_key_whenever_it_is_named() -> None:
    catalogue.load_register(by=cast.OPERATOR)
    shipped = DeviceModel.objects.filter(home_id=REGISTER).order_by("key").first()
    assert shipped is not None
    beta = Partner.named()
    uid = beta.instrument("Confocal", basics={"model_key": shipped.key})
    beta.pull()
    assert Instrument.objects.get(uid=uid).linked_model == shipped


def test_a_partners_own_entry_is_linked_when_it_comes_and_takes_the_place_of_none() -> None:
    catalogue.load_register(by=cast.OPERATOR)
    shipped = DeviceModel.objects.filter(home_id=REGISTER).order_by("key").first()
    assert shipped is not None
    beta = Partner.named()
    one = beta.instrument("One", basics={"model_key": "own/model"})
    two = beta.instrument("Two", basics={"model_key": shipped.key})
    beta.pull()
    maker = beta.shares("maker", {"name": "Ours?", "key": shipped.key.partition("/")[0]})
    for key in (shipped.key, "own/model", "own/model"):
        beta.shares("model", {"designation": "Theirs", "key": key, "maker_ref": beta.ref("maker", maker)})
    beta.pull()
    assert Instrument.objects.get(uid=one).linked_model.designation == "Theirs"
    assert Instrument.objects.get(uid=two).linked_model == shipped
    assert model_ids(keys=[shipped.key, "own/model"], viewer=cast.OPERATOR) == {shipped.key: shipped.pk}
    assert not suggest_models(text="Theirs", viewer=cast.OPERATOR)
    assert not SectionProblem.objects.exists()
    assert Maker.objects.filter(home_id__lte=REGISTER, name="Ours?").count() == 0


def test_a_partners_technique_does_not_rename_ours() -> None:
    catalogue.load_register(by=cast.OPERATOR)
    names = technique_names(cast.OPERATOR)
    key = sorted(names)[0]
    beta = Partner.named()
    beta.shares("technique", {"name": "Zzz", "key": key})
    beta.shares("technique", {"name": "New", "key": "quite-new"})
    beta.pull()
    assert technique_names(cast.OPERATOR) == names


def test_one_of_ours_is_never_linked_to() -> None:
    beta = Partner.named()
    cast.instrument("Ours", cast.unit())
    uid = beta.instrument("Confocal", basics={"model_key": f"nobody/{uuid4().hex[:8]}"})
    beta.pull()
    assert Instrument.objects.get(uid=uid).linked_model is None
    assert Instrument.objects.filter(home_id=OWN).count() == 1
