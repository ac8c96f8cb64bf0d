"""Who works where on which day, as SIMPEG and attendance are told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from services.schedule.models import HolidayOverride, Roster, RosterStatus
from shared.apikeys import create_api_key
from shared.roles import Role
from shared.testing.bench import Bench
from shared.testing.city import a_person
from tests.benches import PASSPHRASE
from tests.schedule.factories import (
    FRIDAYS,
    a_unit,
    an_employee,
    head,
    in_force,
    operator,
    settle,
    two_agencies,
)
from tests.schedule.test_life_of_a_roster import Eoffice, eoffice, numbered

__all__ = ["eoffice"]

FIRST, SECOND, THIRD = FRIDAYS
NIP = {f"E{n}": f"198501012010011{n:03d}" for n in range(7)} | {f"F{n}": f"198501012010011{100 + n}" for n in range(7)}
APRIL = "from=2026-04-01&to=2026-04-30"
TURNS = {
    ("E1", FIRST): "wfh", ("E1", SECOND): "wfo", ("E1", THIRD): "wfh", ("E2", SECOND): "wfh", ("E2", THIRD): "leave",
}  # fmt: skip
NOISE = {("F1", FIRST): "wfh", ("F2", SECOND): "wfh"}


@pytest.fixture
def city(bench: Bench) -> Bench:
    """Both agencies with a roster in force, and a draft and a withdrawn proposal that say something else."""
    two_agencies(bench)
    in_force(bench, "A1", TURNS)
    in_force(bench, "A2", NOISE)
    draft = in_force(bench, "A1", dict.fromkeys(TURNS, "wfh"), version=9, status=RosterStatus.DRAFT)
    with bench.db.transaction() as session:
        session.get_one(Roster, draft).in_force_at = None
    return bench


def simpeg(bench: Bench, *scopes: str) -> dict[str, str]:
    with bench.db.transaction() as session:
        key = create_api_key(session, "simpeg", scopes or ["workdays:read"], bench.clock.now())
    return {"Authorization": f"Bearer {key}"}


def modes(days: list[dict[str, Any]]) -> dict[str, str]:
    return {day["date"]: day["mode"] for day in days}


@contextmanager
def statements(bench: Bench) -> Iterator[list[str]]:
    """SQL sent meanwhile."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(bench.db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(bench.db.engine, "before_cursor_execute", note)


def test_a_person_has_the_days_of_their_roster_with_clause_and_letter(city: Bench) -> None:
    days = city.client(head()).get(f"/api/employees/{NIP['E1']}/workdays?{APRIL}").json
    assert modes(days) == {"2026-04-10": "wfh", "2026-04-17": "wfo", "2026-04-24": "wfh"}
    assert days[0] == {
        "date": "2026-04-10", "mode": "wfh", "clause": "1.b.2", "letter_number": "A1/04/1", "holiday": None
    }  # fmt: skip


def test_a_signed_roster_answers_what_it_says(bench: Bench, eoffice: Eoffice) -> None:
    letter = numbered(bench, eoffice)
    address = f"/api/employees/{NIP['E1']}/workdays?{APRIL}"
    assert bench.client(head()).get(address).json == []
    bench.client(head()).post(f"/api/letters/{letter.id}/sign", json={"passphrase": PASSPHRASE})
    days = bench.client(head()).get(address).json
    assert [day["date"] for day in days if day["mode"] == "wfh"]
    assert {day["letter_number"] for day in days} == {letter.number}
    assert min(day["date"] for day in days) == "2026-04-10"


def test_each_day_belongs_to_one_roster_when_an_addendum_replaces_the_first(bench: Bench) -> None:
    two_agencies(bench)
    cells = {("E1", day): "wfh" for day in FRIDAYS}
    in_force(bench, "A1", cells, ends=SECOND - timedelta(days=1), status=RosterStatus.SUPERSEDED, number="lama")
    in_force(bench, "A1", dict.fromkeys(cells, "wfo"), version=2, starts=SECOND, number="adendum")
    days = bench.client(head()).get(f"/api/employees/{NIP['E1']}/workdays?{APRIL}").json
    assert [(day["date"], day["mode"], day["letter_number"]) for day in days] == [
        ("2026-04-10", "wfh", "lama"), ("2026-04-17", "wfo", "adendum"), ("2026-04-24", "wfo", "adendum")
    ]  # fmt: skip


