"""Page heads and facts of models, makers and techniques."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from parkbench.catalogue.models import CatalogueEntry
from parkbench.catalogue.queries import MakerPage, ModelPage, Place, TechniquePage
from parkbench.records.queries import head_of_home
from parkbench.records.registry import kind_of
from parkbench.records.visibility import Viewer
from parkbench.ui.lists import Action
from parkbench.ui.parts import Fact, PageHead

OBO = "http://purl.obolibrary.org/obo/"


def model_head(*, page: ModelPage, viewer: Viewer, permalink: str) -> PageHead:
    """Return what stands above a make and model."""
    crumbs = [(_("Makes and models"), reverse("catalogue:models"))]
    if page.maker:
        crumbs.append((page.maker.name, page.maker.get_absolute_url()))
    title = f"{page.maker.name} {page.model.designation}" if page.maker else page.model.designation
    return _head("model", page.model, page.place, viewer, permalink, title=title, crumbs=crumbs)


def maker_head(*, page: MakerPage, viewer: Viewer, permalink: str) -> PageHead:
    """Return what stands above a maker."""
    crumbs = [
        (_("Makes and models"), reverse("catalogue:models")),
        (_("Makers"), reverse("catalogue:makers")),
    ]
    return _head("maker", page.maker, page.place, viewer, permalink, title=page.maker.name, crumbs=crumbs)


def technique_head(*, page: TechniquePage, viewer: Viewer, permalink: str) -> PageHead:
    """Return what stands above a technique."""
    crumbs = [
        (_("Makes and models"), reverse("catalogue:models")),
        (_("Techniques"), reverse("catalogue:techniques")),
        *((above.name, above.get_absolute_url()) for above in page.path),
    ]
    name = page.technique.name
    return _head("technique", page.technique, page.place, viewer, permalink, title=name, crumbs=crumbs)


def model_facts(page: ModelPage) -> list[tuple[str, list[Fact]]]:
    """Return the facts of a make and model under their headings."""
    model = page.model
    maker = Fact(_("Maker"), is_hidden=bool(model.maker_ref) and page.maker is None)
    if page.maker:
        maker = Fact(_("Maker"), page.maker.name, url=page.maker.get_absolute_url())
    identity = [
        maker,
        Fact(_("Designation"), model.designation),
        Fact(_("Family"), model.family or ""),
        Fact(_("Other names"), ", ".join(model.aliases)),
        Fact(_("Key"), model.key),
    ]
    accessions = [
        Fact(
            _("RRID"), model.rrid or "", url=f"https://identifiers.org/{model.rrid}" if model.rrid else None
        ),
        Fact(
            _("PSI-MS accession"),
            model.psi_ms or "",
            url=f"{OBO}{model.psi_ms.replace(':', '_')}" if model.psi_ms else None,
        ),
        Fact(
            _("Name at ENA"), model.ena or "", note=_("as sequencing archives write it") if model.ena else ""
        ),
    ]
    return [
        (_("Identity"), identity),
        (_("Life"), _life(page)),
        (_("Accessions"), accessions),
        *_sources(model),
    ]


def maker_facts(page: MakerPage) -> list[tuple[str, list[Fact]]]:
    """Return the facts of a maker under their headings."""
    maker = page.maker
    identity = [
        Fact(_("Name"), maker.name),
        Fact(_("Other names"), ", ".join(maker.aliases)),
        Fact(_("Country"), maker.country or ""),
        Fact(_("Website"), maker.url or "", url=maker.url),
        Fact(_("ROR"), maker.ror or "", url=maker.ror),
    ]
    return [(_("Identity"), identity), (_("Succession"), _succession(page)), *_sources(maker)]


def technique_facts(page: TechniquePage) -> list[tuple[str, list[Fact]]]:
    """Return the facts of a technique under their headings."""
    technique = page.technique
    parent = page.path[-1] if page.path else None
    fbbi = f"{OBO}{technique.fbbi.replace(':', '_')}" if technique.fbbi else None
    identity = [
        Fact(_("Name"), technique.name),
        Fact(_("Other names"), ", ".join(technique.aliases)),
        Fact(_("Kind of"), parent.name if parent else "", url=parent.get_absolute_url() if parent else None),
        Fact(_("FBbi accession"), technique.fbbi or "", url=fbbi),
    ]
    return [(_("Identity"), identity), *_sources(technique)]


def _life(page: ModelPage) -> list[Fact]:
    model = page.model
    years = model.typical_life_years
    facts = [
        _end(_("End of sale"), model.end_of_sale_on, _("no longer sold")),
        _end(_("End of service"), model.end_of_service_on, _("no longer serviced")),
        Fact(
            _("Typical life"),
            _("%(years)s years") % {"years": years} if years else "",
            note=_("a planning assumption") if years else "",
        ),
        Fact(_("Export control class"), model.export_control or ""),
        _to(_("Followed by"), page.successor, is_hidden=bool(model.successor_ref) and page.successor is None),
    ]
    facts.extend(_to(_("Follows"), earlier) for earlier in page.predecessors)
    return facts


def _end(label: str, on: date | None, word: str) -> Fact:
    is_past = on is not None and on <= timezone.localdate()
    return Fact(label, date_format(on, "j F Y") if on else "", note=word if is_past else "")


def _to(label: str, entry: Any, *, note: str = "", is_hidden: bool = False) -> Fact:
    if entry is None:
        return Fact(label, is_hidden=is_hidden)
    return Fact(label, str(entry), url=entry.get_absolute_url(), note=note)


def _succession(page: MakerPage) -> list[Fact]:
    maker = page.maker
    is_hidden = bool(maker.successor_ref) and page.successor is None
    after = _to(_("Taken over by"), page.successor, note=maker.succeeded_on or "", is_hidden=is_hidden)
    before = [_to(_("Took over"), earlier, note=earlier.succeeded_on or "") for earlier in page.predecessors]
    return [after, *before]


def _sources(entry: CatalogueEntry) -> list[tuple[str, list[Fact]]]:
    """Say where shipped facts come from; an own entry comes from whoever wrote it, see its history."""
    if not entry.source and not entry.licence:
        return []
    facts = [Fact(_("Source"), entry.source or ""), Fact(_("Licence"), entry.licence or "")]
    return [(_("Source"), facts)]


def _head(
    kind: str,
    entry: Any,
    place: Place,
    viewer: Viewer,
    permalink: str,
    *,
    title: str,
    crumbs: Sequence[tuple[str, str]],
) -> PageHead:
    # A catalogue entry has no contact section, so outside the organisation it names nobody.
    is_inside = place.is_own and viewer.is_member
    steward = entry.steward.name if is_inside and entry.steward else ""
    due = entry.review_due_on if is_inside else None
    head = PageHead(
        title=title,
        kind=capfirst(str(kind_of(kind).label)),
        home=place.home,
        is_own=place.is_own or place.is_shipped,
        steward=steward,
        updated_at=entry.updated_at,
        review_due=due,
        is_overdue=due is not None and due < timezone.localdate(),
        visible_to=place.visible_to,
        sharing_url=_address("records:sharing", kind, entry.uid) if is_inside else None,
        permalink=permalink,
        history_url=_address("records:history", kind, entry.uid) if is_inside else None,
        crumbs=crumbs,
        intro=_standing(place),
        actions=_actions(kind, entry, place),
    )
    return head_of_home(head, kind=kind_of(kind), row=entry, viewer=viewer)


def _standing(place: Place) -> str:
    """Say, to members, which entry stands in for which."""
    if place.other is None:
        return ""
    if place.is_own:
        return _("This entry of our own stands in for the one that comes with Parkbench.")
    return _("An entry of our own stands in for this one: lists and links show that one.")


def _actions(kind: str, entry: Any, place: Place) -> list[Action]:
    """Return what may be done with the entry: edit, put an own one in its place, compare, delete."""

    def to(what: str) -> str:
        return reverse(f"catalogue:{kind}-{what}", args=[entry.uid])

    actions = []
    if place.other is not None:
        actions.append(Action(_("Shipped and own, side by side"), to("shipped")))
    elif place.may_override:
        actions.append(Action(_("Put an own entry in its place"), to("override")))
    elif place.may_edit:
        confirm = _("Delete %(name)s? It can be restored for 30 days.") % {"name": entry}
        actions.append(Action(_("Delete"), to("remove"), is_post=True, confirm=confirm))
    if place.may_edit:
        actions.append(Action(_("Edit"), to("edit"), is_primary=True))
    return actions


def _address(name: str, *args: Any) -> str | None:
    """Return the address of a page, None where this node has no such page."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return None
