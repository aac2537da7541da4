"""Pure rules of importing: folding, keys, guesses, reading a cell, comparing three ways."""

from __future__ import annotations

NEW = "new:"
"""Begins the value of a record field whose record is made on accept; the name follows."""


def fold(text: str) -> str:
    """Return a name as it is compared: spaces tidied, capitals and widths ignored."""
    return " ".join(text.split()).casefold()


def name_to_make(value: object) -> str:
    """Return the name of the record that this value asks to make, or ''."""
    return value[len(NEW) :] if isinstance(value, str) and value.startswith(NEW) else ""
