"""Reads on the programme: every one takes the viewer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Case, CharField, F, Q, QuerySet, UUIDField, Value, When
from django.utils.translation import gettext as _

from parkbench.accounts.models import Person
from parkbench.accounts.rules import Action
from parkbench.lib.errors import NotAllowed, NotFound
from parkbench.programme.models import Organisation, Platform, Site, Unit
from parkbench.programme.rules import fold_name
from parkbench.records.models import ALL, OURS, OWN, home_of
from parkbench.records.queries import Reach, heads, reach_of, updated_at
from parkbench.records.registry import Kind, OrganisationFacts, kind_of, kinds
from parkbench.records.visibility import SENTENCES, Viewer, check_ours, masked, reach_q, scopes_of, sections

NAMED = {"platform": Platform, "unit": Unit, "site": Site}


@dataclass(frozen=True, slots=True)
class RecordPage:
    """One record as this viewer may see it.

    ``heads`` holds (revision, body) of every section seen, ``reach`` who sees what outside (members only),
    ``seen`` the sections they may see, ``platform`` a unit's platform unless it is not shared with them.
    """

    kind: Kind
    row: Any
    heads: dict[str, tuple[int, dict[str, Any]]]
    seen: frozenset[str]
    reach: tuple[Reach, ...]
    updated_at: Any
    steward: str
    platform: Platform | None
    may_edit: bool
    may_delete: bool

    @property
    def revisions(self) -> dict[str, int]:
        """Return the revision of every section this viewer may see; 0 for one never written."""
        return {spec.name: self.heads.get(spec.name, (0, {}))[0] for spec in self.kind.sections}

    def body(self, section: str) -> dict[str, Any]:
        """Return the body of a section; empty when it was never written or is not theirs."""
        return self.heads.get(section, (0, {}))[1]


def names_of(*, kind: str, viewer: Viewer) -> dict[str, UUID]:
    """Return folded name > uid of the own platforms, units or sites; one query.

    Short names count where no record bears them as its name and no two share them.
    """
    has_short = kind != "site"
    columns = ("uid", "name", "short_name") if has_short else ("uid", "name")
    rows = list(NAMED[kind].objects.visible(viewer).own().order_by("-pk").values_list(*columns))
    short = [(fold_name(row[2]), row[0]) for row in rows if has_short and row[2]]
    counts = Counter(folded for folded, _uid in short)
    found = {folded: uid for folded, uid in short if counts[folded] == 1}
    found.update({fold_name(row[1]): row[0] for row in rows})
    return found


def units_by_name(*, viewer: Viewer) -> dict[str, UUID]:
    """Return folded name or short name > uid of the own units; one query."""
    return names_of(kind="unit", viewer=viewer)


def choices(*, kind: str, viewer: Viewer, action: Action = Action.SEE) -> list[tuple[str, str]]:
    """Return (uid as text, name) of the own records on which the viewer may do this; one query."""
    # What may be seen is what is visible; visitors hold no grant to see, yet see what is public.
    condition = True if action is Action.SEE else reach_q(kind_of(kind), viewer, action)
    if condition is False:
        return []
    rows = NAMED[kind].objects.visible(viewer).own()
    if condition is not True:
        rows = rows.filter(condition)
    return [
        (str(uid), name) for uid, name in rows.order_by("name", "pk").values_list("uid", "name").distinct()
    ]


def unit_choices(*, viewer: Viewer, action: Action = Action.SEE) -> list[tuple[str, str]]:
    """Return (uid as text, name) of the own units on which the viewer may do this; one query."""
    return choices(kind="unit", viewer=viewer, action=action)


def grant_scopes(kind: str) -> list[tuple[str, str]]:
    """Return (uid as text, name) of everything of this kind that a grant may name, for administrators."""
    return choices(kind=kind, viewer=Viewer.operator())


def own_organisation(*, viewer: Viewer) -> Organisation | None:
    """Return the organisation of this node, once it is set and as far as the viewer may know of it."""
    found: Organisation | None = Organisation.objects.visible(viewer).own().first()
    return found


def organisation_facts() -> OrganisationFacts | None:
    """Return what this node tells other nodes of its organisation, once it is set."""
    row = Organisation.objects.live().own().values_list("name", "ror").first()
    return OrganisationFacts(name=row[0], ror=row[1] or "") if row else None


def organisation_uid() -> UUID | None:
    """Return the uid of this node's organisation, once it is set."""
    found: UUID | None = Organisation.objects.live().own().values_list("uid", flat=True).first()
    return found


