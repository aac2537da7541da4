"""Guessing how a text file is written: its encoding, separator, quotes; in bytes first, then in lines."""

import codecs
import csv
import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from charset_normalizer import from_bytes

from parkbench.lib.tabular.rows import looks_numeric

SAMPLE = 64 * 1024
_CHUNK = 1024 * 1024
_DELIMITERS = "\t;|,"
"""In the order that wins a tie: a comma also stands in numbers, a tab hardly anywhere."""
_NAMES = {"\t": "tabs", ";": "semicolons", "|": "vertical bars", ",": "commas"}
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CANDIDATES = ("cp1252", "mac_roman", "cp850", "cp1250")
_LETTERS = frozenset("åäöÅÄÖéÉèÈêëüÜßøØæÆñçÇáàâãíìîïóòôõúùûýÿłŁśŚżŻźąęćńšŠčČřŘžŽěďťůőűœ")
_WEST = frozenset("åäöÅÄÖéÉèêëüÜßøØæÆñçáàâíóôú")
_SYMBOLS = frozenset("°µ€£§·–—‘’“”„…«»±²³×®™©½¼¾•\u00a0Ωµ")
_ASCII = bytes(range(128))
# The apostrophe stands first so that the search runs at memory speed; too many hits only cost time.
_ESCAPED = re.compile(rb"'\s*[=+\-@\t\r\n\x80-\xff]")
_UNDEFINED = {
    "cp1252": frozenset({0x81, 0x8D, 0x8F, 0x90, 0x9D}),
    "cp1250": frozenset({0x81, 0x83, 0x88, 0x90, 0x98}),
}


@dataclass(frozen=True, slots=True)
class TextFacts:
    """What one pass over the bytes tells: the encoding, and whether cells may be escaped."""

    encoding: str
    may_be_escaped: bool


@dataclass(frozen=True, slots=True)
class TextDialect:
    """How the lines of a text table are written; `skipped` lines at the top only declare the separator."""

    delimiter: str
    quote: str = '"'
    escape: str | None = None
    has_space_after: bool = False
    skipped: int = 0
    is_single_column: bool = False

    def reader(self, lines: Iterator[str]) -> "Iterator[list[str]]":
        """Return the records of these lines."""
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            quotechar=self.quote,
            escapechar=self.escape,
            skipinitialspace=self.has_space_after,
        )

    def words(self) -> str:
        """Return the dialect in words for the person who imports."""
        said = (
            "one column"
            if self.is_single_column
            else f"separated by {_NAMES.get(self.delimiter, self.delimiter)}"
        )
        return said if self.quote == '"' else f"{said}, texts in {self.quote}"


def text_facts(stream: BinaryIO) -> TextFacts:
    """Return the facts of a whole text file, read once in chunks; the stream is rewound."""
    head = stream.read(4)
    stream.seek(0)
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return TextFacts(encoding, encoding != "utf-8-sig" or _is_escaped_anywhere(stream))
    sample = stream.read(4096)
    stream.seek(0)
    if sample.count(0) > len(sample) // 4:
        is_little = sample[1::2].count(0) > sample[0::2].count(0)
        return TextFacts("utf-16-le" if is_little else "utf-16-be", True)
    facts = _scan(stream)
    stream.seek(0)
    return facts


def _is_escaped_anywhere(stream: BinaryIO) -> bool:
    found = any(_ESCAPED.search(chunk) for chunk in iter(lambda: stream.read(_CHUNK), b""))
    stream.seek(0)
    return found


def _scan(stream: BinaryIO) -> TextFacts:
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_utf8, is_escaped, rest = True, False, b""
    for chunk in iter(lambda: stream.read(_CHUNK), b""):
        is_escaped = is_escaped or bool(_ESCAPED.search(rest + chunk))
        rest = chunk[-8:]
        is_utf8 = is_utf8 and _continues(decoder, chunk)
    if is_utf8 and _continues(decoder, b"", is_final=True):
        return TextFacts("utf-8", is_escaped)
    stream.seek(0)
    return TextFacts(_single_byte_encoding(stream), is_escaped)


def _continues(decoder: codecs.IncrementalDecoder, chunk: bytes, *, is_final: bool = False) -> bool:
    try:
        decoder.decode(chunk, is_final)
    except UnicodeDecodeError:
        return False
    return True


