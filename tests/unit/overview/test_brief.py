"""The brief: what the overview shows, two pages whatever is in it, no text that becomes markup."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

import cast
from parkbench.accounts.rules import Role
from parkbench.instruments import services as instruments
from parkbench.lib.errors import NotFound
from parkbench.overview.queries.brief import brief
from parkbench.overview.queries.part import uid_named
from parkbench.overview.tables.brief import LONGEST, document, picture, plain
from parkbench.overview.tables.printing import pdf_of, printed
from parkbench.overview.tables.stats import stats
from parkbench.programme import services as programme
from parkbench.records.models import Home
from parkbench.servicing import services as servicing

pytestmark = pytest.mark.django_db
HOSTILE = (
    '#import "@preview/evil:1.0.0": *',
    "]] #panic() [[",
    "$x^2$ \\ \\u{41} *bold* _soft_",
    "\"quoted\" 'and' `code` <label> @ref ~ // no comment /* nor this",
    "\x00\x07\x1b[31m\u202edesrever\u2066 \ud800",
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 4,
    "多光子顕微鏡 микроскоп μικροσκόπιο",
    "</svg><script>alert(1)</script>",
)


@pytest.fixture
def park():
    platform = programme.add_platform(name="Imaging", by=cast.OPERATOR)
    light = programme.add_unit(name="Light microscopy", platform=platform, by=cast.OPERATOR)
    mass = cast.unit("Proteomics")
    soon = (timezone.localdate() + timedelta(days=30)).isoformat()
    for unit, name in ((light, "Confocal"), (mass, "Orbitrap")):
        uid = cast.instrument(name, unit, status="in-service", replacement_price=900_000_00,
                              end_of_support_on=soon, insured_until_on=soon)  # fmt: skip
        values = {"event_kind": "failure", "happened_on": "2026-01-02", "still_down": True,
                  "cost": 77_00, "currency": "SEK", "vat": "excluded"}  # fmt: skip
        servicing.add(instrument=uid, values=values, by=cast.OPERATOR)
    return {"light": light, "mass": mass, "platform": platform}


def told(viewer, of=""):
    return brief(viewer=viewer, of=of, now=timezone.now())


def words(viewer, of=""):
    return json.dumps(document(told(viewer, of)), ensure_ascii=False).replace("\u00a0", " ")


def test_it_tells_what_the_overview_shows(park):
    viewer = cast.seen_by("Dana", Role.MANAGER)
    data = document(told(viewer))
    shown = [(stat.label, stat.value) for stat in stats(told(viewer).seen)]
    assert [(stat["label"], stat["value"]) for stat in data["stats"]] == shown
    said = words(viewer)
    for word in ("Confocal", "Orbitrap", "SEK 900 000", "SEK 77 without VAT", "the whole organisation"):
        assert word in said
    assert "as far as Dana may see" in said
    assert sorted(row[1] for row in data["ends"]["rows"]) == ["insurance", "insurance", "support", "support"]


def test_it_tells_nothing_that_the_viewer_may_not_see(park):
    reader = words(cast.seen_by("Ben", Role.READER))
    assert "Orbitrap" in reader
    for hidden in ("SEK", "900", "77", "insurance", "Largest", "Insurance"):
        assert hidden not in reader
    head = cast.seen_by("Ada", (Role.HEAD, str(park["light"])))
    mine, whole = words(head), words(head, "all")
    assert "Orbitrap" not in mine
    assert "Confocal" in mine
    assert mine.count("SEK 77") >= 1
    assert "Orbitrap" in whole
    assert document(told(head, "all"))["values"]["rows"][0][0] == "Confocal"
    assert len(document(told(head, "all"))["values"]["rows"]) == 1


def test_a_unit_and_a_platform_have_their_own_with_who_answers_for_it(park):
    viewer = cast.seen_by("Dana", Role.MANAGER)
    data = document(told(viewer, str(park["platform"])))
    assert data["title"] == "Machine park: Imaging"
    assert data["head"][1][1] == "nobody yet"
    assert "Orbitrap" not in words(viewer, str(park["platform"]))


def test_sample_data_is_marked(park):
    assert document(told(cast.OPERATOR))["sample"] == ""
    Home.objects.filter(pk=1).update(is_sample=True)
    assert document(told(cast.OPERATOR))["sample"] == "Sample data: nothing here is real."


def test_it_has_two_pages_whatever_the_names(park):
    for place, text in enumerate(HOSTILE):
        name = "".join(sign for sign in text if sign.isprintable() or sign == "\u202e")[:190]
        unit = programme.add_unit(name=f"{place} {name}", platform=park["platform"], by=cast.OPERATOR)
        for number in range(3):
            uid = cast.instrument(f"{number} {name}"[:190], unit, replacement_price=10**13 + number,
                                  end_of_support_on=timezone.localdate().isoformat())  # fmt: skip
            values = {"event_kind": "failure", "happened_on": "2026-01-02", "still_down": True}
            servicing.add(instrument=uid, values=values, by=cast.OPERATOR)
    data = document(told(cast.OPERATOR))
    assert data["down"]["more"] == f"and {2 + 3 * len(HOSTILE) - 12} more"
    assert len(printed(data, form="png")) == 2
    assert pdf_of(told(cast.OPERATOR)).startswith(b"%PDF-")


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_becomes_markup(park, text):
    """Every text of the layout at once: it compiles, in two pages, and imports or calls nothing."""
    data = _everywhere(document(told(cast.OPERATOR)), plain(text))
    assert len(printed(data, form="png")) == 2


def _everywhere(value, text):
    """Put a text in place of every text but the pictures and the language."""
    if isinstance(value, dict):
        kept = ("svg", "language")
        return {key: one if key in kept else _everywhere(one, text) for key, one in value.items()}
    if isinstance(value, list):
        return [_everywhere(one, text) for one in value]
    return text if isinstance(value, str) and value else value


def test_an_empty_park_has_a_brief_too():
    assert len(printed(document(told(cast.OPERATOR)), form="png")) == 2


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x00b\nc\td", "a b c d"),
        ("\u202eabc", "abc"),
        ("x" * 100, "x" * (LONGEST - 1) + "…"),
        ("  spaced   out ", "spaced out"),
        (12, "12"),
        ("\ud800", ""),
    ],
)
def test_a_cell_is_one_line_that_can_be_printed(text, shown):
    assert plain(text) == shown


def test_a_chart_stands_alone_in_print():
    drawn = picture('<svg class="chart" viewBox="0 0 1 1"><text>a &lt; b</text></svg>')
    assert drawn.startswith('<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 1 1"><style>')
    assert drawn.endswith("<text>a &lt; b</text></svg>")


def test_prices_of_other_currencies_are_not_ranked_among_those_of_the_headline(park, settings):
    settings.DEFAULT_CURRENCY = "SEK"
    cast.instrument("Euro", park["mass"], replacement_price=10**12, replacement_currency="EUR")
    rows = document(told(cast.OPERATOR))["values"]["rows"]
    assert {row[0] for row in rows} == {"Confocal", "Orbitrap"}


def test_deleted_instruments_are_not_in_it(park):
    instruments.delete(uids=[cast.instrument("Gone", park["mass"])], by=cast.OPERATOR)
    assert "Gone" not in words(cast.OPERATOR)


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ((), None),
        (("--unit", "light  Microscopy"), "light  Microscopy"),
        (("--platform", "Imaging"), "Imaging"),
    ],
)
def test_the_command_line_writes_the_brief_of_a_part(park, tmp_path, capsys, asked, name):
    out = tmp_path / "brief.pdf"
    call_command("brief", *asked, "--out", str(out), "--json")
    report = json.loads(capsys.readouterr().out)
    assert report == {"about": name, "file": str(out), "bytes": out.stat().st_size}
    assert out.read_bytes().startswith(b"%PDF-")


def test_a_unit_is_found_by_its_name_or_refused_in_words(park):
    operator = cast.OPERATOR
    assert uid_named(viewer=operator, kind="unit", name="light  microscopy") == str(park["light"])
    assert uid_named(viewer=operator, kind="platform", name="Imaging") == str(park["platform"])
    with pytest.raises(NotFound, match="no unit called “Imaging”"):
        uid_named(viewer=operator, kind="unit", name="Imaging")
