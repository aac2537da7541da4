"""What every test stands on: profiles, a quick password hash, no network but loopback, no silent skipping."""

import copy
import gc
import ipaddress
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

HERE = Path(__file__).parent
NEEDS_POSTGRES = "need PostgreSQL: run them with scripts/with_postgres.sh"
NEEDS_NONE = "touch no database: they have run beside SQLite"

settings.register_profile("ci", max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("long", settings.get_profile("ci"), max_examples=5000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


class NetworkForbiddenError(RuntimeError):
    """A test reached for the network; no OSError, so that no code under test takes it for a failed call."""


def pytest_configure(config: pytest.Config) -> None:
    """Hash passwords quickly (a strong hash costs each sign-in a tenth of a second); run jobs when queued.

    Files are looked for when asked for: every new test client would look through all of them otherwise.
    """
    from django.conf import settings as django_settings
    from django.test.signals import setting_changed

    django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    django_settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
    django_settings.WHITENOISE_AUTOREFRESH = True
    setting_changed.send(sender=None, setting="TASKS", value=django_settings.TASKS, enter=True)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Leave what is loaded by now out of every later collection of garbage: a tenth of the run otherwise."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a second run, on PostgreSQL, leave out what the database makes no difference to."""
    parser.addoption(
        "--only-database", action="store_true", help="on PostgreSQL, set aside what touches no database"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what lives in tests/browser; set aside, and count aloud, what the database at hand is not for.

    On SQLite that is what needs PostgreSQL; on PostgreSQL, when asked for, what touches no database.
    """
    for item in items:
        if (HERE / "browser") in item.path.parents:
            item.add_marker(pytest.mark.browser)
    from django.db import connection

    if connection.vendor != "postgresql":
        aside, why = {item for item in items if item.get_closest_marker("postgres")}, NEEDS_POSTGRES
    elif config.getoption("only_database"):
        aside, why = {item for item in items if not touches_database(item)}, NEEDS_NONE
    else:
        return
    if aside:
        config.hook.pytest_deselected(items=[item for item in items if item in aside])
        items[:] = [item for item in items if item not in aside]
        config.stash[SET_ASIDE] = f"{len(aside)} tests {why}"


def touches_database(item: pytest.Item) -> bool:
    """Whether a test, or a fixture of it, asks for the database of the run; nodes of its own do not count."""
    from django.test import SimpleTestCase

    marked = item.get_closest_marker("django_db") or item.get_closest_marker("postgres")
    is_case = issubclass(getattr(item, "cls", None) or object, SimpleTestCase)
    return bool(marked or is_case or DATABASE & set(getattr(item, "fixturenames", ())))


DATABASE = {"db", "transactional_db", "django_db_setup"}
"""Fixtures that bring the database; the blocker alone stands before every test."""
SET_ASIDE = pytest.StashKey[str]()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Let a worker of several tell what it set aside, which is the same for each."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["aside"] = session.config.stash.get(SET_ASIDE, "")


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Hear what a worker set aside; one that died says nothing."""
    if said := getattr(node, "workeroutput", {}).get("aside"):
        node.config.stash[SET_ASIDE] = said


@pytest.fixture
def say(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Let a campaign say at the end of the run how many cases it tried and what was found."""
    return lambda text: record_property(CAMPAIGN, text)


CAMPAIGN = "campaign"


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Tell what campaigns said, and how many tests this run set aside, and why or how to run them."""
    reports = [one for found in terminalreporter.stats.values() for one in found]
    said = [getattr(one, "user_properties", ()) for one in reports if getattr(one, "when", "") == "call"]
    for name, text in sorted(pair for pairs in said for pair in pairs):
        if name == CAMPAIGN:
            terminalreporter.write_line(text)
    if aside := config.stash.get(SET_ASIDE, ""):
        terminalreporter.write_line(aside)


def _check_address(address: Any) -> None:
    if not isinstance(address, tuple):  # a Unix socket's path
        return
    host = str(address[0]).partition("%")[0]
    if host in ("", "localhost"):
        return
    try:
        allowed = ipaddress.ip_address(host).is_loopback
    except ValueError:
        allowed = False
    if not allowed:
        raise NetworkForbiddenError(f"Tests reach loopback only, not {host}.")


@pytest.fixture(scope="session", autouse=True)
def only_loopback() -> Iterator[None]:
    """Forbid every connection and every name look-up beyond this machine, for the whole run."""
    patch = pytest.MonkeyPatch()
    connect, connect_ex, sendto = socket.socket.connect, socket.socket.connect_ex, socket.socket.sendto
    look_up = socket.getaddrinfo

    def checked_connect(self: socket.socket, address: Any) -> None:
        _check_address(address)
        connect(self, address)

    def checked_connect_ex(self: socket.socket, address: Any) -> int:
        _check_address(address)
        return connect_ex(self, address)

    def checked_sendto(self: socket.socket, *args: Any) -> int:
        _check_address(args[-1])
        return sendto(self, *args)

    def checked_look_up(host: Any, *args: Any, **named: Any) -> Any:
        _check_address((host.decode() if isinstance(host, bytes) else host or "",))
        return look_up(host, *args, **named)

    patch.setattr(socket.socket, "connect", checked_connect)
    patch.setattr(socket.socket, "connect_ex", checked_connect_ex)
    patch.setattr(socket.socket, "sendto", checked_sendto)
    patch.setattr(socket, "getaddrinfo", checked_look_up)
    yield
    patch.undo()


@pytest.fixture(scope="module")
def institute(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[Any]:
    """The small institute and its files, built once for the tests of a module; look, do not touch."""
    from django.test import override_settings

    import worlds
    from standing import standing

    files = tmp_path_factory.mktemp("institute") / "files"
    files.mkdir()

    def build() -> worlds.World:
        with override_settings(MEDIA_ROOT=files):
            return worlds.build()

    with standing(django_db_blocker, build) as world:
        yield world, files


@pytest.fixture
def world(institute: Any, db: None, settings: Any, tmp_path: Path) -> Any:
    """The small institute, to do with as one likes."""
    world, files = institute
    # With the folder of imports, which lies beside the files.
    settings.MEDIA_ROOT = Path(shutil.copytree(files.parent, tmp_path / "institute")) / "files"
    return copy.deepcopy(world)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Node alpha as `init` leaves it, made once for all workers of a run; look, do not touch."""
    import nodes

    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "node-made"
    folder.mkdir(exist_ok=True)
    return nodes.once(folder, country="NO")


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    """Node alpha, to do with as one likes: making one takes seconds, copying none."""
    return Path(shutil.copytree(made, tmp_path / "alpha"))


@pytest.fixture(scope="module")
def register(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The shipped register of makers, techniques and models, loaded once for the tests of a module."""
    import cast
    from parkbench.catalogue.services import load_register
    from standing import standing

    with standing(django_db_blocker, lambda: load_register(by=cast.OPERATOR)):
        yield


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Where Chromium is: PARKBENCH_CHROMIUM, else the first of Debian's names; stops the test when absent."""
    found = os.environ.get("PARKBENCH_CHROMIUM") or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if not found:
        pytest.fail("No Chromium on this machine. Run scripts/bootstrap.sh, which installs it.")
    return found
