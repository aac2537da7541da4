"""The node's folder: whether there is a node in it, and what may be read of it."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from parkbench.lib import countries
from parkbench.lib.db import is_postgres
from parkbench.lib.env import BadSetting, Env
from parkbench.lib.errors import Refused
from parkbench.lib.private import write_private
from parkbench.lib.whole import written_whole

NO_ADDRESS = "https://node.invalid"
"""What the first migration writes as this node's address; `init` replaces it, once."""

DATABASE = "parkbench.sqlite3"
OURS = frozenset(
    {
        *(DATABASE, "database", "secret_key", "keys", "files", "imports", "backups", "static", "serve.lock"),
        *("withdrawals.log", "epoch", "epoch.new", countries.FILE),
    }
)


class NoNode(BadSetting):
    """There is no node in this folder."""

    def __init__(self, home: Path) -> None:
        Refused.__init__(
            self,
            f"There is no node in {home}. Make one with: parkbench init --home {home} "
            "--organisation NAME --url URL --admin E-MAIL",
        )
        self.name, self.allowed = "PARKBENCH_HOME", "the folder of a node"


def home() -> Path:
    """Return the node's folder."""
    return Path(settings.HOME)


def database_file() -> Path:
    """Return where the SQLite database of the node lies."""
    return home() / DATABASE


def has_secret_key() -> bool:
    """Tell whether the node's own key is set or kept in its folder."""
    given = os.environ.get("PARKBENCH_SECRET_KEY") or os.environ.get("PARKBENCH_SECRET_KEY_FILE")
    return bool(given) or (home() / "secret_key").is_file()


def is_here() -> bool:
    """Tell, without asking the database, whether a node was made in this folder."""
    return has_secret_key() and (is_postgres() or database_file().is_file())


def check_is_here() -> None:
    """Raise NoNode unless there is a node in the folder."""
    if not is_here():
        raise NoNode(home())


def make_folder() -> None:
    """Make the node's folder and what stands in it beside the database, readable by nobody else.

    Raises Refused when the folder holds other things.
    """
    open_folder()
    (home() / "files").mkdir(exist_ok=True, mode=0o700)
    if not has_secret_key():
        write_private(home() / "secret_key", secrets.token_urlsafe(64) + "\n")


def keep_defaults(country: str) -> None:
    """Keep which currency and time zone go with the country: the plain ones when it is not in the table."""
    with written_whole(home() / countries.FILE) as stream:
        stream.write(countries.text_of(countries.DEFAULTS.get(country, countries.Defaults())))


def defaults_in_use() -> countries.Defaults:
    """Return which currency and time zone the next command goes by: the settings’, else the kept ones."""
    kept, env = countries.kept_defaults(home()), Env(os.environ)
    return countries.Defaults(
        currency=env.text("PARKBENCH_CURRENCY", kept.currency),
        time_zone=env.text("PARKBENCH_TIME_ZONE", kept.time_zone),
    )


def open_folder() -> None:
    """Make the node's folder alone; raises Refused when it holds other things."""
    folder = home()
    if folder.exists() and not folder.is_dir():
        raise Refused(f"{folder} is no folder. Choose another one with --home.")
    names = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    strange = sorted(name for name in names if name.split(".before-restore")[0] not in OURS and _counts(name))
    if strange and not names & {"secret_key", DATABASE}:
        raise Refused(
            f"{folder} holds other things already ({', '.join(strange[:3])}). "
            "Choose an empty folder with --home."
        )
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)


def _counts(name: str) -> bool:
    """Tell whether a name speaks against the folder being empty."""
    return name != "lost+found" and not name.startswith((".", DATABASE))


@contextmanager
def private_files() -> Iterator[None]:
    """Let every file made inside be readable by its owner only."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)
