"""What stands beside a name and makes another model of it or leaves it open; no such makers exist."""

import pytest

from parkbench.comparison.matching import Matcher
from unit.comparison.invented import answer, register

ROWS = """maker,designation,family,aliases,techniques
Braxel,Mirvel F2,Mirvel,,plate-reading
Braxel,Mirvel F4,Mirvel,,plate-reading
Braxel,Mirvel F6,Mirvel,,plate-reading
Braxel,Ombra 80AIC,Ombra,,cell-culture
Braxel,Ombra 80AICUV,Ombra,,cell-culture
Braxel,Ombra 80AICP,Ombra,,cell-culture
Braxel,Ombra,Ombra,,cell-culture
Braxel,Ombra LITE-X,Ombra,,cell-culture
Braxel,Kestor FXP,Kestor,,liquid-handling
Braxel,Kestor FX,Kestor,,liquid-handling
Tandrel,Arvanta 600,Arvanta,,nmr-spectroscopy
Tandrel,Arvanta HD 600,Arvanta,,nmr-spectroscopy
Tandrel,Tarn S,Tarn,,cell-sorting
Tandrel,Tarn M,Tarn,,cell-sorting
Tandrel,GRAND OKA,JX,,transmission-em
Tandrel,Zanthe 8050,Zanthe,,lc-ms
Tandrel,SK800S,SK,,cell-sorting
Tandrel,Ix50,IX,,light-microscopy
Tandrel,3000 Corvex,Corvex,Corvex,lc-ms
Tandrel,4000 Corvex,Corvex,,lc-ms
Tandrel,5D-Plumbor,Plumbor,,electroporation
Tandrel,Ulmis IIe,Ulmis,,long-read-sequencing
Tandrel,Ulmis II,Ulmis,,long-read-sequencing
Tandrel,Cutwell PC,Cutwell,,sectioning
Tandrel,Dormel 16,Dormel,,nucleic-acid-preparation
Tandrel,Front 9,Front,,liquid-chromatography
Tandrel,Vantal 200,Vantal,,scanning-em
Tandrel,Vantal 200 FEG,Vantal,,scanning-em
Dormel Biosystems,Arx One,Arx,,microelectrode-array
"""


@pytest.fixture(scope="module")
def matcher(tmp_path_factory: pytest.TempPathFactory) -> Matcher:
    return Matcher(register(tmp_path_factory.mktemp("register"), ROWS))


@pytest.mark.parametrize(
    ("text", "maker"),
    [
        ("Mirvel F2/F4 reader", "Braxel"),
        ("Mirvel F2/4", ""),
        ("Mirvel F2 / F2e", "Braxel"),
        ("Ombra 80AIC (UV)", ""),
        ("Ombra 80AIC incubator (UV)", "Braxel"),
        ("Tandrel Zanthe 80xx", ""),
        ("Dolmir 410/420 confocal", "Braxel"),
        ("Corvex Massenspektrometer, Raum 4", "Tandrel"),
        ("Tandrel Zanthe 8050 (Modell s. Vertrag)", ""),
        ("Ulmis II (upgraded from IIe in 2019)", "Tandrel"),
        ("Mirvel F2, 2020 auf F4 oder F6 umgerüstet", "Braxel"),
        ("Mirvel F2 + Tarn S, beide defekt", ""),
        ("Tarn S und SK800S, beide im Keller", "Tandrel"),
        ("4000 Corvex (2016) & old 3000 Corvex, both in B12", "Tandrel"),
        ("Vantal 200 ESEM FEG, bygn. 3", "Tandrel"),
        ("Tarn S/SH", "Tandrel"),
        ("2 sorters: 1x Tarn S, 1x Tarn M", "Tandrel"),
        ("Tandrel Tarn S and Kestor FX, both in B12", ""),
        ("litex, Ombra", "Braxel"),
        ("Mirvel F2, upgrade to F4 not bought", "Braxel"),
    ],
)
def test_one_of_two_models_or_an_aside_that_makes_another_is_left_open(
    matcher: Matcher, text: str, maker: str
) -> None:
    assert answer(matcher, text, maker).status == "undecided"


