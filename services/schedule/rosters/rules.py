"""Who works where on which day, by which rule: fair in turn, exact on the hard rules, the same for the same input."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from services.schedule.policy.rules import Policy
from services.schedule.rosters.clashes import ClashFound, find_clashes
from services.schedule.rosters.limits import Arithmetic, Limits, Member, build_limits
from services.schedule.rosters.question import Cell, Key, Question
from services.schedule.rosters.solver import Grid, Problem, Solution, solve
from services.schedule.rosters.solver.problem import breaches, run_with

BY_HAND = "by hand"
"""Method of a plan whose cells people have said: nothing is proved of it."""

PRECEDENCE = ("pair", "function", "quota", "cap", "on_site")
"""Of several limits that keep a person at the office, the one that is told."""


@dataclass(frozen=True)
class Plan:
    """All cells of an agency's roster, the arithmetic behind them, what clashed, and how well it is proved."""

    cells: list[Cell]
    sums: list[Arithmetic]
    clashes: list[ClashFound]
    optimal: bool
    gap: float
    method: str


def exemption_of(posts: Sequence[tuple[str, str]], units: Sequence[str | None], policy: Policy) -> str | None:
    """The clause that keeps a person at the office: of any post that they hold, their own first (1.l.1–3), before that
    of any unit that they serve in (1.l.4–12). posts: (name, echelon); units: the clause of each, or None."""
    of_posts = (policy.clause_of_post(post, echelon) for post, echelon in posts)
    return next((clause for clause in (*of_posts, *units) if clause), None)


def plan_roster(question: Question) -> Plan:
    """Decide every person's mode on every working day. Pins that clash with a rule are left out, and told."""
    members = sorted(question.members, key=lambda member: member.nip)
    dates = question.wfh_dates()
    limits = limits_of(question, members, dates)
    clashes, dropped = find_clashes(question, members, dates, limits)
    problem = problem_of(question, members, dates, limits, dropped)
    solution = solve(problem) if problem.free.any() else Solution(problem.free, True, 0.0, "flow")
    locked = question.locked_until  # a later day that is no working day any more has no cells
    cells = [cell for cell in question.former.values() if locked is not None and cell.date <= locked]
    cells += _office_days(question, members, dates)
    cells += _wfh_dates(question, members, dates, limits, problem, solution.home, dropped)
    at_home = {limit.id: solution.home[sorted(limit.people)].sum(axis=0).tolist() for limit in limits.limits}
    return Plan(cells, limits.counted(at_home), clashes, solution.optimal, solution.gap, solution.method)


def edited_plan(question: Question, cells: Mapping[Key, Cell]) -> tuple[Plan, list[str]]:
    """The plan that *cells* (all open WFH dates) make, with its arithmetic, and the limits and runs it breaks; pins are
    for whoever changes cells to look at."""
    members = sorted(question.members, key=lambda member: member.nip)
    dates = question.wfh_dates()
    limits = limits_of(question, members, dates)
    problem = problem_of(question, members, dates, limits, frozenset(question.pins))
    home = np.array(
        [[(cell := cells.get((m.id, day))) is not None and cell.mode == "wfh" for day in dates] for m in members],
        dtype=bool,
    ).reshape(len(members), len(dates))
    at_home = {limit.id: home[sorted(limit.people)].sum(axis=0).tolist() for limit in limits.limits}
    plan = Plan(list(cells.values()), limits.counted(at_home), [], False, 0.0, BY_HAND)
    return plan, breaches(problem, home)


def limits_of(question: Question, members: Sequence[Member], dates: Sequence[date]) -> Limits:
    return build_limits(
        members, dates, question.absent, question.policies, question.composition, question.pairs, question.elsewhere,
        question.kept_days(),
    )  # fmt: skip


def problem_of(
    question: Question, members: Sequence[Member], dates: Sequence[date], limits: Limits, dropped: frozenset[Key]
) -> Problem:
    """The *question* in numbers; days that are locked only count as turns had and as the run before."""
    shape = (len(members), len(dates))
    free, fixed, former = (np.zeros(shape, dtype=bool) for _ in range(3))
    wishes = np.zeros(shape, dtype=np.int64)
    for p, member in enumerate(members):
        free[p] = member.exempt_clause is None and member.gate is None
    number_of = {member.id: number for number, member in enumerate(members)}
    at = {day: number for number, day in enumerate(dates)}

    def place(key: Key) -> tuple[int, int] | None:
        return (number_of[key[0]], at[key[1]]) if key[0] in number_of and key[1] in at else None

    for key in {*question.absent, *question.elsewhere, *question.kept_days()}:
        if cell := place(key):
            free[cell] = False
    for key, pin in question.pins.items():
        if (cell := place(key)) and key not in dropped:
            free[cell] &= pin.mode == "wfh"
            fixed[cell] = free[cell]
    for key, mode in question.wishes.items():
        if cell := place(key):
            wishes[cell] = 1 if mode == "wfh" else -1
    for key, was in question.former.items():
        if cell := place(key):
            former[cell] = was.mode == "wfh"
    had, might, runs = np.array([question.locked_turns(member) for member in members], dtype=np.int64).reshape(-1, 3).T
    longest = question.longest_run()
    return Problem(
        free=free,
        fixed=fixed,
        turns=np.array([member.turns for member in members], dtype=np.int64) + had,
        chances=np.array([member.chances for member in members], dtype=np.int64) + might + free.sum(axis=1),
        limits=tuple(limits.limits),
        wishes=wishes,
        former=former,
        run_before=runs,
        in_a_row=longest[0] if longest else None,
    )


