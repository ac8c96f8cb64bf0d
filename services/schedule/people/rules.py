"""Rules about people and units: numbers that can be right, who leads whom, which posts hold which role."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

AWAY_STANDINGS = frozenset({"02", "03", "04", "20", "99"})
"""SIASN kedudukan that takes a person out of rosters: CLTN, tugas belajar, dismissed for a time, MPP, retired.
Everyone else is active: PPPK are known to carry codes of their own."""

ACTING_PREFIXES = ("plt.", "plh.", "pj.")


@dataclass(frozen=True)
class UnitNode:
    """What the superior tree needs of a unit."""

    id: str
    parent_id: str | None
    leader_id: str | None


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


def superior_of(employee_id: str, unit_id: str, units: Mapping[str, UnitNode]) -> str | None:
    """The leader of the person's unit; a leader's superior is the leader of the unit above, the next one filled.

    A vacant leader's post is passed over upwards, and a cycle in the tree ends the search.
    """
    seen: set[str] = set()
    current: str | None = unit_id
    while current is not None and current not in seen:
        seen.add(current)
        unit = units.get(current)
        if unit is None:
            return None
        if unit.leader_id and unit.leader_id != employee_id:
            return unit.leader_id
        current = unit.parent_id
    return None


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
