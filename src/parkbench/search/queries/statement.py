"""The statements of a kind: the gate and the match come first, ranking and counting see what is left."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Case, F, Value, When

from parkbench.lib.db import is_postgres
from parkbench.records.models import ALL
from parkbench.records.registry import Kind, kinds
from parkbench.records.visibility import Viewer, masked, section_q
from parkbench.search import rules
from parkbench.search.models import BASICS
from parkbench.search.queries.matching import expression
from parkbench.search.rules import Asked

TITLE_EXACT, TITLE_BEGINS, TITLE_HOLDS, ELSEWHERE = range(4)
FREQUENT = 15_000
"""From so many matches on, walking the titles in order is quicker than sorting what matched [measured]."""

DOCUMENTS = "search_searchdocument"
ROW = f"((%s.id >> {rules.SECTION_BITS}) & {(1 << rules.ROW_BITS) - 1})"
SECTION = f"(%s.id & {(1 << rules.SECTION_BITS) - 1})"

Sql = tuple[str, list[Any]]
Place = tuple[int, int, str, str, int]
"""Where a hit stands: rank, title's length, title, uid as text, row."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What of one kind a viewer may search.

    ``always`` are the numbers of sections seen on every visible row, ``sometimes`` (name, number) of those
    seen on some rows only, ``columns`` the (section, column) pairs a hit may show, ``home`` whose records.
    """

    kind: Kind
    viewer: Viewer
    always: tuple[int, ...]
    sometimes: tuple[tuple[str, int], ...]
    columns: tuple[tuple[str, str], ...]
    home: str = ALL

    @property
    def is_basics_only(self) -> bool:
        """Whether a record has one document at most, so that none can be found twice."""
        return not self.sometimes and set(self.always) <= {0}


def scopes(*, viewer: Viewer, only: Iterable[str] | None, asked: Asked, home: str = ALL) -> list[Scope]:
    """Return what may be searched, kinds that the query names first; alone, their words ask for no other."""
    wanted = None if only is None else set(only)
    searched = [kind for kind in kinds() if kind.is_searched]
    chosen = [kind for kind in searched if wanted is None or kind.name in wanted]
    if asked.kinds and not asked.words:
        chosen = [kind for kind in chosen if kind.name in asked.kinds]
    chosen.sort(key=lambda kind: kind.name not in asked.kinds)
    return [_scope(kind, viewer, home) for kind in chosen]


def _scope(kind: Kind, viewer: Viewer, home: str) -> Scope:
    always, sometimes, columns = [], [], []
    for number, spec in enumerate(kind.sections):
        if spec.name != BASICS and spec.name not in kind.search:
            continue
        condition = section_q(kind, spec.name, viewer)
        if condition is False:
            continue
        if condition is True:
            always.append(number)
        else:
            sometimes.append((spec.name, number))
        columns += [(spec.name, column) for column in kind.search.get(spec.name, ()) if column != kind.title]
    return Scope(kind, viewer, tuple(always), tuple(sometimes), tuple(columns), home)


def matched(chosen: Iterable[Scope], asked: Asked) -> list[tuple[Scope, int]]:
    """Return the scopes in which any document matches, with how many; one pass over the index.

    Nobody may see these numbers: they only spare kinds that hold nothing, and choose between two ways to the
    same answer.
    """
    if not asked.words:
        return [(scope, 0) for scope in chosen]
    listed = list(chosen)
    if not listed:
        return []
    # Sums, not GROUP BY: SQLite would sort all that matched [measured: 9 against 90 ms for 100,000].
    shift = rules.ROW_BITS + rules.SECTION_BITS
    sums = ", ".join(
        f"SUM(CASE WHEN kind = {rules.kind_base(scope.kind.name) >> shift} THEN 1 ELSE 0 END)"
        for scope in listed
    )
    found, params = _matching_anywhere(asked, is_basics_only=all(scope.is_basics_only for scope in listed))
    counts = _run(f"SELECT {sums} FROM (SELECT id >> {shift} AS kind FROM ({found}) hit) hit", params)[0]  # noqa: S608
    return [(scope, count) for scope, count in zip(listed, counts, strict=True) if count]


def best(scope: Scope, asked: Asked, *, matches: int, size: int, offset: int) -> tuple[int, list[Place]]:
    """Return how many records are found, and where the hits of one page stand, best first.

    ``matches`` is what ``matched`` said.
    """
    if not asked.words or matches < FREQUENT:
        return _sorted(scope, asked, size, offset)
    total = _run(*_total(scope, asked))[0][0]
    if total < FREQUENT:  # much matched, little of it visible
        return _sorted(scope, asked, size, offset)
    hits: list[Place] = []
    for tier in (TITLE_EXACT, TITLE_BEGINS, TITLE_HOLDS, ELSEWHERE):
        missing = offset + size - len(hits)
        if missing > 0 and len(hits) < total:
            hits += [(tier, *row) for row in _run(*_walk(scope, asked, tier, missing))]
    return total, hits[offset : offset + size]


def shown(scope: Scope, row_ids: list[int]) -> dict[int, tuple[Any, ...]]:
    """Return {row: (uid, home, home's name, title, texts...)}, each text through its section's gate."""
    columns: dict[str, Any] = {
        "_uid": F("uid"),
        "_home": F("home_id"),
        "_home_name": F("home__name"),
        "_title": F(scope.kind.title),
    }
    for number, (section, column) in enumerate(scope.columns):
        columns[f"_text{number}"] = masked(scope.kind, section, scope.viewer, column)
    rows = _visible(scope).filter(pk__in=row_ids).annotate(**columns)
    return {row[0]: row[1:] for row in rows.values_list("pk", *columns)}


def count_up_to(scope: Scope, asked: Asked, *, limit: int) -> int:
    """Return how many documents that the viewer sees hold all words, counting no further than ``limit``."""
    source, params = _source(scope, asked)
    return int(_run(f"SELECT COUNT(*) FROM (SELECT 1 {source} LIMIT %s) few", [*params, limit])[0][0])  # noqa: S608


def _run(sql: str, params: list[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def _sorted(scope: Scope, asked: Asked, size: int, offset: int) -> tuple[int, list[Place]]:
    """Rank all that matched, in one statement."""
    place, place_params = _place(asked)
    source, params = _source(scope, asked)
    chosen = f"{place} AS place, d.size AS size, d.title AS title, d.uid AS uid, d.row_id AS row_id"
    group = ""
    if not scope.is_basics_only:
        chosen = (
            f"MIN({place}) AS place, MIN(d.size) AS size, MIN(d.title) AS title, d.uid AS uid, "
            "d.row_id AS row_id"
        )
        group = "GROUP BY d.row_id, d.uid"
    sql = f"""
        WITH found AS MATERIALIZED (SELECT {chosen} {source} {group})
        SELECT (SELECT COUNT(*) FROM found), place, size, title, uid, row_id FROM found
        ORDER BY place, size, {_title("title")}, uid LIMIT %s OFFSET %s
    """  # noqa: S608 - built of fixed words and parameters
    rows = _run(sql, [*place_params, *params, size, offset])
    return (rows[0][0] if rows else 0), [row[1:] for row in rows]


def _source(scope: Scope, asked: Asked) -> Sql:
    """Return FROM and WHERE: matching documents of rows and sections that the viewer may see."""
    gate, gate_params = _gate(scope)
    match, params = _match(scope, asked)
    # CROSS JOIN: SQLite keeps this order, index first, and does not walk a whole table.
    sql = f"""FROM {match} hit CROSS JOIN ({gate}) gate CROSS JOIN {DOCUMENTS} d
        WHERE gate."_row" = {ROW % "hit"} AND d.id = hit.id AND {_seen(scope, "hit")}"""
    return sql, [*params, *gate_params]


def _match(scope: Scope, asked: Asked) -> Sql:
    """Return the numbers of this kind's documents that match, whoever may see them."""
    match, params = _basics(scope, asked)
    if scope.is_basics_only or not asked.words:
        return match, params
    other, other_params = _sections(scope, asked)
    return f"(SELECT id FROM {match} one UNION ALL SELECT id FROM {other} other)", [*params, *other_params]  # noqa: S608


def _basics(scope: Scope, asked: Asked) -> Sql:
    """Return the numbers of matching basics, of all basics when the query has no words."""
    if asked.words:
        return _matching("search_basics", "= 0", scope, asked)
    low, high = rules.kind_range(scope.kind.name)
    sql = f"(SELECT id FROM {DOCUMENTS} WHERE id BETWEEN %s AND %s AND section = 'basics')"  # noqa: S608
    return sql, [low, high]


def _sections(scope: Scope, asked: Asked) -> Sql:
    """Return the numbers of matching documents of sections other than basics."""
    return _matching("search_sections", "<> 0", scope, asked)


def _matching_anywhere(asked: Asked, *, is_basics_only: bool) -> Sql:
    words = expression(asked)
    if is_postgres():
        return f"SELECT id FROM {DOCUMENTS} WHERE lexemes @@ %s::tsquery", [words]  # noqa: S608
    indexes = ("search_basics",) if is_basics_only else ("search_basics", "search_sections")
    parts = [f"SELECT rowid AS id FROM {index} WHERE {index} MATCH %s" for index in indexes]  # noqa: S608
    return " UNION ALL ".join(parts), [words] * len(parts)


def _matching(index: str, which: str, scope: Scope, asked: Asked) -> Sql:
    sql = f"(SELECT rowid AS id FROM {index} WHERE {index} MATCH %s AND rowid BETWEEN %s AND %s)"  # noqa: S608
    if is_postgres():
        section = SECTION % DOCUMENTS
        sql = (
            f"(SELECT id FROM {DOCUMENTS} WHERE lexemes @@ %s::tsquery AND id BETWEEN %s AND %s "  # noqa: S608
            f"AND {section} {which})"
        )
    return sql, [expression(asked), *rules.kind_range(scope.kind.name)]


def _total(scope: Scope, asked: Asked) -> Sql:
    """Count records: those whose basics match, and those found by another section only."""
    gate, gate_params = _gate(scope)
    main, main_params = _basics(scope, asked)
    sql = f'SELECT COUNT(*) FROM {main} hit CROSS JOIN ({gate}) gate WHERE gate."_row" = {ROW % "hit"}'  # noqa: S608
    params = [*main_params, *gate_params]
    if scope.is_basics_only:
        return sql, params
    other, other_params = _others(scope, asked)
    base = f"SELECT {ROW % 'hit'} FROM {main} hit"  # noqa: S608
    more = f"SELECT COUNT(DISTINCT found.row_id) FROM ({other}) found WHERE found.row_id NOT IN ({base})"  # noqa: S608
    return f"SELECT ({sql}) + ({more})", [*params, *other_params, *main_params]


def _others(scope: Scope, asked: Asked) -> Sql:
    """Return the rows found by a section other than basics that the viewer may see there."""
    gate, gate_params = _gate(scope)
    match, params = _sections(scope, asked)
    sql = f"""SELECT {ROW % "hit"} AS row_id FROM {match} hit CROSS JOIN ({gate}) gate
        WHERE gate."_row" = {ROW % "hit"} AND {_seen(scope, "hit")}"""  # noqa: S608
    return sql, [*params, *gate_params]


def _walk(scope: Scope, asked: Asked, tier: int, limit: int) -> Sql:
    """Return the first hits of one rank, walking the titles in their order until there are enough."""
    gate, gate_params = _gate(scope)
    wanted, params = _tier(scope, asked, tier)
    better: list[str] = []
    for other in range(min(tier, ELSEWHERE)):
        sql, more = _title_is(asked, other)
        better.append(f"NOT ({sql})")
        params += more
    # On SQLite "+" keeps the planner from starting at the matches: it would have to sort them all.
    number = "d.id" if is_postgres() else "+d.id"
    sql = f"""
        SELECT d.size, d.title, d.uid, {ROW % "d"} FROM {DOCUMENTS} d CROSS JOIN ({gate}) gate
        WHERE d.kind = %s AND d.section = 'basics' AND {wanted.replace("d.id", number)}
        AND {" AND ".join(better) or "1 = 1"} AND gate."_row" = {ROW % "d"}
        ORDER BY d.size, {_title("d.title")}, d.uid LIMIT %s
    """  # noqa: S608
    return sql, [*gate_params, scope.kind.name, *params, limit]


def _tier(scope: Scope, asked: Asked, tier: int) -> Sql:
    main, params = _basics(scope, asked)
    sql = f"d.id IN {main}"
    if tier != ELSEWHERE:
        title, title_params = _title_is(asked, tier)
        return f"{title} AND {sql}", [*title_params, *params]
    if scope.is_basics_only:
        return sql, params
    other, other_params = _others(scope, asked)
    return f"({sql} OR {ROW % 'd'} IN ({other}))", [*params, *other_params]


def _place(asked: Asked) -> Sql:
    """Return the rank of a document: title exact, title begins with, title holds all words, anything else."""
    cases, params = "CASE WHEN d.section <> 'basics' THEN 3", []
    for tier in (TITLE_EXACT, TITLE_BEGINS, TITLE_HOLDS):
        sql, more = _title_is(asked, tier)
        cases += f" WHEN {sql} THEN {tier}"
        params += more
    return f"{cases} ELSE {ELSEWHERE} END", params


def _title_is(asked: Asked, tier: int) -> Sql:
    """Return the condition that a title stands in this rank or in a better one that is told apart before."""
    title = _title("d.title")
    if tier == TITLE_EXACT:
        # The size is asked for beside, because the index is in its order.
        same = " OR ".join([f"(d.size = %s AND {title} = %s)"] * len(asked.titles))
        return f"({same})", [value for text in asked.titles for value in (len(text), text)]
    if tier == TITLE_BEGINS:
        begins = " OR ".join([f"({title} >= %s AND {title} < %s)"] * len(asked.titles))
        return f"({begins})", [bound for text in asked.titles for bound in (text, f"{text}\U0010ffff")]
    if not asked.words:
        return "1 = 0", []
    holds = " AND ".join(["' ' || d.title || ' ' LIKE %s"] * len(asked.words))
    return f"({holds})", [f"% {word.key}{'' if word.is_prefix else ' '}%" for word in asked.words]


def _title(column: str) -> str:
    """Return the title as it is compared and ordered: by code point on both databases."""
    return f'{column} COLLATE "C"' if is_postgres() else column


def _seen(scope: Scope, hit: str) -> str:
    """Return the condition that the viewer may see the section a matching document stands for."""
    section = SECTION % hit
    always = ", ".join(map(str, scope.always))
    seen = [f"{section} IN ({always})"] if always else []
    seen += [f'({section} = {number} AND gate."_sees_{name}" = 1)' for name, number in scope.sometimes]
    return f"({' OR '.join(seen) or '1 = 0'})"


def _gate(scope: Scope) -> Sql:
    """Return the rows this viewer may know of, with a flag per section seen on some of them only."""
    columns: dict[str, Any] = {"_row": F("pk")}
    for name, _number in scope.sometimes:
        condition = section_q(scope.kind, name, scope.viewer)
        columns[f"_sees_{name}"] = Case(When(condition, then=Value(1)), default=Value(0))
    sql, params = _visible(scope).annotate(**columns).values_list(*columns).query.sql_with_params()
    return sql, list(params)


def _visible(scope: Scope) -> Any:
    manager: Any = scope.kind.model._default_manager
    return manager.visible(scope.viewer, scope.home).order_by()
