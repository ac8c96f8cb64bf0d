"""Rules of a switch-off run: its questions, when it is due, which answers are complete."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

Key = tuple[UUID, date]
"""A run: one room on one date."""

DUE_HOUR = 16  # WIB, the end of the office day


@dataclass(frozen=True)
class Question:
    """One line of the list; answered "yes, done" or "no", the latter with a note."""

    code: str
    clause: str
    text: str


TEMPLATE = (
    Question("computers", "1.k.1", "Komputer dan perangkat elektronik dimatikan"),
    Question("ac", "1.k.1", "AC dimatikan"),
    Question("lamps", "1.k.1", "Lampu dimatikan"),
    Question("plugs", "1.k.1", "Kabel dan stop kontak dilepas"),
    Question("other_devices", "1.k.1", "Dispenser dan peralatan lain dimatikan"),
    Question("locks", "1.k.2", "Jendela dan pintu terkunci"),
    Question("documents", "1.k.2", "Dokumen tersimpan"),
    Question("water", "1.k.2", "Pompa dan air dalam keadaan aman"),
)


@dataclass(frozen=True)
class Answer:
    """ok True: switched off or safe; False: not, and the note says why."""

    code: str
    ok: bool
    note: str = ""


def too_early(day: date, today: date) -> bool:
    """A room can't be found switched off before the day itself."""
    return today < day


def faults(expected: Iterable[str], answers: Sequence[Answer]) -> dict[str, str]:
    """What is missing or wrong, by item code, in Indonesian; empty when the run can be handed in."""
    wanted = list(expected)
    found: dict[str, str] = {code: "belum dijawab" for code in wanted if code not in {a.code for a in answers}}
    seen: set[str] = set()
    for answer in answers:
        if answer.code not in wanted:
            found[answer.code] = "butir ini tidak ada dalam daftar"
        elif answer.code in seen:
            found[answer.code] = "butir ini dijawab dua kali"
        elif not answer.ok and not answer.note.strip():
            found[answer.code] = "jawaban “tidak” harus disertai catatan"
        seen.add(answer.code)
    return found


@dataclass(frozen=True)
class Difference:
    """Runs to open and to take away."""

    opened: set[Key]
    removed: set[Key]


def difference(
    needed: Mapping[Key, str],
    present: Mapping[Key, bool],
    *,
    open_from: date,
    remove_from: date,
) -> Difference:
    """Compare the runs that rosters call for with those there are.

    needed: run → roster id. present: run → still untouched. What somebody filled in stays, and so
    does a missed run of a day before *remove_from*: that it was missed is a fact.
    """
    opened = {key for key in needed if key not in present and key[1] >= open_from}
    removed = {key for key, untouched in present.items() if untouched and key not in needed and key[1] >= remove_from}
    return Difference(opened, removed)
