"""Models, makers and techniques as files: for people, and to be imported again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, BinaryIO

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbench.catalogue.queries import (
    MakerFilter,
    ModelFilter,
    TechniqueNode,
    maker_rows,
    model_rows,
    technique_tree,
)
from parkbench.lib.errors import Refused
from parkbench.lib.tabular import CsvWriter, JsonLines, TableWriter, XlsxWriter
from parkbench.records.models import OURS
from parkbench.records.visibility import Viewer

FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jsonl": "application/jsonl",
}
"""Formats of a file > its content type."""

Rows = Iterable[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sort of file: its columns as (name for programs, heading), and its rows."""

    name: str
    columns: Sequence[tuple[str, Any]]
    rows: Callable[[Any, Viewer], Rows]
    everything: Any


def _models(wanted: ModelFilter, viewer: Viewer) -> Iterator[Sequence[Any]]:
    for row in model_rows(wanted=wanted, viewer=viewer):
        yield (
            row.maker.name if row.maker else None,
            row.designation,
            row.family or None,
            _joined(row.aliases),
            _joined(technique.key for technique in row.techniques),
            row.rrid or None,
            row.psi_ms or None,
            row.ena or None,
            row.end_of_sale_on.isoformat() if row.end_of_sale_on else None,
            row.end_of_service_on.isoformat() if row.end_of_service_on else None,
            row.typical_life_years,
            row.export_control or None,
            row.successor or None,
            row.key,
            row.home,
            row.source or None,
            row.licence or None,
        )


def _makers(wanted: MakerFilter, viewer: Viewer) -> Iterator[Sequence[Any]]:
    for row in maker_rows(wanted=wanted, viewer=viewer):
        maker = row.maker
        yield (
            maker.name,
            _joined(maker.aliases),
            maker.country,
            maker.url,
            maker.ror,
            row.successor.name if row.successor else None,
            maker.succeeded_on,
            row.model_count,
            maker.key,
            row.home,
            maker.source,
            maker.licence,
        )


def _techniques(home: str, viewer: Viewer) -> Iterator[Sequence[Any]]:
    path: list[TechniqueNode] = []
    for node in technique_tree(viewer=viewer, home=home):
        # In the order of the tree: whatever stands one step less deep before a node is what it is a kind of.
        del path[node.depth :]
        technique = node.technique
        yield (
            technique.name,
            _joined(technique.aliases),
            path[-1].technique.name if path else None,
            technique.fbbi,
            node.model_count,
            technique.key,
            technique.home.name,
            technique.source,
            technique.licence,
        )
        path.append(node)


def _joined(texts: Iterable[str]) -> str | None:
    return "; ".join(texts) or None


_ENDS = (
    ("key", gettext_lazy("Key")),
    ("home", gettext_lazy("From")),
    ("source", gettext_lazy("Source")),
    ("licence", gettext_lazy("Licence")),
)
SHEETS: Mapping[str, Sheet] = {
    "models": Sheet(
        "models",
        (
            ("maker", gettext_lazy("Maker")),
            ("designation", gettext_lazy("Designation")),
            ("family", gettext_lazy("Family")),
            ("aliases", gettext_lazy("Other names")),
            ("techniques", gettext_lazy("Techniques")),
            ("rrid", gettext_lazy("RRID")),
            ("psi_ms", gettext_lazy("PSI-MS accession")),
            ("ena", gettext_lazy("Name at ENA")),
            ("end_of_sale_on", gettext_lazy("End of sale")),
            ("end_of_service_on", gettext_lazy("End of service")),
            ("typical_life_years", gettext_lazy("Typical life in years")),
            ("export_control", gettext_lazy("Export control class")),
            ("successor", gettext_lazy("Followed by")),
            *_ENDS,
        ),
        _models,
        ModelFilter(),
    ),
    "makers": Sheet(
        "makers",
        (
            ("name", gettext_lazy("Name")),
            ("aliases", gettext_lazy("Other names")),
            ("country", gettext_lazy("Country")),
            ("url", gettext_lazy("Website")),
            ("ror", gettext_lazy("ROR")),
            ("successor", gettext_lazy("Taken over by")),
            ("succeeded_on", gettext_lazy("Taken over on")),
            ("models", gettext_lazy("Models")),
            *_ENDS,
        ),
        _makers,
        MakerFilter(),
    ),
    "techniques": Sheet(
        "techniques",
        (
            ("name", gettext_lazy("Name")),
            ("aliases", gettext_lazy("Other names")),
            ("parent", gettext_lazy("Kind of")),
            ("fbbi", gettext_lazy("FBbi accession")),
            ("models", gettext_lazy("Models")),
            *_ENDS,
        ),
        _techniques,
        OURS,
    ),
}


def write(name: str, format: str, stream: BinaryIO, *, viewer: Viewer, wanted: Any = None) -> int:
    """Write a list, as narrowed and sorted by ``wanted`` (None: all of it); returns how many rows.

    Raises Refused for another format than csv, xlsx or jsonl.
    """
    sheet = SHEETS[name]
    if format not in FORMATS:
        raise Refused(_("This can be exported as CSV, XLSX or JSON lines."))
    writer = _writer(format, stream, sheet)
    count = 0
    for row in sheet.rows(sheet.everything if wanted is None else wanted, viewer):
        writer.row(row)
        count += 1
    writer.close()
    return count


def _writer(format: str, stream: BinaryIO, sheet: Sheet) -> TableWriter:
    if format == "jsonl":
        return JsonLines(stream, [name for name, _heading in sheet.columns])
    headings = [str(heading) for _name, heading in sheet.columns]
    return (CsvWriter if format == "csv" else XlsxWriter)(stream, headings)


def exporter(name: str) -> Callable[[Viewer, str, BinaryIO], int]:
    """Return the function by which the command line writes everything of one sort."""
    return partial(_everything, name)


def _everything(name: str, viewer: Viewer, format: str, stream: BinaryIO) -> int:
    return write(name, format, stream, viewer=viewer)
