"""A day that becomes a holiday after the roster was signed: nobody owes a report, and is owed one when it is worked."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import permutations

from sqlalchemy import select

from services.reporting.models import Duty, Pack
from shared.clock import wib_moment
from shared.contracts.reporting import StandingChangedV1
from shared.contracts.schedule import Assignment, HolidayChangedV1
from shared.testing.bench import Bench
from tests.reporting.conftest import as_asn, as_superior
from tests.reporting.factories import FRIDAY, NEXT_FRIDAY, a_letter, a_roster, an_employee, report_form
from tests.reporting.test_duties import statuses

OFF = HolidayChangedV1(NEXT_FRIDAY, "Cuti bersama tambahan")
WORKED = HolidayChangedV1(NEXT_FRIDAY, None)
THIS_OFF = HolidayChangedV1(FRIDAY, "Hari berkabung daerah")
THIS_WORKED = HolidayChangedV1(FRIDAY, None)


def rosters(bench: Bench) -> None:
    bench.receive(
        a_roster({"E1": [FRIDAY, NEXT_FRIDAY], "E2": [NEXT_FRIDAY]}),
        a_roster(agency_id="A2", assignments=[Assignment("F1", "V1", [FRIDAY, NEXT_FRIDAY])]),
    )


def at(bench: Bench, day: date, hour: int = 8, minute: int = 0) -> None:
    bench.clock.at = wib_moment(day, hour, minute)
    bench.work()


def told(bench: Bench) -> list[tuple[str, int]]:
    return [(event["employee_id"], event["overdue_reports"]) for event in bench.emitted(StandingChangedV1)]


def test_open_duties_of_the_day_are_cancelled_in_all_agencies_and_no_other_days(city: Bench) -> None:
    rosters(city)
    city.receive(OFF)
    assert statuses(city) == {
        "E1 10": "open", "E1 17": "cancelled", "E2 17": "cancelled", "F1 10": "open", "F1 17": "cancelled"
    }  # fmt: skip
    at(city, NEXT_FRIDAY + timedelta(days=1))
    assert {key: status for key, status in statuses(city).items() if key.endswith("17")} == {
        "E1 17": "cancelled", "E2 17": "cancelled", "F1 17": "cancelled"
    }  # fmt: skip
    assert told(city) == [("E1", 1), ("F1", 1)]  # of the 10th


def test_they_are_open_again_when_the_day_is_worked_after_all(city: Bench) -> None:
    rosters(city)
    city.receive(OFF, WORKED)
    assert statuses(city) == {"E1 10": "open", "E1 17": "open", "E2 17": "open", "F1 10": "open", "F1 17": "open"}
    at(city, NEXT_FRIDAY + timedelta(days=1))
    assert statuses(city)["E2 17"] == "missing"


def test_what_the_holiday_did_not_cancel_is_not_opened(city: Bench) -> None:
    rosters(city)
    city.receive(a_roster({"E1": [FRIDAY, NEXT_FRIDAY]}, version=2, letter=a_letter(id="L-2")))
    assert statuses(city)["E2 17"] == "cancelled"  # by the later roster
    city.receive(OFF, WORKED)
    assert statuses(city)["E2 17"] == "cancelled"
    assert statuses(city)["E1 17"] == "open"


def test_an_amendment_that_leaves_the_day_out_has_the_last_word(city: Bench) -> None:
    rosters(city)
    city.receive(OFF)
    city.receive(a_roster({"E1": [FRIDAY]}, version=2, letter=a_letter(id="L-2")))
    city.receive(WORKED)
    assert (statuses(city)["E1 17"], statuses(city)["E2 17"]) == ("cancelled", "cancelled")


def test_who_left_meanwhile_owes_nothing_and_a_new_superior_assesses(city: Bench) -> None:
    rosters(city)
    city.receive(OFF)
    city.receive(an_employee("E2", active=False), an_employee("E1", superior_id="E9"))
    city.receive(WORKED)
    assert (statuses(city)["E1 17"], statuses(city)["E2 17"]) == ("open", "cancelled")
    with city.db.transaction() as session:
        duty = session.scalars(select(Duty).where(Duty.employee_id == "E1", Duty.date == NEXT_FRIDAY)).one()
    assert duty.superior_id == "E9"


def test_holiday_and_roster_may_arrive_in_any_order(city: Bench) -> None:
    roster = a_roster({"E1": [FRIDAY, NEXT_FRIDAY]})
    for number, order in enumerate(permutations([OFF, roster])):
        month = number * 1000
        city.receive(WORKED, sequence=month + 1)
        for step, event in enumerate(order):
            city.receive(event, sequence=month + 2 + step)
        assert statuses(city) == {"E1 10": "open", "E1 17": "cancelled"}, order
    city.receive(WORKED, sequence=9000)
    assert statuses(city) == {"E1 10": "open", "E1 17": "open"}


def test_an_older_word_about_the_same_day_changes_nothing(city: Bench) -> None:
    rosters(city)
    city.receive(WORKED, sequence=90)
    city.receive(OFF, sequence=80)
    city.receive(THIS_OFF, sequence=85)  # another day: its order is its own
    assert statuses(city)["E1 17"] == "open"
    assert statuses(city)["E1 10"] == "cancelled"


def test_a_report_that_was_filed_stays_and_may_be_assessed(city: Bench) -> None:
    rosters(city)
    report = as_asn(city).post("/api/reports", **report_form()).json["id"]
    city.receive(THIS_OFF)
    assert statuses(city)["E1 10"] == "filed"
    rated = {"decision": "as", "note": ""}
    assert as_superior(city).post(f"/api/reports/{report}/assessment", json=rated).status_code == 201
    assert as_asn(city, "F1").post("/api/reports", **report_form()).json["code"] == "no_duty"


def test_a_missing_report_of_the_day_is_excused_and_gates_are_told(city: Bench) -> None:
    rosters(city)
    at(city, FRIDAY + timedelta(days=1))
    assert told(city) == [("E1", 1), ("F1", 1)]
    city.receive(THIS_OFF)
    assert statuses(city)["E1 10"] == "cancelled"
    assert told(city)[2:] == [("E1", 0), ("F1", 0)]
    city.receive(THIS_WORKED)
    assert (statuses(city)["E1 10"], statuses(city)["F1 10"]) == ("missing", "missing")
    assert told(city)[4:] == [("E1", 1), ("F1", 1)]


def test_a_draft_pack_follows_and_leaves_the_day_out(city: Bench) -> None:
    rosters(city)
    at(city, date(2026, 4, 30), 16, 45)

    def content() -> str:
        with city.db.transaction() as session:
            return str(session.scalars(select(Pack).where(Pack.agency_id == "A1")).one().content)

    def version() -> int:
        with city.db.transaction() as session:
            return session.scalars(select(Pack.version).where(Pack.agency_id == "A1")).one()

    before = version()
    assert "17-04-2026" in content() or "2026-04-17" in content()
    city.receive(OFF)
    assert version() == before + 1
    assert "17-04-2026" not in content()
    assert "2026-04-17" not in content()
    assert [row for row in city.unfinished() if row[0] != "fetch_letter"] == []
