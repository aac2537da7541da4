"""The commands of a node: each is one of Django's kind, found by its app; and the help over all commands."""

from __future__ import annotations

import difflib
import os

import django
from django.core.management import (
    BaseCommand,
    execute_from_command_line,
    get_commands,
    load_command_class,
)
from django.db import DatabaseError, OperationalError, ProgrammingError
from rich.console import Console
from rich.table import Table

from parkbench.lib.errors import Refused
from parkbench.site import collector, matching
from parkbench.site.node import check_is_here
from parkbench.site.outcomes import DONE, WrongUse, wants_trace

WITHOUT_A_NODE = frozenset({"demo", "init", "restore"})
"""Commands that make a node, and so run where there is none yet."""

DJANGO_OPTIONS = frozenset(
    {
        "--version",
        "--verbosity",
        "--settings",
        "--pythonpath",
        "--traceback",
        "--no-color",
        "--force-color",
        "--skip-checks",
    }
)
"""Options that Django gives every command; they work, but our help does not list them."""


def dispatch(arguments: list[str]) -> int:
    """Run a command of a node, or the help; raises WrongUse and Refused."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parkbench.site.settings")
    try:
        django.setup()
        collector.spare()
        return _run(arguments)
    except DatabaseError as error:
        if wants_trace():
            raise
        raise Refused(_of_the_database(error)) from error


def _run(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("--help", "-h", "help"):
        return _help(arguments[1:2])
    if arguments[0] == "django":
        execute_from_command_line(["parkbench django", *arguments[1:]])
        return DONE
    return _run_own(arguments[0], arguments[1:])


def _of_the_database(error: DatabaseError) -> str:
    text = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    if isinstance(error, (OperationalError, ProgrammingError)) and _is_about_tables(text):
        return (
            f"The database does not have the tables of this version ({text}). "
            "Bring it up to date with: parkbench django migrate"
        )
    return f"The database does not answer as it should: {text}."


def _is_about_tables(text: str) -> bool:
    return any(sign in text for sign in ("no such table", "no such column", "does not exist"))


def own_commands() -> dict[str, str]:
    """Return our own commands and the app of each, in alphabetical order; Django's are left out."""
    return {
        name: str(app)
        for name, app in sorted(get_commands().items())
        if str(app).startswith("parkbench.") and not name.startswith("_")
    }


def _load(name: str) -> BaseCommand:
    command = load_command_class(own_commands()[name], name)
    command.suppressed_base_arguments = set(DJANGO_OPTIONS)
    return command


def _run_own(name: str, arguments: list[str]) -> int:
    _check_name(name)
    command = _load(name)
    is_question = "--help" in arguments or "-h" in arguments
    if name not in WITHOUT_A_NODE and not is_question:
        check_is_here()
    if wants_trace():
        arguments = [*arguments, "--traceback"]
    command.run_from_argv(["parkbench", name, *arguments])
    return DONE


def _check_name(name: str) -> None:
    known = [*own_commands(), matching.NAME]
    if name in known:
        return
    near = difflib.get_close_matches(name, known, n=1)
    hint = f" Did you mean: parkbench {near[0]}?" if near else ""
    raise WrongUse(f"There is no command {name!r}.{hint} See them all with: parkbench --help")


def _help(names: list[str]) -> int:
    if names:
        _check_name(names[0])
        if names[0] == matching.NAME:
            matching.parser().print_help()
        else:
            _load(names[0]).print_help("parkbench", names[0])
        return DONE
    console = Console()
    console.print("parkbench [--home DIR] COMMAND ...\n", markup=False, highlight=False)
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    told = {name: str(_load(name).help) for name in own_commands()} | {matching.NAME: matching.HELP}
    for name, text in sorted(told.items()):
        table.add_row(name, text)
    table.add_row("django", "Run a command of Django's own, such as: parkbench django shell.")
    console.print(table)
    console.print(
        "\nparkbench COMMAND --help says what a command takes. --home DIR (or PARKBENCH_HOME) names the "
        "node's folder. Exit code: 0 done, 1 refused or problems found, 2 wrong use.",
        markup=False,
        highlight=False,
    )
    return DONE
