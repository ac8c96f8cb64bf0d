"""Reprimands: of what kind, for how long, and what one is on a day.

1.f asks for control and supervision. The national rule (Mendagri 800.1.5/3349/SJ) names the steps: a verbal, then a
written reprimand, then evaluation. A person decides each step, with a reason; none follows from figures by itself.
"""

from __future__ import annotations

from datetime import date, timedelta

from shared.web.filters import long_date

KIND_TEXT = {"verbal": "teguran lisan", "written": "teguran tertulis"}

LONGEST = timedelta(days=366)
"""From the day of the decision, which counts, to the last day: a year. What is to hold longer is decided anew."""

STATE_TEXT = {
    "to_come": "belum berlaku",
    "in_force": "berlaku",
    "ended": "sudah berakhir",
    "revoked": "dicabut",
}


def state_of(starts: date, ends: date, *, revoked: bool, today: date) -> str:
    """to_come, in_force, ended or revoked; the first and last day are in force."""
    if revoked:
        return "revoked"
    if today < starts:
        return "to_come"
    return "in_force" if today <= ends else "ended"


def term_fault(starts: date, ends: date, today: date) -> tuple[str, str] | None:
    """(field, text) of what is wrong with a reprimand's dates, or None."""
    if starts < today:
        return "starts", "Teguran berlaku paling awal hari ini."
    if ends < starts:
        return "ends", "Hari terakhir tidak boleh sebelum hari pertama."
    if ends - today >= LONGEST:
        return "ends", "Teguran berlaku paling lama satu tahun sejak diputuskan."
    return None


def subject_of(kind: str, *, revoked: bool) -> str:
    return f"{KIND_TEXT[kind].capitalize()} {'dicabut' if revoked else 'untuk Anda'}"


def body_of(name: str, kind: str, starts: date, ends: date, address: str, *, revoked: bool) -> str:
    """address: of the page that tells the rest."""
    what = f"{KIND_TEXT[kind]} yang berlaku {long_date(starts)} sampai {long_date(ends)}"
    if revoked:
        said = f"Kepala perangkat daerah mencabut {what}. Alasan pencabutan dapat Anda baca di:"
        end = "Anda tidak perlu melakukan apa pun."
    else:
        said = f"Kepala perangkat daerah menetapkan untuk Anda {what}. Alasannya dapat Anda baca di:"
        end = "Di halaman itu Anda dapat mengajukan keberatan."
    return f"""Yth. {name}

{said}
{address}

{end}"""
