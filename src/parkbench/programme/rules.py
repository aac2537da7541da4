"""How names of platforms, units and sites are compared."""

from __future__ import annotations

import unicodedata


def fold_name(text: str) -> str:
    """Return the name as it is compared: composed (NFC), spaces collapsed, without difference of case."""
    line = " ".join(unicodedata.normalize("NFC", text).split())
    return unicodedata.normalize("NFC", line.casefold())
