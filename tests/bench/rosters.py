"""How long rosters and letters take: the product's way beside CP-SAT models of the same question."""

from __future__ import annotations

import random
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
from ortools.sat.python import cp_model

from services.schedule.integrations.signer import LocalSigner, Signatory, make_development_key
from services.schedule.letters.render import Verification, render_letter
from services.schedule.letters.rules import LetterheadFacts, LetterPerson, LetterSigner, letter_content
from services.schedule.policy.rules import DayRule, Minimum, People, Policy, Quota
from services.schedule.rosters.clashes import find_clashes
from services.schedule.rosters.limits import Member, Stay, build_limits
from services.schedule.rosters.question import Question
from services.schedule.rosters.rules import Plan, plan_roster, problem_of
from services.schedule.rosters.solver import Problem, components
from services.schedule.rosters.solver.problem import FAIRNESS, turn_costs
from services.schedule.rosters.solver.search import model_of
from services.schedule.settings import LetterWording

FRIDAYS = [date(2026, 7, 3) + timedelta(weeks=week) for week in range(9)]
FUNCTIONS = ("bendahara", "pengelola", "arsiparis")
POLICY = Policy(
    "bench", "Edaran", date(2026, 1, 1), None, {4: DayRule("wfh", "1.b.2")}, quota=Quota(Decimal("0.5"), 1),
    minimums=tuple(Minimum(name, "1.g", 1, name, of=People(posts=(name,))) for name in FUNCTIONS),
    in_a_row=3, in_a_row_clause="1.g",
)  # fmt: skip
PASSPHRASE = "bench"


def city(units: int, staff: int) -> Question:
    """Half may be at home, a fifth is exempt, one of each of three functions stays, at most three Fridays in a row.

    Past turns differ, and a third is on leave for a Friday.
    """
    dice = random.Random(15)
    members = [
        Member(
            f"{unit}-{n}", f"{unit:04d}{n:06d}", Stay(f"U{unit}", post=dice.choice([*FUNCTIONS, "analis"])),
            "1.l.2" if dice.random() < 0.2 else None, turns=dice.randint(0, 6), chances=12,
        )
        for unit in range(units)
        for n in range(staff)
    ]  # fmt: skip
    absent = {(member.id, dice.choice(FRIDAYS)): "leave" for member in members if dice.random() < 0.3}
    return Question(members, FRIDAYS, dict.fromkeys(FRIDAYS, POLICY), absent=absent)


@dataclass(frozen=True)
class Solved:
    """seconds: of all; parts: independent ones; proved: of them, optimal; gap: of the worst."""

    seconds: float
    parts: int
    proved: int
    gap: float


def ours(question: Question) -> tuple[float, Plan]:
    """Seconds of a whole plan, explanations included."""
    began = time.monotonic()
    plan = plan_roster(question)
    return time.monotonic() - began, plan


def problem(question: Question) -> Problem:
    members = sorted(question.members, key=lambda member: member.nip)
    limits = build_limits(members, FRIDAYS, question.absent, question.policies, None, ())
    _, dropped = find_clashes(question, members, FRIDAYS, limits)
    return problem_of(question, members, FRIDAYS, limits, dropped)


def by_models(whole: Problem, seconds: float) -> Solved:
    """One CP-SAT model per part, each with a time cap, one after the other."""
    began, proved, worst, parts = time.monotonic(), 0, 0.0, components(whole)
    for people, limits in parts:
        gap = model_gap(whole.part(people, limits), seconds)
        proved += gap == 0
        worst = max(worst, gap)
    return Solved(time.monotonic() - began, len(parts), proved, worst)


def model_gap(part: Problem, seconds: float) -> float:
    """How far from proved the best answer is after *seconds*: 0 when it is, 1 when there is none."""
    model, cells = model_of(part)
    worth = []
    for person in range(part.people):
        mine = [cells[person, d] for d in range(part.dates) if (person, d) in cells]
        steps = [model.new_bool_var("") for _ in mine]
        model.add(sum(mine) == sum(steps))
        costs = turn_costs(part, np.full(len(mine), person), np.arange(len(mine)))
        worth += [(1_000 * FAIRNESS - int(cost)) * step for cost, step in zip(costs, steps, strict=True)]
    model.maximize(sum(worth))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = 2
    status = solver.solve(model)
    if status == cp_model.OPTIMAL:
        return 0.0
    if status != cp_model.FEASIBLE:
        return 1.0
    return max(1e-9, (solver.best_objective_bound - solver.objective_value) / abs(solver.best_objective_bound))


def letters(count: int, names: int) -> tuple[float, float]:
    """Seconds to write, and to sign locally, *count* letters with an attachment of *names* people each."""
    dates = FRIDAYS[:4]
    people = [
        LetterPerson(f"Pegawai {n}", f"19850101201001{n:04d}", "Penata (III/c)", "Analis Kebijakan", "Bidang Umum",
                     dict.fromkeys(dates, "wfh"))
        for n in range(names)
    ]  # fmt: skip
    head = LetterSigner("H", "Kepala, S.E.", "197001011995031001", "Pembina", "Kepala Badan")
    content = letter_content(
        agency="Badan Contoh", letterhead=LetterheadFacts(), wording=LetterWording(),
        policy_titles=["Surat Edaran"], month=dates[0], starts=dates[0],
        ends=dates[-1], signer=head, people=people, wfh_dates=dates, office_dates={},
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        key = Path(folder) / "key.p12"
        make_development_key(key, PASSPHRASE, organisation="Kota", now=datetime.now(UTC))
        signer, who = LocalSigner(key), Signatory(head.name, PASSPHRASE)
        code = Verification("ABCDEFGHJKMNPQRSTVWXYZ23", "http://localhost/schedule/verify/ABCDEFGHJKMNPQRSTVWXYZ23")
        began = time.monotonic()
        written = [
            render_letter(content, number=f"800/{number}", letter_date=dates[0], development=True, verification=code)
            for number in range(count)
        ]
        after = time.monotonic()
        for pdf in written:
            signer.sign(pdf, who, reason="Surat Tugas", location="Metro")
        return after - began, time.monotonic() - after
