"""SIMPEG in SIASN's field names: the only module that knows them. Its three ways in give the same internal values."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from openpyxl import load_workbook

from services.schedule.people.actions import AbsenceIn, EmployeeIn, Rejection, UnitIn
from services.schedule.people.rules import full_name, nip_fault
from shared.errors import InvalidInput

FILE_ROWS = 50_000  # rows of one file
RETIRED = "99"
ABSENCE_KINDS = {"cuti": "leave", "dinas_luar": "travel", "diklat": "training"}
REQUIRED = {
    "people": ("id", "nipBaru", "nama", "unorId", "kedudukanPnsId", "eselonId", "jabatanNama"),
    "units": ("Id", "NamaUnor", "IndukUnorId"),
    "absences": ("nipBaru", "jenis", "mulai", "selesai"),
}


def employee_in(row: Mapping[str, Any]) -> EmployeeIn:
    """One ``data-utama`` record; raises ValueError naming the person and the fault."""
    nip = _text(row, "nipBaru")
    name = _text(row, "nama")
    fault = nip_fault(nip)
    if fault:
        raise ValueError(f"{name or 'tanpa nama'} (NIP {nip or 'kosong'}): {fault}")
    for column in ("id", "nama", "unorId"):
        if not _text(row, column):
            raise ValueError(f"{name or 'tanpa nama'} (NIP {nip}): kolom {column} kosong")
    return EmployeeIn(
        id=_text(row, "id"),
        nip=nip,
        name=full_name(_text(row, "gelarDepan"), name, _text(row, "gelarBelakang")),
        email=_text(row, "emailGov") or _text(row, "email") or None,
        unit_id=_text(row, "unorId"),
        kind="PPPK" if "PPPK" in _text(row, "jenisPegawaiNama").upper() else "PNS",
        post=_text(row, "jabatanNama"),
        echelon=_text(row, "eselonId") or "99",
        rank=" ".join(filter(None, (_text(row, "pangkatAkhir"), f"({_text(row, 'golRuangAkhir')})"))),
        standing=_text(row, "kedudukanPnsId").rjust(2, "0"),
    )


@dataclass(frozen=True)
class LeaverIn:
    """Someone who leaves the rosters, with SIASN's kedudukan from now on."""

    id: str
    standing: str


def leaver_in(row: Mapping[str, Any]) -> LeaverIn:
    """The ``pegawai.berhenti`` record; without a kedudukan the person counts as retired."""
    if not _text(row, "id"):
        raise ValueError(f"NIP {_text(row, 'nipBaru') or 'kosong'}: kolom id kosong")
    return LeaverIn(_text(row, "id"), _text(row, "kedudukanPnsId") or RETIRED)


def unit_in(row: Mapping[str, Any]) -> UnitIn:
    """One ``ref-unor`` record; raises ValueError naming the unit and the fault."""
    unit_id, name = _text(row, "Id"), _text(row, "NamaUnor")
    if not unit_id or not name:
        raise ValueError(f"unit {name or unit_id or 'tanpa nama'}: kolom Id dan NamaUnor wajib diisi")
    return UnitIn(
        id=unit_id,
        parent_id=_text(row, "DiatasanId") or None,
        agency_id=_text(row, "IndukUnorId") or unit_id,
        name=name,
        code=_text(row, "CepatKode"),
        leader_post=_text(row, "NamaJabatan"),
        leader_id=_text(row, "PemimpinPnsId") or None,
    )


def absence_in(row: Mapping[str, Any]) -> AbsenceIn:
    """One row of an absence file: nipBaru, jenis, mulai, selesai (YYYY-MM-DD), keterangan."""
    nip, kind = _text(row, "nipBaru"), _text(row, "jenis")
    if kind not in ABSENCE_KINDS:
        raise ValueError(f"NIP {nip}: jenis “{kind}” tidak dikenal (cuti, dinas_luar, diklat)")
    try:
        starts, ends = date.fromisoformat(_text(row, "mulai")[:10]), date.fromisoformat(_text(row, "selesai")[:10])
    except ValueError:
        raise ValueError(f"NIP {nip}: tanggal harus berbentuk TTTT-BB-HH") from None
    if ends < starts:
        raise ValueError(f"NIP {nip}: tanggal selesai mendahului tanggal mulai")
    return AbsenceIn(nip, ABSENCE_KINDS[kind], starts, ends, _text(row, "keterangan"))


READERS: dict[str, Callable[[Mapping[str, Any]], Any]] = {
    "people": employee_in,
    "units": unit_in,
    "absences": absence_in,
}


def read_file(kind: str, name: str, content: bytes) -> tuple[list[Any], list[Rejection]]:
    """Rows of a CSV or XLSX file as internal values, and every refused row with its line and reason."""
    good: list[Any] = []
    refused: list[Rejection] = []
    for line, row in _rows(kind, name, content):
        try:
            good.append(replace(READERS[kind](row), line=line))
        except ValueError as error:
            refused.append(Rejection(line, str(error)))
    return good, refused


def _rows(kind: str, name: str, content: bytes) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """(line in the file, record) pairs; the header is line 1."""
    try:
        if name.lower().endswith(".xlsx"):
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            table: Iterable[Iterable[Any]] = book.worksheets[0].iter_rows(values_only=True)
        else:
            table = csv.reader(io.StringIO(content.decode("utf-8-sig")))
        lines = iter(table)
        header = [str(cell or "").strip() for cell in next(lines, [])]
    except InvalidInput:
        raise
    except Exception as error:  # the libraries raise many kinds for a file that is none
        raise InvalidInput("Berkas tidak dapat dibaca. Kirim CSV (UTF-8) atau XLSX.") from error
    missing = [column for column in REQUIRED[kind] if column not in header]
    if missing:
        raise InvalidInput(f"Kolom wajib tidak ada: {', '.join(missing)}.", pointers={"/file": "kolom kurang"})
    for line, cells in enumerate(lines, start=2):
        if line > FILE_ROWS + 1:
            raise InvalidInput(f"Berkas melebihi {FILE_ROWS} baris. Bagi menjadi beberapa berkas.")
        record = dict(zip(header, cells, strict=False))
        if any(value not in (None, "") for value in record.values()):
            yield line, record


def _text(row: Mapping[str, Any], column: str) -> str:
    value = row.get(column)
    return "" if value is None else str(value).strip()
