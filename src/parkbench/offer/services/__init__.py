"""Writes on services, their prices and capabilities."""

from parkbench.offer.services.links import keep_links
from parkbench.offer.services.prices import amend_lines, bodies_of_prices, set_prices
from parkbench.offer.services.theirs import take_links
from parkbench.offer.services.writing import (
    Stewardship,
    Values,
    add_capability,
    add_service,
    amend,
    content_of,
    delete,
    edit,
    unit_scopes,
    values_of,
    write,
)

__all__ = [
    "Stewardship",
    "Values",
    "add_capability",
    "add_service",
    "amend",
    "amend_lines",
    "bodies_of_prices",
    "content_of",
    "delete",
    "edit",
    "keep_links",
    "set_prices",
    "take_links",
    "unit_scopes",
    "values_of",
    "write",
]
