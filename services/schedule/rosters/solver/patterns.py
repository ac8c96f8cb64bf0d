"""Chooses for each person one of all the ways in which their days may lie, for periods with few dates.

What makes runs hard for a model of single cells is in no row of this one: a way with a run too long is simply not
there. Its linear relaxation is so tight that SCIP has nearly always settled it before the first branching.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from ortools.linear_solver import pywraplp

from services.schedule.rosters.solver.problem import Grid, Numbers, Problem, Solution, turn_costs

DATES = 10
"""Up to so many dates: a person has at most 1,024 ways."""

BRANCHES = 50
"""Cap of each step's search, in nodes and not in seconds: the same answer to the same question on any machine."""


@dataclass(frozen=True)
class Ways:
    """rows (W × D): where a person may be at home, each way once; chosen: SCIP's variable of each."""

    rows: Numbers
    chosen: Sequence[Any]

    @property
    def days(self) -> Numbers:
        return np.asarray(self.rows.sum(axis=1), dtype=np.int64)


def with_totals(problem: Problem, totals: Numbers, costs: Numbers) -> Grid | None:
    """A roster with these *totals* and the least *costs* that branching finds; None when it finds none."""
    model = _Model(problem, totals)
    worth = [ways.rows @ costs[person] for person, ways in enumerate(model.ways)]
    return model.read() if model.least(worth) is not None else None


def freely(problem: Problem, costs: Numbers) -> Solution | None:
    """As many days as there can be, then what was published, then shared most evenly, then *costs*, which weigh what
    was published above all else. None when branching finds no roster at all."""
    model = _Model(problem, None)
    uneven = [_unevenness(problem, person, ways) for person, ways in enumerate(model.ways)]
    steps = [[cost - _above(uneven) * ways.days for cost, ways in zip(uneven, model.ways, strict=True)]]
    if problem.former.any():
        changed = [ways.rows @ ~problem.former[person] for person, ways in enumerate(model.ways)]
        steps = [[cost - _above(changed) * ways.days for cost, ways in zip(changed, model.ways, strict=True)], uneven]
    gap = 0.0
    for number, worth in enumerate(steps):
        reached = model.least(worth)
        if reached is None:
            return None
        value, bound = reached
        gap = max(gap, (value - bound) / max(1.0, abs(value)))
        if number + 1 < len(steps):
            model.keep(worth, value)
    home = model.read()
    laid = with_totals(problem, home.sum(axis=1), costs)  # evenness is a matter of totals alone, the rest of costs
    return Solution(home if laid is None else laid, gap == 0, gap, "search")


def _above(worth: Sequence[Numbers]) -> int:
    """More than all that choosing could make of *worth*."""
    return 1 + sum(int(costs.max()) for costs in worth)


def _unevenness(problem: Problem, person: int, ways: Ways) -> Numbers:
    """What each of the *ways* costs by its number of days."""
    most = int(ways.days.max())
    costs = turn_costs(problem, np.full(most, person), np.arange(most))
    return np.concatenate([[0], np.cumsum(costs)])[ways.days]


class _Model:
    """Each person has one way, and on each date no limit has more people than its room. totals: ways with that many
    days only."""

    def __init__(self, problem: Problem, totals: Numbers | None) -> None:
        self._problem, self._solver = problem, pywraplp.Solver.CreateSolver("SCIP")
        self._solver.SetSolverSpecificParametersAsString(f"limits/nodes = {BRANCHES}")
        self.ways: list[Ways] = []
        for person in range(problem.people):
            rows = ways_of(
                problem.free[person].tobytes(), problem.fixed[person].tobytes(), int(problem.run_before[person]),
                problem.in_a_row,
            )  # fmt: skip
            if totals is not None:
                rows = rows[rows.sum(axis=1) == totals[person]]
            chosen = [self._solver.BoolVar("") for _ in rows]
            self._solver.Add(self._solver.Sum(chosen) == 1)
            self.ways.append(Ways(rows, chosen))
        for limit in problem.limits:
            there = problem.free[sorted(limit.people)].sum(axis=0)
            for date in np.flatnonzero(there > np.maximum(0, limit.rooms)).tolist():
                self._keep_room(limit.people, date, max(0, limit.rooms[date]))

    def _keep_room(self, people: frozenset[int], date: int, room: int) -> None:
        row = self._solver.Constraint(0, room)
        for person in sorted(people):
            ways = self.ways[person]
            for number in np.flatnonzero(ways.rows[:, date]).tolist():
                row.SetCoefficient(ways.chosen[number], 1)

    def least(self, worth: Sequence[Numbers]) -> tuple[int, int] | None:
        """Minimise the *worth* of the ways chosen: (value, bound), whole numbers both; None without an answer."""
        objective = self._solver.Objective()
        objective.Clear()
        for ways, costs in zip(self.ways, worth, strict=True):
            for variable, cost in zip(ways.chosen, costs.tolist(), strict=True):
                objective.SetCoefficient(variable, cost)
        objective.SetMinimization()
        parameters = pywraplp.MPSolverParameters()
        parameters.SetDoubleParam(parameters.RELATIVE_MIP_GAP, 0.0)
        if self._solver.Solve(parameters) not in (pywraplp.Solver.OPTIMAL, pywraplp.Solver.FEASIBLE):
            return None
        value = round(objective.Value())
        return value, min(value, int(np.ceil(objective.BestBound() - 0.01)))

    def keep(self, worth: Sequence[Numbers], value: int) -> None:
        """From now on the *worth* of the ways chosen is at most *value*."""
        row = self._solver.Constraint(-self._solver.infinity(), value)
        for ways, costs in zip(self.ways, worth, strict=True):
            for variable, cost in zip(ways.chosen, costs.tolist(), strict=True):
                row.SetCoefficient(variable, cost)

    def read(self) -> Grid:
        home = np.zeros_like(self._problem.free)
        for person, ways in enumerate(self.ways):
            taken = int(np.argmax([variable.solution_value() for variable in ways.chosen]))
            home[person] = ways.rows[taken] > 0
        return home


@lru_cache(maxsize=1024)
def ways_of(free: bytes, fixed: bytes, before: int, in_a_row: int | None) -> Numbers:
    """All ways (W × D) to be at home on *fixed* dates and any of the *free* ones with no run too long.

    before: the run just before the first date."""
    may, must = np.frombuffer(free, dtype=bool), np.frombuffer(fixed, dtype=bool)
    found: list[tuple[tuple[int, ...], int]] = [((), before)]
    for date in range(len(may)):
        longer = []
        for row, run in found:
            if not must[date]:
                longer.append(((*row, 0), 0))
            if may[date] and (in_a_row is None or run < in_a_row):
                longer.append(((*row, 1), run + 1))
        found = longer
    return np.array([row for row, _ in found], dtype=np.int64).reshape(len(found), len(may))
