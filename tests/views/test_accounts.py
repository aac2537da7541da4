"""Sign-in, one-time link, my account, people: who gets in, what is shown, what is refused."""

from __future__ import annotations

import logging
import re

import pytest
from django.urls import reverse

import cast
from parkbench.accounts import queries, services
from parkbench.accounts.models import Grant, OneTimeLink, Person
from parkbench.accounts.rules import Role

pytestmark = pytest.mark.django_db
PASSWORD = "violet hinge lantern 42"
SIGN_IN = "/sign-in/"


@pytest.fixture
def ada(client):
    somebody = cast.person("Ada", Role.ADMINISTRATOR)
    services.use_link(secret=services.make_link(person=somebody), password=PASSWORD)
    return Person.objects.get(pk=somebody.pk)


@pytest.fixture
def ben():
    return cast.person("Ben", Role.READER)


def post_sign_in(client, email="ada@alpha.example", password=PASSWORD, **more):
    return client.post(SIGN_IN, {"email": email, "password": password, **more})


def is_signed_in(client) -> bool:
    return "_auth_user_id" in client.session


def test_it_signs_in_and_goes_where_one_wanted(client, ada):
    asked = client.get("/me/")
    assert asked.url == "/sign-in/?next=/me/"
    assert 'value="/me/"' in client.get(asked.url).content.decode()
    assert post_sign_in(client, next="/me/").url == "/me/"
    assert is_signed_in(client)
    assert client.get(SIGN_IN).url == reverse("overview:home")


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", ""]
)
def test_it_never_leads_to_another_host(client, ada, wanted):
    assert post_sign_in(client, next=wanted).url == reverse("overview:home")


def test_it_says_the_same_whatever_is_wrong_and_keeps_the_address(client, ada):
    wrong = post_sign_in(client, password="wrong")
    nobody = post_sign_in(client, email="nobody@alpha.example")
    sentence = "E-mail and password do not fit together."
    for answer in (wrong, nobody):
        assert answer.status_code == 422
        assert sentence in answer.content.decode()
    assert "ada@alpha.example" in wrong.content.decode()
    assert "wrong" not in re.sub(r"field-wrong|class=\"wrong", "", wrong.content.decode())


def test_the_sixth_attempt_is_refused_and_another_person_is_not(client, ada, ben):
    services.use_link(secret=services.make_link(person=ben), password=PASSWORD)
    for _attempt in range(5):
        post_sign_in(client, password="wrong")
    refused = post_sign_in(client)
    assert refused.status_code == 422
    assert "Wait 15 minutes" in refused.content.decode()
    assert not is_signed_in(client)
    assert post_sign_in(client, email="ben@alpha.example").status_code == 302


def test_behind_a_proxy_the_last_hop_counts_else_the_connection(client, ada, settings):
    for number in range(30):
        client.post(
            SIGN_IN,
            {"email": f"guess{number}@alpha.example", "password": "wrong"},
            headers={"x-forwarded-for": f"198.51.100.{number}"},
        )
    assert "Wait 15 minutes" in post_sign_in(client).content.decode()
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    with_hops = client.post(
        SIGN_IN,
        {"email": "ada@alpha.example", "password": PASSWORD},
        headers={"x-forwarded-for": "127.0.0.1, 203.0.113.9"},
    )
    assert with_hops.status_code == 302


def test_it_signs_out_by_post_only(client, ada):
    client.force_login(ada)
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/").url == reverse("overview:home")
    assert not is_signed_in(client)


