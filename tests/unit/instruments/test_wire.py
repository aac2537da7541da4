"""Schemas, the table of fields, the columns and the headings say the same."""

from __future__ import annotations

import pytest

from parkbench.instruments import rules, wire
from parkbench.instruments.importers import InstrumentTarget
from parkbench.instruments.models import Instrument
from parkbench.instruments.queries.columns import COLUMNS
from parkbench.instruments.tables.files import headings
from parkbench.intake.rules import fold_heading

SCALARS = [name for name in rules.SECTION_OF if name not in wire.OBJECTS and not name.endswith("_ref")]


def test_every_field_of_a_schema_stands_in_the_table_of_fields():
    schemas = {name: section for section, schema in wire.SCHEMAS.items() for name in schema.model_fields}
    assert schemas == rules.SECTION_OF


@pytest.mark.parametrize("name", SCALARS)
def test_a_field_has_one_name_for_people(name):
    title = wire.SCHEMAS[rules.SECTION_OF[name]].model_fields[name].title
    assert title.casefold() == str(Instrument._meta.get_field(name).verbose_name).casefold()


def test_every_field_has_its_column_in_the_table():
    for section, schema in wire.SCHEMAS.items():
        assert set(wire.columns(section, {})) >= set(schema.model_fields)
        for name in wire.columns(section, {}):
            assert Instrument._meta.get_field(name)


def test_an_export_is_read_back_field_by_field():
    """Each heading of a full export means the field it came from, and no other."""
    means = {}
    for spec in InstrumentTarget.fields:
        for heading in (str(spec.label), *spec.names):
            means.setdefault(fold_heading(heading), spec.name)
    read = [means.get(fold_heading(heading)) for heading in headings(COLUMNS)]
    expected = ["record_id"]
    fields = {spec.name for spec in InstrumentTarget.fields}
    for column in COLUMNS:
        expected.append(column.key if column.key in fields else None)
        if column.currency:
            expected.append(column.currency)
    assert read == expected
