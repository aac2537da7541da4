"""A process that holds what every command loads, and forks itself for each: loading is half of a command.

It knows nothing of Parkbench nor of its settings: each fork reads those anew, as a fresh interpreter would.
Asked by a line of JSON on its standard input, it answers with a line that holds the exit code.
"""

import gc
import importlib
import json
import os
import runpy
import sys

LOADED = (
    *(
        "charset_normalizer",
        "csp.constants",
        "django.conf",
        "django.core.handlers.wsgi",
        "django.core.management",
    ),
    *("django.core.serializers.json", "django.db.backends.sqlite3.base", "django.db.migrations.executor"),
    *("django.db.models", "django.forms", "django.http", "django.shortcuts", "django.template.defaulttags"),
    *("django.test.signals", "django.urls", "django.utils.timezone", "django.views.generic", "email.message"),
    *("PIL.Image", "PIL.ImageOps", "pydantic", "pydantic.deprecated.decorator", "rich.console", "rich.table"),
    *("sqlparse", "urllib.request", "whitenoise.middleware", "zoneinfo"),
)


def become(wish: dict[str, object]) -> None:
    """Be the command from here on: its surroundings, its three streams, its arguments."""
    os.environ.clear()
    os.environ.update(wish["surroundings"])
    for stream, path, flags in (
        (0, os.devnull, os.O_RDONLY),
        (1, wish["out"], os.O_WRONLY),
        (2, wish["err"], os.O_WRONLY),
    ):
        opened = os.open(str(path), flags)
        os.dup2(opened, stream)
        os.close(opened)
    sys.argv = ["parkbench", *wish["arguments"]]
    runpy.run_module("parkbench.site.cli", run_name="__main__", alter_sys=True)


def main() -> None:
    """Fork for every line that asks for a command, until there are no more."""
    for name in LOADED:
        importlib.import_module(name)
    assert not [name for name in sys.modules if name.startswith("parkbench")]
    gc.freeze()
    asked, answer = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w")
    for line in asked:
        child = os.fork()
        if not child:
            asked.close()
            answer.close()
            return become(json.loads(line))
        _pid, status = os.waitpid(child, 0)
        answer.write(f"{os.waitstatus_to_exitcode(status)}\n")
        answer.flush()


if __name__ == "__main__":
    main()
