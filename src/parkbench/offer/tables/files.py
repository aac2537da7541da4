"""Exports of services, prices and capabilities: exact values, so that importing a file changes nothing."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from parkbench.instruments.models import Instrument
from parkbench.lib.errors import Refused
from parkbench.lib.money import plain_decimal
from parkbench.lib.tabular import CsvWriter, TableWriter, XlsxWriter
from parkbench.offer import wire
from parkbench.offer.queries import lists as queries
from parkbench.offer.queries.lists import Wanted
from parkbench.offer.rules import split
from parkbench.records.models import ALL, OURS
from parkbench.records.visibility import Viewer

FORMATS = ("csv", "xlsx", "jsonl")
CHUNK = 500
SERVICE_COLUMNS = (
    *("name", "unit", "description", "status", "access_modes", "user_categories", "sample_types"),
    *("biosafety_class", "techniques", "instruments", "lead_time_days", "throughput", "mailbox"),
    "contact_url",
)
PRICE_COLUMNS = (
    *("service", "category", "label", "unit", "amount", "currency", "vat", "valid_from", "valid_until"),
)
CAPABILITY_COLUMNS = ("name", "platform", "description", "services", "mailbox", "contact_url")
WORDS = ("access_modes", "user_categories", "sample_types", "techniques")
SEEN = ("lead_time_days", "throughput", "mailbox", "contact_url")


def export(what: str, viewer: Viewer, format: str, stream: BinaryIO) -> int:
    """Write all own services, their prices, or capabilities, as this viewer sees them; returns how many rows.

    Raises Refused for another format than csv, xlsx or jsonl.
    """
    if format not in FORMATS:
        raise Refused(f"“{format}” is not a format for {what}. Choose csv, xlsx or jsonl.")
    count = 0
    writer = _writer(what, format, stream)
    for _home, cells in _rows(what, Wanted(), viewer):
        writer.row(cells)
        count += 1
    writer.close()
    return count


def export_rows(*, what: str, wanted: Wanted, viewer: Viewer, format: str) -> bytes:
    """Return the rows of a list, exactly as it is narrowed and sorted, as a file."""
    kept = BytesIO()
    has_home = wanted.home != OURS
    writer = _writer(what, format, kept, has_home=has_home)
    for home, cells in _rows(what, wanted, viewer):
        writer.row([*cells, home] if has_home else cells)
    writer.close()
    return kept.getvalue()


def _rows(what: str, wanted: Wanted, viewer: Viewer) -> Iterator[tuple[str, list[Any]]]:
    """Yield each row with the name of its home."""
    if what == "capabilities":
        yield from _capability_rows(wanted, viewer)
        return
    rows = queries.found_services(viewer=viewer, wanted=wanted)
    if what == "prices":
        yield from _price_rows(rows)
        return
    for chunk in _chunks(rows):
        called = _called(chunk, viewer)
        for row in chunk:
            cells = [_service_cell(row, name, called) for name in SERVICE_COLUMNS]
            yield row.home.name, [str(row.uid), *cells]


def _chunks(rows: Any) -> Iterator[list[Any]]:
    """Yield the rows some hundreds at a time, so that what they draw on is read for many at once."""
    chunk = []
    for row in rows.iterator(chunk_size=CHUNK):
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _called(chunk: Sequence[Any], viewer: Viewer) -> dict[int, list[str]]:
    """Return service > what its instruments are called; one query. Those one may not see are left out."""
    rows = Instrument.objects.visible(viewer, ALL).filter(
        service_links__service__in=[row.pk for row in chunk]
    )
    found: dict[int, list[str]] = {}
    ordered = rows.order_by("service_links__service_id", "service_links__place")
    for pk, name in ordered.values_list("service_links__service_id", "name"):
        found.setdefault(pk, []).append(name)
    return found


def _service_cell(row: Any, name: str, called: dict[int, list[str]]) -> Any:
    if name == "unit":
        return row.unit_seen
    if name == "instruments":
        return "; ".join(called.get(row.pk, ())) or None
    if name in WORDS:
        return "; ".join(split(getattr(row, name))) or None
    return getattr(row, f"{name}_seen" if name in SEEN else name)


def _price_rows(rows: Any) -> Iterator[tuple[str, list[Any]]]:
    names = Counter(rows.order_by().values_list("name", flat=True))
    for row in rows.iterator(chunk_size=CHUNK):
        name = f"{row.name} · {row.unit_seen}" if names[row.name] > 1 and row.unit_seen else row.name
        for line in row.prices_seen or ():
            amount = plain_decimal(line["amount"], line["currency"])
            held = {**line, "service": name, "amount": amount}
            yield row.home.name, [held.get(column) for column in PRICE_COLUMNS]


def _capability_rows(wanted: Wanted, viewer: Viewer) -> Iterator[tuple[str, list[Any]]]:
    rows = list(queries.found_capabilities(viewer=viewer, wanted=wanted))
    drawn = queries.units_of_capabilities(pks=[row.pk for row in rows], viewer=viewer)
    for row in rows:
        named = [f"{name} · {unit}" if unit else name for name, unit in drawn.get(row.pk, ())]
        # A single name with a comma would be read as two: the separator behind it says that it is one.
        services = f"{named[0]};" if len(named) == 1 and "," in named[0] else "; ".join(named)
        held = [row.name, row.platform_seen, row.description, services or None]
        yield row.home.name, [str(row.uid), *held, row.mailbox_seen, row.contact_url_seen]


def _keys(what: str) -> list[str]:
    if what == "prices":
        return list(PRICE_COLUMNS)
    return ["uid", *(SERVICE_COLUMNS if what == "services" else CAPABILITY_COLUMNS)]


def _headings(what: str) -> list[str]:
    held = {"unit": "unit_ref", "instruments": "instrument_refs", "platform": "platform_ref"}
    held["services"] = "service_refs"
    schemas = wire.CAPABILITY_SCHEMAS if what == "capabilities" else wire.SERVICE_SCHEMAS
    fields: dict[str, Any] = {}
    for schema in schemas.values():
        fields |= schema.model_fields
    if what == "prices":
        fields = {**wire.PriceLine.model_fields}
        held = {}
    special = {"uid": _("Record id"), "service": _("Service")}
    return [str(special.get(key) or fields[held.get(key, key)].title or key) for key in _keys(what)]


def _writer(what: str, format: str, stream: BinaryIO, *, has_home: bool = False) -> TableWriter:
    if format == "jsonl":
        return _JsonLines(stream, _keys(what))
    headings = [*_headings(what), _("Organisation")] if has_home else _headings(what)
    return (CsvWriter if format == "csv" else XlsxWriter)(stream, headings)


class _JsonLines:
    """Writes one JSON object per line (https://jsonlines.org), empty values left out."""

    def __init__(self, target: BinaryIO, names: Sequence[str]) -> None:
        self.target, self.names = target, names

    def row(self, cells: Sequence[Any]) -> None:
        """Write one line."""
        held = {name: cell for name, cell in zip(self.names, cells, strict=True) if cell is not None}
        self.target.write(json.dumps(held, ensure_ascii=False).encode() + b"\n")

    def close(self) -> None:
        """Finish; the stream stays open."""
