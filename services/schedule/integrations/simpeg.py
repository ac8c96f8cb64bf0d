"""SIMPEG in SIASN's field names: the only module that knows them. Its three ways in give the same internal values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from services.schedule.absences.actions import AbsenceIn
from services.schedule.people.actions import EmployeeIn, UnitIn
from services.schedule.people.rules import full_name, nip_fault, rank_text, second_post
from shared.tables import Rejection, cell, read_table

RETIRED = "99"
DUAL = "3"  # jenisJabatanId: rangkap
DATES = ("%d-%m-%Y", "%Y-%m-%d")
ABSENCE_KINDS = {"cuti": "leave", "dinas_luar": "travel", "diklat": "training"}
REQUIRED = {
    "people": ("id", "nipBaru", "nama", "unorId", "kedudukanPnsId", "eselonId", "jabatanNama"),
    "units": ("Id", "NamaUnor", "IndukUnorId"),
    "absences": ("nipBaru", "jenis", "mulai", "selesai"),
}

KEPT = {
    "pegawai": frozenset({
        "id", "nipBaru", "nama", "gelarDepan", "gelarBelakang", "emailGov", "email", "unorId", "jenisPegawaiNama",
        "jabatanNama", "jenisJabatanId", "eselonId", "pangkatAkhir", "golRuangAkhir", "kedudukanPnsId", "tmtJabatan",
        "tmtPensiun", "tmtBerhenti",
    }),
    "unor": frozenset({"Id", "DiatasanId", "IndukUnorId", "NamaUnor", "CepatKode", "NamaJabatan", "PemimpinPnsId"}),
}  # fmt: skip
"""What :func:`employee_in`, :func:`leaver_in` and :func:`unit_in` read, by the first word of a webhook's type."""


def kept_of(type_: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a webhook's ``data`` that is stored. SIASN's data-utama has some hundred fields, among them nik, noHp
    and birth data; none but those that are read stays, and nothing of what is neither a person nor a unit."""
    names = KEPT.get(type_.partition(".")[0], frozenset())
    return {name: value for name, value in data.items() if name in names}


def employee_in(row: Mapping[str, Any]) -> EmployeeIn:
    """One ``data-utama`` record; raises ValueError naming the person and the fault."""
    nip = cell(row, "nipBaru")
    name = cell(row, "nama")
    fault = nip_fault(nip)
    if fault:
        raise ValueError(f"{name or 'tanpa nama'} (NIP {nip or 'kosong'}): {fault}")
    for column in ("id", "nama", "unorId"):
        if not cell(row, column):
            raise ValueError(f"{name or 'tanpa nama'} (NIP {nip}): kolom {column} kosong")
    return EmployeeIn(
        id=cell(row, "id"),
        nip=nip,
        name=full_name(cell(row, "gelarDepan"), name, cell(row, "gelarBelakang")),
        email=cell(row, "emailGov") or cell(row, "email") or None,
        unit_id=cell(row, "unorId"),
        kind="PPPK" if "PPPK" in cell(row, "jenisPegawaiNama").upper() else "PNS",
        post=cell(row, "jabatanNama"),
        echelon=cell(row, "eselonId") or "99",
        rank=rank_text(cell(row, "pangkatAkhir"), cell(row, "golRuangAkhir")),
        standing=cell(row, "kedudukanPnsId").rjust(2, "0"),
        since=date_in(cell(row, "tmtJabatan")),
        second_post=second_post(cell(row, "jabatanNama")) if cell(row, "jenisJabatanId") == DUAL else "",
    )


def date_in(text: str) -> date | None:
    """A day as SIASN writes it, DD-MM-YYYY or YYYY-MM-DD (a time behind it is dropped); None when it is none."""
    for form in DATES:
        try:
            return datetime.strptime(text[:10], form).date()  # noqa: DTZ007 – a day has no time zone
        except ValueError:
            continue
    return None


@dataclass(frozen=True)
class LeaverIn:
    """Someone who leaves the rosters, with SIASN's kedudukan from then on; since: the first day away, None: today."""

    id: str
    standing: str
    since: date | None


def leaver_in(row: Mapping[str, Any]) -> LeaverIn:
    """The ``pegawai.berhenti`` record; without a kedudukan the person counts as retired. The day is tmtPensiun, or
    tmtBerhenti of who is dismissed or goes on long leave: names to be confirmed with SIMPEG's owner. Raises ValueError
    for a day that cannot be read: to put somebody out too early is worse than to have IT look."""
    who = f"NIP {cell(row, 'nipBaru') or 'kosong'}"
    if not cell(row, "id"):
        raise ValueError(f"{who}: kolom id kosong")
    told = cell(row, "tmtPensiun") or cell(row, "tmtBerhenti")
    since = date_in(told)
    if told and since is None:
        raise ValueError(f"{who}: tanggal berhenti “{told}” tidak terbaca")
    return LeaverIn(cell(row, "id"), (cell(row, "kedudukanPnsId") or RETIRED).rjust(2, "0"), since)


def subject_of(type_: str, data: Mapping[str, Any]) -> str:
    """What a webhook is about: ``employee/<id>`` or ``unit/<id>``; empty when it does not say."""
    kind, column = ("unit", "Id") if type_.startswith("unor.") else ("employee", "id")
    return f"{kind}/{cell(data, column)}" if cell(data, column) else ""


def unit_in(row: Mapping[str, Any]) -> UnitIn:
    """One ``ref-unor`` record; raises ValueError naming the unit and the fault."""
    unit_id, name = cell(row, "Id"), cell(row, "NamaUnor")
    if not unit_id or not name:
        raise ValueError(f"unit {name or unit_id or 'tanpa nama'}: kolom Id dan NamaUnor wajib diisi")
    return UnitIn(
        id=unit_id,
        parent_id=cell(row, "DiatasanId") or None,
        agency_id=cell(row, "IndukUnorId") or unit_id,
        name=name,
        code=cell(row, "CepatKode"),
        leader_post=cell(row, "NamaJabatan"),
        leader_id=cell(row, "PemimpinPnsId") or None,
    )


def absence_in(row: Mapping[str, Any]) -> AbsenceIn:
    """One row of an absence file: nipBaru, jenis, mulai, selesai (days as SIASN writes them), keterangan."""
    nip, kind = cell(row, "nipBaru"), cell(row, "jenis")
    if kind not in ABSENCE_KINDS:
        raise ValueError(f"NIP {nip}: jenis “{kind}” tidak dikenal (cuti, dinas_luar, diklat)")
    starts, ends = date_in(cell(row, "mulai")), date_in(cell(row, "selesai"))
    if starts is None or ends is None:
        raise ValueError(f"NIP {nip}: tanggal harus berbentuk TTTT-BB-HH atau HH-BB-TTTT")
    if ends < starts:
        raise ValueError(f"NIP {nip}: tanggal selesai mendahului tanggal mulai")
    return AbsenceIn(nip, ABSENCE_KINDS[kind], starts, ends, cell(row, "keterangan"))


READERS: dict[str, Callable[[Mapping[str, Any]], Any]] = {
    "people": employee_in,
    "units": unit_in,
    "absences": absence_in,
}


def read_file(kind: str, name: str, content: bytes) -> tuple[list[Any], list[Rejection]]:
    """Rows of a CSV or XLSX file as internal values, and every refused row with its line and reason."""
    return read_table(name, content, REQUIRED[kind], lambda line, row: replace(READERS[kind](row), line=line))
