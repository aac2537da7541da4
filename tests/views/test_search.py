"""The page of search."""

from uuid import uuid4

import pytest
from django.test import Client

from cast import OPERATOR
from parkbench.records.models import PolicyCell
from parkbench.records.services import Draft, publish

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def park() -> None:
    """Two open halls and a closed one."""
    for name, mask in (("Open hall", 1), ("Open <b>hall</b>", 1), ("Closed hall", 0)):
        PolicyCell.objects.update_or_create(kind="unit", section="basics", defaults={"mask": mask})
        draft = Draft(uid=uuid4(), sections={"basics": {"name": name}}, is_new=True)
        publish(kind="unit", drafts=[draft], by=OPERATOR)


def page(client: Client, query: str) -> str:
    """Return the page for a query string."""
    answer = client.get(f"/search/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_says_what_to_do_before_anything_is_asked(client: Client) -> None:
    assert "What are you looking for?" in page(client, "")


def test_the_public_sees_public_hits_grouped_with_their_count(client: Client) -> None:
    shown = page(client, "?q=hall")
    assert "Open hall" in shown
    assert "Closed hall" not in shown
    assert "2 records found" in shown
    assert "Open &lt;b&gt;hall&lt;/b&gt;" in shown


def test_it_says_that_a_word_was_put_right(client: Client) -> None:
    assert "Nothing for “hallo”; showing “hall”." in page(client, "?q=hallo")


def test_it_says_what_to_do_when_nothing_is_found(client: Client) -> None:
    shown = page(client, "?q=zzzzzz&kind=unit")
    assert "Nothing found for “zzzzzz”" in shown
    assert "Search everything" in shown


@pytest.mark.parametrize(
    "query", ["?q=%22", "?q=%00", "?q=a&page=x", "?q=a&page=99999999999", "?q=hall&kind=castle"]
)
def test_no_query_breaks_the_page(client: Client, query: str) -> None:
    assert "Search" in page(client, query)


def test_many_hits_of_a_kind_are_paged(client: Client) -> None:
    PolicyCell.objects.update_or_create(kind="unit", section="basics", defaults={"mask": 1})
    for number in range(55):
        draft = Draft(uid=uuid4(), sections={"basics": {"name": f"Room {number}"}}, is_new=True)
        publish(kind="unit", drafts=[draft], by=OPERATOR)
    assert "See all 55 units" in page(client, "?q=room")
    assert "Page 1 of 2" in page(client, "?q=room&kind=unit")
    assert "Page 2 of 2" in page(client, "?q=room&kind=unit&page=2")
