"""How a sheet becomes instruments: the fields, the words they are known by, and how rows are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from parkbench.accounts.rules import Action
from parkbench.catalogue import queries as catalogue
from parkbench.catalogue.models import Maker
from parkbench.catalogue.services import make_missing_makers
from parkbench.instruments import services, wire
from parkbench.instruments.importers.fields import FIELDS
from parkbench.instruments.importers.names import MakerNames, leading_maker
from parkbench.instruments.models import Instrument
from parkbench.intake.registry import Context, Values
from parkbench.lib.dates import utc_now
from parkbench.lib.errors import Problem
from parkbench.lib.urn import record_id
from parkbench.programme import queries as programme
from parkbench.programme.services import make_missing
from parkbench.records import services as records
from parkbench.records.models import OWN
from parkbench.records.queries import own_address
from parkbench.records.registry import kind_of
from parkbench.records.visibility import Viewer

REFERENCES = {"unit": "unit_ref", "site": "site_ref"}
"""Fields of a sheet that name a record, and where a section keeps its id."""


class InstrumentTarget:
    """Instruments as something a sheet can be imported into."""

    name = "instruments"
    kind = "instrument"
    label = _("Instruments")
    page = "instruments:instrument"
    fields = FIELDS
    title = "name"
    scope: tuple[str, ...] = ("unit",)

    def context(self, *, viewer: Viewer) -> Context:
        """Look up units, sites, makers and models once for a run."""
        targets = catalogue.link_targets(viewer)
        known = {
            "unit": {name: str(uid) for name, uid in programme.names_of(kind="unit", viewer=viewer).items()},
            "site": {name: str(uid) for name, uid in programme.names_of(kind="site", viewer=viewer).items()},
            "maker": MakerNames(targets),
        }
        return Context(known=known, data=_Linker(targets))

    def check(self, *, viewer: Viewer, values: Values) -> str:
        """Say why this viewer may not import into the row's unit, or ''."""
        unit = values.get("unit")
        if viewer.may(Action.IMPORT):
            return ""
        if not unit or not _is_uid(unit):
            return str(_("You may import into your own units only; this row's unit is not there yet."))
        scopes = services.unit_scopes(record_id(node=own_address(), kind="unit", uid=UUID(unit)))
        if viewer.may(Action.IMPORT, scopes):
            return ""
        return str(_("You may not import into this unit. Ask its head or a manager."))

    def finish(self, *, context: Context, values: Values) -> tuple[Values, list[Problem]]:
        """Split one text into maker and model, link what the register knows, give prices a currency."""
        done = dict(values)
        done.pop("record_id", None)
        linker: _Linker = context.data
        if "model_text" in done:
            done.update(linker.linked(done.get("maker_text"), done.get("model_text")))
        for price, currency in wire.CURRENCIES.items():
            if done.get(price) is not None and not done.get(currency):
                done[currency] = settings.DEFAULT_CURRENCY
        return done, _problems(done)

    def find(self, *, field: str, texts: Sequence[str]) -> Mapping[str, Sequence[UUID]]:
        """Find own instruments by record id, inventory or serial number."""
        found: dict[str, list[UUID]] = {}
        if field == "record_id":
            return _by_id(texts)
        rows = Instrument.objects.filter(**{f"{field}__in": texts})
        # Home and deletion are looked at here: asked for in SQL, SQLite would read all own instruments.
        for text, uid, home_id, deleted_at in rows.values_list(field, "uid", "home_id", "deleted_at"):
            if home_id == OWN and deleted_at is None:
                found.setdefault(text, []).append(uid)
        return found

    def current(self, *, uids: Sequence[UUID]) -> Mapping[UUID, Values]:
        """Return what these instruments hold, references as uids."""
        values = services.values_of(uids)
        for held in values.values():
            for name, ref in REFERENCES.items():
                if ref in held:
                    held[name] = held.pop(ref).rpartition("/")[2]
        return values

    def make(self, *, kind: str, names: Sequence[str], by: Viewer, batch: UUID) -> Mapping[str, UUID]:
        """Make units, sites or makers that are not here."""
        if kind == "maker":
            keys = make_missing_makers(names=names, by=by, batch=batch)
            uids = dict(Maker.objects.live().filter(key__in=set(keys.values())).values_list("key", "uid"))
            return {name: uids[key] for name, key in keys.items()}
        return make_missing(kind=kind, names=names, by=by, batch=batch)

    def unmake(self, *, kind: str, uids: Sequence[UUID], by: Viewer, batch: UUID) -> Sequence[UUID]:
        """Delete what the batch made of these and nothing uses any more."""
        used = set(_used(kind, uids))
        free = [uid for uid in uids if uid not in used]
        known = kind_of(kind)
        rows = known.model._default_manager.filter(home_id=1, uid__in=free, deleted_at=None)
        live = list(rows.values_list("uid", flat=True))
        if live:
            records.delete(kind=kind, uids=live, by=by, batch=batch)
        return live

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
        keys = {values["model_key"] for _uid, values in (*new, *changed) if values.get("model_key")}
        pks = catalogue.model_ids(keys=keys, viewer=by)

        def local(values: Values) -> dict[str, Any]:
            return {"linked_model_id": pks.get(values["model_key"])} if "model_key" in values else {}

        services.write(
            new=[(uid, _referring(values, node), local(values)) for uid, values in new], by=by, batch=batch
        )
        if changed:
            now = services.values_of([uid for uid, _values in changed])
            services.amend(
                changed={uid: _logged(_referring(values, node), now[uid]) for uid, values in changed},
                now=now,
                by=by,
                batch=batch,
                local={uid: local(values) for uid, values in changed},
            )


