"""Rosters of a month in which somebody comes, moves or goes: cells on their own days only."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from sqlalchemy import select

from services.schedule.models import Employee, RosterLimit
from shared.clock import wib_moment
from shared.testing.bench import Bench
from tests.schedule.factories import FRIDAYS, a_unit, an_employee, head, operator, settle, two_agencies
from tests.schedule.test_changes import in_force
from tests.schedule.test_clauses import cells, draft
from tests.schedule.test_history import E1, e1, nights, tell
from tests.schedule.test_life_of_a_roster import Eoffice, eoffice, send_webhook, the_letter

__all__ = ["eoffice"]


def test_who_moves_away_in_mid_month_has_cells_until_then_and_in_the_other_agency_from_then(bench: Bench) -> None:
    two_agencies(bench)
    tell(bench, e1(unit_id="U2", since=FRIDAYS[1]))
    here = cells(bench, draft(bench), employee_id="E1")
    assert (min(c.date for c in here), max(c.date for c in here)) == (date(2026, 4, 9), FRIDAYS[1] - timedelta(days=1))
    answer = bench.client(operator("A2")).post("/api/rosters", json={"agency_id": "A2", "month": "2026-04-01"})
    there = cells(bench, answer.json["id"], employee_id="E1")
    assert (min(c.date for c in there), max(c.date for c in there)) == (FRIDAYS[1], date(2026, 4, 30))
    assert {c.unit_id for c in there} == {"U2"}


def test_a_letter_names_the_post_that_somebody_who_has_left_had_there(bench: Bench, eoffice: Eoffice) -> None:
    two_agencies(bench)
    bench.clock.at = wib_moment(date(2026, 4, 20), 9)
    tell(bench, e1(unit_id="U2", post="Lurah Yosorejo", since=date(2026, 4, 20)))
    roster_id = draft(bench)
    bench.client(operator()).post(f"/api/rosters/{roster_id}/submit")
    assert bench.client(head()).post(f"/api/rosters/{roster_id}/approve").status_code == 200
    printed = {row[1]: row[3] for row in the_letter(bench).content["rows"]}
    assert printed[E1.nip] == E1.post
    assert "Lurah Yosorejo" not in printed.values()


def test_on_days_elsewhere_a_person_counts_for_no_limit(bench: Bench) -> None:
    two_agencies(bench)
    tell(bench, e1(unit_id="U2", since=FRIDAYS[1]), an_employee("E2", 2, unit_id="U2", since=FRIDAYS[1]))
    roster_id = draft(bench)
    with bench.db.transaction() as session:
        quota = {day: session.get_one(RosterLimit, (roster_id, "quota:U1", day)) for day in FRIDAYS}
    assert [(q.staff, q.present, q.eligible, q.at_home) for q in quota.values()] == [
        (7, 7, 7, 3), (5, 5, 5, 2), (5, 5, 5, 2),
    ]  # fmt: skip


def test_who_moves_between_units_of_an_agency_counts_in_each_on_their_own_days(bench: Bench) -> None:
    two_agencies(bench)
    settle(bench, [a_unit("U3")], [an_employee(f"G{n}", 500 + n, unit_id="U3") for n in range(3)])
    tell(bench, e1(unit_id="U3", post="Lurah Yosorejo", since=FRIDAYS[1]))
    roster_id = draft(bench)
    mine = cells(bench, roster_id, employee_id="E1")
    assert {cell.unit_id for cell in mine if cell.date < FRIDAYS[1]} == {"U1"}
    assert {cell.unit_id for cell in mine if cell.date >= FRIDAYS[1]} == {"U3"}
    fridays = {cell.date: (cell.rule, cell.clause) for cell in mine if cell.date in FRIDAYS}
    assert fridays[FRIDAYS[0]][0] != "exempt"
    assert fridays[FRIDAYS[1]] == fridays[FRIDAYS[2]] == ("exempt", "1.l.3")
    home = Counter((cell.unit_id, cell.date) for cell in cells(bench, roster_id, mode="wfh"))
    with bench.db.transaction() as session:
        rows = session.scalars(select(RosterLimit).where(RosterLimit.roster_id == roster_id)).all()
    quota = {(row.limit_id, row.date): row for row in rows if row.rule == "quota"}
    assert set(quota) == {(f"quota:{unit}", day) for unit in ("A1", "U1", "U3") for day in FRIDAYS}
    sizes = {unit: [quota[f"quota:{unit}", day].staff for day in FRIDAYS] for unit in ("U1", "U3")}
    assert sizes == {"U1": [7, 6, 6], "U3": [3, 4, 4]}
    for (limit_id, day), row in quota.items():
        assert row.at_home == home[limit_id.removeprefix("quota:"), day], "each counts its own people of the day"
    told = [cell for cell in cells(bench, roster_id) if cell.limit_id is not None]
    assert told
    assert all(cell.limit_id.endswith(f":{cell.unit_id}") for cell in told if cell.limit_id)


def test_nobody_has_a_cell_from_the_day_of_retiring_on(bench: Bench) -> None:
    two_agencies(bench)
    bench.clock.at = wib_moment(date(2026, 4, 15), 9)
    send_webhook(bench, "simpeg", "pegawai.berhenti", {"id": "E1", "kedudukanPnsId": "99"})
    bench.work()
    found = Counter(cell.employee_id for cell in cells(bench, draft(bench)))
    assert found["E1"] == 4, "9, 10, 13 and 14 April"
    assert found["E2"] == found["E3"] == 16


def test_someone_known_before_they_join_has_cells_from_their_first_day(bench: Bench) -> None:
    two_agencies(bench)
    tell(bench, an_employee("N1", 500, since=date(2026, 4, 20)))
    joined = cells(bench, draft(bench), employee_id="N1")
    assert min(cell.date for cell in joined) == date(2026, 4, 20)
    with bench.db.transaction() as session:
        assert not session.get_one(Employee, "N1").active
    nights(bench, date(2026, 4, 20))
    with bench.db.transaction() as session:
        assert session.get_one(Employee, "N1").active


def test_a_pin_on_a_day_elsewhere_is_no_clash(bench: Bench) -> None:
    two_agencies(bench)
    body = {"employee_id": "E1", "date": f"{FRIDAYS[2]}", "mode": "wfh", "kind": "pin", "reason": "lainnya"}
    bench.client(operator()).post("/api/roster-requests", json=body)
    tell(bench, e1(unit_id="U2", since=FRIDAYS[1]))
    roster_id = draft(bench)
    assert bench.client(operator()).post(f"/api/rosters/{roster_id}/submit").status_code == 200


def test_an_amendment_keeps_the_days_before_a_move_and_drops_those_after_it(bench: Bench, eoffice: Eoffice) -> None:
    roster_id = in_force(bench, eoffice)
    bench.clock.at = wib_moment(date(2026, 4, 15), 9)
    tell(bench, e1(unit_id="U2", since=date(2026, 4, 20)))
    path = f"/api/rosters/{roster_id}/amend"
    made = bench.client(operator()).post(path, json={"reason": "mutasi pegawai"})
    assert made.status_code == 201, made.text
    found = cells(bench, made.json["id"], employee_id="E1")
    assert (min(c.date for c in found), max(c.date for c in found)) == (date(2026, 4, 9), date(2026, 4, 17))
    locked = [c.mode for c in cells(bench, roster_id, employee_id="E1") if c.date <= date(2026, 4, 15)]
    assert [c.mode for c in found if c.date <= date(2026, 4, 15)] == locked
    changed = bench.client(operator()).get(f"/api/rosters/{made.json['id']}/differences?page_size=200").json["rows"]
    gone = [row for row in changed if row["employee_id"] == "E1"]
    assert {row["after"] for row in gone if row["date"] >= "2026-04-20"} == {""}


def test_a_recall_leaves_out_who_has_left_meanwhile(bench: Bench, eoffice: Eoffice) -> None:
    roster_id = in_force(bench, eoffice)
    bench.clock.at = wib_moment(date(2026, 4, 15), 9)
    tell(bench, e1(unit_id="U2", since=date(2026, 4, 16)))
    body = {"date": f"{FRIDAYS[1]}", "reason": "pelantikan"}
    made = bench.client(head()).post(f"/api/rosters/{roster_id}/recall", json=body)
    assert made.status_code == 201, made.text
    found = cells(bench, made.json["id"], employee_id="E1")
    assert max(c.date for c in found) <= FRIDAYS[1]
    assert {c.mode for c in cells(bench, made.json["id"], date=FRIDAYS[1])} == {"wfo"}
