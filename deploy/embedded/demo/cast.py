"""Who plays in the story, and how well each of them does; the same in every run."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

from deploy.embedded.city import Agency, City, Person

MONTH = date(2026, 4, 1)
FRIDAYS = (date(2026, 4, 10), date(2026, 4, 17), date(2026, 4, 24))
TOLD = ("BAPPEDA", "KOMINFO", "BPKAD", "DISDUKCAPIL", "KEC-METRO-PUSAT")
"""Agencies whose reports, assessments and checklists the story tells; the others get rosters, letters and duties."""


@dataclass(frozen=True)
class Cast:
    """NIPs of those who act for the city, and per agency code of its operator."""

    it: Person
    organisation: Person
    executive: Person
    auditor: Person
    operators: dict[str, Person]


def choose(city: City) -> Cast:
    """People for the granted roles: someone of each agency's own secretariat, never its head."""
    operators = {agency.code: _operator(city, agency) for agency in city.agencies}
    setda = [person for person in city.people if person.agency_id == city.agency("SETDA").id and person.active]
    heads = {agency.head_nip for agency in city.agencies}
    taken = {person.nip for person in operators.values()} | heads
    return Cast(
        it=_someone(city, "KOMINFO", taken),
        organisation=next(person for person in setda if person.nip not in taken),
        executive=city.person_by_nip[city.agency("SETDA").head_nip],
        auditor=_someone(city, "INSPEKTORAT" if _has(city, "INSPEKTORAT") else "BAPPEDA", taken),
        operators=operators,
    )


def _has(city: City, code: str) -> bool:
    return any(agency.code == code for agency in city.agencies)


def _someone(city: City, code: str, taken: set[str]) -> Person:
    agency = city.agency(code)
    return next(p for p in city.people if p.agency_id == agency.id and p.active and p.nip not in taken)


def _operator(city: City, agency: Agency) -> Person:
    candidates = [p for p in city.people if p.agency_id == agency.id and p.active and p.nip != agency.head_nip]
    return next((p for p in candidates if city.may_work_at_home(p.nip)), candidates[0])


def chance(*about: object) -> float:
    """A number in [0, 1) that depends on *about* only, so that every run tells the same story."""
    digest = hashlib.sha256("|".join(map(str, about)).encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def filing(nip: str, day: date) -> str:
    """How a person files on a WFH day: on_time, late (the next Monday), or missing."""
    roll = chance("file", nip, day)
    return "on_time" if roll < 0.84 else "late" if roll < 0.91 else "missing"


def judgement(nip: str, day: date) -> str:
    """How the superior judges: above, as, below, sent_back, or not_yet."""
    roll = chance("assess", nip, day)
    for decision, until in (("above", 0.14), ("as", 0.80), ("below", 0.84), ("sent_back", 0.92)):
        if roll < until:
            return decision
    return "not_yet"
