"""Features of a pair of described things: each one number that a person can check against the two texts.

All are symmetric, to the last bit: `measure(a, b) == measure(b, a)`. Weights of words are in nats
(`described.Vocabulary`); shares and likenesses lie between 0 and 1.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler, Levenshtein

from parkbench.comparison.matching.described import Prepared
from parkbench.comparison.matching.scoring import Matrix

FEATURES: Mapping[str, str] = {
    "title words": "cosine of the titles' words by weight, 0 to 1",
    "title words, of the lighter": "weight of the shared words over that of the lighter title, 0 to 1",
    "title words, of both": "weight of the shared words over that of all words of both titles, 0 to 1",
    "all words": "cosine of the words of all texts by weight, 0 to 1",
    "all words, of the lighter": "weight of the shared words over that of the lighter text, 0 to 1",
    "title within text": "share of a title's weight that stands anywhere in the other, the greater one",
    "three letters": "cosine of the titles' three-letter pieces by weight, 0 to 1",
    "aligned, least": "share of a title's weight met in the other, abbreviated or misspelt, the lesser",
    "aligned, most": "the same, the greater one",
    "unmet word, least": "weight of the most telling unmet word of each title, the lesser; tens of nats",
    "unmet word, most": "the same, the greater one",
    "shared word": "weight of the most telling shared word, tens of nats",
    "unmet words, least": "weight of all unmet words of each title, the lesser; tens of nats",
    "unmet words, most": "the same, the greater one",
    "edits": "rapidfuzz ratio of the titles, 0 to 1",
    "code shared": "1 when both state one code alike",
    "code within text": "1 when a code of one stands in any text of the other, spaces and hyphens aside",
    "code likeness": "Levenshtein likeness of the two most alike codes, 0 to 1, 0 without codes",
    "code beginning": "share of the shorter code with which both begin, the greatest, 0 to 1",
    "code conflict": "1 when both state codes and none of either stands in the other",
    "unmet codes, least": "codes of each that do not stand in the other, the lesser count, at most 3",
    "unmet codes, most": "the same, the greater count, at most 4",
    "model stated by both": "1 when both have a model of their own field",
    "model same": "1 when both models are the same, spaces and hyphens aside",
    "model within text": "1 when the model of one stands in any text of the other",
    "numbers unmet": "numbers of a title unmet in the other, the greater count, at most 4",
    "numbers alike": "shared numbers over all numbers of both titles, 0 to 1; one half without numbers",
    "number conflict": "1 when each title has a number that is unmet in the other",
    "maker conflict": "1 when both makers are known and neither is named by the other",
    "maker likeness": "rapidfuzz token_set_ratio of the makers' fields, 0 to 1; half when one is empty",
    "price distance": "absolute natural logarithm of the prices' ratio, at most 2; 0.4 when one is unknown",
    "price same": "1 when the prices are within 0.5 %",
}
"""Name of each feature -> what it measures, in which unit and range; the order of `measure`."""
NAMES = tuple(FEATURES)
SIGNS: Mapping[str, int] = {
    "code shared": 1, "code within text": 1, "code likeness": 1, "code beginning": 1, "code conflict": -1,
    "unmet codes, least": -1, "unmet codes, most": -1, "model same": 1, "model within text": 1,
    "numbers alike": 1, "numbers unmet": -1, "number conflict": -1, "maker conflict": -1,
    "maker likeness": 1, "price distance": -1, "price same": 1,
}  # fmt: skip
"""Features that speak for (1) or against (-1) the same thing whatever the labels say.

