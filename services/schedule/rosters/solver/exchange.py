"""Mends what a flow cannot know (runs, limits that cross) by exchanges of dates between two people.

An exchange leaves everyone's number of days and every date's number as they were: the answer stays as fair.
"""

from __future__ import annotations

import numpy as np

from services.schedule.rosters.solver.problem import Grid, Numbers, Problem, runs_too_long

ROUNDS = 8
TRIED = 60  # people tried for one exchange


def mend(problem: Problem, home: Grid, costs: Numbers) -> bool:
    """Change *home* in place until no run is too long and no limit broken; tell whether that was reached."""
    desk = _Desk(problem, home, costs)
    for _ in range(ROUNDS):
        wrong = desk.wrong_cells()
        if not wrong:
            return True
        if not sum(desk.exchange(person, date) for person, date in wrong):  # tries them all
            return False
    return not desk.wrong_cells()


class _Desk:
    """A roster being mended, with the people counted under each limit."""

    def __init__(self, problem: Problem, home: Grid, costs: Numbers) -> None:
        self._problem, self._home, self._costs = problem, home, costs
        size = (len(problem.limits), problem.people)
        self._under = np.zeros(size, dtype=bool)
        for number, limit in enumerate(problem.limits):
            self._under[number, sorted(limit.people)] = True
        self._rooms = np.array([limit.rooms for limit in problem.limits], dtype=np.int64).reshape(
            len(problem.limits), problem.dates
        )
        self._rooms = np.maximum(0, self._rooms)
        self._counts = self._under.astype(np.int64) @ home.astype(np.int64)
        self._movable = problem.free & ~problem.fixed

    def wrong_cells(self) -> list[tuple[int, int]]:
        """Cells of which giving one up would mend something."""
        found = []
        if self._problem.in_a_row is not None:
            run = self._problem.run_before.copy()
            for date in range(self._problem.dates):
                run = np.where(self._home[:, date], run + 1, 0)
                found += [(int(person), date) for person in np.flatnonzero(run > self._problem.in_a_row)]
        for limit, date in zip(*np.nonzero(self._counts > self._rooms), strict=True):
            there = np.flatnonzero(self._under[limit] & self._home[:, date] & self._movable[:, date])
            found += [(int(person), int(date)) for person in there]
        return found

    def exchange(self, person: int, date: int) -> bool:
        """Let *person* give *date*, or one earlier in its run, to somebody for another date, if that mends more than
        it breaks."""
        home, free, fixed = self._home, self._problem.free, self._problem.fixed
        if not home[person, date]:
            return False
        span = range(date, max(-1, date - (self._problem.in_a_row or 0) - 1), -1)
        for give in [d for d in span if home[person, d] and not fixed[person, d]]:
            takes = [d for d in range(self._problem.dates) if free[person, d] and not home[person, d]]
            for take in sorted(takes, key=lambda d: (int(self._costs[person, d]), d)):
                willing = np.flatnonzero(home[:, take] & ~home[:, give] & free[:, give] & ~fixed[:, take])
                loss = self._costs[willing, give] - self._costs[willing, take]
                for other in willing[np.argsort(loss, kind="stable")][:TRIED].tolist():
                    if self._try(person, other, give, take):
                        return True
        return False

    def _try(self, person: int, other: int, give: int, take: int) -> bool:
        before = self._faults(person, other, give, take)
        self._swap(person, other, give, take)
        if self._faults(person, other, give, take) < before:
            return True
        self._swap(person, other, take, give)
        return False

    def _swap(self, person: int, other: int, give: int, take: int) -> None:
        self._home[person, give] = self._home[other, take] = False
        self._home[person, take] = self._home[other, give] = True
        change = self._under[:, person].astype(np.int64) - self._under[:, other]
        self._counts[:, give] -= change
        self._counts[:, take] += change

    def _faults(self, person: int, other: int, give: int, take: int) -> int:
        """Dates that are too many in the two people's runs, and people too many under limits on the two dates."""
        over = np.maximum(0, self._counts[:, (give, take)] - self._rooms[:, (give, take)]).sum()
        if self._problem.in_a_row is None:
            return int(over)
        runs = [
            len(runs_too_long(self._home[p], int(self._problem.run_before[p]), self._problem.in_a_row))
            for p in (person, other)
        ]
        return int(over) + sum(runs)
