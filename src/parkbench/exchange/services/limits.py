"""How many requests a caller may make: generous, kept in memory, to hold off loops and not people."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field

from parkbench.exchange.services.refusals import TooOften


@dataclass
class Limit:
    """So many at once, refilled at a steady rate; each caller has a bucket of its own.

    At most 10,000 callers are remembered; the one not seen for longest is forgotten first.
    """

    burst: int
    per_second: float
    _buckets: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    MOST = 10_000

    def check(self, who: str) -> None:
        """Take one; raises TooOften when there is none left."""
        now = time.monotonic()
        with self._lock:
            left, at = self._buckets.pop(who, (float(self.burst), now))
            left = min(self.burst, left + (now - at) * self.per_second)
            self._buckets[who] = (max(left - 1, 0.0) if left >= 1 else left, now)
            if len(self._buckets) > self.MOST:
                self._buckets.popitem(last=False)
        if left < 1:
            raise TooOften(int((1 - left) / self.per_second) + 1)

    def forget(self) -> None:
        """Forget everybody."""
        with self._lock:
            self._buckets.clear()


BY_ADDRESS = Limit(burst=3_000, per_second=50)
BY_PARTNER = Limit(burst=2_000, per_second=30)
PINGS = Limit(burst=30, per_second=0.5)
"""A ping makes this node ask: thirty at once, then one in two seconds, for each partner.

Whoever takes back one record after the other is to see each of them confirmed within seconds.
"""
RECEIPTS = Limit(burst=2_000, per_second=0.5)
"""Each receipt is a row that is kept: as many as readings that pings ask for, and one for each journal."""
