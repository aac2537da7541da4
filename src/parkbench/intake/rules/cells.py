"""Reading cells: from what stands in a row to plain values, and what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from parkbench.intake.rules.fields import FieldSpec, Values
from parkbench.intake.rules.keys import is_placeholder
from parkbench.intake.rules.names import fold
from parkbench.lib.dates import date_order, parse_date, parse_year
from parkbench.lib.errors import Invalid, Problem
from parkbench.lib.money import minor_digits, minor_from_decimal, parse_money
from parkbench.lib.numbers import decimal_style, parse_number

Cell = str | int | float | bool | date | datetime | time | timedelta | None
Read = Callable[[Cell], Any]

MEMORY = 20_000
"""Distinct cells remembered per column, so that a long column of few words is read once."""

_YES = frozenset(
    {"yes", "y", "true", "1", "x", "ja", "j", "sant", "wahr", "oui", "si", "sí", "kyllä", "✓", "✔"}
)
_NO = frozenset({"no", "n", "false", "0", "nej", "nein", "nee", "falsch", "falskt", "non", "ei"})
_PLAIN_NUMBER = re.compile(r"[\d.,' \u00a0\u202f-]+")
_SIMPLE = re.compile(r"(\d{1,12})(?:([.,])(\d{1,2}))?", re.ASCII)
_WORD = re.compile(r"[A-Za-z]+|[€£$¥]")
_MINUTE_WORDS = frozenset({"min", "mins", "minutes", "minuten", "minuter", "minute", "minuut"})
_DAY_WORDS = frozenset({"days", "day", "tage", "tag", "dagar", "dag", "dagen", "jours", "d"})
_CLOCK = re.compile(r"(\d{1,5}):([0-5]\d)(?::[0-5]\d)?")
_SHARED = frozenset({"kr", "$", "kronor", "kroner", "tkr", "mkr", "mnkr"})


@dataclass(frozen=True, slots=True)
class Hint:
    """How the numbers and dates of a column are written: decimal mark, order of a date, currency, factor."""

    decimal: str = ""
    order: str = ""
    currency: str = ""
    factor: int = 1


def text_of(cell: Cell) -> str:
    """Return a cell as text: whole numbers without a point, dates as ISO."""
    if cell.__class__ is str:
        return str(cell).replace("\0", "").strip()
    if cell is None:
        return ""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 10**15 else repr(cell)
    if isinstance(cell, datetime):
        is_midnight = cell.hour == cell.minute == cell.second == 0
        return cell.date().isoformat() if is_midnight else cell.isoformat(sep=" ", timespec="minutes")
    return cell.isoformat() if isinstance(cell, date | time) else str(cell).strip()


def hours_of(minutes: int) -> str:
    """Return minutes as hours with at most one decimal."""
    return f"{minutes / 60:.1f}".removesuffix(".0")


def column_hint(spec: FieldSpec, heading: str, cells: Iterable[Cell], default_currency: str) -> Hint:
    """Return how a column is written, from its heading ("Price (kSEK)") and a sample of its cells."""
    sample = [cell for cell in cells if isinstance(cell, str) and cell]
    if spec.sort == "date":
        return Hint(order=date_order(sample) or "")
    decimal = decimal_style(sample) or ""
    if spec.sort == "hours":
        return Hint(decimal=decimal, factor=_minutes_of(heading))
    if spec.sort != "money":
        return Hint(decimal=decimal)
    currency, factor = _currency_of(heading, default_currency)
    return Hint(decimal=decimal, currency=currency, factor=factor)


def _minutes_of(heading: str) -> int:
    """Return how many minutes one unit of a column of times is: an hour, unless its heading says else."""
    words = {word.casefold() for word in re.findall(r"[^\W\d_]+", heading)}
    if words & _MINUTE_WORDS:
        return 1
    return 24 * 60 if words & _DAY_WORDS else 60


def _currency_of(heading: str, default_currency: str) -> tuple[str, int]:
    """Return the currency and factor that a heading names, such as kSEK, T€ or USD; ('', 1) when none."""
    for word in _WORD.findall(heading):
        is_shared = word.lower() in _SHARED
        if not (is_shared or word in "€£$¥" or (len(word) > 2 and word[-3:].isupper())):
            continue
        try:
            money = parse_money(f"1 {word}", default_currency=default_currency if is_shared else None)
        except Invalid:
            continue
        return money.currency, money.amount_minor // 10 ** minor_digits(money.currency)
    return "", 1


class Reader:
    """Reads the mapped cells of one field; what a cell means is remembered per distinct cell.

    Raises Invalid from ``read`` with what was expected.
    """

    def __init__(
        self,
        spec: FieldSpec,
        hint: Hint,
        default_currency: str = "",
        *,
        told_currency: str = "",
        is_currency: bool = False,
    ) -> None:
        self.spec = spec
        self.hint = hint
        self.default_currency = default_currency
        self.told_currency = told_currency
        self._read: Read = self._currency if is_currency else getattr(self, f"_{spec.sort}")
        self.memory: dict[Any, Any] = {}
        # A placeholder stands for nothing everywhere but in optional free text.
        self._is_silent = spec.sort not in ("text", "boolean") or spec.required or spec.is_key > 0
        self._is_plain = spec.sort == "text" and not self._is_silent and not is_currency
        words = {fold(word): value for value, said in spec.choices.items() for word in (value, *said)}
        self._words = {**{word.replace("-", " "): value for word, value in words.items()}, **words}

    def read(self, cell: Cell) -> Any:
        """Return the value of a cell, None for an empty one; for money a pair (minor units, currency)."""
        if cell == "" or cell is None:
            return None
        is_text = cell.__class__ is str
        if is_text and self._is_plain:
            return text_of(cell) or None
        # 1, 1.0 and True are the same key of a dict, and not the same cell.
        marked = cell if is_text else (cell.__class__, cell)
        memory = self.memory
        if marked in memory:
            value = memory[marked]
        else:
            value = self._fresh(cell)
            if len(memory) < MEMORY:
                memory[marked] = value
        if value.__class__ is Problem:
            raise Invalid(value)
        return value.copy() if value.__class__ is list else value

    def _fresh(self, cell: Cell) -> Any:
        text = text_of(cell)
        if not text or (self._is_silent and is_placeholder(text) and text not in self._words):
            return None
        try:
            return self._read(cell)
        except Invalid as error:
            problem = error.problems[0]
            return Problem(self.spec.name, text_of(cell), problem.expected)

    def _refuse(self, cell: Cell, expected: str) -> Invalid:
        return Invalid(Problem(self.spec.name, text_of(cell), expected))

    def _text(self, cell: Cell) -> str:
        return text_of(cell)

    _record = _text

    def _whole(self, cell: Cell) -> int:
        number = self._number(cell)
        if number != number.to_integral_value():
            raise self._refuse(cell, "a whole number")
        return int(number)

    def _number(self, cell: Cell) -> Decimal:
        if not isinstance(cell, str | int | float):
            raise self._refuse(cell, "a number")
        return parse_number(cell, decimal=self.hint.decimal or None)  # type: ignore[arg-type]

    def _percent(self, cell: Cell) -> int:
        is_share = isinstance(cell, float) and abs(cell) <= 1
        plain = cell.replace("%", "").strip() if isinstance(cell, str) else cell
        hundredths = self._number(plain) * (10_000 if is_share else 100)
        if hundredths != hundredths.to_integral_value() or not 0 <= hundredths <= 100_000:
            raise self._refuse(cell, "a percentage such as 25 or 12.5 %")
        return int(hundredths)

    def _hours(self, cell: Cell) -> int:
        """Return whole minutes: 12.5 or 12,5 hours, 12:30, or minutes and days where the heading says so."""
        if isinstance(cell, timedelta):
            return round(cell.total_seconds() / 60)
        text = text_of(cell)
        if found := _CLOCK.fullmatch(text):
            return int(found[1]) * 60 + int(found[2])
        plain = re.sub(
            r"\s*(?:h|hrs?|hours?|std\.?|stunden|tim(?:mar)?\.?|uur)$", "", text, flags=re.IGNORECASE
        )
        minutes = self._number(cell if isinstance(cell, int | float) else plain) * (self.hint.factor or 60)
        if minutes < 0:
            raise self._refuse(cell, "hours that are not negative")
        return int(minutes.to_integral_value())

    def _money(self, cell: Cell) -> tuple[int, str]:
        """Return minor units and the currency the cell or its heading names ('' when neither does)."""
        if isinstance(cell, bool) or not isinstance(cell, str | int | float):
            raise self._refuse(cell, "an amount such as 12 500 EUR")
        if cell.__class__ is str and (found := _SIMPLE.fullmatch(str(cell))):
            whole, mark, cents = found.groups()
            if not mark or mark == self.hint.decimal:
                return self._simple(int(whole), cents or "")
        decimal: Any = self.hint.decimal or None
        if isinstance(cell, str) and not _PLAIN_NUMBER.fullmatch(cell.strip()):
            # What was said once for all rows tells whose krona or dollar a sign means.
            whose = self.hint.currency or self.told_currency or self.default_currency
            money = parse_money(cell, default_currency=whose, decimal=decimal)
            return money.amount_minor, money.currency
        money = parse_money(cell, default_currency=self._likely, decimal=decimal)
        if self.hint.factor != 1:
            amount = parse_number(cell, decimal=decimal) * self.hint.factor
            return minor_from_decimal(amount, self._likely, is_rounded=True), self._likely
        return money.amount_minor, money.currency if self.hint.currency else ""

    def _simple(self, whole: int, cents: str) -> tuple[int, str]:
        """Nine amounts in ten: digits, and at most two behind the column's decimal mark."""
        scale = 10 ** minor_digits(self._likely)
        minor = (whole * 100 + int(cents.ljust(2, "0"))) * scale * self.hint.factor
        rounded = (minor + 50) // 100
        return rounded, self._likely if self.hint.currency or self.hint.factor != 1 else ""

    @property
    def _likely(self) -> str:
        return self.hint.currency or self.default_currency

    def _currency(self, cell: Cell) -> str:
        return parse_money(f"1 {text_of(cell)}", default_currency=self.default_currency or None).currency

    def _date(self, cell: Cell) -> str:
        order: Any = self.hint.order or None
        if isinstance(cell, time | timedelta):
            raise self._refuse(cell, "a date such as 2019-03-31")
        return parse_date(cell, order=order).isoformat()

    def _year(self, cell: Cell) -> int:
        return parse_year(cell)

    def _choice(self, cell: Cell) -> str:
        text = fold(text_of(cell))
        value = self._words.get(text) or self._words.get(text.replace("-", " ").rstrip("."))
        if value is None:
            raise self._refuse(cell, f"one of: {', '.join(self.spec.choices)}")
        return value

    def _list(self, cell: Cell) -> list[str]:
        text = text_of(cell)
        marks = r"[;|\n]" if re.search(r"[;|\n]", text) else r","
        return list(dict.fromkeys(part.strip() for part in re.split(marks, text) if part.strip()))

    def _boolean(self, cell: Cell) -> bool:
        text = fold(text_of(cell))
        if text in _YES or text in _NO:
            return text in _YES
        raise self._refuse(cell, "yes or no")


def settle_currencies(moneys: Sequence[FieldSpec], values: Values, fallback: str) -> list[Problem]:
    """Turn (minor units, currency) pairs into amounts beside their currency field; return what is wrong.

    ``moneys`` are the money fields the file says anything about. A currency that the amount names wins over
    its field, that over ``fallback``, in which amounts without one were read. Where there is no amount, the
    currency says "empty".
    """
    problems: list[Problem] = []
    chosen: dict[str, str | None] = {}
    for spec in moneys:
        pair = values.get(spec.name)
        if pair is None:
            chosen.setdefault(spec.currency, None)
            continue
        minor, said = pair
        told = values.get(spec.currency)
        code = said or told or fallback
        values[spec.name] = minor if said else _rescaled(minor, fallback, code)
        other = chosen.get(spec.currency) or told
        if other and other != code:
            problems.append(Problem(spec.name, code, f"one currency: the row says {other} too"))
        chosen[spec.currency] = code
    values.update(chosen)
    return problems


def _rescaled(minor: int, read_as: str, meant: str) -> int:
    digits = minor_digits(meant) - minor_digits(read_as)
    return minor if not digits else int(Decimal(minor).scaleb(digits).to_integral_value())
