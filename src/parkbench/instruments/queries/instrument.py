"""What one instrument's pages show: its sections, what it refers to, its parts, files and sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from parkbench.accounts.rules import Action
from parkbench.catalogue.models import DeviceModel, Technique
from parkbench.catalogue.queries import counterpart, technique_texts
from parkbench.envelope.items import read_body
from parkbench.instruments.models import Instrument
from parkbench.intake.models import Batch
from parkbench.lib.errors import NotAllowed, NotFound
from parkbench.lib.urn import record_id
from parkbench.records.models import ALL, OURS, OWN, Section, home_of
from parkbench.records.queries import Reach, reach_of, updated_at
from parkbench.records.registry import Kind, kind_of
from parkbench.records.visibility import SENTENCES, Viewer, check_ours, referred, scopes_of, sections

KIND = "instrument"
REFERRED = {
    "unit": "unit__",
    "platform": "unit__platform__",
    "site": "site__",
    "parent": "parent__",
    "model": "linked_model__",
    "maker": "linked_model__maker__",
}
DOCUMENTS = {
    "capacity": "capacity_documents",
    "economics": "economics_documents",
    "internal": "internal_documents",
}
"""Section > the field that lists its documents; the picture is one of the basics."""


@dataclass(frozen=True, slots=True)
class Written:
    """The current revision of a section: who wrote it when, and by which import."""

    revision: int
    body: Mapping[str, Any]
    at: datetime
    batch: UUID | None


@dataclass(frozen=True, slots=True)
class Origin:
    """The import that wrote a section last: its source in words, and when."""

    source: str
    batch: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class InstrumentPage:
    """One instrument as this viewer may see it.

    ``seen`` are the sections they may see, ``written`` those of them that hold something; what the record
    refers to is None where it is not there or not theirs to see. ``reach`` is for members only;
    ``is_told``: members and partners learn that something is not shared with them, visitors do not.
    """

    row: Instrument
    kind: Kind
    seen: frozenset[str]
    written: Mapping[str, Written]
    reach: Sequence[Reach]
    updated_at: datetime | None
    steward: str
    related: Mapping[str, Any]
    techniques: Sequence[Technique]
    parts: Sequence[Instrument]
    origins: Mapping[str, Origin]
    is_told: bool
    may_edit: bool
    may_delete: bool
    may_share: bool

    @property
    def values(self) -> dict[str, Any]:
        """Return the flat values of all sections this viewer sees."""
        return {name: value for each in self.written.values() for name, value in each.body.items()}

    @property
    def slot_id(self) -> str:
        """Return what panels of other rooms are told of it: its uid; of a partner's, the whole id."""
        row = self.row
        if home_of(row) == OURS:
            return str(row.uid)
        return record_id(node=row.home.address, kind=KIND, uid=row.uid)

    @property
    def revisions(self) -> dict[str, int]:
        """Return the revision of every section this viewer may see; 0 for one never written."""
        return {
            spec.name: self.written[spec.name].revision if spec.name in self.written else 0
            for spec in self.kind.sections
            if spec.name in self.seen
        }


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of an instrument, as its section tells it."""

    digest: str
    title: str
    type: str
    size: int
    is_picture: bool


def instrument_page(*, uid: UUID, viewer: Viewer) -> InstrumentPage:
    """Return one instrument with what this viewer may see of it; the same few queries for every instrument.

    Raises NotFound when it is not here or not theirs to see.
    """
    kind = kind_of(KIND)
    row = fetch(uid=uid, viewer=viewer)
    seen = sections(kind, row, viewer)
    written = _written(row, seen)
    is_own = row.home_id == OWN
    scopes = scopes_of(kind, row)
    return InstrumentPage(
        row=row,
        kind=kind,
        seen=seen,
        written=written,
        reach=tuple(reach_of(kind=kind, row=row, viewer=viewer)) if viewer.is_member and is_own else (),
        updated_at=updated_at(kind=kind, row=row, viewer=viewer),
        steward=_steward(row, viewer),
        related=related_of(row, viewer),
        techniques=techniques_of(row, viewer),
        parts=list(
            Instrument.objects.visible(viewer, home_of(row))
            .filter(parent_id=row.pk)
            .order_by("name", "pk")[:100]
        ),
        origins=_origins(written) if viewer.is_member else {},
        is_told=viewer.is_member or viewer.mask != Viewer.public().mask,
        may_edit=may_edit(row=row, viewer=viewer),
        may_delete=is_own and viewer.may(Action.DELETE, scopes),
        may_share=is_own and viewer.may(Action.SHARE, scopes),
    )


def editable_page(*, uid: UUID, viewer: Viewer) -> InstrumentPage:
    """Return an instrument to be changed; raises NotFound, and NotAllowed when it is not theirs to change."""
    page = instrument_page(uid=uid, viewer=viewer)
    if viewer.is_member:
        check_ours(page.row)
    if not page.may_edit:
        raise NotAllowed(SENTENCES[Action.EDIT])
    return page


def fetch(*, uid: UUID, viewer: Viewer) -> Instrument:
    """Return the row, own before partners', with what it refers to; raises NotFound.

    Annotated `<reference>_seen`: the id of each record referred to, NULL where the viewer may not see it.
    """
    shown = {f"{name}_seen": referred(viewer, "uid", prefix) for name, prefix in REFERRED.items()}
    rows = Instrument.objects.visible(viewer, ALL).filter(uid=uid).annotate(**shown)
    related = ("home", "steward", "unit__platform", "site", "parent__unit", "linked_model__maker")
    row: Instrument | None = rows.select_related(*related).order_by("home_id").first()
    if row is None:
        raise NotFound(
            _("There is no such instrument here, or it is not shared with you. Search for what you need.")
        )
    return row


def may_edit(*, row: Any, viewer: Viewer) -> bool:
    """Tell whether the viewer may change the content: by role, or as its content responsible."""
    if row.home_id != OWN or not viewer.is_member:
        return False
    is_steward = viewer.person_id is not None and row.steward_id == viewer.person_id
    return is_steward or viewer.may(Action.EDIT, scopes_of(kind_of(KIND), row))


def values_at(*, row: Any, revisions: Mapping[str, int], viewer: Viewer) -> dict[str, Any]:
    """Return the flat values at earlier revisions of sections the viewer sees: what their form began with."""
    seen = sections(kind_of(KIND), row, viewer)
    wanted = Q(pk__in=[])
    for section, revision in revisions.items():
        if section in seen:
            wanted |= Q(section=section, revision=revision)
    rows = Section.objects.filter(wanted, home_id=row.home_id, uid=row.uid).exclude(body="")
    return {
        name: value
        for body in rows.values_list("body", flat=True)
        for name, value in read_body(body.encode()).items()
    }


def file_of(*, uid: UUID, section: str, digest: str, viewer: Viewer) -> StoredFile:
    """Return a file that a section of the instrument lists; raises NotFound also when it is not theirs."""
    row = fetch(uid=uid, viewer=viewer)
    written = _written(row, sections(kind_of(KIND), row, viewer) & {section})
    if section in written and row.home_id == OWN:
        for told, is_picture in listed_files(section, written[section].body):
            if told["digest"] == digest:
                return StoredFile(**told, is_picture=is_picture)
    raise NotFound(_("There is no such file here, or it is not shared with you."))


def listed_files(section: str, body: Mapping[str, Any]) -> list[tuple[dict[str, Any], bool]]:
    """Return the files a section's body lists, each with whether it is the picture."""
    found = [(dict(told), False) for told in body.get(DOCUMENTS.get(section, "")) or ()]
    if section == "basics" and body.get("picture"):
        found.append((dict(body["picture"]), True))
    return found


