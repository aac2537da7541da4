"""The file of `--columns`: what a person says of the columns, for all sheets and for single ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from parkbench.comparison.sheets.headings import ROLES, Role
from parkbench.lib.errors import Invalid, Problem
from parkbench.lib.maps import read_toml

_KEYS = (*ROLES, "sheet")
_EXPECTED = f'one of {", ".join(_KEYS)}, or a section that names a file, such as ["park.csv"]'


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of one sheet: role > heading, number of the column (1 = the first), or '' for none."""

    columns: Mapping[Role, str | int] = field(default_factory=dict)
    sheet: str | None = None


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """What is said of all sheets, and of those that are named."""

    general: Said = Said()
    files: Mapping[str, Said] = field(default_factory=dict)

    def said_of(self, file: str, path: Path) -> Said:
        """Return what is said of a file, known by the name it is shown with, its own name or its path."""
        for name in (file, str(path), path.name):
            if name in self.files:
                own = self.files[name]
                return Said({**self.general.columns, **own.columns}, own.sheet or self.general.sheet)
        return self.general

    def strangers(self, files: Sequence[str], paths: Sequence[Path]) -> list[str]:
        """Return the sections that name none of these files."""
        names = {*files, *(path.name for path in paths), *map(str, paths)}
        return [name for name in self.files if name not in names]


def read_map(path: Path) -> ColumnMap:
    """Return what a TOML file says; raise Refused for no such file, Invalid for what it cannot say."""
    found = read_toml(path)
    sections = {name: part for name, part in found.items() if isinstance(part, dict)}
    plain = {name: part for name, part in found.items() if name not in sections}
    # As in the map of an import, the columns of all sheets may stand below [columns].
    plain |= sections.pop("columns", {})
    files = {name: _said(part, path.name, f"[{name}] ") for name, part in sections.items()}
    return ColumnMap(_said(plain, path.name, ""), files)


def _said(part: Mapping[str, Any], file: str, where: str) -> Said:
    problems = [
        Problem(f"{file}, {where}{name}", value, _EXPECTED)
        for name, value in part.items()
        if name not in _KEYS
    ]
    problems += [
        Problem(f"{file}, {where}{name}", value, "a heading in quotes or the number of a column")
        for name, value in part.items()
        if name in _KEYS and (not isinstance(value, str | int) or isinstance(value, bool))
    ]
    if problems:
        raise Invalid(problems)
    sheet = part.get("sheet")
    return Said({role: part[role] for role in ROLES if role in part}, None if sheet is None else str(sheet))
