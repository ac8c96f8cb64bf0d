"""The answer to “mengapa?”: the clause's words and the arithmetic that decided, in Indonesian."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from services.schedule.policy.tightening import percent
from services.schedule.rosters.clashes import ClashFound, Part
from services.schedule.rosters.limits import Arithmetic

BASE_WORDS = {
    "all": "pegawai",
    "present": "pegawai yang hadir",
    "eligible": "orang yang dapat bertugas dari rumah",
}
ROUNDING_WORDS = {
    "floor": "pembulatan ke bawah", "ceil": "pembulatan ke atas", "nearest": "pembulatan ke bilangan terdekat"
}  # fmt: skip

WORDLESS = {
    "pattern": "Hari ini semua pegawai bertugas di kantor.",
    "absent": "Hari ini Anda tercatat tidak bertugas (cuti, dinas luar, atau diklat).",
    "exempt": "Jabatan atau unit kerja Anda tetap bertugas di kantor.",
    "gate": "Anda bertugas di kantor sampai syarat bertugas dari rumah dipenuhi.",
}
"""What is said when a policy has no words for the clause of a rule that has none of its own."""


def explain(rule: str, sums: Arithmetic | None, text: str) -> str:
    """Why a cell is as it is. rule: of the cell; *sums*: of its limit; *text*: the clause's words, empty when there are
    none."""
    words = {
        "turn": "Anda mendapat giliran.",
        "quota": "Giliran hari itu sudah penuh oleh rekan; giliran dibagi serata mungkin dalam setahun.",
        "cap": "Batas jumlah pegawai di rumah hari itu sudah tercapai.",
        "pin": "Hari ini ditetapkan oleh pejabat yang berwenang.",
        "swap": "Hasil tukar giliran yang disetujui atasan.",
        "recall": "Kepala perangkat daerah menarik pegawai ke kantor hari itu.",
        "withdrawn": "Surat Tugas dicabut.",
        "in_a_row": "Batas hari WFH berturut-turut sudah tercapai.",
    }.get(rule, "")
    said = (text or WORDLESS.get(rule, ""), words, arithmetic_text(sums) if sums else "")
    return " ".join(part for part in said if part)


def arithmetic_text(sums: Arithmetic) -> str:
    """``Kuota 50 % dari 14 orang yang dapat bertugas dari rumah = 7, pembulatan ke bawah …``"""
    home = f"Bertugas dari rumah hari itu: {sums.at_home} orang."
    if sums.minimum is not None:
        whom = sums.label if sums.rule == "pair" else f"{sums.label} tetap di kantor"
        stay = f"paling sedikit {sums.minimum} orang"
        if sums.rule == "pair":
            return f"Hadir {sums.present} orang {whom}; {stay} tetap di kantor. {home}"
        return f"Hadir {sums.present} orang, {stay} {whom if sums.rule == 'function' else 'tetap di kantor'}. {home}"
    if sums.share is None:
        return f"Paling banyak {sums.number} orang di rumah; hadir {sums.present} orang. {home}"
    return (
        f"Kuota {percent(sums.share)} dari {sums.base} {BASE_WORDS[sums.base_kind]} = {sums.room}, "
        f"{ROUNDING_WORDS[sums.rounding]}; hadir {sums.present} orang. {home}"
    )


def clash_text(clash: ClashFound, names: Mapping[str, str], words: Callable[[Part], str]) -> dict[str, Any]:
    """A clash as plain JSON for page and API. names: of people and units; words: of a part's clause."""
    parts = [{"clause": part.clause, "text": _part_text(part, names, words)} for part in clash.parts]
    days = sorted({part.date for part in clash.parts if part.date})
    return {
        "blocking": clash.blocking,
        "date": days[0].isoformat() if days else None,
        "parts": parts,
        "relaxations": [_relaxation_text(part, names) for part in clash.parts if part.yields],
    }


def _part_text(part: Part, names: Mapping[str, str], words: Callable[[Part], str]) -> str:
    who = names.get(part.employee_id or "", part.employee_id or "")
    if part.kind == "pin":
        return f"{who} ditetapkan WFH pada {_day(part.date)}."
    if part.kind == "swap":
        return f"{who} mendapat WFH pada {_day(part.date)} dari tukar giliran."
    if part.kind == "absent":
        return f"{who} tidak hadir (cuti, dinas luar, atau diklat) pada {_day(part.date)}."
    if part.kind in ("exempt", "gate"):
        return f"{who} tetap di kantor: {words(part)}".strip()
    if part.kind == "in_a_row":
        return f"{who} paling banyak {part.number} hari WFH berturut-turut."
    assert part.sums is not None
    where = names.get(part.sums.unit_id, "Perangkat daerah")
    if part.sums.minimum is not None:
        return f"{where}, {_day(part.date)}: paling sedikit {part.sums.minimum} {part.sums.label} di kantor."
    return f"{where}, {_day(part.date)}: paling banyak {part.sums.room} orang di rumah."


def _relaxation_text(part: Part, names: Mapping[str, str]) -> str:
    who = names.get(part.employee_id or "", part.employee_id or "")
    if part.kind == "pin":
        return f"Lepas penetapan WFH {who} pada {_day(part.date)}."
    if part.kind == "swap":
        return f"Hasil tukar giliran {who} pada {_day(part.date)} tidak dipertahankan."
    if part.kind == "gate":
        return f"Beri {who} pengecualian dengan alasan."
    if part.kind == "in_a_row":
        return f"Izinkan {part.number + part.yields} hari WFH berturut-turut."
    assert part.sums is not None
    where = names.get(part.sums.unit_id, "perangkat daerah")
    if part.sums.minimum is not None:
        return f"Terima {part.yields} orang kurang dari batas paling sedikit {part.sums.minimum} di {where}."
    return f"Naikkan batas di {where} sebanyak {part.yields} orang."


def _day(day: date | None) -> str:
    return f"{day:%d-%m-%Y}" if day else ""
