"""What neither flow nor exchange can settle: searched for, proved against every roster there is, and its gap told."""

from __future__ import annotations

import random
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.schedule.rosters.solver import Grid, Limit, Problem, patterns, solve_part
from services.schedule.rosters.solver.flow import preferences
from services.schedule.rosters.solver.problem import addable, breaches, runs_too_long, turn_costs
from services.schedule.rosters.solver.search import search


def a_problem(people: int, dates: int, room: int, **overrides: Any) -> Problem:
    """Everybody is free on every date, *room* may be at home on each, two dates in a row at most."""
    values: dict[str, Any] = {
        "free": np.ones((people, dates), dtype=bool),
        "fixed": np.zeros((people, dates), dtype=bool),
        "turns": np.zeros(people, dtype=np.int64),
        "chances": np.full(people, dates, dtype=np.int64),
        "limits": (Limit("all", frozenset(range(people)), (room,) * dates),),
        "wishes": np.zeros((people, dates), dtype=np.int64),
        "former": np.zeros((people, dates), dtype=bool),
        "run_before": np.zeros(people, dtype=np.int64),
        "in_a_row": 2,
    }
    return Problem(**{**values, **overrides})


def test_a_limit_is_broken_once_for_each_person_too_many() -> None:
    """So that a change which makes worse what leave has broken already is told from one that does not."""
    problem = a_problem(4, 2, room=1)
    home = np.zeros((4, 2), dtype=bool)
    home[:3, 0] = home[0, 1] = True
    assert breaches(problem, home) == ["all on date 0"] * 2


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    people, dates = draw(st.integers(2, 3)), draw(st.integers(2, 4))
    grid = st.lists(st.booleans(), min_size=people * dates, max_size=people * dates)
    free = ~(np.array(draw(grid)) & np.array(draw(grid))).reshape(people, dates)  # three of four
    turns = np.array([draw(st.integers(0, 3)) for _ in range(people)], dtype=np.int64)
    rooms = tuple(draw(st.integers(0, people)) for _ in range(dates))
    return a_problem(
        people, dates, people,
        free=free,
        turns=turns,
        chances=turns + dates,
        limits=(Limit("all", frozenset(range(people)), rooms), Limit("pair", frozenset({0, 1}), (1,) * dates)),
        former=np.array(draw(grid)).reshape(people, dates) if draw(st.booleans()) else np.zeros_like(free),
        run_before=np.array([draw(st.integers(0, 2)) for _ in range(people)], dtype=np.int64),
        in_a_row=draw(st.integers(1, 3)),
    )  # fmt: skip


def worth(problem: Problem, home: Grid) -> tuple[int, ...]:
    """What is sought, in its order, the less the better: days, what was published, unevenness."""
    uneven = 0
    for person, days in enumerate(home.sum(axis=1)):
        uneven += int(turn_costs(problem, np.full(days, person), np.arange(days)).sum())
    kept = int((home & problem.former).sum()) if problem.former.any() else 0
    return -int(home.sum()), -kept, uneven


@settings(max_examples=60, deadline=None)
@given(problems())
def test_no_roster_is_better_than_the_one_chosen_among_all_ways(problem: Problem) -> None:
    found = patterns.freely(problem, preferences(problem))
    assert found
    assert found.optimal
    assert breaches(problem, found.home) == []
    cells = problem.people * problem.dates
    rosters = (np.array(bits).reshape(problem.people, problem.dates) for bits in product((False, True), repeat=cells))
    best = min(worth(problem, home) for home in rosters if not (home & ~problem.free).any() and legal(problem, home))
    assert worth(problem, found.home) == best


def legal(problem: Problem, home: Grid) -> bool:
    """As in :func:`breaches`, written for speed."""
    rooms = all((home[sorted(limit.people)].sum(axis=0) <= limit.rooms).all() for limit in problem.limits)
    longest = problem.in_a_row or problem.dates
    runs = zip(home, problem.run_before, strict=True)
    return rooms and not any(runs_too_long(row, int(before), longest) for row, before in runs)


def hard(dates: int) -> Problem:
    """Nearly all may be at home, two in a row at most, on leave now and then: exchanges do not settle it."""
    dice = random.Random(3)
    free = np.array([[dice.random() > 0.1 for _ in range(dates)] for _ in range(20)])
    turns = np.array([dice.randint(0, 6) for _ in range(20)], dtype=np.int64)
    return a_problem(20, dates, 13, free=free, turns=turns, chances=turns + free.sum(axis=1))


def test_what_exchanges_leave_is_settled_and_proved_on_the_dates_of_a_month() -> None:
    problem = hard(5)
    found = solve_part(problem)
    assert found.method.startswith("search")
    assert (found.optimal, found.gap) == (True, 0.0)
    assert breaches(problem, found.home) == []


@pytest.mark.parametrize(("seconds", "method", "gap"), [(0.5, "search", 0.1), (0.05, "trimmed", 1.0)])
def test_where_the_cap_ends_the_search_the_best_roster_is_given_with_its_gap(
    seconds: float, method: str, gap: float
) -> None:
    problem = hard(13)
    found = solve_part(problem, seconds)
    assert (found.method, found.optimal) == (method, False)
    assert 0 < found.gap <= gap
    assert breaches(problem, found.home) == []
    assert not any(
        addable(problem, found.home, person, date) for person, date in np.argwhere(~found.home & problem.free)
    )
    assert (solve_part(problem, seconds).home == found.home).all()  # counted in steps: the same on any machine


def test_with_the_totals_given_the_cheapest_days_are_taken() -> None:
    problem = a_problem(2, 4, 1)
    costs = np.array([[0, 5, 0, 5], [5, 0, 5, 0]])
    home = patterns.with_totals(problem, np.array([2, 2]), costs)
    assert home is not None
    assert home.tolist() == [[True, False, True, False], [False, True, False, True]]
    assert patterns.with_totals(problem, np.array([3, 3]), costs) is None


def test_ways_hold_what_is_fixed_and_no_run_too_long() -> None:
    free, fixed = np.array([True, True, True, False]), np.array([False, True, False, False])
    ways = patterns.ways_of(free.tobytes(), fixed.tobytes(), 1, 2)
    assert sorted(map(tuple, ways.tolist())) == [(0, 1, 0, 0), (0, 1, 1, 0), (1, 1, 0, 0)][:2]


def test_search_tries_the_flows_totals_first() -> None:
    problem = a_problem(4, 6, 2)
    hint = np.array([[True, True, True, False, False, False], [False, False, False, True, True, True]] * 2)
    costs = np.ones(problem.free.shape, dtype=np.int64)
    found = search(problem, hint, costs, 1.0)
    assert found.method == "search with fixed totals"
    assert found.home.sum(axis=1).tolist() == [3, 3, 3, 3]


def test_days_are_spread_even_where_no_rule_asks_for_it() -> None:
    problem = a_problem(10, 9, 5, in_a_row=None)
    home = solve_part(problem).home
    assert home.sum() == 45
    assert not any(runs_too_long(row, 0, 2) for row in home)
