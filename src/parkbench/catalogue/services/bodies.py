"""What people say of an entry, checked against the whole catalogue and turned into its body."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from parkbench.catalogue.models import DeviceModel, Maker, Technique
from parkbench.catalogue.queries import LinkTargets, link_targets
from parkbench.catalogue.queries.effective import effective
from parkbench.catalogue.rules import above, canonical_key, fold, link, slug, without_legal_form
from parkbench.lib.errors import Invalid, Problem, Refused
from parkbench.lib.urn import record_id
from parkbench.records.models import OWN, REGISTER
from parkbench.records.visibility import Viewer


@dataclass(frozen=True, slots=True, kw_only=True)
class MakerFields:
    """What people say of a maker; ``successor`` is the name of the maker that took it over."""

    name: str
    aliases: Sequence[str] = ()
    ror: str | None = None
    country: str | None = None
    url: str | None = None
    successor: str | None = None
    succeeded_on: str | None = None
    source: str | None = None
    licence: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TechniqueFields:
    """What people say of a technique; ``parent`` is the name, another name or the key of the one above it."""

    name: str
    aliases: Sequence[str] = ()
    parent: str | None = None
    fbbi: str | None = None
    source: str | None = None
    licence: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFields:
    """What people say of a make and model; ``maker`` is the maker's name, techniques are keys.

    ``successor`` is the model that follows it, as maker and designation in one text.
    """

    maker: str
    designation: str
    family: str | None = None
    aliases: Sequence[str] = ()
    techniques: Sequence[str] = ()
    rrid: str | None = None
    psi_ms: str | None = None
    ena: str | None = None
    end_of_sale_on: date | None = None
    end_of_service_on: date | None = None
    typical_life_years: int | None = None
    export_control: str | None = None
    successor: str | None = None
    source: str | None = None
    licence: str | None = None


@dataclass(slots=True)
class Known:
    """The catalogue as one write looks at it: names, ids by key, and what was added meanwhile.

    ``makers`` maps key > (name, record id) and ``techniques`` likewise; an id is the shipped entry's where
    there is one, since that is alike on all nodes. ``names`` maps folded technique names > keys.
    """

    targets: LinkTargets
    makers: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    techniques: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    names: Mapping[str, frozenset[str]] = field(default_factory=dict)
    parents: Mapping[str, str | None] = field(default_factory=dict)
    added: dict[tuple[str, str], str] = field(default_factory=dict)

    def maker_key(self, text: str) -> str | None:
        """Return the key of the maker that a text names: by name, other name or key."""
        return self.targets.maker_key(text) or (text if text in self.makers else None)

    def technique_key(self, text: str) -> str | None:
        """Return the key of the technique that a text names: by key, name or other name; None when unsure."""
        if text in self.techniques:
            return text
        keys = self.names.get(fold(text), frozenset())
        return next(iter(keys)) if len(keys) == 1 else None


def known(by: Viewer) -> Known:
    """Read what checking entries needs, in seven queries."""
    techniques: dict[str, set[str]] = {}
    rows = effective(Technique, by).filter(home_id__in=(OWN, REGISTER))
    parents = {}
    for key, name, aliases, parent in rows.values_list("key", "name", "aliases", "parent__key"):
        parents[key] = parent
        for one in (name, *aliases):
            techniques.setdefault(fold(one), set()).add(key)
    return Known(
        targets=link_targets(by),
        makers=_by_key("maker", Maker, by),
        techniques=_by_key("technique", Technique, by),
        names={name: frozenset(keys) for name, keys in techniques.items()},
        parents=parents,
    )


def _by_key(kind: str, model: Any, by: Viewer) -> dict[str, tuple[str, str]]:
    """Return key > (name of the entry that stands, id of the shipped one where there is one)."""
    rows = model.objects.visible(by).filter(home_id__in=(OWN, REGISTER)).order_by("-home_id")
    found: dict[str, tuple[str, str]] = {}
    for key, name, address, uid in rows.values_list("key", "name", "home__address", "uid"):
        # The shipped entry comes first: it gives the id, the own one the name.
        _name, ref = found.get(key, ("", record_id(node=address, kind=kind, uid=uid)))
        found[key] = (name, ref)
    return found


def maker_body(fields: MakerFields, catalogue: Known, *, own_key: str | None) -> dict[str, Any]:
    """Return the body of a maker; ``own_key`` is the key of the one being edited, None for a new one.

    Raises Refused when a name is another maker's, Invalid for a successor that cannot be one.
    """
    targets = catalogue.targets
    for name in (fields.name, *fields.aliases):
        _check_free_maker(name, catalogue, own_key)
    key = own_key or slug(without_legal_form(fields.name))
    if own_key is None and key in targets.makers:
        raise Refused(_("“%(name)s” is in the catalogue already. Use that entry.") % {"name": fields.name})
    body: dict[str, Any] = {**asdict(fields), "key": key, "aliases": list(fields.aliases)}
    successor = body.pop("successor")
    if successor:
        after = _maker_key(successor, catalogue, _("Taken over by"))
        _check_not_after(key, after, targets)
        body["successor_ref"] = catalogue.makers[after][1]
    return body


def _check_free_maker(name: str, catalogue: Known, own_key: str | None) -> None:
    """Refuse a name that another maker bears, with or without its legal form."""
    makers = catalogue.targets.index.makers
    folded = {fold(name), fold(without_legal_form(name))} & makers.keys()
    for bearer in (makers[one] for one in sorted(folded)):
        if bearer is None or bearer != own_key:
            shown = catalogue.makers[bearer][0] if bearer else _("several makers")
            raise Refused(
                _("“%(name)s” is in the catalogue already, as %(maker)s. Use that entry.")
                % {"name": name, "maker": shown}
            )


def _check_not_after(key: str, successor: str, targets: LinkTargets) -> None:
    """Refuse a successor that was itself taken over, in the end, by this maker."""
    if key == successor or targets.index.lines.get(successor) == key:
        raise Invalid(
            Problem(_("Taken over by"), successor, _("a maker that was not taken over by this one"))
        )


def technique_body(fields: TechniqueFields, catalogue: Known, *, own_key: str | None) -> dict[str, Any]:
    """Return the body of a technique; ``own_key`` is the key of the one being edited, None for a new one.

    Raises Refused when a name is another technique's, Invalid for a parent that is not there or below it.
    """
    for name in (fields.name, *fields.aliases):
        bearers = catalogue.names.get(fold(name), frozenset()) - {own_key}
        if bearers:
            shown = ", ".join(sorted(catalogue.techniques[key][0] for key in bearers))
            raise Refused(
                _("“%(name)s” is in the catalogue already, as %(technique)s. Use that entry.")
                % {"name": name, "technique": shown}
            )
    key = own_key or slug(fields.name)
    if not key:
        raise Invalid(Problem(_("Name"), fields.name, _("a name with at least one letter")))
    if own_key is None and key in catalogue.techniques:
        raise Refused(_("“%(name)s” is in the catalogue already. Use that entry.") % {"name": fields.name})
    body: dict[str, Any] = {**asdict(fields), "key": key, "aliases": list(fields.aliases)}
    parent = body.pop("parent")
    if parent:
        over = catalogue.technique_key(parent)
        if over is None:
            raise Invalid(Problem(_("Kind of"), parent, _("a technique of the catalogue")))
        if over == key or key in above(over, catalogue.parents):
            raise Invalid(Problem(_("Kind of"), parent, _("a technique that is not a kind of this one")))
        body["parent_ref"] = catalogue.techniques[over][1]
    return body


def model_body(
    fields: ModelFields, catalogue: Known, by: Viewer, *, own_key: str | None, keeps_key: bool = False
) -> dict[str, Any]:
    """Return the body of a model; ``own_key`` is the key of the one being edited, None for a new one.

    ``keeps_key``: it stands in for a shipped one, so that its key, and its maker in it, stay. Raises Refused
    when a name is another model's of the maker, Invalid for a value that does not fit.
    """
    targets = catalogue.targets
    maker = _maker_key(fields.maker, catalogue, _("Maker"))
    if not slug(fields.designation):
        raise Invalid(Problem(_("Designation"), fields.designation, _("a name with at least one letter")))
    key = canonical_key(maker, fields.designation)
    if keeps_key and own_key is not None:
        if own_key.partition("/")[0] != maker:
            raise Invalid(Problem(_("Maker"), fields.maker, _("the maker of the shipped entry")))
        key = own_key
    words = {"maker": catalogue.makers[maker][0], "designation": fields.designation}
    if key != own_key and key in targets.models:
        raise Refused(_("%(maker)s %(designation)s is in the catalogue already. Use that entry.") % words)
    for name, bearer in taken_names(maker, (fields.designation, *fields.aliases), catalogue, own_key):
        raise Refused(
            _("%(maker)s “%(name)s” is in the catalogue already, as %(key)s. Use that entry.")
            % {**words, "name": name, "key": bearer}
        )
    body: dict[str, Any] = {
        **asdict(fields),
        "key": key,
        "aliases": list(fields.aliases),
        "techniques": _techniques(fields.techniques, catalogue),
        "maker_ref": catalogue.makers[maker][1],
    }
    del body["maker"]
    successor = body.pop("successor")
    if successor:
        body["successor_ref"] = _model_ref(successor, key if own_key else None, targets, by)
    return body


def key_of(maker: str, designation: str) -> str:
    """Return the key that a model gets; ``maker`` is a key, or the name of a maker that is to be made."""
    return canonical_key(slug(without_legal_form(maker)), designation)


def taken_names(
    maker: str, names: Sequence[str], catalogue: Known, own_key: str | None
) -> list[tuple[str, str]]:
    """Return (name, who bears it) of those names that another model of the maker bears already."""
    by_maker = catalogue.targets.index.by_maker
    found = []
    for name in names:
        place = (maker, fold(name))
        held = by_maker if place in by_maker else catalogue.added
        bearer = held.get(place)
        if place in held and (bearer is None or bearer != own_key):
            found.append((name, bearer or _("several models")))
    return found


def _techniques(texts: Sequence[str], catalogue: Known) -> list[str]:
    keys = []
    for text in texts:
        key = catalogue.technique_key(text)
        if key is None:
            raise Invalid(Problem(_("Techniques"), text, _("techniques of the catalogue")))
        keys.append(key)
    return keys


def _maker_key(text: str, catalogue: Known, label: str) -> str:
    key = catalogue.maker_key(text)
    if key is None:
        raise Invalid(Problem(label, text, _("a maker of the catalogue; add the maker first if it is new")))
    return key


def _model_ref(text: str, own_key: str | None, targets: LinkTargets, by: Viewer) -> str:
    """Return the record id of the model that "maker designation" names; refuse the model itself."""
    key = link("", text, targets.index)
    if key is None:
        expected = _("maker and designation of a model of the catalogue, such as Zeiss LSM 980")
        raise Invalid(Problem(_("Followed by"), text, expected))
    rows = DeviceModel.objects.visible(by).filter(Q(home_id=OWN) | Q(home_id=REGISTER), key=key)
    model = rows.select_related("home").order_by("-home_id").first()
    if model is None or key == own_key or _leads_to(model, own_key):
        raise Invalid(Problem(_("Followed by"), text, _("a model that does not come before this one")))
    return record_id(node=model.home.address, kind="model", uid=model.uid)


def _leads_to(model: DeviceModel, key: str | None) -> bool:
    """Tell whether the successors of a model end up at the one with this key."""
    seen: set[int] = set()
    following: DeviceModel | None = model
    while key is not None and following is not None and following.pk not in seen:
        if following.key == key:
            return True
        seen.add(following.pk)
        following = following.successor
    return False
