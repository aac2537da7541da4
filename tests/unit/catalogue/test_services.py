"""The shipped register, and a node's own makers and models."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError

from cast import OPERATOR, seen_by
from parkbench.accounts.rules import Role
from parkbench.catalogue import services
from parkbench.catalogue.models import DeviceModel, Maker, Technique
from parkbench.catalogue.services import MakerFields, entries, register
from parkbench.lib.errors import Conflict, Invalid, NotAllowed, Refused
from parkbench.lib.urn import register_uid
from parkbench.records.models import REGISTER, Home, JournalEntry, Section
from parkbench.records.registry import on_change
from parkbench.records.services import Draft, publish
from parkbench.records.visibility import Viewer

pytestmark = pytest.mark.django_db

ZEISS = MakerFields(name="Zeiss")


@pytest.fixture
def shipped(db: None) -> None:
    services.load_register(by=OPERATOR)


def row(kind: str, key: str) -> Any:
    model = {"maker": Maker, "technique": Technique, "model": DeviceModel}[kind]
    return model.objects.get(home_id=REGISTER, key=key)


def release(monkeypatch: pytest.MonkeyPatch, change: Callable[[str, dict[str, str]], bool]) -> None:
    """Let the release hold only those rows for which ``change`` returns True."""
    written = register.shipped_rows

    def changed(kind: str) -> Iterable[dict[str, str]]:
        return [entry for entry in written(kind) if change(kind, entry)]

    monkeypatch.setattr(register, "shipped_rows", changed)
    monkeypatch.setattr(register, "_shipped", register._shipped.__wrapped__)


def test_the_register_is_loaded_once() -> None:
    first = services.load_register(by=OPERATOR)
    assert first.changed == first.makers + first.techniques + first.models
    assert first.makers >= 80
    assert first.techniques >= 60
    assert first.models >= 300
    again = services.load_register(by=OPERATOR)
    assert (again.changed, again.gone, again.models) == (0, 0, first.models)


def test_the_register_has_fixed_ids_references_and_no_history(shipped: None) -> None:
    model = row("model", "zeiss/lsm-880")
    assert model.uid == register_uid("model", "zeiss/lsm-880")
    assert model.maker.key == "zeiss"
    assert model.maker_ref == f"https://register.invalid/id/maker/{register_uid('maker', 'zeiss')}"
    assert model.successor.key == "zeiss/lsm-980"
    assert row("maker", "fei").successor.key == "thermo-fisher"
    assert row("technique", "confocal-microscopy").parent.key == "light-microscopy"
    assert not DeviceModel.objects.filter(home_id=REGISTER, maker=None).exists()
    assert not Section.objects.exists()
    assert not JournalEntry.objects.exists()


def test_loading_needs_the_operator() -> None:
    with pytest.raises(NotAllowed):
        services.load_register(by=seen_by("Ada", Role.MANAGER))


def test_loading_takes_few_queries(django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(50):  # a few for each thousand rows, never one for each row
        services.load_register(by=OPERATOR)


def test_a_new_release_changes_removes_and_brings_back(
    shipped: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[tuple[str, set[UUID]]] = []
    on_change("test", lambda kind, uids: heard.append((kind, set(uids))))
    gone = row("model", "zeiss/lsm-980")

    def older(kind: str, entry: dict[str, str]) -> bool:
        if entry["key"] == "zeiss/lsm-880":
            entry.update(designation="LSM 880 new", successor="")
        return entry["key"] != "zeiss/lsm-980"

    with monkeypatch.context() as patch:
        release(patch, older)
        loaded = services.load_register(by=OPERATOR)
    assert (loaded.changed, loaded.gone) == (1, 1)
    gone.refresh_from_db()
    assert gone.deleted_at is not None
    changed = row("model", "zeiss/lsm-880")
    assert (changed.designation, changed.successor) == ("LSM 880 new", None)
    assert heard == [("model", {gone.uid, changed.uid})]
    back = services.load_register(by=OPERATOR)
    assert (back.changed, back.gone) == (2, 0)
    gone.refresh_from_db()
    assert gone.deleted_at is None
    assert row("model", "zeiss/lsm-880").successor == gone
    on_change("test", lambda kind, uids: None)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (MakerFields(name="Optik", ror="x"), "ROR"),
        (MakerFields(name="Optik", url="ftp://x"), "https"),
        (MakerFields(name="Optik", successor="Nobody"), "maker of the catalogue"),
        (MakerFields(name="Optik", succeeded_on="soon"), "a year or a date"),
        (MakerFields(name="---"), "letter"),
    ],
)
def test_a_maker_that_does_not_fit_is_refused_in_words(fields: MakerFields, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        services.add_maker(fields=fields, by=OPERATOR)


def test_makers_do_not_take_each_other_over(db: None) -> None:
    services.add_maker(fields=MakerFields(name="Alpha"), by=OPERATOR)
    services.add_maker(fields=MakerFields(name="Beta", successor="Alpha"), by=OPERATOR)
    services.add_maker(fields=MakerFields(name="Gamma", successor="Beta"), by=OPERATOR)
    alpha = Maker.objects.get(key="alpha")
    for name in ("Alpha", "Beta", "Gamma"):
        with pytest.raises(Invalid, match="not taken over by this one"):
            services.edit_maker(
                uid=alpha.uid, fields=MakerFields(name="Alpha", successor=name), expected=1, by=OPERATOR
            )


@pytest.mark.parametrize("name", ["", "---", "x" * 201])
def test_a_name_that_names_nobody_is_refused(name: str) -> None:
    with pytest.raises(Invalid, match="a name of 1 to 200"):
        services.make_missing_makers(names=[name], by=OPERATOR)


def test_a_name_of_several_makers_is_refused(db: None) -> None:
    services.add_maker(fields=MakerFields(name="Bio Ltd"), by=OPERATOR)
    with pytest.raises(Refused, match="already"):
        services.add_maker(fields=MakerFields(name="Bio Inc"), by=OPERATOR)


def test_a_clash_in_the_database_is_a_conflict_in_words(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    def clash(**_named: Any) -> None:
        raise IntegrityError

    monkeypatch.setattr(entries, "publish", clash)
    with pytest.raises(Conflict, match="look it up"):
        services.add_maker(fields=MakerFields(name="Optik"), by=OPERATOR)


def test_the_database_keeps_keys_apart(db: None) -> None:
    Maker.objects.create(key="a", name="A")
    with pytest.raises(IntegrityError):
        Maker.objects.create(key="a", name="B")


def test_the_public_adds_nothing(db: None) -> None:
    with pytest.raises(NotAllowed):
        services.add_maker(fields=ZEISS, by=Viewer.public())


def two_makers_of_one_name() -> None:
    for key in ("bio-one", "bio-two"):
        body = {"name": f"Maker {key}", "key": key, "aliases": ["Bio"]}
        publish(
            kind="maker", drafts=[Draft(uid=uuid4(), sections={"basics": body}, is_new=True)], by=OPERATOR
        )


def test_a_name_that_several_makers_bear_names_none_of_them(db: None) -> None:
    two_makers_of_one_name()
    with pytest.raises(Invalid, match="several bear this one"):
        services.make_missing_makers(names=["Bio"], by=OPERATOR)
    with pytest.raises(Refused, match="as several makers"):
        services.add_maker(fields=MakerFields(name="Bio Inc."), by=OPERATOR)


def test_a_key_is_not_taken_twice(db: None) -> None:
    body = {"name": "Quite another name", "key": "optik"}
    publish(kind="maker", drafts=[Draft(uid=uuid4(), sections={"basics": body}, is_new=True)], by=OPERATOR)
    with pytest.raises(Refused, match="already"):
        services.add_maker(fields=MakerFields(name="Optik"), by=OPERATOR)


def test_a_partners_entry_is_changed_by_the_partner_only(db: None) -> None:
    partner = Home.objects.create(address="https://beta.example", name="Beta")
    maker = Maker.objects.create(home=partner, key="x", name="X")
    with pytest.raises(Refused, match="belongs to a partner"):
        services.edit_maker(uid=maker.uid, fields=MakerFields(name="Y"), expected=0, by=OPERATOR)


def test_shipped_dates_are_compared_as_dates(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    def dated(kind: str, entry: dict[str, str]) -> bool:
        if entry["key"] == "zeiss/lsm-880":
            entry["end_of_sale_on"] = "2023-06-30"
        return True

    release(monkeypatch, dated)
    services.load_register(by=OPERATOR)
    assert row("model", "zeiss/lsm-880").end_of_sale_on == date(2023, 6, 30)
    assert services.load_register(by=OPERATOR).changed == 0
