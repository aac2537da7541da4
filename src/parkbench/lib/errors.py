"""Domain errors: each carries the sentence the user will read."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one value: where it stands, what it says, what was expected."""

    field: str
    value: object
    expected: str
    row: int | None = None

    def __str__(self) -> str:
        where = f"row {self.row}, {self.field}" if self.row is not None else self.field
        shown = "nothing" if self.value is None or self.value == "" else f"“{shorten(str(self.value))}”"
        return f"{where}: found {shown}, expected {self.expected}"

    def as_dict(self) -> dict[str, str | int | None]:
        """Return row, column, value and expected as reports and JSON write them."""
        value = None if self.value is None else str(self.value)
        return {"row": self.row, "column": self.field, "value": value, "expected": self.expected}


class Refused(Exception):  # noqa: N818 - the house's words
    """An act that is not done, with the sentence that says why and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence

    def __str__(self) -> str:
        return self.sentence


class Conflict(Refused):
    """Somebody else changed the same thing meanwhile."""


class NotAllowed(Refused):
    """The viewer may not do this."""


class NotFound(Refused):
    """There is no such thing, or the viewer may not know of it."""


class Invalid(Refused):
    """Values that cannot be accepted; `problems` names each of them."""

    def __init__(self, problems: Problem | Iterable[Problem], sentence: str | None = None) -> None:
        self.problems: list[Problem] = [problems] if isinstance(problems, Problem) else list(problems)
        super().__init__(sentence or "; ".join(str(problem) for problem in self.problems))


def shorten(text: str, limit: int = 60) -> str:
    """Return the text on one line of at most `limit` characters, with an ellipsis where it was cut."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
