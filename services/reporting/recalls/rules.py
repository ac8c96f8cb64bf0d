"""Whom a recall (1.d) reaches by e-mail, and what it says."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from shared.web.filters import day_name, long_date


class NoticeStatus(StrEnum):
    WAITING = "waiting"  # not tried yet, or tried again on schedule
    MAILED = "mailed"
    NO_ADDRESS = "no_address"
    LEFT = "left"  # the person serves no more
    REFUSED = "refused"  # by the mail server; its words are known
    NO_SERVER = "no_server"  # no mail server or sender is set
    FAILED = "failed"  # given up for another reason
    TOO_LATE = "too_late"


def too_late(day: date, today: date) -> bool:
    """A call to the office of yesterday would only confuse."""
    return day < today


def outcome_of(to: str | None, *, active: bool, day: date, today: date) -> NoticeStatus:
    """How telling a person of a recall of *day* at the address *to* ends; MAILED: if the server takes the mail."""
    if not active:
        return NoticeStatus.LEFT
    if to is None:
        return NoticeStatus.NO_ADDRESS
    return NoticeStatus.TOO_LATE if too_late(day, today) else NoticeStatus.MAILED


def subject_of(day: date) -> str:
    return f"Bertugas di kantor pada {day_name(day)}, {long_date(day)}"


def body_of(name: str, agency: str, day: date, reason: str, ordered_by: str) -> str:
    return f"""Yth. {name}

Pada {day_name(day)}, {long_date(day)}, Anda bertugas di kantor. Giliran bertugas dari rumah (WFH) hari itu ditarik.

Perangkat daerah: {agency}
Alasan: {reason}
Diperintahkan oleh: {ordered_by}

Adendum Surat Tugas menyusul. Hari lain dalam jadwal Anda tetap berlaku.
Dasar: angka 1 huruf d surat edaran tentang transformasi budaya kerja aparatur sipil negara."""
