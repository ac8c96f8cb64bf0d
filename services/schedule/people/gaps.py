"""What is missing in the data of people and units, for whoever has to complete it in SIMPEG."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.schedule.models import Employee, Unit
from services.schedule.people.tree import nodes_on

KINDS = ("unit_without_leader", "person_without_superior", "unit_unknown", "person_without_email")


@dataclass(frozen=True)
class Gap:
    """One thing missing. kind: one of KINDS; employee_id and nip are empty for a unit."""

    kind: str
    agency_id: str
    unit_id: str
    employee_id: str
    nip: str
    name: str
    text: str


def gaps(session: Session, agency_id: str | None, today: date) -> list[Gap]:
    """Gaps of one agency, or of all, in the order of KINDS and then by name."""
    units = {unit.id: unit for unit in session.scalars(select(Unit))}
    query = select(Employee).where(Employee.active)
    people = session.scalars(query if agency_id is None else query.where(Employee.agency_id == agency_id)).all()
    nodes = nodes_on(session, units.values(), today)
    found = [
        Gap(
            "unit_without_leader", unit.agency_id, unit.id, "", "", unit.name,
            "Perangkat daerah ini belum memiliki kepala; Surat Tugas tidak dapat dibuat."
            if unit.is_agency else "Unit ini belum memiliki pimpinan aktif; pimpinan di atasnya menggantikan.",
        )
        for unit in units.values()
        if unit.active and agency_id in (None, unit.agency_id) and nodes[unit.id].led_by is None
    ]  # fmt: skip
    for person in people:
        found += [
            Gap(kind, person.agency_id, person.unit_id, person.id, person.nip, person.name, text)
            for kind, text in _of_person(person, units)
        ]
    return sorted(found, key=lambda gap: (KINDS.index(gap.kind), gap.name, gap.unit_id, gap.employee_id))


def _of_person(person: Employee, units: dict[str, Unit]) -> Iterator[tuple[str, str]]:
    if person.superior_id is None:
        yield "person_without_superior", "Tidak ada atasan langsung: laporannya tidak ada yang menilai."
    unit = units.get(person.unit_id)
    if unit is None or not unit.active:
        yield "unit_unknown", "Unit kerjanya tidak dikenal atau tidak aktif lagi."
    if not person.email:
        yield "person_without_email", "Tidak ada alamat e-mail."