def test_a_withdrawn_roster_keeps_the_days_that_were_worked_by_it(bench: Bench) -> None:
    two_agencies(bench)
    cells = {("E1", day): "wfh" for day in FRIDAYS}
    in_force(bench, "A1", cells, ends=FIRST, status=RosterStatus.WITHDRAWN)
    days = bench.client(head()).get(f"/api/employees/{NIP['E1']}/workdays?{APRIL}").json
    assert modes(days) == {"2026-04-10": "wfh"}


def test_who_moved_between_agencies_has_each_day_once_by_the_later_roster(city: Bench) -> None:
    later = city.clock.at + timedelta(days=4)
    in_force(city, "A2", {("E1", SECOND): "wfh"}, version=2, starts=SECOND, status=RosterStatus.SUPERSEDED, since=later)
    days = city.client(head()).get(f"/api/employees/{NIP['E1']}/workdays?{APRIL}").json
    assert modes(days) == {"2026-04-10": "wfh", "2026-04-17": "wfh", "2026-04-24": "wfh"}


def test_a_holiday_added_after_the_letter_wins_over_the_cell(city: Bench) -> None:
    with city.db.transaction() as session:
        session.add(HolidayOverride(date=SECOND, name="Hari Jadi Kota Metro", source="Keputusan Wali Kota"))
        session.add(HolidayOverride(date=THIRD, name="", source="bukan libur"))
    rows = city.client(head()).post("/api/workdays", json=asked("E1", "E2")).json["rows"]
    assert [modes(row["days"]) for row in rows] == [
        {"2026-04-10": "wfh", "2026-04-17": "holiday", "2026-04-24": "wfh"},
        {"2026-04-17": "holiday", "2026-04-24": "leave"},
    ]
    assert rows[0]["days"][1] == {
        "date": "2026-04-17", "mode": "holiday", "clause": None, "letter_number": None,
        "holiday": "Hari Jadi Kota Metro",
    }  # fmt: skip


def test_a_unit_answers_for_its_people_a_page_at_a_time(city: Bench) -> None:
    answer = city.client(operator()).get(f"/api/units/U1/workdays?{APRIL}&page_size=3").json
    assert (answer["total"], answer["page"], len(answer["rows"])) == (7, 1, 3)
    second = city.client(operator()).get(f"/api/units/U1/workdays?{APRIL}&page_size=3&page=2").json
    people = {row["nip"]: modes(row["days"]) for row in answer["rows"] + second["rows"]}
    assert people[NIP["E1"]] == {"2026-04-10": "wfh", "2026-04-17": "wfo", "2026-04-24": "wfh"}
    assert people[NIP["E3"]] == {}
    assert not set(people) & {NIP["F1"], NIP["F2"]}


def test_an_agencys_id_asks_for_all_its_units(city: Bench) -> None:
    settle(city, [a_unit("U3", leader_id=None)], [an_employee("E31", 31, unit_id="U3")])
    answer = city.client(head()).get(f"/api/units/A1/workdays?{APRIL}").json
    nips = {row["nip"] for row in answer["rows"]}
    assert {NIP["E1"], "198501012010011031", "198501012010011900"} <= nips
    assert not nips & {NIP["F1"]}


def test_who_has_left_is_no_longer_among_a_units_people(city: Bench) -> None:
    settle(city, [], [an_employee("E2", 2, standing="99")])
    rows = city.client(operator()).get(f"/api/units/U1/workdays?{APRIL}").json["rows"]
    assert NIP["E2"] not in {row["nip"] for row in rows}
    assert city.client(operator()).get(f"/api/employees/{NIP['E2']}/workdays?{APRIL}").json


