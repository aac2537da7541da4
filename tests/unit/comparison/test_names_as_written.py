"""What people write beside a name, before it and instead of it, with makers and models that do not exist."""

from pathlib import Path

import pytest

from parkbench.comparison.matching import Matcher
from unit.comparison.invented import answer, register

ROWS = """maker,designation,family,aliases,techniques
Quorvane,Zelkar 300,Zelkar,,centrifugation
Quorvane,Zelkar 450,Zelkar,,centrifugation
Quorvane,Zelkar 450 Plus,Zelkar,,centrifugation
Quorvane,Zelkar Pro,Zelkar,,centrifugation
Quorvane,Orvella Zimtrin,Orvella,,centrifugation
Quorvane,Celltracer 7,Celltracer,,light-microscopy
Quorvane,Velmar KX-26,Velmar,,centrifugation
Quorvane,Fandor M200 PRO,Fandor,,plate-reading
Quorvane,6546 Taravel,Taravel,,mass-spectrometry
Braxel,Mirolux,Mirolux,,confocal-microscopy
Braxel,Mirolux HF,Mirolux,,confocal-microscopy
Braxel,Lumora,Lumora,,mass-spectrometry
Tandrel,Lumora,Lumora,,spectroscopy
Tandrel,Dorvane,Dorvane,,spectroscopy
Tandrel,Dorvane G3,Dorvane,,spectroscopy
Tandrel,Kelvin Dorn,Kelvin,,lc-ms
Tandrel,Kelvin II Dorn,Kelvin,,lc-ms
"""


@pytest.fixture(scope="module")
def matcher(tmp_path_factory: pytest.TempPathFactory) -> Matcher:
    return Matcher(register(tmp_path_factory.mktemp("register"), ROWS))


@pytest.mark.parametrize(
    ("text", "maker", "key"),
    [
        ("Zelkar 450 +", "", "quorvane/zelkar-450-plus"),
        ("Quorvane Zelkar 450 + centrifuge", "", "quorvane/zelkar-450-plus"),
        ("Zelkar 450 + autosampler", "", "quorvane/zelkar-450"),
        ("Zelkar 300 + incubator", "", "quorvane/zelkar-300"),
        ("Cell Tracer 7 w/ Mirolux HF", "Quorvane", "quorvane/celltracer-7"),
        ("Cell Tracer 7 m. Mirolux HF", "", "quorvane/celltracer-7"),
        ("Celltracer 7 w/Mirolux HF", "", "quorvane/celltracer-7"),
        ("Lumora, massaspectrometer", "", "braxel/lumora"),
        ("Lumora FTIR", "", "tandrel/lumora"),
        ("Dorvane/Kelvin: Dorvane G3", "Tandrel", "tandrel/dorvane-g3"),
        ("Zelkar 450 kylrum", "", "quorvane/zelkar-450"),
        ("Zelkar 450 cold room", "", "quorvane/zelkar-450"),
        ("Mirolux HF, upgrade mogelijk", "", "braxel/mirolux-hf"),
        ("Mirolux HF, garantie bis 03/2026", "", "braxel/mirolux-hf"),
        ("Mirolux HF MERFISH", "", "braxel/mirolux-hf"),
        ("Mirolux HF 2-Photonen", "", "braxel/mirolux-hf"),
        ("Mirolux HF-systemet", "", "braxel/mirolux-hf"),
        ("KX-26 Zentrifuge", "Quorvane", "quorvane/velmar-kx-26"),
        ("Quorvane Zimtrin", "", "quorvane/orvella-zimtrin"),
        ("Quorvane Taravel 6546", "", "quorvane/6546-taravel"),
        ("Quorvane Celtracer7", "", "quorvane/celltracer-7"),
        ("MIRO 1 (Braxel Mirolux HF)", "", "braxel/mirolux-hf"),
    ],
)
def test_it_sees_the_name_beside_what_describes_it(matcher: Matcher, text: str, maker: str, key: str) -> None:
    found = answer(matcher, text, maker)
    assert (found.status, found.key) == ("matched", key), found


@pytest.mark.parametrize(
    ("text", "maker"),
    [
        ("Lumora", ""),
        ("Mirolux-serien", "Braxel"),
        ("Mirolux série, Braxel", ""),
        ("Zelkar-reeks", "Quorvane"),
        ("Quorvane Zentrifuge", ""),
    ],
)
def test_it_leaves_open_what_several_makers_lines_and_kinds_may_be(
    matcher: Matcher, text: str, maker: str
) -> None:
    assert answer(matcher, text, maker).status == "undecided"


@pytest.mark.parametrize(
    ("text", "maker"),
    [
        ("Zelkar 450 K", ""),
        ("Fandor 200 PRO M", "Quorvane"),
        ("ZX5000 Zentrifuge, Zelkar 450", ""),
        ("Tandrel Bigdor", ""),
        ("Varlo Zelkar", "Tandrel"),
        ("Dorvane G4", ""),
        ("Quorvane Zelkar 2000", ""),
        ("Ovandra X4, CO2-Inkubator", ""),
        ("Zelkar 450 i", ""),
    ],
)
def test_it_takes_no_name_for_one_that_only_begins_like_it(matcher: Matcher, text: str, maker: str) -> None:
    assert answer(matcher, text, maker).status == "proposed"


@pytest.mark.parametrize(
    "text",
    [
        "servicekontrakt spektrometer Lumora 2023",
        "HEPA-kap voor Zelkar 450",
        "Skrubba till Zelkar 450",
        "Salle de culture L2",
        "diverse pipetten (set P10-P1000)",
        "diamantmes 45°",
        "CO2 gasfles 20 kg",
    ],
)
def test_it_takes_places_sets_contracts_and_aids_for_no_instrument(matcher: Matcher, text: str) -> None:
    assert answer(matcher, text).status == "none"


def test_proposed_models_meet_however_their_words_are_joined(matcher: Matcher) -> None:
    texts = ("Quorvane Dolmira G5", "Dolmira-G5 (Quorvane)", "QUORVANE DolmiraG5", "Quorvane Dolmira G 5")
    assert {answer(matcher, text).key for text in texts} == {"quorvane/dolmirag5"}
    assert answer(matcher, "Quorvane Dolmira III 400").key != answer(matcher, "Quorvane Dolmira III 600").key


def test_the_first_generation_is_told_in_words(tmp_path: Path) -> None:
    rows = "maker,designation,family\nTandrel,Arven,Arven\nTandrel,Arven II,Arven\nTandrel,Arven III,Arven\n"
    matcher = Matcher(register(tmp_path, rows))
    assert answer(matcher, "Tandrel Arven").status == "undecided"
    assert answer(matcher, "Tandrel Arven (first gen)").key == "tandrel/arven"
    assert answer(matcher, "Tandrel ArvenIIe").status == "proposed"
