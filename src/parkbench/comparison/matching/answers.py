"""What goes into matching and what comes out of it: plain frozen data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from parkbench.catalogue.rules import fold
from parkbench.comparison.matching.scoring import Contribution

Status = Literal["matched", "proposed", "undecided", "none"]
Relation = Literal["same configuration", "same model", "same family"]


@dataclass(frozen=True, slots=True)
class Mention:
    """One row as it lies in a sheet: its name, and what its columns for maker and model say."""

    text: str
    maker_text: str = ""
    model_text: str = ""

    @property
    def name(self) -> str:
        """Return model and text as one line, each once."""
        if self.model_text and self.model_text.casefold() not in self.text.casefold():
            return f"{self.model_text}, {self.text}" if self.text else self.model_text
        return self.text


@dataclass(frozen=True, slots=True)
class Answer:
    """What a mention names.

    `maker` and `model` are the register's own names when matched, those of the text when proposed; `key` is
    that of the register or the proposed one, '' otherwise; `score` lies between 0 and 1; `why` is a sentence.
    """

    status: Status
    key: str = ""
    maker: str = ""
    model: str = ""
    family: str = ""
    configuration: tuple[str, ...] = ()
    score: float = 0.0
    why: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """How two mentions stand to each other; the contributions add up to the log-odds of the score."""

    relation: Relation | None
    score: float
    contributions: tuple[Contribution, ...]
    vetoes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Decisions:
    """What people decided; permanent constraints that the machine never overturns.

    `confirmed` maps a mention to the key of its model; `rejected` holds mentions with keys they are not.
    Mentions are compared as they are written but for the case of letters and the spaces around words.
    """

    confirmed: tuple[tuple[Mention, str], ...] = ()
    rejected: tuple[tuple[Mention, str], ...] = ()
    _confirmed: dict[str, str] = field(init=False, repr=False, compare=False)
    _rejected: dict[str, frozenset[str]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_confirmed", {_written(one): key for one, key in self.confirmed})
        refused: dict[str, frozenset[str]] = {}
        for one, key in self.rejected:
            refused[_written(one)] = refused.get(_written(one), frozenset()) | {key}
        object.__setattr__(self, "_rejected", refused)

    def confirmed_key(self, mention: Mention) -> str:
        """Return the key that a person confirmed for a mention, '' when nobody did."""
        return self._confirmed.get(_written(mention), "")

    def rejected_keys(self, mention: Mention) -> frozenset[str]:
        """Return the keys that a person said a mention is not."""
        return self._rejected.get(_written(mention), frozenset())


def _written(mention: Mention) -> str:
    texts: Iterable[str] = (mention.text, mention.maker_text, mention.model_text)
    return "\x1f".join(" ".join(text.casefold().split()) for text in texts)


def related(a: Answer, b: Answer) -> Relation | None:
    """Return the closest relation of two answers, None when they are different or not known."""
    if a.key and a.key == b.key and {a.status, b.status} <= {"matched", "proposed"}:
        alike = {fold(one) for one in a.configuration} == {fold(one) for one in b.configuration}
        return "same configuration" if alike else "same model"
    return "same family" if a.family and a.family == b.family and _makers_meet(a, b) else None


def _makers_meet(a: Answer, b: Answer) -> bool:
    return not a.maker or not b.maker or a.maker == b.maker