def asked(*people: str, start: str = "2026-04-01", end: str = "2026-04-30") -> dict[str, Any]:
    return {"nips": [NIP.get(who, who) for who in people], "from": start, "to": end}


def test_a_batch_answers_in_the_order_asked_and_names_whom_it_does_not_know(city: Bench) -> None:
    nobody = "1" * 18
    answer = city.client().post("/api/workdays", json=asked("F1", "E2", nobody, "F1"), headers=simpeg(city)).json
    assert [row["nip"] for row in answer["rows"]] == [NIP["F1"], NIP["E2"]]
    assert modes(answer["rows"][1]["days"]) == {"2026-04-17": "wfh", "2026-04-24": "leave"}
    assert answer["not_found"] == [nobody]


@pytest.mark.parametrize(
    ("user", "seen"),
    [
        (a_person("E1"), ["E1"]),
        (a_person("E0", Role.SUPERIOR), ["E0", "E1", "E2"]),
        (operator(), ["E0", "E1", "E2"]),
        (operator("A2"), ["F1"]),
        (a_person("X", Role.ORGANISATION, agency_id="A9"), ["E0", "E1", "E2", "F1"]),
    ],
    ids=["asn", "superior", "operator", "other operator", "organisation"],
)
def test_a_batch_shows_nobody_whom_the_asker_may_not_see(city: Bench, user: Any, seen: list[str]) -> None:
    answer = city.client(user).post("/api/workdays", json=asked("E0", "E1", "E2", "F1")).json
    assert [row["nip"] for row in answer["rows"]] == [NIP[who] for who in seen]
    assert set(answer["not_found"]) == {NIP[who] for who in ("E0", "E1", "E2", "F1") if who not in seen}


def test_a_units_leader_sees_it_and_the_leader_of_another_does_not(city: Bench) -> None:
    address = f"/api/units/U1/workdays?{APRIL}"
    assert city.client(a_person("E0", Role.SUPERIOR)).get(address).status_code == 200
    assert city.client(a_person("E4", Role.SUPERIOR)).get(address).status_code == 403
    assert city.client(a_person("E1")).get(address).status_code == 403


@pytest.mark.parametrize("way", ["person", "unit", "batch"])
def test_a_key_needs_the_scope(city: Bench, way: str) -> None:
    def ask(headers: dict[str, str]) -> int:
        if way == "batch":
            return int(city.client().post("/api/workdays", json=asked("E1"), headers=headers).status_code)
        place = f"employees/{NIP['E1']}" if way == "person" else "units/U1"
        return int(city.client().get(f"/api/{place}/workdays?{APRIL}", headers=headers).status_code)

    assert ask(simpeg(city, "people:read")) == 403
    assert ask(simpeg(city, "workdays:read")) == 200


@pytest.mark.parametrize("people", [["E1"], ["E1", "E2", "E3", "F1", "F2"]], ids=["one", "five"])
def test_the_days_come_by_one_statement_however_many_people_are_asked_for(city: Bench, people: list[str]) -> None:
    headers = simpeg(city)
    with statements(city) as sent:
        city.client().post("/api/workdays", json=asked(*people), headers=headers)
    assert len([sql for sql in sent if "roster_cell" in sql]) == 1
    assert len(sent) == 4  # the key, the people, the days, the holidays


@pytest.mark.parametrize("place", [f"employees/{NIP['E1']}", "units/U1"])
def test_a_person_and_a_unit_are_answered_by_one_statement_too(city: Bench, place: str) -> None:
    with statements(city) as sent:
        city.client(head()).get(f"/api/{place}/workdays?{APRIL}")
    assert len([sql for sql in sent if "roster_cell" in sql]) == 1


