"""Pure checks of public identifiers and addresses: ROR, ORCID, country, e-mail, URL."""

from __future__ import annotations

import re

_ROR = re.compile(r"0[a-hj-km-np-tv-z0-9]{6}[0-9]{2}")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


def check_ror(text: str) -> str:
    """Return the ROR id as https://ror.org/0...; raise ValueError saying what was expected.

    Source: https://ror.readme.io/docs/ror-identifier-pattern
    """
    tail = text.strip().removeprefix("https://ror.org/").removeprefix("ror.org/").lower()
    if not _ROR.fullmatch(tail):
        raise ValueError("expected a ROR id such as https://ror.org/048a87296")
    return f"https://ror.org/{tail}"


def check_orcid(text: str) -> str:
    """Return the ORCID as 0000-0000-0000-0000; raise ValueError when its check digit is wrong (ISO 7064)."""
    plain = text.strip().removeprefix("https://orcid.org/").replace("-", "").upper()
    if not re.fullmatch(r"\d{15}[\dX]", plain):
        raise ValueError("expected an ORCID such as 0000-0002-1825-0097")
    total = 0
    for digit in plain[:15]:
        total = (total + int(digit)) * 2
    check = (12 - total % 11) % 11
    if plain[15] != ("X" if check == 10 else str(check)):
        raise ValueError("expected an ORCID; the check digit of this one is wrong")
    return "-".join(plain[start : start + 4] for start in range(0, 16, 4))


def check_country(text: str) -> str:
    """Return the ISO 3166-1 alpha-2 code in capitals; raise ValueError for anything else."""
    code = text.strip().upper()
    if not re.fullmatch(r"[A-Z]{2}", code):
        raise ValueError("expected a country of two letters such as SE, NL or DE")
    return code


def check_mail(text: str) -> str:
    """Return the e-mail address; raise ValueError when it is none."""
    if not _MAIL.fullmatch(text.strip()):
        raise ValueError("expected an e-mail address such as facility@institute.org")
    return text.strip()


def check_url(text: str) -> str:
    """Return the http or https address; raise ValueError for any other."""
    if not re.fullmatch(r"https?://[^\s/$.?#][^\s]*", text.strip(), re.IGNORECASE):
        raise ValueError("expected an address that starts with https:// or http://")
    return text.strip()
