"""What is missing in the data of people and units, for whoever has to complete it in SIMPEG."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.schedule.models import Employee, Posting, Unit
from services.schedule.people.postings import MAIN
from services.schedule.people.tree import nodes_on

KINDS = ("unit_without_leader", "person_without_superior", "unit_unknown", "two_units", "person_without_email")


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
    rivals = _rivals(session, today)
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
            for kind, text in _of_person(person, units, rivals.get(person.id))
        ]
    return sorted(found, key=lambda gap: (KINDS.index(gap.kind), gap.name, gap.unit_id, gap.employee_id))


def _rivals(session: Session, today: date) -> dict[str, Posting]:
    """Per person who was told to be in two units of their agency since the same day: the posting that is used."""
    held = select(Posting).where(
        Posting.kind == MAIN, Posting.rival_unit_id.is_not(None), Posting.starts <= today,
        Posting.ends.is_(None) | (Posting.ends >= today),
    )  # fmt: skip
    return {row.employee_id: row for row in session.scalars(held)}


def _of_person(person: Employee, units: dict[str, Unit], rival: Posting | None) -> Iterator[tuple[str, str]]:
    if person.superior_id is None:
        yield "person_without_superior", "Tidak ada atasan langsung: laporannya tidak ada yang menilai."
    unit = units.get(person.unit_id)
    if unit is None or not unit.active:
        yield "unit_unknown", "Unit kerjanya tidak dikenal atau tidak aktif lagi."
    if rival is not None:
        both = [each.name for id_ in (rival.unit_id, rival.rival_unit_id) if id_ and (each := units.get(id_))]
        yield (
            "two_units",
            f"Tercatat di dua unit sejak {rival.tmt:%d-%m-%Y}: {' dan '.join(both)}. Yang pertama dipakai; "
            "perbaiki TMT jabatannya di SIMPEG bila keliru.",
        )
    if not person.email:
        yield "person_without_email", "Tidak ada alamat e-mail."
