"""`parkbench user`: what it does, prints and refuses."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

import cast
from parkbench.accounts import queries, services
from parkbench.accounts.models import Grant
from parkbench.accounts.rules import Held, Role

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("user", *arguments, stdout=out)
    return out.getvalue()


def test_add_prints_a_link_that_works():
    uid = cast.unit("Light microscopy")
    scope = ("--scope", "light  MICROSCOPY")
    said = json.loads(run("add", "ada@alpha.example", "--name", "Ada", "--role", "head", *scope, "--json"))
    person = queries.person_by_email(email="ada@alpha.example")
    assert queries.grants_of(person_id=person.pk) == (Held(Role.HEAD, str(uid)),)
    assert said["link"].startswith("https://node.invalid/link/")
    assert services.person_of_link(secret=said["link"].split("/")[-2]) == person


def test_link_replaces_the_earlier_link():
    cast.person("Ada")
    first = run("link", "ada@alpha.example")
    assert "https://node.invalid/link/" in first
    secret = first.rsplit("/", 2)[1]
    run("link", "ADA@alpha.example")
    assert services.person_of_link(secret=secret) is None


def test_list_draws_a_table_or_json():
    uid = cast.unit("Light microscopy")
    cast.person("Ada", Role.READER, (Role.EDITOR, str(uid)))
    assert "ada@alpha.example" in run("list")
    assert json.loads(run("list", "--json")) == [
        {
            "email": "ada@alpha.example",
            "name": "Ada",
            "roles": ["reader", "editor of unit: Light microscopy (unit)"],
            "may_sign_in": True,
        }
    ]


def test_grant_and_revoke():
    uid = cast.unit("Light microscopy")
    cast.person("Ada")
    assert "Ada now holds the role editor" in run("grant", "ada@alpha.example", "editor", "--scope", str(uid))
    assert Grant.objects.get().scope == str(uid)
    run("revoke", "ada@alpha.example", "editor", "--scope", "Light microscopy")
    assert not Grant.objects.exists()


def test_deactivate():
    ada = cast.person("Ada", Role.READER)
    run("deactivate", "ada@alpha.example")
    ada.refresh_from_db()
    assert not ada.is_active


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("link", "nobody@alpha.example"), "Nobody here has the e-mail"),
        (("grant", "ada@alpha.example", "head"), "needs a unit"),
        (("grant", "ada@alpha.example", "head", "--scope", "Nowhere"), "no unit or platform “Nowhere”"),
        (("grant", "ada@alpha.example", "head", "--scope", "Imaging"), "may mean several"),
        (("revoke", "ada@alpha.example", "reader"), "does not hold"),
        (("revoke", "ada@alpha.example", "administrator"), "last administrator"),
        (("add", "ada@alpha.example", "--name", "Ada", "--role", "reader"), "here already"),
    ],
)
def test_it_refuses_in_words_with_exit_code_1(arguments, words):
    from parkbench.programme import services as programme

    cast.unit("Imaging")
    programme.add_platform(name="Imaging", by=cast.OPERATOR)
    cast.person("Ada", Role.ADMINISTRATOR)
    with pytest.raises(CommandError, match=words) as refused:
        run(*arguments)
    assert refused.value.returncode == 1


@pytest.mark.parametrize("arguments", [("grant", "ada@alpha.example", "emperor"), ("add", "a@b.example"), ()])
def test_wrong_usage_is_told_apart(arguments):
    with pytest.raises((SystemExit, CommandError)) as wrong:
        run(*arguments)
    assert getattr(wrong.value, "code", 2) == 2 or "required" in str(wrong.value)
