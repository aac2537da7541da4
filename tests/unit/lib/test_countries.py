"""The country of an institute tells its currency and its time zone."""

import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from parkbench.lib.countries import DEFAULTS, FILE, Defaults, kept_defaults, text_of
from parkbench.lib.env import BadSetting
from parkbench.lib.money import ACTIVE


def test_it_knows_only_currencies_in_use_and_zones_that_exist() -> None:
    assert len(DEFAULTS) > 40
    for country, found in DEFAULTS.items():
        assert len(country) == 2
        assert found.currency in ACTIVE
        assert ZoneInfo(found.time_zone).key == found.time_zone


@pytest.mark.parametrize(
    ("country", "currency", "zone"),
    [
        ("SE", "SEK", "Europe/Stockholm"),
        ("NL", "EUR", "Europe/Amsterdam"),
        ("CH", "CHF", "Europe/Zurich"),
        ("IS", "ISK", "Atlantic/Reykjavik"),
        ("BG", "EUR", "Europe/Sofia"),
    ],
)
def test_it_tells_currency_and_zone(country: str, currency: str, zone: str) -> None:
    assert DEFAULTS[country] == Defaults(currency=currency, time_zone=zone)


def test_it_reads_what_it_kept_and_has_plain_ones_for_a_node_that_keeps_none(tmp_path: Path) -> None:
    assert kept_defaults(tmp_path) == Defaults(currency="EUR", time_zone="Europe/Stockholm")
    (tmp_path / FILE).write_bytes(text_of(DEFAULTS["NO"]))
    assert kept_defaults(tmp_path) == Defaults(currency="NOK", time_zone="Europe/Oslo")


@pytest.mark.parametrize(
    "said",
    [
        "",
        "[]",
        "{}",
        json.dumps({"currency": "XXQ", "time_zone": "Europe/Oslo"}),
        json.dumps({"currency": 7, "time_zone": "Europe/Oslo"}),
        json.dumps({"currency": "NOK", "time_zone": "Europe/Atlantis"}),
        json.dumps({"currency": "NOK", "time_zone": "../etc/passwd"}),
        json.dumps({"currency": "NOK", "time_zone": None}),
    ],
)
def test_a_file_that_was_spoilt_is_named_not_guessed(tmp_path: Path, said: str) -> None:
    (tmp_path / FILE).write_text(said)
    with pytest.raises(BadSetting, match=r"defaults\.json"):
        kept_defaults(tmp_path)
