"""How a sheet becomes service events: whose they are, what follows from cells, how rows are written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from parkbench.accounts.rules import Action
from parkbench.instruments.models import Instrument
from parkbench.intake.registry import Context, Values, fold, name_to_make
from parkbench.lib.errors import Invalid, NotFound, Problem
from parkbench.lib.numbers import parse_number
from parkbench.lib.urn import record_id
from parkbench.records.queries import own_address
from parkbench.records.registry import kind_of
from parkbench.records.visibility import Viewer, masked, scopes_of
from parkbench.servicing import rules, services, wire
from parkbench.servicing.importers.fields import FIELDS, FOUND_BY
from parkbench.servicing.models import ServiceEvent
from parkbench.servicing.queries.rows import instrument_of

_UNIT = re.compile(r"\s*[^\W\d_]+\.?$")
_HOURS = re.compile(r"\b(h|hrs?|hours?|std|stunden?|tim|timmar|timme|uur|uren)\.?$", re.IGNORECASE)
EXPECTED_DAYS = "a number of days, such as 2 or 0.5"
EXPECTED_ONE = "what only one instrument is called; give its inventory number, serial number or record id"
EXPECTED_HERE = "the name or a number of an instrument that is here"
EXPECTED_SAME = "the same instrument in all columns of the row"


@dataclass(slots=True)
class _Known:
    """The instruments a run may mean: by a column's text, folded > uids as text."""

    by: dict[str, dict[str, set[str]]] = field(default_factory=dict)

    def note(self, column: str, text: str | None, uid: str) -> None:
        """Remember that a text means this instrument."""
        if text:
            self.by.setdefault(column, {}).setdefault(fold(text), set()).add(uid)

    def meant(self, column: str, text: str) -> set[str]:
        """Return the instruments that a text may mean in this column."""
        return self.by.get(column, {}).get(fold(text), set())

    def anywhere(self) -> dict[str, str]:
        """Return every text that means one instrument only, whatever it is: name, number or id."""
        merged: dict[str, set[str]] = {}
        for texts in self.by.values():
            for text, uids in texts.items():
                merged.setdefault(text, set()).update(uids)
        return {text: next(iter(uids)) for text, uids in merged.items() if len(uids) == 1}

    def is_shared(self, text: str) -> bool:
        """Whether several instruments are called so."""
        return len({uid for texts in self.by.values() for uid in texts.get(fold(text), ())}) > 1


class ServiceEventTarget:
    """Service events as something a sheet can be imported into."""

    name = "service-events"
    kind = services.KIND
    label = _("Service events")
    page = "servicing:event"
    fields = FIELDS
    title = "name"
    scope: tuple[str, ...] = ("instrument",)

    def context(self, *, viewer: Viewer) -> Context:
        """Look up the own instruments once for a run: by name, number and id; one query.

        A number that is not the viewer's to see finds nothing.
        """
        known = _Known()
        kind = kind_of("instrument")
        node = own_address()
        numbers = [masked(kind, "internal", viewer, name) for name in ("inventory_number", "serial_number")]
        rows = Instrument.objects.visible(viewer).own().annotate(_inventory=numbers[0], _serial=numbers[1])
        for uid, name, inventory, serial in rows.values_list("uid", "name", "_inventory", "_serial"):
            known.note("name", name, str(uid))
            known.note("inventory_number", inventory, str(uid))
            known.note("serial_number", serial, str(uid))
            known.note("instrument_id", str(uid), str(uid))
            known.note("instrument_id", record_id(node=node, kind="instrument", uid=uid), str(uid))
        return Context(known={"instrument": known.anywhere()}, data=known)

    def check(self, *, viewer: Viewer, values: Values) -> str:
        """Say why this viewer may not import events of the row's instrument, or ''."""
        uid = values.get("instrument")
        if viewer.may(Action.IMPORT) or not uid or not _is_uid(uid):
            return ""
        try:
            row = instrument_of(uid=UUID(uid), viewer=viewer)
        except NotFound as refusal:
            return str(refusal)
        if viewer.may(Action.IMPORT, scopes_of(kind_of("instrument"), row)):
            return ""
        return str(_("You may not import into the unit of this instrument. Ask its head or a manager."))

    def finish(self, *, context: Context, values: Values) -> tuple[Values, list[Problem]]:
        """Settle which instrument it is, read the days down, see that the row does not contradict itself."""
        done = {name: value for name, value in values.items() if name not in (*FOUND_BY, "record_id")}
        problems = list(_find_instrument(context.data, values, done))
        problems += _read_days(done)
        if "still_down" in done:
            done["still_down"] = True if done["still_down"] == "yes" else None
        if not problems:
            problems += _contradictions(done)
        _settle_texts(done)
        return done, problems + _too_much(done)

    def find(self, *, field: str, texts: Sequence[str]) -> Mapping[str, Sequence[UUID]]:
        """Find own events by record id or case number."""
        if field == "record_id":
            uids = {UUID(text): text for text in texts if _is_uid(text)}
            rows = ServiceEvent.objects.own().live().filter(uid__in=uids)
            return {uids[uid]: [uid] for uid in rows.values_list("uid", flat=True)}
        found: dict[str, list[UUID]] = {}
        rows = ServiceEvent.objects.own().live().filter(**{f"{field}__in": texts})
        for text, uid in rows.values_list(field, "uid"):
            found.setdefault(text, []).append(uid)
        return found

    def current(self, *, uids: Sequence[UUID]) -> Mapping[UUID, Values]:
        """Return what these events hold, the instrument as its uid."""
        values = services.values_of(uids)
        for held in values.values():
            held["instrument"] = held.pop("instrument_ref").rpartition("/")[2]
        return values

    def make(self, *, kind: str, names: Sequence[str], by: Viewer, batch: UUID) -> Mapping[str, UUID]:
        """Make nothing: an event never brings its instrument along."""
        return {}

    def unmake(self, *, kind: str, uids: Sequence[UUID], by: Viewer, batch: UUID) -> Sequence[UUID]:
        """Take nothing back, for nothing was made."""
        return ()

    def write(
        self,
        *,
        new: Sequence[tuple[UUID, Values]],
        changed: Sequence[tuple[UUID, Values]],
        by: Viewer,
        batch: UUID,
    ) -> None:
        """Publish one chunk."""
        node = own_address()
        services.write(new=[(uid, _referring(values, node)) for uid, values in new], by=by, batch=batch)
        if changed:
            services.amend(
                changed={uid: _referring(values, node) for uid, values in changed},
                now=services.values_of([uid for uid, _values in changed]),
                by=by,
                batch=batch,
            )


