"""What a monthly pack is made from, as plain values, and how it is laid out, as plain blocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from services.reporting.duties.rules import Figures

NO_DATA = "belum ada data"


@dataclass(frozen=True)
class LetterFact:
    number: str
    date: date


@dataclass(frozen=True)
class SignerFact:
    """Who signs the pack: the agency's head or acting head."""

    name: str
    nip: str
    post: str
    rank: str


@dataclass(frozen=True)
class DutyFact:
    """One duty for the detail sheets. rating: above, as, below, or None."""

    date: date
    name: str
    nip: str
    unit: str
    status: str
    late: bool
    filed_at: datetime | None
    rating: str | None


@dataclass(frozen=True)
class ExemptFact:
    """One exemption clause as applied: people kept at the office by the roster, and units that fall under it."""

    clause: str
    people: int | None
    units: tuple[str, ...]


@dataclass(frozen=True)
class PackFacts:
    """An agency's month. ``checklists`` and ``savings`` are energy's figures as received, None before they arrive."""

    agency: str
    agency_code: str
    month: date
    days: Sequence[dict[str, Any]]  # {date, wfo, wfh, absent}
    letters: Sequence[LetterFact]
    signer: SignerFact | None
    staff: int
    figures: Figures
    duties: Sequence[DutyFact]
    exemptions: Sequence[ExemptFact]
    checklists: dict[str, Any] | None
    savings: Sequence[dict[str, Any]] | None
    obstacles: str
    follow_up: str


@dataclass(frozen=True)
class Table:
    """kinds: per column text, number, rupiah or date; values stay raw and are shown by :func:`show`."""

    header: Sequence[str]
    kinds: Sequence[str]
    rows: Sequence[Sequence[Any]]


@dataclass(frozen=True)
class Section:
    """One numbered part of the pack. basis: the clauses it answers."""

    number: int
    title: str
    basis: str
    paragraphs: Sequence[str] = ()
    tables: Sequence[Table] = field(default_factory=tuple)


def show(value: Any, kind: str) -> str:
    """A cell as people read it; what is missing says so."""
    if value is None:
        return NO_DATA
    if kind == "date":
        day = date.fromisoformat(value) if isinstance(value, str) else value
        return f"{day:%d-%m-%Y}"
    if kind in ("number", "rupiah"):
        digits = 0 if float(value) == round(float(value)) else 1
        grouped = f"{abs(value):,.{digits}f}".translate(str.maketrans(",.", ".,"))
        sign = "−" if value < 0 else ""
        return f"{sign}Rp{grouped}" if kind == "rupiah" else f"{sign}{grouped}"
    return str(value)
