"""Shares WFH days out as two minimum-cost flows: people → dates → limits within limits.

The first decides how many days each person gets. It is exact for limits that lie within each other (a function within
a unit within an agency): as many days as the limits let through, and of these rosters the one whose turns ÷ chances
have the smallest weighted sum of squares, which for a polymatroid is the most even one there is (Frank and Murota,
Decreasing minimization on M-convex sets, 2022). The second decides which days, everyone's number being fixed: wishes,
then an even spread that leaves no long runs; before them the published roster, where there is one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from ortools.graph.python import min_cost_flow

from services.schedule.rosters.solver.problem import Grid, Limit, Numbers, Problem, turn_costs


@dataclass(frozen=True)
class Tree:
    """Limits as a forest. rooms (nodes × dates); parents: node → node above or -1; leaves: person → their node or -1;
    crossing: limits that lie across others, which a flow cannot know."""

    rooms: Numbers
    parents: tuple[int, ...]
    leaves: tuple[int, ...]
    crossing: tuple[Limit, ...]

    def rooms_up(self, node: int, size: int) -> Numbers:
        """The smallest room on the way up from *node*, per date, as far as *size* people can use it."""
        rooms = np.full(self.rooms.shape[1], size, dtype=np.int64)
        while node >= 0:
            rooms = np.minimum(rooms, self.rooms[node])
            node = self.parents[node]
        return rooms


def forest(problem: Problem) -> Tree:
    """Order the limits by inclusion of those people who may be at home at all."""
    may = frozenset(np.flatnonzero(problem.free.any(axis=1)).tolist())
    merged: dict[frozenset[int], tuple[Limit, Numbers]] = {}
    for limit in problem.limits:
        people = limit.people & may
        rooms = np.maximum(0, np.asarray(limit.rooms, dtype=np.int64))
        if people:
            merged[people] = (limit, np.minimum(rooms, merged[people][1]) if people in merged else rooms)
    rooms_of: list[Numbers] = []
    parents: list[int] = []
    crossing: list[Limit] = []
    leaves = [-1] * problem.people
    # Widest first, so that a limit's node hangs under the narrowest that holds all its people.
    for people in sorted(merged, key=lambda people: (-len(people), sorted(people))):
        above = {leaves[person] for person in people}
        limit, rooms = merged[people]
        if len(above) > 1:
            crossing.append(limit)
            continue
        parents.append(above.pop())
        rooms_of.append(rooms)
        for person in people:
            leaves[person] = len(parents) - 1
    table = np.array(rooms_of, dtype=np.int64).reshape(len(parents), problem.dates)
    return Tree(table, tuple(parents), tuple(leaves), tuple(crossing))


def fair_totals(problem: Problem, tree: Tree) -> Numbers:
    """Days at home per person (fixed ones included): the most in all that the *tree* and runs allow, shared evenly.

    Where a roster has been published it comes first: people have arranged themselves by it, and turns lost are made
    good next month.
    """
    costs = preferences(problem)
    days = int((problem.free & ~problem.fixed).sum())
    fixed = problem.fixed.sum(axis=1)
    persons, nth = _nth_turns(most_days(problem) - fixed)
    worth = turn_costs(problem, persons, nth + fixed[persons])
    if problem.former.any():
        costs = (1 + int(worth.max(initial=0)) * days) * ~problem.former
    else:
        worth = worth * (1 + int(costs.max()) * days)  # one turn's fairness outweighs all wishes
    return np.asarray(_flow(problem, tree, costs, persons, np.ones_like(persons), worth).sum(axis=1), dtype=np.int64)


def place(problem: Problem, tree: Tree, totals: Numbers, costs: Numbers) -> Grid:
    """A roster with these *totals* and the least *costs* (P × D, 0 or more)."""
    persons = np.arange(problem.people)
    left = totals - problem.fixed.sum(axis=1)
    return _flow(problem, tree, costs, persons, left, np.zeros_like(persons))


def preferences(problem: Problem) -> Numbers:
    """Cost of each person × date among equally fair rosters, 0 or more: the published roster, then wishes.

    One date of the published roster outweighs all wishes: what people were told stays, and a roster solved again
    without a change does not change.
    """
    costs = 1 - np.sign(problem.wishes)
    if problem.former.any():
        costs = costs + (1 + 2 * int(problem.free.sum())) * (1 - problem.former.astype(np.int64))
    return np.asarray(costs, dtype=np.int64)


def most_days(problem: Problem) -> Numbers:
    """The most days that each person could have with no run too long: taking each date that may be taken is best."""
    if problem.in_a_row is None:
        return np.asarray(problem.free.sum(axis=1), dtype=np.int64)
    days, run = np.zeros(problem.people, dtype=np.int64), problem.run_before.copy()
    for date in range(problem.dates):
        takes = problem.free[:, date] & (run < problem.in_a_row)
        days += takes
        run = np.where(takes, run + 1, 0)
    return days


def _nth_turns(counts: Numbers) -> tuple[Numbers, Numbers]:
    """(person, n) for the first, second … turn that each person could still get, *counts* of them."""
    counts = np.maximum(0, counts)
    persons = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
    nth = np.arange(len(persons), dtype=np.int64) - np.repeat(np.cumsum(counts) - counts, counts)
    return persons, nth


def _flow(
    problem: Problem, tree: Tree, costs: Numbers, persons: Numbers, turns: Numbers, worth: Numbers
) -> Grid:  # fmt: skip
    """The cheapest of the largest flows. persons, turns, worth: days that flow to a person, and what each costs."""
    people, dates = problem.people, problem.dates
    first_node, top = 1 + people, len(tree.parents)  # top: a node over all, without a limit
    sink = first_node + (top + 1) * dates
    day = np.arange(dates, dtype=np.int64)
    cells, on = np.nonzero(problem.free & ~problem.fixed)
    leaf = np.array([node if node >= 0 else top for node in tree.leaves], dtype=np.int64)
    nodes = np.arange(top, dtype=np.int64)
    above = np.array([parent if parent >= 0 else top for parent in tree.parents], dtype=np.int64)
    tails = [1 + cells, np.zeros_like(persons), _spots(first_node, nodes, dates), first_node + top * dates + day]
    heads = [first_node + leaf[cells] * dates + on, 1 + persons, _spots(first_node, above, dates), np.full(dates, sink)]
    rooms = np.maximum(0, tree.rooms - _taken(problem, tree)).ravel()
    capacities = [np.ones_like(cells), turns, rooms, np.full(dates, people)]
    prices = [costs[cells, on], worth, np.zeros(len(rooms) + dates, dtype=np.int64)]

    flow = min_cost_flow.SimpleMinCostFlow()
    flow.add_arcs_with_capacity_and_unit_cost(*(np.concatenate(part) for part in (tails, heads, capacities, prices)))
    total = int(turns.sum())
    flow.set_node_supply(0, total)
    flow.set_node_supply(sink, -total)
    status = flow.solve_max_flow_with_min_cost()
    if status != flow.OPTIMAL:
        raise ArithmeticError(f"the flow was not solved: {status}")
    home = problem.fixed.copy()
    chosen = flow.flows(np.arange(len(cells))) > 0
    home[cells[chosen], on[chosen]] = True
    return home


def _spots(first_node: int, nodes: Numbers, dates: int) -> Numbers:
    """Numbers of the nodes' copies, one per date."""
    return np.asarray((first_node + nodes[:, None] * dates + np.arange(dates)[None, :]).ravel(), dtype=np.int64)


def _taken(problem: Problem, tree: Tree) -> Numbers:
    """Room that fixed days use up, per node and date."""
    taken = np.zeros_like(tree.rooms)
    for person in np.flatnonzero(problem.fixed.any(axis=1)).tolist():
        node = tree.leaves[person]
        while node >= 0:
            taken[node] += problem.fixed[person]
            node = tree.parents[node]
    return taken
