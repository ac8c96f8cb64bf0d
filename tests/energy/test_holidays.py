"""A day that becomes a holiday after the roster was signed: no room is checked, and its savings are not measured."""

from __future__ import annotations

from datetime import date
from itertools import permutations

from services.energy.savings.calendar import closed_days
from shared.contracts.envelope import Contract
from shared.contracts.schedule import HolidayChangedV1
from shared.testing.bench import Bench
from shared.testing.city import a_person
from tests.energy.world import FRIDAYS, a_room, a_roster, answers, import_rooms, run_id, runs, settle

FIRST, SECOND, THIRD = FRIDAYS
OFF, WORKED = HolidayChangedV1(SECOND, "Cuti bersama tambahan"), HolidayChangedV1(SECOND, None)


def city(bench: Bench) -> None:
    """Rooms in both agencies, and people at home on all Fridays."""
    settle(bench)
    import_rooms(bench, a_room("R-01"), a_room("R-02", (21, 22), unit="U2", officer=21))
    bench.receive(a_roster({"E1": FRIDAYS}), a_roster({"E21": FRIDAYS}, "A2"))


def test_runs_of_the_day_are_taken_away_everywhere_and_come_back_when_it_is_worked_after_all(bench: Bench) -> None:
    city(bench)
    whole = runs(bench)
    bench.receive(OFF)
    assert runs(bench) == [(room, day) for room, day in whole if day != SECOND]
    bench.receive(WORKED)
    assert runs(bench) == whole


def test_holiday_and_roster_may_arrive_in_any_order(bench: Bench) -> None:
    events: list[Contract] = [OFF, a_roster({"E1": FRIDAYS})]
    for order in permutations(events):
        settle(bench)
        import_rooms(bench, a_room("R-01"))
        bench.receive(*order)
        assert runs(bench) == [("R-01", FIRST), ("R-01", THIRD)], order
        bench.empty()


def test_a_later_roster_and_a_new_room_do_not_bring_the_day_back(bench: Bench) -> None:
    city(bench)
    bench.receive(OFF, a_roster({"E1": FRIDAYS, "E3": FRIDAYS}, version=2))
    import_rooms(bench, a_room("R-03", (3,)))
    assert SECOND not in {day for _, day in runs(bench)}
    assert ("R-03", THIRD) in runs(bench)


def test_what_was_filled_in_stays_and_missed_runs_of_other_days_too(bench: Bench) -> None:
    city(bench)
    officer = bench.client(a_person("E1"))
    assert officer.post(f"/api/checklists/{run_id(bench)}/submit", json=answers()).status_code == 200
    bench.receive(HolidayChangedV1(FIRST, "Hari berkabung daerah"))
    assert [(room, day) for room, day in runs(bench) if day == FIRST] == [("R-01", FIRST)]
    assert len([day for _, day in runs(bench) if day in (SECOND, THIRD)]) == 4


def test_an_older_word_about_the_same_day_changes_nothing(bench: Bench) -> None:
    city(bench)
    bench.receive(WORKED, sequence=90)
    bench.receive(OFF, sequence=80)
    assert ("R-01", SECOND) in runs(bench)


def test_savings_go_by_the_corrected_calendar(bench: Bench) -> None:
    joint_leave = date(2026, 5, 15)
    bench.receive(OFF, HolidayChangedV1(joint_leave, None))
    with bench.db.transaction() as session:
        closed = closed_days(session, date(2026, 4, 1), date(2026, 5, 31))
    assert SECOND in closed
    assert joint_leave not in closed
    assert date(2026, 5, 14) in closed  # the Ascension, as decreed
