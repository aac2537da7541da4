"""What the exchange refuses to other nodes: one class for each status that they are answered with."""

from __future__ import annotations

from parkbench.lib.errors import NotFound, Refused


class Unauthorised(Refused):
    """No token, or one that does not count. Nobody is told why: the cause would help a forger."""

    def __init__(self) -> None:
        super().__init__("This request carries no token that counts here. Compare our Date with your clock.")


class NotReadable(NotFound):
    """No such journal, or none for this caller: both alike, so that nobody learns which journals exist."""

    def __init__(self) -> None:
        super().__init__("There is no such journal here for you.")


class CursorGone(Refused):
    """A place in a journal from which one cannot go on: read it from the start."""

    def __init__(self) -> None:
        super().__init__("This journal cannot be read on from there. Read it again from the start.")


class NotUnderstood(Refused):
    """A request of a shape that the protocol does not have."""


class TooOften(Refused):
    """More requests than anybody needs; ``seconds`` is when to come back."""

    def __init__(self, seconds: int) -> None:
        super().__init__("Too many requests. Come back later.")
        self.seconds = seconds


class Paused(Refused):
    """This node exchanges nothing just now."""

    seconds = 600

    def __init__(self) -> None:
        super().__init__("This node exchanges nothing just now. Come back later.")
