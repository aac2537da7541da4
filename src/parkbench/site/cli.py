"""The entry point `parkbench`: finds the node's folder, runs one command, says in words what went wrong."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from rich.console import Console

from parkbench.lib.env import BadSetting
from parkbench.lib.errors import Refused
from parkbench.site import matching
from parkbench.site.outcomes import DONE, INTERRUPTED, REFUSED, WRONG_USE, WrongUse, wants_trace


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
        if wants_trace() and not isinstance(error, Refused):
            raise
        return _say(_in_words(error), WRONG_USE if isinstance(error, (WrongUse, BadSetting)) else REFUSED)


def _say(sentence: str, code: int) -> int:
    Console(stderr=True).print(sentence, markup=False, highlight=False, soft_wrap=True)
    return code


def _in_words(error: Exception) -> str:
    """Say what an unforeseen error means for whoever typed the command."""
    if isinstance(error, Refused):
        return error.sentence
    if isinstance(error, OSError):
        return f"The system refused: {error}."
    text = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return (
        f"Something went wrong that should not have ({type(error).__name__}: {text}). "
        "Set PARKBENCH_DEBUG=1 and run the command again to see where; please report it."
    )


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
    if arguments[:1] == [matching.NAME]:
        return matching.run(arguments[1:])
    # Here, not above: Django takes most of a second, and whoever compares two sheets has no node.
    from parkbench.site import commands  # noqa: PLC0415

    return commands.dispatch(arguments)


if __name__ == "__main__":
    main()
