"""People for a unit: invented, but with dates, grades and numbers that agree with each other.

Grade follows service (one step in four years from the grade at entry), service and age at entry give the birth date,
and the NIP spells birth and entry out. Everything is as of REFERENCE.
"""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass
from datetime import date, timedelta

from .model import ACTIVE, Person
from .names import invent_name
from .nip import NumberIssuer
from .posts import GRADES, LEADER_DEGREES, LEADER_GRADES, Rung, degrees_of, post_kind, rung_of

REFERENCE = date(2026, 4, 1)
PPPK_SHARE = 0.27  # of the posts a PPPK may hold, which makes about a fifth of all people
OLDEST_ENTRY_SUM = 57  # age at entry + service, in years; civil servants retire at 58 to 60
# Leave without pay, study leave, suspension, pre-retirement: ids that take a person out of rosters.
AWAY_STANDINGS = ("02", "03", "03", "04", "20", "20")
AWAY_SHARE = 0.012


@dataclass(frozen=True, slots=True)
class Seat:
    """Where and as what somebody is to work."""

    unit_id: str
    agency_id: str
    post: str
    echelon: str
    leader: bool


class Recruiter:
    """Draws people; one per city, so that NIPs stay unique over agencies."""

    def __init__(self) -> None:
        self._numbers = NumberIssuer()

    def recruit(self, rng: random.Random, seat: Seat) -> Person:
        female = rng.random() < _female_share(seat)
        rung = _leader_rung(seat.echelon) if seat.leader else rung_of(seat.post)
        pppk = not seat.leader and bool(rung.pppk) and rng.random() < PPPK_SHARE
        grade = rung.pppk if pppk else rng.choice(GRADES[GRADES.index(rung.low) : GRADES.index(rung.high) + 1])
        started, born = _pppk_career(rng) if pppk else _career(rng, rung, grade)
        front, degrees = ("", LEADER_DEGREES) if seat.leader else degrees_of(seat.post)
        if seat.leader and seat.echelon == "99":
            front, degrees = _functional_leader_degrees(rng, seat.post)
        name = invent_name(rng, female=female)
        nip = self._numbers.nip(born, started, female=female, pppk=pppk)
        away = not seat.leader and rng.random() < AWAY_SHARE
        slug = ".".join(name.lower().split()[:2]) + nip[-7:]
        return Person(
            id=new_id(rng),
            nip=nip,
            name=name,
            title_before=front,
            title_after=rng.choice(degrees),
            # Reserved domains and the unassigned prefix 0810: a demo must not be able to reach anybody.
            email=f"{slug}@surel.example",
            email_gov=f"{slug}@metrokota.example",
            phone=f"0810{rng.randrange(10**8):08d}",
            nik=self._numbers.nik(born, female=female, district=rng.randint(1, 5)),
            pppk=pppk,
            standing=rng.choice(AWAY_STANDINGS) if away else ACTIVE,
            unit_id=seat.unit_id,
            agency_id=seat.agency_id,
            post_kind=("2" if seat.echelon == "99" else "1") if seat.leader else post_kind(seat.post),
            post=seat.post,
            echelon=seat.echelon,
            grade=grade,
            post_since=_post_since(rng, started, pppk=pppk),
        )


def new_id(rng: random.Random) -> str:
    """A UUID (version 4 in form) drawn from the seeded generator."""
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def _female_share(seat: Seat) -> float:
    if seat.post.startswith("Bidan"):
        return 1.0
    if seat.post.startswith(("Perawat", "Guru", "Nutrisionis", "Apoteker", "Asisten Apoteker")):
        return 0.74
    if seat.post.startswith(("Polisi", "Operator", "Pengelola Umum", "Teknik")):
        return 0.15
    return 0.35 if seat.leader else 0.5


def _leader_rung(echelon: str) -> Rung:
    low, high = LEADER_GRADES[echelon]
    return Rung(low, high, "31", "")


def _functional_leader_degrees(rng: random.Random, post: str) -> tuple[str, tuple[str, ...]]:
    if "Puskesmas" in post or "Staf Medik" in post:
        return rng.choice(("dr.", "drg.")), ("M.Kes.", "M.K.M.", "")
    if "Instalasi" in post:
        return "", ("S.Kep., Ns., M.Kep.", "S.Kep., Ns.", "S.K.M., M.Kes.")
    return "", ("S.Pd., M.Pd.", "S.Pd.", "S.Pd.I., M.M.")


def _career(rng: random.Random, rung: Rung, grade: str) -> tuple[date, date]:
    """First day of service and birth date of a PNS who holds `grade` today."""
    steps = GRADES.index(grade) - GRADES.index(rung.start)
    service_months = 12 * 4 * max(steps, 0) + rng.randint(2, 56)
    # A diploma holder may enter at 20, but nobody here is younger than 22 today.
    youngest = 22 if rung.start >= "31" else max(20, 22 - service_months // 12)
    oldest = max(youngest, min(32, OLDEST_ENTRY_SUM - 1 - service_months // 12))
    started = _months_before(REFERENCE, service_months)
    age_days = int(365.25 * rng.randint(youngest, oldest)) + rng.randrange(365)
    return started, started - timedelta(days=age_days)


def _pppk_career(rng: random.Random) -> tuple[date, date]:
    """First day of contract (2021 … 2025) and birth date of a PPPK, who may well have joined late."""
    started = date(rng.choice((2021, 2022, 2022, 2023, 2024, 2024, 2025)), rng.choice((1, 2, 3, 5)), 1)
    age_days = int(365.25 * rng.randint(23, 50)) + rng.randrange(365)
    return started, started - timedelta(days=age_days)


def _months_before(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 - months
    return date(index // 12, index % 12 + 1, 1)


def _post_since(rng: random.Random, started: date, *, pppk: bool) -> date:
    """Start of the present post: the contract's for a PPPK, else within the last six years of service."""
    if pppk:
        return started
    earliest = max(started, _months_before(REFERENCE, 72))
    months = (REFERENCE.year - earliest.year) * 12 + REFERENCE.month - earliest.month
    return _months_before(REFERENCE, rng.randint(1, max(1, months)))
