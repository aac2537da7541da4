"""What a backup says of itself: versions, digests, counts. It is the last member of the file."""

from __future__ import annotations

import json
import re
from pathlib import PurePosixPath
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from parkbench.lib import countries
from parkbench.lib.errors import Refused

NAME = "manifest.json"
FORMAT = 1
SQLITE, POSTGRES = "database.sqlite3", "database.pgdump"
KEY = "secret_key"
KEYS = "keys"
FILES = (KEY, countries.FILE)
FOLDERS = ("files", "imports", KEYS)
MOST_BYTES = 64 * 1024 * 1024
_SAFE = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}").fullmatch


class Member(BaseModel):
    """One file in a backup."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    name: str
    size: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Manifest(BaseModel):
    """What a backup says of itself."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    format: int
    version: str
    made_at: str
    address: str
    organisation: str
    database: str
    migrations: dict[str, list[str]]
    counts: dict[str, int]
    members: list[Member]


def write(manifest: Manifest) -> bytes:
    """Return the bytes of the member."""
    return json.dumps(manifest.model_dump(), ensure_ascii=False, indent=1).encode()


def read(content: bytes) -> Manifest:
    """Return what the bytes say; raises Refused when they say nothing that this version can read."""
    try:
        said: Any = json.loads(content)
        if isinstance(said, dict) and isinstance(said.get("format"), int) and said["format"] > FORMAT:
            raise Refused(
                f"This backup was made by a newer version of Parkbench ({said.get('version')}). "
                "Install that version first."
            )
        manifest = Manifest.model_validate(said)
    except (ValueError, ValidationError) as error:
        raise Refused("This backup does not say what is in it: its manifest cannot be read.") from error
    for member in manifest.members:
        if not is_safe(member.name):
            raise Refused(f"This backup holds a file with a name that cannot be used: {member.name!r}.")
    return manifest


def is_safe(name: str) -> bool:
    """Tell whether a member's name is one that a backup has, and stays inside the node's folder."""
    if name in (SQLITE, POSTGRES, *FILES):
        return True
    parts = PurePosixPath(name).parts
    return len(parts) >= 2 and parts[0] in FOLDERS and all(_SAFE(part) for part in parts)
