"""What an institute takes for granted by its country: the currency of amounts, the zone of times."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from parkbench.lib.env import BadSetting
from parkbench.lib.money import check_currency

FILE = "defaults.json"
"""Where a node keeps them. The table may change with a release; amounts read before it must not."""


@dataclass(frozen=True, kw_only=True)
class Defaults:
    """The currency of amounts that name none, and the zone in which times are shown."""

    currency: str = "EUR"
    time_zone: str = "Europe/Stockholm"


_ROWS = """
AD EUR Andorra   AL ALL Tirane     AT EUR Vienna     BA BAM Sarajevo  BE EUR Brussels   BG EUR Sofia
CH CHF Zurich    CY EUR Nicosia    CZ CZK Prague     DE EUR Berlin    DK DKK Copenhagen EE EUR Tallinn
ES EUR Madrid    FI EUR Helsinki   FR EUR Paris      GB GBP London    GR EUR Athens     HR EUR Zagreb
HU HUF Budapest  IE EUR Dublin     IT EUR Rome       LI CHF Vaduz     LT EUR Vilnius    LU EUR Luxembourg
LV EUR Riga      MC EUR Monaco     MD MDL Chisinau   ME EUR Podgorica MK MKD Skopje     MT EUR Malta
NL EUR Amsterdam NO NOK Oslo       PL PLN Warsaw     PT EUR Lisbon    RO RON Bucharest  RS RSD Belgrade
SE SEK Stockholm SI EUR Ljubljana  SK EUR Bratislava SM EUR San_Marino TR TRY Istanbul  UA UAH Kyiv
VA EUR Vatican
"""
_words = _ROWS.split()
DEFAULTS: dict[str, Defaults] = {
    country: Defaults(currency=currency, time_zone=f"Europe/{city}")
    for country, currency, city in zip(_words[::3], _words[1::3], _words[2::3], strict=True)
} | {"IS": Defaults(currency="ISK", time_zone="Atlantic/Reykjavik")}
"""By ISO 3166 code; the zone of the capital (IANA), the currency in use since 2026 (ISO 4217)."""


def text_of(defaults: Defaults) -> bytes:
    """Return what is kept of them in the node's folder."""
    return json.dumps(asdict(defaults), indent=1).encode() + b"\n"


def kept_defaults(home: Path) -> Defaults:
    """Return what the node in the folder keeps; a node that keeps nothing has the plain ones.

    Raises BadSetting when the file cannot be read, or names no currency or zone there is.
    """
    path = home / FILE
    if not path.is_file():
        return Defaults()
    try:
        said = json.loads(path.read_bytes())
        found = Defaults(currency=check_currency(said["currency"]), time_zone=said["time_zone"])
        ZoneInfo(found.time_zone)
    except (OSError, ValueError, TypeError, AttributeError, KeyError) as error:
        raise BadSetting(
            str(path), None, 'a file such as {"currency": "SEK", "time_zone": "Europe/Stockholm"}'
        ) from error
    return found
