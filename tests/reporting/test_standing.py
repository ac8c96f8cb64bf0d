"""How people stand with their reports is told when it changes, and only then (1.g)."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import update

from services.reporting.models import Standing
from services.reporting.standing.rules import counts_since
from shared.clock import wib_moment
from shared.contracts.reporting import StandingChangedV1
from shared.testing.bench import Bench
from tests.reporting.conftest import as_asn, as_superior
from tests.reporting.factories import FRIDAY, NEXT_FRIDAY, a_picture, a_roster, report_form

SATURDAY, NEXT_SATURDAY = FRIDAY + timedelta(days=1), NEXT_FRIDAY + timedelta(days=1)


def told(bench: Bench) -> list[tuple[str, int]]:
    """(who, overdue reports) as told, oldest first."""
    return [(event["employee_id"], event["overdue_reports"]) for event in bench.emitted(StandingChangedV1)]


def at(bench: Bench, day: date, hour: int = 8) -> None:
    """Go on to that moment and do what is due."""
    bench.clock.at = wib_moment(day, hour)
    bench.work()


def test_1_g_a_report_that_is_missed_and_then_filed_late_is_told_each_time(city: Bench) -> None:
    city.receive(a_roster({"E1": [FRIDAY, NEXT_FRIDAY], "E2": [FRIDAY]}))
    assert as_asn(city, "E2").post("/api/reports", **report_form()).status_code == 201
    assert told(city) == []
    at(city, SATURDAY)
    assert told(city) == [("E1", 1)]
    at(city, NEXT_SATURDAY)
    assert told(city) == [("E1", 1), ("E1", 2)]
    late = report_form(photo=a_picture(shade=12), date="2026-04-10")
    assert as_asn(city, "E1").post("/api/reports", **late).json["late"] is True
    assert told(city) == [("E1", 1), ("E1", 2), ("E1", 1)]
    event = city.emitted(StandingChangedV1)[-1]
    assert event == {"employee_id": "E1", "overdue_reports": 1, "rating": "", "sanction": False}


def test_what_changes_no_value_is_not_told(city: Bench) -> None:
    city.receive(a_roster({"E1": [FRIDAY], "E2": [FRIDAY]}))
    report = as_asn(city, "E1").post("/api/reports", **report_form()).json["id"]
    at(city, SATURDAY)
    before = told(city)
    assert before == [("E2", 1)]
    sent_back = {"decision": "sent_back", "note": "Lengkapi hasilnya"}
    assert as_superior(city).post(f"/api/reports/{report}/assessment", json=sent_back).status_code == 201
    again = report_form(photo=a_picture(shade=13), date="2026-04-10")
    report = as_asn(city, "E1").post("/api/reports", **again).json["id"]
    rated = {"decision": "below", "note": ""}
    assert as_superior(city).post(f"/api/reports/{report}/assessment", json=rated).status_code == 201
    for day in range(12, 15):  # nights go by
        at(city, date(2026, 4, day), 4)
    assert told(city) == before


def test_a_missing_report_counts_for_90_days_and_is_then_forgiven_by_night(city: Bench) -> None:
    city.receive(a_roster({"E1": [FRIDAY]}))
    at(city, SATURDAY)
    last = FRIDAY + timedelta(days=90)
    assert counts_since(last) == FRIDAY
    at(city, last - timedelta(days=1))
    at(city, last)
    assert told(city) == [("E1", 1)]
    at(city, last + timedelta(days=1))
    assert told(city) == [("E1", 1), ("E1", 0)]
    assert as_asn(city, "E1").post("/api/reports", **report_form(date="2026-04-10")).status_code == 201
    assert told(city) == [("E1", 1), ("E1", 0)]


def test_what_was_never_told_is_told_by_the_next_night(city: Bench) -> None:
    """As after an update, when reports have been missing since before anybody was told."""
    city.receive(a_roster({"E1": [FRIDAY]}))
    at(city, SATURDAY)
    with city.db.transaction() as session:
        session.execute(update(Standing).values(overdue_reports=0))
    at(city, SATURDAY + timedelta(days=1), 4)
    assert told(city) == [("E1", 1), ("E1", 1)]
