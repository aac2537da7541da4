"""Names that say nothing, paths of one machine and unsafe markup stay out; every room says what it is for."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from house.source import FREE_ROOMS, PACKAGE, ROOMS, TOP, copy_of_package, modules, plant

EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "misc"}
FURNITURE = {
    *(
        "apps.py",
        "urls.py",
        "admin.py",
        "views.py",
        "api.py",
        "forms.py",
        "importers.py",
        "jobs.py",
        "client.py",
    ),
    *(
        "tables.py",
        "filters.py",
        "services.py",
        "wire.py",
        "queries.py",
        "models.py",
        "registry.py",
        "rules.py",
    ),
    *("management", "migrations", "templates", "static", "templatetags", "README.md", "__init__.py"),
}
MORE_FURNITURE = {
    "records": {"visibility.py", "bulk.py"},
    "catalogue": {"register"},  # the shipped makers, models and techniques, as data
    "comparison": {"matching", "sheets"},  # a library of its own, and the sheets that it is given
}
VENDORED = re.compile(r"(^|/)vendor/")
# Spelled in halves, or this file would hold what it forbids.
FORBIDDEN = re.compile(
    "|".join(
        first + second
        for first, second in (
            (r"(?<![\w.])/wo", "rk/"),
            (r"(?<![\w.])/tm", r"p/\w"),
            (r"(?<![\w.])/fa", "rm/"),
            (r"(?<![\w.])/ro", r"ot/\w"),
            (r"(?<![\w.])/ho", r"me/\w"),
            (r"\bsub", r"agents?\b"),
            (r"\bAI ag", r"ents?\b"),
            (r"\bas an", r" AI\b"),
            (r"\bthis ses", r"sion\b"),
            (r"\bCla", r"ude\b"),
            (r"\bAnthr", r"opic\b"),
            (r"\bOpen", r"AI\b"),
            (r"\bChat", r"GPT\b"),
            (r"\bCopi", r"lot\b"),
            (r"\bL", r"LMs?\b"),
        )
    ),
    re.IGNORECASE,
)
TEMPLATE_CODE = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.DOTALL)
MARKUP = {
    "an inline style": re.compile(r"<[a-z][^>]*\sstyle\s*=", re.IGNORECASE),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "an inline handler": re.compile(r"<[a-z][^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "a script address": re.compile(r"=\s*[\"']?\s*javascript:", re.IGNORECASE),
    "a part from another server": re.compile(
        r"<(script|img|iframe|link)\b[^>]*\s(src|href)\s*=\s*[\"']?(https?:)?//", re.IGNORECASE
    ),
}
SCRIPT = re.compile(r"<script\b([^>]*)>", re.IGNORECASE)
# A script of data is never run; everything else names its file.
HARMLESS_SCRIPT = re.compile(r"\ssrc\s*=|\stype\s*=\s*[\"']application/(ld\+)?json[\"']", re.IGNORECASE)


def kept_files(top: Path) -> Iterator[Path]:
    """Yield the files that git keeps or would keep, without vendored ones."""
    command = [
        "git",
        "-c",
        "safe.directory=*",
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]
    listed = subprocess.run(command, cwd=top, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if not VENDORED.search(name) and (top / name).is_file():
            yield top / name


def empty_names(files: Iterator[Path]) -> Iterator[str]:
    """Yield files and folders whose name says nothing about what is in them."""
    for path in files:
        if EMPTY_NAMES.intersection((*path.relative_to(TOP).parts[:-1], path.stem)):
            yield str(path.relative_to(TOP))


def forbidden_words(name: str, text: str) -> Iterator[str]:
    """Yield lines that name one machine's paths or how a text came about."""
    for number, line in enumerate(text.splitlines(), 1):
        if found := FORBIDDEN.search(line):
            yield f"{name}:{number}: {found.group()}"


def unsafe_markup(name: str, template: str) -> Iterator[str]:
    """Yield what the content security policy would refuse in a template."""
    markup = TEMPLATE_CODE.sub("", template)
    for what, pattern in MARKUP.items():
        if found := pattern.search(markup):
            yield f"{name} has {what}: {found.group()[-60:]}"
    for script in SCRIPT.finditer(markup):
        if not HARMLESS_SCRIPT.search(script.group(1)):
            yield f"{name} has an inline script"


def silent_modules(package: Path) -> Iterator[str]:
    """Yield modules without a docstring; migrations and empty `__init__` files of folders have none."""
    for name, path, tree in modules(package):
        if "migrations" in path.parts or (path.name == "__init__.py" and not tree.body):
            continue
        if not ast.get_docstring(tree):
            yield name


def stray_furniture(package: Path) -> Iterator[str]:
    """Yield what stands in a room and is not of the house's furniture, module or not."""
    for room in ROOMS:
        allowed = FURNITURE | MORE_FURNITURE.get(room, set())
        for path in sorted((package / room).glob("*")):
            folder_of_file = path.is_dir() and f"{path.name}.py" in allowed
            if path.name != "__pycache__" and path.name not in allowed and not folder_of_file:
                yield f"{room}/{path.name}"


