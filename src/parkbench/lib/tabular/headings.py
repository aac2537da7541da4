"""How the headings of columns are compared."""

import re
import unicodedata

_BREAKS = re.compile(r"[\W_]+")


def fold_heading(text: str) -> str:
    """Return a column heading as it is compared: also without accents, marks and what stands in brackets."""
    plain = re.sub(r"\([^)]*\)|\[[^\]]*\]", " ", text) if not text.startswith(("(", "[")) else text
    plain = unicodedata.normalize("NFKD", plain.casefold().replace("ß", "ss"))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return _BREAKS.sub(" ", plain).strip()
