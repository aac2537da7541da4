"""How an own register sheet becomes makes and models of the catalogue.

It stands in this room because the catalogue does not know how sheets are read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbench.accounts.rules import Action
from parkbench.catalogue import services as catalogue
from parkbench.catalogue.models import DeviceModel, Maker
from parkbench.instruments.importers.headings import read_words
from parkbench.instruments.importers.names import MakerNames, leading_maker
from parkbench.intake.registry import Context, FieldSpec, Sort, Values
from parkbench.lib.errors import Problem
from parkbench.records.visibility import Viewer

DESIGNATION = (
    "designation; model; make and model; make/model; model name; model number; modell; typ; type; product; "
    "bezeichnung; modellbezeichnung; gerätetyp; benämning; modellnamn; beteckning; fabrikat/modell; modèle"
)
HEADINGS = read_words(
    {
        "maker": (
            "maker; manufacturer; make; brand; vendor; company; hersteller; tillverkare; fabrikat; "
            "producent; fabricant; marke; märke; leverantör; firma"
        ),
        "designation": DESIGNATION,
        # The number that a row is known by: the key of an export, else the designation.
        "model_key": f"key; model key; {DESIGNATION}",
        "family": (
            "family; series; product family; familie; serie; baureihe; produktfamilie; familj; produktserie"
        ),
        "aliases": (
            "other names; aliases; also known as; synonyms; andere namen; weitere namen; synonyme; "
            "andra namn; kallas även; alias"
        ),
        "techniques": "techniques; technique; method; technik; techniken; methode; teknik; tekniker; metod",
        "rrid": "rrid; research resource identifier",
        "end_of_sale_on": (
            "end of sale; discontinued; discontinued on; sold until; verkaufsende; abgekündigt; verkauf bis; "
            "säljs till; säljslut; försäljning upphör; utgår"
        ),
        "end_of_service_on": (
            "end of service; end of support; supported until; service until; eos; eol; serviceende; "
            "service bis; wartung bis; supportende; service till; support till; stöd till; serviceslut"
        ),
        "typical_life_years": (
            "typical life in years; typical life; life; life (years); lifetime; expected life; "
            "nutzungsdauer; lebensdauer; livslängd; typisk livslängd; nutzungsdauer jahre"
        ),
        "source": "source; quelle; källa",
        "licence": "licence; license; lizenz; licens",
    }
)
SORTS: Mapping[str, Sort] = {
    "aliases": "list",
    "techniques": "list",
    "end_of_sale_on": "date",
    "end_of_service_on": "date",
    "typical_life_years": "whole",
}
LABELS = {
    "maker": gettext_lazy("Maker"),
    "designation": gettext_lazy("Designation"),
    "model_key": gettext_lazy("Key"),
    "family": gettext_lazy("Family"),
    "aliases": gettext_lazy("Other names"),
    "techniques": gettext_lazy("Techniques"),
    "rrid": gettext_lazy("RRID"),
    "end_of_sale_on": gettext_lazy("End of sale"),
    "end_of_service_on": gettext_lazy("End of service"),
    "typical_life_years": gettext_lazy("Typical life in years"),
    "source": gettext_lazy("Source"),
    "licence": gettext_lazy("Licence"),
}
FIELDS = tuple(
    FieldSpec(
        name=name,
        label=LABELS[name],
        section="basics",
        sort=SORTS.get(name, "text"),
        required=name in ("maker", "designation"),
        record="maker" if name == "maker" else "",
        is_made=name == "maker",
        names=words,
        is_key=3 if name == "model_key" else 0,
    )
    for name, words in HEADINGS.items()
)
LENGTHS = {"designation": 200, "family": 100, "source": 300, "licence": 100}


class ModelTarget:
    """Makes and models as something a sheet can be imported into; a row may stand in for a shipped one."""

    name = "models"
    kind = "model"
    label = gettext_lazy("Makes and models")
    page = "catalogue:model"
    fields = FIELDS
    title = "designation"
    scope: tuple[str, ...] = ()

    def context(self, *, viewer: Viewer) -> Context:
        """Look up makers, models and techniques once for a run."""
        known = catalogue.known(viewer)
        return Context(known={"maker": MakerNames(known.targets)}, data=known)

    def check(self, *, viewer: Viewer, values: Values) -> str:
        """Say why this viewer may not change the catalogue, or ''."""
        if viewer.may(Action.EDIT_CATALOGUE):
            return ""
        return str(_("You may not change the catalogue. Ask a manager of this node."))

    def finish(self, *, context: Context, values: Values) -> tuple[Values, list[Problem]]:
        """Settle which model a row is about, write its names as the catalogue does, find faults."""
        known: catalogue.Known = context.data
        done = _settled(dict(values), known)
        problems = _techniques(done, known)
        for name, longest in LENGTHS.items():
            if len(done.get(name) or "") > longest:
                problems.append(Problem(name, done[name], _("at most %(n)s characters") % {"n": longest}))
        life = done.get("typical_life_years")
        if life is not None and not 1 <= life <= 60:
            problems.append(Problem("typical_life_years", life, _("a number of years from 1 to 60")))
        sale, service = done.get("end_of_sale_on"), done.get("end_of_service_on")
        if sale and service and service < sale:
            problems.append(
                Problem("end_of_service_on", service, _("an end of service not before the end of sale"))
            )
        return done, problems + _taken(done, known)

    def find(self, *, field: str, texts: Sequence[str]) -> Mapping[str, Sequence[UUID]]:
        """Find own models by key."""
        rows = DeviceModel.objects.own().live().filter(key__in=texts)
        return {key: [uid] for key, uid in rows.values_list("key", "uid")}

    def current(self, *, uids: Sequence[UUID]) -> Mapping[UUID, Values]:
        """Return what these models hold."""
        return catalogue.values_of(uids)

    def make(self, *, kind: str, names: Sequence[str], by: Viewer, batch: UUID) -> Mapping[str, UUID]:
        """Make makers that are not here."""
        keys = catalogue.make_missing_makers(names=names, by=by, batch=batch)
        uids = dict(Maker.objects.live().filter(key__in=set(keys.values())).values_list("key", "uid"))
        return {name: uids[key] for name, key in keys.items()}

    def unmake(self, *, kind: str, uids: Sequence[UUID], by: Viewer, batch: UUID) -> Sequence[UUID]:
        """Delete the makers that the batch made and that nothing names any more."""
        return catalogue.delete_unused_makers(uids=uids, by=by, batch=batch)

    def write(
        self,
        *,
        new: Sequence[tuple[UUID, Values]],
        changed: Sequence[tuple[UUID, Values]],
        by: Viewer,
        batch: UUID,
    ) -> None:
        """Publish one chunk."""
        catalogue.write_models(new=new, changed=changed, by=by, batch=batch)


def _settled(values: Values, known: catalogue.Known) -> Values:
    """Tell maker and designation apart, and find the model they mean; names as the catalogue writes them."""
    designation, maker = values.get("designation"), values.get("maker")
    if not designation:
        return values
    if not maker and (maker := leading_maker(designation, known.targets)):
        designation = " ".join(designation.split()[len(maker.split()) :])
    key = known.targets.key(maker or "", designation)
    maker_key = key.partition("/")[0] if key else known.maker_key(maker or "")
    values["maker"] = known.makers[maker_key][0] if maker_key and maker_key in known.makers else maker
    values["designation"] = designation
    values["model_key"] = key or catalogue.key_of(maker_key or maker or "", designation)
    return values


def _techniques(values: Values, known: catalogue.Known) -> list[Problem]:
    """Put keys where a sheet names techniques; what is no technique of the catalogue is refused."""
    keys, problems = [], []
    for text in values.get("techniques") or ():
        key = known.technique_key(text)
        if key is None:
            expected = _("techniques of the catalogue; add it first, or correct its name")
            problems.append(Problem("techniques", text, expected))
        else:
            keys.append(key)
    if keys:
        values["techniques"] = list(dict.fromkeys(keys))
    return problems


def _taken(values: Values, known: catalogue.Known) -> list[Problem]:
    """Refuse other names that another model of the maker bears already, shipped or own."""
    key = values.get("model_key")
    maker = key.partition("/")[0] if key else ""
    names = values.get("aliases") or ()
    return [
        Problem("aliases", name, _("a name that no other model bears; %(key)s does") % {"key": bearer})
        for name, bearer in catalogue.taken_names(maker, names, known, key)
    ]
