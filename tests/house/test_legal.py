"""Legal templates say that they are templates, can be found, and lead where they say."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from house.source import TOP
from parkbench.exchange.models import LEASE_DAYS

DOCS = TOP / "docs"
PAGES = sorted((DOCS / "legal").glob("*.md"))
WARNING = "Template. Have your counsel check it before you use it."
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def broken_links(page: Path) -> Iterator[str]:
    """Yield the links of a page that lead to no file."""
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        if "://" not in target and not (page.parent / target).is_file():
            yield f"{page.name}: {target}"


def lines_of(page: Path) -> list[str]:
    """Return the lines of a page that say something."""
    return [line for line in page.read_text(encoding="utf-8").splitlines() if line.strip()]


def test_there_are_four_templates() -> None:
    assert [page.stem for page in PAGES] == [
        "data-protection-sheet",
        "nda-and-procurement-sheet",
        "partner-terms",
        "works-council-sheet",
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_template_is_headed_as_one_and_stands_in_the_menu(page: Path) -> None:
    title, warning = lines_of(page)[:2]
    assert title.startswith("# ")
    assert warning == WARNING
    assert f"legal/{page.name}" in (TOP / "mkdocs.yml").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", [*PAGES, DOCS / "index.md"], ids=lambda page: page.stem)
def test_its_links_lead_somewhere(page: Path) -> None:
    assert list(broken_links(page)) == []


def test_a_link_that_leads_nowhere_is_caught(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text("[a](page.md) [b](gone.md) [c](https://example.org/)", encoding="utf-8")
    assert list(broken_links(tmp_path / "page.md")) == ["page.md: gone.md"]


def test_the_terms_bear_a_version_and_the_lease_that_a_node_begins_with() -> None:
    terms = (DOCS / "legal" / "partner-terms.md").read_text(encoding="utf-8")
    assert re.search(r"^Version \d+\.\d+\.", terms, re.MULTILINE)
    assert f"After [{LEASE_DAYS}] days" in terms
