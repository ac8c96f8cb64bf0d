"""A pack's content as JSON: what was shown to the head, frozen with its approval, and read by page, PDF and API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from services.reporting.packs.facts import PackFacts, Section, Table, show
from services.reporting.packs.rules import sections
from shared.clock import wib_date
from shared.web.filters import long_date, moment, month_name


def content_of(facts: PackFacts, *, city: str, place: str, now: datetime) -> dict[str, Any]:
    """Everything that the pack prints. Table cells are text, ready to show; numbers stay in the XLSX."""
    return {
        "city": city,
        "agency": facts.agency,
        "agency_code": facts.agency_code,
        "month": f"{facts.month:%Y-%m}",
        "month_name": month_name(facts.month),
        "letters": [
            {"number": letter.number, "date": letter.date.isoformat(), "date_text": long_date(letter.date)}
            for letter in facts.letters
        ],
        "signer": asdict(facts.signer) if facts.signer else None,
        "figures": {**asdict(facts.figures), "ratings": dict(facts.figures.ratings)},
        "sections": [_section(section) for section in sections(facts)],
        "as_of": moment(now),
        **dated(place, wib_date(now)),
    }


def dated(place: str, day: date) -> dict[str, str]:
    """Place and date of the signature; the day of approval in the end."""
    return {"place": place, "date": day.isoformat(), "date_text": long_date(day)}


def _section(section: Section) -> dict[str, Any]:
    return {
        "number": section.number,
        "title": section.title,
        "basis": section.basis,
        "paragraphs": list(section.paragraphs),
        "tables": [_table(table) for table in section.tables],
    }


def _table(table: Table) -> dict[str, Any]:
    shown: Sequence[Sequence[str]] = [
        [show(value, kind) for value, kind in zip(row, table.kinds, strict=True)] for row in table.rows
    ]
    return {"header": list(table.header), "kinds": list(table.kinds), "rows": shown}
