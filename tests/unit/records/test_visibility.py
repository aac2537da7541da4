"""Who sees which rows and which parts of them: every role, section and home; one gate in two forms."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from django.db.models import Count
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cast
from parkbench.accounts.rules import SCOPED_ROLES, Action, Held, Role
from parkbench.catalogue.models import Maker
from parkbench.instruments.models import Instrument
from parkbench.lib.errors import NotAllowed
from parkbench.lib.urn import record_id
from parkbench.programme.models import Platform, Unit
from parkbench.records import rules
from parkbench.records.models import HELD, OWN, REGISTER, Home
from parkbench.records.queries import own_address
from parkbench.records.registry import Kind, kind_of
from parkbench.records.services import Draft, publish, set_stewardship
from parkbench.records.visibility import Viewer, check_edit, masked, may_edit, reach_q, sections

pytestmark = pytest.mark.django_db

ALL = frozenset({"basics", "capacity", "economics", "contact", "internal"})
OPEN = frozenset({"basics", "capacity", "contact"})
PARTNER = 3
# One column of each section, none of them empty in the rows below.
COLUMNS = {
    "basics": "name",
    "capacity": "configuration",
    "economics": "legal_owner",
    "contact": "mailbox",
    "internal": "room",
}
MASK_OF = {name: f"{name}_mask" if name != "basics" else "audience_mask" for name in COLUMNS}
FILLED = dict(
    zip(COLUMNS.values(), ("A name", "Two lasers", "The institute", "a@b.example", "B 12"), strict=True)
)
UNIT, OTHER, PLATFORM = UUID(int=1), UUID(int=2), UUID(int=9)


def kind() -> Kind:
    return kind_of("instrument")


def stand(home: int = OWN, unit: Unit | None = None, **more: object) -> Instrument:
    """Put a row straight into the table: what partners and the register send comes by no service yet.

    Of a partner's, the sections with a mask are held; the others have nothing in their columns.
    """
    filled = {**FILLED, **more}
    if home == PARTNER:
        for section, column in COLUMNS.items():
            if section != "basics" and not filled.get(f"{section}_mask", HELD):
                filled[column] = None
            filled.setdefault(MASK_OF[section], HELD)
        filled["audience_mask"] = filled["audience_mask"] or HELD  # it is here while its basics are held
    return Instrument.objects.create(uid=uuid4(), home_id=home, unit=unit, model_text="X", **filled)


@pytest.fixture
def park() -> dict[str, Instrument]:
    """One instrument of our unit, of another unit, of a partner, and one that no release ever ships."""
    Home.objects.create(pk=PARTNER, address="https://beta.example", name="Beta")
    platform = Platform.objects.create(uid=PLATFORM, name="Imaging")
    ours = Unit.objects.create(uid=UNIT, name="Light microscopy", platform=platform)
    other = Unit.objects.create(uid=OTHER, name="Proteomics")
    theirs = Unit.objects.create(uid=uuid4(), home_id=PARTNER, name="Their unit")
    return {
        "own": stand(unit=ours),
        "other": stand(unit=other),
        "partner": stand(PARTNER, theirs),
        "register": stand(REGISTER),
    }


def holding(*grants: tuple[Role, UUID] | Role) -> Viewer:
    held = [one if isinstance(one, tuple) else (one, "") for one in grants]
    return Viewer(grants=tuple(Held(role, str(scope)) for role, scope in held))


ECONOMICS, INTERNAL = frozenset({"economics"}), frozenset({"internal"})
INSIDE = {
    "administrator": (holding(Role.ADMINISTRATOR), ALL, ALL, ALL),
    "manager": (holding(Role.MANAGER), ALL, ALL, ALL),
    "head": (holding((Role.HEAD, UNIT)), ALL, OPEN, OPEN),
    "head of the platform": (holding((Role.HEAD, PLATFORM)), ALL, OPEN, OPEN),
    "editor": (holding((Role.EDITOR, UNIT)), OPEN | INTERNAL, OPEN, OPEN),
    "reader": (holding(Role.READER), OPEN, OPEN, OPEN),
    "economics reader": (holding((Role.ECONOMICS_READER, UNIT)), OPEN | ECONOMICS, OPEN, OPEN),
    "operator": (Viewer.operator(), ALL, ALL, ALL),
}


@pytest.mark.parametrize("role", INSIDE)
def test_a_member_sees_all_rows_and_of_each_the_parts_of_their_role(role: str, park: dict) -> None:
    viewer, own, other, partner = INSIDE[role]
    assert Instrument.objects.visible(viewer, "all").count() == 4
    assert set(Instrument.objects.visible(viewer)) == {park["own"], park["other"]}
    assert list(Instrument.objects.visible(viewer, "partners")) == [park["partner"]]
    assert list(Instrument.objects.visible(viewer, str(PARTNER))) == [park["partner"]]
    assert not Instrument.objects.visible(viewer, "77").exists()
    assert sections(kind(), park["own"], viewer) == own
    assert sections(kind(), park["other"], viewer) == other
    assert sections(kind(), park["partner"], viewer) == partner


OUTSIDE = {
    # The rows they see when "own" is shared with all partners and "other" with the group of bit 2.
    "the public": (Viewer.public(), set()),
    "all partners": (Viewer.as_audiences(rules.PARTNERS), {"own"}),
    "a group": (Viewer.as_audiences(rules.PARTNERS | 4), {"own", "other"}),
    "another group": (Viewer.as_audiences(8), set()),
    "somebody with no audience": (Viewer(mask=rules.NOBODY), set()),
    "Cleo, who has no role": (Viewer(grants=()), set()),
}


@pytest.mark.parametrize("who", OUTSIDE)
def test_an_outsider_sees_what_is_shared_with_them_and_never_a_partners(who: str, park: dict) -> None:
    viewer, seen = OUTSIDE[who]
    share(park["own"], audience_mask=rules.PARTNERS, economics_mask=rules.PARTNERS)
    share(park["other"], audience_mask=4)
    # Even if a fault gave a partner's row a public mask, it stays inside.
    share(park["partner"], audience_mask=rules.PUBLIC, is_public=True, capacity_mask=rules.PUBLIC)
    assert not Instrument.objects.visible(viewer, "partners").exists()
    assert not Instrument.objects.visible(viewer, str(PARTNER)).exists()
    rows = Instrument.objects.visible(viewer, "all")
    names = {uid: name for name, row in park.items() for uid in [row.uid]}
    assert {names[uid] for uid in rows.values_list("uid", flat=True)} == seen
    assert rows.count() == len(seen)
    assert sections(kind(), park["partner"], viewer) == frozenset()
    own = sections(kind(), Instrument.objects.get(pk=park["own"].pk), viewer)
    assert own == (frozenset({"basics", "economics"}) if "own" in seen else frozenset())


@pytest.mark.parametrize("viewer", [*OUTSIDE.values(), *INSIDE.values()])
def test_everybody_sees_the_shipped_register_and_outsiders_no_own_entry(viewer: tuple) -> None:
    looks, maker = viewer[0], kind_of("maker")
    Maker.objects.filter(home=REGISTER).delete()
    shipped = Maker.objects.create(uid=uuid4(), home_id=REGISTER, name="Leica", key="leica")
    own = Maker.objects.create(uid=uuid4(), name="Workshop", key="workshop")
    assert set(Maker.objects.visible(looks)) == ({shipped, own} if looks.is_member else {shipped})
    assert sections(maker, shipped, looks) == {"basics"}


def test_internal_never_leaves_whatever_the_mask_says(park: dict) -> None:
    share(park["own"], audience_mask=rules.PUBLIC, is_public=True, internal_mask=rules.PUBLIC)
    row = Instrument.objects.get(pk=park["own"].pk)
    for viewer in (Viewer.public(), Viewer.as_audiences(2**61 - 1)):
        assert sections(kind(), row, viewer) == {"basics"}
        assert shown(row, "internal", viewer) is None
    assert "internal" not in sections(kind(), park["register"], Viewer.public())


def test_deleted_rows_are_seen_by_nobody(park: dict) -> None:
    from django.utils import timezone

    share(park["own"], audience_mask=rules.PUBLIC, is_public=True, deleted_at=timezone.now())
    for viewer, *_rest in [*INSIDE.values(), *OUTSIDE.values()]:
        assert not Instrument.objects.visible(viewer).filter(pk=park["own"].pk).exists()


def test_a_partners_part_is_masked_even_for_a_row_that_never_went_through_visible(park: dict) -> None:
    share(park["partner"], capacity_mask=rules.PUBLIC)
    column = masked(kind(), "capacity", Viewer.public(), "configuration")
    rows = Instrument.objects.filter(pk=park["partner"].pk).annotate(_shown=column)
    assert list(rows.values_list("_shown", flat=True)) == [None]


def share(row: Instrument, **columns: object) -> None:
    Instrument.objects.filter(pk=row.pk).update(**columns)


def shown(row: Instrument, section: str, viewer: Viewer) -> object:
    column = masked(kind(), section, viewer, COLUMNS[section])
    rows = Instrument.objects.visible(viewer, "all").filter(pk=row.pk)
    return rows.annotate(_shown=column).values_list("_shown", flat=True).first()


SCOPES = st.sampled_from([UNIT, OTHER, PLATFORM, UUID(int=77)])
GRANTS = st.lists(
    st.sampled_from(Role).flatmap(
        lambda role: st.builds(lambda scope: (role, scope), SCOPES) if role in SCOPED_ROLES else st.just(role)
    ),
    max_size=3,
)
VIEWERS = st.one_of(
    GRANTS.map(lambda grants: holding(*grants)),
    st.integers(0, 31).map(lambda mask: Viewer(mask=mask)),
    st.integers(0, 31).map(Viewer.as_audiences),
)
MASKS = st.integers(0, 31).map(rules.journals)
ROWS = st.lists(
    st.tuples(
        st.sampled_from([OWN, REGISTER, PARTNER]),
        st.sampled_from([None, UNIT, OTHER]),
        st.fixed_dictionaries(
            dict.fromkeys(
                ("audience_mask", "capacity_mask", "economics_mask", "contact_mask", "internal_mask"), MASKS
            )
        ),
    ),
    min_size=1,
    max_size=6,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
@given(ROWS, VIEWERS)
def test_lists_and_pages_agree_on_every_part_of_every_row(park: dict, rows: list, viewer: Viewer) -> None:
    units = {unit.uid: unit for unit in Unit.objects.filter(uid__in=[UNIT, OTHER])}
    Instrument.objects.filter(parent=None).delete()
    made = [
        stand(
            home,
            units[unit or UNIT] if home == OWN else units.get(unit),
            **masks,
            is_public=masks["audience_mask"] == rules.PUBLIC,
        )
        for home, unit, masks in rows
    ]
    visible = set(Instrument.objects.visible(viewer, "all").values_list("pk", flat=True))
    for section, column in COLUMNS.items():
        shown_column = masked(kind(), section, viewer, column)
        seen = dict(
            Instrument.objects.visible(viewer, "all")
            .annotate(_shown=shown_column)
            .values_list("pk", "_shown")
        )
        for row in made:
            if row.pk in visible:
                is_shown = section in sections(kind(), row, viewer)
                assert seen[row.pk] == (FILLED[column] if is_shown else None)
            else:
                assert not viewer.is_member
                assert row.pk not in seen


def test_sorting_and_counting_cannot_tell_what_a_column_hides(park: dict) -> None:
    viewer = holding(Role.READER)
    share(park["own"], legal_owner="Aaa")
    share(park["other"], legal_owner="Zzz")
    rows = Instrument.objects.visible(viewer).annotate(
        owner=masked(kind(), "economics", viewer, "legal_owner")
    )
    assert not rows.filter(owner="Aaa").exists()
    assert list(rows.values("owner").annotate(n=Count("pk")).values_list("owner", "n")) == [(None, 2)]


def test_a_right_reaches_rows_by_every_scope_that_a_grant_may_name(park: dict) -> None:
    for scope in (UNIT, PLATFORM, park["own"].uid):
        condition = reach_q(kind(), holding((Role.HEAD, scope)), Action.SHARE)
        assert set(Instrument.objects.filter(condition)) == {park["own"]}
    assert reach_q(kind(), holding(Role.MANAGER), Action.SHARE) is True
    assert reach_q(kind(), holding(Role.READER), Action.SHARE) is False


def test_a_content_responsible_edits_that_record_only() -> None:
    unit = cast.unit()
    ref = record_id(node=own_address(), kind="unit", uid=unit)
    mine, theirs = uuid4(), uuid4()
    for uid in (mine, theirs):
        basics = {"name": f"I {uid}", "unit_ref": ref, "model_text": "X"}
        publish(
            kind="instrument",
            drafts=[Draft(uid=uid, sections={"basics": basics}, is_new=True)],
            by=cast.OPERATOR,
        )
    ada = cast.person("Ada", Role.READER)
    set_stewardship(kind="instrument", uid=mine, steward=ada, review_due_on=None, by=cast.OPERATOR)
    looks = cast.viewer(ada)
    assert may_edit(kind(), Instrument.objects.get(uid=mine), looks)
    with pytest.raises(NotAllowed, match="Ask its content responsible"):
        check_edit(kind(), Instrument.objects.get(uid=theirs), looks)
    Instrument.objects.filter(uid=mine).update(home=REGISTER)
    assert not may_edit(kind(), Instrument.objects.get(uid=mine), Viewer.operator())


def test_an_unknown_action_is_no_right(park: dict) -> None:
    with pytest.raises(ValueError, match="fly"):
        holding(Role.ADMINISTRATOR).may("fly")
    assert not Viewer.public().may(Action.SEE)
    assert holding((Role.HEAD, UNIT)).may_somewhere(Action.SHARE)
    assert not holding((Role.HEAD, UNIT)).may(Action.SHARE, frozenset({str(OTHER)}))


def test_a_scope_in_a_grant_never_reaches_a_partners_row(park: dict) -> None:
    partners = park["partner"]
    for scope in (partners.uid, partners.unit.uid):
        for role in (Role.HEAD, Role.EDITOR, Role.ECONOMICS_READER):
            viewer = holding((role, scope))
            assert sections(kind(), partners, viewer) == OPEN
            assert shown(partners, "economics", viewer) is None
            assert not may_edit(kind(), partners, viewer)
    # Even one that names a unit of ours.
    Instrument.objects.filter(pk=partners.pk).update(unit=park["own"].unit)
    assert shown(partners, "economics", holding((Role.HEAD, UNIT))) is None
    with pytest.raises(NotAllowed, match="belongs to a partner"):
        check_edit(kind(), partners, Viewer.operator())
