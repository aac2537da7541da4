"""The headings and words of real sheets, in several languages, that mean a field of an instrument."""

from __future__ import annotations


def read_words(texts: dict[str, str]) -> dict[str, tuple[str, ...]]:
    """Return field > words, from one text per field with semicolons between them."""
    return {key: tuple(text.split("; ")) for key, text in texts.items()}


HEADINGS: dict[str, tuple[str, ...]] = read_words(
    {
        "name": (
            "name; instrument; instrument name; equipment; equipment name; device; resource; tool; gerät; "
            "gerätename; bezeichnung; gerätebezeichnung; instrumentnamn; benämning; utrustning; namn; "
            "apparaat; apparat; naam; instrument/equipment; appareil; nom; asset name; system"
        ),
        "unit": (
            "unit; core facility; facility; core; department; group; lab; laboratory; einheit; abteilung; "
            "enhet; facilitet; afdeling; faciliteit; managing department; plateforme; institute unit; "
            "plattform; owner unit"
        ),
        "maker_text": (
            "maker; manufacturer; make; brand; vendor; company; hersteller; tillverkare; fabrikant; "
            "producent; fabricant; manufacturer name; leverantör; firma; marke; märke; merk; supplier"
        ),
        "model_text": (
            "model; make and model; make/model; model name; model number; model no; modell; typ; type; "
            "modellbezeichnung; modèle; product; modelname; device model; manufacturer and model; "
            "hersteller/modell; fabrikat; fabrikat/modell"
        ),
        "site": (
            "site; campus; building; location; site location; standort; gebäude; byggnad; plats; locatie; "
            "gebouw; hus; ort; bâtiment; placering"
        ),
        "room": "room; raum; rum; kamer; room no; room number; raumnummer; zimmer; salle; lokal",
        "status": "status; state; condition; zustand; tillstånd; toestand; état; statut; drift status",
        "status_on": "status since; status date; status seit",
        "techniques": "techniques; technique; method; technik; methode; teknik; techniek; metod",
        "commissioned_on": (
            "commissioned; commissioned on; commissioning date; installed; installation date; install date; "
            "in service since; start date; inbetriebnahme; inbetriebnahmedatum; aufstellungsdatum; "
            "installationsdatum; driftsatt; drifttagning; in gebruik; ingebruikname; mise en service; date "
            "installed; commissioneddate; installerad"
        ),
        "decommissioned_on": (
            "decommissioned; decommissioned on; decommissioning date; end of use; ausserbetriebnahme; "
            "außerbetriebnahme; avvecklad; utrangerad; buiten gebruik; decommissioneddate; retired"
        ),
        "pid": "pid; doi; handle; persistent identifier; instrument pid",
        "description": "description; beschreibung; beskrivning; beschrijving; short description",
        "configuration": (
            "configuration; konfiguration; ausstattung; konfiguration/tillbehör; configuratie; accessories; "
            "options; zubehör; tillbehör"
        ),
        "user_categories": "who may use it; user categories; users; access; nutzer; användare",
        "end_of_support_on": (
            "end of support; end of service; support until; support ends; eos; eol; end of life; service "
            "bis; service till; supportende; wartung bis; support t o m; support till; einde support; eosl; "
            "service contract until; serviceavtal till; wartungsvertrag bis"
        ),
        "expected_life_years": "expected life; life (years); lifetime; nutzungsdauer; livslängd; levensduur",
        "legal_owner": "legal owner; owner; eigentümer; ägare; eigenaar; propriétaire; besitzer",
        "acquisition": "acquisition; acquired; new/used; anskaffning; beschaffungsart; aanschaf",
        "purchase_price": (
            "purchase price; price; cost; purchase cost; acquisition cost; value; amount; kaufpreis; "
            "anschaffungskosten; anschaffungswert; anschaffungspreis; preis; inköpspris; anskaffningsvärde; "
            "pris; kostnad; aanschafprijs; aanschafwaarde; prijs; prix; prix d'achat; ak"
        ),
        "purchase_currency": "currency; währung; valuta; purchase currency; devise",
        "purchase_vat": "vat; mwst; moms; btw; tva",
        "purchase_year": (
            "anschaffungsdatum; kaufdatum; purchase date; date of purchase; acquisition date; date of "
            "acquisition; inköpsdatum; anskaffningsdatum; aanschafdatum; date d'achat; bought; bought on; "
            "year; purchase year; year of purchase; acquisition year; anschaffungsjahr; baujahr; jahr; "
            "inköpsår; anskaffningsår; år; jaar; aanschafjaar; bouwjaar; année; year bought; kaufjahr; year "
            "of acquisition; purchased"
        ),
        "replacement_price": (
            "replacement price; replacement cost; replacement value; wiederbeschaffungswert; "
            "nyanskaffningsvärde; ersättningspris; vervangingswaarde; ersatzpreis; återanskaffningsvärde"
        ),
        "replacement_currency": "replacement currency",
        "replacement_year": "replacement price year; price year",
        "replacement_source": "source of price; replacement source",
        "depreciation_years": (
            "depreciation; depreciation years; abschreibung; afa; avskrivning; afschrijving; "
            "abschreibungsdauer; avskrivningstid"
        ),
        "depreciation_start_on": "depreciation start; abschreibung ab; avskrivning från",
        "insurance": "insurance; versicherung; försäkring; verzekering",
        "insured_until_on": "insured until; versichert bis; försäkrad till",
        "running_cost": (
            "running cost; running costs; annual cost; service cost; betriebskosten; driftkostnad; "
            "wartungskosten; jährliche kosten; servicekostnad; maintenance cost; annual running cost"
        ),
        "running_currency": "running cost currency",
        "mailbox": (
            "contact email; contact e-mail; e-mail; email; kontakt; mailbox; function mailbox; kontakt "
            "e-mail; kontaktmail; contact mail"
        ),
        "contact_url": "contact url; how to ask; booking url; web address; url; link; website",
        "serial_number": (
            "serial number; serial no; serial no.; serial; s/n; sn; seriennummer; serien-nr; serien-nr.; "
            "serienr; serienummer; numéro de série; serie nr"
        ),
        "inventory_number": (
            "inventory number; inventory no; inventory no.; inventory; asset; asset number; asset id; asset "
            "tag; asset no; inventarnummer; inventar-nr; inventar-nr.; inv.-nr.; inv-nr; inv nr; inv. no; "
            "inventarienummer; inventarienr; anläggningsnummer; inventarisnummer; anlagennummer; id; "
            "equipment id; resource id; tag; numéro d'inventaire; instrument id; inv.nr; nr"
        ),
        "criticality": "criticality; kritikalität; kritikalitet; priority; kritisch",
        "notes": (
            "notes; note; comment; comments; remarks; bemerkung; bemerkungen; anmerkung; kommentar; "
            "anteckning; anmärkning; anmärkningar; opmerking; opmerkingen; remarques; anm."
        ),
    }
)
"""Field > column headings, compared folded."""

WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "status": read_words(
        {
            "planned": "planned; geplant; planerad; gepland; prévu",
            "ordered": "ordered; on order; bestellt; beställd; besteld; commandé",
            "commissioning": (
                "commissioning; installation; being installed; in inbetriebnahme; installeras; under "
                "installation"
            ),
            "in-service": (
                "in service; in-service; active; operational; in use; ok; working; aktiv; in betrieb; i "
                "drift; in bruk; i bruk; in gebruik; en service; running; available; yes; functional"
            ),
            "limited": "limited; restricted; partly working; eingeschränkt; begränsad; beperkt; degraded",
            "out-of-service": (
                "out of service; out-of-service; down; defect; broken; defekt; ausser betrieb; außer "
                "betrieb; trasig; ur drift; buiten dienst; en panne; not working; inactive"
            ),
            "decommissioned": (
                "decommissioned; retired; disposed; scrapped; ausgemustert; stillgelegt; avvecklad; "
                "utrangerad; skrotad; afgevoerd; buiten gebruik; removed"
            ),
        }
    ),
    "acquisition": read_words(
        {
            "new": "new; neu; ny; nieuw; bought new; purchase; kauf; köp; neuf",
            "used": "used; second hand; gebraucht; begagnad; tweedehands; refurbished; occasion; demo",
            "gift": "gift; donation; donated; geschenk; spende; gåva; schenking; don",
            "loan": "loan; on loan; leihgabe; lån; lånad; bruikleen; prêt",
            "lease": "lease; leased; leasing; leasad; rental; miete",
        }
    ),
    "purchase_vat": read_words(
        {
            "excluded": (
                "excluded; excl; excl.; excl. vat; net; netto; exkl; exkl.; exkl. moms; ex moms; without "
                "vat; no"
            ),
            "included": "included; incl; incl.; gross; brutto; inkl; inkl.; inkl. moms; with vat; yes",
        }
    ),
    "user_categories": read_words(
        {
            "internal": "internal; own organisation; intern; interna; internal users",
            "academic": "academic; academia; akademisch; akademisk; university; external academic",
            "healthcare": "healthcare; hospital; clinical; klinik; sjukvård; clinic",
            "public-sector": "public sector; public; authority; öffentlich; offentlig; myndighet",
            "industry": "industry; commercial; company; industrie; industri; extern industri",
            "education": "education; training; teaching; students; lehre; undervisning; onderwijs",
        }
    ),
}
"""Field > value > words accepted for it."""
