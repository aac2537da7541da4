"""A described thing taken apart once: its words with their weights, codes, numbers, maker, price.

Nothing here knows any maker, product or language; how telling a word is comes from the texts themselves
(`Vocabulary`), so that the same code serves products, instruments and what nobody has thought of yet.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from parkbench.catalogue.rules import fold

_WORD = re.compile(r"v?\d+(?:[.,]\d+)+|[^\W_]+")
_CHUNK = re.compile(r"[^\W_]+(?:[-/.#][^\W_]+)*")
_NUMBER = re.compile(r"v?([0-9]+(?:\.[0-9]+)*)")
_UNITS = (
    "mbps|gbps|dpi|fps|ghz|khz|mah|mhz|rpm|cm|ft|gb|hz|in|kb|kg|kv|lb|mb|ml|mm|mp|ms|nm|oz|tb|um|[gklmvwx]"
)
_MEASURE = re.compile(rf"([0-9]+(?:\.[0-9]+)?)-?({_UNITS})")
_COUNTED = re.compile(r"[0-9]+-[^\W\d_]{3,}")  # 17-inch, 4-port, 3-way: a word with its number is no code
_SPLIT_POINT = re.compile(r"(?<=\d) +(?=\.\d)")
LEAST_CODE = 4
"""Letters and digits that a code has at least; digits alone are a code from one more."""


@dataclass(frozen=True, slots=True)
class Described:
    """A thing as a list describes it; everything but the title may be left empty.

    `further` is any more text (a description, a category); `price` is in the unit of both lists, above 0.
    """

    title: str
    maker: str = ""
    model: str = ""
    further: str = ""
    price: float | None = None

    def __post_init__(self) -> None:
        if self.price is not None and not 0 < self.price < math.inf:
            raise ValueError(f"price: found {self.price}, expected a number above 0 or None")


@dataclass(frozen=True, slots=True)
class Prepared:
    """What `features` compares: each text once folded, split and weighed."""

    told: Described
    line: str  # the words of the title, joined by spaces
    squeezed: str  # the same without spaces
    everywhere: str  # title, model and further text folded into one string
    title: Mapping[str, float]  # word of the title -> weight
    title_sum: float
    title_norm: float
    all: Mapping[str, float]  # word of any text -> weight
    all_sum: float
    all_norm: float
    grams: Mapping[str, float]  # three letters of the line -> weight
    grams_norm: float
    codes: tuple[str, ...]
    model: str  # the model of its own field, folded
    numbers: frozenset[str]
    maker: str  # the word that names the maker, '' when none is known


def number_of(word: str) -> str | None:
    """Return the number that a word is, without leading zeros and final `.0` (`v2.0` is 2), or None."""
    found = _NUMBER.fullmatch(word)
    if not found:
        return None
    number = found[1]
    while number.endswith(".0"):
        number = number[:-2]
    return number.lstrip("0") or "0"


def words_of(text: str) -> list[str]:
    """Return the folded words of a text in their order; a measure is two words (`320GB`: 320, gb)."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace(" 's", "s").replace("'s", "s")
    found: list[str] = []
    for word in _WORD.findall(_SPLIT_POINT.sub("", plain)):
        if measure := _MEASURE.fullmatch(word):
            found += [number_of(measure[1]) or measure[1], measure[2]]
        else:
            found.append(number_of(word) or word)
    return found


def codes_of(text: str) -> list[str]:
    """Return the folded codes of a text, no measures: letters with digits, or five digits and more."""
    found = []
    for chunk in _CHUNK.findall(unicodedata.normalize("NFKC", text).casefold()):
        code = fold(chunk)
        digits = sum(letter.isdigit() for letter in code)
        measure = _MEASURE.fullmatch(code) or _MEASURE.fullmatch(chunk) or _COUNTED.fullmatch(chunk)
        if len(code) < LEAST_CODE or not digits or measure:
            continue
        if digits < len(code) or (len(code) > LEAST_CODE and "." not in chunk):
            found.append(code)
    return list(dict.fromkeys(found))


def _grams(line: str) -> Counter[str]:
    padded = f" {line} "
    return Counter(padded[at : at + 3] for at in range(len(padded) - 2))


class Vocabulary:
    """In how many of the described things each word stands: the rarer a word, the more it tells.

    The weight is ln((things + 1) / (things with the word + 1)) + 0.1, in nats. Order does not matter.
    """

    def __init__(self, things: Iterable[Described]) -> None:
        self._titles: Counter[str] = Counter()
        self._texts: Counter[str] = Counter()
        self._grams: Counter[str] = Counter()
        self._makers: Counter[str] = Counter()
        self._size = 0
        for thing in things:
            title = words_of(thing.title)
            self._size += 1
            self._titles.update(set(title))
            self._texts.update({*title, *words_of(f"{thing.maker} {thing.model} {thing.further}")})
            self._grams.update(_grams(" ".join(title)).keys())
            self._makers.update(words_of(thing.maker)[:1])

    def prepare(self, thing: Described) -> Prepared:
        """Return the thing taken apart and weighed."""
        words = words_of(thing.title)
        line = " ".join(words)
        title = self._weighed(words, self._titles)
        every = self._weighed(words + words_of(f"{thing.maker} {thing.model} {thing.further}"), self._texts)
        grams = {
            gram: self._weight(self._grams[gram]) * math.sqrt(times) for gram, times in _grams(line).items()
        }
        model = fold(thing.model)
        return Prepared(
            told=thing,
            line=line,
            squeezed="".join(words),
            everywhere=fold(f"{thing.title} {thing.model} {thing.further}"),
            title=title,
            title_sum=math.fsum(title.values()) or 1.0,
            title_norm=_norm(title),
            all=every,
            all_sum=math.fsum(every.values()) or 1.0,
            all_norm=_norm(every),
            grams=grams,
            grams_norm=_norm(grams),
            codes=tuple(dict.fromkeys([*codes_of(thing.title), *([model] if _is_code(model) else [])])),
            model=model,
            numbers=frozenset(word for word in words if number_of(word)),
            maker=self._maker(words_of(thing.maker), words),
        )

    def _weight(self, count: int) -> float:
        return math.log((self._size + 1) / (count + 1)) + 0.1

    def _weighed(self, words: Iterable[str], counts: Counter[str]) -> dict[str, float]:
        return {word: self._weight(counts[word]) for word in words}

    def _maker(self, told: list[str], title: list[str]) -> str:
        """Return the first word of the maker, or else a word of the title that names makers elsewhere."""
        if told:
            return told[0]
        return next((word for word in title[:3] if self._makers[word] >= 2), "")


def _is_code(model: str) -> bool:
    return len(model) > 2 and any(letter.isdigit() for letter in model)


def _norm(weights: Mapping[str, float]) -> float:
    return math.sqrt(math.fsum(one * one for one in weights.values())) or 1.0
