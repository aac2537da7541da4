"""How the catalogue's lists, page heads and facts are drawn."""

from parkbench.catalogue.tables.facts import (
    maker_facts,
    maker_head,
    model_facts,
    model_head,
    technique_facts,
    technique_head,
)
from parkbench.catalogue.tables.files import FORMATS, exporter, write
from parkbench.catalogue.tables.lists import exports_of, models_list, technique_homes
from parkbench.catalogue.tables.makers import makers_list

__all__ = [
    "FORMATS",
    "exporter",
    "exports_of",
    "maker_facts",
    "maker_head",
    "makers_list",
    "model_facts",
    "model_head",
    "models_list",
    "technique_facts",
    "technique_head",
    "technique_homes",
    "write",
]