The features of words are left out: they measure one overlap in several ways, and their sum is what counts.
"""
_TENS = 10.0
_ALIKE = 0.92  # Jaro-Winkler from which two words that begin alike are slips of one another


def measure(a: Prepared, b: Prepared) -> list[float]:
    """Return the features of a pair in the order of `NAMES`."""
    edits = fuzz.ratio(a.line, b.line) / 100
    parts = (_words(a, b), [edits], _codes(a, b), _model(a, b), _numbers(a, b), _maker(a, b), _price(a, b))
    return [value for part in parts for value in part]


def matrix(pairs: Iterable[tuple[Prepared, Prepared]]) -> Matrix:
    """Return one row of features a pair."""
    rows = [measure(a, b) for a, b in pairs]
    return np.asarray(rows, dtype=np.float64).reshape(len(rows), len(NAMES))


def named(values: Sequence[float]) -> dict[str, float]:
    """Return the features of one pair by name."""
    return dict(zip(NAMES, values, strict=True))


def pieces(a: Prepared, b: Prepared) -> dict[str, tuple[str, str]]:
    """Return for each feature the two pieces of text that it was measured on."""
    titles = (a.told.title, b.told.title)
    unmet = (" ".join(_unmet(a, b)), " ".join(_unmet(b, a)))
    shared = (_shared_text(a, b), _shared_text(b, a))
    texts = (_text(a), _text(b))
    codes = (" ".join(a.codes), " ".join(b.codes))
    models = (a.told.model, b.told.model)
    numbers = (_numbers_text(a), _numbers_text(b))
    makers = (a.told.maker or a.maker, b.told.maker or b.maker)
    prices = (_price_text(a), _price_text(b))
    by_beginning = {
        "all words": texts, "title within": texts, "unmet word": unmet, "shared word": shared, "code": codes,
        "unmet codes": codes, "model": models, "number": numbers, "maker": makers, "price": prices,
    }  # fmt: skip
    found = {}
    for name in NAMES:
        fitting = [begin for begin in by_beginning if name.startswith(begin)]
        found[name] = by_beginning[max(fitting, key=len)] if fitting else titles
    return found


def _text(one: Prepared) -> str:
    told = one.told
    return " ".join(part for part in (told.title, told.maker, told.model, told.further) if part)


def _shared_text(one: Prepared, other: Prepared) -> str:
    return " ".join(word for word in one.title if word in other.title)


def _numbers_text(one: Prepared) -> str:
    return " ".join(word for word in one.title if word in one.numbers)


def _price_text(one: Prepared) -> str:
    return "" if one.told.price is None else f"{one.told.price:g}"


def _cosine(a: Mapping[str, float], b: Mapping[str, float], norms: float) -> float:
    few, many = (a, b) if len(a) <= len(b) else (b, a)
    return math.fsum([weight * many[key] for key, weight in few.items() if key in many]) / norms


def _shared(a: Mapping[str, float], b: Mapping[str, float]) -> float:
    few, many = (a, b) if len(a) <= len(b) else (b, a)
    return math.fsum([weight for key, weight in few.items() if key in many])


def _words(a: Prepared, b: Prepared) -> list[float]:
    shared, every = _shared(a.title, b.title), _shared(a.all, b.all)
    within = (_shared(a.title, b.all) / a.title_sum, _shared(b.title, a.all) / b.title_sum)
    return [
        _cosine(a.title, b.title, a.title_norm * b.title_norm),
        shared / min(a.title_sum, b.title_sum),
        shared / (a.title_sum + b.title_sum - shared),
        _cosine(a.all, b.all, a.all_norm * b.all_norm),
        every / min(a.all_sum, b.all_sum),
        max(within),
        _cosine(a.grams, b.grams, a.grams_norm * b.grams_norm),
        *_alignment(a, b),
    ]


def _alignment(a: Prepared, b: Prepared) -> list[float]:
    left, right = _unmet(a, b), _unmet(b, a)
    sums = (math.fsum(left.values()), math.fsum(right.values()))
    parts = (1 - sums[0] / a.title_sum, 1 - sums[1] / b.title_sum)
    most = (max(left.values(), default=0.0), max(right.values(), default=0.0))
    shared = max([weight for word, weight in a.title.items() if word in b.title], default=0.0)
    return [
        min(parts), max(parts), min(most) / _TENS, max(most) / _TENS,
        shared / _TENS, min(sums) / _TENS, max(sums) / _TENS,
    ]  # fmt: skip


def _unmet(a: Prepared, b: Prepared) -> dict[str, float]:
    """Return the words of a's title, with their weights, that b's title has in no form."""
    others = [word for word in b.title if word not in a.title and not word.isdigit()]
    return {
        word: weight
        for word, weight in a.title.items()
        if word not in b.title and not _is_met(word, others, b.squeezed)
    }


def _is_met(word: str, others: Sequence[str], squeezed: str) -> bool:
    """Tell whether a word is written together, abbreviated, lengthened or misspelt in the other title."""
    if word.isdigit():
        return False
    if len(word) > 3 and word in squeezed:
        return True
    begin = word[0]
    return any(
        other[0] == begin
        and (
            (len(word) > 1 and other.startswith(word))
            or (len(other) > 1 and word.startswith(other))
            or JaroWinkler.similarity(other, word) >= _ALIKE
        )
        for other in others
    )


def _codes(a: Prepared, b: Prepared) -> list[float]:
    met_a = sum(code in b.everywhere for code in a.codes)
    met_b = sum(code in a.everywhere for code in b.codes)
    unmet = (len(a.codes) - met_a, len(b.codes) - met_b)
    likeness = [Levenshtein.normalized_similarity(one, two) for one in a.codes for two in b.codes]
    begins = [_beginning(one, two) for one in a.codes for two in b.codes]
    return [
        float(any(code in b.codes for code in a.codes)),
        float(met_a + met_b > 0),
        max(likeness, default=0.0),
        max(begins, default=0.0),
        float(bool(a.codes) and bool(b.codes) and not met_a and not met_b),
        float(min(*unmet, 3)),
        float(min(max(unmet), 4)),
    ]


def _beginning(one: str, two: str) -> float:
    least = min(len(one), len(two))
    same = 0
    while same < least and one[same] == two[same]:
        same += 1
    return same / least if least > 3 else 0.0


def _model(a: Prepared, b: Prepared) -> list[float]:
    both = bool(a.model and b.model)
    within = (len(a.model) > 2 and a.model in b.everywhere) or (len(b.model) > 2 and b.model in a.everywhere)
    return [
        float(both),
        float(both and a.model == b.model),
        float(within),
    ]


def _numbers(a: Prepared, b: Prepared) -> list[float]:
    shared = len(a.numbers & b.numbers)
    every = len(a.numbers | b.numbers)
    unmet = (_unmet_numbers(a, b), _unmet_numbers(b, a))
    return [
        float(min(max(unmet), 4)),
        shared / every if every else 0.5,
        float(min(unmet) > 0),
    ]


def _unmet_numbers(a: Prepared, b: Prepared) -> int:
    """Count a's numbers that b lacks; one of two digits and more may stand within a code or text of b."""
    return sum(
        number not in b.numbers and (len(number) < 2 or number not in b.everywhere) for number in a.numbers
    )


def _maker(a: Prepared, b: Prepared) -> list[float]:
    agrees = _names(a, b.maker) or _names(b, a.maker)
    told = (a.told.maker.casefold(), b.told.maker.casefold())
    return [
        float(bool(a.maker and b.maker) and not agrees),
        fuzz.token_set_ratio(*told) / 100 if all(told) else 0.5,
    ]


def _names(one: Prepared, maker: str) -> bool:
    return maker == one.maker or maker in one.title or maker in one.told.maker.casefold().split()


def _price(a: Prepared, b: Prepared) -> list[float]:
    if not a.told.price or not b.told.price:
        return [0.4, 0.0]
    apart = abs(math.log(a.told.price) - math.log(b.told.price))
    return [min(apart, 2.0), float(apart < 0.005)]
