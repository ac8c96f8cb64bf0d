"""Duty trips that e-office tells of become absences of those who travel, and follow what becomes of the trip."""

from __future__ import annotations

import json
from datetime import date, timedelta
from itertools import permutations
from typing import Any

import pytest
import requests
from sqlalchemy import select

from deploy.embedded.fakes.eoffice import create_app
from deploy.embedded.fakes.letters import LetterBook
from deploy.embedded.fakes.webhooks import Target
from services.reporting.models import Duty
from services.schedule.absences.actions import AbsenceIn
from services.schedule.models import Absence
from shared.contracts.envelope import load_data
from shared.contracts.schedule import AbsenceChangedV1
from shared.inbox import InboxRow
from shared.jobs import JobRow
from shared.testing.bench import Bench
from tests.benches import WEBHOOK_SECRET
from tests.reporting.factories import a_roster
from tests.reporting.factories import a_unit as a_unit_told
from tests.reporting.factories import an_employee as an_employee_told
from tests.schedule.factories import FRIDAYS, an_employee, settle, two_agencies
from tests.schedule.test_life_of_a_roster import send_webhook
from tests.servers import served

NIP = {f"E{n}": an_employee(f"E{n}", n).nip for n in range(10)}
FIRST, SECOND, THIRD = FRIDAYS
APPROVED, CANCELLED, DONE = (f"perjalanan_dinas.{word}" for word in ("disetujui", "dibatalkan", "selesai"))


def a_trip(*who: str, **overrides: Any) -> dict[str, Any]:
    values = {
        "id": "501", "nomor": "000.1/501", "jenis": "luar_daerah", "tujuan": "Jakarta",
        "pelaksana": [{"nip": NIP[each], "nama": each} for each in who],
        "tanggal_berangkat": f"{SECOND}", "tanggal_kembali": f"{SECOND + timedelta(days=1)}",
    }  # fmt: skip
    return {**values, **overrides}


def tell(bench: Bench, type_: str, data: dict[str, Any], minute: int = 0, *, work: bool = True) -> None:
    """minute: of the webhook's timestamp, by which e-office says what came later."""
    stamp = f"2026-04-08T01:{minute:02d}:00Z"
    id_ = f"{type_}-{data['id']}-{minute}"
    answer = send_webhook(bench, "eoffice", type_, data, webhook_id=id_, timestamp=stamp)
    assert answer.status_code == 202
    if work:
        bench.work()


def standing(bench: Bench) -> dict[str, tuple[date, date]]:
    """Who is away, and when, by absences that stand."""
    with bench.db.transaction() as session:
        rows = session.scalars(select(Absence).where(Absence.cancelled_at.is_(None)))
        return {row.employee_id: (row.starts, row.ends) for row in rows}


def told(bench: Bench) -> list[tuple[str, str, bool]]:
    return [(event["employee_id"], event["ends"], event["active"]) for event in bench.emitted(AbsenceChangedV1)]


THEN = (SECOND, SECOND + timedelta(days=1))


def test_an_approved_trip_is_an_absence_of_each_traveller(bench: Bench) -> None:
    two_agencies(bench)
    tell(bench, APPROVED, a_trip("E1", "E2"))
    assert standing(bench) == {"E1": THEN, "E2": THEN}
    with bench.db.transaction() as session:
        row = session.scalars(select(Absence).where(Absence.employee_id == "E1")).one()
    assert (row.kind, row.source, row.reference, row.note) == ("travel", "eoffice", "501", "Jakarta, 000.1/501")
    assert sorted(told(bench)) == [("E1", f"{THEN[1]}", True), ("E2", f"{THEN[1]}", True)]
    tell(bench, APPROVED, a_trip("E1", "E2"), 1)
    assert len(told(bench)) == 2  # the same again is no news


def test_a_trip_applied_for_changes_nothing_and_is_kept(bench: Bench) -> None:
    two_agencies(bench)
    tell(bench, "perjalanan_dinas.diajukan", a_trip("E1"))
    assert standing(bench) == {}
    with bench.db.transaction() as session:
        assert session.scalars(select(InboxRow.status)).one() == "unhandled"


