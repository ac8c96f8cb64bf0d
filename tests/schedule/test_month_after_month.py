"""Rosters from month to month: turns and runs count over the border, whoever moves, whenever the draft is made."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from services.schedule.models import RosterCell
from shared.testing.bench import Bench
from tests.schedule.factories import FRIDAYS, a_unit, an_employee, head, in_force, operator, settle, two_agencies
from tests.schedule.test_changes import eoffice, modes
from tests.schedule.test_changes import in_force as april_in_force
from tests.schedule.test_life_of_a_roster import Eoffice
from tests.schedule.test_policies import activate_example

__all__ = ["eoffice"]

Outcome = dict[tuple[str, date], tuple[str, str, str]]
"""(employee, day) → mode, clause, rule."""


def draft(bench: Bench, month: date, agency: str = "A1") -> Any:
    answer = bench.client(operator(agency)).post("/api/rosters", json={"agency_id": agency, "month": f"{month}"})
    assert answer.status_code == 201, answer.text
    return answer.json


def outcome(bench: Bench, roster_id: str) -> Outcome:
    with bench.db.transaction() as session:
        rows = session.scalars(select(RosterCell).where(RosterCell.roster_id == roster_id))
        return {(row.employee_id, row.date): (row.mode, row.clause, row.rule) for row in rows}


def turns(found: dict[tuple[str, date], str]) -> Counter[str]:
    """WFH days per person, those who had none included."""
    count = Counter({employee_id: 0 for employee_id, _ in found if employee_id != "A1-head"})
    count.update(employee_id for (employee_id, _), mode in found.items() if mode == "wfh")
    return count


def fridays(first: date, last: date) -> list[date]:
    return [first + timedelta(weeks=week) for week in range((last - first).days // 7 + 1)]


def home_on(days: list[date], *who: str, others: tuple[str, ...] = ()) -> dict[tuple[str, date], str]:
    """*who* at home and *others* at the office on each of *days*."""
    return {(id_, day): "wfh" if id_ in who else "wfo" for id_ in (*who, *others) for day in days}


def test_who_had_fewer_turns_in_the_month_in_force_gets_more_in_the_next(bench: Bench, eoffice: Eoffice) -> None:
    april = turns(modes(bench, april_in_force(bench, eoffice)))
    may = turns(modes(bench, draft(bench, date(2026, 5, 1))["id"]))
    assert max(april.values()) > min(april.values())  # or there is nothing to make good
    assert sum(may.values()) > 0
    both = [april[id_] + may[id_] for id_ in april]
    assert max(both) - min(both) <= 1


def test_who_moves_brings_their_turns_along(bench: Bench) -> None:
    two_agencies(bench)
    moved = ("E5", "E6")
    in_force(bench, "A1", home_on(FRIDAYS, "E5", others=("E6",)), at_office="quota")
    settle(bench, [], [an_employee(id_, int(id_[1:]), unit_id="U2") for id_ in moved])
    bench.clock.at = datetime(2026, 4, 27, 2, tzinfo=UTC)
    may = turns(modes(bench, draft(bench, date(2026, 5, 1), "A2")["id"]))
    others = [may[f"F{n}"] for n in range(7)]
    assert may["E5"] < min(others)
    assert may["E6"] >= max(others)


def test_turns_count_for_a_year(bench: Bench) -> None:
    two_agencies(bench)
    bench.clock.at = datetime(2027, 5, 3, 2, tzinfo=UTC)
    may_before = fridays(date(2026, 5, 8), date(2026, 5, 22))
    for id_, days in (("E1", FRIDAYS), ("E2", may_before)):  # thirteen and twelve months ago
        month = days[0].replace(day=1)
        in_force(bench, "A1", home_on(days, id_), month=month, starts=days[0], ends=days[-1])
    may = turns(modes(bench, draft(bench, date(2027, 5, 1))["id"]))
    assert may["E2"] < min(count for id_, count in may.items() if id_ != "E2")


@pytest.mark.parametrize(
    ("days", "month", "first"),
    [
        (fridays(date(2026, 12, 11), date(2026, 12, 18)), date(2027, 1, 1), date(2027, 1, 8)),
        (fridays(date(2028, 2, 18), date(2028, 2, 25)), date(2028, 3, 1), date(2028, 3, 3)),
    ],
)
def test_a_run_goes_on_over_the_border_of_months(bench: Bench, days: list[date], month: date, first: date) -> None:
    """At most two in a row; 1 January and the Fridays around Christmas are no working days, so nothing ends the run."""
    two_agencies(bench)
    activate_example(bench, "half-of-each-sub-unit")
    bench.clock.at = datetime(month.year, month.month, 1, 2, tzinfo=UTC) - timedelta(days=1)
    past = home_on(days, "E1", others=("E2",))
    in_force(bench, "A1", past, month=days[0].replace(day=1), starts=days[0], ends=month - timedelta(days=1))
    for employee_id in ("E1", "E2"):
        body = {"employee_id": employee_id, "date": f"{first}", "mode": "wfh", "kind": "pin", "reason": "permintaan"}
        assert bench.client(operator()).post("/api/roster-requests", json=body).status_code == 201
    roster = draft(bench, month)
    assert [part["clause"] for clash in roster["clashes"] for part in clash["parts"]] == ["1.d", "2.g"]
    found = outcome(bench, roster["id"])
    assert min(day for _, day in found if day.weekday() == 4) == first
    assert (found["E1", first][0], found["E2", first][0]) == ("wfo", "wfh")


def test_a_run_is_counted_back_over_several_months_and_agencies(bench: Bench) -> None:
    two_agencies(bench)
    activate_example(bench, "half-of-each-sub-unit", ("dates = 2", "dates = 5"))
    november, december = fridays(date(2026, 11, 20), date(2026, 11, 27)), fridays(date(2026, 12, 4), date(2026, 12, 18))
    for agency, days in (("A2", november), ("A1", december)):  # E1 came from there
        month = days[0].replace(day=1)
        in_force(bench, agency, home_on(days, "E1"), month=month, starts=days[0], ends=days[-1])
    bench.clock.at = datetime(2026, 12, 28, 2, tzinfo=UTC)
    body = {"employee_id": "E1", "date": "2027-01-08", "mode": "wfh", "kind": "pin", "reason": "permintaan"}
    bench.client(operator()).post("/api/roster-requests", json=body)
    roster = draft(bench, date(2027, 1, 1))
    assert [part["clause"] for clash in roster["clashes"] for part in clash["parts"]] == ["1.d", "2.g"]


def test_the_draft_does_not_depend_on_the_day_it_is_made(bench: Bench) -> None:
    two_agencies(bench)
    made = []
    for at in (
        datetime(2026, 2, 27, 17, tzinfo=UTC),
        datetime(2026, 5, 8, 5, tzinfo=UTC),
        datetime(2026, 6, 30, 16, tzinfo=UTC),
    ):
        bench.clock.at = at
        made.append(outcome(bench, draft(bench, date(2026, 5, 1))["id"]))
    assert made[0] == made[1] == made[2]
    assert {day.month for _, day in made[0]} == {5}


@pytest.mark.parametrize(
    ("month", "last", "home"),
    [
        (date(2026, 12, 1), date(2026, 12, 31), fridays(date(2026, 12, 4), date(2026, 12, 18))),
        (date(2028, 2, 1), date(2028, 2, 29), fridays(date(2028, 2, 4), date(2028, 2, 25))),
    ],
)
def test_december_and_a_leap_february_have_all_their_days(
    bench: Bench, month: date, last: date, home: list[date]
) -> None:
    two_agencies(bench)
    bench.clock.at = datetime(month.year, month.month, 1, 2, tzinfo=UTC)
    found = outcome(bench, draft(bench, month)["id"])
    assert {day.month for _, day in found} == {month.month}
    assert max(day for _, day in found) == last
    assert sorted({day for (_, day), (mode, *_) in found.items() if mode == "wfh"}) == home


@pytest.mark.parametrize(
    ("today", "month", "status"),
    [
        ("2026-11-30", "2027-02-01", 201), ("2026-11-30", "2027-03-01", 422), ("2026-12-31", "2027-03-01", 201),
        ("2027-01-01", "2026-12-01", 201), ("2027-01-01", "2026-11-01", 422), ("2027-01-31", "2027-05-01", 422),
    ],
)  # fmt: skip
def test_months_are_near_or_far_over_the_turn_of_the_year(bench: Bench, today: str, month: str, status: int) -> None:
    two_agencies(bench, staff=1)
    bench.clock.at = datetime.fromisoformat(f"{today}T05:00:00+00:00")
    answer = bench.client(operator()).post("/api/rosters", json={"agency_id": "A1", "month": month})
    assert (answer.status_code, answer.json.get("code")) == (status, None if status == 201 else "month_out_of_range")


@pytest.mark.parametrize(
    ("share", "min_on_site", "alone", "beside"), [("0", 0, 0, 0), ("1", 0, 1, 7), ("1", 1, 0, 6), ("0.5", 0, 0, 3)]
)
def test_one_person_alone_in_a_unit_and_seven_in_the_next(
    bench: Bench, share: str, min_on_site: int, alone: int, beside: int
) -> None:
    two_agencies(bench)
    settle(bench, [a_unit("ALONE")], [an_employee("X1", 700, unit_id="ALONE")])
    bench.clock.at = datetime(2026, 4, 8, 2, tzinfo=UTC)
    bench.client(head()).put("/api/agencies/A1/quota", json={"share": share, "min_on_site": min_on_site})
    found = modes(bench, draft(bench, date(2026, 4, 1))["id"])
    for day in FRIDAYS:
        home = {id_ for (id_, on), mode in found.items() if on == day and mode == "wfh"}
        assert (len(home & {"X1"}), len(home - {"X1"})) == (alone, beside)
