"""The headings and words of real sheets, in several languages, that mean a field of a service or a price."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from parkbench.intake.registry import fold, fold_heading


def _read(texts: dict[str, str]) -> dict[str, tuple[str, ...]]:
    return {key: tuple(text.split("; ")) for key, text in texts.items()}


SERVICE_HEADINGS = _read(
    {
        "name": (
            "name; service; service name; offer; title; dienst; dienstleistung; leistung; angebot; "
            "bezeichnung; tjänst; tjänstens namn; namn; benämning; servicenamn; naam; prestation"
        ),
        "unit": (
            "unit; core facility; facility; core; department; group; lab; platform unit; einheit; abteilung; "
            "enhet; facilitet; avdelning; afdeling; faciliteit"
        ),
        "description": "description; beschreibung; beskrivning; beschrijving; details; what you get",
        "status": "status; state; zustand; tillstånd; läge",
        "access_modes": (
            "access; access mode; access modes; mode of access; zugang; zugangsart; nutzungsart; tillgång; "
            "åtkomst; typ av tillgång; toegang"
        ),
        "user_categories": (
            "who may use it; user categories; user category; users; open to; nutzer; nutzergruppen; "
            "nutzerkreis; användare; användarkategorier; användargrupper; gebruikers"
        ),
        "sample_types": (
            "sample types; samples; sample type; material; probenarten; probentypen; proben; provtyper; "
            "prov; provtyp; monstertypes"
        ),
        "biosafety_class": (
            "biosafety class; biosafety level; bsl; risk group; sicherheitsstufe; biologische "
            "sicherheitsstufe; schutzstufe; s1/s2; skyddsklass; biosäkerhetsklass; riskklass"
        ),
        "techniques": "techniques; technique; method; methods; technik; methode; methoden; teknik; metod",
        "instruments": (
            "instruments; instruments used; equipment; devices; geräte; verwendete geräte; instrument; "
            "utrustning; apparatuur"
        ),
        "lead_time_days": (
            "lead time (days); lead time; turnaround; turnaround time; turnaround (days); waiting time; "
            "bearbeitungszeit; bearbeitungszeit (tage); durchlaufzeit; wartezeit; lieferzeit; ledtid; "
            "ledtid (dagar); väntetid; handläggningstid; leveranstid; doorlooptijd"
        ),
        "throughput": "throughput; capacity; durchsatz; kapazität; genomströmning; kapacitet",
        "mailbox": (
            "function mailbox; mailbox; contact; e-mail; email; contact e-mail; kontakt; e-mail-adresse; "
            "funktionspostfach; e-post; epost; funktionsbrevlåda; kontaktadress"
        ),
        "contact_url": (
            "how to ask; request form; booking link; url; link; order form; anfrage; anfrageformular; "
            "bestellformular; webseite; beställning; beställningsformulär; ansökan; webbplats"
        ),
    }
)

CAPABILITY_HEADINGS = {
    **_read(
        {
            "name": (
                "name; capability; capability name; offer; title; angebot; bezeichnung; fähigkeit; "
                "kompetenz; namn; benämning; förmåga; erbjudande; naam; capaciteit"
            ),
            "platform": "platform; plattform; infrastructure; infrastruktur; infrastructuur",
            "services": (
                "services; draws on; made of; service; dienste; dienstleistungen; leistungen; besteht aus; "
                "tjänster; består av; diensten"
            ),
        }
    ),
    **{name: SERVICE_HEADINGS[name] for name in ("description", "mailbox", "contact_url")},
}

PRICE_HEADINGS = _read(
    {
        "service": (
            "service; service name; offer; dienst; dienstleistung; leistung; angebot; tjänst; "
            "tjänstens namn; service id; prestation"
        ),
        "category": (
            "user category; category; price group; price type; user group; customer type; kundengruppe; "
            "nutzergruppe; nutzerkategorie; kategorie; preisgruppe; användarkategori; kategori; kundgrupp; "
            "prisgrupp; kundtyp"
        ),
        "label": (
            "what for; item; label; position; article; detail; artikel; posten; bezeichnung; post; "
            "benämning; avser"
        ),
        "unit": (
            "per; unit; price unit; billing unit; charged per; einheit; preiseinheit; abrechnungseinheit; "
            "je; pro; enhet; prisenhet; debiteringsenhet; eenheid"
        ),
        "amount": (
            "price; amount; rate; fee; unit price; cost; preis; tarif; betrag; stundensatz; satz; gebühr; "
            "pris; avgift; belopp; taxa; timpris; prijs; tarief"
        ),
        "currency": "currency; währung; valuta; devise",
        "vat": "vat; mwst; ust; umsatzsteuer; moms; btw; tva",
        "valid_from": (
            "valid from; from; start date; valid since; gültig ab; gültig von; ab; von; giltig från; "
            "giltigt från; gäller från; från; fr o m; geldig vanaf; vanaf"
        ),
        "valid_until": (
            "valid until; until; to; valid to; end date; gültig bis; bis; giltig till; giltigt till; "
            "gäller till; till; t o m; geldig tot; tot"
        ),
    }
)

STATUS = {
    "planned": ("planned", "geplant", "planerad", "planerat", "gepland", "coming"),
    "offered": (
        "offered",
        "active",
        "available",
        "open",
        "aktiv",
        "angeboten",
        "verfügbar",
        "erbjuds",
        "öppen",
    ),
    "paused": ("paused", "on hold", "suspended", "pausiert", "ausgesetzt", "pausad", "pausat", "vilande"),
    "ended": ("ended", "closed", "discontinued", "inactive", "beendet", "eingestellt", "avslutad", "upphörd"),
}
ACCESS = {
    "collaboration": (
        "collaboration",
        "collaborative",
        "project",
        "kooperation",
        "zusammenarbeit",
        "samarbete",
        "projekt",
    ),
    "service": (
        "service",
        "full service",
        "done for you",
        "staff operated",
        "auftrag",
        "auftragsmessung",
        "dienstleistung",
        "uppdrag",
        "tjänst",
        "fullservice",
    ),
    "self-use": (
        "self-use",
        "self use",
        "self service",
        "user operated",
        "trained users",
        "self-use after training",
        "selbstnutzung",
        "eigennutzung",
        "egen användning",
        "självbetjäning",
        "eget bruk",
    ),
    "remote": ("remote", "remote access", "fernzugriff", "fernzugang", "fjärr", "fjärråtkomst", "distans"),
}
CATEGORIES = {
    "internal": (
        "internal",
        "own organisation",
        "in-house",
        "intern",
        "interne",
        "hauseigen",
        "internt",
        "interna",
        "egen organisation",
        "eigene organisation",
    ),
    "academic": (
        "academic",
        "other academic",
        "academia",
        "university",
        "universities",
        "external academic",
        "akademisch",
        "hochschule",
        "hochschulen",
        "universität",
        "akademisk",
        "akademi",
        "akademin",
        "lärosäte",
        "universitet",
    ),
    "healthcare": (
        "healthcare",
        "health care",
        "hospital",
        "hospitals",
        "clinic",
        "klinik",
        "krankenhaus",
        "gesundheitswesen",
        "sjukvård",
        "vård",
        "sjukhus",
        "hälso- och sjukvård",
    ),
    "public-sector": (
        "public-sector",
        "public sector",
        "authority",
        "government",
        "öffentlich",
        "behörde",
        "öffentliche hand",
        "öffentlicher sektor",
        "myndighet",
        "offentlig sektor",
        "offentlig",
    ),
    "industry": (
        "industry",
        "company",
        "companies",
        "commercial",
        "external commercial",
        "industrie",
        "firma",
        "firmen",
        "unternehmen",
        "kommerziell",
        "industri",
        "företag",
        "kommersiell",
        "näringsliv",
    ),
    "education": (
        "education",
        "education and training",
        "teaching",
        "training",
        "lehre",
        "ausbildung",
        "schulung",
        "utbildning",
        "undervisning",
    ),
}
VAT = {
    "excluded": (
        "excluded",
        "without vat",
        "excl",
        "excl vat",
        "ex vat",
        "net",
        "exkl",
        "exkl moms",
        "utan moms",
        "ohne mwst",
        "netto",
        "zzgl mwst",
        "zzgl",
        "excl btw",
    ),
    "included": (
        "included",
        "with vat",
        "incl",
        "incl vat",
        "gross",
        "inkl",
        "inkl moms",
        "med moms",
        "mit mwst",
        "brutto",
        "inkl mwst",
        "incl btw",
    ),
}


def words_of(choices: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Return folded word > value, for lists of words in one cell."""
    found = {fold(word).replace("-", " "): value for value, said in choices.items() for word in said}
    return {**{fold(value).replace("-", " "): value for value in choices}, **found}


_BESIDE_CATEGORY = frozenset(
    fold_heading(word)
    for word in (
        *("price", "prices", "rate", "fee", "users", "user", "customers", "preis", "preise", "tarif"),
        *("nutzer", "kunden", "pris", "priser", "taxa", "användare", "kunder", "external", "extern"),
        *("externe", "externa", "externt", "prijs", "tarief", "gebruikers"),
    )
)
_CATEGORY_OF = {
    fold_heading(word): category
    for category, words in CATEGORIES.items()
    for word in (category, *words)
    if fold_heading(word) not in _BESIDE_CATEGORY
}


def category_of_heading(heading: str) -> str:
    """Return the user category whose prices stand below a heading: Internal (SEK), Preis Industrie; or ''."""
    words = fold_heading(heading).split()
    plain = " ".join(words)
    fewer = " ".join(word for word in words if word not in _BESIDE_CATEGORY)
    return _CATEGORY_OF.get(plain) or _CATEGORY_OF.get(fewer, "")
