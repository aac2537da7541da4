"""Keeping text that looks like a formula from being run by a spreadsheet (OWASP, CSV injection)."""

import re

# OWASP names = + - @ tab CR; some programs also run LF, the full-width forms and any of them behind spaces.
_RISKY = re.compile(r"'*(?:[\t\r\n]|[\s\ufeff\u200b]*[=+\-@＝＋－＠])")


def escape(text: str) -> str:
    """Return the text with an apostrophe before it if a spreadsheet could run it; `unescape` undoes it."""
    return f"'{text}" if _RISKY.match(text) else text


def unescape(text: str) -> str:
    """Return the text that `escape` was given; every other text is returned as it stands."""
    return text[1:] if text[:1] == "'" and _RISKY.match(text) else text
