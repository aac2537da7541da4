"""What the headings of real parks mean: name, maker, model or something else, in six languages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from parkbench.lib.tabular import fold_heading

Role = Literal["name", "maker", "model"]
ROLES: tuple[Role, ...] = ("name", "maker", "model")

WEAK = 2
"""From this rank on a heading only hints: the cells below it have to bear it out."""
LOOSE = 3
"""The rank of a text of which only a part is known: a heading among headings, not by itself."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a heading means: the role, and a rank by which the lower wins; no role for all other headings."""

    role: Role | None
    rank: int = 0


def _words(*texts: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(fold_heading(word) for word in text.split("; ")) for text in texts)


_WHOLE: dict[Role, tuple[frozenset[str], ...]] = {
    "name": _words(
        "instrument name; equipment name; device name; resource name; tool name; asset name; system name; "
        "name of instrument; name of equipment; name of the instrument; instrument; instruments; "
        "equipment; gerät; geräte; gerätename; gerätebezeichnung; name des geräts; utrustning; "
        "instrumentnamn; utrustningsnamn; apparat; apparater; apparatnamn; apparatuur; apparaat; "
        "apparaatnaam; toestel; toestelnaam; instrumentnaam; appareil; appareils; équipement; "
        "équipements; nom de l'appareil; nom de l'équipement; equipo; equipos; instrumento; aparato; "
        "nombre del equipo; device; devices; instrument/equipment; mikroskop; microscope",
        "name; namn; naam; nom; nombre; bezeichnung; benämning; benaming; désignation; denominación; "
        "resource; tool; system; asset; machine; item; artikel; object; objekt; label; title; titel; "
        "omschrijving; instrumententyp; anläggning; resurs; ressource; ressourcenname; gegenstand; "
        "libellé; intitulé; maskin",
        "description; beschreibung; beskrivning; beschrijving; descripción; short description; "
        "kurzbeschreibung; text; item description; asset description; anlagenbezeichnung",
    ),
    "maker": _words(
        "maker; manufacturer; manufacturer name; manufactured by; make; producer; hersteller; "
        "herstellername; tillverkare; fabrikant; fabrikat; producent; fabricant; constructeur; "
        "fabricante; oem",
        "brand; marke; märke; merk; merknaam; marque; marca; firma; company; bolag; bedrijf; varumärke",
        "supplier; vendor; lieferant; leverantör; leverancier; fournisseur; proveedor",
    ),
    "model": _words(
        "model; models; modell; modèle; modelo; model name; modelname; modellname; modellnamn; modelnaam; "
        "modellbezeichnung; modellbeteckning; device model; instrument model; equipment model; make and "
        "model; make/model; make & model; manufacturer and model; manufacturer/model; hersteller/modell; "
        "hersteller/typ; hersteller und typ; fabrikat/modell; fabrikat/typ; merk/type; merk en type; "
        "marque/modèle; marque et modèle; marca/modelo; marca y modelo; tillverkare/modell; tillverkare "
        "och modell; typbezeichnung; typenbezeichnung; typbeteckning; typeaanduiding; gerätemodell",
        "model number; model no; modellnummer; model nr; modellnr; product; product name; produkt; "
        "produktnamn; produktname; produit; producto; referencia",
        "type; typ; tipo; gerätetyp; instrumenttyp; instrument type; equipment type; typ av instrument; "
        "type d'appareil; apparaattype; device type; type of instrument",
    ),
}
"""Role > headings by rank, compared folded."""

