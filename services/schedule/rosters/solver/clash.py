"""When rules leave no roster: a smallest set of them that clash, and the smallest relaxation that would do.

CP-SAT names a sufficient set of assumptions in about a millisecond, but not a minimal one: it is shrunk by deletion, so
that none of those left can be left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ortools.sat.python import cp_model

SEED = 15
AT_HOME, ON_SITE, NOT_AT_HOME, AWAY = "at_home", "on_site", "not_at_home", "away"


@dataclass(frozen=True)
class Demand:
    """A rule: at least *at_least* of *cells* (person, date) are *where*. weight: what giving up one of them costs; 0
    when it is a fact that nobody can give up, like leave."""

    id: str
    cells: tuple[tuple[int, int], ...]
    at_least: int
    where: str
    weight: int = 1


@dataclass(frozen=True)
class Clash:
    """ids: of demands that cannot hold together, none to spare. relaxed: demand → by how much it would have to yield,
    as little as possible in all; empty when nothing that may yield would help."""

    ids: tuple[str, ...]
    relaxed: dict[str, int]


def find(demands: Sequence[Demand]) -> Clash | None:
    """A clash among *demands*; None when they can all hold.

    Of several, one that the relaxation explains: of what yields it has one, and all that stands against it.
    """
    core = _core(demands)
    if core is None:
        return None
    relaxed = _relaxation(demands)
    also = set(list(relaxed)[1:])
    core = _core([demand for demand in demands if demand.id not in also]) or core
    kept = list(core)
    for demand in core:  # shrink: what is not needed for the clash goes
        smaller = _core([other for other in kept if other is not demand])
        if smaller is not None:
            kept = smaller
    return Clash(tuple(demand.id for demand in kept), relaxed)


def _core(demands: Sequence[Demand]) -> list[Demand] | None:
    """Demands that cannot hold together, of those given; None when all can."""
    model = cp_model.CpModel()
    cell = _cells(model, demands)
    holds = [model.new_bool_var(demand.id) for demand in demands]
    for demand, held in zip(demands, holds, strict=True):
        model.add(sum(cell(demand.where, key) for key in demand.cells) >= demand.at_least).only_enforce_if(held)
    model.add_assumptions(holds)
    solver = _solver()
    if solver.solve(model) != cp_model.INFEASIBLE:
        return None
    wanted = set(solver.sufficient_assumptions_for_infeasibility())
    return [demand for demand, held in zip(demands, holds, strict=True) if held.index in wanted]


def _relaxation(demands: Sequence[Demand]) -> dict[str, int]:
    """By how much each demand has to yield so that all hold, at the least cost."""
    model = cp_model.CpModel()
    cell = _cells(model, demands)
    slacks = [model.new_int_var(0, demand.at_least if demand.weight else 0, demand.id) for demand in demands]
    for demand, slack in zip(demands, slacks, strict=True):
        model.add(sum(cell(demand.where, key) for key in demand.cells) + slack >= demand.at_least)
    model.minimize(sum(demand.weight * slack for demand, slack in zip(demands, slacks, strict=True)))
    solver = _solver()
    if solver.solve(model) != cp_model.OPTIMAL:
        return {}
    found = {demand.id: int(solver.value(slack)) for demand, slack in zip(demands, slacks, strict=True)}
    return {id_: by for id_, by in found.items() if by}


def _cells(model: cp_model.CpModel, demands: Sequence[Demand]) -> Callable[[str, tuple[int, int]], Any]:
    """What says that a person is somewhere on a date. One may be at home, or on site, or neither (on leave)."""
    keys = sorted({key for demand in demands for key in demand.cells})
    home = {key: model.new_bool_var(f"home {key}") for key in keys}
    site = {key: model.new_bool_var(f"site {key}") for key in keys}
    for key in keys:
        model.add_at_most_one([home[key], site[key]])
    return lambda where, key: {
        AT_HOME: home[key], ON_SITE: site[key], NOT_AT_HOME: 1 - home[key], AWAY: 1 - home[key] - site[key]
    }[where]  # fmt: skip


def _solver() -> cp_model.CpSolver:
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1  # assumptions work in one thread only
    solver.parameters.random_seed = SEED
    return solver
