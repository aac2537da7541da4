"""Live nodes on databases of their own in the private PostgreSQL that PARKBENCH_DATABASE_URL names."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import uuid4

import nodes
from living import Node


@contextmanager
def made(*names: str) -> Iterator[list[str]]:
    """Addresses of databases of their own in the private server; the first is made, the others are copies."""
    import psycopg

    server, mark = os.environ["PARKBENCH_DATABASE_URL"], uuid4().hex[:8]
    called = [f"{name}_{mark}" for name in names]
    base = server.rpartition("/")[0]
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {called[0]}")
        yield [f"{base}/{name}" for name in called]
        for name in called:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def copy(database: str, to: str) -> None:
    """Make a database as a copy of one that nobody is connected to."""
    import psycopg

    with psycopg.connect(os.environ["PARKBENCH_DATABASE_URL"], autocommit=True) as connection:
        names = (address.rpartition("/")[2] for address in (to, database))
        connection.execute("CREATE DATABASE {} TEMPLATE {}".format(*names))


@contextmanager
def living(folder: Path, *names: str) -> Iterator[list[Node]]:
    """Nodes that answer, each on a database of its own."""
    with ExitStack() as stack:
        addresses = stack.enter_context(made(*names))
        pair = [
            Node(name, folder / name, settings={"PARKBENCH_DATABASE_URL": address})
            for name, address in zip(names, addresses, strict=True)
        ]
        first, *others = pair
        said = nodes.run(
            "init",
            *("--home", first.home, "--organisation", first.organisation, "--admin", "ada@alpha.example"),
            *("--url", "http://template.localhost"),
            **first.settings,
        )
        assert said.returncode == 0, said.stderr
        for node in others:
            copy(first.settings["PARKBENCH_DATABASE_URL"], node.settings["PARKBENCH_DATABASE_URL"])
            shutil.copytree(first.home, node.home)
        for node in pair:
            stack.callback(node.stop)
            node.start()
            node.do("settle", url=node.url, name=node.organisation)
        for node in pair:
            node.answers()
        yield pair
