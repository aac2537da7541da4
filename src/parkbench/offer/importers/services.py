"""How a sheet becomes services: one row is one service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from parkbench.accounts.rules import Action
from parkbench.catalogue.queries import technique_names
from parkbench.intake.registry import TOGETHER, Context, FieldSpec, Sort, Values, fold
from parkbench.lib.errors import Problem
from parkbench.lib.urn import record_id
from parkbench.offer import services, wire
from parkbench.offer.importers.named import Named, instruments_named, is_uid, too_long
from parkbench.offer.importers.words import ACCESS, CATEGORIES, SERVICE_HEADINGS, STATUS, words_of
from parkbench.offer.models import Service
from parkbench.offer.rules import SERVICE_SECTION_OF
from parkbench.programme import queries as programme
from parkbench.programme.services import make_missing
from parkbench.records import services as records
from parkbench.records.queries import own_address
from parkbench.records.visibility import Viewer

HELD = {"unit": "unit_ref", "instruments": "instrument_refs"}
"""Fields of a sheet that name records, and where a section keeps their ids."""

SORTS: dict[str, Sort] = {
    "unit": "record",
    "status": "choice",
    "biosafety_class": "whole",
    "lead_time_days": "whole",
    **dict.fromkeys(("access_modes", "user_categories", "sample_types", "techniques", "instruments"), "list"),
}
WORDS = {"access_modes": words_of(ACCESS), "user_categories": words_of(CATEGORIES)}
BOUNDS = {
    "biosafety_class": (1, 4, "a whole number from 1 to 4"),
    "lead_time_days": (0, 3650, "a number of days from 0 to 3650"),
}
LENGTHS = {"name": 200, "description": 5000, "throughput": 200, "contact_url": 200, "mailbox": 254}


def _spec(name: str) -> FieldSpec:
    section = SERVICE_SECTION_OF[HELD.get(name, name)]
    title = wire.SERVICE_SCHEMAS[section].model_fields[HELD.get(name, name)].title or name
    return FieldSpec(
        name=name,
        label=title,
        section=section,
        sort=SORTS.get(name, "text"),
        required=name in ("name", "unit"),
        choices=STATUS if name == "status" else {},
        record="unit" if name == "unit" else "",
        is_made=name == "unit",
        names=SERVICE_HEADINGS[name],
    )


RECORD_ID = FieldSpec(
    name="record_id", label="Record id", section="basics", names=("record id", "parkbench id"), is_key=4
)


class ServiceTarget:
    """Services as something a sheet can be imported into."""

    name = "services"
    kind = "service"
    label = _("Services")
    page = "offer:service"
    fields = (*(_spec(name) for name in SERVICE_HEADINGS), RECORD_ID)
    title = "name"
    scope: tuple[str, ...] = ("unit",)
    key_together = ("unit", "name")

    def context(self, *, viewer: Viewer) -> Context:
        """Look up units, techniques and instruments once for a run."""
        units = {name: str(uid) for name, uid in programme.names_of(kind="unit", viewer=viewer).items()}
        techniques = {fold(name): key for key, name in technique_names(viewer).items()}
        techniques |= {fold(key): key for key in techniques.values()}
        return Context(known={"unit": units}, data=(techniques, instruments_named(viewer)))

    def check(self, *, viewer: Viewer, values: Values) -> str:
        """Say why this viewer may not import into the row's unit, or ''."""
        if viewer.may(Action.IMPORT):
            return ""
        unit = values.get("unit")
        if not unit or not is_uid(unit):
            return str(_("You may import into your own units only; this row's unit is not there yet."))
        scopes = services.unit_scopes(record_id(node=own_address(), kind="unit", uid=UUID(unit)))
        if viewer.may(Action.IMPORT, scopes):
            return ""
        return str(_("You may not import into this unit. Ask its head or a manager."))

    def finish(self, *, context: Context, values: Values) -> tuple[Values, list[Problem]]:
        """Read lists of words, techniques and instruments; say how the row is found again."""
        techniques, park = context.data
        done = dict(values)
        done.pop("record_id", None)
        problems: list[Problem] = []
        for name, known in {**WORDS, "techniques": techniques}.items():
            if done.get(name):
                done[name] = _known(name, done[name], known, problems)
        if done.get("instruments"):
            done["instruments"] = park.labels(done["instruments"], done.get("unit"), problems)
        if done.get("unit") and done.get("name"):
            done[TOGETHER] = f"{done['unit']}|{fold(done['name'])}"
        problems += _bounds(done)
        return done, problems

    def find(self, *, field: str, texts: Sequence[str]) -> Mapping[str, Sequence[UUID]]:
        """Find own services by record id, or by unit and name."""
        rows = Service.objects.own().live()
        if field == "record_id":
            uids = {UUID(text): text for text in texts if is_uid(text)}
            return {uids[uid]: [uid] for uid in rows.filter(uid__in=uids).values_list("uid", flat=True)}
        units = {text.partition("|")[0] for text in texts}
        wanted, found = set(texts), dict[str, list[UUID]]()
        rows = rows.filter(unit__uid__in=[UUID(unit) for unit in units if is_uid(unit)])
        for uid, unit, name in rows.values_list("uid", "unit__uid", "name"):
            if (text := f"{unit}|{fold(name)}") in wanted:
                found.setdefault(text, []).append(uid)
        return found

    def current(self, *, uids: Sequence[UUID]) -> Mapping[UUID, Values]:
        """Return what these services hold: the unit as its uid, instruments as they are called."""
        held = services.values_of(uids)
        park = (
            instruments_named(Viewer.operator())
            if any("instrument_refs" in each for each in held.values())
            else None
        )
        for values in held.values():
            if "unit_ref" in values:
                values["unit"] = values.pop("unit_ref").rpartition("/")[2]
            if park and "instrument_refs" in values:
                values["instruments"] = [park.label(ref) for ref in values.pop("instrument_refs")]
        return held

    def make(self, *, kind: str, names: Sequence[str], by: Viewer, batch: UUID) -> Mapping[str, UUID]:
        """Make units that are not here."""
        return make_missing(kind=kind, names=names, by=by, batch=batch)

    def unmake(self, *, kind: str, uids: Sequence[UUID], by: Viewer, batch: UUID) -> Sequence[UUID]:
        """Delete what the batch made of these units and nothing depends on any more."""
        live = {UUID(uid) for uid, _name in programme.choices(kind=kind, viewer=Viewer.operator())}
        free = [uid for uid in uids if uid in live and not programme.dependents(kind=kind, uid=uid)]
        if free:
            records.delete(kind=kind, uids=free, by=by, batch=batch)
        return free

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
        park = (
            instruments_named(by)
            if any("instruments" in values for _uid, values in (*new, *changed))
            else None
        )
        fresh = [(uid, _held(values, node, park)) for uid, values in new]
        services.write(new=fresh, by=by, batch=batch)
        services.amend(
            changed={uid: _held(values, node, park) for uid, values in changed}, by=by, batch=batch
        )


