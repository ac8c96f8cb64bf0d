"""Who served where on which day: moves dated by SIMPEG, moves to come, and the rosters of those days."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import select, text

from deploy.embedded.postgres import Cluster
from services.schedule.app import SERVICE as SCHEDULE
from services.schedule.integrations.simpeg import date_in, employee_in
from services.schedule.models import Employee, Posting
from services.schedule.people.actions import EmployeeIn, Outcome, upsert_employees
from services.schedule.people.due import DUE
from services.schedule.people.rules import appointed_on, second_post, sensible_start
from shared.clock import wib_moment
from shared.contracts.schedule import EmployeeChangedV1
from shared.db import Database
from shared.jobs import JobRow
from shared.roles import Role
from shared.testing.bench import Bench
from shared.testing.city import a_person
from tests.schedule.factories import FRIDAYS, a_unit, an_employee, head, operator, settle, two_agencies
from tests.schedule.test_clauses import cells, draft
from tests.schedule.test_life_of_a_roster import eoffice, send_webhook
from tests.schedule.test_people import csv_of, record, upload

__all__ = ["eoffice"]

TODAY = FRIDAYS[0]  # 10 April 2026
E1 = an_employee("E1", 1)


def tell(bench: Bench, *people: EmployeeIn) -> Outcome:
    with bench.db.transaction() as session:
        return upsert_employees(session, people, now=bench.clock.now())


def rows(bench: Bench, employee_id: str, kind: str = "main") -> list[tuple[str, date, date | None]]:
    """(unit, first day, last day), oldest first."""
    with bench.db.transaction() as session:
        query = select(Posting.unit_id, Posting.starts, Posting.ends)
        query = query.where(Posting.employee_id == employee_id, Posting.kind == kind)
        return [tuple(row) for row in session.execute(query.order_by(Posting.starts))]  # type: ignore[misc]


def e1(**overrides: Any) -> EmployeeIn:
    return an_employee("E1", 1, **overrides)


def unit_of(bench: Bench, employee_id: str) -> str:
    with bench.db.transaction() as session:
        return session.get_one(Employee, employee_id).unit_id


def nights(bench: Bench, day: date) -> None:
    """The clock goes on to the morning of *day*; what was planned for the night before is done."""
    bench.worker.plan_night()
    bench.clock.at = wib_moment(day, 8)
    bench.work()


def test_someone_new_has_served_since_their_appointment_as_far_as_is_known(bench: Bench) -> None:
    two_agencies(bench)
    assert rows(bench, "E1") == [("U1", date(2010, 1, 1), None)]


def test_a_move_closes_one_posting_and_opens_the_next_on_its_tmt(bench: Bench) -> None:
    two_agencies(bench)
    noise = rows(bench, "E2")
    tell(bench, e1(unit_id="U2", since=date(2026, 4, 8)))
    assert rows(bench, "E1") == [("U1", date(2010, 1, 1), date(2026, 4, 7)), ("U2", date(2026, 4, 8), None)]
    assert rows(bench, "E2") == noise


@pytest.mark.parametrize("since", [None, date(2009, 12, 31), date(2031, 1, 1)])
def test_a_move_whose_tmt_is_missing_or_cannot_be_right_begins_on_the_day_it_is_told(
    bench: Bench, since: date | None
) -> None:
    two_agencies(bench)
    tell(bench, e1(unit_id="U2", since=since))
    assert rows(bench, "E1")[-1] == ("U2", TODAY, None)


def test_the_same_change_sent_twice_makes_no_second_row(bench: Bench) -> None:
    two_agencies(bench)
    moved = e1(unit_id="U2", since=date(2026, 5, 1))
    for _ in range(3):
        tell(bench, moved)
    told = len(bench.emitted(EmployeeChangedV1))
    assert tell(bench, moved).changed == 0
    assert len(bench.emitted(EmployeeChangedV1)) == told
    assert len(rows(bench, "E1")) == 2


def test_a_new_post_is_a_new_posting_and_a_new_rank_is_none(bench: Bench) -> None:
    two_agencies(bench)
    tell(bench, e1(rank="Penata Tk. I (III/d)"))
    assert len(rows(bench, "E1")) == 1
    tell(bench, e1(post="Analis Kebijakan Ahli Madya", since=date(2026, 4, 1)))
    assert [first for _, first, _ in rows(bench, "E1")] == [date(2010, 1, 1), date(2026, 4, 1)]


def test_a_move_to_come_moves_nobody_before_its_day_and_a_missed_night_catches_up(bench: Bench) -> None:
    two_agencies(bench)
    assert tell(bench, e1(unit_id="U2", since=date(2026, 5, 4))).changed == 0
    assert unit_of(bench, "E1") == "U1"
    tell(bench, e1())  # SIMPEG's pull still shows the place of today
    nights(bench, date(2026, 5, 3))
    assert unit_of(bench, "E1") == "U1"
    nights(bench, date(2026, 5, 8))  # several nights without a worker
    assert unit_of(bench, "E1") == "U2"
    last = {event["id"]: event for event in bench.emitted(EmployeeChangedV1)}["E1"]
    assert (last["agency_id"], last["superior_id"]) == ("A2", "F0")
    with bench.db.transaction() as session:
        assert session.scalars(select(JobRow).where(JobRow.kind == DUE)).all()
    assert bench.unfinished() == []


def test_a_corrected_tmt_shifts_the_move_and_another_move_replaces_it(bench: Bench) -> None:
    two_agencies(bench)
    settle(bench, [a_unit("U3", parent_id="A2", agency_id="A2")], [])
    tell(bench, e1(unit_id="U2", since=date(2026, 5, 4)))
    tell(bench, e1(unit_id="U2", since=date(2026, 5, 11)))
    assert rows(bench, "E1") == [("U1", date(2010, 1, 1), date(2026, 5, 10)), ("U2", date(2026, 5, 11), None)]
    tell(bench, e1(unit_id="U3", since=date(2026, 5, 6)))
    assert rows(bench, "E1") == [("U1", date(2010, 1, 1), date(2026, 5, 5)), ("U3", date(2026, 5, 6), None)]


def test_a_move_whose_decree_is_taken_back_can_be_cancelled(bench: Bench) -> None:
    two_agencies(bench)
    tell(bench, e1(unit_id="U2", since=date(2026, 5, 4)))
    path = f"/api/employees/{E1.nip}/postings/coming"
    assert bench.client(operator("A2")).delete(path).status_code == 403
    assert bench.client(operator()).delete(path).status_code == 204
    assert rows(bench, "E1") == [("U1", date(2010, 1, 1), None)]
    assert bench.client(operator()).delete(path).json["code"] == "no_coming_posting"


def test_of_two_places_in_a_file_the_later_tmt_holds_and_the_earlier_ends_the_day_before(bench: Bench) -> None:
    two_agencies(bench)
    early, late = e1(unit_id="U2", since=date(2026, 3, 2)), e1(since=date(2026, 4, 1))
    for pair in ([early, late], [late, early]):
        outcome = tell(bench, *pair)
        assert outcome.rejected == []
        assert rows(bench, "E1")[-2:] == [("U2", date(2026, 3, 2), date(2026, 3, 31)), ("U1", date(2026, 4, 1), None)]
        assert unit_of(bench, "E1") == "U1"


def test_two_places_from_the_same_day_are_refused_by_name(bench: Bench) -> None:
    two_agencies(bench)
    tell(bench, e1(since=date(2026, 4, 1)))
    before = rows(bench, "E1")
    [refused] = tell(bench, e1(unit_id="U2", since=date(2026, 4, 1), line=7)).rejected
    assert refused.line == 7
    for part in (E1.nip, "Bidang U1 (Badan A1)", "Bidang U2 (Badan A2)", "01-04-2026"):
        assert part in refused.reason
    assert (rows(bench, "E1"), unit_of(bench, "E1")) == (before, "U1")
    moved = record(id="E1", nipBaru=E1.nip, unorId="U2", tmtJabatan="01-04-2026")
    send_webhook(bench, "simpeg", "pegawai.mutasi", moved)
    bench.work()
    [(_, status, error)] = bench.unfinished()
    assert (status, "dua tempat" in (error or "")) == ("pending", True), "a webhook is tried again"


def test_a_unit_that_moves_gives_its_people_a_new_posting(bench: Bench) -> None:
    two_agencies(bench)
    settle(bench, [a_unit("U1", parent_id="A2", agency_id="A2", leader_id="E0")], [])
    with bench.db.transaction() as session:
        agencies = session.execute(
            select(Posting.agency_id, Posting.starts).where(Posting.employee_id == "E1").order_by(Posting.starts)
        ).all()
    assert [tuple(row) for row in agencies] == [("A1", date(2010, 1, 1)), ("A2", TODAY)]


def test_who_leaves_the_service_and_comes_back_has_it_in_the_history(bench: Bench) -> None:
    two_agencies(bench)
    tell(bench, e1(since=date(2020, 1, 1)))
    send_webhook(bench, "simpeg", "pegawai.berhenti", {"id": "E1", "kedudukanPnsId": "03"})
    bench.work()
    tell(bench, e1(standing="03", since=date(2020, 1, 1)))
    bench.clock.at += timedelta(days=4)
    tell(bench, e1(since=date(2020, 1, 1)))
    with bench.db.transaction() as session:
        query = select(Posting.starts, Posting.active).where(Posting.employee_id == "E1").order_by(Posting.starts)
        found = [tuple(row) for row in session.execute(query)]
    assert found == [(date(2020, 1, 1), True), (TODAY, False), (TODAY + timedelta(days=4), True)]


def test_retiring_cancels_a_move_to_come(bench: Bench) -> None:
    two_agencies(bench)
    tell(bench, e1(unit_id="U2", since=date(2026, 5, 4)))
    send_webhook(bench, "simpeg", "pegawai.berhenti", {"id": "E1", "kedudukanPnsId": "99"})
    bench.work()
    nights(bench, date(2026, 5, 6))
    with bench.db.transaction() as session:
        assert not session.get_one(Employee, "E1").active
    assert unit_of(bench, "E1") == "U1"


# What people see


def test_the_history_is_shown_to_those_who_may_see_the_person(bench: Bench) -> None:
    two_agencies(bench)
    tell(bench, e1(unit_id="U2", since=date(2026, 5, 4)))
    path = f"/api/employees/{E1.nip}/postings"
    page = bench.client(operator()).get(f"{path}?page_size=1").json
    assert (page["total"], page["rows"][0]["unit_id"], page["rows"][0]["starts"]) == (2, "U2", "2026-05-04")
    assert bench.client(a_person("E1")).get(path).status_code == 200
    for outsider in (operator("A2"), a_person("E2"), head("A2")):
        assert bench.client(outsider).get(path).status_code == 403


def test_people_are_listed_as_they_served_on_a_day(bench: Bench) -> None:
    two_agencies(bench)
    tell(bench, e1(unit_id="U2", since=date(2026, 4, 8)))
    client = bench.client(a_person("IT1", Role.IT))
    for day, agency in (("2026-04-07", "A1"), ("2026-04-08", "A2")):
        found = client.get(f"/api/employees?on={day}&q={E1.nip}").json["rows"]
        assert [(row["id"], row["agency_id"]) for row in found] == [("E1", agency)]
    assert client.get("/api/employees?on=2009-01-01").json["total"] == 0
    seen = bench.client(operator()).get("/api/employees?on=2026-04-08").json["rows"]
    assert "E1" not in {row["id"] for row in seen}


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("01-04-2026", date(2026, 4, 1)), ("2026-04-01", date(2026, 4, 1)), ("2026-04-01 00:00:00", date(2026, 4, 1)),
        ("", None), ("31-02-2026", None), ("lama", None),
    ],
)  # fmt: skip
def test_a_tmt_is_read_in_both_forms(text: str, day: date | None) -> None:
    assert date_in(text) == day
    assert employee_in(record(tmtJabatan=text)).since == day


def test_the_file_carries_the_tmt(bench: Bench) -> None:
    two_agencies(bench, staff=0)
    row = record(nipBaru="199002022015032002")
    content = csv_of(row).decode().splitlines()
    content = [f"{content[0]},tmtJabatan", f"{content[1]},06-04-2026"]
    assert upload(bench, "people", "\n".join(content).encode()).json["changed"] == 1
    assert rows(bench, "P1") == [("U1", date(2026, 4, 6), None)]


def test_a_nip_tells_the_appointment_of_pns_and_of_pppk() -> None:
    assert appointed_on("198501012010071001") == date(2010, 7, 1)
    assert appointed_on("199002022024211003") == date(2024, 1, 1)
    assert appointed_on("x") is None
    assert sensible_start(date(2010, 6, 30), "198501012010071001", TODAY) is None
    assert sensible_start(date(2010, 7, 15), "198501012010071001", TODAY) == date(2010, 7, 15)
    assert sensible_start(TODAY + timedelta(days=400), "198501012010071001", TODAY) is None


def test_the_second_of_two_posts_is_read_and_kept_beside_the_first(bench: Bench) -> None:
    assert second_post("Dokter Ahli Madya merangkap Direktur RSUD") == "Direktur RSUD"
    assert second_post("Analis Kebijakan Ahli Muda") == ""
    two_agencies(bench)
    post = "Analis Kebijakan merangkap Lurah Iringmulyo"
    dual = employee_in(record(id="E1", nipBaru=E1.nip, jenisJabatanId="3", jabatanNama=post))
    for _ in range(2):
        tell(bench, dual)
    assert len(rows(bench, "E1", "dual")) == 1
    stays = [cell for cell in cells(bench, draft(bench), employee_id="E1") if cell.date in FRIDAYS]
    assert {(cell.mode, cell.clause) for cell in stays} == {("wfo", "1.l.3")}, "any post that is held counts"
    tell(bench, e1())
    assert rows(bench, "E1", "dual") == []


def test_the_migration_gives_everyone_known_a_first_posting(cluster: Cluster) -> None:
    role = "luwes_first_postings"
    cluster.create(role, "first_postings")
    db = Database(cluster.url("first_postings", role))
    with db.engine.connect() as connection:
        config = SCHEDULE._alembic(connection)
        before = ScriptDirectory.from_config(config).get_revision("schedule_0007").down_revision
        command.upgrade(config, str(before))
        connection.execute(
            text(
                "insert into employee (id, nip, name, agency_id, unit_id, kind, post, echelon, rank, standing, active,"
                " changed_at) values (:id, :nip, 'N', 'A1', 'U1', 'PNS', 'Analis', '99', '', '01', :active, now())"
            ),
            [
                {"id": "PNS", "nip": "198501012010071001", "active": True},
                {"id": "PPPK", "nip": "199002022024211003", "active": True},
                {"id": "AWAY", "nip": "198501012010131001", "active": False},
            ],
        )
        connection.commit()
    SCHEDULE.migrate(db)
    with db.transaction() as session:
        found = {row.employee_id: (row.starts, row.ends, row.active) for row in session.scalars(select(Posting))}
    db.close()
    assert found == {
        "PNS": (date(2010, 7, 1), None, True),
        "PPPK": (date(2024, 1, 1), None, True),
        "AWAY": (date(2010, 1, 1), None, False),
    }