def fetch(*, kind: str, uid: UUID, viewer: Viewer) -> Any:
    """Return the row, own before partners'; raise NotFound when it is not here or not the viewer's to see."""
    related = ("home", "steward", "platform") if kind == "unit" else ("home", "steward")
    rows = kind_of(kind).model._default_manager.get_queryset()
    row = rows.visible(viewer, ALL).filter(uid=uid).select_related(*related).order_by("home_id").first()  # type: ignore[attr-defined]
    if row is None:
        raise NotFound(
            _("There is no such page here, or it is not shared with you. Search for what you need.")
        )
    return row


def may_edit(*, kind: Kind, row: Any, viewer: Viewer) -> bool:
    """Tell whether the viewer may change the content: by role, or as its content responsible."""
    if row.home_id != OWN or not viewer.is_member:
        return False
    is_steward = viewer.person_id is not None and row.steward_id == viewer.person_id
    return is_steward or viewer.may(kind.edit, scopes_of(kind, row))


def check_edit(*, kind: Kind, row: Any, viewer: Viewer) -> None:
    """Raise NotAllowed unless the viewer may change the content of this row."""
    if viewer.is_member:
        check_ours(row)
    if not may_edit(kind=kind, row=row, viewer=viewer):
        raise NotAllowed(SENTENCES[Action.EDIT])


def record_page(*, kind: str, uid: UUID, viewer: Viewer, is_editing: bool = False) -> RecordPage:
    """Return one record with what this viewer may see of it; the same few queries for every record.

    Raises NotFound when it is not theirs to see, and when ``is_editing`` NotAllowed when it is not theirs
    to change.
    """
    known = kind_of(kind)
    row = fetch(kind=kind, uid=uid, viewer=viewer)
    if is_editing:
        check_edit(kind=known, row=row, viewer=viewer)
    return RecordPage(
        kind=known,
        row=row,
        heads=heads(kind=known, row=row, viewer=viewer),
        seen=sections(known, row, viewer),
        reach=tuple(reach_of(kind=known, row=row, viewer=viewer))
        if viewer.is_member and row.home_id == OWN
        else (),
        updated_at=updated_at(kind=known, row=row, viewer=viewer),
        steward=_steward(row, viewer),
        platform=_platform(row, viewer) if kind == "unit" else None,
        may_edit=may_edit(kind=known, row=row, viewer=viewer),
        may_delete=kind != "organisation" and row.home_id == OWN and viewer.may(Action.EDIT_PROGRAMME),
    )


def _steward(row: Any, viewer: Viewer) -> str:
    """Return who is content responsible; outside the organisation only who agreed to be named there."""
    if row.steward is None or not (viewer.is_member or row.steward.is_named_outward):
        return ""
    return str(row.steward.name)


def _platform(row: Any, viewer: Viewer) -> Platform | None:
    if row.platform_id is None or viewer.is_member:
        return row.platform if row.platform_id and row.platform.deleted_at is None else None
    found: Platform | None = Platform.objects.visible(viewer).filter(pk=row.platform_id).first()
    return found


def platforms(*, viewer: Viewer, home: str = OURS) -> QuerySet[Any]:
    """Return the platforms this viewer may see, with their contact as `mailbox_seen` and `person_seen`."""
    return _with_contact(Platform.objects.visible(viewer, home).select_related("home"), "platform", viewer)


