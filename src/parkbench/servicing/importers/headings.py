"""The headings and words of real service logs, in several languages, that mean a field of a service event."""

from __future__ import annotations


def _read(texts: dict[str, str]) -> dict[str, tuple[str, ...]]:
    return {key: tuple(text.split("; ")) for key, text in texts.items()}


HEADINGS: dict[str, tuple[str, ...]] = _read(
    {
        "instrument": (
            "instrument; instrument name; equipment; equipment name; device; resource; tool; machine; "
            "system; asset name; gerät; gerätename; gerätebezeichnung; maschine; anlage; instrumentnamn; "
            "utrustning; apparat; maskin; apparaat; toestel; appareil; asset"
        ),
        "inventory_number": (
            "inventory number; inventory no; inventory no.; asset number; asset id; asset tag; asset no; "
            "inventarnummer; inventar-nr; inventar-nr.; inv.-nr.; inv nr; inventarienummer; inventarienr; "
            "anläggningsnummer; inventarisnummer; anlagennummer; equipment id; resource id"
        ),
        "serial_number": (
            "serial number; serial no; serial no.; serial; s/n; sn; seriennummer; serien-nr; serien-nr.; "
            "serienr; serienummer; numéro de série"
        ),
        "instrument_id": "instrument's record id; instrument record id; instrument id",
        "name": (
            "summary; title; what; what happened; what was done; subject; problem; fault; error; issue; "
            "description; work done; action; betreff; was; fehler; störung; problembeschreibung; "
            "beschreibung; arbeiten; durchgeführte arbeiten; maßnahme; rubrik; ärende; vad; händelse; "
            "åtgärd; felbeskrivning; beskrivning; utfört arbete; omschrijving; storing; onderwerp"
        ),
        "happened_on": (
            "date; day; on; event date; service date; date of service; visit date; date of visit; failure "
            "date; reported; reported on; date reported; from; start; start date; begin; down from; down "
            "since; datum; am; servicedatum; wartungsdatum; ausfalldatum; gemeldet am; von; beginn; ausfall "
            "ab; servicetillfälle; felanmäld; från; startdatum; meldingsdatum; van; ur drift från"
        ),
        "event_kind": (
            "kind; type; type of service; service type; event type; event; category; art; typ; "
            "ereignis; ereignisart; art der wartung; vorgang; kategorie; typ av service; slag; "
            "händelsetyp; soort; type onderhoud; kategori"
        ),
        "ended_on": (
            "up again; up again on; until; to; end; end date; ended; closed; closed on; resolved; resolved "
            "on; fixed on; repaired on; back in service; down until; bis; ende; enddatum; behoben am; "
            "erledigt am; wieder in betrieb; repariert am; till; slut; slutdatum; åtgärdat; åter i drift; "
            "i drift igen; tot; einde; opgelost op"
        ),
        "still_down": (
            "still down; open; status; state; open/closed; noch defekt; offen; zustand; öppet; pågår; "
            "ännu nere; nog defect"
        ),
        "down_tenths": (
            "days down; down days; downtime; downtime (days); downtime days; days of downtime; days lost; "
            "outage days; ausfalltage; ausfall (tage); ausfallzeit; ausfalldauer; stillstand; "
            "stillstandstage; tage; stilleståndsdagar; stillestånd; driftstopp; dagar nere; driftstopp "
            "(dagar); dagar; dagen uit; stilstand; days; days down as stated"
        ),
        "cost": (
            "cost; costs; price; amount; total; invoice amount; invoice; repair cost; service cost; kosten; "
            "preis; betrag; rechnungsbetrag; reparaturkosten; wartungskosten; kostnad; belopp; pris; "
            "fakturabelopp; servicekostnad; reparationskostnad; prijs; bedrag; coût; prix"
        ),
        "currency": "currency; währung; valuta; devise",
        "vat": "vat; mwst; moms; btw; tva; ust",
        "supplier": (
            "supplier; vendor; company; service provider; provider; done by; performed by; contractor; "
            "firma; lieferant; dienstleister; durchgeführt von; servicefirma; leverantör; utförare; "
            "utfört av; företag; serviceföretag; leverancier; fournisseur; bedrijf"
        ),
        "case_number": (
            "case number; case; case no; ticket; ticket number; ticket id; ticket no; order number; order "
            "no; work order; service order; report number; service report; call number; auftragsnummer; "
            "auftrag; auftrags-nr.; fallnummer; vorgangsnummer; ticketnummer; ärendenummer; ärendenr; "
            "ordernummer; arbetsorder; servicerapport; rapportnummer; meldingsnummer"
        ),
        "note": (
            "note; notes; comment; comments; remarks; details; bemerkung; bemerkungen; anmerkung; "
            "kommentar; kommentare; anteckning; anmärkning; övrigt; opmerking; opmerkingen; remarques"
        ),
    }
)
"""Field > column headings, compared folded."""

WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "event_kind": _read(
        {
            "failure": (
                "failure; fault; breakdown; break down; broken; defect; defective; error; repair; repairs; "
                "corrective; corrective maintenance; unplanned; outage; down; incident; unscheduled; "
                "emergency; reparatur; instandsetzung; defekt; ausfall; störung; fehler; kaputt; panne; "
                "ungeplant; fel; reparation; haveri; trasig; driftstopp; felavhjälpning; akut; avhjälpande; "
                "avhjälpande underhåll; oplanerat; storing; reparatie; kapot; réparation; rep; rep."
            ),
            "preventive": (
                "preventive; preventive maintenance; maintenance; service; servicing; pm; pm visit; pm "
                "service; planned maintenance; planned; scheduled; scheduled maintenance; annual service; "
                "yearly service; service visit; routine; regular; inspection; cleaning; wartung; "
                "jahreswartung; inspektion; geplant; planmäßig; vorbeugend; vorbeugende wartung; "
                "regelwartung; reinigung; underhåll; förebyggande; förebyggande underhåll; fu; planerat; "
                "planerat underhåll; årsservice; servicebesök; rengöring; onderhoud; preventief; "
                "preventief onderhoud; entretien; maintenance préventive"
            ),
            "upgrade": (
                "upgrade; update; software update; software upgrade; hardware upgrade; retrofit; extension; "
                "modification; new part; aufrüstung; nachrüstung; erweiterung; umbau; aktualisierung; "
                "uppgradering; uppdatering; ombyggnad; utbyggnad; opwaardering; mise à niveau"
            ),
            "move": (
                "move; moved; relocation; transport; reinstallation; installation; umzug; verlegung; "
                "umsetzung; standortwechsel; flytt; flyttning; omplacering; verhuizing; verplaatsing; "
                "déménagement"
            ),
            "quality-check": (
                "quality check; qc; quality control; qualification; iq; oq; pq; iq/oq; iq/oq/pq; "
                "calibration; performance check; performance test; validation; verification; test; check; "
                "audit; kalibrierung; qualifizierung; prüfung; qualitätskontrolle; qualitätsprüfung; "
                "validierung; überprüfung; abnahme; kalibrering; kvalitetskontroll; kvalificering; "
                "kontroll; besiktning; validering; kalibratie; ijking; keuring; kwaliteitscontrole; "
                "étalonnage"
            ),
        }
    ),
    "still_down": _read(
        {
            "yes": (
                "yes; y; open; still down; down; ongoing; pending; in progress; not fixed; ja; j; offen; "
                "noch defekt; in arbeit; läuft; öppet; öppen; pågår; pågående; ännu nere; nere; true; x; 1; "
                "nog defect; lopend"
            ),
            "no": (
                "no; n; closed; done; fixed; resolved; repaired; completed; finished; ok; up; nein; "
                "erledigt; geschlossen; behoben; abgeschlossen; fertig; nej; klart; klar; stängt; stängd; "
                "åtgärdat; åtgärdad; avslutat; avslutad; false; 0; nee; opgelost; gesloten"
            ),
        }
    ),
    "vat": _read(
        {
            "excluded": (
                "excluded; excl; excl.; excl. vat; net; netto; exkl; exkl.; exkl. moms; ex moms; without "
                "vat; no"
            ),
            "included": "included; incl; incl.; gross; brutto; inkl; inkl.; inkl. moms; with vat; yes",
        }
    ),
}
"""Field > value > words accepted for it."""
