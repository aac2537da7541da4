"""Matching is symmetric, blind to order and other rows, alike in every process; contributions add up."""

import json
import math
import os
import subprocess
import sys
from functools import cache

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parkbench.comparison.matching import Comparer, Matcher, Mention, related, shipped_register

MAKERS = (
    "",
    "Zeiss",
    "Carl Zeiss Microscopy GmbH",
    "Illumina",
    "Thermo",
    "FEI",
    "Bruker Daltonics",
    "Acme Ltd",
)
NAMES = (
    "LSM 880", "LSM980", "NovaSeq 6000", "NovaSeq X Plus", "Q Exactive HF-X", "timsTOF Pro 2",
    "Talos Arctica", "Zorvex 300", "zorvex-300 R", "NextSeq", "Axio Observer 7", "5424R", "FACSAria III",
    "objective 63x", "PC",
)  # fmt: skip
AROUND = (
    "",
    ", room 2.13",
    " with Airyscan 2",
    " + camera",
    " (2019)",
    "?",
    " service contract",
    " for TEM",
    " 2 x",
)
PROCESS = """
import json, sys
from parkbench.comparison.matching import Matcher, Mention, shipped_register
texts = json.load(sys.stdin)
for one in Matcher(shipped_register()).match([Mention(*text) for text in texts]):
    print(one)
"""

made = st.builds(
    lambda maker, before, name, after: Mention(f"{before} {name}{after}".strip(), maker),
    st.sampled_from(MAKERS),
    st.sampled_from((*MAKERS, "Rotor für", "old", "2 x")),
    st.sampled_from(NAMES),
    st.sampled_from(AROUND),
)
anything = st.builds(Mention, st.text(max_size=40), st.text(max_size=12), st.text(max_size=12))
mentions = st.one_of(made, anything)
few = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@cache
def matcher() -> Matcher:
    return Matcher(shipped_register())


@few
@given(a=mentions, b=mentions)
def test_comparing_is_symmetric_and_contributions_add_up(a: Mention, b: Mention) -> None:
    comparer = Comparer(matcher())
    one, other = comparer.compare(a, b), comparer.compare(b, a)
    assert (one.relation, one.score, one.vetoes) == (other.relation, other.score, other.vetoes)
    turned = [(part.name, part.value, part.text_b, part.text_a) for part in other.contributions]
    assert [(part.name, part.value, part.text_a, part.text_b) for part in one.contributions] == turned
    odds = math.fsum(part.value for part in one.contributions)
    assert math.isclose(one.score, 1 / (1 + math.exp(-odds)), rel_tol=1e-9, abs_tol=1e-12)


@few
@given(rows=st.lists(mentions, min_size=1, max_size=8), data=st.data())
def test_order_and_unrelated_rows_change_no_answer(rows: list[Mention], data: st.DataObject) -> None:
    alone = {row: matcher().match([row])[0] for row in rows}
    more = data.draw(st.lists(mentions, max_size=6))
    mixed = data.draw(st.permutations([*rows, *more]))
    together = dict(zip(mixed, matcher().match(mixed), strict=True))
    assert {row: together[row] for row in rows} == alone


@few
@given(a=mentions, b=mentions)
def test_relations_are_symmetric_and_every_answer_is_explained(a: Mention, b: Mention) -> None:
    one, other = matcher().match([a, b])
    assert related(one, other) == related(other, one)
    for found in (one, other):
        assert found.why
        assert 0 <= found.score <= 1
        assert bool(found.key) == (found.status in ("matched", "proposed"))


def test_answers_are_alike_in_every_process() -> None:
    texts = [(f"{name}{after}", maker) for name in NAMES for after in AROUND for maker in MAKERS]
    said = {
        subprocess.run(
            [sys.executable, "-c", PROCESS],
            input=json.dumps(texts), capture_output=True, text=True, check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "77")
    }  # fmt: skip
    assert len(said) == 1
    assert len(next(iter(said)).splitlines()) == len(texts)
