"""What identifies a row within its source."""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import blake2b

from parkbench.intake.rules.names import fold

PLACEHOLDERS = frozenset(
    {
        *("n a", "na", "none", "nil", "null", "unknown", "not known", "not available", "tbd", "tba", "tbc"),
        *("missing", "pending", "no number", "no serial", "see above", "ditto", "dito", "sn", "s n", "nn"),
        *("okänd", "okänt", "saknas", "ingen", "inget", "finns ej", "ej känt", "se ovan", "ukjent", "ukendt"),
        *("unbekannt", "ohne", "keine", "kein", "fehlt", "k a", "siehe oben", "nicht bekannt", "entfällt"),
        *("onbekend", "geen", "nvt", "n v t", "zie boven", "inconnu", "inconnue", "sans", "aucun", "nc"),
        *("desconocido", "sconosciuto", "brak", "unk", "not applicable", "to be determined", "x", "xx"),
    }
)
"""Words that people write where they have nothing to write, folded, marks as spaces."""

_MARKS = re.compile(r"[\W_]+")
_DIGIT = re.compile(r"\d")
_NOTHING = re.compile(r"0*|x*")
LONGEST = 180


def is_placeholder(text: str) -> bool:
    """Tell whether a cell says that there is nothing to say: n/a, -, ?, unknown, tbd, ohne, saknas."""
    if len(text) > 20 or _DIGIT.search(text):
        return False
    plain = _MARKS.sub(" ", text.casefold()).strip()
    return not plain or plain in PLACEHOLDERS


def row_key(parts: Sequence[str]) -> str:
    """Return the key of a row from its key cells, or '' when none of them holds a real key.

    Capitals and spaces do not matter. A key too long to be kept is replaced by its digest.
    """
    real = [
        "" if is_placeholder(part) or _NOTHING.fullmatch(part.casefold()) else fold(part) for part in parts
    ]
    if not any(real):
        return ""
    key = "k:" + "\x1f".join(real).replace("\x1f", " | ")
    if len(key) > LONGEST:
        return f"k#{blake2b(key.encode(), digest_size=16).hexdigest()}"
    return key


def content_key(cells: Sequence[str]) -> str:
    """Return the key of a row without key cells; append ``:n`` for the n-th of equal lines."""
    written = "\x1f".join(cell.strip() for cell in cells)
    return f"c:{blake2b(written.encode(errors='surrogatepass'), digest_size=16).hexdigest()}"
