"""A section's body as bytes, and back: one writing of each body, so that its digest means something.

The bytes are JSON (RFC 8259) in UTF-8 without a byte order mark: keys sorted by code point, no blanks,
no escapes but those that JSON demands. Readers verify the bytes first and only then read them, so
`read_body` also accepts bodies that another program wrote in another order.
"""

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from parkbench.envelope.errors import EnvelopeError

MAX_BYTES = 256 * 1024
MAX_DEPTH = 32

_SCALARS = frozenset({str, int, bool})
_TEXT_ONLY = frozenset({str})
_write = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")).encode


class BodyError(EnvelopeError):
    """A body that cannot be written or read; its text says which rule it breaks and where."""


def body_bytes(mapping: Mapping[str, Any]) -> bytes:
    """Write a body as bytes, the same for equal bodies; entries whose value is None are left out.

    Raises BodyError for a float (NaN included), a None in a list, a key that is not text, any other type,
    text that UTF-8 or PostgreSQL cannot hold, more than 32 levels, or more than 256 KiB.
    """
    # The common body is one level of text, numbers and flags: two set checks, then a single dump.
    flat = _SCALARS.issuperset(map(type, mapping.values())) and _TEXT_ONLY.issuperset(map(type, mapping))
    body = mapping if flat and type(mapping) is dict else _plain_mapping(mapping, "body", 1)
    try:
        written = _write(body).encode()
    except ValueError as problem:  # lone surrogates, and integers longer than Python will write
        raise BodyError(f"This body cannot be written as UTF-8 JSON: {problem}") from problem
    if len(written) > MAX_BYTES:
        raise BodyError(f"A body holds at most {MAX_BYTES} bytes; this one has {len(written)}.")
    if b"\\u0000" in written:
        _refuse_nul(body)
    return written


def read_body(written: bytes) -> dict[str, Any]:
    """Read the bytes of a body; a null stays None.

    Raises BodyError when they are not one UTF-8 JSON object of at most 256 KiB and 32 levels, hold a key
    twice, a number with a fraction or exponent, a lone surrogate or a NUL character.
    """
    if len(written) > MAX_BYTES:
        raise BodyError(f"A body holds at most {MAX_BYTES} bytes; this one has {len(written)}.")
    try:
        body = _read(written.decode("utf-8"))
    except (ValueError, RecursionError) as problem:
        if isinstance(problem, BodyError):
            raise
        raise BodyError(f"These bytes are not a JSON body: {problem}") from problem
    if type(body) is not dict:
        raise BodyError(f"A body is a JSON object; this is a {type(body).__name__}.")
    if written.count(b"[") + written.count(b"{") > MAX_DEPTH:
        _check_depth(body)
    if b"\\u" in written:
        _refuse_lone_surrogates(body)
        _refuse_nul(body)
    return body


def _plain_mapping(mapping: Mapping[str, Any], where: str, depth: int) -> dict[str, Any]:
    if depth > MAX_DEPTH:
        raise BodyError(f"A body has at most {MAX_DEPTH} levels; {where} is deeper.")
    plain: dict[str, Any] = {}
    for key, value in mapping.items():
        if not isinstance(key, str):
            raise BodyError(f"Keys are text; {where} has {key!r}.")
        if value is not None:
            plain[key] = value if type(value) in _SCALARS else _plain(value, f"{where}.{key}", depth)
    return plain


def _plain(value: Any, where: str, depth: int) -> Any:
    if isinstance(value, (str, int)):  # also the text and numbers of enumerations
        return value
    if isinstance(value, Mapping):
        return _plain_mapping(value, where, depth + 1)
    if isinstance(value, (list, tuple)):
        if depth >= MAX_DEPTH:
            raise BodyError(f"A body has at most {MAX_DEPTH} levels; {where} is deeper.")
        return [
            item if type(item) in _SCALARS else _plain(item, f"{where}[{place}]", depth + 1)
            for place, item in enumerate(value)
        ]
    if isinstance(value, float):
        raise BodyError(f"Numbers in a body are whole: {where} is the float {value!r}; send text instead.")
    raise BodyError(
        f"{where} is a {type(value).__name__}; a body holds text, whole numbers, flags and lists."
    )


def _refuse_float(text: str) -> NoReturn:
    raise BodyError(f"Numbers in a body are whole; {text} is not.")


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    body = dict(pairs)
    if len(body) != len(pairs):
        raise BodyError("A key stands twice in one object of this body.")
    return body


_read = json.JSONDecoder(
    parse_float=_refuse_float, parse_constant=_refuse_float, object_pairs_hook=_without_repeats
).decode


def _check_depth(body: dict[str, Any]) -> None:
    level: list[Any] = [body]
    for _ in range(MAX_DEPTH):
        inner: list[Any] = []
        for value in level:
            inner += value.values() if type(value) is dict else value
        level = [value for value in inner if type(value) in (dict, list)]
        if not level:
            return
    raise BodyError(f"A body has at most {MAX_DEPTH} levels; this one has more.")


def _refuse_lone_surrogates(body: dict[str, Any]) -> None:
    try:
        json.dumps(body, ensure_ascii=False).encode()
    except UnicodeEncodeError as problem:
        raise BodyError(f"Text in this body is no Unicode text: {problem.reason}.") from problem


def _refuse_nul(value: Any) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            _refuse_nul(key)
            _refuse_nul(inner)
    elif isinstance(value, list):
        for inner in value:
            _refuse_nul(inner)
    elif isinstance(value, str) and "\0" in value:
        raise BodyError("Text in a body holds no NUL character: PostgreSQL cannot store it.")
