"""A process that works on one node for the tests: it runs commands and acts with the node's surroundings.

It stands beside the node's web process, as the command line and the worker do, and shares nothing with it but
folder and database. Asked by a line of JSON on its standard input, it answers by a line of JSON.
"""

import contextlib
import io
import json
import os
import traceback


def main() -> None:
    """Do what is asked, one thing after the other, until there is no more."""
    asked, answer = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    os.environ["DJANGO_SETTINGS_MODULE"] = "parkbench.site.settings"
    import django

    django.setup()
    for line in asked:
        try:
            done = {"done": _do(json.loads(line))}
        except Exception:  # told to the test, which fails with it
            done = {"failed": traceback.format_exc()}
        answer.write(json.dumps(done, default=str) + "\n")
        answer.flush()


def _do(wish: dict) -> object:
    if "arguments" in wish:
        return _command(wish["arguments"])
    import acts

    if "act" in wish:
        return getattr(acts, wish["act"])(**wish["given"])
    space = {"acts": acts, "given": wish["given"], "said": None}
    exec(compile(wish["script"], "script of a test", "exec"), space)
    return space["said"]


def _command(arguments: list[str]) -> list[object]:
    from parkbench.site import cli

    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = cli.run(arguments)
    return [code, out.getvalue(), err.getvalue()]


if __name__ == "__main__":
    main()
