"""Pages of partners: what they name is held and shown, what they name no more is hidden, then removed."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import cast
from parkbench.envelope.pages import Item
from parkbench.instruments.models import Instrument
from parkbench.lib.errors import Conflict, NotFound
from parkbench.programme.models import Organisation, Platform, Unit
from parkbench.records import registry
from parkbench.records.models import HELD, OWN, HeldJournal, Home, Membership, Section, SectionProblem
from parkbench.records.queries import held_counts, problems, unknown_counts, unknown_fields
from parkbench.records.registry import kind_of
from parkbench.records.services import (
    accept_page,
    begin_walk,
    drop_journal,
    end_walk,
    hide_home,
    purge_home,
    reapply,
    settle_departures,
    show_home,
    verify,
)
from parkbench.search.models import SearchDocument
from partners import AT, Partner

pytestmark = pytest.mark.django_db


@pytest.fixture
def beta() -> Partner:
    return Partner.named("beta")


def row_of(uid: UUID) -> Any:
    return Instrument.objects.get(uid=uid)


def reasons(home: Home) -> list[str]:
    return [problem.reason for problem in problems(home.pk).rows]


def nothing_differs() -> bool:
    return not list(verify())


def test_a_shared_record_becomes_a_row_that_shows_just_the_shared_parts(beta: Partner) -> None:
    uid = beta.instrument("Confocal", capacity={"configuration": "two lasers"})
    beta.pull()
    row = row_of(uid)
    assert (row.home_id, row.name, row.configuration) == (beta.home.pk, "Confocal", "two lasers")
    assert (row.audience_mask, row.capacity_mask, row.economics_mask) == (HELD, HELD, 0)
    assert (row.updated_at, row.capacity_at, row.contact_at) == (AT, AT, None)
    assert not row.is_public
    assert nothing_differs()


def test_a_page_that_does_not_follow_is_refused_and_changes_nothing(beta: Partner) -> None:
    beta.instrument("One")
    beta.pull()
    beta.instrument("Two")
    with pytest.raises(Conflict, match="follows number 0"):
        accept_page(home=beta.home.pk, page=beta.public.page(0))
    beta.public.epoch = uuid4()
    with pytest.raises(Conflict):
        accept_page(home=beta.home.pk, page=beta.public.page(1))
    assert Instrument.objects.count() == 1


def test_a_journal_that_was_not_begun_or_a_home_of_ours_is_refused(beta: Partner) -> None:
    with pytest.raises(NotFound):
        accept_page(home=beta.home.pk, page=beta.public.page())
    with pytest.raises(NotFound):
        accept_page(home=OWN, page=beta.public.page())


def test_a_part_waits_for_its_basics(beta: Partner) -> None:
    uid = uuid4()
    beta.public.name("instrument", uid, "capacity", {"configuration": "two lasers"})
    beta.pull()
    assert not Instrument.objects.exists()
    unit = beta.ref("unit", uuid4())
    beta.partners.name("instrument", uid, "basics", {"name": "A", "unit_ref": unit, "model_text": "B"})
    beta.pull()
    assert row_of(uid).configuration == "two lasers"
    assert nothing_differs()


def test_a_part_that_leaves_its_last_journal_is_hidden_at_once_and_removed_at_the_end(beta: Partner) -> None:
    uid = beta.instrument("Confocal", economics={"purchase_price": 4711, "purchase_currency": "SEK"})
    beta.pull()
    beta.public.drop("instrument", uid, "economics")
    beta.pull()
    row = row_of(uid)
    assert (row.purchase_price, row.economics_mask, row.economics_at) == (None, 0, None)
    assert Section.objects.filter(section="economics").exists()
    assert settle_departures(home=beta.home.pk).sections == 1
    assert not Section.objects.filter(section="economics").exists()
    assert nothing_differs()


def test_a_part_that_moves_between_journals_keeps_its_row(beta: Partner) -> None:
    uid = beta.instrument("Confocal")
    beta.pull()
    key = row_of(uid).pk
    beta.public.drop("instrument", uid, "basics")
    beta.pull(beta.public)
    assert row_of(uid).deleted_at is not None
    moved = {"name": "Confocal", "unit_ref": beta.ref("unit", uuid4()), "model_text": "Zeiss LSM 980"}
    beta.partners.name("instrument", uid, "basics", moved)
    beta.pull(beta.partners)
    assert settle_departures(home=beta.home.pk).records == 0
    assert (row_of(uid).pk, row_of(uid).deleted_at) == (key, None)


def test_an_older_revision_from_a_journal_that_is_behind_changes_nothing(beta: Partner) -> None:
    uid = uuid4()
    beta.public.name("platform", uid, "basics", {"name": "New"}, revision=3)
    beta.partners.name("platform", uid, "basics", {"name": "Old"}, revision=2)
    beta.pull()
    assert Platform.objects.get(uid=uid).name == "New"
    assert set(Membership.objects.values_list("revision", flat=True)) == {2, 3}


def test_a_new_epoch_brings_its_bodies_whatever_their_revision(beta: Partner) -> None:
    uid = beta.shares("platform", {"name": "Before the restore"})
    beta.public.name("platform", uid, "basics", {"name": "Lost"}, revision=9)
    beta.pull()
    beta.public.epoch = uuid4()
    beta.public.name("platform", uid, "basics", {"name": "Before the restore"}, revision=2)
    beta.seqs.clear()
    beta.pull(beta.public)
    assert Platform.objects.get(uid=uid).name == "Before the restore"


def test_a_walk_sweeps_what_it_does_not_meet(beta: Partner) -> None:
    stays, goes = beta.shares("platform", {"name": "Stays"}), beta.shares("platform", {"name": "Goes"})
    beta.pull()
    del beta.public.entries[goes, "basics"]  # and no word of it
    beta.seqs.clear()
    beta.pull(beta.public)
    settle_departures(home=beta.home.pk)
    assert set(Platform.objects.values_list("uid", flat=True)) == {stays}
    held = HeldJournal.objects.get(audience=beta.public.audience)
    assert (held.is_walking, held.unequal_head, held.count) == (False, None, 1)


def test_a_walk_that_ends_unequal_is_noted_with_its_head(beta: Partner) -> None:
    beta.shares("platform", {"name": "A"})
    page = beta.public.page()
    lie = type(page)(
        type(page.statement)(**{**_fields(page.statement), "count": 2, "fingerprint": "1" * 64}), page.items
    )
    begin_walk(home=beta.home.pk, audience=beta.public.audience, epoch=beta.public.epoch)
    assert not accept_page(home=beta.home.pk, page=lie).is_equal
    end_walk(home=beta.home.pk, audience=beta.public.audience)
    held = HeldJournal.objects.get()
    assert (held.is_walking, held.unequal_head) == (False, held.seq)


def _fields(statement: Any) -> dict[str, Any]:
    return {name: getattr(statement, name) for name in type(statement).__dataclass_fields__}


def test_a_walk_cannot_end_before_its_last_page(beta: Partner) -> None:
    begin_walk(home=beta.home.pk, audience=beta.public.audience, epoch=beta.public.epoch)
    with pytest.raises(Conflict):
        end_walk(home=beta.home.pk, audience=beta.public.audience)


def test_a_journal_that_is_not_listed_any_more_is_emptied(beta: Partner) -> None:
    both, one = beta.shares("platform", {"name": "Both"}), beta.shares("platform", {"name": "One"})
    beta.partners.name("platform", both, "basics", {"name": "Both"})
    beta.pull()
    assert drop_journal(home=beta.home.pk, audience=beta.public.audience) == 2
    assert drop_journal(home=beta.home.pk, audience=beta.public.audience) == 0
    settle_departures(home=beta.home.pk)
    assert set(Platform.objects.values_list("uid", flat=True)) == {both}
    assert one not in set(Section.objects.values_list("uid", flat=True))
    assert nothing_differs()


@pytest.mark.parametrize(
    ("section", "body", "reason"),
    [
        ("economics", {"purchase_price": 5}, "currency"),
        ("economics", {"purchase_price": -5, "purchase_currency": "SEK"}, "Purchase price"),
        ("capacity", {"end_of_support_on": "soon"}, "End of support"),
        ("capacity", {"expected_life_years": 10**30}, "Expected life"),
        ("contact", {"person_uid": "nobody"}, "fit together"),
        ("capacity", b'{"a":1.5}', "whole"),
        ("internal", {"notes": "secret"}, "never leaves"),
    ],
)
def test_a_part_that_cannot_be_used_counts_and_is_told(
    beta: Partner, section: str, body: Any, reason: str
) -> None:
    uid = beta.instrument("Confocal")
    beta.public.name("instrument", uid, section, body)
    beta.pull()
    assert getattr(row_of(uid), kind_of("instrument").section(section).mask) == 0
    assert reason in reasons(beta.home)[0]
    held = HeldJournal.objects.get(audience=beta.public.audience)
    assert (held.count, held.unequal_head) == (2, None)
    assert not Section.objects.filter(body__contains="secret").exists()
    assert nothing_differs()


def test_new_content_that_cannot_be_used_takes_the_old_from_view_until_it_is_mended(beta: Partner) -> None:
    uid = beta.instrument("Confocal", capacity={"configuration": "withdrawn words"})
    beta.pull()
    beta.public.spoil("instrument", uid, "capacity", revision=2)
    beta.pull()
    assert row_of(uid).configuration is None
    assert not Section.objects.filter(body__contains="withdrawn words").exists()
    beta.public.name("instrument", uid, "capacity", {"configuration": "mended"}, revision=3)
    beta.pull()
    assert row_of(uid).configuration == "mended"
    assert not SectionProblem.objects.exists()


def test_basics_that_cannot_be_used_any_more_take_the_row_with_them(beta: Partner) -> None:
    uid = beta.instrument("Confocal", capacity={"configuration": "two lasers"})
    beta.pull()
    beta.public.spoil("instrument", uid, "basics", revision=2)
    beta.pull()
    assert not Instrument.objects.live().exists()
    settle_departures(home=beta.home.pk)
    assert not Instrument.objects.exists()
    assert nothing_differs()


def test_what_this_version_does_not_know_is_kept_counted_and_shown_when_it_does(
    beta: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    uid = uuid4()
    beta.public.name("telescope", uid, "basics", {"name": "Big"})
    later = beta.instrument("Confocal")
    beta.public.name("instrument", later, "optics", {"lenses": 3})
    beta.public.name("instrument", later, "capacity", {"configuration": "v2"}, schema=2)
    beta.pull()
    assert unknown_counts(beta.home.pk) == {"telescope": 1, "instrument": 2}
    assert reapply() == 0
    spec = kind_of("instrument").section("capacity")
    monkeypatch.setattr(registry.SectionSpec, "version", 2, raising=False)
    object.__setattr__(spec, "version", 2)
    try:
        assert reapply(home=beta.home.pk) == 1
    finally:
        object.__setattr__(spec, "version", 1)
    assert row_of(later).configuration == "v2"


def test_fields_of_a_later_version_are_kept_and_do_not_hinder(beta: Partner) -> None:
    uid = beta.instrument("Confocal", capacity={"configuration": "two lasers", "colour": "red"})
    beta.pull()
    row = row_of(uid)
    assert row.configuration == "two lasers"
    assert unknown_fields(kind_of("instrument"), row) == {"capacity": {"colour": "red"}}
    assert not SectionProblem.objects.exists()


def test_references_lead_to_what_is_here_or_comes_later(beta: Partner) -> None:
    unit, platform = uuid4(), uuid4()
    uid = beta.instrument("Confocal", unit)
    beta.pull()
    assert row_of(uid).unit is None
    beta.public.name("unit", unit, "basics", {"name": "U", "platform_ref": beta.ref("platform", platform)})
    beta.pull()
    beta.partners.name("platform", platform, "basics", {"name": "P"})
    beta.pull()
    assert row_of(uid).unit.platform.name == "P"
    beta.partners.drop("platform", platform, "basics")
    beta.pull()
    settle_departures(home=beta.home.pk)
    assert Unit.objects.get(uid=unit).platform is None
    assert nothing_differs()


def test_nobody_hangs_a_record_under_one_of_ours_or_under_itself(beta: Partner) -> None:
    ours = cast.unit("Ours")
    uid = uuid4()
    basics = {"name": "A", "unit_ref": cast.unit_ref(ours), "model_text": "B", "parent_ref": ""}
    basics["parent_ref"] = beta.ref("instrument", uid)
    beta.public.name("instrument", uid, "basics", basics)
    beta.public.name(
        "maker", uid, "basics", {"name": "M", "key": "m", "successor_ref": beta.ref("maker", uid)}
    )
    beta.pull()
    beta.public.name("instrument", uid, "basics", {**basics, "name": "B"}, revision=2)
    beta.pull()
    row = row_of(uid)
    assert (row.unit, row.parent, row.name) == (None, None, "B")
    assert not SectionProblem.objects.exists()


def test_an_id_of_ours_is_not_taken_over(beta: Partner) -> None:
    ours = cast.instrument("Ours", cast.unit())
    unit = beta.ref("unit", uuid4())
    beta.public.name("instrument", ours, "basics", {"name": "X", "unit_ref": unit, "model_text": "Y"})
    beta.pull()
    assert row_of(ours).home_id == OWN
    assert "has this id" in reasons(beta.home)[0]


def test_an_id_that_another_partner_gave_up_can_be_used_again(beta: Partner) -> None:
    gamma = Partner.named("gamma")
    uid = gamma.shares("platform", {"name": "Copied"})
    gamma.pull()
    beta.public.name("platform", uid, "basics", {"name": "Genuine"})
    beta.pull()
    assert Platform.objects.get(uid=uid).name == "Copied"
    purge_home(home=gamma.home.pk)
    assert Platform.objects.get(uid=uid).name == "Genuine"


def test_what_contradicts_the_database_is_one_bad_part_and_no_bad_page(beta: Partner) -> None:
    good = beta.shares("organisation", {"name": "Beta"})
    second = beta.shares("organisation", {"name": "Beta again"})
    uid = beta.shares("use", {"instrument_ref": beta.ref("instrument", uuid4()), "year": 2024})
    beta.public.name("use", uid, "hours", {"used_01_internal": 5, "training_01_internal": 50})
    beta.pull()
    assert {good, second} == set(Organisation.objects.exclude(home_id=OWN).values_list("uid", flat=True))
    assert HeldJournal.objects.get(audience=beta.public.audience).unequal_head is None


def test_a_row_that_the_database_refuses_leaves_the_others(
    beta: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = kind_of("platform")
    columns = kind.columns

    def hostile(section: str, body: Any) -> dict[str, Any]:
        found = columns(section, body)
        return {**found, "name": None} if found.get("name") == "bad" else found

    uids = [beta.shares("platform", {"name": name}) for name in ("a", "b", "bad", "c")]
    object.__setattr__(kind, "columns", hostile)
    try:
        beta.pull()
    finally:
        object.__setattr__(kind, "columns", columns)
    assert set(Platform.objects.values_list("name", flat=True)) == {"a", "b", "c"}
    assert SectionProblem.objects.get().uid == uids[2]


def test_the_number_of_statements_does_not_grow_with_the_page(beta: Partner) -> None:
    def statements(count: int) -> int:
        gamma = Partner.named(f"n{count}")
        for number in range(count):
            gamma.instrument(f"I {number}", capacity={"configuration": "x"})
        begin_walk(home=gamma.home.pk, audience=gamma.public.audience, epoch=gamma.public.epoch)
        page = gamma.public.page(0, 1000)
        with CaptureQueriesContext(
            connection,
        ) as caught:
            accept_page(home=gamma.home.pk, page=page)
        # executemany counts once, however many rows it writes
        return len(caught)

    assert statements(30) == statements(3)


def test_a_home_is_hidden_at_once_and_shown_again_without_loss(beta: Partner) -> None:
    stays, goes = beta.shares("platform", {"name": "Stays"}), beta.shares("platform", {"name": "Goes"})
    beta.pull()
    assert hide_home(home=beta.home.pk) == 2
    beta.public.drop("platform", goes, "basics")
    comes = beta.shares("platform", {"name": "Comes"})
    beta.pull()
    assert not Platform.objects.live().exists()
    assert held_counts(beta.home.pk) == {"platform": 2}
    show_home(home=beta.home.pk)
    assert set(Platform.objects.live().values_list("uid", flat=True)) == {stays, comes}
    assert SearchDocument.objects.filter(uid=stays).exists()
    assert hide_home(home=beta.home.pk) == 2


def test_a_purge_leaves_nothing_and_may_run_again(beta: Partner) -> None:
    gamma = Partner.named("gamma")
    for partner in (beta, gamma):
        partner.instrument("Confocal", capacity={"configuration": "two lasers"})
        partner.public.spoil("instrument", uuid4(), "basics")
        partner.pull()
    assert purge_home(home=beta.home.pk).records == 1
    assert purge_home(home=beta.home.pk).records == 0
    for model in (Instrument, Section, Membership, HeldJournal, SectionProblem, SearchDocument):
        assert set(model.objects.values_list("home_id", flat=True)) == {gamma.home.pk}


def test_verify_tells_what_differs(beta: Partner) -> None:
    uid = beta.instrument("Confocal", capacity={"configuration": "two lasers"})
    beta.pull()
    Instrument.objects.filter(uid=uid).update(name="Tampered", economics_mask=HELD)
    Membership.objects.filter(section="capacity").delete()
    checks = {found.check for found in verify()}
    assert checks == {
        *("held row", "held mask", "held body", "held journal count", "held journal fingerprint"),
    }


def test_the_same_id_under_another_kind_takes_the_old_row_down(beta: Partner) -> None:
    uid = beta.shares("platform", {"name": "A platform"})
    beta.pull()
    beta.public.name("site", uid, "basics", {"name": "A site"}, revision=2)
    beta.pull()
    assert not Platform.objects.exists()
    assert Section.objects.get(uid=uid).kind == "site"
    assert nothing_differs()


def test_an_item_is_called_by_its_bytes(beta: Partner) -> None:
    uid = beta.instrument("Confocal")
    beta.pull()
    entry = beta.public.entries[uid, "basics"]
    assert isinstance(entry, Item)
    assert Section.objects.get(uid=uid).body.encode() == entry.body
    assert Membership.objects.get(uid=uid).digest == entry.digest
