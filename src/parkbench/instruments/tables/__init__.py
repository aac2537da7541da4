"""The machine park on the page and in files."""

from parkbench.instruments.tables.files import FORMATS, csv_of, export, xlsx_into

__all__ = ["FORMATS", "csv_of", "export", "xlsx_into"]
