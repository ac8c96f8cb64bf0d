"""A roster to take along: people × WFH dates as XLSX (with the arithmetic), CSV, and PDF to hang on the wall."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import typst
import xlsxwriter
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.schedule.letters.rules import MARKS
from services.schedule.models import Letter, Roster, RosterLimit, Unit
from services.schedule.rosters import facts
from services.schedule.rosters.actions import STATUS_TEXT
from services.schedule.rosters.explain import BASE_WORDS, ROUNDING_WORDS
from shared.web.filters import day_name, long_date, month_name
from shared.web.reply import csv_text

FORMS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "pdf": "application/pdf",
}
PEOPLE = ["Unit kerja", "NIP", "Nama"]
ARITHMETIC = [
    "Tanggal", "Unit kerja", "Batas", "Angka", "Untuk", "Pegawai", "Hadir", "Dapat WFH", "Dasar hitung",
    "Dihitung dari", "Bagian", "Jumlah tetap", "Pembulatan", "Paling sedikit di kantor", "Paling banyak di rumah",
    "Di rumah",
]  # fmt: skip
RULES = {
    "quota": "kuota unit", "cap": "kuota perangkat daerah", "on_site": "paling sedikit di kantor",
    "function": "fungsi yang dijaga", "pair": "saling menggantikan",
}  # fmt: skip
TEMPLATE = Path(__file__).with_name("roster.typ")
NOT_YET = "RANCANGAN"
"""Printed across the page of a roster that no letter has put in force."""


@dataclass(frozen=True)
class Grid:
    """A roster as it is handed out. people: unit, NIP, name, then the mark of each date; sums: rows of ARITHMETIC."""

    agency: str
    code: str
    month: date
    version: int
    starts: date
    ends: date
    status: str
    in_force: bool
    letter_number: str
    dates: Sequence[date]
    people: Sequence[Sequence[str]]
    sums: Sequence[Sequence[str | int | float | None]]

    @property
    def title(self) -> str:
        return f"Jadwal WFO dan WFH {month_name(self.month)}"

    def name(self, form: str) -> str:
        """Of the file: ``jadwal-BKPSDM-2026-04-v1.xlsx``."""
        code = re.sub(r"[^A-Za-z0-9]+", "-", self.code).strip("-")
        return f"jadwal-{code}-{self.month:%Y-%m}-v{self.version}.{form}"

    def about(self) -> list[tuple[str, str]]:
        return [
            ("Perangkat daerah", self.agency),
            ("Bulan", month_name(self.month)),
            ("Versi", str(self.version)),
            ("Berlaku", f"{long_date(self.starts)} – {long_date(self.ends)}"),
            ("Status", self.status),
            ("Surat Tugas", self.letter_number or "belum bernomor"),
        ]


def grid_of(session: Session, roster: Roster) -> Grid:
    """People by unit and rank of post on the WFH dates of the roster's days."""
    agency = session.get_one(Unit, roster.agency_id)
    dates = [day for day in facts.wfh_dates(session, roster.id) if roster.starts <= day <= roster.ends]
    rows = sorted(facts.rows_for_letter(session, roster.id, dates), key=lambda row: row[1])  # keeps the rank within
    people = [
        [unit, employee.nip, employee.name, *(MARKS.get(modes.get(day, ""), "–") for day in dates)]
        for employee, unit, modes in rows
    ]
    number = session.scalar(select(Letter.number).where(Letter.roster_id == roster.id))
    return Grid(
        agency=agency.name, code=agency.code, month=roster.month, version=roster.version, starts=roster.starts,
        ends=roster.ends, status=STATUS_TEXT[roster.status], in_force=roster.in_force_at is not None,
        letter_number=number or "", dates=dates, people=people, sums=_sums(session, roster, dates, agency.name),
    )  # fmt: skip


def _sums(
    session: Session, roster: Roster, dates: Sequence[date], agency: str
) -> list[Sequence[str | int | float | None]]:
    limits = session.scalars(
        select(RosterLimit)
        .where(RosterLimit.roster_id == roster.id, RosterLimit.date.in_(dates))
        .order_by(RosterLimit.date, RosterLimit.unit_id, RosterLimit.limit_id)
    ).all()
    names = dict(session.execute(select(Unit.id, Unit.name).where(Unit.id.in_({row.unit_id for row in limits}))).all())
    return [
        (
            row.date.isoformat(), names.get(row.unit_id, agency), RULES.get(row.rule, row.rule), row.clause, row.label,
            row.staff, row.present, row.eligible, row.base, BASE_WORDS.get(row.base_kind, row.base_kind),
            float(row.share) if row.share is not None else None, row.number,
            ROUNDING_WORDS.get(row.rounding, row.rounding), row.minimum, row.room, row.at_home,
        )
        for row in limits
    ]  # fmt: skip


def as_csv(grid: Grid) -> bytes:
    """UTF-8 with a byte order mark, for spreadsheets."""
    header = [*PEOPLE, *(day.isoformat() for day in grid.dates)]
    return csv_text(header, grid.people)


def as_xlsx(grid: Grid) -> bytes:
    """Sheets: the grid, the arithmetic, what roster it is. Text is written as text, so none of it can be a formula."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    home = book.add_format({"bold": True, "bg_color": "#D9E8FB"})
    page = book.add_worksheet("Jadwal")
    heads = [f"{day_name(day)[:3]} {day.day}/{day.month}" for day in grid.dates]
    _fill(page, [*PEOPLE, *heads], grid.people, bold, marks={MARKS["wfh"]: home})
    page.freeze_panes(1, len(PEOPLE))
    page.set_landscape()
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    sums = book.add_worksheet("Perhitungan")
    _fill(sums, ARITHMETIC, grid.sums, bold)
    sums.freeze_panes(1, 2)
    about = book.add_worksheet("Keterangan")
    _fill(about, ["Isi", "Nilai"], grid.about(), bold)
    book.close()
    return buffer.getvalue()


def _fill(page: Any, header: Sequence[str], rows: Sequence[Sequence[Any]], bold: Any, marks: Any = None) -> None:
    for column, text in enumerate(header):
        page.write_string(0, column, text, bold)
    for line, row in enumerate(rows, start=1):
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                page.write_string(line, column, cell, (marks or {}).get(cell))
            elif cell is not None:
                page.write_number(line, column, cell)
    page.autofit(max_width=400)


@cache
def _template() -> bytes:
    return TEMPLATE.read_bytes()


def as_pdf(grid: Grid) -> bytes:
    """A4 across, the heads of the columns on every page; content goes in as JSON, so that no name becomes markup."""
    data = {
        "title": grid.title,
        "agency": grid.agency,
        "about": grid.about()[3:],
        "mark": None if grid.in_force else NOT_YET,
        "heads": [*PEOPLE, *(f"{day_name(day)[:3]} {day.day}/{day.month}" for day in grid.dates)],
        "rows": grid.people,
    }
    return typst.compile(
        _template(), format="pdf", sys_inputs={"data": json.dumps(data, ensure_ascii=False)}, pdf_standards="a-2b",
        ignore_system_fonts=True,
    )  # fmt: skip


WRITERS = {"xlsx": as_xlsx, "csv": as_csv, "pdf": as_pdf}
