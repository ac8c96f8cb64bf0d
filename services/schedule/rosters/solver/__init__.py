"""Who is at home when, given who may and must, and how many at a time: exact, even, the same for the same question."""

from __future__ import annotations

import numpy as np

from services.schedule.rosters.solver.exchange import mend
from services.schedule.rosters.solver.flow import fair_totals, forest, place, preferences
from services.schedule.rosters.solver.problem import (
    Grid,
    Limit,
    Numbers,
    Problem,
    Solution,
    addable,
    breaches,
    components,
)
from services.schedule.rosters.solver.spread import off_pattern

__all__ = ["Grid", "Limit", "Numbers", "Problem", "Solution", "components", "solve"]

SECONDS = 5.0
"""Cap of a part of many dates that needs search, in deterministic time: steps that take about a second."""


def solve(problem: Problem, seconds: float = SECONDS) -> Solution:
    """Solve each independent part and put the answers together. The problem must have an answer: fixed days that break
    a rule are for :func:`services.schedule.rosters.solver.clash.find`."""
    home = np.zeros_like(problem.free)
    methods, optimal, gap = set(), True, 0.0
    for people, limits in components(problem):
        part = solve_part(problem.part(people, limits), seconds)
        home[people] = part.home
        methods.add(part.method)
        optimal &= part.optimal
        gap = max(gap, part.gap)
    return Solution(home, optimal, gap, ", ".join(sorted(methods)))


def solve_part(problem: Problem, seconds: float = SECONDS) -> Solution:
    """Solve people who are linked by limits. A published roster that still holds and lets as many stay is kept."""
    found = _solve(problem, seconds)
    published = problem.former & problem.free
    if problem.former.any() and published.sum() == found.home.sum() and not breaches(problem, published):
        return Solution(published, found.optimal, found.gap, found.method)
    return found


def _solve(problem: Problem, seconds: float) -> Solution:
    """Flow, then exchanges, then search, as far as is needed."""
    if not (problem.free & ~problem.fixed).any():
        return Solution(problem.fixed.copy(), True, 0.0, "flow")
    tree = forest(problem)
    totals = fair_totals(problem, tree)
    spread = off_pattern(problem, tree, totals)
    costs = preferences(problem) * (1 + int(spread.sum())) + spread
    home = place(problem, tree, totals, costs)
    if problem.in_a_row is None and not tree.crossing:
        return Solution(home, True, 0.0, "flow")
    mended = home.copy()
    if mend(problem, mended, costs):
        return Solution(mended, True, 0.0, "flow" if (mended == home).all() else "flow and exchange")
    from services.schedule.rosters.solver.search import search  # its solvers take 57 MiB, and are seldom needed

    found = search(problem, home, costs, seconds)
    if not found.optimal:
        _fill_up(problem, found.home, costs)
    return found


def _fill_up(problem: Problem, home: Grid, costs: Numbers) -> None:
    """Let people be at home wherever no rule is against it, those with the fewest turns first."""
    share = (problem.turns + home.sum(axis=1)) / np.maximum(1, problem.chances)
    cells = [(int(p), int(d)) for p, d in zip(*np.nonzero(problem.free & ~home), strict=True)]
    for person, date in sorted(cells, key=lambda cell: (share[cell[0]], int(costs[cell]), cell)):
        if addable(problem, home, person, date):
            home[person, date] = True