def _find_instrument(known: _Known, values: Values, done: Values) -> Iterator[Problem]:
    """Put the one instrument that the row means; a number says more than a name that several bear."""
    said = {name: values[name] for name in FOUND_BY if values.get(name)}
    meant = [uids for name, text in said.items() if (uids := known.meant(name, text))]
    name = name_to_make(values.get("instrument"))
    if values.get("instrument") and not name:
        meant.append({values["instrument"]})
    elif name and known.meant("name", name):
        meant.append(known.meant("name", name))
    if not meant:
        if name or said:
            field, text = ("instrument", name) if name else next(iter(said.items()))
            yield Problem(field, text, EXPECTED_HERE)
        return
    common = set.intersection(*meant)
    if len(common) == 1:
        done["instrument"] = next(iter(common))
    else:
        yield Problem(
            "instrument", name or "; ".join(said.values()), EXPECTED_ONE if common else EXPECTED_SAME
        )


def _read_days(done: Values) -> list[Problem]:
    """Read days down as tenths of a day, with whatever stands behind the number; hours are 24 to a day."""
    text = done.get("down_tenths")
    if text is None:
        return []
    try:
        number = parse_number(_UNIT.sub("", text))
        done["down_tenths"] = rules.tenths(number / 24 if _HOURS.search(text) else number)
    except (Invalid, ValueError):
        return [Problem("down_tenths", text, EXPECTED_DAYS)]
    return []


def _contradictions(done: Values) -> list[Problem]:
    name, expected = rules.check_course(done)
    return [Problem(name, done.get(name), expected)] if expected else []


def _settle_texts(done: Values) -> None:
    """Make a summary where the row has none; of one that is too long the whole goes into the note."""
    text = done.get("name")
    if text and len(text) > LENGTHS["name"]:
        done["name"] = f"{text[: LENGTHS['name'] - 1]}…"
        done["note"] = "\n\n".join(filter(None, (text, done.get("note"))))
    elif not text and done.get("event_kind") and done.get("happened_on"):
        done["name"] = rules.summary_of(done["event_kind"], done["happened_on"])


def _too_much(done: Values) -> list[Problem]:
    """Find what the sections would refuse, so that the dry run says it."""
    problems = [
        Problem(name, done[name], f"at most {longest} characters")
        for name, longest in LENGTHS.items()
        if isinstance(done.get(name), str) and len(done[name]) > longest
    ]
    cost = done.get("cost")
    if cost is not None and not 0 <= cost <= 10**15:
        problems.append(Problem("cost", cost, "an amount that is not negative"))
    return problems


LENGTHS = {
    name: metadata.max_length
    for schema in wire.SCHEMAS.values()
    for name, known in schema.model_fields.items()
    for metadata in known.metadata
    if getattr(metadata, "max_length", None)
}


def _referring(values: Values, node: str) -> Values:
    """Put the record id where the sheet's field holds the instrument's uid."""
    done = dict(values)
    if "instrument" in done:
        uid = done.pop("instrument")
        done["instrument_ref"] = record_id(node=node, kind="instrument", uid=UUID(uid)) if uid else None
    return done


def _is_uid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
