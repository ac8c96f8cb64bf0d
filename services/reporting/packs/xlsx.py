"""A pack as a workbook: one sheet per group of figures, numbers as numbers, so that they can be checked and added."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import xlsxwriter

from services.reporting.duties.rules import RATING_TEXT, STATUS_TEXT
from services.reporting.packs.facts import NO_DATA, PackFacts, Section, show
from services.reporting.packs.rules import sections
from shared.clock import WIB
from shared.web.filters import month_name

WIDEST = 60  # characters

# Which sections go to a sheet of their own; the rest is told in the summary.
SHEETS = {
    "Pola dan komposisi kerja": "Jadwal",
    "Layanan digital": "Layanan digital",
    "Pengecualian yang diterapkan": "Pengecualian",
    "Unit layanan": "Unit layanan",
    "Pemadaman peralatan listrik dan keamanan ruangan": "Ruangan",
    "Penghematan": "Penghematan",
}


def workbook(facts: PackFacts) -> bytes:
    """The pack's XLSX, from the same facts as its PDF."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(
        buffer,
        {
            "in_memory": True,
            # Names and notes are text, whatever they look like.
            "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
        },
    )  # fmt: skip
    writer = _Writer(book)
    all_sections = sections(facts)
    writer.sheet("Ringkasan", ("Bagian", "Uraian", "Nilai"), ("text", "text", "any"), _summary(facts, all_sections))
    for section in all_sections:
        if section.title in SHEETS and section.tables:
            table = section.tables[0]
            writer.sheet(SHEETS[section.title], table.header, table.kinds, table.rows)
    writer.sheet("Jadwal pegawai", ("Nama", "NIP", "Unit kerja", "Tanggal WFH"), ("text",) * 4, _roster(facts))
    writer.sheet(
        "Laporan harian",
        ("Tanggal", "Nama", "NIP", "Unit kerja", "Status", "Terlambat", "Dilaporkan (WIB)", "Penilaian"),
        ("date", *("text",) * 7),
        _reports(facts),
    )
    book.close()
    return buffer.getvalue()


class _Writer:
    """Writes typed cells with one set of formats for the whole book."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        self._formats = {
            "text": book.add_format({"text_wrap": True, "valign": "top"}),
            "date": book.add_format({"num_format": "dd-mm-yyyy", "align": "left", "valign": "top"}),
            "number": book.add_format({"num_format": "#,##0.##", "valign": "top"}),
            "rupiah": book.add_format({"num_format": '"Rp"#,##0', "valign": "top"}),
        }

    def sheet(self, name: str, header: Sequence[str], kinds: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        page = self._book.add_worksheet(name)
        page.write_row(0, 0, header, self._bold)
        page.freeze_panes(1, 0)
        widths = [len(cell) for cell in header]
        last = 0
        for last, row in enumerate(rows, 1):
            for column, (value, kind) in enumerate(zip(row, kinds, strict=True)):
                self._cell(page, last, column, value, kind)
                widths[column] = max(widths[column], len(str(value)))
        for column, width in enumerate(widths):
            page.set_column(column, column, min(width + 2, WIDEST))
        if last:
            page.autofilter(0, 0, last, len(header) - 1)

    def _cell(self, page: Any, line: int, column: int, value: Any, kind: str) -> None:
        if kind == "any":
            kind = "number" if isinstance(value, int | float) else "text"
        if value is None:
            page.write_string(line, column, NO_DATA, self._formats["text"])
        elif kind == "date":
            day = date.fromisoformat(value) if isinstance(value, str) else value
            page.write_datetime(line, column, day, self._formats["date"])
        elif kind in ("number", "rupiah"):
            page.write_number(line, column, value, self._formats[kind])
        else:
            page.write_string(line, column, str(value), self._formats["text"])


def _summary(facts: PackFacts, all_sections: Sequence[Section]) -> list[list[Any]]:
    rows: list[list[Any]] = [
        ["Identitas", "Perangkat daerah", facts.agency],
        ["Identitas", "Bulan", month_name(facts.month)],
        *(
            ["Identitas", "Surat Tugas", f"{letter.number} tanggal {show(letter.date, 'date')}"]
            for letter in facts.letters
        ),
    ]
    for section in all_sections:
        name = f"{section.number}. {section.title}"
        rows += [[name, "Uraian", paragraph] for paragraph in section.paragraphs]
        if section.title not in SHEETS:
            rows += [[name, *row] for table in section.tables if len(table.header) == 2 for row in table.rows]
    return rows


def _roster(facts: PackFacts) -> list[list[str]]:
    """Who works at home when: the schedule that 2.a asks to attach."""
    days: dict[tuple[str, str, str], list[str]] = {}
    for duty in facts.duties:
        days.setdefault((duty.name, duty.nip, duty.unit), []).append(show(duty.date, "date"))
    return [[*who, ", ".join(dates)] for who, dates in sorted(days.items())]


def _reports(facts: PackFacts) -> Iterable[list[Any]]:
    for duty in facts.duties:
        filed = f"{duty.filed_at.astimezone(WIB):%d-%m-%Y %H.%M}" if duty.filed_at else "–"
        yield [
            duty.date,
            duty.name,
            duty.nip,
            duty.unit,
            STATUS_TEXT[duty.status],
            "ya" if duty.late else "tidak",
            filed,
            RATING_TEXT[duty.rating] if duty.rating else "–",
        ]
