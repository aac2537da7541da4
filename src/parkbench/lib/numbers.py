"""Numbers as people write them: decimal comma or point, grouped by space, point, comma or apostrophe."""

import math
import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from typing import Literal

from parkbench.lib.errors import Invalid, Problem

DecimalMark = Literal[",", "."]
LARGEST = 10**15
"""No count, price or measure of a machine park is larger; a larger one is a slip of the pen."""

_TRAILING_NOTHING = re.compile(r"(?<=\d)\s*[.,:][-–—]+$")
_GROUPED_BY_SPACE = re.compile(r"\d{1,3}(?: \d{3})+(?:[.,]\d+)?")
_GROUPED_BY_MARK = re.compile(r"\d{1,3}(?:(?:\.\d{3})+|(?:,\d{3})+)")
_SHAPE = re.compile(r"(\d[\d.,]*|[.,]\d+)")
_EXPONENT = re.compile(r"[+-]?\d+(?:\.\d+)?[eE][+-]?\d{1,3}")
_EXPECTED = "a number such as 1200, 1 200.50 or 1.200,50"
_EXPECTED_FINITE = "a number between -1 000 000 000 000 000 and 1 000 000 000 000 000"


def normal_text(text: str) -> str:
    """Return the text with full-width digits, odd spaces, apostrophes and minus signs made plain."""
    if text.isascii():
        return " ".join(text.replace("`", "'").split())
    plain = unicodedata.normalize("NFKC", text)
    for odd, common in (("\u2212", "-"), ("\u2019", "'"), ("\u02bc", "'"), ("`", "'"), ("\u00b4", "'")):
        plain = plain.replace(odd, common)
    return " ".join(plain.split())


def parse_number(
    value: str | int | float | Decimal, *, decimal: DecimalMark | None = None, field: str = "number"
) -> Decimal:
    """Return the exact number that a cell or text states.

    `decimal` is the mark known from the whole column (`decimal_style`). Raises Invalid when the text is no
    number, is not finite, exceeds `LARGEST`, or could be read in two ways and nothing tells which.
    """
    if isinstance(value, bool):
        raise Invalid(Problem(field, value, _EXPECTED))
    if isinstance(value, str):
        if value.isascii() and value.isdigit() and len(value) <= 15:
            return Decimal(value)
        return _within(_from_text(value, decimal, field), value, field)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise Invalid(Problem(field, value, _EXPECTED_FINITE))
        return _within(Decimal(repr(value)), value, field)
    return _within(Decimal(value), value, field)


def _within(number: Decimal, value: object, field: str) -> Decimal:
    if not number.is_finite() or abs(number) > LARGEST:
        raise Invalid(Problem(field, value, _EXPECTED_FINITE))
    return number


def _from_text(text: str, decimal: DecimalMark | None, field: str) -> Decimal:
    plain = normal_text(text)
    is_negative = plain.startswith("(") and plain.endswith(")")
    if is_negative:
        plain = plain[1:-1].strip()
    plain = _TRAILING_NOTHING.sub("", plain)
    if _EXPONENT.fullmatch(plain):
        number = Decimal(plain)
    else:
        number = Decimal(_one_spelling(plain, decimal, text, field))
    if is_negative and number < 0:
        raise Invalid(Problem(field, text, _EXPECTED))
    return -number if is_negative else number


def _one_spelling(plain: str, decimal: DecimalMark | None, text: str, field: str) -> str:
    """Return sign and digits with at most one point, as Decimal reads them."""
    sign = "-" if plain.startswith("-") else ""
    body = plain[1:].strip() if plain[:1] in ("+", "-") else plain
    spaced = body.replace("'", " ")
    is_grouped = " " in spaced
    if is_grouped and not _GROUPED_BY_SPACE.fullmatch(spaced):
        raise Invalid(Problem(field, text, _EXPECTED))
    bare = spaced.replace(" ", "")
    if not _SHAPE.fullmatch(bare):
        raise Invalid(Problem(field, text, _EXPECTED))
    mark = _decimal_mark(bare, decimal, is_grouped=is_grouped)
    if mark == "?":
        expected = f"a number that can be read in one way only (is {bare} a fraction or are these thousands?)"
        raise Invalid(Problem(field, text, expected))
    whole, _, fraction = bare.rpartition(mark) if mark else (bare, "", "")
    if mark is None or not _is_whole(whole) or not fraction.isdigit():
        if mark is not None or not _is_whole(bare):
            raise Invalid(Problem(field, text, _expected_with(decimal)))
        return sign + re.sub(r"[.,]", "", bare)
    return f"{sign}{re.sub(r'[.,]', '', whole) or '0'}.{fraction}"


def _expected_with(decimal: DecimalMark | None) -> str:
    if decimal is None:
        return _EXPECTED
    name = "comma" if decimal == "," else "point"
    return f"a number with a decimal {name}, as in the rest of the column"


def _is_whole(digits: str) -> bool:
    """Tell whether these are digits, plain or grouped by threes with one kind of mark."""
    return (
        digits == "" or digits.isdigit() or bool(re.fullmatch(r"\d{1,3}(?:(?:\.\d{3})+|(?:,\d{3})+)", digits))
    )


def _decimal_mark(bare: str, decimal: DecimalMark | None, *, is_grouped: bool) -> str | None:
    """Return the decimal mark of a text, None for a whole number, `?` when it may be either."""
    points, commas = bare.count("."), bare.count(",")
    if points and commas:
        last = "." if bare.rfind(".") > bare.rfind(",") else ","
        return last if decimal in (None, last) else decimal
    if points + commas != 1:
        return decimal if decimal and decimal in bare else None
    mark = "." if points else ","
    if is_grouped or decimal == mark:
        return mark
    whole, _, fraction = bare.partition(mark)
    could_be_group = len(fraction) == 3 and 1 <= len(whole) <= 3 and not whole.startswith("0")
    if decimal is not None:
        return None
    return "?" if could_be_group else mark


def decimal_style(values: Iterable[object]) -> DecimalMark | None:
    """Return the decimal mark that a sample of a column proves, or None when nothing or both are proven."""
    votes: dict[str, int] = {",": 0, ".": 0}
    for value in values:
        if isinstance(value, str):
            mark = _proven_mark(value)
            if mark is not None:
                votes[mark] += 1
    if votes[","] and votes["."]:
        # One slip in a long column does not make the column ambiguous; an even split does.
        few, many = sorted(votes.values())
        if few * 10 > many:
            return None
    if votes[","] == votes["."]:
        return None
    return "," if votes[","] > votes["."] else "."


def _proven_mark(text: str) -> DecimalMark | None:
    found = re.search(r"\d[\d.,' ]*", normal_text(text))
    if found is None:
        return None
    written = found.group().rstrip(" .,'")
    is_grouped = bool(re.search(r"\d[ ']\d{3}", written))
    bare = re.sub(r"[ ']", "", written)
    points, commas = bare.count("."), bare.count(",")
    if points and commas:
        return "." if bare.rfind(".") > bare.rfind(",") else ","
    if points + commas == 1:
        mark = _decimal_mark(bare, None, is_grouped=is_grouped)
        return "," if mark == "," else "." if mark == "." else None
    if points + commas > 1:
        # Grouped by this mark, so the other one is the decimal mark.
        return "," if points else "."
    return None
