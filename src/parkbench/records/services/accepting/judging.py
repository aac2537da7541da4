"""Judging: whether what a partner sent as a section can be used, and as which columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from pydantic import ValidationError

from parkbench.accounts.rules import Action
from parkbench.envelope.items import BodyError, read_body
from parkbench.lib.errors import Refused, shorten
from parkbench.records.models import SectionProblem
from parkbench.records.registry import Kind, SectionSpec, kind_of
from parkbench.records.services.accepting.names import parsed_ref
from parkbench.records.services.bodies import told

MOST = 500
"""Characters of a reason."""

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
        said = told(spec.schema.model_validate(_known_fields(spec, read_body(body))))
        columns = known.columns(section, said)
    except BodyError as error:
        return _bad(str(error))
    except ValidationError as error:
        return _bad("; ".join(_words(spec, each) for each in error.errors()[:5]))
    except (*UNFIT, Refused) as error:
        return _bad(_("Its values do not fit together: %(why)s") % {"why": shorten(str(error), 200)})
    for name, ref in _references(said):
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


def _known_fields(spec: SectionSpec, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body without empty values and without fields that a later version may have added."""
    fields = spec.schema.__pydantic_fields__
    return {name: value for name, value in body.items() if value is not None and name in fields}


def _references(body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in body.items():
        if name.endswith("_ref"):
            yield name, value
        elif name.endswith("_refs"):
            for each in value:
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
