"""The headings and words of real lists of use and bookings, in several languages."""

from __future__ import annotations

from parkbench.figures import rules


def _split(text: str) -> tuple[str, ...]:
    return tuple(text.split("; "))


INSTRUMENT = _split(
    "instrument; instrument name; resource; resource name; equipment; equipment name; tool; system; device; "
    "asset; inventory number; inventory no; serial number; record id; instrument id; resource id; gerät; "
    "gerätename; ressource; anlage; inventarnummer; seriennummer; utrustning; resurs; instrumentnamn; "
    "inventarienummer; serienummer; apparaat; service; item; product; name; bezeichnung; benämning"
)
MONTH = _split("month; period; monat; månad; maand; mois; date; datum; zeitraum; year month; monat/jahr")
YEAR = _split("year; jahr; år; jaar; année; calendar year; kalenderjahr; kalenderår")
CATEGORY = _split(
    "category; user category; user type; usage type; price type; price category; price group; pricing; "
    "rate; rate type; tariff; charge type; customer category; kategorie; nutzerkategorie; nutzergruppe; "
    "preiskategorie; preisgruppe; tarif; kundenkategorie; kategori; användarkategori; pristyp; priskategori; "
    "prisgrupp; taxa; prijscategorie; affiliation type; funding type"
)
MEASURES = {
    "available": _split(
        "available; available hours; open; open hours; availability; operating hours; verfügbar; "
        "verfügbare stunden; betriebsstunden; öffnungsstunden; tillgänglig; tillgängliga timmar; "
        "tillgänglig tid; beschikbaar; capacity hours"
    ),
    "booked": _split(
        "booked; booked hours; reserved; reserved hours; gebucht; gebuchte stunden; bokad; bokade timmar; "
        "bokad tid; geboekt"
    ),
    "maintenance": _split(
        "maintenance; maintenance hours; service hours; wartung; wartungsstunden; underhåll; "
        "underhållstimmar; onderhoud"
    ),
    "down": _split(
        "down; downtime; down hours; down time; out of order; failure hours; ausfall; ausfallzeit; "
        "ausfallstunden; stillstand; driftstopp; stillestånd; nertid; storing"
    ),
    "used": _split(
        "used; used hours; hours used; usage; usage hours; hours; use; actual hours; genutzt; "
        "nutzungsstunden; nutzung; stunden; genutzte stunden; använd; använda timmar; använd tid; timmar; "
        "nyttjade timmar; gebruikt; uren; minutes; minuten; minuter; used minutes"
    ),
    "training": _split(
        "training; training hours; of these training; schulung; schulungsstunden; einweisung; utbildning; "
        "utbildningstimmar; training uren"
    ),
    "sessions": _split(
        "sessions; number of sessions; bookings; number of bookings; sitzungen; buchungen; anzahl buchungen; "
        "anzahl sitzungen; sessioner; bokningar; antal bokningar; antal sessioner; sessies"
    ),
    "groups": _split(
        "groups; distinct groups; number of groups; user groups; gruppen; arbeitsgruppen; anzahl gruppen; "
        "grupper; antal grupper; forskargrupper; groepen"
    ),
}

CATEGORY_WORDS: dict[str, tuple[str, ...]] = {
    "internal": _split(
        "internal; own organisation; in house; inhouse; intern; interna; interner nutzer; internal users; "
        "internal academic; internt; intern taxa; intern pris; own; home; eigene"
    ),
    "academic": _split(
        "academic; external academic; academia; other academic; university; akademisch; extern akademisch; "
        "externe akademie; hochschule; universität; akademisk; extern akademisk; externa akademiska; "
        "academic external; non profit; external non profit; academisch; akademi"
    ),
    "healthcare": _split(
        "healthcare; hospital; clinical; klinik; klinisch; sjukvård; vården; ziekenhuis; clinic"
    ),
    "public-sector": _split(
        "public sector; public; authority; government; öffentlich; behörde; öffentlicher sektor; offentlig; "
        "offentlig sektor; myndighet; overheid"
    ),
    "industry": _split(
        "industry; commercial; company; external industry; external commercial; corporate; for profit; "
        "industrie; firma; wirtschaft; kommerziell; industri; företag; kommersiell; extern industri; "
        "näringsliv; bedrijf; external company"
    ),
    "education": _split(
        "education; teaching; students; course; lehre; unterricht; kurs; undervisning; utbildning; "
        "grundutbildning; onderwijs"
    ),
    rules.UNKNOWN: _split("unknown; not known; other; unbekannt; sonstige; okänd; övrigt; onbekend; n/a"),
}
KIND_WORDS: dict[str, tuple[str, ...]] = {
    "training": _split("training; introduction; schulung; einweisung; utbildning; introduktion; instruction"),
    "maintenance": _split(
        "maintenance; service; wartung; instandhaltung; underhåll; preventive maintenance; kalibrierung; "
        "calibration; kalibrering; onderhoud; qc; quality control"
    ),
    "down": _split(
        "down; downtime; out of order; failure; broken; defekt; ausfall; störung; ur drift; trasig; "
        "driftstopp"
    ),
}
CANCELLED = frozenset(
    _split(
        "cancelled; canceled; deleted; void; voided; rejected; declined; refused; no show; noshow; "
        "storniert; "
        "abgesagt; gelöscht; abgelehnt; avbokad; avbokat; avbruten; inställd; annullerad; raderad; nekad; "
        "geannuleerd; annulé; waived; withdrawn; cancelled late"
    )
)

