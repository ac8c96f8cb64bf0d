"""E-Kinerja (BKN) has no API: its hand-over is a sheet in the order of its form "Tambah Progress Harian"."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from services.reporting.models import DailyReport
from services.reporting.reports.actions import evidence_link

COLUMNS = (
    "Rencana Aksi", "Tanggal Kegiatan", "Jam Mulai", "Jam Selesai", "Kegiatan Harian", "Sumber Data", "Realisasi",
    "Satuan", "Bukti Dukung",
)  # fmt: skip
SOURCE = "Luwes, laporan harian WFH"


def rows(reports: Iterable[DailyReport], public_url: str) -> Iterator[Sequence[Any]]:
    """One row per output line, with the reports' duties and lines loaded.

    "Rencana Aksi" stays empty: action plans live in E-Kinerja, where the person picks one of their own.
    """
    for report in reports:
        for line in report.lines:
            activity = f"{line.activity}: {line.result}" if line.result else line.activity
            yield (
                "",
                f"{report.duty.date:%d-%m-%Y}",
                f"{line.start:%H:%M}",
                f"{line.end:%H:%M}",
                activity,
                SOURCE,
                line.quantity,
                line.unit,
                evidence_link(public_url, report.id),
            )
