"""Leave, duty travel and training: from files and by hand, cancelled, seen by whom it concerns, told at once."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from services.schedule.absences.actions import AbsenceIn, take_absences
from services.schedule.models import Absence, RosterStatus
from shared.audit import AuditRow
from shared.contracts.schedule import AbsenceChangedV1
from shared.roles import Person, Role
from shared.testing.bench import Bench
from shared.testing.city import a_person
from tests.schedule.factories import FRIDAYS, an_employee, head, in_force, operator, settle, two_agencies
from tests.schedule.test_workdays import NIP, asked, simpeg, statements

FIRST, SECOND, THIRD = FRIDAYS
APRIL = "from=2026-04-01&to=2026-04-30"
TURNS = {("E1", day): "wfh" for day in FRIDAYS} | {("E2", SECOND): "wfo", ("F1", SECOND): "wfh"}
LEAVE = {"kind": "leave", "starts": f"{SECOND}", "ends": f"{SECOND}", "note": "operasi"}
ME = a_person("E1", Role.ASN, agency_id="A1")


@pytest.fixture
def city(bench: Bench) -> Bench:
    two_agencies(bench)
    in_force(bench, "A1", {key: mode for key, mode in TURNS.items() if key[0] != "F1"})
    in_force(bench, "A2", {("F1", SECOND): "wfh"})
    return bench


def record(bench: Bench, who: str = "E1", user: Person | None = None, **changes: Any) -> Any:
    agency = "A2" if who.startswith("F") else "A1"
    return bench.client(user or operator(agency)).post(f"/api/employees/{NIP[who]}/absences", json=LEAVE | changes)


def cancel(bench: Bench, absence_id: str, user: Person | None = None, reason: str = "tidak jadi cuti") -> Any:
    return bench.client(user or operator()).post(f"/api/absences/{absence_id}/cancel", json={"reason": reason})


def days(bench: Bench, who: str = "E1") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = bench.client(head()).get(f"/api/employees/{NIP[who]}/workdays?{APRIL}").json
    return found


def modes(bench: Bench, who: str = "E1") -> list[str]:
    return [day["mode"] for day in days(bench, who)]


def listed(bench: Bench, user: Person, query: str = "") -> list[dict[str, Any]]:
    answer = bench.client(user).get(f"/api/absences?{query}")
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = answer.json["rows"]
    return rows


def test_one_recorded_by_hand_holds_at_once_whatever_the_roster_says(city: Bench) -> None:
    made = record(city)
    assert made.status_code == 201
    assert {name: made.json[name] for name in ("kind", "starts", "source", "note", "cancelled_at")} == {
        "kind": "leave", "starts": f"{SECOND}", "source": "hand", "note": "operasi", "cancelled_at": None
    }  # fmt: skip
    assert modes(city) == ["wfh", "leave", "wfh"]
    assert days(city)[1] == {
        "date": f"{SECOND}", "mode": "leave", "clause": None, "letter_number": None, "holiday": None
    }  # fmt: skip
    assert city.emitted(AbsenceChangedV1) == [
        {"id": made.json["id"], "employee_id": "E1", "kind": "leave", "starts": f"{SECOND}", "ends": f"{SECOND}",
         "active": True}
    ]  # fmt: skip


def test_a_cancelled_one_gives_the_day_back_to_the_roster_and_is_kept_with_its_reason(city: Bench) -> None:
    absence = record(city).json["id"]
    answer = cancel(city, absence)
    assert (answer.status_code, answer.json["cancel_reason"]) == (200, "tidak jadi cuti")
    assert modes(city) == ["wfh", "wfh", "wfh"]
    assert [each["active"] for each in city.emitted(AbsenceChangedV1)] == [True, False]
    again = cancel(city, absence)
    assert (again.status_code, again.json["code"]) == (409, "absence_cancelled")
    assert listed(city, operator()) == []
    assert [row["id"] for row in listed(city, operator(), "cancelled=true")] == [absence]


def test_it_may_be_recorded_again_but_not_twice(city: Bench) -> None:
    first = record(city).json["id"]
    twice = record(city)
    assert (twice.status_code, twice.json["code"]) == (409, "absence_exists")
    assert twice.mimetype == "application/problem+json"
    cancel(city, first)
    again = record(city, note="rawat jalan")
    assert (again.status_code, again.json["id"], again.json["note"]) == (201, first, "rawat jalan")
    assert modes(city)[1] == "leave"
    assert [each["active"] for each in city.emitted(AbsenceChangedV1)] == [True, False, True]


def test_a_file_that_is_sent_again_tells_nothing_and_revives_nothing(city: Bench) -> None:
    rows = [AbsenceIn(NIP["E1"], "leave", SECOND, SECOND, ""), AbsenceIn(NIP["E2"], "training", FIRST, THIRD, "")]
    settle(city, [], [], rows)
    assert len(city.emitted(AbsenceChangedV1)) == 2
    [mine] = [row["id"] for row in listed(city, operator()) if row["employee_id"] == "E1"]
    assert cancel(city, mine).status_code == 200
    settle(city, [], [], rows)
    assert len(city.emitted(AbsenceChangedV1)) == 3
    assert [row["employee_id"] for row in listed(city, operator())] == ["E2"]


def test_a_file_of_many_is_told_by_few_statements(city: Bench) -> None:
    people = [an_employee(f"M{n}", n) for n in range(200, 800)]
    settle(city, [], people)
    rows = [AbsenceIn(person.nip, "leave", SECOND, SECOND, "") for person in people]
    with statements(city) as sent, city.db.transaction() as session:
        assert take_absences(session, rows, now=city.clock.now()).changed == 600
    assert len(sent) <= 12
    assert len(city.emitted(AbsenceChangedV1)) == 600


def test_a_preview_of_a_file_tells_nothing(city: Bench) -> None:
    content = f"nipBaru,jenis,mulai,selesai,keterangan\n{NIP['E1']},cuti,{SECOND},{SECOND},\n".encode()
    client = city.client(a_person("B1", Role.ORGANISATION, agency_id="A0"))
    for apply, told in (("false", 0), ("true", 1)):
        file = {"file": (io.BytesIO(content), "cuti.csv")}
        answer = client.post(f"/api/imports/absences?apply={apply}", data=file, content_type="multipart/form-data")
        assert answer.json["changed"] == 1
        assert len(city.emitted(AbsenceChangedV1)) == told


def test_a_trip_is_cancelled_where_it_comes_from(city: Bench) -> None:
    with city.db.transaction() as session:
        trip = Absence(
            employee_id="E1", kind="travel", starts=SECOND, ends=SECOND, note="", source="eoffice", reference="5"
        )
        session.add(trip)
        session.flush()
        trip_id = str(trip.id)
    answer = cancel(city, trip_id)
    assert (answer.status_code, answer.json["code"]) == (409, "absence_of_eoffice")
    assert modes(city)[1] == "travel"
    assert record(city, kind="travel").status_code == 201  # the same days by hand are another absence


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"ends": "2026-04-16"}, "/ends"),
        ({"ends": "2027-04-18"}, "/ends"),
        ({"kind": "sakit"}, "/kind"),
        ({"starts": "kemarin"}, "/starts"),
        ({"note": "x" * 501}, "/note"),
        ({"source": "eoffice"}, "/source"),
    ],
)
def test_what_says_no_days_is_refused_by_name(city: Bench, changes: dict[str, Any], pointer: str) -> None:
    answer = record(city, **changes)
    assert (answer.status_code, answer.json["code"]) == (422, "invalid_input")
    assert pointer in {error["pointer"] for error in answer.json["errors"]}
    assert city.emitted(AbsenceChangedV1) == []


def test_a_reason_is_needed_and_an_unknown_one_is_not_found(city: Bench) -> None:
    absence = record(city).json["id"]
    assert cancel(city, absence, reason=" ").status_code == 422
    assert cancel(city, "00000000-0000-0000-0000-000000000001").status_code == 404
    assert modes(city)[1] == "leave"


def test_only_operator_and_head_of_the_agency_record_and_cancel(city: Bench) -> None:
    absence = record(city).json["id"]
    others = [Role.ASN, Role.SUPERIOR, Role.ORGANISATION, Role.EXECUTIVE, Role.IT, Role.AUDITOR, Role.ROOM_OFFICER]
    for user in [operator("A2"), head("A2"), *(a_person("E1", roles=frozenset({role})) for role in others)]:
        assert record(city, user=user, starts=f"{FIRST}").status_code == 403, user.roles
        assert cancel(city, absence, user).status_code == 403, user.roles
    assert cancel(city, absence, head()).status_code == 200


@pytest.mark.parametrize(
    ("user", "seen"),
    [
        (ME, {"E1": "operasi"}),
        (a_person("E2", Role.ASN), {}),
        (a_person("E0", Role.SUPERIOR), {"E1": None}),
        (operator(), {"E1": "operasi"}),
        (head(), {"E1": "operasi"}),
        (operator("A2"), {"F1": "operasi"}),
        (a_person("B1", Role.ORGANISATION, agency_id="A0"), {"E1": None, "F1": None}),
        (a_person("B1", Role.AUDITOR, Role.OPERATOR, agency_id="A2"), {"E1": None, "F1": "operasi"}),
    ],
    ids=["own", "colleague", "superior", "operator", "head", "other operator", "organisation", "auditor and operator"],
)
def test_each_sees_those_within_reach_and_why_only_if_it_concerns_them(
    city: Bench, user: Person, seen: dict[str, str | None]
) -> None:
    record(city, "E1")
    record(city, "F1")
    assert {row["employee_id"]: row["note"] for row in listed(city, user)} == seen


def test_a_key_with_the_scope_sees_when_but_not_why(city: Bench) -> None:
    record(city)
    answer = city.client().get("/api/absences", headers=simpeg(city, "people:read"))
    assert [(row["employee_id"], row["note"]) for row in answer.json["rows"]] == [("E1", None)]
    assert city.client().get("/api/absences", headers=simpeg(city, "rosters:read")).status_code == 403


def test_the_list_is_paged_and_asked_by_person_and_dates(city: Bench) -> None:
    for who, first, last in (("E1", FIRST, FIRST), ("E1", SECOND, THIRD), ("E2", THIRD, THIRD)):
        assert record(city, who, starts=f"{first}", ends=f"{last}").status_code == 201

    def starts(query: str) -> list[tuple[str, str]]:
        return [(row["employee_id"], row["starts"]) for row in listed(city, operator(), query)]

    assert starts("") == [("E2", f"{THIRD}"), ("E1", f"{SECOND}"), ("E1", f"{FIRST}")]
    assert starts("employee_id=E2") == [("E2", f"{THIRD}")]
    between = SECOND + timedelta(days=1)
    assert starts(f"from={between}&to={between}") == [("E1", f"{SECOND}")]
    assert starts(f"to={FIRST}") == [("E1", f"{FIRST}")]
    page = city.client(operator()).get("/api/absences?page=2&page_size=2").json
    assert (page["total"], len(page["rows"])) == (3, 1)


def test_what_was_done_is_on_record_without_why_somebody_is_away(city: Bench) -> None:
    absence = record(city).json["id"]
    cancel(city, absence)
    with city.db.transaction() as session:
        acts = session.scalars(select(AuditRow).order_by(AuditRow.id)).all()
    assert [(act.action, act.subject) for act in acts] == [
        ("record_absence", f"absence/{absence}"), ("cancel_absence", f"absence/{absence}")
    ]  # fmt: skip
    assert acts[0].detail == {"employee": "E1", "kind": "leave", "starts": f"{SECOND}", "ends": f"{SECOND}"}


def test_a_holiday_comes_before_an_absence_and_leave_before_travel(city: Bench) -> None:
    record(city, kind="travel", starts=f"{FIRST}", ends=f"{THIRD}")
    record(city)
    assert modes(city) == ["travel", "leave", "travel"]
    body = {"name": "Cuti bersama tambahan", "source": "SKB"}
    city.client(a_person("B1", Role.IT, agency_id="A0")).put(f"/api/holidays/{SECOND}", json=body)
    assert modes(city) == ["travel", "holiday", "travel"]


def test_an_absence_that_the_letter_names_keeps_its_number(city: Bench) -> None:
    in_force(city, "A1", {("E3", SECOND): "leave"}, version=2, status=RosterStatus.SUPERSEDED)
    record(city, "E3")
    assert [(day["mode"], day["letter_number"]) for day in days(city, "E3")] == [("leave", "A1/04/2")]


def test_days_without_a_roster_stay_without(city: Bench) -> None:
    record(city, "E3")
    assert days(city, "E3") == []
    assert modes(city, "E2") == ["wfo"]


def test_many_people_with_absences_are_answered_by_one_statement(city: Bench) -> None:
    record(city)
    record(city, "F1")
    headers = simpeg(city)
    with statements(city) as sent:
        answer = city.client().post("/api/workdays", json=asked("E1", "E2", "F1"), headers=headers).json
    assert [[day["mode"] for day in row["days"]] for row in answer["rows"]] == [
        ["wfh", "leave", "wfh"], ["wfo"], ["leave"]
    ]  # fmt: skip
    assert len([sql for sql in sent if "roster_cell" in sql or "absence" in sql]) == 1
    assert len(sent) == 4  # the key, the people, the days, the holidays


def test_a_calendar_leaves_the_day_out_while_the_absence_stands(city: Bench) -> None:
    page = city.client(ME).post("/calendar/make").text
    address = "/calendar/" + page.split("/schedule/calendar/")[1].split(".ics")[0] + ".ics"

    def shown() -> list[date]:
        lines = city.client().get(address).text.splitlines()
        return [date.fromisoformat(line[-8:]) for line in lines if line.startswith("DTSTART;VALUE=DATE")]

    assert shown() == [FIRST, SECOND, THIRD]
    absence = record(city).json["id"]
    assert shown() == [FIRST, THIRD]
    cancel(city, absence)
    assert shown() == [FIRST, SECOND, THIRD]


def test_a_draft_made_from_then_on_takes_it_in_until_it_is_cancelled(bench: Bench) -> None:
    two_agencies(bench)

    def drafted() -> set[str]:
        made = bench.client(operator()).post("/api/rosters", json={"agency_id": "A1", "month": "2026-04-01"})
        assert made.status_code == 201, made.text
        with bench.db.transaction() as session:
            rows = session.execute(
                text("select mode from roster_cell where roster_id = :id and employee_id = 'E1' and date = :day"),
                {"id": made.json["id"], "day": SECOND},
            )
            return set(rows.scalars())

    absence = record(bench).json["id"]
    assert drafted() == {"leave"}
    cancel(bench, absence)
    assert drafted() <= {"wfo", "wfh"}
