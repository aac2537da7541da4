"""A clock that tests move: in a process that finds this folder on its path, time is off by what a file says.

``FEDERATION_CLOCK`` names the file; seconds stand in it. Without it nothing is changed. The product has no
such setting: this stands in the place of a server whose clock is wrong.
"""

import os
import time

if _path := os.environ.get("FEDERATION_CLOCK"):
    from datetime import UTC, datetime

    from django.utils import timezone

    _time = time.time

    def _shift() -> float:
        with open(_path, encoding="ascii") as file:
            return float(file.read() or 0)

    time.time = lambda: _time() + _shift()
    timezone.now = lambda: datetime.fromtimestamp(time.time(), UTC)
