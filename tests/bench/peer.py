"""The peer: django-import-export, as its documentation shows it, on the first rows of the same sheet.

Its getting-started page and its admin make a dry run and then import; so does our command.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import django

django.setup()

import floors  # noqa: E402
import sheets  # noqa: E402
from import_export.fields import Field  # noqa: E402
from import_export.resources import ModelResource  # noqa: E402
from import_export.widgets import DateWidget, ForeignKeyWidget  # noqa: E402
from tablib import Dataset  # noqa: E402

from parkbench.instruments.models import Instrument  # noqa: E402
from parkbench.programme.models import Site, Unit  # noqa: E402
from parkbench.programme.services import make_missing  # noqa: E402
from parkbench.records.visibility import Viewer  # noqa: E402

DAY = DateWidget(format="%d.%m.%Y")


class InstrumentResource(ModelResource):
    """The columns of the sheet; units and sites are looked up by name and must be there."""

    inventory_number = Field("inventory_number", "Inventory number")
    name = Field("name", "Name")
    maker_text = Field("maker_text", "Maker")
    model_text = Field("model_text", "Model")
    unit = Field("unit", "Unit", widget=ForeignKeyWidget(Unit, "name"))
    site = Field("site", "Building", widget=ForeignKeyWidget(Site, "name"))
    room = Field("room", "Room")
    status = Field("status", "Status")
    commissioned_on = Field("commissioned_on", "Commissioned", widget=DAY)
    purchase_price = Field("purchase_price", "Price")
    purchase_currency = Field("purchase_currency", "Currency")
    serial_number = Field("serial_number", "Serial number")
    end_of_support_on = Field("end_of_support_on", "End of support", widget=DAY)

    class Meta:
        model = Instrument
        import_id_fields = ("inventory_number",)
        fields = (
            *("inventory_number", "name", "maker_text", "model_text", "unit", "site", "room", "status"),
            *("commissioned_on", "purchase_price", "purchase_currency", "serial_number", "end_of_support_on"),
        )

    def before_import_row(self, row: Any, **kwargs: Any) -> None:
        """Give status and price the form the columns hold."""
        row["Status"] = sheets.STATUSES[row["Status"]]
        row["Price"] = sheets.cents_of(row["Price"]) if row["Price"] else None
        row["Currency"] = "EUR"


def main(path: Path, count: int) -> None:
    """Import the first rows of the sheet into a node that has the units and sites."""
    for kind, names in (("unit", sheets.UNITS), ("site", sheets.BUILDINGS)):
        make_missing(kind=kind, names=names, by=Viewer.operator())
    start = time.perf_counter()
    data = Dataset(headers=list(sheets.HEADINGS))
    for _number, row in zip(range(count), floors.csv_rows(path), strict=False):
        data.append(row)
    InstrumentResource().import_data(data, dry_run=True)
    between = time.perf_counter()
    result = InstrumentResource().import_data(data, dry_run=False)
    seconds, alone = time.perf_counter() - start, time.perf_counter() - between
    wrong = count // sheets.WRONG_EVERY
    if result.totals["new"] != count - wrong:
        raise SystemExit(f"Expected {count - wrong} new rows, found {dict(result.totals)}")
    sys.stdout.write(json.dumps({"seconds": seconds, "alone": alone, "rows": count}))


main(Path(sys.argv[1]), int(sys.argv[2]))
