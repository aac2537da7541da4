"""Judging: whether what a partner sent as a section can be used, and as which columns."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NoReturn
from uuid import UUID

from django.utils.translation import gettext as _
from pydantic import ValidationError

from parkbench.accounts.rules import Action
from parkbench.envelope.items import BodyError, read_body
from parkbench.lib.errors import Refused, shorten
from parkbench.records.models import SectionProblem
from parkbench.records.registry import Kind, SectionBody, SectionSpec, kind_of
from parkbench.records.services.accepting.names import parsed_ref
from parkbench.records.services.bodies import told

MOST = 500
"""Characters of a reason."""

PLAIN_DEPTH = 32
"""Brackets up to which a body cannot be too deep."""

UNFIT = (ValueError, TypeError, KeyError, ArithmeticError)
"""What mapping a hostile body to columns may raise."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """Why a section cannot be used; a later version may, when the sort is ``unknown``."""

    sort: str
    reason: str
    keeps_body: bool = True


@dataclass(frozen=True, slots=True)
class Fit:
    """A section that can be used: the columns it gives its row."""

    kind: Kind
    uid: UUID
    section: str
    columns: Mapping[str, Any]
    at: datetime


def judge(*, kind: str, uid: UUID, section: str, schema: int, body: bytes, at: datetime) -> Fit | Flaw:
    """Return the columns of a section, or what is wrong with it; never raises for what a body holds."""
    found = _spec(kind, section, schema)
    if isinstance(found, Flaw):
        return found
    known, spec = found
    try:
        said = told(spec.schema.model_validate(_known_fields(spec, _read(body))))
        columns = known.columns(section, said)
    except BodyError as error:
        return _bad(str(error))
    except ValidationError as error:
        return _bad("; ".join(_words(spec, each) for each in error.errors()[:5]))
    except (*UNFIT, Refused) as error:
        return _bad(_("Its values do not fit together: %(why)s") % {"why": shorten(str(error), 200)})
    for name, ref in _references(spec, said):
        if not _is_record_id(ref):
            return _bad(_("“%(field)s” is no id of a record: %(ref)s") % {"field": name, "ref": shorten(ref)})
    return Fit(known, uid, section, columns, at)


def _spec(kind: str, section: str, schema: int) -> tuple[Kind, SectionSpec] | Flaw:
    unknown = SectionProblem.Sort.UNKNOWN.value
    try:
        known = kind_of(kind)
    except KeyError:
        return Flaw(unknown, _("Records of the kind “%(kind)s” are not known here.") % {"kind": kind})
    try:
        spec = known.section(section)
    except KeyError:
        return Flaw(unknown, _("The part “%(section)s” is not known here.") % {"section": section})
    if spec.see is Action.SEE_INTERNAL:
        reason = _("This part never leaves an organisation; it was sent by mistake and is not kept.")
        return Flaw(SectionProblem.Sort.BAD.value, reason, keeps_body=False)
    if schema > spec.version:
        words = {"theirs": schema, "ours": spec.version}
        return Flaw(unknown, _("It is written to schema %(theirs)s; this version reads %(ours)s.") % words)
    return known, spec


def _read(body: bytes) -> dict[str, Any]:
    """Read a body that the envelope has read before; what is not plain is read with all its checks again."""
    if b"\\u" in body or body.count(b"{") + body.count(b"[") > PLAIN_DEPTH:
        return read_body(body)
    try:
        said: Any = _decode(body.decode())
    except ValueError:
        return read_body(body)
    return said if type(said) is dict else read_body(body)


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)


_decode = json.JSONDecoder(parse_float=_no_number, parse_constant=_no_number).decode


@cache
def _fields(schema: type[SectionBody]) -> frozenset[str]:
    return frozenset(schema.model_fields)


@cache
def _ref_fields(schema: type[SectionBody]) -> tuple[str, ...]:
    return tuple(name for name in schema.model_fields if name.endswith(("_ref", "_refs")))


def _known_fields(spec: SectionSpec, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body without empty values and without fields that a later version may have added."""
    fields = _fields(spec.schema)
    return {name: value for name, value in body.items() if value is not None and name in fields}


def _references(spec: SectionSpec, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in _ref_fields(spec.schema):
        value = body.get(name) or ()
        for each in (value,) if isinstance(value, str) else value:
            yield name, each


def _is_record_id(text: str) -> bool:
    try:
        parsed_ref(text)
    except Refused:
        return False
    return True


def _bad(reason: str) -> Flaw:
    return Flaw(SectionProblem.Sort.BAD.value, reason[:MOST])


def _words(spec: SectionSpec, error: Any) -> str:
    name = str(error["loc"][0]) if error["loc"] else ""
    known = spec.schema.model_fields.get(name)
    label = (known.title if known else None) or name.replace("_", " ")
    message = str(error["msg"]).removeprefix("Value error, ")
    return f"{label}: {message[:1].lower()}{message[1:]}" if label else message
