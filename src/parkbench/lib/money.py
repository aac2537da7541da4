"""Money: whole minor units (cents, öre) and an ISO 4217 code, read from what people write."""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from parkbench.lib.errors import Invalid, Problem
from parkbench.lib.numbers import DecimalMark, normal_text, parse_number

# Source: ISO 4217 list one (active codes), minor units per code; two digits unless named below.
_TWO_DIGITS = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE
CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD
HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK
MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD
RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH
USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG
"""
_NO_DIGITS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE_DIGITS = "BHD IQD JOD KWD LYD OMR TND"
_FOUR_DIGITS = "CLF UYW"
# Withdrawn codes that old purchases are still written in.
_HISTORIC_TWO_DIGITS = "ANG ATS BGN CUC CYP DEM EEK FIM FRF HRK IEP LTL LVL MTL NLG SIT SKK SLL ZWL"
_HISTORIC_NO_DIGITS = "BEF ESP GRD ITL LUF PTE"

MINOR_DIGITS: dict[str, int] = {
    code: digits
    for codes, digits in (
        (_TWO_DIGITS, 2),
        (_NO_DIGITS, 0),
        (_THREE_DIGITS, 3),
        (_FOUR_DIGITS, 4),
        (_HISTORIC_TWO_DIGITS, 2),
        (_HISTORIC_NO_DIGITS, 0),
    )
    for code in codes.split()
}
"""Digits of the minor unit per ISO 4217 code."""

HISTORIC = frozenset((_HISTORIC_TWO_DIGITS + " " + _HISTORIC_NO_DIGITS).split())
ACTIVE = tuple(sorted(code for code in MINOR_DIGITS if code not in HISTORIC))
"""Codes to offer in forms, in alphabetical order."""

LARGEST_MINOR = 2**63 - 1
_NO_BREAK = "\u00a0"

_SIGNS: dict[str, str] = {
    "€": "EUR", "euro": "EUR", "euros": "EUR", "£": "GBP", "₹": "INR", "₩": "KRW", "₪": "ILS", "₺": "TRY",
    "₴": "UAH", "₽": "RUB", "zł": "PLN", "zl": "PLN", "kč": "CZK", "kc": "CZK", "ft": "HUF", "lei": "RON",
    "us$": "USD", "usd$": "USD", "ca$": "CAD", "c$": "CAD", "cad$": "CAD", "a$": "AUD", "au$": "AUD",
    "nz$": "NZD", "hk$": "HKD", "s$": "SGD", "nt$": "TWD", "r$": "BRL", "fr.": "CHF", "fr": "CHF",
    "sfr": "CHF", "sfr.": "CHF", "dm": "DEM", "rmb": "CNY", "skr": "SEK", "nkr": "NOK", "dkr": "DKK",
    "ikr": "ISK",
}  # fmt: skip
_SHARED_SIGNS: dict[str, tuple[str, ...]] = {
    "kr": ("SEK", "NOK", "DKK", "ISK"),
    "kr.": ("DKK", "SEK", "NOK", "ISK"),
    "kronor": ("SEK",),
    "kroner": ("NOK", "DKK"),
    "$": ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD", "MXN", "ARS", "CLP", "COP"),
    "dollar": ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD"),
    "dollars": ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD"),
    "¥": ("JPY", "CNY"),
}
_FACTORS: dict[str, int] = {
    "k": 10**3, "tsd": 10**3, "tsd.": 10**3, "thousand": 10**3, "tusen": 10**3,
    "duizend": 10**3, "t": 10**3, "m": 10**6, "mn": 10**6, "mln": 10**6, "mln.": 10**6, "mio": 10**6,
    "mio.": 10**6, "million": 10**6, "millions": 10**6, "miljon": 10**6, "miljoner": 10**6, "miljoen": 10**6,
    "millionen": 10**6, "bn": 10**9, "mrd": 10**9, "mrd.": 10**9, "md": 10**9, "mdr": 10**9,
    "billion": 10**9, "miljard": 10**9,
}  # fmt: skip
# A lone T may stand for thousand or for trillion: it is read only when fused with a currency (TEUR, T€, tkr).
_ONLY_FUSED = frozenset({"t"})
# Longest first: mnkr is a million kronor, not a thousandth of anything Norwegian.
_FUSED = ("tsd.", "mio.", "mrd.", "tsd", "mio", "mln", "mdr", "mrd", "mn", "md", "bn", "k", "t", "m")
_PHRASES = {
    r"svenska kronor": "SEK",
    r"norske kroner": "NOK",
    r"danske kroner": "DKK",
    r"schweizer franken": "CHF",
    r"swiss francs?": "CHF",
    r"us dollars?": "USD",
}
_TRAILING_NOTHING = re.compile(r"(?<=\d)\s*[.,:][-–—]+(?=\s|\)|$)")
_EXPECTED = "an amount with its currency, such as 12 500 EUR, 450 kEUR or 1.2 MSEK"
_ROUGHLY = frozenset(
    {"ca", "ca.", "c:a", "cirka", "circa", "ungefär", "etwa", "about", "approx", "approx.", "~"}
)
_BARE = re.compile(r"[-+]?[\d., ']+")
_DIGIT = re.compile(r"\d")
_NUMBER = re.compile(r"\d[\d., ']*|[.,]\d+")


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in whole minor units of one ISO 4217 currency."""

    amount_minor: int
    currency: str

    def __str__(self) -> str:
        return format_money(self.amount_minor, self.currency)


