"""Files that are never seen half written."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from parkbench.lib.errors import Refused


@contextlib.contextmanager
def written_whole(path: Path) -> Iterator[BinaryIO]:
    """Write a file beside its place and move it there only when it is whole and on disk.

    Raises Refused when the folder is not there, or the path is itself a folder. The file is readable by its
    owner only.
    """
    if not path.parent.is_dir():
        raise Refused(f"There is no folder {path.parent}. Make it first, or choose another place with --out.")
    if path.is_dir():
        raise Refused(f"{path} is a folder. Name a file in it with --out.")
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
