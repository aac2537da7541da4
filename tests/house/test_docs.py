"""The documentation says what is there: commands that exist, decisions in order, a changelog that is open."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import envelopes
from house.source import PACKAGE, TOP
from parkbench.exchange.api import invitations
from parkbench.exchange.services.limits import BY_ADDRESS, BY_PARTNER, PINGS, RECEIPTS
from parkbench.site.commands import WITHOUT_A_NODE

MAKE = re.compile(r"`make ([a-z]+)`|^ {4}make ([a-z]+)\b", re.MULTILINE)
TARGET = re.compile(r"^([a-z]+):", re.MULTILINE)
SCRIPT = re.compile(r"\bscripts/[a-z_]+\.(?:sh|py)\b")
DECISION = re.compile(r"(\d{4})-[a-z0-9-]+\.md")
PARTS_OF_A_DECISION = ("Status:", "## Context", "## Decision", "## Consequences")


def pages(top: Path) -> Iterator[Path]:
    """Yield the pages of documentation: those at the top, and those below docs."""
    yield from sorted([*top.glob("*.md"), *top.glob("docs/**/*.md")])


def missing_targets(text: str, makefile: str) -> set[str]:
    """Return the `make` targets that a text names and the Makefile lacks."""
    return {one or other for one, other in MAKE.findall(text)} - set(TARGET.findall(makefile))


def unfinished_decisions(folder: Path) -> Iterator[str]:
    """Yield decision records out of number, or without one of their parts."""
    for number, path in enumerate(sorted(folder.glob("*.md")), 1):
        named = DECISION.fullmatch(path.name)
        if not named or int(named.group(1)) != number:
            yield f"{path.name}: expected number {number:04}"
        text = path.read_text(encoding="utf-8")
        yield from (f"{path.name}: lacks '{part}'" for part in PARTS_OF_A_DECISION if part not in text)


def test_every_make_target_that_a_page_names_exists() -> None:
    makefile = (TOP / "Makefile").read_text(encoding="utf-8")
    named = {page.name: missing_targets(page.read_text(encoding="utf-8"), makefile) for page in pages(TOP)}
    assert {name: missing for name, missing in named.items() if missing} == {}


def test_every_script_that_is_named_exists() -> None:
    texts = [*pages(TOP), TOP / "Makefile", TOP / ".ci" / "run", *(TOP / "scripts").iterdir()]
    named = {found for path in texts for found in SCRIPT.findall(path.read_text(encoding="utf-8"))}
    assert {script for script in named if not (TOP / script).is_file()} == set()
    assert named


def test_decisions_are_numbered_without_a_gap_and_have_all_their_parts() -> None:
    assert list(unfinished_decisions(TOP / "docs" / "decisions")) == []


def test_the_changelog_is_open_for_the_next_release() -> None:
    assert "## [Unreleased]" in (TOP / "CHANGELOG.md").read_text(encoding="utf-8")


def test_continuous_integration_runs_what_a_developer_runs() -> None:
    assert (TOP / ".ci" / "run").read_text(encoding="utf-8").endswith("exec make test\n")
    assert all(path.stat().st_mode & 0o111 for path in [TOP / ".ci" / "run", *(TOP / "scripts").glob("*.sh")])


def test_a_target_that_is_not_there_is_caught() -> None:
    assert missing_targets("Run `make tea`, or\n\n    make coffee # now\n", "test: setup\n") == {
        "tea",
        "coffee",
    }
    assert missing_targets("Run `make test` to make sure.", "test: setup\n") == set()


def test_a_decision_out_of_order_is_caught(tmp_path: Path) -> None:
    (tmp_path / "0002-second.md").write_text("Status:\n## Context\n## Decision\n", encoding="utf-8")
    assert list(unfinished_decisions(tmp_path)) == [
        "0002-second.md: expected number 0001",
        "0002-second.md: lacks '## Consequences'",
    ]


def test_every_setting_is_explained() -> None:
    """The names that the settings read stand in the table of settings, and no other."""
    settings = (PACKAGE / "site" / "settings.py").read_text(encoding="utf-8")
    page = (TOP / "docs" / "how-to" / "run-on-postgresql.md").read_text(encoding="utf-8")
    read = set(re.findall(r'env\.\w+\(\s*"(PARKBENCH_\w+)"', settings))
    assert set(re.findall(r"^\| `(PARKBENCH_\w+)`", page, re.MULTILINE)) == read


def test_every_command_has_its_part_in_the_reference() -> None:
    page = (TOP / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    folders = PACKAGE.glob("*/management/commands/*.py")
    named = {path.stem for path in folders if not path.stem.startswith("_")} | WITHOUT_A_NODE
    assert named - set(re.findall(r"^## ([a-z]+)$", page, re.MULTILINE)) == set()
    assert {"pull", "partner", "bundle"} <= named


def test_the_protocol_explains_every_golden_value() -> None:
    page = (TOP / "docs" / "reference" / "protocol.md").read_text(encoding="utf-8")
    part = page.split("\n## 11. Golden values\n")[1]
    for name in ("envelope", "fingerprint"):
        members = json.loads((TOP / "tests" / "vectors" / f"{name}.json").read_text(encoding="utf-8"))
        assert {member for member in members if f"`{member}`" not in part} == {"about"}
    # Without it nobody else could verify what the reader of the golden values has signed.
    assert envelopes.BETA_PUBLIC["x"] in part


def test_the_protocol_names_the_limits_that_hold() -> None:
    page = " ".join((TOP / "docs" / "reference" / "protocol.md").read_text(encoding="utf-8").split())
    assert (PINGS.per_second, RECEIPTS.per_second, invitations.WINDOW) == (0.5, 0.5, 900)
    for sentence in (
        f"for each partner {BY_PARTNER.burst:,} requests at once and {BY_PARTNER.per_second} a second",
        f"for each address {BY_ADDRESS.burst:,} and {BY_ADDRESS.per_second}",
        f"for each partner {PINGS.burst} pings and one in two seconds",
        f"{RECEIPTS.burst:,} receipts and one in two seconds",
        f"for each address {invitations.MOST_PER_ADDRESS} answers to invitations in 15 minutes",
    ):
        assert sentence in page, sentence
