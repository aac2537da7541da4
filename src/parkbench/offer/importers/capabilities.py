"""How a sheet becomes capabilities: one row is one capability, known by its record id or its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from parkbench.accounts.rules import Action
from parkbench.intake.registry import TOGETHER, Context, FieldSpec, Sort, Values, fold
from parkbench.lib.errors import Problem
from parkbench.lib.urn import record_id
from parkbench.offer import services, wire
from parkbench.offer.importers.named import Named, is_uid, services_named, too_long
from parkbench.offer.importers.services import RECORD_ID
from parkbench.offer.importers.words import CAPABILITY_HEADINGS
from parkbench.offer.models import Capability
from parkbench.offer.rules import CAPABILITY_SECTION_OF
from parkbench.programme import queries as programme
from parkbench.programme.services import make_missing
from parkbench.records import services as records
from parkbench.records.queries import own_address
from parkbench.records.visibility import Viewer

HELD = {"platform": "platform_ref", "services": "service_refs"}
"""Fields of a sheet that name records, and where a section keeps their ids."""
SORTS: dict[str, Sort] = {"platform": "record", "services": "list"}
LENGTHS = {"name": 200, "description": 5000, "contact_url": 200, "mailbox": 254}
MOST_SERVICES = 200


def _spec(name: str) -> FieldSpec:
    section = CAPABILITY_SECTION_OF[HELD.get(name, name)]
    title = wire.CAPABILITY_SCHEMAS[section].model_fields[HELD.get(name, name)].title or name
    return FieldSpec(
        name=name,
        label=title,
        section=section,
        sort=SORTS.get(name, "text"),
        required=name == "name",
        record="platform" if name == "platform" else "",
        is_made=name == "platform",
        names=CAPABILITY_HEADINGS[name],
    )


class CapabilityTarget:
    """Capabilities as something a sheet can be imported into."""

    name = "capabilities"
    kind = "capability"
    label = _("Capabilities")
    page = "offer:capability"
    fields = (*(_spec(name) for name in CAPABILITY_HEADINGS), RECORD_ID)
    title = "name"
    scope: tuple[str, ...] = ("platform",)
    key_together = ("name",)

    def context(self, *, viewer: Viewer) -> Context:
        """Look up platforms and services once for a run."""
        names = programme.names_of(kind="platform", viewer=viewer)
        return Context(
            known={"platform": {name: str(uid) for name, uid in names.items()}}, data=services_named(viewer)
        )

    def check(self, *, viewer: Viewer, values: Values) -> str:
        """Say why this viewer may not import into the row's platform, or without one, or ''."""
        if viewer.may(Action.IMPORT):
            return ""
        platform = values.get("platform")
        if not platform:
            return str(_("You may import capabilities of your own platforms only; this row names none."))
        if is_uid(platform) and viewer.may(Action.IMPORT, frozenset({platform})):
            return ""
        return str(_("You may not import into this platform. Ask its head or a manager."))

    def finish(self, *, context: Context, values: Values) -> tuple[Values, list[Problem]]:
        """Find the services of a row; say how the row is found again."""
        named: Named = context.data
        done = dict(values)
        done.pop("record_id", None)
        problems: list[Problem] = []
        if done.get("services"):
            done["services"] = named.labels(done["services"], None, problems)
            if len(done["services"]) > MOST_SERVICES:
                problems.append(Problem("services", None, f"at most {MOST_SERVICES} of them"))
        if done.get("name"):
            done[TOGETHER] = fold(done["name"])
        return done, problems + too_long(done, LENGTHS)

    def find(self, *, field: str, texts: Sequence[str]) -> Mapping[str, Sequence[UUID]]:
        """Find own capabilities by record id, or by name."""
        rows = Capability.objects.own().live()
        if field == "record_id":
            uids = {UUID(tail): text for text in texts if is_uid(tail := text.rpartition("/")[2])}
            return {uids[uid]: [uid] for uid in rows.filter(uid__in=uids).values_list("uid", flat=True)}
        wanted, found = set(texts), dict[str, list[UUID]]()
        for uid, name in rows.values_list("uid", "name"):
            if (text := fold(name)) in wanted:
                found.setdefault(text, []).append(uid)
        return found

    def current(self, *, uids: Sequence[UUID]) -> Mapping[UUID, Values]:
        """Return what these capabilities hold: the platform as its uid, services as they are called."""
        held = services.values_of(uids, kind=self.kind)
        named = services_named(Viewer.operator())
        for values in held.values():
            if "platform_ref" in values:
                values["platform"] = values.pop("platform_ref").rpartition("/")[2]
            if "service_refs" in values:
                values["services"] = [named.label(ref) for ref in values.pop("service_refs")]
        return held

    def make(self, *, kind: str, names: Sequence[str], by: Viewer, batch: UUID) -> Mapping[str, UUID]:
        """Make platforms that are not here."""
        return make_missing(kind=kind, names=names, by=by, batch=batch)

    def unmake(self, *, kind: str, uids: Sequence[UUID], by: Viewer, batch: UUID) -> Sequence[UUID]:
        """Delete what the batch made of these platforms and nothing depends on any more."""
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
        named = services_named(by)
        fresh = [(uid, _held(values, named)) for uid, values in new]
        services.write(new=fresh, by=by, batch=batch, kind=self.kind)
        told = {uid: _held(values, named) for uid, values in changed}
        services.amend(changed=told, by=by, batch=batch, kind=self.kind)


def _held(values: Values, named: Named) -> dict[str, Any]:
    """Put record ids where the sheet's fields name records."""
    done = dict(values)
    if "platform" in done:
        uid = done.pop("platform")
        done["platform_ref"] = record_id(node=own_address(), kind="platform", uid=UUID(uid)) if uid else None
    if "services" in done:
        refs = [named.ref(text) for text in done.pop("services") or ()]
        done["service_refs"] = [ref for ref in refs if ref] or None
    return done
