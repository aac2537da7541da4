"""How well names are seen to be models: precision, recall, F1 and merged siblings on labelled rows.

`measured(rows, register)` takes rows of (mention, status, key) and returns the figures; a file of such rows
is a CSV with the columns text, maker_text, status (model, undecided, none) and key.
"""

import csv
import sys
import time
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

from parkbench.comparison.matching import Answer, Matcher, Mention, Register, read_register, shipped_register


@dataclass(frozen=True)
class Labelled:
    """One row with what a person says it is: `key` is '' for models that the register does not have."""

    mention: Mention
    status: str
    key: str = ""


@dataclass
class Figures:
    """Counts of right and wrong answers, and shares of them between 0 and 1."""

    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[tuple[Labelled, Answer]] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def precision(self) -> float:
        """Return the share of matched rows that are matched to the right model."""
        return self.counts["right"] / max(1, self.counts["matched"])

    @property
    def recall(self) -> float:
        """Return the share of rows with a model of the register that are matched to it."""
        return self.counts["right"] / max(1, self.counts["in register"])

    @property
    def f1(self) -> float:
        """Return the harmonic mean of precision and recall."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def say(line: str) -> None:
    """Write one line."""
    sys.stdout.write(f"{line}\n")


def measured(rows: Sequence[Labelled], register: Register) -> Figures:
    """Return the figures of labelled rows."""
    figures = Figures()
    began = time.process_time()
    answers = Matcher(register).match([row.mention for row in rows])
    figures.seconds = time.process_time() - began
    for row, answer in zip(rows, answers, strict=True):
        _count(figures, row, answer, row.key in register.models)
    return figures


def _count(figures: Figures, row: Labelled, answer: Answer, is_known: bool) -> None:
    counts = figures.counts
    expected = row.status if row.status != "model" else ("in register" if is_known else "not in register")
    counts[expected] += 1
    is_matched = answer.status == "matched"
    counts["matched"] += is_matched
    is_right = {
        "in register": is_matched and answer.key == row.key,
        "not in register": answer.status == "proposed",
        "undecided": answer.status == "undecided",
        "none": answer.status == "none",
    }[expected]
    counts["right"] += is_right and is_matched
    counts[f"{expected}: right"] += is_right
    counts[f"{expected}: {answer.status}"] += 1
    if not is_right:
        figures.wrong.append((row, answer))


def grouped(names: Sequence[tuple[str, str, str]], register: Register) -> dict[str, float]:
    """Return the figures of (text, model, family) by pairs: names of one model must meet, siblings must not.

    For labels that are no keys of the register; F1 is of all pairs of two names.
    """
    answers = Matcher(register).match([Mention(text) for text, _, _ in names])
    meet = both = should = siblings = merged = 0
    for (one, (_, model, family)), (other, (_, model_2, family_2)) in combinations(
        zip(answers, names, strict=True), 2
    ):
        is_met = bool(one.key) and one.key == other.key
        meet += is_met
        should += model == model_2
        both += is_met and model == model_2
        siblings += model != model_2 and family == family_2
        merged += is_met and model != model_2
    precision, recall = both / max(1, meet), both / max(1, should)
    return {
        "pair precision": precision,
        "pair recall": recall,
        "pair F1": 2 * precision * recall / max(1e-9, precision + recall),
        "siblings merged": merged / max(1, siblings),
    }


def read_mentions(path: Path, leave_out: Collection[str] = ()) -> list[tuple[str, str, str]]:
    """Return text, model and family of real names (src|raw|canonical|family|technique), less some sources."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="|", quoting=csv.QUOTE_NONE)
        return [(row["raw"], row["canonical"], row["family"]) for row in rows if row["src"] not in leave_out]


def read_rows(path: Path) -> list[Labelled]:
    """Return the labelled rows of a CSV."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Labelled(Mention(row["text"], row["maker_text"]), row["status"], row.get("key", ""))
            for row in csv.DictReader(file)
        ]


def said(figures: Figures) -> Iterable[str]:
    """Yield the figures in lines."""
    counts = figures.counts
    yield f"precision {figures.precision:.4f} ({counts['right']} of {counts['matched']} matched)"
    yield f"recall    {figures.recall:.4f} ({counts['right']} of {counts['in register']} in the register)"
    yield f"F1        {figures.f1:.4f}"
    for kind in ("not in register", "undecided", "none"):
        yield f"{kind}: {counts[f'{kind}: right']} of {counts[kind]} right"
    yield f"{figures.seconds:.2f} s of processor time"


if __name__ == "__main__":
    places = [one for one in sys.argv[2:] if one != "-v"]
    known = read_register(Path(places[0])) if places else shipped_register()
    if sys.argv[1].endswith(".psv"):
        for name, value in grouped(read_mentions(Path(sys.argv[1])), known).items():
            say(f"{name} {value:.4f}")
        sys.exit()
    found = measured(read_rows(Path(sys.argv[1])), known)
    say("\n".join(said(found)))
    if "-v" in sys.argv:
        for row, answer in sorted(found.wrong, key=lambda one: (one[1].status != "matched", one[0].status)):
            say(
                f"{row.status:9} {row.mention.text} | {row.mention.maker_text} => {row.key} :: "
                f"{answer.status} {answer.key} {answer.family} -- {answer.why}"
            )
