"""What changed since a moment: every viewer hears of what they may see, however much else happened."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

import cast
from parkbench.accounts.rules import Role
from parkbench.instruments import services as instruments
from parkbench.intake import services as intake
from parkbench.overview.queries import changes, since_last_visit
from parkbench.overview.queries.changes import ChangesWish, counts, named, told
from parkbench.programme import services as programme
from parkbench.records import rules
from parkbench.records.services import share_record
from parkbench.records.visibility import Viewer
from parkbench.servicing import services as servicing

pytestmark = pytest.mark.django_db


@pytest.fixture
def park():
    light, mass = cast.unit("Light microscopy"), cast.unit("Proteomics")
    return {
        "light": light,
        "mass": mass,
        "lsm": cast.instrument("Confocal", light),
        "ms": cast.instrument("Orbitrap", mass),
    }


@pytest.fixture
def since(park):
    return timezone.now()


def seen(viewer, since, **wish):
    found = told(viewer=viewer, wish=ChangesWish(since, **wish))
    return [(one.name, one.what, one.parts) for one in named(found, viewer=viewer)]


def money(uid):
    instruments.edit(uid=uid, values={"running_cost": 5_00, "running_currency": "SEK"}, by=cast.OPERATOR)


def test_changes_name_the_parts_that_the_viewer_may_see(park, since):
    instruments.edit(
        uid=park["lsm"],
        values={"configuration": "Two detectors", "running_cost": 5_00, "running_currency": "SEK"},
        by=cast.seen_by("Dana", Role.MANAGER),
    )
    money(park["ms"])
    all_of_it = [("Orbitrap", "changed", ("Economics",)), ("Confocal", "changed", ("Capacity", "Economics"))]
    assert seen(cast.OPERATOR, since) == all_of_it
    assert seen(cast.seen_by("Ben", Role.READER), since) == [("Confocal", "changed", ("Capacity",))]
    assert seen(cast.seen_by("Ada", (Role.HEAD, str(park["light"]))), since) == all_of_it[1:]


def test_what_is_hidden_does_not_crowd_out_what_is_seen(park, since, monkeypatch):
    """The gate comes before the cut: a thousand hidden changes leave room for the one that is seen."""
    monkeypatch.setattr(changes, "MOST", 3)
    instruments.edit(uid=park["lsm"], values={"configuration": "Two detectors"}, by=cast.OPERATOR)
    for _time in range(4):
        instruments.edit(uid=park["ms"], values={"notes": uuid4().hex}, by=cast.OPERATOR)
    assert seen(cast.seen_by("Ben", Role.READER), since) == [("Confocal", "changed", ("Capacity",))]
    assert len(seen(cast.OPERATOR, since)) == 3


def test_the_four_sorts_of_change_are_told_apart(park, since):
    cast.instrument("New", park["light"])
    money(park["lsm"])
    instruments.delete(uids=[park["ms"]], by=cast.OPERATOR)
    gone = cast.instrument("Back", park["light"])
    instruments.delete(uids=[gone], by=cast.OPERATOR)
    instruments.restore(uids=[gone], by=cast.OPERATOR)
    share_record(kind="instrument", uid=park["lsm"], masks={"basics": rules.PUBLIC}, by=cast.OPERATOR)
    found = told(viewer=cast.OPERATOR, wish=ChangesWish(since))
    assert counts(found) == {"added": 2, "changed": 1, "deleted": 2, "restored": 1, "shared": 1}
    for what in ("added", "changed", "deleted", "restored", "shared"):
        alone = told(viewer=cast.OPERATOR, wish=ChangesWish(since, what=what))
        assert alone == [one for one in found if one.what == what]
    assert seen(cast.OPERATOR, since, what="added")[-1] == ("New", "added", ())


def test_what_was_deleted_is_told_only_to_those_who_may_restore_it(park, since):
    instruments.delete(uids=[park["ms"]], by=cast.OPERATOR)
    assert seen(cast.seen_by("Hugo", (Role.HEAD, str(park["mass"]))), since) == [("Orbitrap", "deleted", ())]
    for nobody in (cast.seen_by("Ben", Role.READER), cast.seen_by("Ada", (Role.HEAD, str(park["light"])))):
        assert seen(nobody, since) == []
    change = named(told(viewer=cast.OPERATOR, wish=ChangesWish(since)), viewer=cast.OPERATOR)[0]
    assert change.url == ""


def test_visitors_and_borrowed_eyes_hear_of_no_change(park, since):
    share_record(kind="instrument", uid=park["lsm"], masks={"basics": rules.PUBLIC}, by=cast.OPERATOR)
    for viewer in (Viewer.public(), Viewer.as_audiences(rules.PARTNERS)):
        assert told(viewer=viewer, wish=ChangesWish(since - timedelta(days=9))) == []
        assert since_last_visit(viewer=viewer, previous_at=since).imports == []


def test_changes_are_narrowed_by_kind_and_time(park, since):
    programme.add_unit(name="Later", by=cast.OPERATOR)
    assert seen(cast.OPERATOR, since, kind="instrument") == []
    assert seen(cast.OPERATOR, since, kind="unit") == [("Later", "added", ())]
    assert seen(cast.OPERATOR, since, until=since) == []
    assert len(seen(cast.OPERATOR, since - timedelta(days=1), until=since)) == 4


def test_what_belongs_to_an_instrument_is_called_after_it(park, since):
    values = {"event_kind": "failure", "happened_on": "2026-01-02", "name": "Laser"}
    servicing.add(instrument=park["lsm"], values=values, by=cast.OPERATOR)
    assert seen(cast.OPERATOR, since) == [("Confocal: Laser", "added", ())]


def test_imports_are_counted_apart_for_those_who_cannot_open_them(park, since, tmp_path):
    by = cast.seen_by("Mona", Role.MANAGER)
    brought = imported(by, "Unit;Name;Model\nProteomics;Sheet;Exploris\n")
    assert seen(cast.OPERATOR, since) == []
    ben = cast.seen_by("Ben", Role.READER)
    assert seen(ben, since, is_import=True) == [("Sheet", "added", ())]
    manager, reader = (since_last_visit(viewer=one, previous_at=since) for one in (by, ben))
    assert ([one.new for one in manager.imports], manager.imported) == ([1], 0)
    assert (reader.imports, reader.imported) == ([], 1)
    assert manager.imports[0].url == brought.get_absolute_url()


def imported(by, sheet):
    """Accept an import of this sheet."""
    batch = intake.begin(
        source="List", target="instruments", file_name="list.csv", pieces=[sheet.encode()], by=by
    )
    batch = intake.check(batch_id=batch.pk, by=by)
    return intake.accept(batch_id=batch.pk, by=by)


def test_the_first_visit_tells_of_the_last_thirty_days(park):
    found = since_last_visit(viewer=cast.OPERATOR, previous_at=None)
    assert found.visit is None
    assert found.counts["added"] == 4
    later = timezone.now() + timedelta(days=31)
    assert since_last_visit(viewer=cast.OPERATOR, previous_at=None, now=later).counts["added"] == 0


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL chooses by what the table holds")
def test_which_kinds_were_changed_by_hand_is_read_from_the_index_alone(since):
    rows = changes._window(ChangesWish(since)).order_by().values_list("kind").distinct()
    assert "COVERING INDEX section_by_hand" in rows.explain()