def suggest_instruments(*, text: str, viewer: Viewer, limit: int = 10) -> list[tuple[str, str]]:
    """Return (uid as text, "name · unit") of own instruments a typed text may mean; one query."""
    rows = Instrument.objects.visible(viewer).own()
    name, _bar, unit = text.partition(" · ")
    for word in name.split()[:6]:
        rows = rows.filter(name__icontains=word)
    if unit.strip():
        rows = rows.filter(unit__name__iexact=unit.strip())
    found = rows.annotate(shown=referred(viewer, "name", "unit__")).order_by("name", "pk")
    return [
        (str(uid), label(name, shown))
        for uid, name, shown in found.values_list("uid", "name", "shown")[:limit]
    ]


def label(name: str, unit: str | None) -> str:
    """Return an instrument as one text that also tells its unit."""
    return f"{name} · {unit}" if unit else name


def title_of(name: str) -> str:
    """Return what a field of an instrument is called on pages."""
    field: Any = Instrument._meta.get_field(name)
    return str(capfirst(field.verbose_name))


def model_by_uid(*, uid: UUID, viewer: Viewer) -> DeviceModel:
    """Return a make and model, a node's own before the shipped one; raises NotFound."""
    rows = DeviceModel.objects.visible(viewer).filter(uid=uid).order_by("home_id")
    found: DeviceModel | None = rows.first()
    if found is None:
        raise NotFound(_("This make and model is not in the catalogue any more. Search for it again."))
    return found