def _single_byte_encoding(stream: BinaryIO) -> str:
    odd = b""
    used: set[int] = set()
    for chunk in iter(lambda: stream.read(_CHUNK), b""):
        used.update(chunk.translate(None, _ASCII))
        if len(odd) < SAMPLE and not chunk.isascii():
            odd += b"\n".join(line for line in chunk.splitlines() if not line.isascii())
    sample = odd[:SAMPLE]
    scores = {encoding: _letter_score(sample, encoding) for encoding in _CANDIDATES}
    best = max(scores, key=lambda encoding: scores[encoding])
    if scores[best] <= 0:
        guess = from_bytes(sample).best()
        best = guess.encoding if guess is not None else "latin-1"
    # A byte that the code page leaves undefined would stop the reading half-way.
    return "latin-1" if best in _UNDEFINED and used & _UNDEFINED[best] else best


def _letter_score(sample: bytes, encoding: str) -> float:
    """Return how much the non-ASCII characters look like letters within words (higher is better)."""
    text = sample.decode(encoding, errors="replace")
    score = 0.0
    for found in re.finditer(r"[^\x00-\x7f]", text):
        letter, place = found.group(), found.start()
        before, after = text[place - 1 : place], text[place + 1 : place + 2]
        is_within = (before.isascii() and before.isalpha()) or (after.isascii() and after.isalpha())
        score += _character_score(letter, before, after, is_within=is_within)
    # Western Windows files are by far the most common: the others must be clearly better.
    return score * (1.0 if encoding == "cp1252" else 0.9)


def _character_score(letter: str, before: str, after: str, *, is_within: bool) -> float:
    if letter in _LETTERS:
        if before.islower() and letter.isupper():
            return -1.0
        return (3.0 if letter in _WEST else 1.0) if is_within else 0.5
    if letter in _SYMBOLS:
        return -1.0 if before.isalpha() and after.isalpha() and letter not in "’–·" else 1.0
    return -3.0


def guess_dialect(sample: str, *, is_whole: bool) -> TextDialect:
    """Return the dialect of the first lines of a file; `is_whole` when the sample is the entire file."""
    declared = re.match(r"sep=(.)(?:\r\n|\r|\n|$)", sample, re.IGNORECASE)
    skipped = 1 if declared else 0
    body = sample[declared.end() :] if declared else sample
    quote = _quote(body)
    escape = (
        "\\" if '\\"' in body and '""' not in body and not re.search(r'\\"(?:[;,\t|\r\n]|$)', body) else None
    )
    if declared:
        return TextDialect(declared[1], quote, escape, skipped=skipped)
    after_quote = re.match(rf"\s*{quote}(?:[^{quote}]|{quote}{quote})*{quote}([;,\t|])\s*{quote}", body)
    if after_quote:
        # The first line is quoted: what follows its first field is the separator, whatever the fields hold.
        delimiter = after_quote[1]
    else:
        scores = {mark: _score(body, mark, quote, escape, is_whole=is_whole) for mark in _DELIMITERS}
        delimiter = max(scores, key=lambda mark: scores[mark])
        if scores[delimiter] <= 0:
            return TextDialect(",", quote, escape, is_single_column=True)
    has_space = bool(re.search(rf"{re.escape(delimiter)} {quote}", body))
    return TextDialect(delimiter, quote, escape, has_space_after=has_space)


def _quote(body: str) -> str:
    if '"' in body:
        return '"'
    quoted = len(re.findall(r"(?:^|[;,\t|])'[^'\n]*'(?=[;,\t|\r\n]|$)", body, re.MULTILINE))
    filled = sum(bool(line.strip()) for line in body.splitlines())
    return "'" if quoted >= 2 * filled else '"'


def _score(body: str, delimiter: str, quote: str, escape: str | None, *, is_whole: bool) -> float:
    """Return how evenly a separator cuts the lines (share of the usual width; more columns are better)."""
    lines = iter(body.splitlines(keepends=True))
    dialect = TextDialect(delimiter, quote, escape)
    try:
        records = [record for record, _ in zip(dialect.reader(lines), range(400), strict=False)]
    except csv.Error:
        return 0.0
    records = [record for record in records if any(cell.strip() for cell in record)]
    if not is_whole and 1 < len(records) < 400:
        records.pop()
    widths = Counter(len(record) for record in records if len(record) > 1)
    if not widths:
        return 0.0
    width, lines_of_width = widths.most_common(1)[0]
    # Not the very first alone: a spreadsheet pads a title line above the headings with separators.
    first = [record for record in records if len(record) == width][:10]
    named = max(
        sum(bool(cell.strip()) and not looks_numeric(cell) for cell in record) / width for record in first
    )
    return lines_of_width / len(records) * (1 + math.log2(width) / 4) * (0.5 + named)
