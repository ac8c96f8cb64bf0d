"""What cannot hold together: of each kind, no more parts than needed, and a way out that suffices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from services.schedule.policy.rules import Cap, Minimum, People, Quota
from services.schedule.rosters.clashes import ClashFound
from services.schedule.rosters.limits import Stay
from services.schedule.rosters.question import Cell, Key, Pin, Question
from services.schedule.rosters.rules import plan_roster
from services.schedule.rosters.solver.clash import AT_HOME, AWAY, NOT_AT_HOME, ON_SITE, Demand, find
from tests.schedule.rosters.questions import FRIDAYS, a_policy, a_question, members, questions

TREASURER = People(posts=("bendahara",))
MANY = settings(max_examples=150, deadline=None)


def pinned(*keys: Key) -> dict[Key, Pin]:
    return dict.fromkeys(keys, Pin("wfh"))


def the_clash(question: Question) -> ClashFound:
    [clash] = plan_roster(question).clashes
    return clash


def kinds(clash: ClashFound) -> list[tuple[str, str, int]]:
    """(kind, clause, by how much it yields) of each part."""
    return sorted((part.kind, part.clause, part.yields) for part in clash.parts)


def test_a_pin_clashes_with_a_gate_and_gives_way() -> None:
    [one, other] = members(2)
    held = replace(one, gate="2.f")
    question = a_question([held, other], FRIDAYS[:1], pins=pinned((one.id, FRIDAYS[0])))
    clash = the_clash(question)
    assert (clash.blocking, kinds(clash)) == (True, [("gate", "2.f", 0), ("pin", "1.d", 1)])
    assert {part.employee_id for part in clash.parts} == {one.id}


def test_a_swap_gives_way_to_a_pin_and_alone_blocks_nothing() -> None:
    one, other, third = members(3)
    day = FRIDAYS[0]
    swap, pin = Pin("wfh", "1.d", "swap"), Pin("wfh")
    question = a_question([one, other, third], [day], pins={(one.id, day): swap, (other.id, day): pin})
    clash = the_clash(question)
    assert (clash.blocking, kinds(clash)) == (False, [("limit", "1.d", 0), ("pin", "1.d", 0), ("swap", "1.d", 1)])
    plan = plan_roster(question)
    assert [(cell.employee_id, cell.rule) for cell in plan.cells if cell.mode == "wfh"] == [(other.id, "pin")]
    two_pins = replace(question, pins={**question.pins, (third.id, day): pin})
    assert any(clash.blocking for clash in plan_roster(two_pins).clashes)


def test_pins_on_more_dates_in_a_row_than_allowed_clash_the_run_before_included() -> None:
    policy = a_policy(in_a_row=2, in_a_row_clause="2.g", quota=Quota(Decimal(1), 0))
    [one] = members(1)
    three = pinned(*((one.id, day) for day in FRIDAYS[:3]))
    clash = the_clash(a_question([one], FRIDAYS, policy=policy, pins=three))
    assert kinds(clash) == [("in_a_row", "2.g", 0), ("pin", "1.d", 0), ("pin", "1.d", 0), ("pin", "1.d", 1)]
    assert plan_roster(a_question([one], FRIDAYS, policy=policy, pins=pinned(*list(three)[:2]))).clashes == []
    after_two = a_question([replace(one, run_before=2)], FRIDAYS, policy=policy, pins=pinned((one.id, FRIDAYS[0])))
    assert kinds(the_clash(after_two)) == [("in_a_row", "2.g", 0), ("pin", "1.d", 1)]


@pytest.mark.parametrize(
    ("before", "locked", "clashes"),
    [(0, ["wfh", "wfh"], True), (0, ["wfh"], False), (2, ["wfo"], False), (1, ["wfh"], True)],
)
def test_a_run_goes_on_from_the_days_that_are_locked(before: int, locked: list[str], clashes: bool) -> None:
    [one] = members(1, run_before=before)
    policy = a_policy(quota=Quota(Decimal(1), 0), in_a_row=2, in_a_row_clause="2.g")
    former = {
        (one.id, day): Cell(one.id, "U1", day, mode, "1.b.2", "turn", None)
        for day, mode in zip(FRIDAYS, locked, strict=False)
    }
    day, last = FRIDAYS[len(locked)], FRIDAYS[len(locked) - 1]
    question = a_question(
        [one], FRIDAYS[: len(locked) + 1], policy=policy, former=former, locked_until=last, pins=pinned((one.id, day))
    )
    if clashes:
        assert kinds(the_clash(question)) == [("in_a_row", "2.g", 0), ("pin", "1.d", 1)]
    else:
        assert plan_roster(question).clashes == []


def test_pins_clash_with_the_minimum_of_a_function() -> None:
    one, two, clerk = members(3, post="bendahara")
    clerk = replace(clerk, stay=Stay("U1", post="analis"))
    policy = a_policy(quota=Quota(Decimal(1), 0), minimums=(Minimum("t", "2.e", 1, "bendahara", of=TREASURER),))
    keys = [(member.id, FRIDAYS[0]) for member in (one, two, clerk)]
    clash = the_clash(a_question([one, two, clerk], FRIDAYS[:1], policy=policy, pins=pinned(*keys)))
    assert kinds(clash) == [("limit", "2.e", 0), ("pin", "1.d", 0), ("pin", "1.d", 1)]
    assert {part.employee_id for part in clash.parts if part.kind == "pin"} == {one.id, two.id}
    alone = a_question([one, two, clerk], FRIDAYS[:1], policy=policy, pins=pinned(*keys[1:]))
    assert plan_roster(alone).clashes == []


def test_leave_that_empties_a_function_is_told_beside_the_pin_that_clashes_with_it() -> None:
    one, two = members(2, post="bendahara")
    policy = a_policy(quota=Quota(Decimal(1), 0), minimums=(Minimum("t", "2.e", 1, "bendahara", of=TREASURER),))
    day = FRIDAYS[0]
    asked = a_question([one, two], [day], policy=policy, absent={(one.id, day): "leave"}, pins=pinned((two.id, day)))
    assert kinds(the_clash(asked)) == [("absent", "1.a", 0), ("limit", "2.e", 0), ("pin", "1.d", 1)]


def test_of_more_pins_than_a_limit_bears_all_are_told_and_so_many_yield() -> None:
    """Else “two are pinned, one may be at home, release both” would be read as an error."""
    people, day = members(5), FRIDAYS[0]
    policy = a_policy(quota=Quota(Decimal(1), 0), caps=(Cap("cap", "2.c", None, 2),))
    clash = the_clash(a_question(people, [day], policy=policy, pins=pinned(*[(member.id, day) for member in people])))
    pins = [part for part in clash.parts if part.kind == "pin"]
    assert {part.employee_id for part in pins} == {member.id for member in people}
    assert sum(part.yields for part in pins) == 3
    assert [part.kind for part in clash.parts if part.kind != "pin"] == ["limit"]


def test_two_limits_on_one_date_are_two_clashes_and_what_both_need_gives_way_once() -> None:
    """Four pins: a function lets one of two treasurers go, the unit's cap two of all; two pins have to give way."""
    people = [
        replace(member, stay=Stay("U1", post="bendahara" if n < 2 else "analis")) for n, member in enumerate(members(4))
    ]
    day = FRIDAYS[0]
    policy = a_policy(
        quota=Quota(Decimal(1), 0),
        caps=(Cap("cap", "2.c", None, 2),),
        minimums=(Minimum("t", "2.e", 1, "bendahara", of=TREASURER),),
    )
    plan = plan_roster(a_question(people, [day], policy=policy, pins=pinned(*((m.id, day) for m in people))))
    assert [{part.clause for part in clash.parts if part.kind == "limit"} for clash in plan.clashes] == [
        {"2.e"},
        {"2.c"},
    ]
    assert sum(part.yields for clash in plan.clashes for part in clash.parts) == 2
    assert sum(cell.mode == "wfh" for cell in plan.cells) == 2


