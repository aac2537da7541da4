"""Writes of the index: hear of changes, build a kind anew, wipe what deleted words leave behind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from parkbench.lib import jobs
from parkbench.lib.db import is_postgres
from parkbench.records.bulk import CHUNK, upsert
from parkbench.records.registry import Kind, kind_of, kinds
from parkbench.search import rules
from parkbench.search.models import BASICS, SearchDocument, SearchPending, SearchWord

COLUMNS = ("id", "kind", "home_id", "uid", "row_id", "section", "size", "title", "body")
Document = tuple[int, str, int, UUID, int, str, int, str, str]


MOST_AT_ONCE = 100
"""Records whose documents are written with the change; a larger one leaves them to a job."""


def hear(kind: str, uids: Sequence[UUID]) -> None:
    """This function will bring the index in line, inside the transaction or, for many records, by job.

    Nothing leaks meanwhile: what a person may see is asked of the records, never of the index. Documents of
    records that are deleted or gone are removed at once, whatever their number.
    """
    if not kind_of(kind).is_searched:
        return
    if len(uids) <= MOST_AT_ONCE:
        index(kind, uids)
        return
    live = kind_of(kind).model._default_manager.filter(uid__in=uids, deleted_at=None)
    here = set(live.values_list("uid", flat=True))
    gone = [uid for uid in uids if uid not in here]
    if gone:
        index(kind, gone)
    if here:
        if not SearchPending.objects.exists():
            jobs.enqueue("search.catch_up")
        upsert(SearchPending, columns=("kind", "uid"), rows=[(kind, uid) for uid in uids if uid in here])


def catch_up() -> int:
    """This function will index what large changes left, 1,000 records a transaction; returns how many."""
    count = 0
    while True:
        with transaction.atomic():
            rows = list(SearchPending.objects.order_by("pk").values_list("pk", "kind", "uid")[:CHUNK])
            for kind in {kind for _pk, kind, _uid in rows}:
                index(kind, [uid for _pk, each, uid in rows if each == kind])
            SearchPending.objects.filter(pk__in=[pk for pk, _kind, _uid in rows]).delete()
        if not rows:
            return count
        count += len(rows)


def index(kind: str, uids: Sequence[UUID]) -> None:
    """This function will bring the documents of these records in line, inside the caller's transaction.

    Two reads and at most three writes, whatever their number. Records that are deleted or gone lose theirs at
    once; what their words leave in the index file is wiped by the job ``search.scrub``.
    """
    known = kind_of(kind)
    columns = ("id", "home_id", "title", "body")
    rows = SearchDocument.objects.filter(kind=kind, uid__in=uids).values_list(*columns)
    held = {number: (home_id, title, body) for number, home_id, title, body in rows}
    wanted = {document[0]: document for document in _documents(known, uids)}
    gone = [number for number in held if number not in wanted]
    fresh = [
        document
        for number, document in wanted.items()
        if held.get(number) != (document[2], document[7], document[8])
    ]
    if gone:
        SearchDocument.objects.filter(pk__in=gone).delete()
        jobs.enqueue("search.scrub")
    if fresh:
        upsert(SearchDocument, columns=COLUMNS, rows=fresh, key=("id",))
        _keep_words(document[8] for document in fresh)


def _documents(kind: Kind, uids: Sequence[UUID]) -> Iterator[Document]:
    """Yield the documents these records should have: basics always, other sections when they hold words."""
    wanted = searched_columns(kind)
    columns = [column for _number, _section, names in wanted for column in names]
    rows = kind.model._default_manager.filter(uid__in=uids, deleted_at=None)
    base = rules.kind_base(kind.name)
    for pk, home_id, uid, title, *values in rows.values_list("pk", "home_id", "uid", kind.title, *columns):
        key = rules.title_key(title or "")
        start = 0
        for number, section, names in wanted:
            texts = _texts(values[start : start + len(names)])
            start += len(names)
            body = rules.index_text([title or "", *texts] if section == BASICS else texts)
            if body or section == BASICS:
                document = rules.document_number(base, pk, number)
                yield document, kind.name, home_id, uid, pk, section, len(key), key, body


def searched_columns(kind: Kind) -> list[tuple[int, str, tuple[str, ...]]]:
    """Return (number, section, columns) of what is indexed beside the title, basics always among them.

    Raises ValueError when a kind names a section it has not, or has too many to number.
    """
    names = [spec.name for spec in kind.sections]
    unknown = set(kind.search) - set(names)
    if unknown or len(names) > 1 << rules.SECTION_BITS:
        why = f"has no section {sorted(unknown)}" if unknown else "has more sections than can be numbered"
        raise ValueError(f"The kind {kind.name} cannot be searched: it {why}.")
    return [
        (number, name, tuple(column for column in kind.search.get(name, ()) if column != kind.title))
        for number, name in enumerate(names)
        if name == BASICS or name in kind.search
    ]


def _texts(values: Iterable[Any]) -> list[str]:
    texts = []
    for value in values:
        if isinstance(value, str):
            texts.append(value)
        elif isinstance(value, list | tuple):
            texts.extend(_texts(value))
        elif isinstance(value, dict):
            texts.extend(_texts(value.values()))
        elif value is not None:
            texts.append(str(value))
    return texts


def _keep_words(bodies: Iterable[str]) -> None:
    found: set[str] = set()
    for body in bodies:
        found.update(body.split())
    words = [word for word in found if rules.can_correct(word)]
    sql = f"INSERT INTO {SearchWord._meta.db_table} (word) VALUES (%s) ON CONFLICT DO NOTHING"  # noqa: S608
    with connection.cursor() as cursor:
        # Sorted: two writers that add the same words must not wait for each other crosswise.
        cursor.executemany(sql, [(word,) for word in sorted(words)])


def reindex(kind: str = "") -> int:
    """This function will build the index of one kind, or of all, anew; returns how many records it read.

    Each 1,000 records are a transaction of their own. Raises KeyError for a kind this version does not know.
    """
    count = 0
    for known in [kind_of(kind)] if kind else kinds():
        count += _reindex(known) if known.is_searched else 0
    return count


def _reindex(kind: Kind) -> int:
    _drop_orphans(kind)
    count, last = 0, 0
    while True:
        rows = kind.model._default_manager.filter(pk__gt=last).order_by("pk")
        page = list(rows.values_list("pk", "uid")[:CHUNK])
        if not page:
            return count
        with transaction.atomic():
            index(kind.name, [uid for _pk, uid in page])
        count, last = count + len(page), page[-1][0]


def _drop_orphans(kind: Kind) -> None:
    """Remove documents whose record is gone or deleted, or whose section is searched no longer."""
    live = kind.model._default_manager.filter(pk=OuterRef("row_id"), uid=OuterRef("uid"), deleted_at=None)
    sections = [section for _number, section, _columns in searched_columns(kind)]
    documents = SearchDocument.objects.filter(kind=kind.name)
    with transaction.atomic():
        documents.exclude(section__in=sections).delete()
        documents.filter(~Exists(live)).delete()


def scrub() -> None:
    """This function will wipe from the index and the vocabulary every word that no document holds any more.

    On SQLite it merges the full-text index, which keeps deleted words in its older parts otherwise, and
    empties the write-ahead log outside a transaction. On PostgreSQL dead rows go with VACUUM.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        if is_postgres():
            cursor.execute(
                "DELETE FROM search_searchword WHERE word NOT IN "
                "(SELECT word FROM ts_stat('SELECT lexemes FROM search_searchdocument'))"
            )
            return
        for index in ("search_basics", "search_sections"):
            cursor.execute(f"INSERT INTO {index}({index}) VALUES ('optimize')")  # noqa: S608
        cursor.execute(
            "DELETE FROM search_searchword WHERE word NOT IN "
            "(SELECT term FROM search_basics_words UNION SELECT term FROM search_sections_words)"
        )
    if not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
