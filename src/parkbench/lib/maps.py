"""Maps: TOML files in which people say what the columns of their sheets are."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from parkbench.lib.errors import Refused


def read_toml(path: Path) -> dict[str, Any]:
    """Return what a map says; raises Refused for a file that cannot be opened or is no TOML."""
    try:
        with path.open("rb") as opened:
            return tomllib.load(opened)
    except OSError as error:
        raise Refused(f"The map {path} cannot be opened. Check that the file is there.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Refused(f"The map {path.name} is no valid TOML: {error}.") from error
