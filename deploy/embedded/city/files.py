"""Write a city as the files its systems would export; the only place here with foreign column names."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

import xlsxwriter

from .model import City, Person, Unit
from .posts import ECHELONS, RANKS
from .readings import WFH_BEGAN

INSTANSI_ID = "00000000000000000000000000001872"  # invented; 1872 is the region code of Kota Metro
REF_UNOR = (
    "Id", "InstansiId", "DiatasanId", "EselonId", "NamaUnor", "NamaJabatan", "CepatKode", "IndukUnorId",
    "PemimpinPnsId", "JenisUnorId",
)  # fmt: skip
DATA_UTAMA = (
    "id", "nipBaru", "nama", "gelarDepan", "gelarBelakang", "email", "emailGov", "noHp", "nik", "jenisPegawaiId",
    "jenisPegawaiNama", "kedudukanPnsId", "kedudukanPnsNama", "statusPegawai", "unorId", "unorNama", "unorIndukId",
    "unorIndukNama", "satuanKerjaKerjaId", "satuanKerjaKerjaNama", "jenisJabatanId", "jenisJabatan", "jabatanNama",
    "eselonId", "eselon", "golRuangAkhirId", "golRuangAkhir", "pangkatAkhir", "lokasiKerja", "tmtJabatan",
)  # fmt: skip
ABSENCES = ("nipBaru", "jenis", "mulai", "selesai", "keterangan")
ROOMS = ("kode", "nama", "unorId", "gedung", "lantai", "perangkat", "petugasNip", "nipPenghuni")
READINGS = ("gedung", "unorId", "tanggal", "kwh")
UNIT_CLAUSES = ("unorId", "namaUnor", "perangkatDaerah", "klausul")
EFFECTS = ("gedung", "unorId", "mulai", "bagian", "kwhHemat")
_STANDINGS = {
    "01": "Aktif", "02": "Cuti Luar Tanggungan Negara", "03": "Tugas Belajar", "04": "Pemberhentian Sementara",
    "20": "Masa Persiapan Pensiun", "99": "Pensiun",
}  # fmt: skip
_POST_KINDS = {"1": "Jabatan Struktural", "2": "Jabatan Fungsional Tertentu", "4": "Jabatan Fungsional Umum"}
_GROUPS = {"1": "I", "2": "II", "3": "III", "4": "IV"}
_WRITTEN = datetime(2026, 4, 1, 8, 0, tzinfo=UTC)  # a fixed date of creation keeps the workbook the same byte for byte


def unit_row(unit: Unit) -> dict[str, str]:
    """One ref-unor record."""
    return {
        "Id": unit.id,
        "InstansiId": INSTANSI_ID,
        "DiatasanId": unit.parent_id,
        "EselonId": "" if unit.echelon == "99" else unit.echelon,
        "NamaUnor": unit.name,
        "NamaJabatan": unit.leader_post,
        "CepatKode": unit.code,
        "IndukUnorId": unit.agency_id,
        "PemimpinPnsId": unit.leader_id,
        "JenisUnorId": "",
    }


def person_row(city: City, person: Person) -> dict[str, str]:
    """One data-utama record."""
    unit, agency = city.unit_by_id[person.unit_id], city.unit_by_id[person.agency_id]
    root = city.unit_by_id[city.root_id]
    return {
        "id": person.id,
        "nipBaru": person.nip,
        "nama": person.name.upper(),
        "gelarDepan": person.title_before,
        "gelarBelakang": person.title_after,
        "email": person.email,
        "emailGov": person.email_gov,
        "noHp": person.phone,
        "nik": person.nik,
        "jenisPegawaiId": "71" if person.pppk else "12",
        "jenisPegawaiNama": "PPPK Daerah Kab/Kota" if person.pppk else "PNS Daerah Kab/Kota",
        "kedudukanPnsId": person.standing,
        "kedudukanPnsNama": _STANDINGS[person.standing],
        "statusPegawai": "PPPK" if person.pppk else "PNS",
        "unorId": unit.id,
        "unorNama": unit.name,
        "unorIndukId": agency.id,
        "unorIndukNama": agency.name,
        "satuanKerjaKerjaId": root.id,
        "satuanKerjaKerjaNama": root.name,
        "jenisJabatanId": person.post_kind,
        "jenisJabatan": _POST_KINDS[person.post_kind],
        "jabatanNama": person.post,
        "eselonId": person.echelon,
        "eselon": ECHELONS[person.echelon],
        "golRuangAkhirId": person.grade,
        "golRuangAkhir": person.grade if person.pppk else grade_name(person.grade),
        "pangkatAkhir": "" if person.pppk else RANKS[person.grade],
        "lokasiKerja": "Kota Metro",
        "tmtJabatan": f"{person.post_since:%d-%m-%Y}",
    }  # fmt: skip


def grade_name(grade: str) -> str:
    """ "33" → "III/c"."""
    return f"{_GROUPS[grade[0]]}/{'abcde'[int(grade[1]) - 1]}"


def write_city(city: City, out: Path) -> None:
    """Write every file of the city into `out` (made if absent)."""
    (out / "readings").mkdir(parents=True, exist_ok=True)
    people = [person_row(city, person) for person in city.people]
    _csv(out / "ref-unor.csv", REF_UNOR, map(unit_row, city.units))
    _csv(out / "data-utama.csv", DATA_UTAMA, people)
    _xlsx(out / "data-utama.xlsx", DATA_UTAMA, people)
    _csv(
        out / "absences.csv",
        ABSENCES,
        (dict(zip(ABSENCES, (a.nip, a.kind, f"{a.first}", f"{a.last}", a.note), strict=True)) for a in city.absences),
    )
    _csv(
        out / "rooms.csv",
        ROOMS,
        (
            {
                "kode": room.code,
                "nama": room.name,
                "unorId": room.unit_id,
                "gedung": room.building,
                "lantai": str(room.floor),
                "perangkat": ";".join(f"{device}:{count}" for device, count in room.devices),
                "petugasNip": room.officer_nip,
                "nipPenghuni": ";".join(room.occupants),
            }
            for room in city.rooms
        ),
    )
    for building, readings in groupby(city.readings, key=lambda reading: reading.building):
        _csv(
            out / "readings" / f"{building}.csv",
            READINGS,
            (dict(zip(READINGS, (r.building, r.agency_id, f"{r.day}", f"{r.kwh:.1f}"), strict=True)) for r in readings),
        )
    _write_truth(city, out)


def _write_truth(city: City, out: Path) -> None:
    """What no system exports but the city knows: which units are exempt by which clause, and what WFH really saved."""
    _csv(
        out / "truth-units.csv",
        UNIT_CLAUSES,
        (
            dict(zip(UNIT_CLAUSES, (u.id, u.name, city.unit_by_id[u.agency_id].name, u.clause), strict=True))
            for u in city.units
            if u.clause
        ),
    )
    _csv(
        out / "truth-savings.csv",
        EFFECTS,
        (
            {
                "gedung": effect.building,
                "unorId": effect.agency_id,
                "mulai": f"{WFH_BEGAN}",
                "bagian": f"{effect.share:.2f}",
                "kwhHemat": f"{effect.saved_kwh:.1f}",
            }
            for effect in city.effects
        ),
    )


def _csv(path: Path, columns: tuple[str, ...], rows: Iterable[Mapping[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _xlsx(path: Path, columns: tuple[str, ...], rows: Iterable[Mapping[str, str]]) -> None:
    """One sheet, all cells text: a NIP or NIK stored as a number would lose its last digits."""
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_numbers": False})
    book.set_properties({"title": "Data utama ASN (contoh)", "created": _WRITTEN})
    sheet = book.add_worksheet("data-utama")
    heading = book.add_format({"bold": True})
    for column, name in enumerate(columns):
        sheet.write_string(0, column, name, heading)
    for line, row in enumerate(rows, start=1):
        for column, name in enumerate(columns):
            sheet.write_string(line, column, row[name])
    book.close()
