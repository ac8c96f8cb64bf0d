"""Rooms for everybody who may work at home: four to twelve people each.

People who are exempt by their post (1.l.1–3) have rooms of their own, which never empty on a WFH day, so those are not
listed; exempt units (1.l.4–12) keep working as always and have none either.
"""

from __future__ import annotations

import random
from collections import defaultdict

from .model import City, Person, Room, Unit, building_of

SMALLEST, LARGEST, IDEAL = 4, 12, 9


def furnish(rng: random.Random, city: City) -> tuple[Room, ...]:
    rooms: list[Room] = []
    for agency in city.agencies:
        builder = _Rooms(rng, city, agency.code)
        builder.visit(city.unit_by_id[agency.id])
        rooms.extend(builder.rooms)
    return tuple(rooms)


class _Rooms:
    """Rooms of one agency, from the lowest units up: who is too few for a room joins the unit above."""

    def __init__(self, rng: random.Random, city: City, agency_code: str) -> None:
        self._rng, self._city, self._agency_code = rng, city, agency_code
        self._numbers: dict[str, int] = defaultdict(int)
        self.rooms: list[Room] = []

    def visit(self, unit: Unit, *, top: bool = True) -> list[Person]:
        """Make the rooms of a unit and all below; returns the people left without one."""
        waiting = [p for p in self._city.people_of(unit.id) if self._city.may_work_at_home(p.nip)]
        for child in self._city.children(unit.id):
            waiting.extend(self.visit(child, top=False))
        if len(waiting) < SMALLEST and not top:
            return waiting
        if 0 < len(waiting) < SMALLEST:
            waiting = self._squeeze_in(waiting)
        parts = -(-len(waiting) // IDEAL)
        while parts > 1 and len(waiting) // parts < SMALLEST:
            parts -= 1
        for part in range(parts):
            self._open(unit, part, parts, waiting[part::parts])
        return []

    def _squeeze_in(self, people: list[Person]) -> list[Person]:
        """Put the last few of an agency where there is space; returns who found none."""
        for index, room in enumerate(self.rooms):
            if len(room.occupants) + len(people) <= LARGEST:
                nips = (*room.occupants, *(person.nip for person in people))
                self.rooms[index] = Room(
                    room.code, room.name, room.unit_id, room.building, room.floor, _devices(len(nips)),
                    room.officer_nip, nips,
                )  # fmt: skip
                return []
        return people

    def _open(self, unit: Unit, part: int, parts: int, people: list[Person]) -> None:
        building = self._building(unit)
        self._numbers[building] += 1
        number = self._numbers[building]
        # Whoever holds the lowest post fills in the list; the unit's leader looks it over, so is never the officer.
        candidates = [person for person in people if person.id != unit.leader_id]
        officer = max(candidates, key=lambda person: (person.echelon, person.post_kind, person.nip))
        self.rooms.append(
            Room(
                code=f"R-{building.removeprefix('GD-')}-{number:02d}",
                name=f"Ruang {unit.name}" + (f" {part + 1}" if parts > 1 else ""),
                unit_id=unit.id,
                building=building,
                floor=1 if building.startswith("GD-KEL-") else 1 + (number - 1) // 5,
                devices=_devices(len(people)),
                officer_nip=officer.nip,
                occupants=tuple(person.nip for person in people),
            )
        )

    def _building(self, unit: Unit) -> str:
        above: Unit | None = unit
        while above is not None:
            if above.name.startswith("Kelurahan "):
                return building_of(above)
            above = self._city.unit_by_id.get(above.parent_id)
        return building_of(unit)


def _devices(people: int) -> tuple[tuple[str, int], ...]:
    """What stands in a room for so many people."""
    return (
        ("ac", -(-people // 6)),
        ("lampu", people + 2),
        ("komputer", max(2, people - 1)),
        ("printer", -(-people // 5)),
        ("dispenser", 1),
    )
