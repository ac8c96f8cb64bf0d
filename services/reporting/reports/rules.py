"""When a daily report may be filed (2.b), and what one output line must say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time

LINE_LIMIT = 20


@dataclass(frozen=True)
class Line:
    """One output of the day. quantity is E-Kinerja's "Realisasi", a whole number of *unit*."""

    activity: str
    start: time
    end: time
    quantity: int
    unit: str
    result: str


@dataclass(frozen=True)
class Refusal:
    """Why a report cannot be filed: a stable code and what to tell the person."""

    code: str
    text: str


def refusal(status: str | None, day: date, today: date) -> Refusal | None:
    """Why a duty in *status* on *day* takes no report *today*, or None. status None: there is no duty.

    A missed deadline is no reason: what is late is marked late. A report may be replaced until it is assessed, and
    after it was sent back.
    """
    if status is None or status == "cancelled":
        return Refusal("no_duty", f"Anda tidak bertugas dari rumah pada {day:%d-%m-%Y}, jadi tidak ada laporan.")
    if day > today:
        return Refusal("too_early", f"Laporan {day:%d-%m-%Y} baru dapat dikirim pada hari itu.")
    if status == "assessed":
        return Refusal("already_assessed", "Laporan ini sudah dinilai atasan dan tidak dapat diganti lagi.")
    return None
