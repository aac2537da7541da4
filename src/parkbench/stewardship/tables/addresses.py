"""Addresses with parameters, pages of rows, and the files of a list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, BinaryIO

from django.core.paginator import Page, Paginator
from django.utils.http import urlencode

from parkbench.lib.errors import Refused
from parkbench.lib.tabular.write import CsvWriter, XlsxWriter
from parkbench.ui.lists import Pager, page_numbers, wanted_numbers

ROWS_PER_PAGE = 50


def address(url: str, given: Mapping[str, str]) -> str:
    """Return the address with the parameters that say something."""
    kept = {name: value for name, value in given.items() if value}
    return f"{url}?{urlencode(kept)}" if kept else url


def page_of(rows: Any, number: str, *, total: int | None = None) -> Page[Any]:
    """Return the page of a list nearest to the one asked for; ``total`` is how many rows, where known."""
    paginator = Paginator(rows, ROWS_PER_PAGE)
    if total is not None:
        paginator.count = total
    return paginator.get_page(number)


def pager_of(page: Page[Any], url: str, given: Mapping[str, str]) -> Pager:
    """Describe where one is in a list."""
    pages = page.paginator.num_pages
    urls = {one: address(url, {**given, "page": str(one)}) for one in wanted_numbers(page.number, pages)}
    return Pager(
        page=page.number,
        pages=pages,
        total=page.paginator.count,
        prev_url=urls.get(page.number - 1),
        next_url=urls.get(page.number + 1),
        numbers=page_numbers(page.number, pages, url_of=urls),
        first_row=page.start_index() or None,
        last_row=page.end_index() or None,
    )


def write(
    form: str, stream: BinaryIO, headings: Sequence[str], rows: Iterable[Sequence[Any]], *, sheet: str
) -> int:
    """Write rows as CSV or XLSX; returns how many. Raises Refused for another format."""
    if form not in ("csv", "xlsx"):
        raise Refused(f"“{form}” is not a format for this list. Choose csv or xlsx.")
    writer = XlsxWriter(stream, headings, sheet=sheet) if form == "xlsx" else CsvWriter(stream, headings)
    count = 0
    for row in rows:
        writer.row(row)
        count += 1
    writer.close()
    return count
