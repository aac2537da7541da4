"""How names are compared, and how a name to be made is written."""

from __future__ import annotations

NEW = "new:"
"""Begins the value of a record field whose record is made on accept; the name follows."""

HEADING_ROW, HEADING_WRONG = "Row", "What is wrong"
"""Columns added to a sheet of refused rows; with the second one, a file is only a part of its source."""


def fold(text: str) -> str:
    """Return a name as it is compared: spaces tidied, capitals ignored."""
    return " ".join(text.split()).casefold()


def name_to_make(value: object) -> str:
    """Return the name of the record that this value asks to make, or ''."""
    return value[len(NEW) :] if isinstance(value, str) and value.startswith(NEW) else ""
