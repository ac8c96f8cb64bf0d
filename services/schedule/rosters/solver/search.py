"""Search for what neither flow nor exchange could settle: first with everyone's number of days fixed at the flow's, so
that its proof carries over; then freely, with a cap and the gap told. CP-SAT for periods of many dates."""

from __future__ import annotations

from typing import Any

import numpy as np
from ortools.sat.python import cp_model

from services.schedule.rosters.solver import patterns
from services.schedule.rosters.solver.problem import FAIRNESS, Grid, Numbers, Problem, Solution, trimmed, turn_costs

SEED = 15
Cells = dict[tuple[int, int], Any]


def search(problem: Problem, hint: Grid, costs: Numbers, seconds: float) -> Solution:
    """The best roster found; *hint* is the flow's answer, whose totals are tried first. *seconds*: cap of the search
    among many dates, in CP-SAT's deterministic time."""
    few = problem.dates <= patterns.DATES
    home = (
        patterns.with_totals(problem, hint.sum(axis=1), costs) if few else _with_totals(problem, hint, costs, seconds)
    )
    if home is not None:
        # Any roster with these totals is as fair as the flow's, which knew fewer rules: no better one exists.
        return Solution(home, True, 0.0, "search with fixed totals")
    found = patterns.freely(problem, costs) if few else _freely(problem, hint, seconds)
    return found or Solution(trimmed(problem, hint), False, 1.0, "trimmed")


def _with_totals(problem: Problem, hint: Grid, costs: Numbers, seconds: float) -> Grid | None:
    model, cells = model_of(problem)
    totals = hint.sum(axis=1)
    for person in range(problem.people):
        mine = [cells[person, d] for d in range(problem.dates) if (person, d) in cells]
        model.add(sum(mine) == int(totals[person]))
    for key, cell in cells.items():
        model.add_hint(cell, bool(hint[key]))
    if problem.wishes.any() or problem.former.any():
        model.minimize(sum(int(costs[key]) * cell for key, cell in cells.items()))
    status, solver = _solve(model, seconds / 2)
    return _read(problem, cells, solver) if status in (cp_model.OPTIMAL, cp_model.FEASIBLE) else None


def _freely(problem: Problem, hint: Grid, seconds: float) -> Solution | None:
    model, cells = model_of(problem)
    worth: list[Any] = []
    for person in range(problem.people):
        mine = [cells[person, d] for d in range(problem.dates) if (person, d) in cells]
        steps = [model.new_bool_var(f"turn {person} {n}") for n in range(len(mine))]
        model.add(sum(mine) == sum(steps))
        nth = np.arange(len(mine))
        costs = turn_costs(problem, np.full(len(mine), person), nth)
        for n, step in enumerate(steps):
            worth.append((_DAY - int(costs[n])) * step)
            if n:
                model.add_implication(step, steps[n - 1])
    model.maximize(sum(worth))
    for key, cell in cells.items():
        model.add_hint(cell, bool(hint[key]))
    status, solver = _solve(model, seconds / 2)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    bound, value = solver.best_objective_bound, solver.objective_value
    gap = 0.0 if status == cp_model.OPTIMAL else (bound - value) / max(1.0, abs(bound))
    return Solution(_read(problem, cells, solver), status == cp_model.OPTIMAL, gap, "search")


_DAY = 1_000 * FAIRNESS
"""A day at home is worth more than any difference in evenness that it can make."""


def model_of(problem: Problem) -> tuple[cp_model.CpModel, Cells]:
    """All hard rules of *problem*, and its cells."""
    model = cp_model.CpModel()
    cells: Cells = {
        (int(person), int(date)): model.new_bool_var(f"{person} {date}")
        for person, date in zip(*np.nonzero(problem.free), strict=True)
    }
    for key in zip(*np.nonzero(problem.fixed), strict=True):
        model.add(cells[int(key[0]), int(key[1])] == 1)
    for limit in problem.limits:
        for date in range(problem.dates):
            there = [cells[p, date] for p in sorted(limit.people) if (p, date) in cells]
            if len(there) > max(0, limit.rooms[date]):
                model.add(sum(there) <= max(0, limit.rooms[date]))
    if problem.in_a_row is not None:
        for person in range(problem.people):
            _keep_runs(model, cells, person, int(problem.run_before[person]), problem.dates, problem.in_a_row)
    return model, cells


def _keep_runs(model: cp_model.CpModel, cells: Cells, person: int, before: int, dates: int, in_a_row: int) -> None:
    for last in range(dates):
        window = [cells[person, d] for d in range(max(0, last - in_a_row), last + 1) if (person, d) in cells]
        earlier = max(0, in_a_row - last)  # dates of the window that lie before the first
        if len(window) == last - max(0, last - in_a_row) + 1 and before >= earlier:
            model.add(sum(window) <= len(window) - 1)


def _solve(model: cp_model.CpModel, seconds: float) -> tuple[Any, cp_model.CpSolver]:
    solver = cp_model.CpSolver()
    # One thread, and steps instead of seconds: the same answer to the same question on any machine.
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = SEED
    solver.parameters.max_deterministic_time = seconds
    return solver.solve(model), solver


def _read(problem: Problem, cells: Cells, solver: cp_model.CpSolver) -> Grid:
    home = np.zeros_like(problem.free)
    for key, cell in cells.items():
        home[key] = solver.boolean_value(cell)
    return home
