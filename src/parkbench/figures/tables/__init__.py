"""What the pages and files of use show."""

from parkbench.figures.tables.lists import export, export_rows, list_page
from parkbench.figures.tables.pages import page_head

__all__ = ["export", "export_rows", "list_page", "page_head"]
