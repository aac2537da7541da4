"""Whatever two things are called: features are symmetric and within bounds, contributions add up."""

from __future__ import annotations

import math
import subprocess
import sys

from hypothesis import given, settings
from hypothesis import strategies as st

from parkbench.comparison.matching.described import Described, Vocabulary
from parkbench.comparison.matching.features import NAMES, measure, named, pieces
from parkbench.comparison.matching.scoring import score, shipped_coefficients

WORDS = st.sampled_from(
    [
        "LSM",
        "980",
        "TX-4100",
        "tx 4100",
        "v2.0",
        "500GB",
        "Plus",
        "+",
        "åäö",
        "№",
        "½",
        "²",
        "sorter",
        "İ",
        "ß",
    ]
)
TEXT = st.lists(WORDS | st.text(max_size=6), max_size=6).map(" ".join)
PRICE = st.none() | st.floats(min_value=1e-300, max_value=1e300)
THING = st.builds(Described, title=TEXT, maker=TEXT, model=TEXT, further=TEXT, price=PRICE)


@given(st.lists(THING, min_size=2, max_size=5))
@settings(max_examples=200, deadline=None)
def test_it_is_symmetric_finite_and_adds_up(things: list[Described]) -> None:
    vocabulary, turned = Vocabulary(things), Vocabulary(things[::-1])
    one, two = vocabulary.prepare(things[0]), vocabulary.prepare(things[1])
    there, back = measure(one, two), measure(two, one)
    assert there == back
    assert there == measure(turned.prepare(things[0]), turned.prepare(things[1]))
    assert all(math.isfinite(value) and -1e-9 <= value <= 20 for value in there)
    shipped = shipped_coefficients("products")
    told = score(named(there), pieces(one, two), shipped)
    turned_told = score(named(back), pieces(two, one), shipped)
    assert told.log_odds == turned_told.log_odds == math.fsum(part.value for part in told.contributions)
    assert [(part.text_b, part.text_a) for part in turned_told.contributions] == [
        (part.text_a, part.text_b) for part in told.contributions
    ]


@given(THING)
@settings(max_examples=100, deadline=None)
def test_it_finds_nothing_unmet_between_a_thing_and_itself(thing: Described) -> None:
    vocabulary = Vocabulary([thing])
    found = named(measure(vocabulary.prepare(thing), vocabulary.prepare(thing)))
    for name in NAMES:
        if name.startswith("unmet") or "conflict" in name or name == "numbers unmet":
            assert found[name] == 0, name


PROGRAMME = """
from parkbench.comparison.matching.described import Described, Vocabulary
from parkbench.comparison.matching.features import measure
things = [Described("the quick TX-4100 laser scanning microscope of Quorvex 12", further="a b c d e f g"),
          Described("Quorvex laser TX 4200 microscope, fast and black 13", further="c d e f g h i j k")]
vocabulary = Vocabulary(things)
print(measure(*(vocabulary.prepare(thing) for thing in things)))
"""


def test_it_measures_alike_in_every_process() -> None:
    def run(seed: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAMME],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    assert len({run(seed) for seed in ("0", "1", "77", "1234")}) == 1