class _Linker:
    """Remembers what each pair of texts was linked to: a sheet names few models many times."""

    def __init__(self, targets: catalogue.LinkTargets) -> None:
        self.targets = targets
        self.seen: dict[tuple[str | None, str | None], Values] = {}

    def linked(self, maker: str | None, model: str | None) -> Values:
        """Return maker and key that follow from the two texts."""
        pair = (maker, model)
        if pair not in self.seen:
            self.seen[pair] = self._link(maker, model)
        return self.seen[pair]

    def _link(self, maker: str | None, model: str | None) -> Values:
        if not model:
            return {}
        if maker and maker == model:  # one column feeds both
            maker = leading_maker(model, self.targets)
            key = self.targets.key("", model)
            return {"maker_text": maker, "model_key": key}
        return {"model_key": self.targets.key(maker or "", model)}


def _referring(values: Values, node: str) -> Values:
    """Put record ids where the sheet's fields hold uids."""
    done = dict(values)
    for name, ref in REFERENCES.items():
        if name in done:
            uid = done.pop(name)
            done[ref] = record_id(node=node, kind=name, uid=UUID(uid)) if uid else None
    return done


def _logged(values: Values, now: Values) -> Values:
    """Note a status that came by sheet; a sheet may skip steps of the life cycle, the history shows it."""
    new = values.get("status")
    if not new or new == now.get("status"):
        return values
    on = values.get("status_on") or utc_now().date().isoformat()
    log = [*(now.get("status_log") or ()), {"status": new, "on": on, "reason": str(_("by import"))}]
    return {**values, "status_on": on, "status_log": log}


def _problems(values: Values) -> list[Problem]:
    """Find what the sections would refuse, so that the dry run says it."""
    problems = []
    for name, (least, most, expected) in BOUNDS.items():
        value = values.get(name)
        if value is not None and not least <= value <= most:
            problems.append(Problem(name, value, expected))
    for name, longest in LENGTHS.items():
        value = values.get(name)
        if value is not None and len(value) > longest:
            problems.append(Problem(name, value, f"at most {longest} characters"))
    return problems


BOUNDS = {
    "criticality": (1, 5, "a whole number from 1 (can wait) to 5 (work stops)"),
    "purchase_year": (1900, 2200, "a year from 1900 to 2200"),
    "replacement_year": (1900, 2200, "a year from 1900 to 2200"),
    "depreciation_years": (1, 100, "a number of years from 1 to 100"),
    "expected_life_years": (1, 100, "a number of years from 1 to 100"),
    **dict.fromkeys(wire.CURRENCIES, (0, 10**15, "an amount that is not negative")),
}
LENGTHS = {
    name: metadata.max_length
    for schema in wire.SCHEMAS.values()
    for name, known in schema.model_fields.items()
    for metadata in known.metadata
    if getattr(metadata, "max_length", None) and name not in wire.WORD_LISTS
}


def _used(kind: str, uids: Sequence[UUID]) -> list[UUID]:
    paths = {"unit": "unit__uid", "site": "site__uid", "maker": "linked_model__maker__uid"}
    rows = Instrument.objects.live().filter(**{f"{paths[kind]}__in": uids})
    return list(rows.values_list(paths[kind], flat=True).distinct())


def _by_id(texts: Sequence[str]) -> dict[str, list[UUID]]:
    uids = {UUID(text): text for text in texts if _is_uid(text)}
    rows = Instrument.objects.own().live().filter(uid__in=uids)
    return {uids[uid]: [uid] for uid in rows.values_list("uid", flat=True)}


def _is_uid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
