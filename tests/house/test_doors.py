"""A room is entered by its doors only, and a file does only what its place on the stairs allows."""

import ast
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from house.source import FREE_ROOMS, PACKAGE, copy_of_package, imports, modules, plant

DOORS = {"models", "queries", "services", "registry"}
# The gate and the helper for bulk writes; the words of rights; how names are folded; the library of matching.
MORE_DOORS = {
    "records": {"visibility", "bulk"},
    "accounts": {"rules"},
    "catalogue": {"rules"},
    "comparison": {"matching", "sheets"},
}
SITE_DOORS = {"apps", "urls", "views", "api"}  # `site` joins the rooms together
SIGNALS = ("django.dispatch", "django.db.models.signals", "django.core.signals")

Check = Callable[[Path], Iterator[str]]


def side_entrances(package: Path) -> Iterator[str]:
    """Yield imports that enter another room by anything but a door."""
    for found in imports(package):
        parts = found.imported.split(".")
        room = found.importer.split(".")[1:2]
        if parts[0] != "parkbench" or parts[1:2] in ([], room) or parts[1] in FREE_ROOMS:
            continue
        doors = DOORS | MORE_DOORS.get(parts[1], set()) | (SITE_DOORS if room == ["site"] else set())
        if len(parts) < 3 or parts[2] not in doors:
            yield str(found)


def impure_rules(package: Path) -> Iterator[str]:
    """Yield imports of a `rules` module that are neither the standard library nor lib nor itself."""
    for found in imports(package):
        parts = found.importer.split(".")
        if parts[2:3] != ["rules"]:
            continue
        own = found.imported.startswith(".".join(parts[:3]))
        is_lib = found.imported == "parkbench.lib" or found.imported.startswith("parkbench.lib.")
        if not own and not is_lib and found.imported.split(".")[0] not in sys.stdlib_module_names:
            yield str(found)


def furnished_doormats(package: Path) -> Iterator[str]:
    """Yield a room's `__init__` that holds more than its docstring: the stairs do not see it."""
    for name, path, tree in modules(package):
        is_room = path.name == "__init__.py" and name.count(".") == 1
        if is_room and name.split(".")[1] not in FREE_ROOMS and len(tree.body) > 1:
            yield f"{name} holds more than a docstring (l.{tree.body[1].lineno})"


def unfiltered_queries(package: Path) -> Iterator[str]:
    """Yield `.objects.all()` outside models."""
    for name, _, tree in modules(package):
        if name.split(".")[2:3] in (["models"], ["migrations"]):
            continue
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Attribute)
                and node.attr == "all"
                and isinstance(node.value, ast.Attribute)
                and node.value.attr == "objects"
            ):
                yield f"{name} asks .objects.all() (l.{node.lineno})"


def reaching_views(package: Path) -> Iterator[str]:
    """Yield `.objects` and `.save()` in views and APIs."""
    for name, _, tree in modules(package):
        if name.split(".")[2:3] not in (["views"], ["api"]):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in (
                "objects",
                "_default_manager",
                "_base_manager",
            ):
                yield f"{name} reaches for .{node.attr} (l.{node.lineno})"
            elif (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "save"
            ):
                yield f"{name} calls .save() (l.{node.lineno})"


def signals(package: Path) -> Iterator[str]:
    """Yield imports of Django's signals: rooms call each other by name, never by a signal."""
    for found in imports(package):
        if f"{found.imported}.".startswith(tuple(f"{signal}." for signal in SIGNALS)):
            yield str(found)


CHECKS: list[Check] = [
    side_entrances,
    impure_rules,
    furnished_doormats,
    unfiltered_queries,
    reaching_views,
    signals,
]

FAULTS: list[tuple[Check, str, str, str]] = [
    (
        side_entrances,
        "overview/views.py",
        "from parkbench.instruments import forms",
        "parkbench.overview.views -> parkbench.instruments",
    ),
    (
        side_entrances,
        "overview/queries.py",
        "def lazy():\n    import parkbench.records.wire",
        "parkbench.overview.queries -> parkbench.records.wire",
    ),
    (
        side_entrances,
        "overview/queries.py",
        "from ..records.wire import fields",
        "parkbench.overview.queries -> parkbench.records.wire",
    ),
    (
        side_entrances,
        "site/urls.py",
        "import parkbench.search.forms",
        "parkbench.site.urls -> parkbench.search.forms",
    ),
    (
        impure_rules,
        "search/rules.py",
        "from parkbench.records.models import Section",
        "parkbench.search.rules -> parkbench.records.models",
    ),
    (impure_rules, "search/rules.py", "import pydantic", "parkbench.search.rules -> pydantic"),
    (furnished_doormats, "search/__init__.py", '"""Search."""\nimport json', "parkbench.search holds more"),
    (
        unfiltered_queries,
        "search/queries.py",
        "rows = Section.objects.all()",
        "parkbench.search.queries asks",
    ),
    (unfiltered_queries, "site/node.py", "rows = Section.objects.all().count()", "parkbench.site.node asks"),
    (reaching_views, "search/views.py", "rows = Section.objects.live()", "search.views reaches for .objects"),
    (reaching_views, "search/api.py", "row.save(update_fields=['a'])", "parkbench.search.api calls .save()"),
    (
        signals,
        "search/apps.py",
        "from django.db.models.signals import post_save",
        "parkbench.search.apps -> ",
    ),
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_house_has_no(check: Check) -> None:
    assert list(check(PACKAGE)) == []


@pytest.mark.parametrize(("check", "file", "text", "named"), FAULTS)
def test_a_planted_fault_is_caught(tmp_path: Path, check: Check, file: str, text: str, named: str) -> None:
    package = copy_of_package(tmp_path)
    plant(package, "records/wire.py", "")
    before = set(check(package))
    plant(package, file, text)
    assert [found for found in set(check(package)) - before if named in found]
