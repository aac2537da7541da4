"""What the house tests read: the package's modules and imports, and copies in which faults are planted."""

import ast
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TOP = Path(__file__).parents[2]
PACKAGE = TOP / "src" / "parkbench"

FREE_ROOMS = ("envelope", "lib", "ui")  # have their own file names and may be entered anywhere
ROOMS = (
    *("accounts", "records", "programme", "catalogue", "intake", "instruments", "search", "exchange"),
    *("comparison", "figures", "servicing", "offer", "stewardship", "overview"),
)


@dataclass(frozen=True)
class Import:
    """One import statement's target; a lazy import and one for type checkers count like any other."""

    importer: str
    imported: str
    line: int

    def __str__(self) -> str:
        return f"{self.importer} -> {self.imported} (l.{self.line})"


def module_name(path: Path, package: Path) -> str:
    """Return the dotted name of a file below the package's folder."""
    parts = path.relative_to(package.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def modules(package: Path) -> Iterator[tuple[str, Path, ast.Module]]:
    """Yield name, file and syntax tree of every module, migrations included."""
    for path in sorted(package.rglob("*.py")):
        yield module_name(path, package), path, parsed(path, path.stat().st_mtime_ns)


@cache
def parsed(path: Path, changed: int) -> ast.Module:
    """Return the syntax tree of a file as it was at that change."""
    return tree_of(path.read_text(encoding="utf-8"))


@cache
def tree_of(text: str) -> ast.Module:
    """Return the syntax tree of a text; most files of a copied package are what they were."""
    return ast.parse(text)


def imports(package: Path) -> Iterator[Import]:
    """Yield every import in the package; `from a import b` names `a.b` when that is a module of ours."""
    for name, path, tree in modules(package):
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield Import(name, alias.name, node.lineno)
            elif isinstance(node, ast.ImportFrom):
                yield from dict.fromkeys(_imports_from(name, path, package, node))


def _imports_from(name: str, path: Path, package: Path, node: ast.ImportFrom) -> Iterator[Import]:
    base = node.module or ""
    if node.level:
        here = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
        base = ".".join([*here[: len(here) - node.level + 1], *filter(None, [node.module])])
    for alias in node.names:
        inner = package.parent.joinpath(*base.split("."), alias.name)
        is_ours = base.split(".")[0] == package.name
        is_module = is_ours and (inner.with_suffix(".py").is_file() or inner.is_dir())
        yield Import(name, f"{base}.{alias.name}" if is_module else base, node.lineno)


def copy_of_package(folder: Path) -> Path:
    """Copy the package, to plant faults in the copy; a room not built yet gets an empty shell."""
    package = folder / "parkbench"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__", "static", "locale"))
    for room in (*FREE_ROOMS, *ROOMS, "site"):
        (package / room).mkdir(exist_ok=True)
        (package / room / "__init__.py").touch()
    return package


def plant(package: Path, file: str, text: str) -> None:
    """Add lines at the end of a file of a copied package, making it when it is not there."""
    if package == PACKAGE:
        raise ValueError("Faults are planted in a copy only.")
    path = package / file
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.read_text(encoding="utf-8") if path.exists() else '"""Planted."""\n'
    path.write_text(f"{before}\n{text}\n", encoding="utf-8")
