"""Persons, links, throttling, the last administrator, erasing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone

import cast
from parkbench.accounts import queries, services
from parkbench.accounts.models import FailedSignIn, Grant, OneTimeLink, Person
from parkbench.accounts.rules import Role
from parkbench.lib.errors import NotFound, Refused

pytestmark = pytest.mark.django_db
PASSWORD = "violet hinge lantern 42"
HERE = "192.0.2.1"


def ada() -> Person:
    somebody = cast.person("Ada", Role.ADMINISTRATOR)
    services.use_link(secret=services.make_link(person=somebody), password=PASSWORD)
    return Person.objects.get(pk=somebody.pk)


def sign_in(email="ada@alpha.example", password=PASSWORD, address=HERE):
    return services.check_sign_in(email=email, password=password, address=address)


def test_it_signs_in_whatever_the_capitals_of_the_address():
    person = ada()
    assert sign_in(email=" ADA@alpha.example ") == person
    assert Person.objects.get(pk=person.pk).seen_at is not None


def test_the_words_are_the_same_whatever_is_wrong():
    ada()
    ben = cast.person("Ben")
    services.use_link(secret=services.make_link(person=ben), password=PASSWORD)
    services.change_person(person=ben, name="Ben", orcid="", is_active=False, is_named_outward=False)
    sentences = set()
    for email, password in (
        ("ada@alpha.example", "wrong"),
        ("nobody@alpha.example", PASSWORD),
        ("ben@alpha.example", PASSWORD),
    ):
        with pytest.raises(Refused) as refused:
            sign_in(email=email, password=password)
        sentences.add(refused.value.sentence)
    assert len(sentences) == 1


def test_the_sixth_attempt_is_refused_even_with_the_right_password_and_nobody_else_is():
    ada()
    ben = cast.person("Ben")
    services.use_link(secret=services.make_link(person=ben), password=PASSWORD)
    for _attempt in range(5):
        with pytest.raises(Refused, match="do not fit together"):
            sign_in(password="wrong")
    with pytest.raises(Refused, match="Wait 15 minutes"):
        sign_in()
    assert sign_in(email="ben@alpha.example") == ben


def test_after_a_quarter_of_an_hour_it_lets_in_again():
    person = ada()
    for _attempt in range(5):
        services.note_failure(email=person.email, address=HERE)
    FailedSignIn.objects.update(at=timezone.now() - timedelta(minutes=16))
    assert sign_in() == person


def test_an_address_that_tries_many_people_is_refused():
    ada()
    for number in range(30):
        with pytest.raises(Refused, match="do not fit together"):
            sign_in(email=f"guess{number}@alpha.example")
    with pytest.raises(Refused, match="Wait 15 minutes"):
        sign_in()
    assert sign_in(address="192.0.2.2").name == "Ada"


def test_a_link_sets_a_password_once():
    ben = cast.person("Ben")
    secret = services.make_link(person=ben)
    assert services.person_of_link(secret=secret) == ben
    services.use_link(secret=secret, password=PASSWORD)
    assert services.person_of_link(secret=secret) is None
    with pytest.raises(Refused, match="used already or is too old"):
        services.use_link(secret=secret, password=PASSWORD)


def test_a_link_older_than_7_days_does_nothing():
    secret = services.make_link(person=cast.person("Ben"))
    OneTimeLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert services.person_of_link(secret=secret) is None
    with pytest.raises(Refused, match="too old"):
        services.use_link(secret=secret, password=PASSWORD)


def test_a_new_link_replaces_the_earlier_one_and_no_secret_is_kept():
    ben = cast.person("Ben")
    first, second = services.make_link(person=ben), services.make_link(person=ben)
    assert services.person_of_link(secret=first) is None
    assert services.person_of_link(secret=second) == ben
    assert not OneTimeLink.objects.filter(digest=second).exists()


@pytest.mark.parametrize("password", ["short", "password1234", "x" * 1025])
def test_a_weak_password_is_refused_and_the_link_stays_good(password):
    secret = services.make_link(person=cast.person("Ben"))
    with pytest.raises(Refused):
        services.use_link(secret=secret, password=password)
    assert services.person_of_link(secret=secret) is not None


def test_somebody_who_may_not_sign_in_gets_no_link_and_cannot_use_one():
    ben = cast.person("Ben")
    secret = services.make_link(person=ben)
    services.change_person(person=ben, name="Ben", orcid="", is_active=False, is_named_outward=False)
    with pytest.raises(Refused, match="used already or is too old"):
        services.use_link(secret=secret, password=PASSWORD)
    with pytest.raises(Refused, match="may not sign in"):
        services.make_link(person=ben)


def test_the_password_changes_only_with_the_current_one():
    person = ada()
    with pytest.raises(Refused, match="not your current password"):
        services.change_password(person=person, current="wrong", password="brass kettle orchard 7")
    services.change_password(person=person, current=PASSWORD, password="brass kettle orchard 7")
    assert sign_in(password="brass kettle orchard 7") == person


def test_the_last_administrator_stays():
    person = ada()
    held = Grant.objects.get(person=person)
    for act in (
        lambda: services.revoke(grant=held),
        lambda: services.erase_person(person=person),
        lambda: services.change_person(
            person=person, name="Ada", orcid="", is_active=False, is_named_outward=False
        ),
    ):
        with pytest.raises(Refused, match="last administrator"):
            act()
    cast.person("Ben", Role.ADMINISTRATOR)
    services.revoke(grant=held)
    assert queries.has_administrator()


def test_an_administrator_who_may_not_sign_in_does_not_count():
    person = ada()
    ben = cast.person("Ben", Role.ADMINISTRATOR)
    services.change_person(person=ben, name="Ben", orcid="", is_active=False, is_named_outward=False)
    with pytest.raises(Refused, match="last administrator"):
        services.erase_person(person=person)


@pytest.mark.parametrize(
    ("email", "words"), [("nonsense", "not an e-mail"), ("ADA@Alpha.example", "already")]
)
def test_it_refuses_to_add(email, words):
    ada()
    with pytest.raises(Refused, match=words):
        services.add_person(email=email, name="Somebody")


def test_it_refuses_an_orcid_with_a_wrong_check_digit():
    with pytest.raises(Refused, match="check digit"):
        services.add_person(email="a@alpha.example", name="A", orcid="0000-0002-1825-0098")
    person = services.add_person(
        email="a@alpha.example", name="A", orcid="https://orcid.org/0000-0002-1825-0097"
    )
    assert person.orcid == "0000-0002-1825-0097"


def test_an_invitation_is_whole_or_not_at_all():
    with pytest.raises(Refused, match="needs a unit"):
        services.invite_person(email="eve@alpha.example", name="Eve", role=Role.HEAD)
    assert not Person.objects.exists()


@pytest.mark.parametrize(("role", "scope"), [(Role.HEAD, ""), (Role.READER, "x")])
def test_a_role_that_does_not_fit_its_scope_is_refused(role, scope):
    with pytest.raises(Refused):
        services.grant(person=cast.person("Ben"), role=role, scope=scope)


def test_a_grant_given_twice_is_one():
    ben = cast.person("Ben", Role.READER)
    services.grant(person=ben, role=Role.READER)
    assert Grant.objects.count() == 1


def _session_of(person: Person) -> str:
    session = SessionStore()
    session["_auth_user_id"] = str(person.pk)
    session.create()
    return str(session.session_key)


def test_erasing_leaves_former_staff_and_nothing_else(django_capture_on_commit_callbacks):
    ada()
    ben = services.add_person(email="ben@alpha.example", name="Ben", orcid="0000-0002-1825-0097")
    services.grant(person=ben, role=Role.READER)
    services.make_link(person=ben)
    services.note_failure(email=ben.email, address=HERE)
    mine, other = _session_of(ben), _session_of(Person.objects.get(name="Ada"))
    with django_capture_on_commit_callbacks() as queued:
        services.erase_person(person=ben)
    kept = Person.objects.get(pk=ben.pk)
    assert (kept.name, kept.orcid, kept.is_active, kept.is_erased) == ("Former staff", "", False, True)
    assert "ben" not in kept.email
    assert not Grant.objects.filter(person=ben).exists()
    assert not OneTimeLink.objects.filter(person=ben).exists()
    assert set(Session.objects.values_list("session_key", flat=True)) == {other} != {mine}
    assert FailedSignIn.objects.count() == 1  # the address's own count
    assert len(queued) == 1
    with pytest.raises(Refused, match="was erased"):
        services.change_person(person=kept, name="Ben", orcid="", is_active=True, is_named_outward=False)
    with pytest.raises(NotFound):
        queries.person_line(uid=ben.uid)


def test_withdrawing_the_agreement_starts_the_job_once(django_capture_on_commit_callbacks):
    ben = cast.person("Ben")
    facts = {"person": ben, "name": "Ben", "orcid": "", "is_active": True}
    with django_capture_on_commit_callbacks() as queued:
        services.change_person(**facts, is_named_outward=True)
    assert queued == []
    ben.is_named_outward = True  # as a form would leave it
    with django_capture_on_commit_callbacks() as queued:
        services.change_person(**facts, is_named_outward=False)
    assert len(queued) == 1


def test_people_are_listed_by_name_and_only_as_far_as_one_may_know(django_assert_num_queries):
    for name in ("Cleo", "Ada", "Ben"):
        cast.person(name, Role.READER)
    off = Person.objects.get(name="Ben")
    services.change_person(person=off, name="Ben", orcid="", is_active=False, is_named_outward=False)
    assert [line.person.name for line in queries.people()] == ["Ada", "Cleo"]
    assert [line.person.name for line in queries.people(is_managing=True)] == ["Ada", "Ben", "Cleo"]
    assert queries.people(text="cleo@") == []
    assert [line.person.name for line in queries.people(text="cleo@", is_managing=True)] == ["Cleo"]
    with django_assert_num_queries(4):
        queries.people(is_managing=True)
    for number in range(50):
        cast.person(f"Person{number}", Role.READER)
    with django_assert_num_queries(4):
        queries.people(is_managing=True)
