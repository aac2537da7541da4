"""Small files, small functions: what does not fit in a head is taken apart."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from house.source import PACKAGE, TOP, copy_of_package, modules, plant

MOST_LINES = 400
MOST_LINES_OF_A_FUNCTION = 40
MOST_LINES_OF_A_DECISION = 39


def _is_exempt(path: Path) -> bool:
    return "migrations" in path.parts or path.stem.startswith("settings")


def long_files(package: Path) -> Iterator[str]:
    """Yield modules over 400 lines; such a file becomes a folder of that name."""
    for name, path, _ in modules(package):
        count = len(path.read_text(encoding="utf-8").splitlines())
        if count > MOST_LINES and not _is_exempt(path):
            yield f"{name} has {count} lines"


def long_functions(package: Path) -> Iterator[str]:
    """Yield functions over 40 lines, from `def` to their last line, docstring included."""
    for name, path, tree in modules(package):
        if _is_exempt(path):
            continue
        for node in ast.walk(tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                count = (node.end_lineno or node.lineno) - node.lineno + 1
                if count > MOST_LINES_OF_A_FUNCTION:
                    yield f"{name}.{node.name} has {count} lines (l.{node.lineno})"


def long_decisions(decisions: Path) -> Iterator[str]:
    """Yield decision records of 40 lines or more."""
    for path in sorted(decisions.glob("*.md")):
        count = len(path.read_text(encoding="utf-8").splitlines())
        if count > MOST_LINES_OF_A_DECISION:
            yield f"{path.name} has {count} lines"


def test_no_file_is_over_400_lines() -> None:
    assert list(long_files(PACKAGE)) == []


def test_no_function_is_over_40_lines() -> None:
    assert list(long_functions(PACKAGE)) == []


def test_decision_records_stay_under_40_lines() -> None:
    assert list((TOP / "docs" / "decisions").glob("*.md"))
    assert list(long_decisions(TOP / "docs" / "decisions")) == []


def test_a_file_of_401_lines_is_caught_and_one_of_400_is_not(tmp_path: Path) -> None:
    package = copy_of_package(tmp_path)
    (package / "search" / "queries.py").write_text("a = 1\n" * 400, encoding="utf-8")
    assert not [found for found in long_files(package) if "search.queries" in found]
    plant(package, "search/queries.py", "a = 2")
    assert "parkbench.search.queries has 402 lines" in list(long_files(package))


@pytest.mark.parametrize("start", ["def", "async def"])
def test_a_function_of_41_lines_is_caught_and_one_of_40_is_not(tmp_path: Path, start: str) -> None:
    package = copy_of_package(tmp_path)
    body = f"class Kept:\n    {start} act(self):\n" + "        a = 1\n" * 39
    plant(package, "search/planted.py", body)
    assert not [found for found in long_functions(package) if "planted" in found]
    plant(package, "search/planted_too.py", body + "        return a")
    assert [found for found in long_functions(package) if "planted_too.act has 41 lines" in found]


def test_a_decision_record_of_40_lines_is_caught(tmp_path: Path) -> None:
    (tmp_path / "0002-long.md").write_text("a line\n" * 40, encoding="utf-8")
    (tmp_path / "0003-short.md").write_text("a line\n" * 39, encoding="utf-8")
    assert list(long_decisions(tmp_path)) == ["0002-long.md has 40 lines"]
