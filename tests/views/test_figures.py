"""Pages of use: who sees what, in how many queries; what is not known is said."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import cast
from parkbench.accounts.rules import Role
from parkbench.catalogue.models import DeviceModel
from parkbench.catalogue.services import MakerFields, ModelFields, add_maker, add_model
from parkbench.figures import services
from parkbench.figures.queries import panels
from parkbench.instruments import services as instruments
from parkbench.records import rules as sharing
from parkbench.records.queries import own_address
from parkbench.records.services import set_policies, set_stewardship, widen
from parkbench.records.visibility import Viewer

pytestmark = pytest.mark.django_db
YEAR = timezone.localdate().year - 1


@pytest.fixture
def unit():
    return cast.unit()


@pytest.fixture
def scope(unit):
    return cast.instrument("Confocal", unit)


def enter(instrument, **values):
    named = {f"m12_{name}": value for name, value in values.items()}
    return services.enter_month(instrument=instrument, year=YEAR, month=12, values=named, by=cast.OPERATOR)


def sign_in(client, *roles):
    client.force_login(cast.person("Somebody", *roles))


def text(response) -> str:
    return response.content.decode()


def test_panels_show_use_and_say_what_is_not_known(client, unit, scope):
    sign_in(client, Role.READER)
    page = text(client.get(f"/instruments/{scope}/"))
    assert "Nothing is known of its use" in page
    enter(scope, used_internal=6000, available=12000)
    for url in (f"/instruments/{scope}/", f"/units/{unit}/"):
        page = text(client.get(url))
        assert "Use is not known for 23 of 24 months." in page
        assert "50 %" in page
        assert "not known" in page
    assert "At most 1 of 1 instruments told their use" in page


def test_the_list_sorts_narrows_and_exports(client, unit, scope):
    enter(scope, used_internal=6000)
    enter(cast.instrument("Other", unit), used_internal=60)
    sign_in(client, Role.READER)
    page = text(client.get("/use/?sort=used"))
    assert page.index("Other") < page.index("Confocal")
    assert "Other" not in text(client.get(f"/use/?instrument={scope}"))
    assert "Confocal" not in text(client.get(f"/use/?year={YEAR - 1}"))
    lines = text(client.get("/use/export.csv?q=confocal")).splitlines()
    assert len(lines) == 2
    assert "100" in lines[1]


def test_visitors_see_only_what_is_public(client, scope):
    uid = enter(scope, used_internal=6000)
    cells = {("instrument", "basics"): sharing.PUBLIC, ("use", "basics"): sharing.PUBLIC}
    assert client.get(f"/use/{uid}/").status_code == 404
    set_policies(cells=cells, by=cast.OPERATOR)
    widen(kind="instrument")
    widen(kind="use")
    page = text(client.get(f"/use/{uid}/"))
    assert "not shared with you" in page
    assert "100" not in text(client.get("/use/export.csv"))
    set_policies(cells={**cells, ("use", "hours"): sharing.PUBLIC}, by=cast.OPERATOR)
    widen(kind="use")
    assert "Hours used" in text(client.get(f"/use/{uid}/"))


def test_a_month_is_entered_by_hand(client, unit, scope):
    sign_in(client, (Role.HEAD, str(unit)))
    url = f"/instruments/{scope}/use/"
    data = {"month": f"{YEAR}-03", "used-internal": "12,5", "available": "20:30", "revision_hours": "0"}
    done = client.post(url, data)
    assert done.status_code == 302
    assert "12.5" in text(client.get(done["Location"]))
    assert 'value="12:30"' in text(client.get(f"{url}?month={YEAR}-03"))
    refused = client.post(url, {**data, "used-internal": "21", "revision_hours": "1"})
    assert refused.status_code == 422
    assert "At most the 20.5 h the instrument was available." in text(refused)


@pytest.mark.parametrize("role", [Role.READER, Role.MANAGER])
def test_the_list_takes_as_many_queries_for_many_rows_as_for_one(client, unit, role):
    sign_in(client, role)
    counts = []
    for number in range(6):
        enter(cast.instrument(f"Scope {number}", unit), used_internal=60)
        if number in (0, 5):
            client.get("/use/")
            with CaptureQueriesContext(connection) as queries:
                client.get("/use/")
            counts.append(len(queries))
    assert counts[0] == counts[1] <= 13


def test_a_month_by_hand_holds_training_sessions_and_groups(client, unit, scope):
    sign_in(client, (Role.HEAD, str(unit)))
    url = f"/instruments/{scope}/use/"
    data = {"month": f"{YEAR}-12", "revision_hours": "0", "revision_groups": "0"}
    few = {
        "used-industry": "10",
        "training-industry": "2:30",
        "sessions-industry": "7",
        "groups-industry": "3",
    }
    refused = client.post(url, {**data, **few, "training-industry": "11"})
    assert "Training hours within the hours used, not beyond them." in text(refused)
    assert client.post(url, {**data, **few, "groups-industry": "<5"}).status_code == 422
    assert client.post(url, {**data, **few, "sessions-industry": "1.5"}).status_code == 422
    assert client.post(url, {**data, **few}).status_code == 302
    page = text(client.get(f"{url}?month={YEAR}-12"))
    assert 'value="&lt;5"' in page
    assert 'value="3"' not in page
    data |= {"revision_hours": "1", "revision_groups": "1"}
    assert (
        client.post(url, {**data, **few, "groups-industry": "<5", "groups-internal": "6"}).status_code == 302
    )
    values, _revisions = services.held(instrument=scope, year=YEAR)
    named = ("training_industry", "sessions_industry", "groups_industry", "groups_internal")
    assert [values[f"m12_{name}"] for name in named] == [150, 7, 3, 6]


def test_who_may_not_see_groups_is_not_asked_for_them_and_empties_none(client, unit, scope):
    year = enter(scope, used_internal=60, groups_internal=9)
    steward = cast.person("Steward", Role.READER)
    for kind, uid in (("instrument", scope), ("use", year)):
        set_stewardship(kind=kind, uid=uid, steward=steward, review_due_on=None, by=cast.OPERATOR)
    client.force_login(steward)
    url = f"/instruments/{scope}/use/"
    page = text(client.get(f"{url}?month={YEAR}-12"))
    assert "training-internal" in page
    assert "groups" not in page.casefold()
    data = {"month": f"{YEAR}-12", "revision_hours": "1", "used-internal": "2", "groups-internal": "1"}
    assert client.post(url, data).status_code == 302
    assert services.held(instrument=scope, year=YEAR)[0]["m12_groups_internal"] == 9


def test_a_make_and_model_shows_the_use_of_own_instruments_in_two_queries(
    client, unit, scope, django_assert_max_num_queries
):
    add_maker(fields=MakerFields(name="Zeiss"), by=cast.OPERATOR)
    uid = add_model(fields=ModelFields(designation="LSM 980", maker="Zeiss"), by=cast.OPERATOR)
    model = DeviceModel.objects.get(uid=uid)
    others = [cast.instrument(f"Scope {number}", unit) for number in range(3)]
    for uid in (scope, *others[:2]):
        instruments.link_model(uid=uid, model=model, by=cast.OPERATOR)
    sign_in(client, Role.READER)
    assert "Use and downtime of own instruments" not in text(client.get(model.get_absolute_url()))
    enter(scope, used_internal=600)
    enter(others[0], used_industry=60)
    enter(others[2], used_industry=9_000)
    page = text(client.get(model.get_absolute_url()))
    assert "Use and downtime of own instruments" in page
    assert "At most 2 of 3 instruments told their use" in page
    viewer = cast.seen_by("Ben", Role.READER)
    with django_assert_max_num_queries(2):
        panel = panels.of_model(ids=[str(model.uid)], viewer=viewer)
    assert panel.context["use"].total("used") == 660
    assert panels.of_model(ids=[str(model.uid)], viewer=Viewer.public()) is None


def test_a_permalink_of_a_year_bears_the_address_of_the_node(client, scope):
    sign_in(client, Role.READER)
    uid = enter(scope, used_internal=6000)
    page = text(client.get(f"/use/{uid}/", headers={"host": "localhost"}))
    assert f'<a href="{own_address()}/id/use/{uid}">' in page
    assert client.get(f"/id/use/{uid}").url == f"/use/{uid}/"
