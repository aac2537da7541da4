"""Comparing a chunk of rows with what the source said before and with what the records hold now."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from parkbench.intake.models import SourceRow
from parkbench.intake.registry import Context, FieldSpec, Gathering, Target, Values
from parkbench.intake.rules import LineState, Recipe, fold, merge, name_to_make
from parkbench.intake.services.lines import Line, told
from parkbench.intake.services.reading import ReadRow
from parkbench.lib.db import is_postgres
from parkbench.lib.errors import Problem
from parkbench.records.models import OWN
from parkbench.records.registry import kind_of
from parkbench.records.visibility import Viewer, section_q

EXPECTED_REQUIRED = "a value: it is required. Give it in the sheet, or once for the whole source"
LINKED = "linked to the record that has this number already"
GONE = "deleted here on purpose; restore the record to have it updated again"


class Base(NamedTuple):
    """The current source row of a key."""

    pk: int
    uid: UUID
    said: Values
    is_missing: bool


@dataclass(slots=True)
class Comparer:
    """Compares rows of one source; one for a whole run.

    ``is_locking``: called inside the writing transaction, so the records are locked before they are read.
    """

    target: Target
    context: Context
    recipe: Recipe
    viewer: Viewer
    source_id: int | None
    taken: Collection[int] = frozenset()
    is_locking: bool = False
    _labels: dict[str, str] = field(default_factory=dict)
    _records: list[FieldSpec] = field(default_factory=list)
    _checked: dict[tuple[object, ...], str] = field(default_factory=dict)
    _guarded: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._labels = {spec.name: str(spec.label) for spec in self.target.fields}
        self._records = [spec for spec in self.target.fields if spec.sort == "record"]
        self._kept_records = [spec for spec in self._records if not spec.is_made]
        self._required = [spec.name for spec in self.target.fields if spec.required]
        kind = kind_of(self.target.kind)
        sections = {spec.section for spec in self.target.fields}
        known = [spec.name for spec in kind.sections if spec.name in sections]
        self._guarded = [name for name in known if section_q(kind, name, self.viewer) is not True]

    _required: list[str] = field(default_factory=list)
    _kept_records: list[FieldSpec] = field(default_factory=list)

    def lines(self, reads: Sequence[ReadRow]) -> list[Line]:
        """Return one line per row, in their order; at most 1,000 rows, a fixed number of queries."""
        keys = [read.key for read in reads if read.key]
        bases = self._bases(keys)
        links = self._links([read for read in reads if read.finds and read.key not in bases])
        uids = list({*(base.uid for base in bases.values()), *links.values()})
        if uids and self.is_locking:
            self._lock(uids)
        current = self.target.current(uids=uids) if uids else {}
        hidden = self._hidden(uids)
        return [self._line(read, bases.get(read.key), links.get(read.key), current, hidden) for read in reads]

    def _bases(self, keys: Sequence[str]) -> dict[str, Base]:
        if self.source_id is None or not keys:
            return {}
        rows = SourceRow.objects.filter(source_id=self.source_id, is_current=True, key__in=keys)
        found = rows.values_list("key", "pk", "uid", "said", "missing_batch")
        return {
            key: Base(pk, uid, json.loads(said), missing is not None) for key, pk, uid, said, missing in found
        }

    def _links(self, reads: Sequence[ReadRow]) -> dict[str, UUID]:
        """Find, for rows this source never had, the one own record that has their key already."""
        found: dict[str, UUID] = {}
        section = {spec.name: spec.section for spec in self.target.fields}
        for name in {name for read in reads for name in read.finds}:
            texts = [read.finds[name] for read in reads if name in read.finds]
            matches = self.target.find(field=name, texts=texts)
            # A number that is not theirs to see finds nothing: whether it is taken is not theirs to know.
            hidden = self._hidden([uid for uids in matches.values() for uid in uids]).get(section[name], ())
            for read in reads:
                uids = [uid for uid in matches.get(read.finds.get(name, ""), ()) if uid not in hidden]
                if len(uids) == 1:
                    found.setdefault(read.key, uids[0])
        if not found or self.source_id is None:
            return found
        # The source is compared here: asked for in SQL, SQLite would read all rows of the source instead.
        held = SourceRow.objects.filter(uid__in=found.values()).values_list("uid", "source_id", "is_current")
        own = {uid for uid, source_id, is_current in held if is_current and source_id == self.source_id}
        return {key: uid for key, uid in found.items() if uid not in own}

    def _lock(self, uids: Sequence[UUID]) -> None:
        """Keep editors out between comparing and writing; SQLite's writing transaction is alone already."""
        if is_postgres():
            rows = kind_of(self.target.kind).model._default_manager.select_for_update()
            list(rows.filter(home_id=OWN, uid__in=uids).order_by("pk").values_list("pk"))

    def _hidden(self, uids: Sequence[UUID]) -> Mapping[str, Collection[UUID]]:
        """Return section > records in which this viewer does not see it."""
        if not uids:
            return {}
        kind = kind_of(self.target.kind)
        hidden: dict[str, set[UUID]] = {}
        for name in self._guarded:
            condition = section_q(kind, name, self.viewer)
            seen: set[UUID] = set()
            if condition is not False:
                rows = kind.model._default_manager.filter(condition, home_id=OWN, uid__in=uids)
                seen = set(rows.values_list("uid", flat=True))
            hidden[name] = set(uids) - seen
        return hidden

    def _line(
        self,
        read: ReadRow,
        base: Base | None,
        link: UUID | None,
        current: Mapping[UUID, Values],
        hidden: Mapping[str, Collection[UUID]],
    ) -> Line:
        title = str(read.values.get(self.target.title) or "")
        line = Line(
            read.number,
            read.key,
            LineState.SKIPPED.value,
            title,
            values=read.values,
            names=read.names,
            finds=read.finds,
        )
        if read.skipped:
            line.note = read.skipped
            return line
        uid = base.uid if base else link
        if base:
            line.base, line.base_said, line.is_back = base.pk, base.said, base.is_missing
        line.uid = str(uid or "")
        if read.problems:
            line.refuse(self._told(read.problems, read.number))
        elif uid is not None and uid not in current:
            line.note = GONE
        else:
            self._compare(line, current.get(uid) if uid else None, uid, hidden)
        if link is not None and line.state != LineState.REFUSED:
            line.note = getattr(self.target, "linked", LINKED)
        return line

    def _compare(
        self, line: Line, ours: Values | None, uid: UUID | None, hidden: Mapping[str, Collection[UUID]]
    ) -> None:
        self._keep_names(line)
        problems = self._problems(line, is_new=ours is None)
        if ours is None:
            line.state = LineState.NEW.value
            sentence = self._check(line.values)
        else:
            merged = merge(
                base=line.base_said, theirs=line.values, ours=ours, is_taken=line.row in self.taken
            )
            line.changes, line.kept = merged.changes, merged.kept
            problems += self._blind(line, uid, hidden)
            line.state = (LineState.CHANGED if line.changes else LineState.UNCHANGED).value
            new = {name: pair[1] for name, pair in line.changes.items()}
            sentence = self._check(ours) or (self._check({**ours, **new}) if new else "")
        if isinstance(self.target, Gathering):
            after = (
                {name: pair[1] for name, pair in line.changes.items()} if ours is not None else line.values
            )
            problems += self.target.whole(values={**(ours or {}), **after})
        if sentence:
            line.refuse([{"row": line.row, "column": "", "value": line.title or None, "expected": sentence}])
        elif problems:
            line.refuse(self._told(problems, line.row))

    def _keep_names(self, line: Line) -> None:
        """A name that the source wrote last time too means the same record, whatever it is called by now.

        Names made since the row was read become the record that was made.
        """
        for spec in self._records:
            said = line.names.get(spec.name)
            before = line.base_said.get(f"~{spec.name}")
            if said and before and fold(said) == fold(before):
                line.values[spec.name] = line.base_said.get(spec.name)
                continue
            name = name_to_make(line.values.get(spec.name)) if self.is_locking else ""
            if name:
                uid = self.context.known.get(spec.record, {}).get(fold(name))
                line.values[spec.name] = uid or line.values[spec.name]

    def _problems(self, line: Line, *, is_new: bool) -> list[Problem]:
        values = line.values
        problems = [
            Problem(name, None, EXPECTED_REQUIRED)
            for name in self._required
            if values.get(name) is None and (is_new or name in values)
        ]
        for spec in self._kept_records:
            name = name_to_make(values.get(spec.name))
            if name:
                expected = f"the name of a {spec.record} that is here; add it first, or correct the name"
                problems.append(Problem(spec.name, name, expected))
        return problems

    def _blind(self, line: Line, uid: UUID | None, hidden: Mapping[str, Collection[UUID]]) -> list[Problem]:
        """Nobody writes over what they may not see, or learns from the answer whether they guessed it."""
        if not hidden:
            return []
        problems = []
        for spec in self.target.fields:
            if uid not in hidden.get(spec.section, ()):
                continue
            line.changes.pop(spec.name, None)
            line.kept.pop(spec.name, None)
            if line.values.get(spec.name) != line.base_said.get(spec.name):
                problems.append(
                    Problem(spec.name, "", "nothing here: this part of the record is not yours to see")
                )
        return problems

    def _check(self, values: Values) -> str:
        """Ask the target whether the viewer may write there; its answer is remembered per scope."""
        scope = tuple(values.get(name) for name in self.target.scope)
        if scope not in self._checked:
            self._checked[scope] = self.target.check(viewer=self.viewer, values=values)
        return self._checked[scope]

    def _told(self, problems: Sequence[Problem], row: int) -> list[dict[str, object]]:
        return [told(problem, row, self.recipe.columns, self._labels) for problem in problems]
