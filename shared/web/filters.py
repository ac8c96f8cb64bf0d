"""How values look to people: dates in WIB and Indonesian, numbers with points, statuses with a word and a colour."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from flask import Flask, g

from shared.clock import WIB
from shared.roles import Person

DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
MONTHS = ("Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober",
          "November", "Desember")  # fmt: skip


def day_name(day: date) -> str:
    return DAYS[day.weekday()]


def long_date(day: date) -> str:
    """``10 April 2026``"""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def month_name(day: date) -> str:
    """``April 2026``"""
    return f"{MONTHS[day.month - 1]} {day.year}"


def moment(at: datetime | None) -> str:
    """``10 April 2026 16.05 WIB``"""
    if at is None:
        return "–"
    local = at.astimezone(WIB)
    return f"{long_date(local.date())} {local:%H.%M} WIB"


def number(value: float | None, digits: int = 0) -> str:
    """``1.234,5``; a missing value says so."""
    if value is None:
        return "belum ada data"
    return f"{value:,.{digits}f}".translate(str.maketrans(",.", ".,"))


def rupiah(value: float | None) -> str:
    return "belum ada data" if value is None else f"Rp{number(value)}"


def install(app: Flask) -> None:
    """Make the filters and the signed-in person known to every template of *app*."""
    app.add_template_filter(urlencode, "query_string")
    for function in (day_name, long_date, month_name, moment, number, rupiah):
        app.add_template_filter(function)

    @app.context_processor
    def _who() -> dict[str, Any]:
        who = g.get("who")
        return {"user": who if isinstance(who, Person) else None}
