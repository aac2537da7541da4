"""How names and column headings are compared, and how a name to be made is written."""

from __future__ import annotations

import re
import unicodedata

NEW = "new:"
"""Begins the value of a record field whose record is made on accept; the name follows."""

HEADING_ROW, HEADING_WRONG = "Row", "What is wrong"
"""Columns added to a sheet of refused rows; with the second one, a file is only a part of its source."""

_BREAKS = re.compile(r"[\W_]+")


def fold(text: str) -> str:
    """Return a name as it is compared: spaces tidied, capitals ignored."""
    return " ".join(text.split()).casefold()


def fold_heading(text: str) -> str:
    """Return a column heading as it is compared: also without accents, marks and what stands in brackets."""
    plain = re.sub(r"\([^)]*\)|\[[^\]]*\]", " ", text) if not text.startswith(("(", "[")) else text
    plain = unicodedata.normalize("NFKD", plain.casefold().replace("ß", "ss"))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return _BREAKS.sub(" ", plain).strip()


def name_to_make(value: object) -> str:
    """Return the name of the record that this value asks to make, or ''."""
    return value[len(NEW) :] if isinstance(value, str) and value.startswith(NEW) else ""
