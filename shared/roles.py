"""Who there is: people with their roles, machines with their scopes, and how far each role sees."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Role(StrEnum):
    """Roles from the superior tree (first four) and granted ones."""

    ASN = "asn"
    SUPERIOR = "superior"
    HEAD = "head"
    ACTING_HEAD = "acting_head"
    OPERATOR = "operator"
    ROOM_OFFICER = "room_officer"
    ORGANISATION = "organisation"  # Bagian Organisasi
    EXECUTIVE = "executive"  # Sekda, Wali Kota
    IT = "it"
    AUDITOR = "auditor"


HEADS = (Role.HEAD, Role.ACTING_HEAD)


class Reach(IntEnum):
    """How far a role sees: one's own rows, one's subordinates', one's agency's, the city's."""

    OWN = 1
    TEAM = 2
    AGENCY = 3
    CITY = 4


REACH_OF: dict[Role, Reach] = {
    Role.ASN: Reach.OWN,
    Role.SUPERIOR: Reach.TEAM,
    Role.HEAD: Reach.AGENCY,
    Role.ACTING_HEAD: Reach.AGENCY,
    Role.OPERATOR: Reach.AGENCY,
    Role.ROOM_OFFICER: Reach.AGENCY,
    Role.ORGANISATION: Reach.CITY,
    Role.EXECUTIVE: Reach.CITY,
    Role.IT: Reach.CITY,
    Role.AUDITOR: Reach.CITY,
}


@dataclass(frozen=True)
class Person:
    """Someone signed in."""

    employee_id: str
    nip: str
    name: str
    agency_id: str
    unit_id: str
    roles: frozenset[Role]

    @property
    def label(self) -> str:
        return f"{self.name} ({self.nip})"

    def has(self, *roles: Role) -> bool:
        return any(role in self.roles for role in roles)


@dataclass(frozen=True)
class Machine:
    """Another system, by its API key."""

    name: str
    scopes: frozenset[str]

    @property
    def label(self) -> str:
        return f"machine:{self.name}"
