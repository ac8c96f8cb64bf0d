"""Runs are those which rooms and rosters in force call for, whichever of them arrived first (1.k)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from threading import Thread

import pytest
from sqlalchemy import select

from services.energy.checklists.rules import TEMPLATE, Answer, difference, faults, too_early
from services.energy.models import Checklist, ChecklistItem, HomeDay
from services.energy.rooms.actions import take_rooms
from services.energy.rooms.rules import RoomIn
from shared.db import new_id
from shared.jobs import JobRow
from shared.testing.bench import Bench
from shared.testing.city import a_person
from tests.energy.world import (
    FRIDAYS,
    a_room,
    a_roster,
    a_unit,
    an_employee,
    answers,
    import_rooms,
    nip,
    run_id,
    runs,
    settle,
)

FIRST, SECOND, THIRD = FRIDAYS


def test_1_k_1_and_1_k_2_a_roster_in_force_opens_one_run_per_room_and_wfh_date(bench: Bench) -> None:
    settle(bench)
    import_rooms(bench, a_room("R-01", (1, 2)), a_room("R-02", (3,)), a_room("R-09", (21,), unit="U2", officer=21))
    bench.receive(a_roster({"E1": [FIRST, SECOND], "E2": [FIRST], "E99": [THIRD]}))  # E99 sits nowhere, E3 stays
    assert runs(bench) == [("R-01", FIRST), ("R-01", SECOND)]
    with bench.db.transaction() as session:
        run = session.scalars(select(Checklist).where(Checklist.date == FIRST)).one()
        assert (run.status, run.agency_id, run.roster_id) == ("open", "A1", "R-A1-2026-04-1")
        assert f"{run.due_at:%Y-%m-%d %H:%M %Z}" == "2026-04-10 09:00 UTC"  # 16.00 WIB
        items = [(item.clause, item.code) for item in run.items]
    assert items == [(question.clause, question.code) for question in TEMPLATE]
    assert {clause for clause, _ in items} == {"1.k.1", "1.k.2"}


def test_rooms_rosters_and_people_may_arrive_in_any_order(bench: Bench) -> None:
    steps: dict[str, Callable[[], object]] = {
        "rooms": lambda: import_rooms(bench, a_room("R-01", (1, 2))),
        "roster": lambda: bench.receive(a_roster({"E1": [FIRST], "E9": [SECOND]})),
        "people": lambda: bench.receive(an_employee(1), an_employee(2), an_employee(9)),
    }
    for order in permutations(steps):
        bench.receive(a_unit("A1"), a_unit("U1"))
        for name in order:
            steps[name]()
        assert runs(bench) == [("R-01", FIRST)], order
        bench.empty()


def test_the_same_roster_twice_opens_nothing_more(bench: Bench) -> None:
    settle(bench)
    import_rooms(bench, a_room())
    roster = a_roster({"E1": FRIDAYS})
    bench.receive(roster, event_id="one")
    bench.receive(roster, event_id="one")
    bench.receive(roster, event_id="two")
    import_rooms(bench, a_room())
    assert runs(bench) == [("R-01", day) for day in FRIDAYS]
    with bench.db.transaction() as session:
        assert len(session.scalars(select(ChecklistItem)).all()) == len(FRIDAYS) * len(TEMPLATE)
        assert len(session.scalars(select(JobRow).where(JobRow.kind == "close_month")).all()) == 1


def test_a_later_version_takes_untouched_runs_away_and_keeps_what_was_filled_in(bench: Bench) -> None:
    settle(bench)
    import_rooms(bench, a_room("R-01"), a_room("R-02", (3,)))
    bench.receive(a_roster({"E1": FRIDAYS, "E3": FRIDAYS}))
    officer = bench.client(a_person("E1"))
    assert officer.post(f"/api/checklists/{run_id(bench)}/submit", json=answers()).status_code == 200
    bench.receive(a_roster({"E1": [THIRD], "E3": FRIDAYS}, version=2))
    assert runs(bench) == [("R-01", FIRST), ("R-01", THIRD), *(("R-02", day) for day in FRIDAYS)]
    with bench.db.transaction() as session:
        named = dict(session.execute(select(Checklist.status, Checklist.roster_id).distinct()).all())
    assert named == {"open": "R-A1-2026-04-2", "submitted": "R-A1-2026-04-1"}
    bench.receive(a_roster({"E1": FRIDAYS, "E3": FRIDAYS}, version=3))
    with bench.db.transaction() as session:
        kept = session.scalars(select(Checklist).where(Checklist.status == "submitted")).one()
    assert kept.roster_id == "R-A1-2026-04-1"  # the one it was filled in under


@pytest.mark.parametrize(("signed", "kept"), [(9, False), (13, True)])
def test_a_version_holds_from_the_day_it_was_signed_on(bench: Bench, signed: int, kept: bool) -> None:
    settle(bench)
    import_rooms(bench, a_room())
    roster = a_roster({"E1": FRIDAYS})
    bench.receive(roster)
    bench.clock.at += timedelta(days=3)
    letter = replace(roster.letter, signed_at=datetime(2026, 4, signed, 3, tzinfo=UTC))
    bench.receive(a_roster({"E1": [SECOND]}, version=2, letter=letter))
    assert (("R-01", FIRST) in runs(bench)) is kept
    assert ("R-01", THIRD) not in runs(bench)


def test_an_earlier_version_that_comes_late_changes_nothing(bench: Bench) -> None:
    settle(bench)
    import_rooms(bench, a_room())
    bench.receive(a_roster({"E1": [SECOND]}, version=2), sequence=9)
    bench.receive(a_roster({"E1": FRIDAYS}, version=1), sequence=10)
    assert runs(bench) == [("R-01", SECOND)]


def test_a_missed_run_stays_when_people_move_out_of_the_room(bench: Bench) -> None:
    settle(bench)
    import_rooms(bench, a_room("R-01", (1,)))
    bench.receive(a_roster({"E1": FRIDAYS}))
    bench.clock.at += timedelta(days=3)  # Monday 13 April
    import_rooms(bench, a_room("R-01", (2,)), a_room("R-05", (1,)))
    assert runs(bench) == [("R-01", FIRST), *(("R-05", day) for day in FRIDAYS)]


def test_who_moves_into_a_room_brings_it_no_runs_of_days_before(bench: Bench) -> None:
    settle(bench)
    import_rooms(bench, a_room("R-01", (1,)), a_room("R-05", (2,)))
    bench.receive(a_roster({"E1": FRIDAYS}))
    bench.clock.at += timedelta(days=3)
    import_rooms(bench, a_room("R-05", (1, 2)))
    assert [day for code, day in runs(bench) if code == "R-05"] == FRIDAYS[1:]


def test_a_person_who_leaves_takes_the_runs_to_come_away(bench: Bench) -> None:
    settle(bench)
    import_rooms(bench, a_room("R-01", (1,)), a_room("R-02", (3,)))
    bench.receive(a_roster({"E1": FRIDAYS, "E3": [FIRST]}))
    bench.clock.at += timedelta(days=3)
    bench.receive(an_employee(1, active=False))
    assert runs(bench) == [("R-01", FIRST), ("R-02", FIRST)]


def test_a_room_list_and_a_roster_that_arrive_at_once_do_not_miss_each_other(bench: Bench) -> None:
    settle(bench)
    room = RoomIn(2, "R-01", "Ruang", "U1", "GD-1", 1, (), None, (nip(1),))
    roster = Thread(target=bench.receive, args=(a_roster({"E1": FRIDAYS}),))
    with bench.db.transaction() as session:
        take_rooms(session, [room], only_agency=None, today=FIRST)
        roster.start()
        roster.join(0.3)
        assert roster.is_alive(), "the roster should wait for the room list"
    roster.join(10)
    assert runs(bench) == [("R-01", day) for day in FRIDAYS]


def test_a_new_nip_of_the_same_person_moves_their_runs(bench: Bench) -> None:
    settle(bench)
    import_rooms(bench, a_room("R-01", (1,)), a_room("R-02", (70,)))
    bench.receive(a_roster({"E1": FRIDAYS}))
    bench.receive(an_employee(1, nip=nip(70)))
    assert runs(bench) == [("R-02", day) for day in FRIDAYS]


def test_someone_in_two_agencies_rosters_counts_by_the_later_one(bench: Bench) -> None:
    settle(bench)
    bench.receive(a_roster({"E1": FRIDAYS}))
    bench.receive(a_roster({"E1": [SECOND]}, "A2"))
    with bench.db.transaction() as session:
        assert session.execute(select(HomeDay.date, HomeDay.agency_id)).all() == [(SECOND, "A2")]


def test_a_unit_that_moves_takes_its_rooms_along(bench: Bench) -> None:
    settle(bench)
    import_rooms(bench, a_room("R-01"), a_room("R-02", (21,), unit="U2", officer=None))
    bench.receive(a_unit("U1", "A2"))
    rooms = bench.client(a_person("E7", *({"operator"}), agency_id="A1")).get("/api/rooms").json  # type: ignore[arg-type]
    assert rooms["rows"] == []


# --- rules --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ([Answer("a", True), Answer("b", True)], {}),
        ([Answer("a", True)], {"b": "belum dijawab"}),
        ([Answer("a", False, "  "), Answer("b", True)], {"a": "jawaban “tidak” harus disertai catatan"}),
        ([Answer("a", False, "rusak"), Answer("b", True)], {}),
        ([Answer("a", True), Answer("b", True), Answer("x", True)], {"x": "butir ini tidak ada dalam daftar"}),
        ([Answer("a", True), Answer("b", True), Answer("a", True)], {"a": "butir ini dijawab dua kali"}),
    ],
)
def test_a_form_is_complete_when_every_item_is_answered_and_every_no_has_a_note(
    given: list[Answer], fault: dict[str, str]
) -> None:
    assert faults(["a", "b"], given) == fault


def test_missed_days_are_kept_and_days_to_come_follow_the_rosters() -> None:
    room = new_id()
    past, today, later = (room, FIRST), (room, SECOND), (room, THIRD)
    change = difference({later: "r"}, {past: True, today: True}, open_from=FIRST, remove_from=SECOND)
    assert (change.opened, change.removed) == ({later}, {today})
    change = difference({past: "r"}, {today: False}, open_from=SECOND, remove_from=SECOND)
    assert (change.opened, change.removed) == (set(), set())


def test_a_room_cannot_be_found_switched_off_before_the_day() -> None:
    assert too_early(FIRST, FIRST - timedelta(days=1))
    assert not too_early(FIRST, FIRST)
    assert not too_early(FIRST, date(2026, 4, 13))
    assert len(nip(1)) == 18
