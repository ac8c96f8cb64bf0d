"""Meter readings as files: what is new, what is corrected, what can't be right."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.energy.integrations.files import read_readings
from services.energy.meters.rules import ReadingIn, medians, refusal, sort_out
from services.energy.models import MonthClosure
from shared.apikeys import create_api_key
from shared.roles import Person, Role
from shared.testing.bench import Bench
from shared.testing.city import a_person
from tests.energy.world import operator, settle, upload

IT = a_person("IT", Role.IT, agency_id="A0")
HEADER = "gedung,unorId,tanggal,kwh"
GOOD = ["GD-1,A1,2026-04-07,310.5", "GD-1,A1,2026-04-08,305", "GD-1,U1,2026-04-09,298.25"]


def send(bench: Bench, *lines: str, by: Person = IT, apply: bool = True) -> Any:
    text = "\n".join([HEADER, *lines])
    return bench.client(by).post(f"/api/imports/readings?apply={apply}", **upload(text, "april.csv"))


def counts(answer: Any) -> tuple[int, int, int, int]:
    return answer.json["added"], answer.json["replaced"], answer.json["same"], len(answer.json["rejected"])


def test_readings_are_previewed_then_taken_in_and_listed_newest_first(bench: Bench) -> None:
    settle(bench)
    assert counts(send(bench, *GOOD, apply=False)) == (3, 0, 0, 0)
    assert bench.client(IT).get("/api/readings").json["total"] == 0
    assert counts(send(bench, *GOOD)) == (3, 0, 0, 0)
    rows = bench.client(IT).get("/api/readings").json["rows"]
    assert [(row["date"], row["kwh"]) for row in rows] == [
        ("2026-04-09", 298.25), ("2026-04-08", 305.0), ("2026-04-07", 310.5)
    ]  # fmt: skip
    assert {row["source"] for row in rows} == {"april.csv"}
    listed = bench.client(IT).get("/api/readings?building=GD-1&agency_id=A1&from=2026-04-08&to=2026-04-08").json
    assert listed["total"] == 1


def test_duplicates_are_replaced_only_where_they_differ(bench: Bench) -> None:
    settle(bench)
    send(bench, *GOOD)
    again = send(bench, GOOD[0], "GD-1,A1,2026-04-08,300", GOOD[2], GOOD[2], "GD-1,A1,2026-04-09,299")
    assert counts(again) == (0, 1, 3, 1)
    assert again.json["rejected"][0] == {
        "line": 6, "reason": "gedung GD-1 2026-04-09: dua nilai berbeda untuk tanggal yang sama"
    }  # fmt: skip
    assert bench.client(IT).get("/api/readings?from=2026-04-08&to=2026-04-08").json["rows"][0]["kwh"] == 300


def test_rows_that_cannot_be_right_are_named(bench: Bench) -> None:
    settle(bench)
    answer = send(
        bench,
        *GOOD,
        "GD-1,A1,2026-04-06,-5",
        "GD-1,A1,2026-04-05,31050",
        "GD-1,A404,2026-04-04,300",
        "GD-1,A1,4 April,300",
        "GD-1,A1,2026-04-03,banyak",
        "GD-1,A1,2026-04-02,NaN",
        "GD-1,A1,2026-04-30,300",
        ",A1,2026-04-02,300",
        "GD-7,A1,2026-04-07,1e30",
    )
    assert counts(answer) == (3, 0, 0, 9)
    assert [row["reason"] for row in answer.json["rejected"]] == [
        "gedung GD-1 2026-04-06: -5,0 kWh negatif",
        "gedung GD-1 2026-04-05: 31050,0 kWh lebih dari 20 kali pemakaian yang biasa (305,0 kWh)",
        "gedung GD-1 2026-04-04: unit kerja A404 belum dikenal",
        "gedung GD-1: tanggal “4 April” harus berbentuk TTTT-BB-HH",
        "gedung GD-1 2026-04-03: kwh “banyak” bukan bilangan",
        "gedung GD-1 2026-04-02: kwh “NaN” bukan bilangan",
        "gedung GD-1 2026-04-30: tanggal belum lewat",
        "gedung tanpa nama 2026-04-02: kolom gedung kosong",
        "gedung GD-7 2026-04-07: kwh “1e30” tidak mungkin untuk satu hari",
    ]


def test_an_operator_brings_in_the_own_agencys_meters_only(bench: Bench) -> None:
    settle(bench)
    answer = send(bench, GOOD[0], "GD-2,A2,2026-04-07,100", by=operator())
    assert counts(answer) == (1, 0, 0, 1)
    assert answer.json["rejected"][0]["reason"].endswith("milik perangkat daerah lain")
    send(bench, "GD-2,A2,2026-04-07,100")
    assert bench.client(operator()).get("/api/readings").json["total"] == 1
    assert bench.client(a_person("H", Role.HEAD, agency_id="A2")).get("/api/readings").json["total"] == 1
    assert send(bench, GOOD[0], by=a_person("E1")).status_code == 403


def test_a_machine_needs_the_scope_and_a_wrong_file_is_refused(bench: Bench) -> None:
    settle(bench)
    with bench.db.transaction() as session:
        key = create_api_key(session, "meter", ["readings:import"], bench.clock.at)
    headers = {"Authorization": f"Bearer {key}"}
    post = bench.client().post
    text = "\n".join([HEADER, *GOOD])
    assert post("/api/imports/readings?apply=true", **upload(text), headers=headers).json["added"] == 3
    assert post("/api/imports/rooms", **upload(text), headers=headers).status_code == 403
    wrong = post("/api/imports/readings", **upload("kode,nama\n1,2"), headers=headers)
    assert (wrong.status_code, "gedung, unorId" in wrong.json["detail"]) == (422, True)


def test_corrections_of_a_closed_month_ask_for_a_restatement(bench: Bench) -> None:
    settle(bench)
    with bench.db.transaction() as session:
        session.add(
            MonthClosure(agency_id="A1", month=date(2026, 4, 1), version=1, figures={}, detail={},
                         closed_at=bench.clock.at, closed_by="uji", reason="uji")
        )  # fmt: skip
    assert send(bench, GOOD[0], "GD-1,A1,2026-03-31,300").json["restate"] == ["A1 2026-04"]
    assert send(bench, GOOD[0]).json["restate"] == []


def test_a_value_with_more_decimals_than_are_kept_is_still_the_same(bench: Bench) -> None:
    settle(bench)
    row = "GD-1,A1,2026-04-07,310.12345"
    send(bench, row)
    assert counts(send(bench, row)) == (0, 0, 1, 0)


# --- rules --------------------------------------------------------------------------------------------------------


def a_reading(kwh: str, day: int = 7) -> ReadingIn:
    return ReadingIn(2, "GD-1", "A1", date(2026, 4, day), Decimal(kwh))


@pytest.mark.parametrize(("kwh", "refused"), [("0", False), ("2000", False), ("2000.001", True), ("-0.001", True)])
def test_a_reading_is_plausible_from_zero_to_twenty_times_the_median(kwh: str, refused: bool) -> None:
    reason = refusal(
        a_reading(kwh), agency_id="A1", only_agency=None, usual=Decimal(100), today=date(2026, 4, 10)
    )  # fmt: skip
    assert bool(reason) is refused


def test_days_without_any_use_do_not_lower_the_median() -> None:
    place = ("GD-1", "A1")
    assert medians([(place, Decimal(0)), (place, Decimal(0)), (place, Decimal(90))]) == {place: Decimal(90)}


def test_the_first_value_of_a_day_in_a_file_holds() -> None:
    key = ("GD-1", "A1", date(2026, 4, 7))
    result = sort_out([(key, a_reading("5")), (key, a_reading("6"))], {})
    assert (result.added, result.clashing) == ({key: Decimal(5)}, [a_reading("6")])


@pytest.mark.parametrize(
    ("text", "kwh"), [("1.234,5", "1234.5"), ("1234.5", "1234.5"), ("0,25", "0.25"), ("12", "12")]
)  # fmt: skip
def test_numbers_are_read_as_people_and_as_programs_write_them(text: str, kwh: str) -> None:
    good, refused = read_readings("x.csv", f'{HEADER}\nGD-1,A1,2026-04-07,"{text}"'.encode())
    assert ([reading.kwh for reading in good], refused) == ([Decimal(kwh)], [])
