"""Room lists as files: previewed, taken in, and every refused row named."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence

import pytest
import xlsxwriter

from shared.apikeys import create_api_key
from shared.roles import Role
from shared.testing.bench import Bench
from shared.testing.city import a_person
from tests.energy.world import (
    FRIDAYS,
    HEADER,
    a_room,
    a_roster,
    an_employee,
    import_rooms,
    nip,
    operator,
    runs,
    settle,
    upload,
)

IT = a_person("IT", Role.IT, agency_id="A0")


def workbook(rows: Sequence[Sequence[object]]) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer)
    page = book.add_worksheet()
    for line, row in enumerate(rows):
        page.write_row(line, 0, row)
    book.close()
    return buffer.getvalue()


def broken_workbook() -> bytes:
    """An archive that names a workbook and holds none."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types")
    return buffer.getvalue()


def test_signs_that_a_database_cannot_keep_are_dropped(bench: Bench) -> None:
    settle(bench)
    assert import_rooms(bench, a_room("R-0\0" + "1")).json["changed"] == 1
    assert bench.client(IT).get("/api/rooms").json["rows"][0]["code"] == "R-01"


def test_a_preview_changes_nothing_and_says_what_would(bench: Bench) -> None:
    settle(bench)
    bench.receive(a_roster({"E1": FRIDAYS}))
    answer = import_rooms(bench, a_room(), apply=False).json
    assert (answer["seen"], answer["changed"], answer["applied"]) == (1, 1, False)
    assert runs(bench) == []
    assert bench.client(IT).get("/api/rooms").json["total"] == 0
    assert import_rooms(bench, a_room()).json["changed"] == 1
    assert import_rooms(bench, a_room()).json["changed"] == 0
    [room] = bench.client(IT).get("/api/rooms").json["rows"]
    assert (room["code"], room["agency_id"], room["devices"]) == ("R-01", "A1", ["ac:1", "lampu:4"])
    assert (room["officer_nip"], room["occupant_nips"]) == (nip(1), [nip(1), nip(2)])


def test_every_refused_row_is_named_with_its_line_and_the_others_are_taken_in(bench: Bench) -> None:
    settle(bench)
    answer = import_rooms(
        bench,
        a_room("R-01"),
        a_room("R-01", (3,)),
        a_room("R-02", unit="U404"),
        ",Tanpa kode,U1,GD-1,1,,,",
        "R-03,Ruang,U1,GD-1,atas,,,",
        f"R-04,Ruang,U1,GD-1,2,,,{nip(1)};12345",
        "R-05,Ruang,U1,GD-1,999,,,",
    ).json
    assert (answer["seen"], answer["changed"]) == (7, 2)
    assert [(r["line"], r["reason"]) for r in answer["rejected"]] == [
        (3, "ruangan R-01: kode ini sudah ada di baris sebelumnya"),
        (4, "ruangan R-02: unit kerja U404 belum dikenal"),
        (5, "ruangan Tanpa kode: kolom kode kosong"),
        (6, "ruangan R-03: lantai “atas” bukan bilangan"),
        (7, "ruangan R-04: NIP penghuni “12345” bukan 18 angka"),
        (8, "ruangan R-05: lantai 999 tidak mungkin"),
    ]
    rows = bench.client(IT).get("/api/rooms").json["rows"]
    assert {row["code"]: row["occupant_nips"] for row in rows} == {"R-01": [nip(1), nip(2)], "R-04": [nip(1)]}


def test_an_unknown_nip_is_named_and_counts_once_the_person_arrives(bench: Bench) -> None:
    settle(bench)
    bench.receive(a_roster({"E50": [FRIDAYS[1]]}))
    answer = import_rooms(bench, a_room("R-01", (1, 50))).json
    assert answer["rejected"] == []
    [waiting] = answer["waiting"]
    assert waiting["reason"] == f"ruangan R-01: NIP {nip(50)} belum dikenal, akan dihubungkan saat datanya datang"
    assert runs(bench) == []
    bench.receive(an_employee(50))
    assert runs(bench) == [("R-01", FRIDAYS[1])]


def test_an_operator_changes_rooms_of_the_own_agency_only(bench: Bench) -> None:
    settle(bench)
    import_rooms(bench, a_room("R-20", (21,), unit="U2", officer=21))
    answer = import_rooms(bench, a_room("R-01"), a_room("R-02", unit="U2"), a_room("R-20"), by=operator()).json
    assert answer["changed"] == 1
    assert [r["reason"] for r in answer["rejected"]] == [
        "ruangan R-02: unit kerja U2 milik perangkat daerah lain",
        "ruangan R-20: kode ini dipakai ruangan perangkat daerah lain",
    ]
    seen = bench.client(operator()).get("/api/rooms").json["rows"]
    assert [room["code"] for room in seen] == ["R-01"]


def test_a_machine_needs_the_scope(bench: Bench) -> None:
    settle(bench)
    with bench.db.transaction() as session:
        good = create_api_key(session, "simaset", ["rooms:import"], bench.clock.at)
        poor = create_api_key(session, "lain", ["readings:import"], bench.clock.at)
    for key, status in ((good, 200), (poor, 403)):
        answer = bench.client().post(
            "/api/imports/rooms?apply=true", **upload(f"{HEADER}\n{a_room()}"),
            headers={"Authorization": f"Bearer {key}"},
        )  # fmt: skip
        assert answer.status_code == status
    assert bench.client(a_person("E1")).get("/api/rooms").status_code == 403


def test_spreadsheets_and_files_with_semicolons_are_read(bench: Bench) -> None:
    settle(bench)
    rows = [HEADER.split(","), a_room("R-01").split(",")]
    book = {"data": {"file": (io.BytesIO(workbook(rows)), "Ruangan.XLSX")}, "content_type": "multipart/form-data"}
    assert bench.client(IT).post("/api/imports/rooms?apply=true", **book).json["changed"] == 1
    text = "\n".join([HEADER.replace(",", ";"), a_room("R-02", (3,)).replace("ac:1;lampu:4", "ac:1").replace(",", ";")])
    assert bench.client(IT).post("/api/imports/rooms?apply=true", **upload(text)).json["changed"] == 1
    found = bench.client(IT).get("/api/rooms?q=r-02").json
    assert [room["occupant_nips"] for room in found["rows"]] == [[nip(3)]]


@pytest.mark.parametrize(
    ("content", "name", "word"),
    [
        (b"\xff\xfe\x00", "data.csv", "tidak dapat dibaca"),
        (b"not a workbook", "data.xlsx", "tidak dapat dibaca"),
        (broken_workbook(), "data.xlsx", "tidak dapat dibaca"),
        (b"", "data.csv", "Kolom wajib tidak ada"),
        (b"kode,nama\nR-01,Ruang", "data.csv", "unorId, gedung, nipPenghuni"),
        ((HEADER + "\n" + "R\n" * 50_001).encode(), "data.csv", "melebihi 50000 baris"),
    ],
)
def test_a_wrong_file_is_refused_as_a_whole(bench: Bench, content: bytes, name: str, word: str) -> None:
    options = {"data": {"file": (io.BytesIO(content), name)}, "content_type": "multipart/form-data"}
    answer = bench.client(IT).post("/api/imports/rooms?apply=true", **options)
    assert answer.status_code == 422
    assert word in answer.json["detail"]
    assert bench.client(IT).post("/api/imports/rooms").status_code == 422
