"""An absence that becomes known after the roster was signed: nobody is missing who is away."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import permutations
from threading import Thread
from time import sleep
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.event import listen, remove

from services.reporting.duties.actions import open_duties
from services.reporting.duties.excuses import take_absence
from services.reporting.models import Absence, Duty, Pack
from shared.clock import wib_moment
from shared.contracts.envelope import Contract, Received, dump_data, to_bytes
from shared.contracts.schedule import AbsenceChangedV1, HolidayChangedV1, RosterInForceV1
from shared.testing.bench import Bench
from tests.reporting.conftest import as_asn, as_superior
from tests.reporting.factories import FRIDAY, NEXT_FRIDAY, a_letter, a_roster, an_employee, report_form
from tests.reporting.test_duties import statuses
from tests.reporting.test_holidays import at, rosters, told

OFF, WORKED = HolidayChangedV1(NEXT_FRIDAY, "Cuti bersama tambahan"), HolidayChangedV1(NEXT_FRIDAY, None)


def away(
    who: str = "E1", first: date = NEXT_FRIDAY, last: date | None = None, *, id_: str = "B1", active: bool = True
) -> AbsenceChangedV1:
    return AbsenceChangedV1(id_, who, "leave", first, last or first, active)


def back(who: str = "E1", id_: str = "B1") -> AbsenceChangedV1:
    return away(who, id_=id_, active=False)


def changed(bench: Bench) -> dict[str, str]:
    """Duties that are not open."""
    return {key: status for key, status in statuses(bench).items() if status != "open"}


def test_open_duties_of_the_days_are_cancelled_and_nobody_elses(city: Bench) -> None:
    rosters(city)
    city.receive(away())
    assert changed(city) == {"E1 17": "cancelled"}
    at(city, NEXT_FRIDAY + timedelta(days=1))
    assert statuses(city)["E1 17"] == "cancelled"
    assert told(city) == [("E1", 1), ("F1", 1), ("E2", 1), ("F1", 2)]  # E1 for the 10th only


def test_they_are_open_again_when_the_absence_is_cancelled(city: Bench) -> None:
    rosters(city)
    city.receive(away(), back())
    assert changed(city) == {}
    with city.db.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Absence)) == 0


def test_a_shorter_absence_opens_the_days_that_it_no_longer_covers_and_a_longer_one_cancels_more(city: Bench) -> None:
    rosters(city)
    city.receive(away(first=FRIDAY, last=NEXT_FRIDAY))
    assert changed(city) == {"E1 10": "cancelled", "E1 17": "cancelled"}
    city.receive(away(first=FRIDAY, last=NEXT_FRIDAY - timedelta(days=1)))
    assert changed(city) == {"E1 10": "cancelled"}
    city.receive(away(first=NEXT_FRIDAY, last=NEXT_FRIDAY + timedelta(days=9)))
    assert changed(city) == {"E1 17": "cancelled"}


def test_what_was_missing_is_excused_and_missing_again_when_the_day_is_over(city: Bench) -> None:
    rosters(city)
    at(city, FRIDAY + timedelta(days=1))
    assert told(city) == [("E1", 1), ("F1", 1)]
    city.receive(away(first=FRIDAY))
    assert statuses(city)["E1 10"] == "cancelled"
    assert told(city)[2:] == [("E1", 0)]
    city.receive(back())
    assert statuses(city)["E1 10"] == "missing"
    assert told(city)[3:] == [("E1", 1)]


def test_the_day_itself_is_open_again_until_it_is_over(city: Bench) -> None:
    rosters(city)
    at(city, FRIDAY, 23, 30)
    city.receive(away(first=FRIDAY), back())
    assert statuses(city)["E1 10"] == "open"
    at(city, FRIDAY + timedelta(days=1), 0, 1)
    assert statuses(city)["E1 10"] == "missing"


def test_a_report_that_was_filed_stays_and_may_be_assessed(city: Bench) -> None:
    rosters(city)
    report = as_asn(city).post("/api/reports", **report_form()).json["id"]
    city.receive(away(first=FRIDAY))
    assert statuses(city)["E1 10"] == "filed"
    rated = {"decision": "as", "note": ""}
    assert as_superior(city).post(f"/api/reports/{report}/assessment", json=rated).status_code == 201
    city.receive(away("F1", FRIDAY, id_="B2"))
    assert as_asn(city, "F1").post("/api/reports", **report_form()).json["code"] == "no_duty"


@pytest.mark.parametrize("order", list(permutations([away(), OFF])), ids=["absence first", "holiday first"])
def test_a_day_that_is_off_and_an_absence_each_hold_without_the_other(city: Bench, order: tuple[Contract, ...]) -> None:
    for last, first in ((WORKED, back()), (back(), WORKED)):
        rosters(city)
        city.receive(*order, first)
        assert statuses(city)["E1 17"] == "cancelled"
        city.receive(last)
        assert changed(city) == {}


def test_a_second_absence_covers_the_day_when_the_first_is_cancelled(city: Bench) -> None:
    rosters(city)
    city.receive(away(), away(first=FRIDAY, last=NEXT_FRIDAY, id_="B2"), back())
    assert changed(city) == {"E1 10": "cancelled", "E1 17": "cancelled"}
    city.receive(back(id_="B2"))
    assert changed(city) == {}


def test_an_amendment_that_leaves_the_day_out_has_the_last_word(city: Bench) -> None:
    rosters(city)
    city.receive(away())
    city.receive(a_roster({"E1": [FRIDAY], "E2": [NEXT_FRIDAY]}, version=2, letter=a_letter(id="L-2")))
    city.receive(back())
    assert changed(city) == {"E1 17": "cancelled"}


def test_who_left_meanwhile_owes_nothing_and_a_new_superior_assesses(city: Bench) -> None:
    rosters(city)
    city.receive(away(), away("E2", id_="B2"))
    city.receive(an_employee("E2", active=False), an_employee("E1", superior_id="E9"))
    city.receive(back(), back("E2", "B2"))
    assert (statuses(city)["E1 17"], statuses(city)["E2 17"]) == ("open", "cancelled")
    with city.db.transaction() as session:
        duty = session.scalars(select(Duty).where(Duty.employee_id == "E1", Duty.date == NEXT_FRIDAY)).one()
    assert duty.superior_id == "E9"


def test_an_older_word_about_the_same_absence_changes_nothing(city: Bench) -> None:
    rosters(city)
    city.receive(back(), sequence=90)
    city.receive(away(), sequence=80)
    city.receive(away(first=FRIDAY, id_="B2"), sequence=85)  # another absence: its order is its own
    assert changed(city) == {"E1 10": "cancelled"}


ROSTER = a_roster({"E1": [FRIDAY, NEXT_FRIDAY], "E2": [NEXT_FRIDAY]})
TOLD: list[Contract] = [
    ROSTER,
    away(first=FRIDAY, last=NEXT_FRIDAY),
    away(first=NEXT_FRIDAY),  # shorter
    back("E2", "B2"),
]
"""In the order in which it was told, after E2's absence had been."""


