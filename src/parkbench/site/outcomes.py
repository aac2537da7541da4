"""How a command ends: its exit codes, wrong use, and whether a trace is wanted."""

from __future__ import annotations

import os

from parkbench.lib.errors import Refused

DONE, REFUSED, WRONG_USE, INTERRUPTED = 0, 1, 2, 130


class WrongUse(Refused):
    """A command line that cannot be understood; carries the sentence."""


def wants_trace() -> bool:
    """Tell whether whoever types commands wants to see where an error comes from."""
    return os.environ.get("PARKBENCH_DEBUG", "").strip().lower() in ("1", "true", "yes", "on")
