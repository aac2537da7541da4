"""Dates as people write them, in ten languages' month names; the clock of the node."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from parkbench.lib.errors import Invalid, Problem

DateOrder = Literal["DMY", "MDY", "YMD"]
FIRST_YEAR, LAST_YEAR = 1900, 2200

_EXPECTED = "a date such as 2019-03-31 or 31.03.2019"
_EXPECTED_ORDER = "a date that can be read in one way only, such as 2019-04-03 (which part is the month?)"
_EXPECTED_RANGE = f"a date from {FIRST_YEAR} to {LAST_YEAR}"
_EXPECTED_YEAR = f"a year from {FIRST_YEAR} to {LAST_YEAR}, such as 2019"
_EXPECTED_MORE = "a date with day and month, such as 2019-03-31, or at least a month, such as 2019-03"

# English, Swedish, Dutch, German, French, Danish and Norwegian, Finnish, Spanish, Italian; without accents.
_MONTHS: dict[str, int] = {
    name: number
    for number, names in enumerate(
        (
            "january jan januari januar janvier janv tammikuu tammikuuta enero ene gennaio gen",
            "february feb februari februar febr fevrier fevr helmikuu helmikuuta febrero febbraio",
            "march mar mars maart mrt marz maerz mrz marts maaliskuu maaliskuuta marzo",
            "april apr avril avr huhtikuu huhtikuuta abril abr aprile",
            "may maj mei mai toukokuu toukokuuta mayo maggio mag",
            "june jun juni juin kesakuu kesakuuta junio giugno giu",
            "july jul juli juillet juil heinakuu heinakuuta julio luglio lug",
            "august aug augusti augustus aout elokuu elokuuta agosto ago",
            "september sep sept septembre syyskuu syyskuuta septiembre settembre set",
            "october oct okt oktober octobre lokakuu lokakuuta octubre ottobre ott",
            "november nov novembre marraskuu marraskuuta noviembre",
            "december dec dez dezember desember des decembre joulukuu joulukuuta diciembre dic dicembre",
        ),
        start=1,
    )
    for name in names.split()
}

_ISO = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_THREE = re.compile(r"(\d{1,2})\s*([-/. ])\s*(\d{1,2})\s*\2\s*(\d{4}|\d{2})")
_MONTH_YEAR = re.compile(r"(?:(?P<y1>\d{4})[-/.](?P<m1>\d{1,2})|(?P<m2>\d{1,2})[-/.](?P<y2>\d{4}))")
_TIME = re.compile(r"[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:[AaPp]\.?[Mm]\.?)?(?:Z|[+-]\d{2}:?\d{2})?$")
_NAMED = (
    re.compile(r"(?:(?P<day>\d{1,2})(?:st|nd|rd|th|er|:e|\.)?[-\s/]*(?:(?:of|den|de)\s)?\s*)?"
               r"(?P<month>[a-z]+)\.?[-\s/,']*(?:de\s)?(?P<year>\d{4})"),
    re.compile(r"(?P<month>[a-z]+)\.?\s*(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})"),
    re.compile(r"(?P<year>\d{4})[-\s/,.]*(?P<month>[a-z]+)\.?(?:[-\s/,.]*(?P<day>\d{1,2}))?"),
    re.compile(r"(?:(?P<day>\d{1,2})[-/])?(?P<month>[a-z]+)\.?[-/'](?P<year>\d{2})"),
)  # fmt: skip
_SERIAL_START = date(1899, 12, 30)


def utc_now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


def parse_date(
    value: object, *, order: DateOrder | None = None, is_excel_serial: bool = False, field: str = "date"
) -> date:
    """Return the date that a cell states; a month alone is its first day.

    `order` is known from the whole column (`date_order`) and decides 03/04/2019; two-digit years are
    1970 to 2069. `is_excel_serial` reads numbers as days since 1899-12-30. Raises Invalid for a year alone,
    for what is no date, for years outside 1900 to 2200, and for what may be read in two ways.
    """
    if isinstance(value, datetime):
        return _in_range(value.date(), value, field)
    if isinstance(value, date):
        return _in_range(value, value, field)
    if isinstance(value, bool):
        raise Invalid(Problem(field, value, _EXPECTED))
    if isinstance(value, int | float):
        return _from_number(value, is_excel_serial=is_excel_serial, value=value, field=field)
    text = _plain(str(value))
    if is_excel_serial and re.fullmatch(r"\d{1,6}(?:\.\d+)?", text):
        return _from_number(float(text), is_excel_serial=True, value=value, field=field)
    return _from_text(text, order, value, field)


def parse_year(value: object, *, field: str = "year") -> int:
    """Return the year that a cell states, alone or as part of a date; raise Invalid otherwise."""
    if isinstance(value, date):
        return _in_range(value, value, field).year
    text = str(value).strip()
    if isinstance(value, float):
        # A whole float is how some sheets hold a year; a fraction is no year.
        text = str(int(value)) if value.is_integer() else ""
    if re.fullmatch(r"\d{4}", text):
        if FIRST_YEAR <= int(text) <= LAST_YEAR:
            return int(text)
        raise Invalid(Problem(field, value, _EXPECTED_YEAR))
    try:
        # Any order gives the same year.
        return parse_date(text, order="DMY" if date_order([text]) is None else date_order([text])).year
    except Invalid as error:
        raise Invalid(Problem(field, value, _EXPECTED_YEAR)) from error


def date_order(values: Iterable[object]) -> DateOrder | None:
    """Return the order that a sample of a column proves (31/03 is day first), or None."""
    votes: dict[DateOrder, int] = {"DMY": 0, "MDY": 0, "YMD": 0}
    for value in values:
        if isinstance(value, str):
            proven = _proven_order(_plain(value))
            if proven is not None:
                votes[proven] += 1
    (best, most), (_, second), _ = sorted(votes.items(), key=lambda vote: -vote[1])
    # One slip in a long column does not make the column ambiguous; an even split does.
    return best if most and second * 10 <= most else None


def _proven_order(text: str) -> DateOrder | None:
    if _ISO.fullmatch(text):
        return "YMD"
    found = _THREE.fullmatch(text)
    if found is None:
        return None
    first, second = int(found[1]), int(found[3])
    if 12 < first <= 31 and second <= 12:
        return "DMY"
    return "MDY" if first <= 12 < second <= 31 else None


def _plain(text: str) -> str:
    return _TIME.sub("", " ".join(unicodedata.normalize("NFKC", text).split())).strip()


def _from_number(number: float, *, is_excel_serial: bool, value: object, field: str) -> date:
    if is_excel_serial and 61 <= number < 110_000:
        return _in_range(_SERIAL_START + timedelta(days=int(number)), value, field)
    if FIRST_YEAR <= number <= LAST_YEAR and not is_excel_serial:
        raise Invalid(Problem(field, value, _EXPECTED_MORE))
    if 19_000_101 <= number <= 22_001_231 and number == int(number):
        return _from_text(str(int(number)), None, value, field)
    raise Invalid(Problem(field, value, _EXPECTED))


def _from_text(text: str, order: DateOrder | None, value: object, field: str) -> date:
    found = _ISO.fullmatch(text)
    if found:
        return _made(int(found[1]), int(found[3]), int(found[4]), value, field)
    found = _COMPACT.fullmatch(text)
    if found:
        return _made(int(found[1]), int(found[2]), int(found[3]), value, field)
    found = _THREE.fullmatch(text)
    if found:
        return _from_three((found[1], found[3], found[4]), found[2], order, value, field)
    found = _MONTH_YEAR.fullmatch(text)
    if found:
        year, month = int(found["y1"] or found["y2"]), int(found["m1"] or found["m2"])
        return _made(year, month, 1, value, field)
    if re.fullmatch(r"\d{4}", text):
        raise Invalid(Problem(field, value, _EXPECTED_MORE))
    return _from_named(text, value, field)


def _from_three(
    parts: tuple[str, str, str], mark: str, order: DateOrder | None, value: object, field: str
) -> date:
    first, second, third = (int(part) for part in parts)
    if order == "YMD" and len(parts[2]) == 2:
        return _made(_full_year(first), second, third, value, field)
    year = _full_year(third) if len(parts[2]) == 2 else third
    if first > 12 or second > 12 or first == second:
        # Only one order is possible, whatever the rest of the column says.
        day, month = (first, second) if second <= 12 else (second, first)
    elif order == "MDY":
        day, month = second, first
    elif order == "DMY" or mark == ".":
        day, month = first, second
    else:
        raise Invalid(Problem(field, value, _EXPECTED_ORDER))
    return _made(year, month, day, value, field)


def _full_year(two_digits: int) -> int:
    return two_digits + (2000 if two_digits < 70 else 1900)


def _from_named(text: str, value: object, field: str) -> date:
    decomposed = unicodedata.normalize("NFKD", text.lower())
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    for pattern in _NAMED:
        found = pattern.fullmatch(bare)
        if found and found["month"] in _MONTHS:
            year = int(found["year"])
            year = _full_year(year) if len(found["year"]) == 2 else year
            return _made(year, _MONTHS[found["month"]], int(found["day"] or 1), value, field)
    raise Invalid(Problem(field, value, _EXPECTED))


def _made(year: int, month: int, day: int, value: object, field: str) -> date:
    try:
        made = date(year, month, day)
    except ValueError as error:
        raise Invalid(Problem(field, value, _EXPECTED)) from error
    return _in_range(made, value, field)


def _in_range(made: date, value: object, field: str) -> date:
    if not FIRST_YEAR <= made.year <= LAST_YEAR:
        raise Invalid(Problem(field, value, _EXPECTED_RANGE))
    return made