def test_a_cancelled_trip_takes_its_absences_back_and_no_others(bench: Bench) -> None:
    two_agencies(bench)
    settle(bench, [], [], [AbsenceIn(NIP["E1"], "leave", THIRD, THIRD, "")])
    tell(bench, APPROVED, a_trip("E1", "E2"))
    tell(bench, APPROVED, a_trip("E3", id="777"), 1)
    tell(bench, CANCELLED, {"id": "501", "catatan": "anggaran"}, 2)
    assert standing(bench) == {"E1": (THIRD, THIRD), "E3": THEN}
    with bench.db.transaction() as session:
        reasons = session.scalars(select(Absence.cancel_reason).where(Absence.reference == "501")).all()
    assert reasons == ["anggaran", "anggaran"]
    assert sorted(told(bench)[-2:]) == [("E1", f"{THEN[1]}", False), ("E2", f"{THEN[1]}", False)]


@pytest.mark.parametrize("days", [-1, 3], ids=["shorter", "longer"])
def test_a_trip_that_is_over_has_the_days_and_people_that_it_had(bench: Bench, days: int) -> None:
    two_agencies(bench)
    tell(bench, APPROVED, a_trip("E1", "E2"))
    back = THEN[1] + timedelta(days=days)
    tell(bench, DONE, a_trip("E1", "E3", tanggal_kembali=f"{back}"), 1)
    assert standing(bench) == {"E1": (SECOND, back), "E3": (SECOND, back)}
    assert sorted(told(bench)[2:]) == [("E1", f"{back}", True), ("E2", f"{THEN[1]}", False), ("E3", f"{back}", True)]


def test_who_goes_along_after_all_has_the_same_absence_again(bench: Bench) -> None:
    two_agencies(bench)
    for minute, people in enumerate((("E1", "E2"), ("E1",), ("E1", "E2"))):
        tell(bench, APPROVED, a_trip(*people), minute)
    assert standing(bench) == {"E1": THEN, "E2": THEN}
    with bench.db.transaction() as session:
        assert len(session.scalars(select(Absence)).all()) == 2


@pytest.mark.parametrize("at_once", [True, False], ids=["in one batch", "one after the other"])
@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_the_latest_word_holds_in_whatever_order_it_comes(bench: Bench, order: tuple[int, ...], at_once: bool) -> None:
    two_agencies(bench)
    events = [(APPROVED, a_trip("E1")), (CANCELLED, {"id": "501"}), (DONE, a_trip("E1", tanggal_kembali=f"{SECOND}"))]
    for number in order:
        type_, data = events[number]
        tell(bench, type_, data, number, work=not at_once)
    bench.work()
    assert standing(bench) == {"E1": (SECOND, SECOND)}
    last = [event["ends"] for event in bench.emitted(AbsenceChangedV1)][-1]
    assert last == f"{SECOND}"


def test_a_trip_that_is_cancelled_before_it_is_told_stays_cancelled(bench: Bench) -> None:
    two_agencies(bench)
    tell(bench, CANCELLED, {"id": "501"}, 5)
    tell(bench, APPROVED, a_trip("E1"), 4)
    tell(bench, APPROVED, a_trip("E2", id="502"), 4)  # another trip: its order is its own
    assert standing(bench) == {"E2": THEN}


def later(bench: Bench) -> None:
    bench.clock.at += timedelta(hours=1)
    bench.work()


def test_an_unknown_traveller_holds_nobody_back_and_is_taken_when_known(bench: Bench) -> None:
    two_agencies(bench)
    tell(bench, APPROVED, a_trip("E1", "E8", "E9"))
    assert standing(bench) == {"E1": THEN}
    assert {error.split(":")[0] for _, _, error in bench.unfinished() if error} == {"shared.errors.NotYet"}
    settle(bench, [], [an_employee("E9", 9)])
    later(bench)
    assert standing(bench) == {"E1": THEN, "E9": THEN}
    assert told(bench)[-1] == ("E9", f"{THEN[1]}", True)
    [(kind, _, error)] = bench.unfinished()
    assert (kind, NIP["E8"] in (error or "")) == ("take_traveller", True)


def test_an_unknown_traveller_is_parked_at_last_where_it_sees_it(bench: Bench) -> None:
    two_agencies(bench)
    tell(bench, APPROVED, a_trip("E1", "E9"))
    for _ in range(len(bench.settings.retry_seconds) + 1):
        bench.clock.at += timedelta(days=2)
        bench.work()
    with bench.db.transaction() as session:
        row = session.scalars(select(JobRow).where(JobRow.kind == "take_traveller")).one()
    assert row.status == "parked"
    assert f"NIP {NIP['E9']} tidak dikenal" in (row.error or "")
    assert standing(bench) == {"E1": THEN}