@pytest.mark.parametrize(
    ("text", "maker", "key"),
    [
        ("Mirvel F2, 5 lasers", "Braxel", "braxel/mirvel-f2"),
        ("Ombra 80AIC (lab 2)", "Braxel", "braxel/ombra-80aic"),
        ("Kestor FX^P robot", "Braxel", "braxel/kestor-fxp"),
        ("Zanthe 8O5O", "Tandrel", "tandrel/zanthe-8050"),
        ("SK8OOS cell sorter", "Tandrel", "tandrel/sk800s"),
        ("Corvex 4000 (Modell 2019)", "Tandrel", "tandrel/4000-corvex"),
        ("Plumbor 5D mit Zubehör", "Tandrel", "tandrel/5d-plumbor"),
        ("ULMIS-IIE SYSTEM", "Tandrel", "tandrel/ulmis-iie"),
        ("Ulmis II-system (8M)", "Tandrel", "tandrel/ulmis-ii"),
        ("Ulmis II (upgraded to IIe in 2019)", "Tandrel", "tandrel/ulmis-iie"),
        ("Mirvel F2, 2020 auf F4 umgerüstet", "Braxel", "braxel/mirvel-f4"),
        ("Mirvel F2, not upgraded to F4", "Braxel", "braxel/mirvel-f2"),
        ("Tarn S + Front 9 pump", "Tandrel", "tandrel/tarn-s"),
        ("Mirvel F2, Wartung bis 12/24", "Braxel", "braxel/mirvel-f2"),
        ("SK800S, SN NB5010xx", "Tandrel", "tandrel/sk800s"),
        ("SK800S n° inventaire 004512", "Tandrel", "tandrel/sk800s"),
        ("SK800S N°2", "Tandrel", "tandrel/sk800s"),
        ("Tarn S #2", "Tandrel", "tandrel/tarn-s"),
        ("Mirvel F2, camera upgraded 2019", "Braxel", "braxel/mirvel-f2"),
        ("Cutwell PC", "Tandrel", "tandrel/cutwell-pc"),
        ("Dormel 16", "", "tandrel/dormel-16"),
        ("SK800S - verschrottet 2012?", "Tandrel", "tandrel/sk800s"),
        ("Kestor FX w/ Tandrel gripper", "Braxel", "braxel/kestor-fx"),
        ("Kestor FX und Greifer", "Braxel", "braxel/kestor-fx"),
        ("Zanthe 8050 9.4 T", "Tandrel", "tandrel/zanthe-8050"),
        ("Zanthe 8050 reader, field kit", "Tandrel", "tandrel/zanthe-8050"),
    ],
)
def test_what_is_no_other_model_leaves_a_name_as_it_is(
    matcher: Matcher, text: str, maker: str, key: str
) -> None:
    assert answer(matcher, text, maker).key == key


@pytest.mark.parametrize(
    ("text", "maker", "never"),
    [
        ("600 HD spectrometer", "Tandrel", "tandrel/arvanta-600"),
        ("cryo-OKA", "Tandrel", "tandrel/grand-oka"),
        ("Pixvell II (Ix50)", "", "tandrel/ix50"),
        ("Tarn L", "Tandrel", "tandrel/tarn-s"),
    ],
)
def test_a_part_of_a_name_is_not_taken_for_it(matcher: Matcher, text: str, maker: str, never: str) -> None:
    assert answer(matcher, text, maker).key != never


def test_a_letter_behind_a_line_or_behind_figures_is_a_part_of_a_model_that_is_proposed(
    matcher: Matcher,
) -> None:
    assert answer(matcher, "Tandrel Tarn L").status == "proposed"
    assert answer(matcher, "Tandrel Qorb-24 A").key == "tandrel/qorb24a"


@pytest.mark.parametrize(
    "text",
    [
        "Antibody panel for 20 reactions",
        "Mirvel F2 kit, 16 rxns",
        "Trays (Ix50)",
        "Nitrogen for LC-MS (Zanthe 8050)",
    ],
)
def test_reagents_trays_and_what_is_for_a_device_in_an_aside_are_none(matcher: Matcher, text: str) -> None:
    assert answer(matcher, text).status == "none"


@pytest.mark.parametrize(
    ("text", "maker", "model"),
    [
        ("Zinder Lissara Pipettierautomat, Bj. 2003", "", "Zinder Lissara"),
        ("Equivio Eastrix Plus", "", "Equivio Eastrix Plus"),
        ("cytomètre Velvedor", "Spatrine", "Velvedor"),
        ("confocal Mirandel 2", "", "Mirandel 2"),
    ],
)
def test_words_that_no_language_knows_are_proposed_as_a_name(
    matcher: Matcher, text: str, maker: str, model: str
) -> None:
    found = answer(matcher, text, maker)
    assert (found.status, found.model) == ("proposed", model)


@pytest.mark.parametrize(
    "text", ["STRUCTURE UNIT VELVEDOR", "Velvedor", "Schrank für Velvedor", "Diverses Labor"]
)
def test_one_such_word_alone_a_heading_and_what_is_for_something_are_none(
    matcher: Matcher, text: str
) -> None:
    assert answer(matcher, text).status == "none"


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("deksel + onderdelen Kestor FX (magazijn)", "none"),
        ("cytomètre de flux, labo immuno, 2e étage", "none"),
        ("Pipettierroboter, 2 Stk., Screening-Halle", "none"),
    ],
)
def test_words_for_parts_places_and_floors_name_no_model(matcher: Matcher, text: str, status: str) -> None:
    assert answer(matcher, text).status == status


def test_a_short_word_with_a_capital_inside_is_a_tier_that_the_register_lacks(matcher: Matcher) -> None:
    assert answer(matcher, "Tandrel 4000 Corvex iQ").status == "proposed"
