"""What is to be solved: one independent part of a roster, in numbers, without names, clauses or calendar."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Grid = npt.NDArray[np.bool_]
"""People × dates."""
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Limit:
    """At most ``rooms[d]`` of *people* (numbers) may be at home on date *d*; below 0 when absences alone break it."""

    id: str
    people: frozenset[int]
    rooms: tuple[int, ...]


@dataclass(frozen=True)
class Problem:
    """People 0 … P-1, dates 0 … D-1 in order.

    free: who may be at home when (P × D); fixed: who must be, a part of *free*. turns and chances (P): WFH days a
    person had, and days on which they could have had one, these dates included: fair is what makes turns ÷ chances
    even. wishes (P × D): above 0 where a person would like to be at home, below 0 where not. former (P × D): at home in
    the roster that was published. in_a_row: dates one may have one after the other; run_before (P): how many a person
    had just before date 0.
    """

    free: Grid
    fixed: Grid
    turns: Numbers
    chances: Numbers
    limits: tuple[Limit, ...]
    wishes: Numbers
    former: Grid
    run_before: Numbers
    in_a_row: int | None = None

    @property
    def people(self) -> int:
        return int(self.free.shape[0])

    @property
    def dates(self) -> int:
        return int(self.free.shape[1])

    def part(self, people: Sequence[int], limits: Sequence[Limit]) -> Problem:
        """The same for some of the *people* and the *limits* on them only; they are numbered anew in that order."""
        rows = np.asarray(people, dtype=np.int64)
        number = {person: n for n, person in enumerate(people)}
        own = tuple(Limit(limit.id, frozenset(number[p] for p in limit.people), limit.rooms) for limit in limits)
        return Problem(
            self.free[rows], self.fixed[rows], self.turns[rows], self.chances[rows], own, self.wishes[rows],
            self.former[rows], self.run_before[rows], self.in_a_row,
        )  # fmt: skip


@dataclass(frozen=True)
class Solution:
    """home: who is at home when (P × D). optimal: proved that no roster has more days at home, and none of as many
    shares them more evenly; gap: else how far the bound is, as a share of the objective. method: how it was found."""

    home: Grid
    optimal: bool
    gap: float
    method: str


def _binds(problem: Problem, limit: Limit) -> bool:
    """Whether a limit could ever keep anyone at the office."""
    return bool((problem.free[sorted(limit.people)].sum(axis=0) > np.maximum(0, limit.rooms)).any())


def components(problem: Problem) -> list[tuple[list[int], list[Limit]]]:
    """Groups of people that no limit links, in ascending order, and their limits: solved apart, the answers add up."""
    parent = list(range(problem.people))

    def root(person: int) -> int:
        while parent[person] != person:
            parent[person] = parent[parent[person]]
            person = parent[person]
        return person

    binding = [limit for limit in problem.limits if _binds(problem, limit)]
    for limit in binding:
        first, *rest = sorted(limit.people)
        for other in rest:
            one, two = sorted((root(first), root(other)))
            parent[two] = one
    groups: dict[int, list[int]] = defaultdict(list)
    for person in range(problem.people):
        groups[root(person)].append(person)
    limits: dict[int, list[Limit]] = defaultdict(list)
    for limit in binding:
        limits[root(min(limit.people))].append(limit)
    return [(groups[key], limits[key]) for key in sorted(groups)]


FAIRNESS = 10_000
"""Fineness of a turn's cost: shares of up to 50 days each are told apart."""


def turn_costs(problem: Problem, persons: Numbers, nth: Numbers) -> Numbers:
    """What the next turn of each of *persons* costs who has had *nth* (0 …) in this roster: the growth of the square of
    their turns ÷ chances, weighted by the chances. The cheapest turns make the most even roster."""
    had = problem.turns[persons] + nth
    return np.asarray(FAIRNESS * (2 * had + 1) // np.maximum(1, problem.chances[persons]), dtype=np.int64)


def runs_too_long(row: Grid, before: int, in_a_row: int) -> list[int]:
    """The dates at which a person's run of WFH dates passes *in_a_row*; *before*: its length just before the first."""
    found, run = [], before
    for date, home in enumerate(row):
        run = run + 1 if home else 0
        if run > in_a_row:
            found.append(date)
    return found


def breaches(problem: Problem, home: Grid) -> list[str]:
    """Every hard rule that *home* breaks, in words; a limit once for each person too many. Empty when none."""
    found: list[str] = []
    found += [f"person {p} may not be at home on date {d}" for p, d in np.argwhere(home & ~problem.free)]
    found += [f"person {p} must be at home on date {d}" for p, d in np.argwhere(problem.fixed & ~home)]
    for limit in problem.limits:
        count = home[sorted(limit.people)].sum(axis=0)
        for d in range(problem.dates):
            found += [f"{limit.id} on date {d}"] * max(0, int(count[d]) - max(0, limit.rooms[d]))
    if problem.in_a_row is not None:
        for person in range(problem.people):
            for date in runs_too_long(home[person], int(problem.run_before[person]), problem.in_a_row):
                found.append(f"person {person} has a run too long at date {date}")
    return found


def trimmed(problem: Problem, home: Grid) -> Grid:
    """*home* without the days that break a rule; what is fixed stays."""
    kept = problem.fixed.copy()
    for person, date in zip(*np.nonzero(home & ~problem.fixed), strict=True):
        if addable(problem, kept, int(person), int(date)):
            kept[person, date] = True
    return kept


def addable(problem: Problem, home: Grid, person: int, date: int) -> bool:
    """Whether *person* could be at home on *date* besides, with every rule kept."""
    if home[person, date] or not problem.free[person, date]:
        return False
    for limit in problem.limits:
        if person in limit.people and int(home[sorted(limit.people), date].sum()) >= max(0, limit.rooms[date]):
            return False
    return run_with(problem, home, person, date) <= (problem.in_a_row or problem.dates + 1)


def run_with(problem: Problem, home: Grid, person: int, date: int) -> int:
    """Length of the run that *date* would be part of."""
    run = 1
    for earlier in range(date - 1, -1, -1):
        if not home[person, earlier]:
            break
        run += 1
    else:
        run += int(problem.run_before[person])
    for later in range(date + 1, problem.dates):
        if not home[person, later]:
            break
        run += 1
    return run
