"""No orphans: a process that ends as soon as the one that started it has ended."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time

_PR_SET_PDEATHSIG = 1
"""Source: prctl(2), Linux."""


def die_with(parent: int) -> None:
    """End this process, whatever it is doing, when the process ``parent`` that started it is gone.

    Also after a `kill -9`, which gives the parent no chance to say goodbye. Nothing is lost by it: every
    write is one transaction, and an unfinished job is queued again at the next start.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    else:
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()
    if os.getppid() != parent:  # it went before we could ask
        os._exit(1)


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)
