"""How much may come in a time, counted in this process.

The usual library keeps such counts too, but starts a thread for every few of them, which cost a tenth of an intake.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable


class Window:
    """At most *limit* per key within each window of *seconds*; all counts begin anew together, so none is kept long."""

    def __init__(self, limit: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit, self._seconds, self._clock = limit, seconds, clock
        self._began = clock()
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def admits(self, key: str) -> bool:
        """Count one of *key*; whether it is still within the limit."""
        with self._lock:
            self._turn()
            self._counts[key] += 1
            return self._counts[key] <= self._limit

    def _turn(self) -> None:
        now = self._clock()
        if now - self._began >= self._seconds:
            self._began = now
            self._counts.clear()