@pytest.mark.parametrize("over", [False, True], ids=["before the days", "after them"])
@pytest.mark.parametrize("at_once", [True, False], ids=["in one batch", "one after the other"])
def test_duties_do_not_depend_on_the_order_in_which_things_arrive(city: Bench, over: bool, at_once: bool) -> None:
    """All orders of a roster, an absence, that it becomes shorter, and that another is cancelled."""
    if over:
        city.clock.at = wib_moment(NEXT_FRIDAY + timedelta(days=3), 8)
    owed = "missing" if over else "open"
    for order in permutations(enumerate(TOLD, start=2)):
        with city.db.transaction() as session:
            session.execute(text("truncate duty, roster_ref, absence, standing, inbox, job cascade"))
        city.receive(away("E2", id_="B2"), sequence=1)
        for sequence, event in order:
            arrive(city, event, sequence)
            if not at_once:
                city.work()
        city.work()
        assert statuses(city) == {"E1 10": owed, "E1 17": "cancelled", "E2 17": owed}, order


def arrive(bench: Bench, event: Contract, sequence: int) -> None:
    """Let *event* wait in the inbox, as the bus puts it there."""
    body = to_bytes(
        event_id=str(uuid4()), source="/schedule", type_=event.TYPE, subject=event.subject, sequence=sequence,
        occurred_at=bench.clock.at, data=dump_data(event),
    )  # fmt: skip
    bench.worker.keep([body])


@pytest.mark.parametrize("order", [(ROSTER, away()), (away(), ROSTER)], ids=["roster first", "absence first"])
def test_a_roster_and_an_absence_handled_at_the_same_moment_see_each_other(
    city: Bench, order: tuple[Contract, Contract]
) -> None:
    """While the transaction of one is open the other waits, and then finds what the first has written."""
    first, second = order
    handle: dict[type[Contract], Any] = {RosterInForceV1: open_duties, AbsenceChangedV1: take_absence}
    waiting = Thread(target=city.receive, args=(second,))
    with city.db.transaction() as session:
        received: Received[Any] = Received("e1", "/schedule", first.TYPE, first.subject, 1, city.clock.at, first)
        handle[type(first)](session, received, city.context)
        session.flush()
        waiting.start()
        assert somebody_waits(city)
    waiting.join(20)
    assert statuses(city) == {"E1 10": "open", "E1 17": "cancelled", "E2 17": "open"}


def somebody_waits(bench: Bench) -> bool:
    """Whether within some seconds a transaction waits for the advisory lock of another."""
    for _ in range(200):
        with bench.db.transaction() as session:
            if session.scalar(text("select count(*) from pg_locks where locktype = 'advisory' and not granted")):
                return True
        sleep(0.05)
    return False


def test_many_absences_cost_no_statement_per_duty(city: Bench) -> None:
    fridays = [FRIDAY + timedelta(days=7 * week) for week in range(3)]
    rosters(city)
    city.receive(a_roster({"E1": fridays, "E2": fridays}, version=2, letter=a_letter(id="L-2")))
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    listen(city.db.engine, "before_cursor_execute", note)
    try:
        city.receive(away(first=FRIDAY, last=fridays[-1]))
    finally:
        remove(city.db.engine, "before_cursor_execute", note)
    assert len([each for each in sent if each.startswith("UPDATE duty")]) == 2  # excused, and opened again
    assert set(changed(city)) == {f"E1 {day:%d}" for day in fridays}


def test_a_draft_pack_follows(city: Bench) -> None:
    rosters(city)
    at(city, date(2026, 4, 30), 16, 45)

    def pack() -> tuple[int, int]:
        """Version, and reports due."""
        with city.db.transaction() as session:
            row = session.scalars(select(Pack).where(Pack.agency_id == "A1")).one()
            return row.version, str(row.content).count("17-04-2026")

    (version, named), other = pack(), statuses(city)["F1 17"]
    city.receive(away(), away("E2", id_="B2"))
    assert pack()[0] > version
    assert pack()[1] < named
    assert statuses(city)["F1 17"] == other
    assert [row for row in city.unfinished() if row[0] != "fetch_letter"] == []