def _written(row: Any, seen: frozenset[str]) -> dict[str, Written]:
    rows = Section.objects.filter(home_id=row.home_id, uid=row.uid, is_current=True, section__in=seen)
    return {
        name: Written(revision, read_body(body.encode()) if body else {}, at, batch)
        for name, revision, body, at, batch in rows.values_list("section", "revision", "body", "at", "batch")
    }


def _steward(row: Any, viewer: Viewer) -> str:
    """Return who is content responsible; outside the organisation only who agreed to be named there."""
    if row.steward is None or not (viewer.is_member or row.steward.is_named_outward):
        return ""
    return str(row.steward.name)


def related_of(row: Any, viewer: Viewer) -> dict[str, Any]:
    """Return what the row refers to, None where the gate withheld its id; one query where it has a model.

    An own entry that stands in for the shipped model is shown in its place to who may see it.
    """
    found = {
        "unit": row.unit,
        "platform": row.unit.platform if row.unit else None,
        "site": row.site,
        "parent": row.parent,
        "model": row.linked_model,
        "maker": row.linked_model.maker if row.linked_model else None,
    }
    seen = {name: one if getattr(row, f"{name}_seen") is not None else None for name, one in found.items()}
    model = seen["model"]
    if model is not None and model.home_id != OWN:
        seen["model"] = counterpart(kind=kind_of("model"), row=model, viewer=viewer) or model
    return seen


def techniques_of(row: Any, viewer: Viewer) -> list[Technique]:
    """Return the instrument's techniques, those of its make and model where it names none."""
    text = row.techniques
    if text is None and row.model_seen is not None:
        text = technique_texts([row.linked_model_id], viewer).get(row.linked_model_id)
    keys = [key for key in (text or "").split("|") if key]
    if not keys:
        return []
    rows = Technique.objects.visible(viewer).filter(key__in=keys).order_by("-home_id")
    by_key = {one.key: one for one in rows}  # the own entry, which comes last, stands in for the shipped one
    return [by_key[key] for key in keys if key in by_key]


def _origins(written: Mapping[str, Written]) -> dict[str, Origin]:
    batches = {each.batch for each in written.values() if each.batch}
    if not batches:
        return {}
    names = dict(Batch.objects.filter(pk__in=batches).values_list("pk", "source__name"))
    return {
        section: Origin(names[each.batch], each.batch, each.at)
        for section, each in written.items()
        if each.batch in names
    }
