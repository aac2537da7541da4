"""Files of partners' rows: no cell begins a formula, and each text comes back as the partner wrote it."""

from __future__ import annotations

import io
import re
import zipfile

import pytest

import cast
from parkbench.accounts.rules import Role
from partners import Partner
from views.test_hostile_texts import FORMULAS, TRIGGERS, cells_of, raw_cells

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("name", "columns"),
    [("instruments", "?home=partners&columns=name&columns=model_text&columns=configuration"), ("units", "")],
)
def test_no_cell_of_a_file_of_partners_rows_begins_a_formula(client, name: str, columns: str) -> None:
    beta = Partner.named("beta")
    unit = beta.shares("unit", {"name": "=1+1"})
    for text in FORMULAS:
        if name == "instruments":
            beta.instrument(text, unit, basics={"model_text": text}, capacity={"configuration": text})
        else:
            beta.shares("unit", {"name": text, "host_name": text})
    beta.pull()
    client.force_login(cast.person("Mona", Role.MANAGER))
    told = {}
    for form in ("csv", "xlsx"):
        response = client.get(f"/{name}/export.{form}{columns or '?home=partners'}")
        assert response.status_code == 200
        told[form] = b"".join(response.streaming_content) if response.streaming else response.content
    cells = list(raw_cells(told["csv"].decode("utf-8-sig")))
    assert [
        one for one in cells if one.startswith(TRIGGERS) and not re.fullmatch(r"-?\d+([.,]\d+)?", one)
    ] == []
    with zipfile.ZipFile(io.BytesIO(told["xlsx"])) as archive:
        sheets = [archive.read(part) for part in archive.namelist() if "worksheets/" in part]
    assert sheets
    assert not any(re.search(rb"<f[ >]|hyperlink", sheet) for sheet in sheets)
    held = {form: cells_of(content, f"x.{form}") for form, content in told.items()}
    assert held["csv"] == held["xlsx"]
    kept = {cell for row in held["csv"] for cell in row}
    assert {text.strip() for text in FORMULAS if text.strip()} <= kept
