"""Leave, duty travel and training in April 2026, for about one person in 25."""

from __future__ import annotations

import random
from datetime import date, timedelta

from .model import Absence, City

FIRST, LAST = date(2026, 4, 1), date(2026, 4, 30)
SHARE = 0.04
# kind → weight, shortest and longest in calendar days, notes
_KINDS: tuple[tuple[str, int, int, int, tuple[str, ...]], ...] = (
    ("cuti", 10, 1, 6, ("Cuti tahunan", "Cuti tahunan", "Cuti karena alasan penting", "Cuti sakit")),
    ("cuti", 1, 30, 30, ("Cuti melahirkan", "Cuti besar")),
    ("dinas_luar", 6, 1, 4, ("Konsultasi ke Pemerintah Provinsi Lampung di Bandar Lampung",
                             "Rapat koordinasi di Jakarta", "Studi tiru ke Kota Palembang",
                             "Rekonsiliasi data di Bandar Lampung")),
    ("diklat", 4, 3, 10, ("Pelatihan dasar CPNS", "Pelatihan kepemimpinan pengawas",
                          "Bimbingan teknis pengadaan barang/jasa", "Pelatihan fungsional")),
)  # fmt: skip


def draw_absences(rng: random.Random, city: City) -> tuple[Absence, ...]:
    """At most one absence a person, starting and ending on a working weekday within the month."""
    active = [person for person in city.people if person.active]
    chosen = sorted(rng.sample(active, round(len(active) * SHARE)), key=lambda person: person.nip)
    found = []
    for person in chosen:
        kind, _, shortest, longest, notes = rng.choices(_KINDS, [entry[1] for entry in _KINDS])[0]
        if person.nip[14] == "1":
            notes = tuple(note for note in notes if note != "Cuti melahirkan")
        first = _weekday(FIRST + timedelta(days=rng.randrange(28)), 1) if longest < 30 else FIRST
        last = max(first, _weekday(min(LAST, first + timedelta(days=rng.randint(shortest, longest) - 1)), -1))
        found.append(Absence(person.nip, kind, first, last, rng.choice(notes)))
    return tuple(found)


def _weekday(day: date, step: int) -> date:
    """The day itself, or the nearest Monday–Friday in the direction of `step`."""
    while day.weekday() > 4:
        day += timedelta(days=step)
    return day
