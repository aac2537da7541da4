"""The entry point `parkbench`: finds the node's folder, runs one command, says in words what went wrong."""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

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

from parkbench.lib.env import BadSetting
from parkbench.lib.errors import Refused
from parkbench.site import collector
from parkbench.site.node import check_is_here

DONE, REFUSED, WRONG_USE, INTERRUPTED = 0, 1, 2, 130
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


class WrongUse(Refused):
    """A command line that cannot be understood; carries the sentence."""


def main() -> None:
    """Run one command of the command line and end the process with its exit code."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command; return 0 when done, 1 when refused or with problems found, 2 for wrong use."""
    try:
        return _dispatch(_settle_home(list(arguments)))
    except SystemExit as error:
        return _say(error.code, REFUSED) if isinstance(error.code, str) else error.code or DONE
    except BrokenPipeError:
        # Whoever read our output has seen enough; the interpreter must not complain of it at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except KeyboardInterrupt:
        return _say("Stopped.", INTERRUPTED)
    except Exception as error:
        if _wants_trace() and not isinstance(error, Refused):
            raise
        return _say(_in_words(error), WRONG_USE if isinstance(error, (WrongUse, BadSetting)) else REFUSED)


def _say(sentence: str, code: int) -> int:
    Console(stderr=True).print(sentence, markup=False, highlight=False, soft_wrap=True)
    return code


def _wants_trace() -> bool:
    return os.environ.get("PARKBENCH_DEBUG", "").strip().lower() in ("1", "true", "yes", "on")


def _in_words(error: Exception) -> str:
    """Say what an unforeseen error means for whoever typed the command."""
    if isinstance(error, Refused):
        return error.sentence
    text = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    if isinstance(error, (OperationalError, ProgrammingError)) and _is_about_tables(text):
        return (
            f"The database does not have the tables of this version ({text}). "
            "Bring it up to date with: parkbench django migrate"
        )
    if isinstance(error, DatabaseError):
        return f"The database does not answer as it should: {text}."
    if isinstance(error, OSError):
        return f"The system refused: {error}."
    return (
        f"Something went wrong that should not have ({type(error).__name__}: {text}). "
        "Set PARKBENCH_DEBUG=1 and run the command again to see where; please report it."
    )


def _is_about_tables(text: str) -> bool:
    return any(sign in text for sign in ("no such table", "no such column", "does not exist"))


def _settle_home(arguments: list[str]) -> list[str]:
    """Take `--home DIR` out of the arguments, wherever it stands, and let the settings find it."""
    rest: list[str] = []
    left = iter(arguments)
    for argument in left:
        name, is_given, value = argument.partition("=")
        if argument == "--":
            return [*rest, argument, *left]
        if name != "--home":
            rest.append(argument)
            continue
        value = value if is_given else next(left, "")
        if not value:
            raise WrongUse("--home needs the folder of a node, such as --home /srv/parkbench.")
        os.environ["PARKBENCH_HOME"] = str(Path(value).expanduser().absolute())
    if rest[:1] == ["demo"]:
        # Sample data never takes the place where `init` would make a real node.
        os.environ.setdefault("PARKBENCH_HOME", str(Path.home() / ".parkbench-demo"))
    return rest


def _dispatch(arguments: list[str]) -> int:
    if arguments[:1] == ["--version"]:
        Console().print(f"parkbench {version('parkbench')}", highlight=False)
        return DONE
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parkbench.site.settings")
    django.setup()
    collector.spare()
    if not arguments or arguments[0] in ("--help", "-h", "help"):
        return _help(arguments[1:2])
    if arguments[0] == "django":
        execute_from_command_line(["parkbench django", *arguments[1:]])
        return DONE
    return _run_own(arguments[0], arguments[1:])


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
    if _wants_trace():
        arguments = [*arguments, "--traceback"]
    command.run_from_argv(["parkbench", name, *arguments])
    return DONE


def _check_name(name: str) -> None:
    known = own_commands()
    if name in known:
        return
    near = difflib.get_close_matches(name, known, n=1)
    hint = f" Did you mean: parkbench {near[0]}?" if near else ""
    raise WrongUse(f"There is no command {name!r}.{hint} See them all with: parkbench --help")


def _help(names: list[str]) -> int:
    if names:
        _check_name(names[0])
        _load(names[0]).print_help("parkbench", names[0])
        return DONE
    console = Console()
    console.print("parkbench [--home DIR] COMMAND ...\n", markup=False, highlight=False)
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for name in own_commands():
        table.add_row(name, str(_load(name).help))
    table.add_row("django", "Run a command of Django's own, such as: parkbench django shell.")
    console.print(table)
    console.print(
        "\nparkbench COMMAND --help says what a command takes. --home DIR (or PARKBENCH_HOME) names the "
        "node's folder. Exit code: 0 done, 1 refused or problems found, 2 wrong use.",
        markup=False,
        highlight=False,
    )
    return DONE


if __name__ == "__main__":
    main()