_OTHER = _words(
    "room; raum; rum; kamer; ruimte; salle; pièce; sala; lokal; lokaal; zimmer; location; standort; "
    "plats; placering; locatie; emplacement; lieu; ubicación; building; gebäude; byggnad; gebouw; "
    "bâtiment; edificio; site; campus; serial number; serial no; serial; s/n; seriennummer; serienummer; "
    "serien-nr; serienr; numéro de série; número de serie; inventory number; inventory no; "
    "inventarnummer; inventar-nr; inv.-nr; inv-nr; inv nr; inventarienummer; inventarisnummer; "
    "anläggningsnummer; anlagennummer; numéro d'inventaire; asset id; asset tag; asset number; id; nr; "
    "no; number; nummer; löpnr; pos; position; price; preis; pris; prijs; prix; precio; purchase price; "
    "kaufpreis; inköpspris; aanschafprijs; anschaffungswert; anskaffningsvärde; value; wert; värde; "
    "waarde; amount; currency; währung; valuta; date; datum; fecha; year; jahr; år; jaar; année; año; "
    "purchase date; purchase year; anschaffungsdatum; anschaffungsjahr; baujahr; bouwjaar; inköpsår; "
    "inköpsdatum; anskaffningsår; aanschafjaar; installed; installation date; installerad; driftsatt; "
    "inbetriebnahme; status; zustand; tillstånd; toestand; état; estado; contact; kontakt; contact "
    "person; kontaktperson; ansprechpartner; ansvarig; verantwortlich; verantwoordelijke; responsable; "
    "owner; ägare; eigentümer; eigenaar; e-mail; email; phone; telefon; unit; core; core facility; "
    "facility; department; group; lab; laboratory; abteilung; einheit; enhet; facilitet; avdelning; "
    "afdeling; département; institut; institute; plattform; platform; plateforme; provider; category; "
    "kategorie; kategori; categorie; catégorie; technique; technik; teknik; methode; notes; note; "
    "comment; comments; bemerkung; bemerkungen; anmerkung; anmärkning; kommentar; opmerking; opmerkingen; "
    "remarques; remarque; observaciones; url; link; web address; booking url; configuration; "
    "konfiguration; configuratie; accessories; zubehör; tillbehör; toebehoren; accessoires; options; "
    "optionen; software; quantity; anzahl; menge; antal; aantal; quantité; cantidad; stück; cost centre; "
    "kostenstelle; service contract; wartungsvertrag; serviceavtal; rate; hourly rate; calendar; visible; "
    "price type; criticality; kritikalität; replaces; ersetzt; ersätter"
)[0]
"""Headings of other columns: they tell the line of headings, and that a column is no guess for the name."""

_SINGLE: dict[Role, frozenset[str]] = {
    role: frozenset(word for rank in _WHOLE[role][:2] for word in rank if " " not in word)
    | frozenset(word for word in _WHOLE[role][2] if " " not in word and role == "model")
    for role in ROLES
}
_GLUE = _words(
    "the; a; of; and; or; und; oder; och; eller; en; et; ou; y; o; de; des; der; du; da; la; le; l; d; "
    "van; het; av"
)[0]
_COMPOUND_START = (
    "gerat",
    "instrument",
    "apparat",
    "apparaat",
    "toestel",
    "utrustning",
    "equipment",
    "maskin",
)
_COMPOUND_END: tuple[tuple[Role, int, tuple[str, ...]], ...] = (
    ("name", 0, ("name", "namn", "naam", "bezeichnung", "benamning", "liste", "lista", "lijst")),
    ("maker", 0, ("hersteller", "tillverkare", "fabrikant", "leverantor")),
    ("model", 0, ("modell", "model")),
    ("model", WEAK, ("typ", "type")),
)
_SEVERAL = re.compile(r"[/,+&;]|\b(?:and|und|och|en|et|y)\b", re.IGNORECASE)
_LONGEST_HEADING = 60


def meaning_of(heading: str) -> Meaning | None:
    """Return what a heading means, or None when it is not known as a heading of anything."""
    if len(heading) > _LONGEST_HEADING:
        return None
    whole = fold_heading(heading)
    for role in ROLES:
        for rank, words in enumerate(_WHOLE[role]):
            if whole in words:
                return Meaning(role, rank)
    if whole in _OTHER:
        return Meaning(None)
    return _of_words(heading, whole.split())


def _of_words(heading: str, words: list[str]) -> Meaning | None:
    """Return what a heading of several words, or one compound word, means."""
    words = [word for word in words if word not in _GLUE]
    if any(word in _OTHER for word in words):
        # “Name of the contact person”, “Room of the instrument”: never the instrument itself.
        return Meaning(None, LOOSE)
    if len(words) == 1 and (found := _of_compound(words[0])):
        return found
    named = {role for role in ROLES if any(word in _SINGLE[role] for word in words)}
    if named and all(any(word in _SINGLE[role] for role in ROLES) for word in words):
        return Meaning(_settled(named, is_list=bool(_SEVERAL.search(heading))), 1)
    is_loose = "name" in named and len(words) <= 6 and not any(map(str.isdigit, heading))
    return Meaning("name", LOOSE) if is_loose else None


def _settled(named: set[Role], *, is_list: bool) -> Role:
    """Return the one role of a heading that names several."""
    if named >= {"maker", "model"}:
        return "name" if "name" in named and is_list else "model"
    if "name" in named and is_list:
        return "name"
    return next(role for role in ("maker", "model", "name") if role in named)


def _of_compound(word: str) -> Meaning | None:
    if not word.startswith(_COMPOUND_START):
        return None
    for role, rank, ends in _COMPOUND_END:
        if word.endswith(ends):
            return Meaning(role, rank)
    return None