def units(*, viewer: Viewer, home: str = OURS) -> QuerySet[Any]:
    """Return the units this viewer may see, each with what they may see of its platform and contact.

    Annotated: `platform_seen`, `platform_uid_seen`, `mailbox_seen`, `person_seen`; sort and filter by these
    only, so that no order tells what is hidden.
    """
    rows = _with_contact(Unit.objects.visible(viewer, home).select_related("home"), "unit", viewer)
    shown = Q(platform__in=Platform.objects.visible(viewer, home).values("pk"))
    annotated: QuerySet[Any] = rows.annotate(
        platform_seen=Case(When(shown, then=F("platform__name")), output_field=CharField()),
        platform_uid_seen=Case(When(shown, then=F("platform__uid")), output_field=UUIDField()),
    )
    return annotated


def sites(*, viewer: Viewer, home: str = OURS) -> QuerySet[Any]:
    """Return the sites this viewer may see."""
    rows: QuerySet[Any] = Site.objects.visible(viewer, home).select_related("home")
    return rows


def _with_contact(rows: Any, kind: str, viewer: Viewer) -> QuerySet[Any]:
    known = kind_of(kind)
    seen = {
        f"{short}_seen": masked(known, "contact", viewer, column)
        for short, column in (("mailbox", "mailbox"), ("person", "person_name"))
    }
    typed = {
        name: Value(None, output_field=CharField()) if isinstance(value, Value) else value
        for name, value in seen.items()
    }
    annotated: QuerySet[Any] = rows.annotate(**typed)
    return annotated


def units_of(*, platform: Platform, viewer: Viewer) -> list[Any]:
    """Return the units of a platform this viewer may see, by name; one query."""
    return list(units(viewer=viewer, home=home_of(platform)).filter(platform=platform).order_by("name", "pk"))


def parts_of(*, kind: str, row: Any, viewer: Viewer) -> dict[str, list[Any]]:
    """Return what lies in an organisation (platforms, units outside them, sites) or a platform (units).

    Only what this viewer may see, each by name; at most three queries.
    """
    if kind == "platform":
        return {"units": units_of(platform=row, viewer=viewer)}
    if kind != "organisation":
        return {}
    home = home_of(row)
    return {
        "platforms": list(platforms(viewer=viewer, home=home).order_by("name", "pk")),
        "units": list(units(viewer=viewer, home=home).filter(platform_seen=None).order_by("name", "pk")),
        "sites": list(sites(viewer=viewer, home=home).order_by("name", "pk")),
    }


def deleted(*, kind: str, uid: UUID, viewer: Viewer) -> Any:
    """Return a deleted own record that may still be restored; raise NotFound, also to who may not restore."""
    rows = NAMED[kind].objects.own().filter(uid=uid).exclude(deleted_at=None)
    row = rows.first() if viewer.may(Action.EDIT_PROGRAMME) else None
    if row is None:
        raise NotFound(_("There is nothing to restore here; after 30 days it is removed for good."))
    return row


def contact_people() -> list[Person]:
    """Return the people who agreed to be named outside, by name; one query."""
    return list(Person.objects.filter(is_active=True, is_named_outward=True).order_by("name", "pk"))


def stewards() -> list[Person]:
    """Return the people who may be content responsible, by name; one query."""
    return list(Person.objects.filter(is_active=True).order_by("name", "pk"))


def dependents(*, kind: str, uid: UUID) -> list[tuple[str, int]]:
    """Return (kind in words, number) of own live records that refer to this one; one query per such kind."""
    found = []
    for other in kinds():
        for reference in (name for name, target in other.references.items() if target == kind):
            rows = other.model._default_manager.filter(home_id=OWN, deleted_at=None)
            count = rows.filter(**{f"{reference}__home_id": OWN, f"{reference}__uid": uid}).count()
            if count:
                found.append((str(other.label if count == 1 else other.label_plural), count))
    return found


def reach_in_words(reach: Sequence[Reach]) -> str:
    """Say who sees the record outside: as its basics, and whether some part goes to fewer."""
    if not reach:
        return ""
    words = reach[0].words
    if all(each.words == words for each in reach):
        return words
    return _("%(audience)s, some parts to fewer") % {"audience": words}