def unexplained_rooms(package: Path) -> Iterator[str]:
    """Yield rooms whose README is missing, shorter than 10 lines or longer than 25."""
    for folder in sorted(path.parent for path in package.glob("*/__init__.py")):
        readme = folder / "README.md"
        count = len(readme.read_text(encoding="utf-8").splitlines()) if readme.is_file() else 0
        if not 10 <= count <= 25:
            yield f"{folder.name}/README.md has {count} lines"


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:  # a picture or a spreadsheet
        return ""


def test_no_name_says_nothing() -> None:
    assert list(empty_names(kept_files(TOP))) == []


def test_no_file_names_a_machine_or_how_it_came_about() -> None:
    found = [
        line
        for path in kept_files(TOP)
        for line in forbidden_words(str(path.relative_to(TOP)), _text_of(path))
    ]
    assert found == []


def test_templates_hold_only_what_the_content_security_policy_allows() -> None:
    templates = [path for path in PACKAGE.rglob("*.html") if not VENDORED.search(path.as_posix())]
    assert [line for path in templates for line in unsafe_markup(path.name, _text_of(path))] == []


def test_every_module_says_what_it_is() -> None:
    assert list(silent_modules(PACKAGE)) == []


def test_nothing_stray_stands_in_a_room() -> None:
    assert list(stray_furniture(PACKAGE)) == []


def test_every_room_says_what_it_is_for() -> None:
    assert list(unexplained_rooms(PACKAGE)) == []


@pytest.mark.parametrize("name", ["src/parkbench/search/utils.py", "tests/helpers/a.py", "docs/misc.md"])
def test_a_name_that_says_nothing_is_caught(name: str) -> None:
    assert list(empty_names(iter([TOP / name]))) == [name]


@pytest.mark.parametrize(
    "halves",
    [
        ("see /wo", "rk/main"),
        ("'/tm", "p/x'"),
        ("/ho", "me/ada"),
        ("a sub", "agent"),
        ("by Cla", "ude"),
        ("This ses", "sion wrote"),
    ],
)
def test_a_word_that_does_not_belong_is_caught(halves: tuple[str, str]) -> None:
    assert next(forbidden_words("a.md", f"first\n{''.join(halves)}\n")).startswith("a.md:2:")


@pytest.mark.parametrize(
    "text", ["../shared/reference", "a user agent", "the reagents", "framework/lots", "sessions"]
)
def test_a_word_that_only_looks_like_it_passes(text: str) -> None:
    assert list(forbidden_words("a.md", text)) == []


@pytest.mark.parametrize(
    "markup",
    [
        '<p style="color: red">',
        '<div\n  class="a"\n  style="{{ x }}">',
        "<style>p {}</style>",
        '<a href="x" onclick="go()">',
        "<script>go()</script>",
        '<script type="module">go()</script>',
        '<a href="javascript:go()">',
        '<script src="https://cdn.example/x.js"></script>',
        '<link rel="stylesheet" href="//cdn.example/x.css">',
    ],
)
def test_unsafe_markup_is_caught(markup: str) -> None:
    assert list(unsafe_markup("a.html", markup))


@pytest.mark.parametrize(
    "markup",
    [
        "<script src=\"{% static 'ui/parkbench.js' %}\" defer></script>",
        '<script type="application/ld+json">{{ data }}</script>',
        '{# never style="x" #}<p class="style">a = b</p>',
        '<a href="https://orcid.org/">the content = "x"</a>',
        '<link rel="stylesheet" href="{% static \'ui/parkbench.css\' %}">',
    ],
)
def test_safe_markup_passes(markup: str) -> None:
    assert list(unsafe_markup("a.html", markup)) == []


def test_planted_strays_are_caught(tmp_path: Path) -> None:
    package = copy_of_package(tmp_path)
    (package / "search" / "odds.txt").touch()
    (package / "search" / "more.py").write_text("a = 1\n", encoding="utf-8")
    (package / "search" / "views").mkdir()
    (package / "search" / "README.md").write_text("# search\n", encoding="utf-8")
    strays = list(stray_furniture(package))
    assert {"search/odds.txt", "search/more.py"} <= set(strays)
    assert "search/views" not in strays
    assert "parkbench.search.more" in list(silent_modules(package))
    assert "search/README.md has 1 lines" in list(unexplained_rooms(package))


def test_a_planted_docstring_is_enough(tmp_path: Path) -> None:
    package = copy_of_package(tmp_path)
    plant(package, "search/more.py", "a = 1")
    assert "parkbench.search.more" not in list(silent_modules(package))


def test_every_room_of_the_plan_is_known() -> None:
    on_disk = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert on_disk <= {*ROOMS, *FREE_ROOMS, "site"}