def _office_days(question: Question, members: Sequence[Member], dates: Sequence[date]) -> list[Cell]:
    """Open days that are WFO for all by the pattern."""
    cells = []
    for day in sorted({*question.open_days()} - {*dates}):
        clause = question.policies[day].pattern[day.weekday()].clause
        cells += [
            _away(question, member, day) or Cell(member.id, member.on(day).unit_id, day, "wfo", clause, "pattern")
            for member in members
            if (member.id, day) not in question.elsewhere
        ]
    return cells


def _away(question: Question, member: Member, day: date) -> Cell | None:
    kind = question.absent.get((member.id, day))
    return Cell(member.id, member.on(day).unit_id, day, kind, "1.a", "absent") if kind else None


def _wfh_dates(
    question: Question, members: Sequence[Member], dates: Sequence[date], limits: Limits, problem: Problem, home: Grid,
    dropped: frozenset[Key],
) -> list[Cell]:  # fmt: skip
    why = _Why(problem, home, limits, question.longest_run())
    cells = []
    for p, member in enumerate(members):
        for d, day in enumerate(dates):
            policy, key = question.policies[day], (member.id, day)
            if key in question.elsewhere:
                continue
            pin = question.pins.get(key) if key not in dropped else None
            away = _away(question, member, day)
            if away:
                cells.append(away)
                continue
            mode, limit_id = "wfo", None
            if home[p, d]:
                mode = "wfh"
                clause, rule = (pin.clause, pin.rule) if pin else (policy.pattern[day.weekday()].clause, "turn")
                limit_id = why.quota_of(p, d) if not pin else None
            elif exempt := question.exemption(member, day):
                clause, rule = exempt, "exempt"
            elif gate := question.gate(member, day):
                clause, rule = gate, "gate"
            elif pin:
                clause, rule = pin.clause, pin.rule
            else:
                clause, rule, limit_id = why.kept(p, d)
            cells.append(Cell(member.id, member.on(day).unit_id, day, mode, clause, rule, limit_id))
    return cells


class _Why:
    """Which rule decided a cell, read from the finished roster."""

    def __init__(self, problem: Problem, home: Grid, limits: Limits, longest: tuple[int, str] | None) -> None:
        self._longest = longest
        self._problem, self._home, self._sums = problem, home, limits.sums
        self._of: list[list[str]] = [[] for _ in range(problem.people)]
        self._full: dict[str, np.ndarray] = {}
        rank, rules = {}, {id_: sums.rule for (id_, _), sums in limits.sums.items()}
        for limit in problem.limits:
            count = home[sorted(limit.people)].sum(axis=0)
            self._full[limit.id] = count >= np.asarray(limit.rooms)
            rank[limit.id] = (PRECEDENCE.index(rules[limit.id]), limit.id)
            for person in limit.people:
                self._of[person].append(limit.id)
        for ids in self._of:
            ids.sort(key=lambda id_: rank[id_])

    def kept(self, person: int, date: int) -> tuple[str, str, str | None]:
        """(clause, rule, limit) that keeps a person at the office who might have been at home: with them besides it
        would be broken."""
        for id_ in self._of[person]:
            if self._full[id_][date] and (id_, date) in self._sums:
                sums = self._sums[id_, date]
                return sums.clause, sums.rule, sums.limit_id
        if self._longest and run_with(self._problem, self._home, person, date) > self._longest[0]:
            return self._longest[1], "in_a_row", None
        raise ArithmeticError("somebody is at the office whom no rule keeps there")

    def quota_of(self, person: int, date: int) -> str | None:
        """The limit whose arithmetic is told with a turn: the head's quota."""
        found = (self._sums[id_, date] for id_ in self._of[person] if (id_, date) in self._sums)
        return next((sums.limit_id for sums in found if sums.rule == "quota"), None)
