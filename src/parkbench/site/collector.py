"""Python's collector of circular rubbish, told what it need not look at."""

from __future__ import annotations

import gc

NEW_OBJECTS = 20_000
"""Objects made since the last look; Python's own 700 is less than one page or ten rows of a sheet."""


def spare() -> None:
    """Leave what is loaded by now out of every later look, and look less often.

    Code, models and templates stay to the end of the process. Going through them again and again took a
    fifth of an import's processor time.
    """
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, 10, 10)