@pytest.mark.parametrize(
    ("type_", "data", "stands"),
    [
        (CANCELLED, {"id": "501"}, {}),
        (DONE, a_trip("E1"), {"E1": THEN}),
        (DONE, a_trip("E1", "E9", tanggal_kembali=f"{SECOND}"), {"E1": (SECOND, SECOND), "E9": (SECOND, SECOND)}),
    ],
    ids=["cancelled", "without them", "shorter"],
)
def test_who_becomes_known_late_has_what_the_trip_has_become(
    bench: Bench, type_: str, data: dict[str, Any], stands: dict[str, tuple[date, date]]
) -> None:
    two_agencies(bench)
    tell(bench, APPROVED, a_trip("E1", "E9"))
    tell(bench, type_, data, 1)
    settle(bench, [], [an_employee("E9", 9)])
    later(bench)
    assert standing(bench) == stands
    assert bench.unfinished() == []


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (a_trip("E1", id=""), "kolom id kosong"),
        (a_trip(), "pelaksana harus daftar"),
        (a_trip("E1", pelaksana="E1"), "pelaksana harus daftar"),
        (a_trip("E1", pelaksana=["E1"]), "pelaksana harus daftar"),
        (a_trip("E1", pelaksana=[{"nip": "123"}]), "perjalanan dinas 501: NIP 123"),
        (a_trip("E1", tanggal_kembali="besok"), "tanggal_berangkat dan tanggal_kembali harus berbentuk"),
        (a_trip("E1", tanggal_kembali="2026-04-01"), "tanggal_kembali mendahului tanggal_berangkat"),
    ],
)
def test_what_cannot_be_a_trip_is_put_aside_with_its_fault(bench: Bench, data: dict[str, Any], said: str) -> None:
    two_agencies(bench)
    tell(bench, APPROVED, data)
    for _ in range(len(bench.settings.retry_seconds) + 1):
        bench.clock.at += timedelta(days=2)
        bench.work()
    [(kind, status, error)] = bench.unfinished()
    assert (kind, status) == ("take_trip", "parked")
    assert said in (error or "")
    assert standing(bench) == {}


def test_a_traveller_without_a_nip_is_no_asn(bench: Bench) -> None:
    two_agencies(bench)
    data = a_trip("E1")
    data["pelaksana"].append({"nip": "", "nama": "Pengemudi"})
    tell(bench, APPROVED, data)
    assert standing(bench) == {"E1": THEN}
    assert bench.unfinished() == []


def test_from_eoffice_to_the_duty(bench: Bench, reporting_bench: Bench, tmp_path: Any) -> None:
    """The fake e-office tells a trip, over HTTP and signed; reporting hears of it from schedule's outbox."""
    reporting_bench.empty()
    reporting_bench.clock.at = bench.clock.at
    two_agencies(bench)
    reporting_bench.receive(a_unit_told("U1"), an_employee_told("E1"), a_roster({"E1": [FIRST, SECOND]}))
    seen = 0

    def duties() -> dict[str, str]:
        nonlocal seen
        bench.work()
        events = bench.emitted(AbsenceChangedV1)
        reporting_bench.receive(*(load_data(AbsenceChangedV1, event) for event in events[seen:]))
        seen = len(events)
        with reporting_bench.db.transaction() as session:
            return {f"{row.date}": row.status for row in session.scalars(select(Duty).order_by(Duty.date))}

    with (
        served(bench.app) as schedule,
        served(create_app(LetterBook(tmp_path, 0.1), Target(f"{schedule}/webhooks/eoffice", WEBHOOK_SECRET))) as fake,
    ):

        def event(type_: str, **data: Any) -> dict[str, Any]:
            answer = requests.post(f"{fake}/_fake/events", json={"type": type_, "data": data}, timeout=15).json()
            assert answer["status"] == 202, json.dumps(answer)
            told: dict[str, Any] = answer["data"]
            return told

        days = {"tanggal_berangkat": f"{FIRST}", "tanggal_kembali": f"{SECOND}"}
        trip = event(APPROVED, pelaksana=[{"nip": NIP["E1"]}], **days)
        assert duties() == {f"{FIRST}": "cancelled", f"{SECOND}": "cancelled"}
        event(DONE, id=trip["id"], tanggal_kembali=f"{FIRST}")
        assert duties() == {f"{FIRST}": "cancelled", f"{SECOND}": "open"}
        event(CANCELLED, id=trip["id"], catatan="tidak jadi")
        assert duties() == {f"{FIRST}": "open", f"{SECOND}": "open"}
    reporting_bench.empty()