def minor_digits(currency: str) -> int:
    """Return how many digits the minor unit has; raise Invalid for a code that ISO 4217 does not know."""
    try:
        return MINOR_DIGITS[currency]
    except KeyError as error:
        raise Invalid(Problem("currency", currency, "an ISO 4217 code such as EUR, SEK or CHF")) from error


def check_currency(code: str) -> str:
    """Return the code in capitals; raise ValueError when ISO 4217 does not know it."""
    upper = code.strip().upper()
    if upper not in MINOR_DIGITS:
        raise ValueError("expected an ISO 4217 code such as EUR, SEK or CHF")
    return upper


def minor_from_decimal(amount: Decimal, currency: str, *, is_rounded: bool = False) -> int:
    """Return the amount in whole minor units; raise Invalid when it is not whole, unless `is_rounded`.

    Rounding is half up, away from zero. Raises Invalid too for amounts beyond a 64-bit integer.
    """
    digits = minor_digits(currency)
    if not amount.is_finite() or amount.adjusted() > 19:
        raise Invalid(Problem("amount", amount, "a smaller amount"))
    scaled = amount.scaleb(digits)
    whole = scaled.to_integral_value(ROUND_HALF_UP)
    if whole != scaled and not is_rounded:
        raise Invalid(Problem("amount", amount, f"at most {digits} decimals for {currency}"))
    if abs(whole) > LARGEST_MINOR:
        raise Invalid(Problem("amount", amount, "a smaller amount"))
    return int(whole)


def plain_decimal(minor: int, currency: str) -> str:
    """Return the exact amount for exports: a point, no grouping, always all digits of the minor unit."""
    digits = minor_digits(currency)
    sign, size = ("-" if minor < 0 else ""), str(abs(minor)).rjust(digits + 1, "0")
    return f"{sign}{size[:-digits]}.{size[-digits:]}" if digits else f"{sign}{size}"


def format_money(minor: int, currency: str) -> str:
    """Return the amount for people, such as SEK 1 200 000: no-break spaces, cents only when there are any."""
    whole, _, fraction = plain_decimal(abs(minor), currency).partition(".")
    grouped = f"{int(whole):,}".replace(",", _NO_BREAK)
    cents = f".{fraction}" if fraction.strip("0") else ""
    return f"{currency}{_NO_BREAK}{'−' if minor < 0 else ''}{grouped}{cents}"


