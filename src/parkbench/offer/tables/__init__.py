"""Lists, pages and files of services, prices and capabilities."""

from parkbench.offer.tables.files import export, export_rows
from parkbench.offer.tables.lists import list_page, wanted_of
from parkbench.offer.tables.pages import Part, PriceGroup, page_head, parts_of, price_groups

__all__ = [
    "Part",
    "PriceGroup",
    "export",
    "export_rows",
    "list_page",
    "page_head",
    "parts_of",
    "price_groups",
    "wanted_of",
]
