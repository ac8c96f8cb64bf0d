"""Rows for tests, made by the product's own actions; every value can be overridden."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.schedule.absences.actions import AbsenceIn, take_absences
from services.schedule.models import Employee, Letter, LetterStatus, Roster, RosterCell, RosterStatus
from services.schedule.people.actions import (
    EmployeeIn,
    UnitIn,
    upsert_employees,
    upsert_units,
)
from services.schedule.policy.actions import classifier
from shared.roles import Person, Role
from shared.testing.bench import Bench
from shared.testing.city import a_person

APRIL = date(2026, 4, 1)
FRIDAYS = [date(2026, 4, 10), date(2026, 4, 17), date(2026, 4, 24)]


def a_unit(unit_id: str, **overrides: Any) -> UnitIn:
    values: dict[str, Any] = {
        "id": unit_id, "parent_id": "A1", "agency_id": "A1", "name": f"Bidang {unit_id}", "code": unit_id,
        "leader_post": f"Kepala Bidang {unit_id}", "leader_id": None,
    }  # fmt: skip
    return UnitIn(**{**values, **overrides})


def an_agency(agency_id: str, **overrides: Any) -> UnitIn:
    values = {
        "parent_id": "ROOT",
        "agency_id": agency_id,
        "name": f"Badan {agency_id}",
        "leader_id": f"{agency_id}-head",
    }
    return a_unit(agency_id, **{**values, **overrides})


def an_employee(employee_id: str, number: int, **overrides: Any) -> EmployeeIn:
    """number makes the NIP: 1985-01-01, appointed January 2010."""
    values: dict[str, Any] = {
        "id": employee_id, "nip": f"198501012010011{number:03d}", "name": f"Pegawai {employee_id}", "email": None,
        "unit_id": "U1", "kind": "PNS", "post": "Analis Kebijakan Ahli Muda", "echelon": "99",
        "rank": "Penata (III/c)", "standing": "01",
    }  # fmt: skip
    return EmployeeIn(**{**values, **overrides})


def settle(bench: Bench, units: list[UnitIn], people: list[EmployeeIn], absences: list[AbsenceIn] = []) -> None:  # noqa: B006
    """Take units and people in, as an import does."""
    with bench.db.transaction() as session:
        now = bench.clock.now()
        assert upsert_units(session, units, classifier(session, bench.settings, now), now=now).rejected == []
        assert upsert_employees(session, people, now=now).rejected == []
        assert take_absences(session, absences, now=now).rejected == []


def two_agencies(bench: Bench, staff: int = 6) -> None:
    """Agency A1 with a head, unit U1 (leader E0, staff E1 …) and a noise agency A2 of the same shape."""
    units, people = [a_unit("ROOT", parent_id=None, agency_id="ROOT", name="Pemerintah Kota")], []
    for a, agency in enumerate(("A1", "A2")):
        unit, prefix = ("U1", "E") if agency == "A1" else ("U2", "F")
        units += [
            an_agency(agency), a_unit(unit, parent_id=agency, agency_id=agency, leader_id=f"{prefix}0"),
        ]  # fmt: skip
        people.append(
            an_employee(f"{agency}-head", 900 + a, unit_id=agency, post=f"Kepala Badan {agency}", echelon="22")
        )
        people.append(an_employee(f"{prefix}0", 100 * a, unit_id=unit, post="Kepala Subbagian", echelon="41"))
        people += [an_employee(f"{prefix}{n}", 100 * a + n, unit_id=unit) for n in range(1, staff + 1)]
    settle(bench, units, people)


def operator(agency: str = "A1") -> Person:
    return a_person("E1" if agency == "A1" else "F1", Role.OPERATOR, agency_id=agency)


def head(agency: str = "A1") -> Person:
    return a_person(f"{agency}-head", Role.HEAD, Role.SUPERIOR, agency_id=agency, unit_id=agency)


def in_force(
    bench: Bench, agency: str = "A1", modes: dict[tuple[str, date], str] | None = None, *, number: str = "",
    version: int = 1, starts: date = FRIDAYS[0], ends: date = date(2026, 4, 30), since: datetime | None = None,
    status: RosterStatus = RosterStatus.IN_FORCE, month: date = APRIL, at_office: str = "pattern",
) -> UUID:  # fmt: skip
    """A roster with just these cells, in force since its letter was signed; status tells what became of it.

    at_office: the rule that kept people there who are not at home."""
    now = since or bench.clock.now()
    with bench.db.transaction() as session:
        roster = Roster(
            agency_id=agency, month=month, version=version, status=status, policy_id="metro-15-2026", starts=starts,
            ends=ends, created_by="test", created_at=now, in_force_at=now, clashes=[], optimal=True, gap=0, method="",
        )  # fmt: skip
        session.add(roster)
        session.flush()
        units = dict(session.execute(select(Employee.id, Employee.unit_id)).all())
        session.add_all(
            RosterCell(
                roster_id=roster.id, employee_id=employee_id, date=day, unit_id=units[employee_id], mode=mode,
                clause="1.b.2" if mode == "wfh" else "1.b.1", rule="turn" if mode == "wfh" else at_office,
            )
            for (employee_id, day), mode in (modes or {}).items()
        )  # fmt: skip
        letter = Letter(
            roster_id=roster.id, agency_id=agency, kind="assignment_letter", status=LetterStatus.SIGNED, content={},
            signer_id=f"{agency}-head", number=number or f"{agency}/{month:%m}/{version}", created_at=now,
        )  # fmt: skip
        session.add(letter)
        return roster.id
