"""The sample city as plain frozen values, with the look-ups a demo or a test needs.

Nothing here knows a foreign field name; `files.py` alone writes SIASN's columns.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import cached_property

ACTIVE = "01"
JPT_PRATAMA = frozenset({"21", "22"})
ADMINISTRATOR = frozenset({"31", "32"})


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit of the supervisor tree. `clause` is the truth ("1.l.9"), "" for a supporting unit; SIASN has no such
    column, so an importer must find it by rule or by hand and can be checked against it."""

    id: str
    parent_id: str
    agency_id: str
    code: str
    name: str
    leader_post: str
    echelon: str
    leader_id: str
    clause: str


@dataclass(frozen=True, slots=True)
class Person:
    """One ASN. `grade` is SIASN's id ("33" = III/c; PPPK a Roman numeral), `post_kind` 1, 2 or 4."""

    id: str
    nip: str
    name: str
    title_before: str
    title_after: str
    email: str
    email_gov: str
    phone: str
    nik: str
    pppk: bool
    standing: str
    unit_id: str
    agency_id: str
    post_kind: str
    post: str
    echelon: str
    grade: str
    post_since: date

    @property
    def full_name(self) -> str:
        """Name with degrees, as a letter prints it."""
        before = f"{self.title_before} " if self.title_before else ""
        return f"{before}{self.name}" + (f", {self.title_after}" if self.title_after else "")

    @property
    def active(self) -> bool:
        return self.standing == ACTIVE


@dataclass(frozen=True, slots=True)
class Agency:
    """A direct child of the root: id of its unit, short code, name, and its (acting) head."""

    id: str
    code: str
    name: str
    head_id: str
    head_nip: str
    building: str


@dataclass(frozen=True, slots=True)
class Absence:
    nip: str
    kind: str  # cuti | dinas_luar | diklat
    first: date
    last: date
    note: str


@dataclass(frozen=True, slots=True)
class Room:
    """`devices` maps a device name to how many stand in the room; `occupants` are NIPs."""

    code: str
    name: str
    unit_id: str
    building: str
    floor: int
    devices: tuple[tuple[str, int], ...]
    officer_nip: str
    occupants: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    building: str
    agency_id: str
    day: date
    kwh: float


@dataclass(frozen=True, slots=True)
class TrueEffect:
    """What really happened in one building: share of the Friday use that WFH removed, and kWh in all since it began."""

    building: str
    agency_id: str
    share: float
    saved_kwh: float


@dataclass(frozen=True)
class City:
    root_id: str
    units: tuple[Unit, ...]
    people: tuple[Person, ...]
    absences: tuple[Absence, ...]
    rooms: tuple[Room, ...]
    readings: tuple[Reading, ...]
    effects: tuple[TrueEffect, ...]

    @cached_property
    def unit_by_id(self) -> dict[str, Unit]:
        return {unit.id: unit for unit in self.units}

    @cached_property
    def unit_by_code(self) -> dict[str, Unit]:
        return {unit.code: unit for unit in self.units}

    @cached_property
    def person_by_nip(self) -> dict[str, Person]:
        return {person.nip: person for person in self.people}

    @cached_property
    def person_by_id(self) -> dict[str, Person]:
        return {person.id: person for person in self.people}

    @cached_property
    def _children(self) -> dict[str, list[Unit]]:
        found: dict[str, list[Unit]] = defaultdict(list)
        for unit in self.units:
            if unit.parent_id:
                found[unit.parent_id].append(unit)
        return found

    @cached_property
    def _members(self) -> dict[str, list[Person]]:
        found: dict[str, list[Person]] = defaultdict(list)
        for person in self.people:
            found[person.unit_id].append(person)
        return found

    @cached_property
    def agencies(self) -> tuple[Agency, ...]:
        """Every agency in the order of the tree."""
        found = []
        for unit in self.children(self.root_id):
            head = self.person_by_id[unit.leader_id]
            found.append(Agency(unit.id, unit.code, unit.name, head.id, head.nip, building_of(unit)))
        return tuple(found)

    def agency(self, code: str) -> Agency:
        """The agency with this short code ("BAPPEDA"); KeyError where there is none."""
        for agency in self.agencies:
            if agency.code == code:
                return agency
        raise KeyError(code)

    def children(self, unit_id: str) -> list[Unit]:
        return list(self._children.get(unit_id, ()))

    def subtree(self, unit_id: str) -> list[Unit]:
        """The unit and all below it, parents first."""
        found = [self.unit_by_id[unit_id]]
        for child in self.children(unit_id):
            found.extend(self.subtree(child.id))
        return found

    def people_of(self, unit_id: str, *, deep: bool = False) -> list[Person]:
        """People whose own post is in the unit; with `deep`, in any unit below it too."""
        units = [unit.id for unit in self.subtree(unit_id)] if deep else [unit_id]
        return [person for each in units for person in self._members.get(each, ())]

    def leader_of(self, unit_id: str) -> Person | None:
        leader_id = self.unit_by_id[unit_id].leader_id
        return self.person_by_id[leader_id] if leader_id else None

    def superior_of(self, nip: str) -> Person | None:
        """The leader of the person's unit, or of the next unit above led by somebody else (vacant posts are passed
        over, and so are units led by the same person); None for the Sekretaris Daerah, whose superior is the mayor."""
        person = self.person_by_nip[nip]
        unit: Unit | None = self.unit_by_id[person.unit_id]
        while unit is not None:
            if unit.leader_id and unit.leader_id != person.id:
                return self.person_by_id[unit.leader_id]
            unit = self.unit_by_id.get(unit.parent_id)
        return None

    def exempt_clauses(self, nip: str) -> tuple[str, ...]:
        """Every clause of 1.l that keeps this person at the office, by post (1–3) then by unit (4–12)."""
        person = self.person_by_nip[nip]
        unit_clause = self.unit_by_id[person.unit_id].clause
        return post_clauses(person.post, person.echelon) + ((unit_clause,) if unit_clause else ())

    def may_work_at_home(self, nip: str) -> bool:
        """Active and under no exemption; leave and quotas are not looked at."""
        return self.person_by_nip[nip].active and not self.exempt_clauses(nip)


def post_clauses(post: str, echelon: str) -> tuple[str, ...]:
    """Clauses that follow the post: 1.l.1 JPT Pratama, 1.l.2 Administrator, 1.l.3 Camat and Lurah (a Camat is both)."""
    found: list[str] = []
    if echelon in JPT_PRATAMA:
        found.append("1.l.1")
    if echelon in ADMINISTRATOR:
        found.append("1.l.2")
    if post.split(" ", 1)[0] in {"Camat", "Lurah"}:
        found.append("1.l.3")
    return tuple(found)


def building_of(unit: Unit) -> str:
    """Building code of an agency or kelurahan: "GD-BAPPEDA", "GD-KEL-IMOPURO"."""
    if unit.name.startswith("Kelurahan "):
        return "GD-KEL-" + unit.name.removeprefix("Kelurahan ").upper().replace(" ", "-")
    return f"GD-{unit.code.split('.', 1)[0]}"