def test_a_link_sets_the_password_and_signs_in_once(client, ben):
    url = f"/link/{services.make_link(person=ben)}/"
    for _visit in range(2):  # a mail scanner looks first
        shown = client.get(url)
        assert shown.status_code == 200
        assert "no-store" in shown["Cache-Control"]
        assert shown["Referrer-Policy"] == "same-origin"
    assert client.post(url, {"password": PASSWORD, "again": PASSWORD}).url == reverse("overview:home")
    assert is_signed_in(client)
    client.logout()
    assert client.get(url).status_code == 404
    assert client.post(url, {"password": PASSWORD, "again": PASSWORD}).status_code == 404


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"password": "short", "again": "short"}, "too short"),
        ({"password": PASSWORD, "again": "else"}, "The two passwords differ"),
        ({}, "required"),
    ],
)
def test_a_password_that_does_not_do_is_refused_in_words(client, ben, given, words):
    url = f"/link/{services.make_link(person=ben)}/"
    answer = client.post(url, given)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert OneTimeLink.objects.filter(used_at=None).exists()


def test_the_secret_of_a_link_is_never_logged(client, ben, caplog):
    secret = services.make_link(person=ben)
    with caplog.at_level(logging.DEBUG):
        client.post(f"/link/{secret}/", {"password": "short", "again": "short"})
        client.get(f"/link/{secret}x/")
    assert secret not in caplog.text
    assert "/link/.../" in caplog.text


def test_my_account_changes_what_one_says_of_oneself(client, ben):
    client.force_login(ben)
    facts = {"name": "Ben B.", "orcid": "0000-0002-1825-0097", "is_named_outward": "on"}
    assert client.post("/me/", facts).url == "/me/"
    ben.refresh_from_db()
    assert (ben.name, ben.orcid, ben.is_named_outward) == ("Ben B.", "0000-0002-1825-0097", True)
    wrong = client.post("/me/", {**facts, "orcid": "0000-0002-1825-0098"})
    assert wrong.status_code == 422
    assert "check digit" in wrong.content.decode()
    assert "0000-0002-1825-0098" in wrong.content.decode()


def test_my_account_cannot_raise_ones_own_rights(client, ben):
    client.force_login(ben)
    client.post("/me/", {"name": "Ben", "is_active": "", "role": "administrator", "email": "x@x.example"})
    ben.refresh_from_db()
    assert ben.is_active
    assert ben.email == "ben@alpha.example"
    assert queries.grants_of(person_id=ben.pk)[0].role is Role.READER


def test_the_password_changes_and_one_stays_signed_in(client, ada):
    post_sign_in(client)
    new = "brass kettle orchard 7"
    wrong = client.post("/me/password/", {"current": "no", "password": new, "again": new})
    assert wrong.status_code == 422
    assert "not your current password" in wrong.content.decode()
    given = {"current": PASSWORD, "password": new, "again": new}
    assert client.post("/me/password/", given).url == "/me/"
    assert client.get("/me/").status_code == 200
    client.logout()
    assert client.post("/me/password/", given).url.startswith("/sign-in/")


def test_members_see_names_only_and_visitors_nothing(client, ada, ben):
    assert client.get("/people/").url == "/sign-in/?next=/people/"
    client.force_login(ben)
    page = client.get("/people/").content.decode()
    assert "Ada" in page
    assert "ada@alpha.example" not in page
    assert "/people/new/" not in page
    client.force_login(ada)
    page = client.get("/people/?q=ADA").content.decode()
    assert "ada@alpha.example" in page
    assert "ben@alpha.example" not in page


def routes(person: Person, grant: Grant) -> list[tuple[str, str]]:
    return [
        ("get", "/people/new/"),
        ("post", "/people/new/"),
        ("get", f"/people/{person.uid}/"),
        ("post", f"/people/{person.uid}/"),
        ("post", f"/people/{person.uid}/grants/"),
        ("post", f"/people/{person.uid}/grants/{grant.pk}/revoke/"),
        ("post", f"/people/{person.uid}/link/"),
        ("post", f"/people/{person.uid}/erase/"),
    ]


@pytest.mark.parametrize("role", [Role.MANAGER, Role.READER])
def test_only_administrators_manage_people(client, ada, ben, role):
    cleo = cast.person("Cleo", role)
    before = (Person.objects.count(), Grant.objects.count(), OneTimeLink.objects.count())
    for method, url in routes(ben, ben.grants.get()):
        client.logout()
        assert getattr(client, method)(url).url.startswith("/sign-in/")
        client.force_login(cleo)
        assert getattr(client, method)(url).status_code == 403
    assert before == (Person.objects.count(), Grant.objects.count(), OneTimeLink.objects.count())
    assert Person.objects.get(pk=ben.pk).name == "Ben"


