"""Rules about people and units: numbers that can be right, who leads whom, which posts hold which role."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

AWAY_STANDINGS = frozenset({"02", "03", "04", "20", "99"})
"""SIASN kedudukan that takes a person out of rosters: CLTN, tugas belajar, dismissed for a time, MPP, retired.
Everyone else is active: PPPK are known to carry codes of their own."""

ACTING_PREFIXES = ("plt.", "plh.", "pj.")
FAR_AHEAD = timedelta(days=366)
"""A TMT later than this from today is a slip of the pen."""

JOINERS = (" merangkap ", " / ", ";")
"""What SIMPEG writes between the two posts of someone who holds two (rangkap)."""


@dataclass(frozen=True)
class UnitNode:
    """What the superior tree needs of a unit. acting_id: who leads it for the leader, while that lasts."""

    id: str
    parent_id: str | None
    leader_id: str | None
    acting_id: str | None = None

    @property
    def led_by(self) -> str | None:
        return self.acting_id or self.leader_id


def nip_fault(nip: str) -> str | None:
    """What is wrong with a NIP, in Indonesian, or None.

    PNS: birth date YYYYMMDD + appointment YYYYMM + sex 1|2 + 3 digits. PPPK: birth date + year YYYY + 2-digit
    agreement count + sex + 3 digits; both are 18 digits without a check digit, so only dates and sex can be checked.
    """
    if len(nip) != 18 or not nip.isdecimal():
        return "NIP harus 18 angka"
    born = _date(nip[:8])
    if born is None:
        return f"tanggal lahir {nip[6:8]}-{nip[4:6]}-{nip[:4]} tidak ada"
    year, month = int(nip[8:12]), int(nip[12:14])
    if not born.year + 15 <= year <= born.year + 70:
        return f"tahun pengangkatan {year} tidak cocok dengan tahun lahir {born.year}"
    if month == 0:
        return "bulan pengangkatan atau urutan perjanjian tidak boleh 00"
    if nip[14] not in "12":
        return "angka ke-15 (jenis kelamin) harus 1 atau 2"
    return None


def _date(text: str) -> date | None:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return None


def appointed_on(nip: str) -> date | None:
    """The first day of service that a NIP tells: the month for PNS, the year for PPPK."""
    born, year, month = _date(nip[:8]), nip[8:12], nip[12:14]
    if born is None or len(nip) != 18 or not nip.isdecimal() or int(year) < born.year:
        return None
    return date(int(year), int(month) if 1 <= int(month) <= 12 else 1, 1)


def sensible_start(tmt: date | None, nip: str, today: date) -> date | None:
    """The TMT when it can be right: not before the person was appointed (or born), not far ahead; else None."""
    if tmt is None or tmt > today + FAR_AHEAD:
        return None
    earliest = appointed_on(nip) or date(1900, 1, 1)
    return tmt if tmt >= earliest.replace(day=1) else None


def second_post(post: str) -> str:
    """The second of two posts held at once, else empty: “Dokter Ahli Madya merangkap Direktur” → “Direktur”."""
    for joiner in JOINERS:
        at = post.casefold().find(joiner)
        if at >= 0:
            return post[at + len(joiner) :].strip()
    return ""


def superior_of(employee_id: str, unit_id: str, units: Mapping[str, UnitNode]) -> str | None:
    """Who leads the person's unit; a leader's superior is who leads the unit above, the next one filled.

    A vacant leader's post is passed over upwards, and a cycle in the tree ends the search. Someone who leads a unit
    above their own, for others too (Plt., Plh.), answers to whoever is above that one; so does the leader stood in for.
    """
    path = _way_up(unit_id, units)
    led = [n for n, unit in enumerate(path) if employee_id in (unit.leader_id, unit.acting_id)]
    for unit in path[led[-1] + 1 if led else 0 :]:
        if unit.led_by:
            return unit.led_by
    return None


def _way_up(unit_id: str, units: Mapping[str, UnitNode]) -> list[UnitNode]:
    """The unit and those above it; a cycle ends it."""
    found: list[UnitNode] = []
    seen: set[str] = set()
    current: str | None = unit_id
    while current is not None and current not in seen and current in units:
        seen.add(current)
        found.append(units[current])
        current = units[current].parent_id
    return found


def circle_from(employee_id: str, superiors: Mapping[str, str | None]) -> list[str]:
    """The chain of superiors from *employee_id* back to them, both ends included; empty when it ends elsewhere."""
    chain = [employee_id]
    current = superiors.get(employee_id)
    while current is not None and current not in chain:
        chain.append(current)
        current = superiors.get(current)
    return [*chain, employee_id] if current == employee_id else []


def with_overrides(
    superiors: Mapping[str, str | None], overrides: Sequence[tuple[str, str]], active: Collection[str]
) -> dict[str, str | None]:
    """*superiors* of the tree with those that people decided on, (employee, superior) in the order of deciding.

    One that no longer can hold, since its superior is inactive or it would close a circle after the tree has changed,
    is passed over until it can.
    """
    found = dict(superiors)
    for employee_id, superior_id in overrides:
        if employee_id in found and superior_id in active:
            before, found[employee_id] = found[employee_id], superior_id
            if circle_from(employee_id, found):
                found[employee_id] = before
    return found


def in_cycle(unit_id: str, units: Mapping[str, UnitNode]) -> bool:
    """Whether following parents from *unit_id* leads back to it."""
    current, steps = units[unit_id].parent_id, 0
    while current is not None and current in units and steps <= len(units):
        if current == unit_id:
            return True
        current, steps = units[current].parent_id, steps + 1
    return False


def inherited_clause(
    unit_id: str, own: Mapping[str, str | None], parents: Mapping[str, str | None], decided: Collection[str] = ()
) -> str | None:
    """The exemption of the unit or of the nearest unit above it that has one: what serves as a whole, serves in its
    parts (a hospital's wards). Agencies as such carry none, since they hold serving and supporting units.

    decided: units about which a person has decided; nothing above them counts, even when they decided “none”."""
    seen: set[str] = set()
    current: str | None = unit_id
    while current is not None and current not in seen:
        seen.add(current)
        if own.get(current) or current in decided:
            return own[current]
        current = parents.get(current)
    return None


def is_acting(post: str) -> bool:
    """Whether the post is held for someone else (pelaksana tugas or harian)."""
    return post.lower().startswith(ACTING_PREFIXES)


def acting_for(post: str) -> str:
    """The post that is held for someone else: “Plt. Camat Metro Pusat” → “Camat Metro Pusat”; empty for one's own."""
    if not is_acting(post):
        return ""
    prefix = next(each for each in ACTING_PREFIXES if post.lower().startswith(each))
    return post[len(prefix) :].strip()


def full_name(front: str, name: str, back: str) -> str:
    """``Dr. Siti Aminah, S.E.``"""
    leading = f"{front.strip()} " if front.strip() else ""
    trailing = f", {back.strip()}" if back.strip() else ""
    return f"{leading}{name.strip()}{trailing}"


def rank_text(rank: str, grade: str) -> str:
    """``Penata (III/c)``; PPPK have a grade only: ``Golongan IX``."""
    if rank and grade:
        return f"{rank} ({grade})"
    return rank or (f"Golongan {grade}" if grade else "")
