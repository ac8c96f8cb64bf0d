"""What may be asked of a roster: wishes, pins, stand-ins, gates; and what happens when it cannot all hold."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from services.schedule.absences.actions import AbsenceIn
from services.schedule.models import PersonStanding, RosterCell
from shared.roles import Role
from shared.testing.bench import Bench
from shared.testing.city import a_person
from tests.schedule.factories import FRIDAYS, an_employee, head, operator, settle, two_agencies


@pytest.fixture(autouse=True)
def _before_the_first_friday(bench: Bench) -> None:
    bench.clock.at = datetime(2026, 4, 8, 2, tzinfo=UTC)


def draft(bench: Bench) -> Any:
    answer = bench.client(operator()).post("/api/rosters", json={"agency_id": "A1", "month": "2026-04-01"})
    assert answer.status_code == 201, answer.text
    return answer.json


def mode_of(bench: Bench, roster_id: str, employee_id: str, day: date) -> tuple[str, str]:
    with bench.db.transaction() as session:
        cell = session.get_one(RosterCell, (roster_id, employee_id, day))
        return cell.mode, cell.rule


def ask(bench: Bench, who: Any, **body: Any) -> Any:
    values = {"date": "2026-04-17", "mode": "wfh", "reason": "anak sakit", **body}
    return bench.client(who).post("/api/roster-requests", json=values)


def test_a_pin_of_the_operator_holds_and_an_approved_wish_does_too(bench: Bench) -> None:
    two_agencies(bench)
    assert ask(bench, operator(), employee_id="E5", kind="pin").json["status"] == "approved"
    wish = ask(bench, a_person("E6", Role.ASN, agency_id="A1"), mode="wfo", date="2026-04-10").json
    assert (wish["status"], wish["kind"]) == ("asked", "wish")
    bench.client(head()).post(f"/api/roster-requests/{wish['id']}/decide", json={"approves": True})
    roster = draft(bench)
    assert mode_of(bench, roster["id"], "E5", FRIDAYS[1]) == ("wfh", "pin")
    assert mode_of(bench, roster["id"], "E6", FRIDAYS[0]) == ("wfo", "pin")


def test_a_wish_is_heard_where_it_costs_nobody_a_turn(bench: Bench) -> None:
    two_agencies(bench)
    for day in FRIDAYS:
        person = a_person("E1", Role.ASN, agency_id="A1")
        assert ask(bench, person, date=f"{day}", mode="wfh" if day == FRIDAYS[2] else "wfo").status_code == 201
    roster = draft(bench)
    found = [mode_of(bench, roster["id"], "E1", day)[0] for day in FRIDAYS]
    assert found[2] == "wfh"
    assert found.count("wfh") <= 2


def test_one_asks_for_oneself_only(bench: Bench) -> None:
    two_agencies(bench)
    answer = ask(bench, a_person("E1", Role.ASN, agency_id="A1"), employee_id="E2")
    assert answer.status_code == 403
    assert ask(bench, operator("A2"), employee_id="E2").status_code == 403
    assert (
        ask(bench, a_person("E1", Role.ASN, agency_id="A1"), date="2026-04-01").json["code"] == "request_not_possible"
    )


def test_pins_beyond_the_quota_are_a_clash_in_clauses_with_the_smallest_way_out(bench: Bench) -> None:
    two_agencies(bench)
    for n in range(1, 6):  # seven may be at home, half of them rounded down is three
        ask(bench, operator(), employee_id=f"E{n}", kind="pin")
    roster = draft(bench)
    [clash] = roster["clashes"]
    assert clash["blocking"]
    pinned = sum("ditetapkan WFH" in part["text"] for part in clash["parts"])
    assert pinned == 5  # four clash with three, and the fifth yields as well
    assert [part["clause"] for part in clash["parts"] if "paling banyak 3" in part["text"]] == ["1.d"]
    assert len(clash["relaxations"]) == 2
    submitted = bench.client(operator()).post(f"/api/rosters/{roster['id']}/submit")
    assert (submitted.status_code, submitted.json["code"]) == (409, "roster_clashes")
    page = bench.client(operator()).get(f"/rosters/{roster['id']}", page=True).text
    assert "tidak dapat dipenuhi bersama" in page
    assert f"Jalan keluar terkecil, semuanya perlu: {' '.join(clash['relaxations'])}" in page
    with bench.db.transaction() as session:
        home = session.scalars(
            select(RosterCell).where(
                RosterCell.roster_id == roster["id"], RosterCell.date == FRIDAYS[1], RosterCell.mode == "wfh"
            )
        ).all()
    assert len(home) == 3  # the best roster is there all the same


@pytest.mark.parametrize(("post", "clause"), [("Camat Metro Pusat", "1.l.3"), ("Lurah Imopuro", "1.l.3")])
def test_a_pin_on_somebody_exempt_names_the_clause(bench: Bench, post: str, clause: str) -> None:
    two_agencies(bench)
    settle(bench, [], [an_employee("X1", 700, post=post)])
    ask(bench, operator(), employee_id="X1", kind="pin")
    [clash] = draft(bench)["clashes"]
    assert clause in {part["clause"] for part in clash["parts"]}


def test_leave_that_empties_a_unit_is_told_but_does_not_block(bench: Bench) -> None:
    two_agencies(bench, staff=1)
    away = [AbsenceIn(an_employee(f"E{n}", n).nip, "leave", FRIDAYS[1], FRIDAYS[1], "cuti") for n in (0, 1)]
    settle(bench, [], [], away)
    roster = draft(bench)
    [clash] = roster["clashes"]
    assert (clash["blocking"], clash["date"]) == (False, "2026-04-17")
    assert bench.client(operator()).post(f"/api/rosters/{roster['id']}/submit").status_code == 200


def test_of_two_who_stand_in_for_each_other_one_is_always_at_the_office(bench: Bench) -> None:
    two_agencies(bench)
    body = {"one_id": "E2", "other_id": "E1", "reason": "bendahara dan penggantinya"}
    assert bench.client(operator()).put("/api/agencies/A1/stand-ins", json=body).status_code == 204
    bench.client(head()).put("/api/agencies/A1/quota", json={"share": "1", "min_on_site": 0})
    roster = draft(bench)
    for day in FRIDAYS:
        both = [mode_of(bench, roster["id"], id_, day) for id_ in ("E1", "E2")]
        assert sorted(mode for mode, _ in both) == ["wfh", "wfo"]
        assert ("wfo", "pair") in both
    assert bench.client(operator()).get("/api/agencies/A1/stand-ins").json["rows"][0]["one_id"] == "E1"
    assert bench.client(operator()).delete("/api/agencies/A1/stand-ins/E2/E1").status_code == 204


def test_a_stand_in_of_another_agency_is_refused(bench: Bench) -> None:
    two_agencies(bench)
    body = {"one_id": "E2", "other_id": "F1", "reason": "keliru"}
    answer = bench.client(operator()).put("/api/agencies/A1/stand-ins", json=body)
    assert answer.json["code"] == "request_not_possible"


def test_the_head_opens_a_gate_for_one_month_with_a_reason(bench: Bench) -> None:
    two_agencies(bench)
    with bench.db.transaction() as session:
        now = bench.clock.now()
        session.add(PersonStanding(employee_id="E1", overdue_reports=3, rating="", sanction=False, changed_at=now))
    body = {"month": "2026-04-01", "reason": "jaringan kantor terganggu"}
    assert bench.client(operator()).put("/api/employees/E1/gate", json=body).status_code == 403
    assert bench.client(head()).put("/api/employees/E1/gate", json=body).status_code == 204
    assert bench.client(head("A2")).put("/api/employees/E1/gate", json=body).status_code == 403
