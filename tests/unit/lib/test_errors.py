"""Errors carry the sentence that the user reads."""

import pytest

from parkbench.lib.errors import Conflict, Invalid, NotAllowed, NotFound, Problem, Refused, shorten


@pytest.mark.parametrize("kind", [Conflict, NotAllowed, NotFound])
def test_each_kind_is_refused_and_says_its_sentence(kind):
    error = kind("Ask the head of the unit.")
    assert isinstance(error, Refused)
    assert str(error) == error.sentence == "Ask the head of the unit."


def test_invalid_names_each_problem():
    error = Invalid([Problem("price", "x", "an amount", row=3), Problem("unit", None, "a unit")])
    assert str(error) == "row 3, price: found “x”, expected an amount; unit: found nothing, expected a unit"
    assert error.problems[0].as_dict() == {"row": 3, "column": "price", "value": "x", "expected": "an amount"}
    assert error.problems[1].as_dict()["value"] is None


def test_one_problem_needs_no_list():
    assert Invalid(Problem("a", 1, "b"), "Say it so.").sentence == "Say it so."


def test_long_values_are_cut_in_sentences():
    assert shorten("a\nb  c") == "a b c"
    assert len(shorten("x" * 500)) == 60
