"""The files of the city: names of columns, readable by the usual libraries, the same every time."""

from __future__ import annotations

import csv
import hashlib
import io
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import openpyxl
from PIL import Image

from deploy.embedded.city import City, generate, photo
from deploy.embedded.city.__main__ import main

WIB = timezone(timedelta(hours=7))
DATA_UTAMA = (
    "id,nipBaru,nama,gelarDepan,gelarBelakang,email,emailGov,noHp,nik,jenisPegawaiId,jenisPegawaiNama,kedudukanPnsId,"
    "kedudukanPnsNama,statusPegawai,unorId,unorNama,unorIndukId,unorIndukNama,satuanKerjaKerjaId,satuanKerjaKerjaNama,"
    "jenisJabatanId,jenisJabatan,jabatanNama,eselonId,eselon,golRuangAkhirId,golRuangAkhir,pangkatAkhir,lokasiKerja,"
    "tmtJabatan"
)
REF_UNOR = "Id,InstansiId,DiatasanId,EselonId,NamaUnor,NamaJabatan,CepatKode,IndukUnorId,PemimpinPnsId,JenisUnorId"


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_small_city_has_the_same_shapes(small: City) -> None:
    assert [agency.code for agency in small.agencies] == [
        "SETDA", "BAPPEDA", "KOMINFO", "DISDUKCAPIL", "KEC-METRO-PUSAT",
    ]  # fmt: skip
    assert 110 <= len(small.people) <= 130
    assert {clause for person in small.people for clause in small.exempt_clauses(person.nip)} >= {"1.l.1", "1.l.7"}
    assert all(4 <= len(room.occupants) <= 12 for room in small.rooms)
    housed = {nip for room in small.rooms for nip in room.occupants}
    assert housed == {person.nip for person in small.people if small.may_work_at_home(person.nip)}
    assert small.absences


def test_exports_have_siasn_columns(small: City, small_dir: Path) -> None:
    people, units = _read(small_dir / "data-utama.csv"), _read(small_dir / "ref-unor.csv")
    assert ",".join(people[0]) == DATA_UTAMA
    assert ",".join(units[0]) == REF_UNOR
    assert len(people) == len(small.people)
    assert len(units) == len(small.units)
    head = next(row for row in people if row["jabatanNama"] == "Camat Metro Pusat")
    assert (head["eselonId"], head["eselon"], head["jenisJabatanId"]) == ("31", "III.a", "1")
    assert head["golRuangAkhir"] in {"IV/a", "IV/b"}
    assert datetime.strptime(head["tmtJabatan"], "%d-%m-%Y").replace(tzinfo=UTC) < datetime(2026, 4, 1, tzinfo=UTC)
    root = next(row for row in units if not row["DiatasanId"])
    assert root["PemimpinPnsId"] == next(row["id"] for row in people if row["jabatanNama"] == "Sekretaris Daerah")
    assert root["IndukUnorId"] == root["Id"]


def test_workbook_says_the_same_as_the_csv_and_keeps_numbers_as_text(small_dir: Path) -> None:
    book = openpyxl.load_workbook(small_dir / "data-utama.xlsx", read_only=True)
    rows = [["" if cell is None else cell for cell in row] for row in book.worksheets[0].iter_rows(values_only=True)]
    book.close()
    assert ",".join(map(str, rows[0])) == DATA_UTAMA
    assert rows[1:] == [list(row.values()) for row in _read(small_dir / "data-utama.csv")]


def test_rooms_and_absences_refer_to_known_people_and_units(small: City, small_dir: Path) -> None:
    rooms, absences = _read(small_dir / "rooms.csv"), _read(small_dir / "absences.csv")
    assert list(rooms[0]) == ["kode", "nama", "unorId", "gedung", "lantai", "perangkat", "petugasNip", "nipPenghuni"]
    assert list(absences[0]) == ["nipBaru", "jenis", "mulai", "selesai", "keterangan"]
    for row in rooms:
        assert row["unorId"] in small.unit_by_id
        assert row["petugasNip"] in row["nipPenghuni"].split(";")
        assert all(int(device.partition(":")[2]) >= 1 for device in row["perangkat"].split(";"))
    assert all(row["nipBaru"] in small.person_by_nip for row in absences)


def test_a_file_of_readings_per_building_has_every_day(small: City, small_dir: Path) -> None:
    files = sorted((small_dir / "readings").iterdir())
    assert [file.stem for file in files] == sorted(effect.building for effect in small.effects)
    for file in files:
        rows = _read(file)
        assert list(rows[0]) == ["gedung", "unorId", "tanggal", "kwh"]
        assert (rows[0]["tanggal"], rows[-1]["tanggal"], len(rows)) == ("2025-04-01", "2026-04-30", 395)


def test_same_seed_same_bytes(small_dir: Path, tmp_path: Path) -> None:
    assert main(["--out", str(tmp_path), "--size", "small"]) == 0
    assert _digest(tmp_path) == _digest(small_dir)


def test_full_city_is_the_same_twice_and_another_seed_is_another_city(full: City, small: City) -> None:
    assert generate("full") == full
    assert not {person.nip for person in generate("small", seed=1).people} & {person.nip for person in small.people}


def _digest(folder: Path) -> str:
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*.*")):
        total.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return total.hexdigest()


def test_photos_are_jpegs_of_a_phone_each_one_different() -> None:
    taken = datetime(2026, 4, 10, 9, 30, tzinfo=WIB)
    pictures = [photo(seed, taken) for seed in range(20)]
    assert len(set(pictures)) == 20
    assert all(40_000 <= len(picture) <= 90_000 for picture in pictures)
    assert photo(3, taken) == pictures[3]
    with Image.open(io.BytesIO(pictures[0])) as image:
        details = image.getexif().get_ifd(0x8769)
        assert image.format == "JPEG"
    assert (details[0x9003], details[0x9011]) == ("2026:04:10 09:30:00", "+07:00")
