"""How the catalogue's lists, page heads and facts are drawn."""

from parkbench.catalogue.tables.facts import (
    maker_facts,
    maker_head,
    model_facts,
    model_head,
    technique_facts,
    technique_head,
)
from parkbench.catalogue.tables.lists import makers_list, models_list

__all__ = [
    "maker_facts",
    "maker_head",
    "makers_list",
    "model_facts",
    "model_head",
    "models_list",
    "technique_facts",
    "technique_head",
]