BOOKING = {
    "resource": _split(
        "resource; resource name; instrument; instrument name; equipment; equipment name; tool; "
        "system; device; "
        "item; service; service name; asset; product; gerät; gerätename; ressource; anlage; instrumentnamn; "
        "utrustning; resurs; apparaat; bokat objekt; objekt; calendar; schedule"
    ),
    "date": _split(
        "date; booking date; day; datum; tag; dag; bokningsdatum; buchungsdatum; usage date; date of use"
    ),
    "start": _split(
        "start; start time; start date; start datetime; booking start; reservation start; begin; begin time; "
        "from; usage start; actual start; beginn; buchungsbeginn; startzeit; start datum; von; anfang; "
        "starttid; startdatum; från; bokning start; börjar; starttijd; scheduled start"
    ),
    "end": _split(
        "end; end time; end date; end datetime; booking end; reservation end; to; until; usage end; "
        "actual end; "
        "ende; buchungsende; endzeit; bis; sluttid; slut; slutdatum; till; bokning slut; slutar; eindtijd; "
        "scheduled end; stop; finish"
    ),
    "duration": _split(
        "duration; duration used; hours; quantity; used time; time used; usage hours; total hours; dauer; "
        "stunden; menge; anzahl stunden; nutzungsdauer; längd; timmar; antal timmar; tid; varaktighet; duur; "
        "minutes; minuten; minuter; booked duration; usage"
    ),
    "category": CATEGORY,
    "group": _split(
        "group; group name; user group; research group; lab; lab name; laboratory; department; organisation; "
        "organization; institute; customer; gruppe; arbeitsgruppe; forschungsgruppe; labor; abteilung; "
        "institut; grupp; forskargrupp; institution; avdelning; groep; account; cost centre; cost center; "
        "kostenstelle; kostnadsställe"
    ),
    "status": _split(
        "status; state; booking status; charge status; reservation status; zustand; buchungsstatus; "
        "bokningsstatus; tillstånd; cancelled; canceled"
    ),
    "kind": _split(
        "booking type; type; type of booking; event type; reservation type; usage mode; purpose; kind; "
        "buchungsart; buchungstyp; art; typ; bokningstyp; art av bokning; session type"
    ),
}
"""Field of a booking > headings, compared folded; columns with persons are none of them."""

PERSON_WORDS = frozenset(
    _split(
        "user; users; username; userid; login; person; persons; people; name; firstname; lastname; surname; "
        "forename; email; mail; phone; pi; investigator; supervisor; operator; owner; booker; requester; "
        "requestor; trainer; assistant; contact; nutzer; benutzer; benutzername; anwender; bediener; "
        "betreuer; "
        "leiter; nachname; vorname; telefon; kontakt; besteller; användare; användarnamn; anvandare; "
        "anvandarnamn; bokare; handledare; förnamn; efternamn; fornamn; epost; ansvarig; gebruiker; orcid; "
        "comment; comments; note; notes; title; description; kommentar; bemerkung; anteckning; "
        "titel; beskrivning"
    )
)
"""A heading with one of these words names or describes persons, unless its last word says otherwise."""
NO_PERSON = frozenset(
    _split(
        "group; groups; category; type; lab; gruppe; grupp; kategorie; kategori; typ; department; "
        "instrument; "
        "resource; equipment; tool; gruppenname; service; number"
    )
)
PERSON_TITLES = frozenset(
    _split("prof; professor; dr; docent; phd; mr; mrs; herr; frau; fru; fröken; mevrouw; dhr")
)
"""Words of which one makes a text look like a person's name."""
