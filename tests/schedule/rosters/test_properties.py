"""What holds for every roster, whatever is asked: hard rules, true explanations, stability, fairness."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import combinations

from hypothesis import assume, given, settings

from services.schedule.policy.rules import Cap, Minimum, People, Policy
from services.schedule.rosters.limits import Member, Stay
from services.schedule.rosters.question import Cell, Key, Question
from services.schedule.rosters.rules import Plan, plan_roster
from tests.schedule.rosters.questions import Amendment, a_question, amendments, members, questions

ROUND = {"floor": ROUND_FLOOR, "ceil": ROUND_CEILING, "nearest": ROUND_HALF_UP}
MANY = settings(max_examples=250, deadline=None)
FEWER = settings(max_examples=100, deadline=None)


def stay_on(member: Member, day: date) -> Stay:
    ended = [stay for last, stay in member.before if last >= day]
    return ended[0] if ended else member.stay


def scope(stay: Stay, per: str) -> str:
    return {"unit": stay.unit_id, "division": stay.division_id or stay.unit_id, "agency": ""}[per]


def most_at_home(rule: Cap | Minimum, group: list[Member], question: Question, day: date) -> int:
    """How many of *group* a rule lets be at home, reckoned here anew."""
    staff = [member for member in group if (member.id, day) not in question.elsewhere]
    here = [member for member in staff if (member.id, day) not in question.absent]
    if isinstance(rule, Minimum):
        return max(0, len(here) - rule.people)
    if rule.number is not None:
        return rule.number
    stays = [m for m in here if m.exempt_clause or m.gate or (m.id, day) in question.kept_days()]
    eligible = [member for member in here if member not in stays]
    base = {"all": len(staff), "present": len(here), "eligible": len(eligible)}[rule.base]
    return int((Decimal(str(rule.share)) * base).to_integral_value(ROUND[rule.rounding]))


def rules_of(policy: Policy) -> list[tuple[str, Cap | Minimum]]:
    """(kind, rule) of all that limits groups of people."""
    assert policy.quota
    quota = policy.quota
    return [
        ("quota", Cap("quota", "1.d", quota.share, None, quota.base, quota.rounding, quota.per)),
        ("on_site", Minimum("on_site", "1.g", quota.min_on_site, "")),
        *[("cap", cap) for cap in policy.caps],
        *[("on_site" if minimum.of == People() else "function", minimum) for minimum in policy.minimums],
    ]


def groups_of(rule: Cap | Minimum, question: Question, day: date) -> dict[str, list[Member]]:
    """Unit, division or agency (empty) → those whom a rule counts together."""
    groups: dict[str, list[Member]] = defaultdict(list)
    for member in question.members:
        stay = stay_on(member, day)
        if rule.of.include(stay.post, stay.echelon):
            groups[scope(stay, rule.per)].append(member)
    return groups


def broken(question: Question, home: set[Key]) -> list[tuple[str, date]]:
    """(kind of rule, day) of every hard rule that is broken when those of *home* are at home; of days that are locked
    only the runs count."""
    found = []
    for day in question.wfh_dates():
        for kind, rule in rules_of(question.policies[day]):
            for group in groups_of(rule, question, day).values():
                away = sum((member.id, day) in home for member in group)
                if away > most_at_home(rule, group, question, day):
                    found.append((kind, day))
        for pair in question.pairs:
            if {(pair.one, day), (pair.other, day)} & question.elsewhere:
                continue
            gone = [(id_, day) in home or (id_, day) in question.absent for id_ in (pair.one, pair.other)]
            if all(gone) and any((id_, day) in home for id_ in (pair.one, pair.other)):
                found.append(("pair", day))
    runs = [policy.in_a_row for policy in question.policies.values() if policy.in_a_row is not None]
    in_a_row = min(runs, default=None)
    if in_a_row is not None:
        for member in question.members:
            run = member.run_before
            for day in question.days:
                run = run + 1 if (member.id, day) in home else 0
                if run > in_a_row:
                    found.append(("in_a_row", day))
    for member in question.members:
        for day in question.wfh_dates():
            if (member.id, day) in home:
                kept = {*question.absent, *question.elsewhere, *question.kept_days()}
                if member.exempt_clause or member.gate or (member.id, day) in kept:
                    found.append(("person", day))
                pin = question.pins.get((member.id, day))
                if pin and pin.mode == "wfo":
                    found.append(("pin", day))
    return found


def home_of(plan: Plan) -> set[Key]:
    return {(cell.employee_id, cell.date) for cell in plan.cells if cell.mode == "wfh"}


@MANY
@given(questions())
def test_no_roster_breaks_a_hard_rule_and_what_was_pinned_holds_or_is_told_to_clash(question: Question) -> None:
    plan = plan_roster(question)
    home = home_of(plan)
    assert broken(question, home) == []
    told = {(part.employee_id, part.date) for clash in plan.clashes for part in clash.parts if part.kind == "pin"}
    missed = {key for key, pin in question.pins.items() if pin.mode == "wfh"} - home - question.elsewhere
    assert missed <= told
    days = {(member.id, day) for member in question.members for day in question.days}
    assert {(cell.employee_id, cell.date) for cell in plan.cells} == days - question.elsewhere
    assert len(plan.cells) == len(days - question.elsewhere)


@MANY
@given(questions())
def test_the_explanation_is_the_rule_that_decided(question: Question) -> None:
    """Sending home whom a rule kept at the office breaks just that rule."""
    plan = plan_roster(question)
    home = home_of(plan)
    people = {member.id: member for member in question.members}
    left_out = {(part.employee_id, part.date) for clash in plan.clashes for part in clash.parts if part.yields}
    for cell in plan.cells:
        key, member = (cell.employee_id, cell.date), people[cell.employee_id]
        if cell.mode == "wfh":
            assert cell.rule == ("pin" if key in question.pins and key not in left_out else "turn")
        elif cell.rule == "absent":
            assert question.absent[key] == cell.mode
        elif cell.rule == "exempt":
            assert (member.exempt_clause or question.exempt_days[key]) == cell.clause
        elif cell.rule == "gate":
            assert (member.gate or question.gate_days[key]) == cell.clause
        elif cell.rule == "pin":
            assert question.pins[key].mode == "wfo"
        elif cell.rule == "in_a_row":
            assert "in_a_row" in {kind for kind, _ in broken(question, home | {key})}
        else:
            assert (cell.rule, cell.date) in broken(question, home | {key})


@FEWER
@given(questions())
def test_the_explanation_names_a_limit_that_is_full_and_that_the_person_belongs_to(question: Question) -> None:
    plan = plan_roster(question)
    home = home_of(plan)
    people = {member.id: member for member in question.members}
    sums = {(each.limit_id, each.date): each for each in plan.sums}
    assert len(sums) == len(plan.sums)
    for cell in plan.cells:
        if cell.rule not in ("cap", "quota", "on_site", "function", "pair"):
            continue
        assert cell.limit_id is not None
        told = sums[cell.limit_id, cell.date]
        assert (told.clause, told.rule) == (cell.clause, cell.rule)
        assert told.at_home >= told.room
        group, room = named(cell.limit_id, cell.rule, question, cell.date)
        assert people[cell.employee_id] in group
        assert told.at_home == sum((member.id, cell.date) in home for member in group)
        assert told.room == room


def named(limit_id: str, kind: str, question: Question, day: date) -> tuple[list[Member], int]:
    """(group, how many of it may be at home) of the limit with this id, reckoned here anew."""
    rule_id, _, where = limit_id.partition(":")
    if kind == "pair":
        group = [member for member in question.members if member.id in where.split(":")]
        assert {member.id for member in group} in [{pair.one, pair.other} for pair in question.pairs]
        return group, most_at_home(Minimum("pair", "1.g", 1, ""), group, question, day)
    [rule] = [rule for of_kind, rule in rules_of(question.policies[day]) if (of_kind, rule.id) == (kind, rule_id)]
    group = groups_of(rule, question, day)[where]
    return group, most_at_home(rule, group, question, day)


@MANY
@given(questions())
def test_the_same_question_has_the_same_answer_and_an_unchanged_roster_does_not_change(question: Question) -> None:
    plan = plan_roster(question)
    shuffled = replace(question, members=list(reversed(question.members)))
    assert sorted(plan_roster(shuffled).cells) == sorted(plan.cells)
    if plan.optimal:
        published = {(cell.employee_id, cell.date): cell for cell in plan.cells}
        again = plan_roster(replace(question, former=published))
        assert home_of(again) == home_of(plan)


@FEWER
@given(questions().flatmap(amendments))
def test_a_change_leaves_locked_days_as_they_were_and_breaks_no_rule_after_them(asked: Amendment) -> None:
    published = plan_roster(asked.question)
    former = {(cell.employee_id, cell.date): cell for cell in published.cells}
    question = replace(asked.changed, former=former, locked_until=asked.locked_until)
    plan = plan_roster(question)
    locked = [cell for cell in published.cells if cell.date <= asked.locked_until]
    assert sorted(cell for cell in plan.cells if cell.date <= asked.locked_until) == sorted(locked)
    assert broken(question, home_of(plan)) == []
    keys = [(cell.employee_id, cell.date) for cell in plan.cells]
    days = {(member.id, day) for member in question.members for day in question.days} - question.elsewhere
    assert (len(keys), set(keys)) == (len(days), days)


@FEWER
@given(questions().flatmap(amendments))
def test_an_optimal_roster_of_which_nothing_changed_stays_whatever_is_locked(asked: Amendment) -> None:
    published = plan_roster(asked.question)
    assume(published.optimal)
    former = {(cell.employee_id, cell.date): cell for cell in published.cells}
    plan = plan_roster(replace(asked.question, former=former, locked_until=asked.locked_until))
    assert home_of(plan) == home_of(published)


def unevenness(question: Question, home: set[Key]) -> Fraction:
    """Sum of squares of turns ÷ chances, weighted by chances: the less, the more evenly turns are shared."""
    total = Fraction(0)
    for member in question.members:
        free = [
            day
            for day in question.wfh_dates()
            if not member.exempt_clause
            and not member.gate
            and (member.id, day) not in {*question.absent, *question.elsewhere, *question.kept_days()}
            and question.pins.get((member.id, day), None) is None
        ]
        chances = max(1, member.chances + len(free))
        turns = member.turns + sum((member.id, day) in home for day in question.wfh_dates())
        total += Fraction(turns * turns, chances)
    return total


@settings(max_examples=120, deadline=None)
@given(questions(people=4, dates=3))
def test_a_roster_proved_optimal_has_the_most_days_and_of_those_the_fairest_shares(question: Question) -> None:
    """Against every roster there is, tried one by one."""
    question = replace(question, pins={}, wishes={})
    plan = plan_roster(question)
    assume(plan.optimal)
    cells = [(member.id, day) for member in question.members for day in question.wfh_dates()]
    best, days = home_of(plan), len(home_of(plan))
    for size in range(len(cells), days - 1, -1):
        feasible = [set(chosen) for chosen in combinations(cells, size) if not broken(question, set(chosen))]
        if size > days:
            assert feasible == []
        else:
            fairest = min(unevenness(question, home) for home in feasible)
            # turns are weighed in ten-thousandths, so two rosters closer than that may count as equally fair
            assert unevenness(question, best) <= fairest + Fraction(len(cells) * 2, 10_000)


def test_cells_are_one_per_person_and_day() -> None:
    plan = plan_roster(a_question(members(7)))
    keys = [(cell.employee_id, cell.date) for cell in plan.cells]
    assert len(keys) == len(set(keys)) == 63
    assert all(isinstance(cell, Cell) for cell in plan.cells)
