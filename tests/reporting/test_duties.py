"""Duties follow the roster in force: opened once, cancelled by a later letter, missing after their day."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select

from services.reporting.duties.rules import Figures, add_up, is_late, last_day, next_month, no_longer_wanted
from services.reporting.models import Duty, Pack, RosterRef
from shared.clock import wib_moment
from shared.contracts.schedule import Assignment
from shared.jobs import JobRow
from shared.testing.bench import Bench
from tests.reporting.conftest import as_asn
from tests.reporting.factories import FRIDAY, NEXT_FRIDAY, a_letter, a_roster, an_employee, report_form

LAST_FRIDAY = date(2026, 4, 24)


def statuses(bench: Bench) -> dict[str, str]:
    """ "E1 10" → status."""
    with bench.db.transaction() as session:
        return {f"{duty.employee_id} {duty.date:%d}": duty.status for duty in session.scalars(select(Duty))}


def kinds_unfinished(bench: Bench) -> list[str]:
    """What did not go well, without the letter whose server is not there in these tests."""
    return [kind for kind, _, _ in bench.unfinished() if kind != "fetch_letter"]


def test_2_b_a_roster_in_force_opens_one_duty_per_person_and_wfh_date(city: Bench) -> None:
    city.receive(a_roster({"E1": [FRIDAY, NEXT_FRIDAY], "E2": [FRIDAY]}))
    assert statuses(city) == {"E1 10": "open", "E1 17": "open", "E2 10": "open"}
    with city.db.transaction() as session:
        duty = session.scalars(select(Duty).where(Duty.employee_id == "E2")).one()
        assert (duty.agency_id, duty.unit_id, duty.superior_id, duty.roster_id) == ("A1", "U1", "E0", "R-A1-1")
        assert duty.due_at == wib_moment(FRIDAY, 23, 59)
        assert session.scalars(select(Pack.status)).all() == ["building"]
        due = dict(
            session.execute(
                select(JobRow.key, JobRow.due_at).where(JobRow.kind.in_(["mark_missing", "build_pack"]))
            ).all()
        )
    assert due == {
        "A1:2026-04-10:1": wib_moment(date(2026, 4, 11), 0),
        "A1:2026-04-17:1": wib_moment(date(2026, 4, 18), 0),
        "A1:2026-04": wib_moment(date(2026, 4, 30), 16, 45),
    }


def test_the_same_roster_twice_by_one_or_by_two_events_changes_nothing(city: Bench) -> None:
    roster = a_roster({"E1": [FRIDAY]})
    for event_id in ("one", "one", "two"):
        city.receive(roster, event_id=event_id)
    assert statuses(city) == {"E1 10": "open"}
    assert kinds_unfinished(city) == []


def test_a_later_version_cancels_open_duties_and_adds_new_ones(city: Bench) -> None:
    city.receive(a_roster({"E1": [FRIDAY, NEXT_FRIDAY], "E2": [NEXT_FRIDAY]}))
    as_asn(city).post("/api/reports", **report_form())
    city.receive(a_roster({"E3": [NEXT_FRIDAY], "E2": [NEXT_FRIDAY]}, version=2))
    # E1's filed report of the 10th stands: the earlier letter was in force on that day.
    assert statuses(city) == {"E1 10": "filed", "E1 17": "cancelled", "E2 17": "open", "E3 17": "open"}
    city.receive(a_roster({"E1": [NEXT_FRIDAY]}, version=3))
    assert statuses(city) == {"E1 10": "filed", "E1 17": "open", "E2 17": "cancelled", "E3 17": "cancelled"}


def test_an_older_version_that_arrives_late_is_ignored(city: Bench) -> None:
    city.receive(a_roster({"E1": [FRIDAY]}, version=2), sequence=90)
    city.receive(a_roster({"E2": [FRIDAY]}, version=1), sequence=80)
    city.receive(a_roster({"E3": [FRIDAY]}, version=1), sequence=95)
    assert statuses(city) == {"E1 10": "open"}
    with city.db.transaction() as session:
        assert session.get_one(RosterRef, ("A1", date(2026, 4, 1))).version == 2


def test_a_version_that_starts_in_mid_month_leaves_earlier_days_alone(city: Bench) -> None:
    city.receive(a_roster({"E1": [FRIDAY, NEXT_FRIDAY, LAST_FRIDAY]}))
    city.receive(a_roster({"E1": [LAST_FRIDAY]}, version=2, starts=date(2026, 4, 13)))
    assert statuses(city) == {"E1 10": "open", "E1 17": "cancelled", "E1 24": "open"}


def test_an_unknown_employee_is_waited_for_and_nothing_is_half_done(city: Bench) -> None:
    city.receive(a_roster({"E1": [FRIDAY], "E7": [FRIDAY]}))
    assert statuses(city) == {}
    assert kinds_unfinished(city) == ["open_duties"]
    city.receive(an_employee("E7"))
    city.clock.at += timedelta(seconds=30)
    city.work()
    assert statuses(city) == {"E1 10": "open", "E7 10": "open"}
    assert kinds_unfinished(city) == []


def test_who_comes_from_another_agency_owes_one_report_a_day_to_the_newer_roster(city: Bench) -> None:
    city.receive(a_roster({"E1": [NEXT_FRIDAY]}))
    city.receive(an_employee("E1", agency_id="A2", unit_id="V1", superior_id="F0"))
    city.receive(a_roster(agency_id="A2", assignments=[Assignment("E1", "V1", [NEXT_FRIDAY])]))
    with city.db.transaction() as session:
        duty = session.scalars(select(Duty)).one()
    assert (duty.agency_id, duty.unit_id, duty.superior_id, duty.status) == ("A2", "V1", "F0", "open")


def test_who_leaves_the_service_owes_no_reports_from_then_on(city: Bench) -> None:
    city.receive(a_roster({"E1": [date(2026, 4, 3), FRIDAY, NEXT_FRIDAY], "E2": [NEXT_FRIDAY]}))
    city.receive(an_employee("E1", active=False))
    assert statuses(city) == {"E1 03": "missing", "E1 10": "cancelled", "E1 17": "cancelled", "E2 17": "open"}


def test_2_b_what_is_open_after_its_day_becomes_missing_and_other_days_do_not(city: Bench) -> None:
    city.receive(
        a_roster({"E1": [FRIDAY, NEXT_FRIDAY], "E2": [FRIDAY]}),
        a_roster(agency_id="A2", assignments=[Assignment("F1", "V1", [NEXT_FRIDAY])]),
    )
    as_asn(city, "E2").post("/api/reports", **report_form())
    city.clock.at = wib_moment(date(2026, 4, 11), 0) - timedelta(seconds=1)
    city.work()
    assert statuses(city)["E1 10"] == "open"
    city.clock.at += timedelta(seconds=1)
    city.work()
    assert statuses(city) == {"E1 10": "missing", "E1 17": "open", "E2 10": "filed", "F1 17": "open"}


def test_people_added_to_a_past_date_by_a_later_version_become_missing_too(city: Bench) -> None:
    city.receive(a_roster({"E1": [FRIDAY]}))
    city.clock.at = wib_moment(date(2026, 4, 12), 8)
    city.work()
    city.receive(a_roster({"E1": [FRIDAY], "E2": [FRIDAY]}, version=2, letter=a_letter(id="L-2")))
    assert statuses(city) == {"E1 10": "missing", "E2 10": "missing"}


def test_figures_add_up() -> None:
    figures = add_up(
        [("open", False, None, 3), ("missing", False, None, 2), ("filed", False, None, 4), ("late", True, None, 1),
         ("assessed", True, "above", 2), ("assessed", False, "as", 5), ("sent_back", False, "sent_back", 1),
         ("cancelled", False, None, 9)]
    )  # fmt: skip
    assert figures == Figures(
        due=18, filed=13, late=3, missing=2, open=3, assessed=7, sent_back=1,
        ratings={"above": 2, "as": 5, "below": 0},
    )  # fmt: skip
    assert figures.due == figures.filed + figures.missing + figures.open


def test_months_end_where_they_end() -> None:
    assert last_day(date(2028, 2, 10)) == date(2028, 2, 29)
    assert next_month(date(2026, 12, 31)) == date(2027, 1, 1)


def test_only_open_duties_of_the_period_are_cancelled() -> None:
    present = {("E1", FRIDAY): "filed", ("E2", FRIDAY): "open", ("E3", FRIDAY): "open", ("E2", LAST_FRIDAY): "open"}
    assert no_longer_wanted(present, {("E3", FRIDAY)}, FRIDAY, NEXT_FRIDAY) == {("E2", FRIDAY)}


def test_the_minute_of_the_deadline_counts() -> None:
    due = wib_moment(FRIDAY, 23, 59)
    assert not is_late(due + timedelta(seconds=59), due)
    assert is_late(due + timedelta(seconds=60), due)
