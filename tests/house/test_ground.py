"""What every test stands on: no network but loopback, and no test set aside in silence."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from house.source import TOP

FAR = "192.0.2.1"  # RFC 5737: an address for documentation, nobody's


def test_a_connection_to_another_machine_is_refused() -> None:
    with socket.socket() as one:
        with pytest.raises(RuntimeError, match=f"loopback only, not {FAR}"):
            one.connect((FAR, 80))
        with pytest.raises(RuntimeError, match=f"loopback only, not {FAR}"):
            one.connect_ex((FAR, 80))
    with pytest.raises(RuntimeError, match=f"loopback only, not {FAR}"):
        socket.create_connection((FAR, 80), timeout=1)


def test_a_datagram_to_another_machine_is_refused() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        with pytest.raises(RuntimeError, match=f"loopback only, not {FAR}"):
            one.sendto(b"a", (FAR, 53))
        with pytest.raises(RuntimeError, match=f"loopback only, not {FAR}"):
            one.sendto(b"a", 0, (FAR, 53))


def test_a_name_is_not_looked_up() -> None:
    with pytest.raises(RuntimeError, match=r"loopback only, not node\.example"):
        socket.getaddrinfo("node.example", 443)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_loopback_is_reached(host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection((host, port), timeout=5) as one:
            assert one.getpeername() == ("127.0.0.1", port)


def test_a_test_for_postgres_is_set_aside_aloud_on_sqlite(tmp_path: Path) -> None:
    (tmp_path / "test_marked.py").write_text(
        "import pytest\n\n@pytest.mark.postgres\ndef test_one() -> None:\n    assert True\n\n"
        "def test_two() -> None:\n    assert True\n",
        encoding="utf-8",
    )
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-n0",
        "-p",
        "no:cacheprovider",
        "-c",
        str(TOP / "pyproject.toml"),
    ]
    command += ["--rootdir", str(TOP), "-p", "conftest", str(tmp_path)]
    quiet = {name: value for name, value in os.environ.items() if name != "PARKBENCH_DATABASE_URL"}
    path = os.pathsep.join(filter(None, [str(TOP / "tests"), quiet.get("PYTHONPATH", "")]))
    done = subprocess.run(
        command, cwd=TOP, env=quiet | {"PYTHONPATH": path}, text=True, capture_output=True, check=False
    )
    assert "1 passed, 1 deselected" in done.stdout, done.stdout + done.stderr
    assert "1 tests need PostgreSQL: run them with scripts/with_postgres.sh" in done.stdout
