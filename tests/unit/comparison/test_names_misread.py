"""Names with noughts for letters, slips, and products that passed to other makers; no such makers exist."""

import pytest

from parkbench.comparison.matching import Matcher
from unit.comparison.invented import answer, register

ROWS = """maker,designation,family,aliases,techniques
Quorvane,Octavel 96,Octavel,,biolayer-interferometry
Quorvane,Cryvane F570h,Cryvane,,cold-storage
Tandrel,Aquendor 2,Aquendor,,cryo-em
Tandrel,Aquendos,Aquendos,,cryo-em
Tandrel,FLOWTALIBUR,FLOWTALIBUR,,flow-cytometry
Tandrel,Pipandra S,Pipandra,,liquid-handling
Tandrel,Vectis 3,Vectis,Braxel Vectis 3,slide-scanning
Braxel,Ombra 80,Ombra,,cell-culture
Systor,VX-150,VX,,sterilisation
"""


@pytest.fixture(scope="module")
def matcher(tmp_path_factory: pytest.TempPathFactory) -> Matcher:
    return Matcher(register(tmp_path_factory.mktemp("register"), ROWS))


@pytest.mark.parametrize(
    ("text", "maker", "key"),
    [
        ("0ctavel 96", "", "quorvane/octavel-96"),
        ("CRYVANE F57OH freezer", "", "quorvane/cryvane-f570h"),
        ("Aqeundor2, Keller", "", "tandrel/aquendor-2"),
        ("FLOW Tallibur", "Tandrel", "tandrel/flowtalibur"),
        ("Vectis 3, Labor 4", "Braxel", "tandrel/vectis-3"),
        ("Vectis 3", "Tandrel", "tandrel/vectis-3"),
        ("VX-150", "Systor", "systor/vx-150"),
    ],
)
def test_it_reads_what_was_meant(matcher: Matcher, text: str, maker: str, key: str) -> None:
    assert answer(matcher, text, maker).key == key


@pytest.mark.parametrize(
    ("text", "maker"),
    [
        ("old flow tallibur", ""),  # without its maker, and no figure speaks for it
        ("PipandraXL", "Tandrel"),  # a tier is no slip
        ("Ombra 80", "Tandrel"),  # sold by its own maker alone
    ],
)
def test_it_believes_no_slip_that_nothing_else_speaks_for(matcher: Matcher, text: str, maker: str) -> None:
    assert answer(matcher, text, maker).status != "matched"
