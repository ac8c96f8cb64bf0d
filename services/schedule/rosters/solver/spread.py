"""Patterns of dates that spread each person's days evenly, without long runs, and fill the dates alike."""

from __future__ import annotations

from functools import cache

import numpy as np

from services.schedule.rosters.solver.flow import Tree
from services.schedule.rosters.solver.problem import Grid, Numbers, Problem, runs_too_long

PHASES = 12


def off_pattern(problem: Problem, tree: Tree, totals: Numbers) -> Numbers:
    """Cost of each person × date: 1 off the pattern chosen for the person, 0 on it.

    Those with the most days choose first, since they have the fewest patterns to choose from; each takes the one whose
    dates are least filled.
    """
    costs = np.zeros((problem.people, problem.dates), dtype=np.int64)
    sizes = np.bincount(np.array(tree.leaves) + 1, minlength=len(tree.parents) + 1)
    room = {node: np.maximum(1, tree.rooms_up(node, int(sizes[node + 1]))) for node in set(tree.leaves)}
    load = {node: np.zeros(problem.dates) for node in room}
    for person in sorted(range(problem.people), key=lambda p: (-int(totals[p]), p)):
        if not totals[person]:
            continue
        node = tree.leaves[person]
        before = int(problem.run_before[person])
        patterns = _patterns(problem.free[person].tobytes(), int(totals[person]), before, problem.in_a_row)
        filled = (load[node] + 1) / room[node]
        chosen = patterns[int(np.argmin((patterns * filled**2).sum(axis=1)))]
        load[node] += chosen
        costs[person] = 1 - chosen
    return costs


@cache
def _patterns(free: bytes, days: int, before: int, in_a_row: int | None) -> Grid:
    """Ways to lay *days* over the free dates, evenly, at several phases; those without a run too long if there are."""
    may = np.frombuffer(free, dtype=bool)
    dates = np.flatnonzero(may)
    days = min(days, len(dates))
    off = len(dates) - days
    found = []
    for phase in np.arange(PHASES) / PHASES:
        row = np.zeros(len(may), dtype=np.int64)
        if days <= off:
            row[dates[((np.arange(days) + phase) * len(dates) / days).astype(np.int64)]] = 1
        else:
            row[dates] = 1
            if off:
                row[dates[((np.arange(off) + phase) * len(dates) / off).astype(np.int64)]] = 0
        found.append(row)
    if in_a_row is not None:
        good = [row for row in found if not runs_too_long(row.astype(bool), before, in_a_row)]
        found = good or [*found, _in_blocks(may, days, before, in_a_row)]
    return np.unique(np.array(found), axis=0)


def _in_blocks(may: Grid, days: int, before: int, in_a_row: int) -> Numbers:
    """Each date that may be taken with no run too long, until there are *days*."""
    row, run = np.zeros(len(may), dtype=np.int64), before
    for date in range(len(may)):
        run = run + 1 if may[date] and run < in_a_row and row.sum() < days else 0
        row[date] = run > 0
    return row
