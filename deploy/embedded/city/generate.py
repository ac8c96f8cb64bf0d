"""Build the sample city: tree of units, people, absences, rooms, readings. Same size and seed, same city."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from typing import Literal

from .absences import draw_absences
from .model import Agency, City, Person, Unit, building_of
from .people import Recruiter, Seat, new_id
from .plan_offices import OFFICES
from .plan_services import SERVICES
from .plans import UnitPlan, pruned, scaled
from .readings import meter
from .rooms import furnish

Size = Literal["full", "small"]
# A typical draw: with some seeds chance alone hides a real saving or feigns one in the building without any, as an
# interval of 90 % must now and then (tests/embedded/test_city_readings.py measures how often over many seeds).
SEED = 20260410
ROOT_NAME = "Pemerintah Kota Metro"
_SMALL = ("BAPPEDA", "KOMINFO", "DISDUKCAPIL", "KEC-METRO-PUSAT")
_SMALL_FACTOR = 0.3
_METERED = {
    "full": ("SETDA", "INSPEKTORAT", "BAPPEDA", "BPKAD", "BKPSDM", "KOMINFO", "DISDIKBUD", "PUTR", "DISDUKCAPIL"),
    "small": ("SETDA", *_SMALL),
}


@dataclass(slots=True)
class _Draft:
    units: list[Unit] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    recruiter: Recruiter = field(default_factory=Recruiter)


def generate(size: Size = "full", seed: int = SEED) -> City:
    """The whole city. `full`: 29 agencies and about 4,000 people; `small`: 5 agencies and about 120, for tests."""
    draft = _Draft()
    root_id = new_id(random.Random(f"{seed}:root"))
    draft.units.append(Unit(root_id, "", root_id, "METRO", ROOT_NAME, "Wali Kota Metro", "", "", ""))
    for plan in _plans(size):
        # One stream per agency: a change in one leaves the people of all others as they were.
        rng = random.Random(f"{seed}:{plan.code}")
        _settle(draft, rng, plan, parent_id=root_id, agency_id="", code=plan.code, clause="")
    # The mayor is no ASN, so the tree's top names the Sekretaris Daerah, who also heads Sekretariat Daerah.
    secretary = next(unit.leader_id for unit in draft.units if unit.code == "SETDA")
    draft.units[0] = replace(draft.units[0], leader_id=secretary)
    city = City(root_id, tuple(draft.units), tuple(draft.people), (), (), (), ())
    metered = [
        Agency(unit.id, unit.code, unit.name, unit.leader_id, "", building_of(unit))
        for code in _METERED[size]
        for unit in (city.unit_by_code[code],)
    ]
    readings, effects = meter(seed, metered)
    return replace(
        city,
        absences=draw_absences(random.Random(f"{seed}:absences"), city),
        rooms=furnish(random.Random(f"{seed}:rooms"), city),
        readings=readings,
        effects=effects,
    )


def _plans(size: Size) -> tuple[UnitPlan, ...]:
    plans = OFFICES + SERVICES
    if size == "full":
        return plans
    by_code = {plan.code: plan for plan in plans}
    secretariat = pruned(by_code["SETDA"], ("Bagian Organisasi",))
    return tuple(scaled(plan, _SMALL_FACTOR) for plan in (secretariat, *(by_code[code] for code in _SMALL)))


def _settle(
    draft: _Draft, rng: random.Random, plan: UnitPlan, *, parent_id: str, agency_id: str, code: str, clause: str
) -> str:
    """Append the planned unit, its people, and all units below; returns the id of the unit's leader, or ""."""
    unit_id = new_id(rng)
    agency_id = agency_id or unit_id
    clause = plan.clause or clause
    at = len(draft.units)
    draft.units.append(Unit(unit_id, parent_id, agency_id, code, plan.name, plan.leader, plan.echelon, "", clause))
    leader_id = ""
    if not plan.vacant and not plan.acting:
        leader = draft.recruiter.recruit(rng, Seat(unit_id, agency_id, plan.leader, plan.echelon, leader=True))
        draft.people.append(leader)
        leader_id = leader.id
    titles, weights = [title for title, _ in plan.titles], [weight for _, weight in plan.titles]
    for title in rng.choices(titles, weights, k=plan.staff):
        draft.people.append(draft.recruiter.recruit(rng, Seat(unit_id, agency_id, title, "99", leader=False)))
    below = [
        _settle(
            draft, rng, child, parent_id=unit_id, agency_id=agency_id, code=f"{code}.{number}", clause=clause
        )
        for number, child in enumerate(plan.children, start=1)
    ]  # fmt: skip
    if plan.acting:
        leader_id = below[0]
        _appoint_acting(draft, leader_id, plan.leader)
    draft.units[at] = replace(draft.units[at], leader_id=leader_id)
    return leader_id


def _appoint_acting(draft: _Draft, person_id: str, post: str) -> None:
    """Name the post the acting head stands in for; unit, echelon and grade stay those of the person's own post."""
    for index, person in enumerate(draft.people):
        if person.id == person_id:
            draft.people[index] = replace(person, post=f"Plt. {post}")
