"""Adding, editing, deleting and restoring the programme; forgetting a person."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import cast
from parkbench.accounts import services as accounts
from parkbench.accounts.rules import Action, Role
from parkbench.envelope.digests import digest
from parkbench.lib.errors import Conflict, Invalid, NotAllowed, NotFound, Refused
from parkbench.programme import queries, services
from parkbench.programme.models import Organisation, Platform, Unit
from parkbench.records import rules
from parkbench.records.models import Home, JournalEntry, Section
from parkbench.records.registry import kind_of
from parkbench.records.services import set_policy, set_stewardship, widen
from parkbench.records.visibility import Viewer

pytestmark = pytest.mark.django_db
BY = cast.OPERATOR


def named(name="Ada", *roles):
    person = cast.person(name, *roles)
    return accounts.change_person(
        person=person, name=name, orcid="0000-0002-1825-0097", is_active=True, is_named_outward=True
    )


def revision(uid, section="basics"):
    return Section.objects.get(uid=uid, section=section, is_current=True).revision


def share(kind, **masks):
    for section, mask in masks.items():
        set_policy(kind=kind, section=section, mask=mask, by=BY)
    widen(kind=kind)


def test_a_unit_lies_in_its_platform_and_keeps_what_is_not_given():
    platform = services.add_platform(name="Imaging", by=BY)
    uid = services.add_unit(
        name="  Light   microscopy ",
        platform=platform,
        url="https://lm.example",
        by=BY,
        contact={"mailbox": "lm@alpha.example"},
    )
    services.edit_unit(uid=uid, short_name="LM", by=BY)
    row = Unit.objects.get(uid=uid)
    assert (row.name, row.short_name, row.url) == ("Light microscopy", "LM", "https://lm.example")
    assert row.platform.uid == platform
    assert row.platform_ref.endswith(f"/id/platform/{platform}")
    assert row.mailbox == "lm@alpha.example"
    services.edit_unit(uid=uid, platform=None, url="", by=BY)
    row.refresh_from_db()
    assert (row.platform, row.url) == (None, None)


def test_the_organisation_is_one_and_names_the_home():
    uid = services.set_organisation(name="Alpha Institute", country="se", by=BY)
    assert services.set_organisation(name="Alpha", ror="048a87296", by=BY) == uid
    row = Organisation.objects.get()
    assert (row.name, row.country, row.ror) == ("Alpha", "SE", "https://ror.org/048a87296")
    assert Home.objects.get(pk=1).name == "Alpha"


@pytest.mark.parametrize("name", ["light microscopy", "LIGHT  MICROSCOPY", " Light microscopy"])
def test_a_name_is_taken_whatever_its_case(name):
    services.add_unit(name="Light microscopy", by=BY)
    with pytest.raises(Refused, match=r"A unit named “.*” is here already"):
        services.add_unit(name=name, by=BY)
    other = services.add_unit(name="Flow cytometry", by=BY)
    with pytest.raises(Refused, match="here already"):
        services.edit_unit(uid=other, name=name, by=BY)
    services.add_platform(name=name, by=BY)


@pytest.mark.parametrize("name", ["", "  "])
def test_a_name_is_needed(name):
    with pytest.raises(Refused, match="name is missing"):
        services.add_site(name=name, by=BY)


def test_what_does_not_fit_is_named_with_its_field():
    with pytest.raises(Invalid) as refused:
        services.add_unit(name="LM", url="lm.example", host_ror="nonsense", by=BY)
    assert {problem.field for problem in refused.value.problems} == {"Website", "ROR of the host"}
    assert not Unit.objects.exists()


def test_two_editors_never_overwrite_each_other():
    uid = services.add_unit(name="LM", by=BY)
    services.edit_unit(uid=uid, short_name="L", expected={"basics": 1}, by=BY)
    with pytest.raises(Conflict):
        services.edit_unit(uid=uid, short_name="M", expected={"basics": 1}, by=BY)
    assert Unit.objects.get(uid=uid).short_name == "L"


def test_only_who_agreed_may_be_contact():
    ben = cast.person("Ben")
    with pytest.raises(Refused, match="Ben has not agreed to be named outside"):
        services.add_unit(name="LM", contact={"person": ben}, by=BY)
    ada = named()
    uid = services.add_unit(name="LM", contact={"person": ada, "mailbox": "lm@alpha.example"}, by=BY)
    row = Unit.objects.get(uid=uid)
    assert (row.person_uid, row.person_name, row.person_email, row.person_orcid) == (
        ada.uid,
        "Ada",
        "ada@alpha.example",
        "0000-0002-1825-0097",
    )
    services.edit_unit(uid=uid, contact={"mailbox": "new@alpha.example"}, by=BY)
    row.refresh_from_db()
    assert (row.person_name, row.mailbox) == ("Ada", "new@alpha.example")
    services.edit_unit(uid=uid, contact={"person": None}, by=BY)
    row.refresh_from_db()
    assert (row.person_uid, row.person_name, row.mailbox) == (None, None, "new@alpha.example")


def test_rights():
    platform = services.add_platform(name="Imaging", by=BY)
    mine = services.add_unit(name="Mine", platform=platform, by=BY)
    other = services.add_unit(name="Other", by=BY)
    head = cast.seen_by("Hedda", (Role.HEAD, str(mine)))
    platform_head = cast.seen_by("Pia", (Role.HEAD, str(platform)))
    reader = cast.seen_by("Ben", Role.READER)
    for by in (head, platform_head):
        services.edit_unit(uid=mine, description=f"by {by.person.name}", by=by)
        with pytest.raises(NotAllowed):
            services.edit_unit(uid=other, description="x", by=by)
        with pytest.raises(NotAllowed):
            services.delete(kind="unit", uid=mine, by=by)
        with pytest.raises(NotAllowed):
            services.add_unit(name="New", by=by)
        with pytest.raises(NotAllowed, match="Only a manager may move a unit"):
            services.edit_unit(uid=mine, platform=None, by=by)
        services.edit_unit(uid=mine, platform=platform, by=by)
    services.edit_platform(uid=platform, short_name="I", by=platform_head)
    for by in (reader, head):
        with pytest.raises(NotAllowed):
            services.edit_platform(uid=platform, short_name="x", by=by)
        with pytest.raises(NotAllowed):
            services.set_organisation(name="x", by=by)
    with pytest.raises(NotAllowed):
        services.edit_unit(uid=mine, description="x", by=reader)
    with pytest.raises(NotFound):
        services.edit_unit(uid=mine, description="x", by=Viewer.public())


def test_a_steward_edits_that_record_only():
    uid, other = services.add_unit(name="Mine", by=BY), services.add_unit(name="Other", by=BY)
    ada = cast.seen_by("Ada", Role.READER)
    set_stewardship(kind="unit", uid=uid, steward=ada.person, review_due_on=None, by=BY)
    services.edit_unit(uid=uid, description="mine", by=ada)
    with pytest.raises(NotAllowed):
        services.edit_unit(uid=other, description="x", by=ada)


def test_stewardship_is_set_with_the_edit_or_not_at_all():
    uid = services.add_unit(name="LM", by=BY)
    ada = cast.person("Ada", Role.READER)
    asked = services.Stewardship(ada, date(2027, 1, 31))
    services.edit(kind="unit", uid=uid, fields={"short_name": "L"}, stewardship=asked, by=BY)
    row = Unit.objects.get(uid=uid)
    assert (row.steward, row.review_due_on) == (ada, date(2027, 1, 31))
    with pytest.raises(Conflict):
        services.edit(
            kind="unit",
            uid=uid,
            fields={"short_name": "M"},
            expected={"basics": 1},
            stewardship=services.Stewardship(None, None),
            by=BY,
        )
    row.refresh_from_db()
    assert row.steward == ada


def test_a_platform_with_units_stays():
    platform = services.add_platform(name="Imaging", by=BY)
    uid = services.add_unit(name="LM", platform=platform, by=BY)
    with pytest.raises(Refused, match=r"“Imaging” still has 1 unit\. Move or delete them first"):
        services.delete(kind="platform", uid=platform, by=BY)
    services.delete(kind="unit", uid=uid, by=BY)
    services.delete(kind="platform", uid=platform, by=BY)
    assert not Platform.objects.live().exists()
    with pytest.raises(Refused, match="Its platform “Imaging” is deleted"):
        services.restore(kind="unit", uid=uid, by=BY)
    services.restore(kind="platform", uid=platform, by=BY)
    services.restore(kind="unit", uid=uid, by=BY)
    assert Unit.objects.live().get().platform.uid == platform


def test_a_name_taken_meanwhile_keeps_the_old_one_deleted():
    uid = services.add_unit(name="LM", by=BY)
    services.delete(kind="unit", uid=uid, by=BY)
    services.add_unit(name="lm", by=BY)
    with pytest.raises(Refused, match="Another unit is named “LM” by now"):
        services.restore(kind="unit", uid=uid, by=BY)


def test_the_organisation_is_never_deleted_and_nothing_is_restored_twice():
    uid = services.set_organisation(name="Alpha", by=BY)
    with pytest.raises(Refused, match="cannot be without its organisation"):
        services.delete(kind="organisation", uid=uid, by=BY)
    with pytest.raises(NotFound):
        services.restore(kind="organisation", uid=uid, by=BY)
    unit = services.add_unit(name="LM", by=BY)
    with pytest.raises(NotFound):
        services.restore(kind="unit", uid=unit, by=BY)


def traces(text):
    return Section.objects.filter(body__contains=text).count()


def test_forgetting_takes_a_person_out_of_contacts_and_history():
    share("unit", basics=rules.PUBLIC, contact=rules.PUBLIC)
    ada, eve = named(), named("Eve")
    live = services.add_unit(name="LM", contact={"person": ada, "mailbox": "lm@alpha.example"}, by=BY)
    past = services.add_unit(name="Flow", contact={"person": ada}, by=BY)
    services.edit_unit(uid=past, contact={"person": eve}, by=BY)
    gone = services.add_platform(name="Old", contact={"person": ada}, by=BY)
    services.delete(kind="platform", uid=gone, by=BY)
    assert services.forget_person(uid=str(ada.uid)) == 3
    assert traces(str(ada.uid)) == traces("ada@alpha.example") == traces("Ada") == 0
    row = Unit.objects.get(uid=live)
    assert (row.person_uid, row.person_name, row.person_email, row.mailbox) == (
        None,
        None,
        None,
        "lm@alpha.example",
    )
    assert (revision(live, "contact"), revision(past, "contact")) == (2, 2)
    assert Unit.objects.get(uid=past).person_name == "Eve"
    assert Platform.objects.get(uid=gone).person_name is None
    for section in Section.objects.all():
        assert section.digest == (digest(section.body.encode()) if section.body else "")
    current = Section.objects.get(uid=live, section="contact", is_current=True)
    assert JournalEntry.objects.get(uid=live, section="contact").digest == current.digest
    services.restore(kind="platform", uid=gone, by=BY)
    assert services.forget_person(uid=str(ada.uid)) == 0
    assert revision(live, "contact") == 2


def test_forgetting_leaves_nothing_where_the_person_was_all():
    share("unit", basics=rules.PUBLIC, contact=rules.PUBLIC)
    ada = named()
    uid = services.add_unit(name="LM", contact={"person": ada}, by=BY)
    services.forget_person(uid=str(ada.uid))
    assert Section.objects.get(uid=uid, section="contact", is_current=True).body == ""
    assert JournalEntry.objects.get(uid=uid, section="contact").is_gone


def test_forgetting_needs_an_id():
    with pytest.raises(ValueError, match="UUID"):
        services.forget_person(uid="%")


def test_the_public_sees_only_public_units_and_nothing_of_a_hidden_platform_or_contact():
    platform = services.add_platform(name="Secret platform", by=BY)
    uid = services.add_unit(name="LM", platform=platform, contact={"mailbox": "hidden@alpha.example"}, by=BY)
    public = Viewer.public()
    assert list(queries.units(viewer=public)) == []
    with pytest.raises(NotFound):
        queries.record_page(kind="unit", uid=uid, viewer=public)
    share("unit", basics=rules.PUBLIC)
    row = queries.units(viewer=public).get()
    assert (row.platform_seen, row.platform_uid_seen, row.mailbox_seen) == (None, None, None)
    page = queries.record_page(kind="unit", uid=uid, viewer=public)
    assert (page.platform, page.reach, page.seen) == (None, (), {"basics"})
    assert not page.body("contact")
    share("unit", contact=rules.PUBLIC)
    share("platform", basics=rules.PUBLIC)
    row = queries.units(viewer=public).get()
    assert (row.platform_seen, row.mailbox_seen) == ("Secret platform", "hidden@alpha.example")


def test_the_steward_is_named_outside_only_where_they_agreed():
    share("unit", basics=rules.PUBLIC)
    uid = services.add_unit(name="LM", by=BY)
    ben = cast.person("Ben", Role.READER)
    set_stewardship(kind="unit", uid=uid, steward=ben, review_due_on=None, by=BY)
    assert queries.record_page(kind="unit", uid=uid, viewer=Viewer.public()).steward == ""
    assert queries.record_page(kind="unit", uid=uid, viewer=cast.viewer(ben)).steward == "Ben"
    named("Ada")
    accounts.change_person(person=ben, name="Ben", orcid="", is_active=True, is_named_outward=True)
    assert queries.record_page(kind="unit", uid=uid, viewer=Viewer.public()).steward == "Ben"


def test_choices_are_those_on_which_one_may_act():
    platform = services.add_platform(name="Imaging", by=BY)
    inside = services.add_unit(name="B", platform=platform, by=BY)
    outside = services.add_unit(name="A", by=BY)
    pia = cast.seen_by("Pia", (Role.HEAD, str(platform)), (Role.EDITOR, str(inside)))
    assert queries.unit_choices(viewer=pia, action=Action.EDIT) == [(str(inside), "B")]
    assert queries.unit_choices(viewer=pia) == [(str(outside), "A"), (str(inside), "B")]
    assert queries.unit_choices(viewer=Viewer.public(), action=Action.EDIT) == []
    assert queries.units_by_name(viewer=pia) == {"a": outside, "b": inside}


@pytest.mark.parametrize("viewer", ["operator", "public"])
def test_the_lists_take_the_same_queries_at_10_and_200_units(viewer):
    share("unit", basics=rules.PUBLIC)
    eyes = getattr(Viewer, viewer)()

    def count(many):
        names = [f"Unit {number}" for number in range(many)]
        services.make_missing(kind="unit", names=names, by=BY)
        with CaptureQueriesContext(connection) as captured:
            assert len([row.home.name for row in queries.units(viewer=eyes)]) == many
            queries.units_by_name(viewer=eyes)
            queries.unit_choices(viewer=eyes)
        return len(captured)

    assert count(10) == count(200) == 3


def test_what_refers_to_a_record_is_found_through_the_registered_references():
    platform = services.add_platform(name="Imaging", by=BY)
    for name in ("A", "B"):
        services.add_unit(name=name, platform=platform, by=BY)
    assert kind_of("unit").references == {"platform": "platform"}
    assert queries.dependents(kind="platform", uid=platform) == [("units", 2)]