def _held(values: Values, node: str, park: Named | None) -> dict[str, Any]:
    """Put record ids where the sheet's fields name records."""
    done = dict(values)
    unit = done.pop("unit", None)
    if "unit" in values:
        done["unit_ref"] = record_id(node=node, kind="unit", uid=UUID(unit)) if unit else None
    if "instruments" in done:
        refs = [park.ref(text, unit) if park else None for text in done.pop("instruments") or ()]
        done["instrument_refs"] = [ref for ref in refs if ref] or None
    return done


def _known(field: str, texts: Sequence[str], known: Mapping[str, str], problems: list[Problem]) -> list[str]:
    """Return the values that these words mean; note those that mean nothing."""
    found = []
    for text in texts:
        folded = fold(text)
        value = known.get(folded) or known.get(folded.replace("-", " "))
        if value is None:
            few = ", ".join(dict.fromkeys(known.values()))
            is_long = field == "techniques"
            expected = "the name of a technique of the register" if is_long else f"one of: {few}"
            problems.append(Problem(field, text, expected))
        else:
            found.append(value)
    return list(dict.fromkeys(found))


def _bounds(values: Values) -> list[Problem]:
    """Find what the sections would refuse, so that the dry run says it."""
    problems = []
    for name, (least, most, expected) in BOUNDS.items():
        value = values.get(name)
        if value is not None and not least <= value <= most:
            problems.append(Problem(name, value, expected))
    problems += too_long(values, LENGTHS)
    long = [text for text in values.get("sample_types") or () if len(text) > 100]
    problems += [Problem("sample_types", text, "at most 100 characters") for text in long]
    for name in ("sample_types", "techniques"):
        if len(values.get(name) or ()) > 30:
            problems.append(Problem(name, "; ".join(values[name]), "at most 30 of them"))
    return problems