def parse_money(
    text: str | int | float | Decimal,
    *,
    default_currency: str | None = None,
    decimal: DecimalMark | None = None,
    field: str = "amount",
) -> Money:
    """Return the money that a cell states, rounded half up to the minor unit.

    A currency in the text wins over `default_currency`, which also tells whose krona or dollar a sign means.
    `decimal` is the mark known from the whole column. Raises Invalid when the text is no amount, names no
    currency and there is no default, or could be read in two ways and nothing tells which.
    """
    try:
        number, words = _number_and_words(text) if isinstance(text, str) else (text, "")
        currency, factor = _currency_and_factor(words, default_currency)
        if isinstance(number, str) and number.isascii() and number.isdigit() and len(number) <= 12:
            # Nine cells in ten: plain digits need no Decimal.
            return Money(int(number) * factor * 10 ** minor_digits(currency), currency)
        amount = parse_number(number, decimal=decimal) * factor
        return Money(minor_from_decimal(amount, currency, is_rounded=True), currency)
    except Invalid as error:
        # The report shows the cell as it stands in the sheet, not the part of it that failed.
        raise Invalid(Problem(field, text, error.problems[0].expected)) from error


def _number_and_words(text: str) -> tuple[str, str]:
    """Return the number as written, with its sign, and the words around it."""
    if _BARE.fullmatch(text):
        return text, ""
    plain = _TRAILING_NOTHING.sub("", normal_text(text))
    is_negative = plain.startswith("(") and plain.endswith(")")
    plain = plain[1:-1] if is_negative else plain
    found = _NUMBER.search(plain)
    if found is None:
        raise _no_amount(text)
    number = found.group().rstrip(" ,.'")
    before, after = plain[: found.start()].strip(), plain[found.start() + len(number) :].strip(" ,")
    if _DIGIT.search(before + after):
        raise _no_amount(text)
    if before.endswith("(") and after.startswith(")"):
        before, after, is_negative = before[:-1], after[1:], True
    if not is_negative and "-" in (before[:1], before[-1:]):
        # The sign may stand before or after the currency: -€ 500, € -500.
        before, is_negative = before.strip(" -"), True
    return f"{'-' if is_negative else ''}{number}", f"{before} {after}".strip(" +")


def _no_amount(text: str) -> Invalid:
    return Invalid(Problem("amount", text, _EXPECTED))


@lru_cache(maxsize=1024)
def _currency_and_factor(words: str, default: str | None) -> tuple[str, int]:
    code: str | None = None
    factor = 1
    for phrase, meant in _PHRASES.items():
        words = re.sub(phrase, meant, words, flags=re.IGNORECASE)
    for word in words.split():
        found, times = _read_word(word, default)
        if (found and code and found != code) or (times > 1 and factor > 1):
            raise _no_amount(words)
        code, factor = found or code, factor * times
    code = code or default
    if code is None:
        raise Invalid(Problem("amount", words, "an amount with a currency, such as 12 500 EUR"))
    minor_digits(code)
    return code, factor


def _read_word(word: str, default: str | None) -> tuple[str | None, int]:
    """Return the currency and the factor of one word, each if it names one."""
    low = word.lower()
    if low in _ROUGHLY:
        raise Invalid(Problem("amount", word, f"an amount without “{word}”, such as 9 MSEK"))
    if low in _FACTORS and low not in _ONLY_FUSED:
        return None, _FACTORS[low]
    code = _code(word, default)
    if code is not None:
        return code, 1
    for multiple in _FUSED:
        # Both orders are common: kEUR, M€, tkr, and €k, EURm.
        for rest in (low.removeprefix(multiple), low.removesuffix(multiple)):
            code = _code(rest, default) if rest != low else None
            if code is not None:
                return code, _FACTORS[multiple]
    raise _no_amount(word)


def _code(word: str, default: str | None) -> str | None:
    word = word if word.lower() in _SIGNS else word.rstrip(".")
    if word.upper() in MINOR_DIGITS:
        return word.upper()
    if word.lower() in _SHARED_SIGNS:
        return _shared(word.lower(), default)
    return _SIGNS.get(word.lower())


def _shared(sign: str, default: str | None) -> str:
    """Return whose krona or dollar it is: the default's if it is one of them, the only one, or refuse."""
    codes = _SHARED_SIGNS[sign]
    if default is not None and default in codes:
        return default
    if len(codes) == 1:
        return codes[0]
    raise Invalid(Problem("amount", sign, f"the currency by its code: {', '.join(codes)}"))