PLACES = ("home", "site", "away")
WHERE = {AT_HOME: {"home"}, ON_SITE: {"site"}, NOT_AT_HOME: {"site", "away"}, AWAY: {"away"}}


@st.composite
def demands(draw: st.DrawFn) -> list[Demand]:
    """Up to six rules on up to four cells; some are facts."""
    cells = [(person, date_) for person in range(2) for date_ in range(2)]
    found = []
    for n in range(draw(st.integers(1, 6))):
        some = tuple(draw(st.lists(st.sampled_from(cells), min_size=1, max_size=4, unique=True)))
        at_least, weight = draw(st.integers(1, len(some))), draw(st.sampled_from([0, 10, 10, 11]))
        found.append(Demand(f"rule {n}", some, at_least, draw(st.sampled_from(sorted(WHERE))), weight))
    return found


def short_of(wanted: Sequence[Demand]) -> list[list[int]]:
    """For each way of placing people: by how much each rule is missed."""
    cells = sorted({key for demand in wanted for key in demand.cells})
    found = []
    for places in product(PLACES, repeat=len(cells)):
        at = dict(zip(cells, places, strict=True))
        counts = [sum(at[key] in WHERE[demand.where] for key in demand.cells) for demand in wanted]
        found.append([max(0, demand.at_least - count) for demand, count in zip(wanted, counts, strict=True)])
    return found


def can_hold(wanted: Sequence[Demand]) -> bool:
    return any(not any(missed) for missed in short_of(wanted))


@MANY
@given(demands())
def test_a_clash_has_no_part_to_spare_and_is_found_whenever_there_is_one(wanted: list[Demand]) -> None:
    """Against every way of placing people, tried one by one."""
    clash = find(wanted)
    assert (clash is None) == can_hold(wanted)
    assume(clash is not None)
    assert clash
    parts = [demand for demand in wanted if demand.id in clash.ids]
    assert not can_hold(parts)
    assert all(can_hold([other for other in parts if other is not part]) for part in parts)


@MANY
@given(demands())
def test_the_relaxation_suffices_and_none_is_cheaper(wanted: list[Demand]) -> None:
    clash = find(wanted)
    assume(clash is not None)
    assert clash
    costs = [
        sum(demand.weight * by for demand, by in zip(wanted, missed, strict=True))
        for missed in short_of(wanted)
        if not any(by and not demand.weight for demand, by in zip(wanted, missed, strict=True))
    ]
    if not clash.relaxed:
        assert costs == []  # facts alone clash
        return
    relaxed = [replace(demand, at_least=demand.at_least - clash.relaxed.get(demand.id, 0)) for demand in wanted]
    assert can_hold(relaxed)
    assert sum(demand.weight * clash.relaxed.get(demand.id, 0) for demand in wanted) == min(costs)


@MANY
@given(questions())
def test_a_roster_without_the_pins_that_yield_has_no_clash_but_of_absences(question: Question) -> None:
    parts = [part for clash in plan_roster(question).clashes for part in clash.parts]
    given_up = {(part.employee_id, part.date) for part in parts if part.kind == "pin" and part.yields}
    assume(parts)
    left = {key: pin for key, pin in question.pins.items() if key not in given_up}
    for clash in plan_roster(replace(question, pins=left)).clashes:
        assert not clash.blocking
        assert [part.kind for part in clash.parts].count("limit") == 1
        assert sum(part.yields for part in clash.parts) == sum(part.sums.short for part in clash.parts if part.sums)
