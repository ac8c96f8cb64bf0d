"""A holiday added after the roster is in force: what was signed stays, what is made from then on leaves the day out."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from shared.audit import AuditRow
from shared.contracts.schedule import HolidayChangedV1, RecallOrderedV1, RosterInForceV1
from shared.roles import Role
from shared.testing.bench import Bench
from shared.testing.city import Client, a_person
from tests.schedule.factories import FRIDAYS, head, operator, two_agencies
from tests.schedule.test_changes import (
    a_colleague,
    approve_change,
    eoffice,
    in_force,
    letter_of,
    modes,
    sign,
    workdays,
)
from tests.schedule.test_life_of_a_roster import Eoffice

__all__ = ["eoffice"]

HOLIDAY = FRIDAYS[2]
DECREE = {"name": "Cuti bersama tambahan", "source": "SKB tiga menteri Nomor 9 Tahun 2026"}
WORKED = {"name": "", "source": "SKB tiga menteri Nomor 10 Tahun 2026"}


def organisation(bench: Bench) -> Client:
    return bench.client(a_person("B1", Role.ORGANISATION, agency_id="A0"))


def decree(bench: Bench, day: date = HOLIDAY, body: dict[str, str] = DECREE) -> Any:
    return organisation(bench).put(f"/api/holidays/{day}", json=body)


def in_year(bench: Bench, year: int = 2026) -> dict[str, dict[str, Any]]:
    rows = bench.client(a_person("E1")).get(f"/api/holidays?year={year}&page_size=100").json["rows"]
    return {row["date"]: row for row in rows}


def dates(bench: Bench, roster_id: str) -> set[date]:
    return {day for _, day in modes(bench, roster_id)}


def draft(bench: Bench, month: str = "2026-04-01") -> str:
    made = bench.client(operator()).post("/api/rosters", json={"agency_id": "A1", "month": month})
    assert made.status_code == 201, made.text
    return str(made.json["id"])


def test_a_holiday_added_after_the_roster_is_in_force_changes_no_cell_that_was_signed(
    bench: Bench, eoffice: Eoffice
) -> None:
    roster = in_force(bench, eoffice)
    before = modes(bench, roster)
    assert decree(bench).status_code == 200
    assert modes(bench, roster) == before
    home = next(who for (who, day), mode in sorted(before.items()) if day == HOLIDAY and mode == "wfh")
    assert workdays(bench, home)[f"{HOLIDAY}"] == "holiday"  # the calendar wins over the letter
    assert bench.emitted(HolidayChangedV1) == [{"date": f"{HOLIDAY}", "name": "Cuti bersama tambahan"}]


def test_an_amendment_leaves_the_day_out_by_a_signed_addendum(bench: Bench, eoffice: Eoffice) -> None:
    roster = in_force(bench, eoffice)
    before = modes(bench, roster)
    decree(bench)
    made = bench.client(operator()).post(f"/api/rosters/{roster}/amend", json={"reason": "cuti bersama tambahan"})
    assert made.status_code == 201, made.text
    new = made.json["id"]
    assert dates(bench, roster) - dates(bench, new) == {HOLIDAY}
    changed = bench.client(operator()).get(f"/api/rosters/{new}/differences?page_size=100").json["rows"]
    assert {(row["date"], row["after"]) for row in changed} == {(f"{HOLIDAY}", "")}
    assert {row["employee_id"] for row in changed} == {who for who, day in before if day == HOLIDAY}
    assert approve_change(bench, new).status_code == 200
    assert letter_of(bench, new).content["rows"][0][-1] == "–"
    assert sign(bench, new).status_code == 200
    told = bench.emitted(RosterInForceV1)[-1]
    assert f"{HOLIDAY}" not in {day for row in told["assignments"] for day in row["wfh_dates"]}
    assert f"{HOLIDAY}" not in {row["date"] for row in told["days"]}


def test_a_roster_drafted_from_then_on_leaves_the_day_out_until_it_is_worked_after_all(bench: Bench) -> None:
    two_agencies(bench)
    assert HOLIDAY in dates(bench, draft(bench))
    decree(bench)
    assert HOLIDAY not in dates(bench, draft(bench))
    assert decree(bench, HOLIDAY, WORKED).json["name"] is None
    assert HOLIDAY in dates(bench, draft(bench))
    assert [event["name"] for event in bench.emitted(HolidayChangedV1)] == ["Cuti bersama tambahan", None]


def test_a_decreed_holiday_may_be_worked_after_all(bench: Bench) -> None:
    two_agencies(bench)
    joint_leave = date(2026, 5, 15)  # after the Ascension
    assert in_year(bench)["2026-05-15"]["source"] is None
    assert joint_leave not in dates(bench, draft(bench, "2026-05-01"))
    decree(bench, joint_leave, WORKED)
    assert joint_leave in dates(bench, draft(bench, "2026-05-01"))
    row = in_year(bench)["2026-05-15"]
    assert (row["name"], row["source"]) == (None, WORKED["source"])
    assert row["decreed"]


def test_a_recall_of_another_day_concerns_that_day_only(bench: Bench, eoffice: Eoffice) -> None:
    roster = in_force(bench, eoffice)
    before = modes(bench, roster)
    decree(bench)
    body = {"date": f"{FRIDAYS[1]}", "reason": "banjir"}
    assert bench.client(head()).post(f"/api/rosters/{roster}/recall", json=body).status_code == 201
    [order] = bench.emitted(RecallOrderedV1)
    assert set(order["employee_ids"]) == {
        who for (who, day), mode in before.items() if day == FRIDAYS[1] and mode == "wfh"
    }


def test_nobody_swaps_a_turn_for_a_holiday(bench: Bench, eoffice: Eoffice) -> None:
    roster = in_force(bench, eoffice)
    before = modes(bench, roster)
    decree(bench)
    asker, other = next(
        (one, two)
        for one in ("E1", "E2", "E3", "E4", "E5", "E6")
        for two in ("E1", "E2", "E3", "E4", "E5", "E6")
        if (before[one, FRIDAYS[1]], before[two, FRIDAYS[1]]) == ("wfh", "wfo")
        and (before[one, HOLIDAY], before[two, HOLIDAY]) == ("wfo", "wfh")
    )
    body = {"gives": f"{FRIDAYS[1]}", "other_id": other, "takes": f"{HOLIDAY}", "reason": "keluarga"}
    answer = bench.client(a_colleague(asker)).post(f"/api/rosters/{roster}/swaps", json=body)
    assert (answer.status_code, answer.json["code"]) == (422, "swap_not_possible")
    assert "hari libur" in answer.json["detail"]


def test_what_is_no_news_is_not_told_and_each_correction_is_on_record(bench: Bench) -> None:
    decree(bench)
    decree(bench)
    decree(bench, date(2026, 4, 23), WORKED)  # a working day anyway
    assert len(bench.emitted(HolidayChangedV1)) == 1
    with bench.db.transaction() as session:
        acts = session.scalars(
            select(AuditRow).where(AuditRow.action == "correct_calendar").order_by(AuditRow.id)
        ).all()
    assert [act.subject for act in acts] == ["holiday/2026-04-24", "holiday/2026-04-24", "holiday/2026-04-23"]
    assert acts[0].detail == DECREE


def test_the_year_lists_decreed_and_corrected_days_for_everyone(bench: Bench) -> None:
    assert f"{HOLIDAY}" not in in_year(bench)
    decree(bench)
    days = in_year(bench)
    assert days[f"{HOLIDAY}"] == {"date": f"{HOLIDAY}", "decreed": None, **DECREE}
    assert days["2026-08-17"]["name"] == days["2026-08-17"]["decreed"]
    assert list(days) == sorted(days)
    assert f"{HOLIDAY}" not in in_year(bench, 2027)
    this_year = bench.client(a_person("E1")).get("/api/holidays?page_size=100").json["rows"]
    assert [row["date"] for row in this_year] == list(days)


@pytest.mark.parametrize(
    ("day", "body", "pointer"),
    [
        ("besok", DECREE, "/day"),
        ("2026-02-30", DECREE, "/day"),
        ("0001-01-01", DECREE, "/day"),
        ("2026-04-24", {"name": "Libur"}, "/source"),
        ("2026-04-24", {"source": "SKB"}, "/name"),
    ],
)
def test_what_is_no_date_or_says_too_little_is_refused(
    bench: Bench, day: str, body: dict[str, str], pointer: str
) -> None:
    answer = organisation(bench).put(f"/api/holidays/{day}", json=body)
    assert answer.status_code == 422
    assert pointer in {error["pointer"] for error in answer.json["errors"]}
    assert bench.emitted(HolidayChangedV1) == []


def test_only_organisation_and_it_correct_the_calendar(bench: Bench) -> None:
    for role in Role:
        user = a_person("X1", roles=frozenset({role}))
        answer = bench.client(user).put(f"/api/holidays/{HOLIDAY}", json=DECREE)
        assert answer.status_code == (200 if role in (Role.ORGANISATION, Role.IT) else 403), role
        assert bench.client(user).get("/api/holidays").status_code == 200