@pytest.mark.parametrize("place", [f"employees/{NIP['E1']}", "units/U1"])
def test_what_has_not_changed_is_not_sent_again(city: Bench, place: str) -> None:
    address, headers = f"/api/{place}/workdays?{APRIL}", simpeg(city)
    first = city.client().get(address, headers=headers)
    tag = first.headers["ETag"]
    assert not tag.startswith("W/")
    assert first.headers["Cache-Control"] == "private, no-cache"
    again = city.client().get(address, headers={**headers, "If-None-Match": tag})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    in_force(city, "A2", {("F3", THIRD): "wfh"}, version=2, status=RosterStatus.SUPERSEDED)  # of others
    assert city.client().get(address, headers={**headers, "If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize("place", [f"employees/{NIP['E1']}", "units/U1"])
@pytest.mark.parametrize("change", ["addendum", "holiday"])
def test_any_change_of_the_answer_changes_its_tag(city: Bench, place: str, change: str) -> None:
    address = f"/api/{place}/workdays?{APRIL}"
    tag = city.client(head()).get(address).headers["ETag"]
    if change == "addendum":
        later = city.clock.at + timedelta(hours=1)
        in_force(city, "A1", {("E1", THIRD): "wfo"}, version=2, status=RosterStatus.SUPERSEDED, since=later)
    else:
        with city.db.transaction() as session:
            session.add(HolidayOverride(date=THIRD, name="Libur", source="uji"))
    answer = city.client(head()).get(address, headers={"If-None-Match": tag})
    assert answer.status_code == 200
    assert answer.headers["ETag"] != tag


def test_a_batchs_tag_tells_whether_the_answer_is_the_one_already_known(city: Bench) -> None:
    first, again = (city.client(head()).post("/api/workdays", json=asked("E1", "E2")) for _ in range(2))
    assert first.headers["ETag"] == again.headers["ETag"]
    other = city.client(head()).post("/api/workdays", json=asked("E1", "E2", end="2026-04-23"))
    assert other.headers["ETag"] != first.headers["ETag"]


@pytest.mark.parametrize(
    ("span", "pointer"),
    [
        ("from=2026-04-30&to=2026-04-01", "/to"),
        ("from=2026-01-01&to=2027-01-02", "/to"),
        ("from=2026-04-01", "/to"),
        ("from=1-4-2026&to=2026-04-30", "/from"),
        ("to=2026-04-30", "/from"),
    ],
)
@pytest.mark.parametrize("place", [f"employees/{NIP['E1']}", "units/U1"])
def test_a_span_that_cannot_be_answered_is_refused_by_name(city: Bench, place: str, span: str, pointer: str) -> None:
    answer = city.client(head()).get(f"/api/{place}/workdays?{span}")
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert [error["pointer"] for error in answer.json["errors"]] == [pointer]


def test_a_whole_leap_year_can_be_asked_for_and_far_dates_break_nothing(city: Bench) -> None:
    address = f"/api/employees/{NIP['E1']}/workdays"
    assert city.client(head()).get(f"{address}?from=2028-01-01&to=2028-12-31").json == []
    assert city.client(head()).get(f"{address}?from=9999-01-01&to=9999-12-31").json == []
    assert city.client(head()).get(f"{address}?from=0001-01-01&to=0001-01-02").json == []


@pytest.mark.parametrize(
    ("nips", "pointer"),
    [([], "/nips"), (["1" * 18] * 501, "/nips"), (["abc"], "/nips/0"), ([NIP["E1"], NIP["E1"] + "\n"], "/nips/1")],
    ids=["none", "too many", "no NIP", "line end"],
)
def test_a_batch_that_cannot_be_answered_is_refused_by_name(city: Bench, nips: list[str], pointer: str) -> None:
    answer = city.client(head()).post("/api/workdays", json={**asked(), "nips": nips})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)


def test_an_unknown_person_or_unit_is_not_found(city: Bench) -> None:
    headers = simpeg(city)
    for place in (f"employees/{'1' * 18}", "units/U9"):
        answer = city.client().get(f"/api/{place}/workdays?{APRIL}", headers=headers)
        assert (answer.status_code, answer.json["code"]) == (404, "not_found")
