"""Counts: what was taken must have had its effect, once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from tests.faults.bells.services import ECHO, RING, WEBHOOK

SEEN = "select number, count(*) from effect where kind = %s group by number"
HOME = {RING: "hearer", ECHO: "ringer", WEBHOOK: "hearer"}
"""In which service's database the effects of a kind are."""


@dataclass(frozen=True)
class Tally:
    """lost: taken and without effect; doubled: effects beyond the first, of what was taken or not."""

    expected: int
    lost: int
    doubled: int

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.expected + other.expected, self.lost + other.lost, self.doubled + other.doubled)


def tally(taken: Collection[int], seen: Mapping[int, int]) -> Tally:
    """Compare the numbers *taken* with *seen*, number → how many effects."""
    lost = sum(1 for number in taken if not seen.get(number))
    doubled = sum(times - 1 for times in seen.values() if times > 1)
    return Tally(len(taken), lost, doubled)


def seen_in(rows: Collection[tuple[object, ...]]) -> Counter[int]:
    """Rows of :data:`SEEN` as number → how many."""
    return Counter({int(str(number)): int(str(times)) for number, times in rows})