def test_somebody_without_a_role_is_no_member(client, ada):
    client.force_login(cast.person("Cleo"))
    assert client.get("/people/").url.startswith("/sign-in/")
    assert client.get("/me/").status_code == 200


def test_adding_somebody_shows_their_link_once(client, ada):
    uid = cast.unit("Light microscopy")
    client.force_login(ada)
    assert "Light microscopy (unit)" in client.get("/people/new/").content.decode()
    given = {"name": "Eve", "email": "eve@alpha.example", "role": "head", "scope": str(uid)}
    page = client.post("/people/new/", given)
    assert page["Cache-Control"] == "no-store"
    secret = re.search(r"http://testserver/link/([^/\"]+)/", page.content.decode()).group(1)
    eve = Person.objects.get(name="Eve")
    assert services.person_of_link(secret=secret) == eve
    assert secret not in client.get(f"/people/{eve.uid}/").content.decode()
    again = client.post("/people/new/", given)
    assert again.status_code == 422
    assert "is here already" in again.content.decode()
    missing = client.post("/people/new/", {**given, "email": "e@alpha.example", "scope": ""})
    assert "needs a unit" in missing.content.decode()
    assert not Person.objects.filter(email="e@alpha.example").exists()


def test_an_administrator_gives_and_takes_roles(client, ada, ben):
    client.force_login(ada)
    url = f"/people/{ben.uid}/"
    assert client.post(f"{url}grants/", {"role": "manager", "scope": ""}).url == url
    held = ben.grants.get(role="manager")
    assert held.granted_by == ada
    refused = client.post(f"{url}grants/", {"role": "head", "scope": ""})
    assert refused.status_code == 422
    assert "needs a unit" in refused.content.decode()
    assert client.post(f"{url}grants/{held.pk}/revoke/").url == url
    assert client.post(f"{url}grants/{held.pk}/revoke/").status_code == 404
    assert ben.grants.count() == 1


def test_a_grant_of_somebody_else_is_not_taken_by_this_address(client, ada, ben):
    client.force_login(ada)
    other = ada.grants.get()
    assert client.post(f"/people/{ben.uid}/grants/{other.pk}/revoke/").status_code == 404
    assert Grant.objects.filter(pk=other.pk).exists()


def test_the_last_administrator_is_refused_in_words(client, ada):
    client.force_login(ada)
    answer = client.post(f"/people/{ada.uid}/", {"name": "Ada"})
    assert answer.status_code == 422
    assert "last administrator" in answer.content.decode()
    assert client.post(f"/people/{ada.uid}/erase/").status_code == 400
    assert Person.objects.get(pk=ada.pk).is_active


def test_an_administrator_shuts_out_and_links_anew(client, ada, ben):
    client.force_login(ada)
    page = client.post(f"/people/{ben.uid}/link/").content.decode()
    assert "http://testserver/link/" in page
    assert client.post(f"/people/{ben.uid}/", {"name": "Ben"}).status_code == 302
    ben.refresh_from_db()
    assert not ben.is_active
    assert not OneTimeLink.objects.filter(person=ben, used_at=None).exists()
    assert client.post(f"/people/{ben.uid}/link/").status_code == 400


def test_erasing_takes_the_person_off_the_list(client, ada, ben):
    client.force_login(ada)
    assert client.post(f"/people/{ben.uid}/erase/").url == "/people/"
    assert "Ben" not in client.get("/people/").content.decode()
    assert client.get(f"/people/{ben.uid}/").status_code == 404


def test_the_list_takes_the_same_queries_at_3_and_60_people(client, ada, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.force_login(ada)

    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get("/people/")
        return len(captured)

    count()
    few = count()
    for number in range(60):
        cast.person(f"Person{number}", Role.READER)
    assert count() == few
