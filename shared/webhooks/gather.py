"""Stores what several requests of one process bring in one transaction, when they come at the same time.

Waiting for the disk is most of the cost of keeping a webhook; this way requests share it. The first one writes for all
that have gathered while the one before was writing; each is answered only after its own row is safe.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(eq=False)
class _Brought(Generic[T]):
    item: T
    outcome: bool | Exception | None = None


class Gather(Generic[T]):
    """write(items) -> for each item whether it was new; it commits, or raises and has written none."""

    def __init__(self, write: Callable[[Sequence[T]], Sequence[bool]]) -> None:
        self._write = write
        self._waiting: SimpleQueue[_Brought[T]] = SimpleQueue()
        self._writing = threading.Lock()

    @property
    def waiting(self) -> int:
        """How many wait for the write under way to end."""
        return self._waiting.qsize()

    def keep(self, item: T) -> bool:
        """Whether *item* is new; returns when it is stored, raises when it is not."""
        brought = _Brought(item)
        self._waiting.put(brought)
        with self._writing:
            if brought.outcome is None:
                self._write_together([self._waiting.get() for _ in range(self._waiting.qsize())])
        if isinstance(brought.outcome, Exception):
            raise brought.outcome
        assert brought.outcome is not None
        return brought.outcome

    def _write_together(self, together: list[_Brought[T]]) -> None:
        try:
            news: Sequence[bool | Exception] = self._write([each.item for each in together])
        except Exception as error:  # each request answers it for itself
            news = [error] * len(together)
        for each, outcome in zip(together, news, strict=True):
            each.outcome = outcome
