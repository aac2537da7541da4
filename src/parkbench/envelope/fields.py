"""Named values out of what a JSON object holds, each checked for its type and shape."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from parkbench.envelope.errors import EnvelopeError, OutOfTime

MOST = 2**63 - 1
SKEW = timedelta(minutes=5)
"""How far ahead of ours the clock of a signer may be."""

NAME = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")
"""Kinds and sections."""

LABEL = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""Audiences, epochs, nonces and other random ids."""

THUMBPRINT = re.compile(r"[A-Za-z0-9_-]{43}")
HEX = re.compile(r"[0-9a-f]{64}")
_UID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_YEAR_3000 = 32503680000  # far enough, and no sum of an instant and a lease overflows
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


class Fields:
    """One JSON object being read; `what` names it in the errors. Members not asked for are left alone."""

    __slots__ = ("_given", "_what")

    def __init__(self, given: Any, what: str) -> None:
        if type(given) is not dict:
            raise EnvelopeError(f"{what} is no JSON object.")
        self._given: dict[str, Any] = given
        self._what = what

    def has(self, name: str) -> bool:
        """Return whether the member is there and not null."""
        return self._given.get(name) is not None

    def text(self, name: str, shape: re.Pattern[str] | None = None, *, most: int = 300) -> str:
        """Return a text of 1 to `most` characters that fits the shape as a whole."""
        value = self._given.get(name)
        if type(value) is not str or not 0 < len(value) <= most or (shape and not shape.fullmatch(value)):
            raise self._wrong(name, value)
        return value

    def words(self, name: str, *, most: int) -> str:
        """Return a text of at most `most` characters, '' when the member is not there."""
        return self.text(name, most=most) if self._given.get(name, "") != "" else ""

    def whole(self, name: str, *, least: int = 0, most: int = MOST) -> int:
        """Return a whole number from `least` to `most`; no flag counts as one."""
        value = self._given.get(name)
        if type(value) is not int or not least <= value <= most:
            raise self._wrong(name, value)
        return value

    def flag(self, name: str) -> bool:
        """Return true or false."""
        value = self._given.get(name)
        if type(value) is not bool:
            raise self._wrong(name, value)
        return value

    def choice(self, name: str, allowed: Iterable[str]) -> str:
        """Return one of the allowed texts."""
        value = self._given.get(name)
        if value not in tuple(allowed):
            raise self._wrong(name, value)
        return str(value)

    def seconds(self, name: str) -> datetime:
        """Return an instant written as whole seconds since 1970 (NumericDate, RFC 7519 section 2)."""
        return datetime.fromtimestamp(self.whole(name, most=_YEAR_3000), UTC)

    def url(self, name: str) -> str:
        """Return an http or https address in the spelling that `check_url` asks for."""
        value = self.text(name)
        try:
            return check_url(value)
        except EnvelopeError:
            raise self._wrong(name, value) from None

    def uid(self, name: str) -> UUID:
        """Return a lower-case UUID (RFC 9562)."""
        return UUID(self.text(name, _UID))

    def instant(self, name: str) -> datetime:
        """Return an instant written as `read_instant` reads it."""
        value = self.text(name)
        try:
            return read_instant(value)
        except EnvelopeError:
            raise self._wrong(name, value) from None

    def many(self, name: str, *, most: int) -> list[Any]:
        """Return a list of at most `most` members, empty when it is not there."""
        value = self._given.get(name, [])
        if type(value) is not list or len(value) > most:
            raise self._wrong(name, value)
        return value

    def table(self, name: str, *, most: int) -> dict[str, Any]:
        """Return an object of at most `most` members, empty when it is not there."""
        value = self._given.get(name, {})
        if type(value) is not dict or len(value) > most:
            raise self._wrong(name, value)
        return value

    def _wrong(self, name: str, value: object) -> EnvelopeError:
        shown = "not there" if value is None else f"{value!r:.80}"
        return EnvelopeError(f"{self._what}: “{name}” is missing or of the wrong shape: {shown}.")


def check_url(text: str) -> str:
    """Return an http or https address without user, query, fragment, blanks, capital host or final slash."""
    try:
        parts = urlsplit(text)
        is_good = bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_good = False
    if (
        not is_good
        or not re.fullmatch(r"https?://[a-z0-9.\[\]:_-]+(?:/[!-~]*)?", text)
        or re.search(r"[?#@\\\"<>]|/$", text)
    ):
        raise EnvelopeError(f"{text!r:.120} is no http or https address without query or final slash.")
    return text


def write_seconds(instant: datetime) -> int:
    """Return whole seconds since 1970, rounded down; raises EnvelopeError for an instant without a zone."""
    if instant.tzinfo is None:
        raise EnvelopeError("An instant without a time zone names no moment.")
    return int(instant.timestamp() // 1)


def write_instant(instant: datetime) -> str:
    """Return YYYY-MM-DDTHH:MM:SSZ (RFC 3339, UTC), fractions of a second cut off; raises as write_seconds."""
    if instant.tzinfo is None:
        raise EnvelopeError("An instant without a time zone names no moment.")
    return instant.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def read_instant(text: str) -> datetime:
    """Return the UTC instant of exactly YYYY-MM-DDTHH:MM:SSZ; raises EnvelopeError for anything else."""
    try:
        if _INSTANT.fullmatch(text):
            return datetime.fromisoformat(text)
    except ValueError:
        pass
    raise EnvelopeError(f"{text!r:.40} is no instant such as 2026-11-28T14:03:07Z.")


def check_made(made_at: datetime, now: datetime, what: str, max_age: timedelta | None = None) -> None:
    """Raise OutOfTime for what was made more than 5 minutes ahead of `now`, or more than `max_age` before."""
    if made_at > now + SKEW:
        raise OutOfTime(f"{what} was made at {made_at}, more than 5 minutes ahead of our clock ({now}).")
    if max_age is not None and made_at < now - max_age:
        raise OutOfTime(f"{what} was made at {made_at}, more than {max_age} before our clock ({now}).")
