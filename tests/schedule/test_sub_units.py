"""Another city's rules in force here: half of each sub-unit, a cap per division, a treasurer on site, two in a row."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from services.schedule.absences.actions import AbsenceIn
from services.schedule.models import RosterCell, RosterLimit
from shared.testing.bench import Bench
from tests.schedule.factories import a_unit, an_employee, head, operator, settle, two_agencies
from tests.schedule.test_policies import activate_example

JUNE = [date(2026, 6, day) for day in (5, 12, 19, 26)]
UNITS = {  # unit → (unit above, staff)
    "D1": ("A1", 0), "D1a": ("D1", 3), "D1b": ("D1", 2), "D1b1": ("D1b", 2),
    "D2": ("A1", 0), "D2a": ("D2", 4), "D2b": ("D2", 4),
    "D3": ("A1", 0), "D3a": ("D3", 1), "D3b": ("D3", 4),
}  # fmt: skip
TREASURERS = ("D2a-1", "D2b-1")


@pytest.fixture
def roster(bench: Bench) -> dict[str, Any]:
    """June of A1, drafted by the example; D1a-1 is on leave on the first Friday. The head lets units be empty."""
    two_agencies(bench)
    bench.clock.at = datetime(2026, 5, 20, 2, tzinfo=UTC)
    activate_example(bench, "half-of-each-sub-unit")
    units = [a_unit(id_, parent_id=above, name=f"Unit {id_}") for id_, (above, _) in UNITS.items()]
    ids = [(unit, f"{unit}-{n}") for unit, (_, staff) in UNITS.items() for n in range(1, staff + 1)]
    people = [
        an_employee(id_, 500 + n, unit_id=unit, post="Bendahara Pengeluaran" if id_ in TREASURERS else "Analis")
        for n, (unit, id_) in enumerate(ids)
    ]
    away = next(AbsenceIn(person.nip, "leave", JUNE[0], JUNE[0], "cuti") for person in people if person.id == "D1a-1")
    settle(bench, units, people, [away])
    bench.client(head()).put("/api/agencies/A1/quota", json={"share": "1", "min_on_site": 0})
    made = bench.client(operator()).post("/api/rosters", json={"agency_id": "A1", "month": "2026-06-01"})
    assert made.status_code == 201, made.text
    assert (made.json["policy_id"], made.json["clashes"]) == ("contoh-50-persen-sub-unit", [])
    return dict(made.json)


def cells(bench: Bench, roster_id: str) -> list[RosterCell]:
    """Of the people of the divisions on the Fridays."""
    with bench.db.transaction() as session:
        rows = session.scalars(
            select(RosterCell).where(RosterCell.roster_id == roster_id, RosterCell.date.in_(JUNE))
        ).all()
    return [row for row in rows if row.unit_id in UNITS]


def home_per(bench: Bench, roster_id: str, group: dict[str, str]) -> dict[tuple[str, date], int]:
    """People at home per group and Friday. group: person → group."""
    count: dict[tuple[str, date], int] = defaultdict(int)
    for cell in cells(bench, roster_id):
        if cell.employee_id in group:
            count[group[cell.employee_id], cell.date] += cell.mode == "wfh"
    return count


def test_half_of_each_sub_unit_rounded_up_and_three_fifths_of_each_division(
    bench: Bench, roster: dict[str, Any]
) -> None:
    unit_of = {cell.employee_id: cell.unit_id for cell in cells(bench, roster["id"])}
    per_unit = home_per(bench, roster["id"], unit_of)
    most = {"D1a": 2, "D1b": 1, "D1b1": 1, "D2a": 2, "D2b": 2, "D3a": 1, "D3b": 2}
    for (unit, day), count in per_unit.items():
        assert count <= (1 if (unit, day) == ("D1a", JUNE[0]) else most[unit])  # half of the two who are not on leave
    per_division = home_per(bench, roster["id"], {id_: unit[:2] for id_, unit in unit_of.items()})
    assert {count for (division, day), count in per_division.items() if division == "D2"} == {4}
    # 60 % of 7 is 4, as much as the sub-units allow; leave lowers what they allow, and not the division
    assert [per_division["D1", day] for day in JUNE] == [3, 4, 4, 4]
    assert max(count for (division, _), count in per_division.items() if division == "D3") == 3


def test_the_caps_are_reckoned_for_each_sub_unit_and_for_the_division_above_however_deep(
    bench: Bench, roster: dict[str, Any]
) -> None:
    with bench.db.transaction() as session:
        rows = session.scalars(
            select(RosterLimit).where(RosterLimit.roster_id == roster["id"], RosterLimit.date == JUNE[0])
        ).all()
    staff = {(row.limit_id.split(":")[0], row.unit_id): (row.staff, row.base, row.room) for row in rows}
    assert staff["cap-division", "D1"] == (7, 7, 4)  # D1b1 is a unit of a unit of D1
    assert staff["cap-sub-unit", "D1a"] == (3, 2, 1)
    assert staff["cap-sub-unit", "D1b1"] == (2, 2, 1)
    assert staff["treasurer", "D2"] == (2, 2, 1)
    assert ("cap-division", "D1b1") not in staff


def test_of_a_divisions_treasurers_one_is_at_the_office(bench: Bench, roster: dict[str, Any]) -> None:
    count = home_per(bench, roster["id"], dict.fromkeys(TREASURERS, "treasurers"))
    assert set(count.values()) == {1}


def test_nobody_is_at_home_on_more_than_two_fridays_in_a_row(bench: Bench, roster: dict[str, Any]) -> None:
    home: dict[str, list[bool]] = defaultdict(list)
    for cell in sorted(cells(bench, roster["id"]), key=lambda cell: cell.date):
        home[cell.employee_id].append(cell.mode == "wfh")
    assert all(not all(row[n : n + 3]) for row in home.values() for n in range(2))
    assert sum(home["D3a-1"]) == 3  # alone in the sub-unit, and so as often as runs allow


@pytest.mark.parametrize(
    ("rule", "clause", "words"),
    [
        ("turn", "2.b", ["Jumat bertugas dari rumah", "Anda mendapat giliran"]),
        ("cap", "2.c", ["Batas jumlah pegawai di rumah", "Kuota 50 % dari", "pegawai yang hadir", "ke atas"]),
        ("cap", "2.d", ["Batas jumlah pegawai di rumah", "Kuota 60 % dari", "ke bawah"]),
        ("function", "2.e", ["Hadir 2 orang, paling sedikit 1 orang bendahara tetap di kantor"]),
        ("in_a_row", "2.g", ["Paling banyak dua Jumat berturut-turut", "berturut-turut sudah tercapai"]),
        ("absent", "1.a", ["cuti"]),
    ],
)
def test_each_rule_is_explained_in_the_policys_words(
    bench: Bench, roster: dict[str, Any], rule: str, clause: str, words: list[str]
) -> None:
    cell = next(cell for cell in cells(bench, roster["id"]) if (cell.rule, cell.clause) == (rule, clause))
    path = f"/api/rosters/{roster['id']}/cells/{cell.employee_id}/{cell.date}/reason"
    why = bench.client(operator()).get(path).json
    assert [word for word in words if word not in why["text"]] == [], why["text"]
