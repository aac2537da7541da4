"""Building the index anew, and what deleted words leave behind."""

import sqlite3

import pytest
from django.db import connection

from parkbench.records.models import Section
from parkbench.records.services import delete
from parkbench.search import services
from parkbench.search.models import SearchDocument, SearchWord
from parkbench.search.queries import search
from unit.search.conftest import MANAGER, add_unit


@pytest.mark.django_db
def test_it_builds_the_index_anew() -> None:
    uid = add_unit("Zeiss lab", contact="Keeper")
    add_unit("Gone lab")
    SearchDocument.objects.filter(uid=uid).delete()
    SearchDocument.objects.exclude(uid=uid).update(row_id=10**6)
    assert search(text="zeiss", viewer=MANAGER).count == 0
    assert services.reindex("unit") == 2
    assert search(text="zeiss", viewer=MANAGER).count == 1
    assert search(text="keeper", viewer=MANAGER).count == 1
    assert search(text="gone", viewer=MANAGER).count == 1
    assert SearchDocument.objects.count() == 3


@pytest.mark.django_db
def test_it_refuses_a_kind_it_does_not_know() -> None:
    with pytest.raises(KeyError):
        services.reindex("castle")


@pytest.mark.django_db
def test_unchanged_records_write_nothing(django_assert_num_queries: object) -> None:
    uid = add_unit("Zeiss lab", contact="Keeper")
    with django_assert_num_queries(2):  # type: ignore[operator]
        services.hear("unit", [uid])


@pytest.mark.django_db
def test_a_thousand_records_take_as_many_statements_as_one(django_assert_max_num_queries: object) -> None:
    uids = [add_unit(f"Hall {number}") for number in range(30)]
    SearchDocument.objects.filter(uid__in=uids).delete()
    with django_assert_max_num_queries(4):  # type: ignore[operator]
        services.hear("unit", uids)
    assert SearchDocument.objects.count() == 30


@pytest.mark.django_db
def test_scrub_forgets_words_that_nothing_holds() -> None:
    uid = add_unit("Canaryword")
    add_unit("Keptword")
    delete(kind="unit", uids=[uid], by=MANAGER)
    services.scrub()
    assert set(SearchWord.objects.values_list("word", flat=True)) == {"keptword"}


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_deleted_record_leaves_no_trace_in_the_database_file(monkeypatch: pytest.MonkeyPatch) -> None:
    if connection.vendor == "postgresql":
        return _no_trace_in_tables()
    queued: list[str] = []
    monkeypatch.setattr(services.jobs, "enqueue", queued.append)
    # Different beginnings: the index keeps of a word only what differs from the word before.
    canaries = [f"{chr(97 + number) * 4}canary" for number in range(20)]
    uids = [add_unit(f"Unit {canary}", contact=canary) for canary in canaries]
    for number in range(30):
        add_unit(f"Kept {number}")
    assert all(search(text=canary, viewer=MANAGER).count == 1 for canary in canaries)
    delete(kind="unit", uids=uids, by=MANAGER)
    assert not any(search(text=canary, viewer=MANAGER).count for canary in canaries)
    model = services.kind_of("unit").model
    model._default_manager.filter(uid__in=uids).delete()
    Section.objects.filter(uid__in=uids).delete()
    assert queued == ["search.scrub"]
    assert _traces(canaries) == canaries  # the vocabulary at least
    SearchWord.objects.filter(word__endswith="canary").delete()
    if sqlite3.sqlite_version_info < (3, 42):
        assert _traces(canaries)  # the index keeps deleted words in its older parts
    services.scrub()
    assert _traces(["kept"]) == ["kept"]
    assert _traces(canaries) == []
    return None


def _traces(words: list[str]) -> list[str]:
    """Return the words that stand anywhere in the database's pages, free ones too."""
    pages = connection.connection.serialize()
    return [word for word in words if word.encode() in pages]


def _no_trace_in_tables() -> None:
    uid = add_unit("Unit canary")
    delete(kind="unit", uids=[uid], by=MANAGER)
    services.scrub()
    assert not SearchDocument.objects.filter(uid=uid).exists()
    assert not SearchWord.objects.filter(word="canary").exists()
