"""Monthly packs (2.a): built from rows at the month's end, approved by the head, frozen, never with made-up figures."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import openpyxl
import pytest
from pyhanko.pdf_utils.reader import PdfFileReader
from sqlalchemy import select

from services.reporting.models import Pack
from shared.clock import wib_moment
from shared.contracts.schedule import Assignment
from shared.roles import Role
from shared.testing.bench import Bench
from tests.reporting.conftest import as_asn, as_head, as_superior, someone
from tests.reporting.factories import (
    APRIL,
    FRIDAY,
    LETTER_PDF,
    NEXT_FRIDAY,
    a_letter,
    a_picture,
    a_roster,
    a_unit,
    closed_month,
    report_form,
)
from tests.reporting.servers import letter_server

MONTHS_END = wib_moment(date(2026, 4, 30), 16, 45)
TITLES = [
    "Pola dan komposisi kerja", "Layanan digital", "Pengendalian dan pengawasan", "Unit layanan",
    "Rapat hibrida dan daring", "Perjalanan dinas", "Kendaraan dinas",
    "Pemadaman peralatan listrik dan keamanan ruangan", "Pengecualian yang diterapkan", "Penghematan",
    "Pemanfaatan penghematan", "Hambatan", "Tindak lanjut",
]  # fmt: skip


@pytest.fixture
def month(city: Bench) -> Iterator[Bench]:
    """April of A1 and A2: E1 filed and assessed, E2 late, E3 missing; the clock at the build of the packs."""
    with letter_server(LETTER_PDF) as letters:
        city.receive(
            a_roster({"E1": [FRIDAY], "E2": [FRIDAY], "E3": [FRIDAY]}, letter=a_letter(url=letters.url)),
            a_roster(
                agency_id="A2", assignments=[Assignment("F1", "V1", [NEXT_FRIDAY])],
                letter=a_letter("A2", url=letters.url),
            ),
        )  # fmt: skip
        report = as_asn(city).post("/api/reports", **report_form()).json["id"]
        as_superior(city).post(f"/api/reports/{report}/assessment", json={"decision": "above"})
        city.clock.at = wib_moment(date(2026, 4, 11), 9)
        city.work()
        as_asn(city, "E2").post("/api/reports", **report_form(photo=a_picture(shade=3), date=FRIDAY.isoformat()))
        city.clock.at = MONTHS_END
        city.work()
        yield city


def pack_of(bench: Bench, agency_id: str = "A1") -> Pack:
    with bench.db.transaction() as session:
        return session.scalars(select(Pack).where(Pack.agency_id == agency_id)).one()


def section(content: Any, title: str) -> dict[str, Any]:
    found: dict[str, Any] = next(section for section in content["sections"] if section["title"] == title)
    return found


def rows(content: Any, title: str, table: int = 0) -> list[list[str]]:
    found: list[list[str]] = section(content, title)["tables"][table]["rows"]
    return found


def test_2_a_a_pack_is_built_on_the_last_day_with_the_sections_in_order(month: Bench) -> None:
    pack = pack_of(month)
    assert (pack.status, pack.version, pack.built_at) == ("draft", 1, MONTHS_END)
    assert pack.content is not None
    assert [section["title"] for section in pack.content["sections"]] == TITLES
    assert [section["number"] for section in pack.content["sections"]] == list(range(1, 14))
    assert month.unfinished() == []


def test_a_pack_is_not_built_a_minute_early(city: Bench) -> None:
    city.receive(a_roster({"E1": [FRIDAY]}))
    city.clock.at = MONTHS_END - timedelta(minutes=1)
    city.work()
    assert pack_of(city).status == "building"
    assert as_head(city).get(f"/api/packs/{pack_of(city).id}/pdf").status_code == 409
    assert as_head(city).post(f"/api/packs/{pack_of(city).id}/approve", json={}).json["code"] == "pack_not_ready"


def test_1_f_the_pack_says_who_reported_and_names_who_did_not(month: Bench) -> None:
    content = pack_of(month).content
    counts = dict(rows(content, "Pengendalian dan pengawasan"))
    assert counts["Laporan harian yang wajib"] == "3"
    assert counts["Laporan diterima"] == "2"
    assert counts["– di antaranya terlambat"] == "1"
    assert counts["Tidak lapor"] == "1"
    assert counts["Sudah dinilai atasan"] == counts["Dinilai di atas ekspektasi"] == "1"
    assert [row[:2] for row in rows(content, "Pengendalian dan pengawasan", 1)] == [["10-04-2026", "Pegawai E3"]]


def test_1_a_and_1_l_come_from_the_roster_and_the_units(month: Bench) -> None:
    content = pack_of(month).content
    assert rows(content, "Pola dan komposisi kerja")[1] == ["10-04-2026", "6", "3", "1", "33,3"]
    assert rows(content, "Unit layanan") == [["Puskesmas Melati", "1.l.9"]]
    assert rows(content, "Pengecualian yang diterapkan") == [
        ["1.l.1", "Jabatan Pimpinan Tinggi Pratama", "1", "mengikuti jabatan"],
        ["1.l.9", "Layanan kesehatan", "4", "Puskesmas Melati"],
    ]


def test_what_nobody_measured_says_belum_ada_data(month: Bench) -> None:
    content = pack_of(month).content
    for title in (
        "Rapat hibrida dan daring", "Perjalanan dinas", "Kendaraan dinas", "Pemanfaatan penghematan", "Penghematan",
        "Pemadaman peralatan listrik dan keamanan ruangan", "Hambatan", "Tindak lanjut",
    ):  # fmt: skip
        assert section(content, title)["paragraphs"][0].endswith("belum ada data."), title
        assert section(content, title)["tables"] == [], title
    services = {row[0]: row[1] for row in rows(content, "Layanan digital")}
    assert services["Absensi elektronik"] == "belum ada data"
    assert services["SIMPEG"] == "ya"


def test_1_m_energys_figures_enter_the_draft_with_grade_interval_and_what_is_unproven(month: Bench) -> None:
    month.receive(closed_month(), closed_month(agency_id="A2", savings=[]))
    pack = pack_of(month)
    assert pack.version == 2
    found = {row[0]: row[1:] for row in rows(pack.content, "Penghematan")}
    assert found["Listrik"] == ["Rp1.250.000", "735,5 kWh", "410 … 1.061 kWh", "A", "Meter gedung utama"]
    assert found["Air"] == ["Rp90.000", "12 m3", "−4 … 28 m3", "C", "Belum terbukti. Tagihan satu bulan"]
    assert found["Telepon"][0] == found["Bahan bakar minyak"][0] == "belum ada data"
    # Only what is proven is summed.
    assert found["Jumlah yang terbukti"][0] == "Rp1.250.000"
    checklists = dict(rows(pack.content, "Pemadaman peralatan listrik dan keamanan ruangan"))
    assert checklists["Butir yang tidak sesuai"] == "2"
    empty = {row[0]: row[1] for row in rows(pack_of(month, "A2").content, "Penghematan")}
    assert set(empty.values()) == {"belum ada data"}


def test_a_late_figure_does_not_touch_what_the_head_approved(month: Bench) -> None:
    as_head(month).post(f"/api/packs/{pack_of(month).id}/approve", json={})
    before = pack_of(month)
    month.receive(closed_month())
    assert pack_of(month).content == before.content
    assert pack_of(month).version == before.version


def test_an_addendum_after_the_draft_is_named_in_the_draft(month: Bench) -> None:
    addendum = a_letter(id="L-A1-2", number="800.1.11.1/21/A1/IV/2026", date=date(2026, 4, 29))
    month.receive(a_roster({"E1": [FRIDAY], "E2": [FRIDAY], "E3": [FRIDAY]}, version=2, letter=addendum))
    content = pack_of(month).content
    assert content is not None
    assert [letter["number"] for letter in content["letters"]][-1] == "800.1.11.1/21/A1/IV/2026"


def test_a_friday_on_the_last_day_enters_the_draft_after_its_deadline(city: Bench) -> None:
    last = date(2026, 7, 31)
    city.clock.at = wib_moment(date(2026, 7, 1), 9)
    city.receive(a_roster({"E1": [last]}, month=date(2026, 7, 1), starts=date(2026, 7, 1), ends=last))
    city.clock.at = wib_moment(last, 17)
    city.work()
    counts = dict(rows(pack_of(city).content, "Pengendalian dan pengawasan"))
    assert (counts["Belum lewat batas waktu"], counts["Tidak lapor"]) == ("1", "0")
    city.clock.at = wib_moment(date(2026, 8, 1), 0)
    city.work()
    counts = dict(rows(pack_of(city).content, "Pengendalian dan pengawasan"))
    assert (counts["Belum lewat batas waktu"], counts["Tidak lapor"]) == ("0", "1")


def test_the_operators_notes_become_the_last_sections(month: Bench) -> None:
    operator = month.client(someone("E2", Role.OPERATOR))
    path = f"/api/packs/{pack_of(month).id}/notes"
    answer = operator.put(path, json={"obstacles": "Jaringan lambat\n\nListrik padam", "follow_up": "Tambah modem"})
    assert answer.status_code == 200
    content = pack_of(month).content
    assert section(content, "Hambatan")["paragraphs"] == ["Jaringan lambat", "Listrik padam"]
    assert section(content, "Tindak lanjut")["paragraphs"] == ["Tambah modem"]
    assert operator.put(path, json={"obstacles": "a\x00", "follow_up": ""}).status_code == 422
    assert as_asn(month).put(path, json={"obstacles": "", "follow_up": ""}).status_code == 403


def test_only_the_agencys_head_approves(month: Bench) -> None:
    path = f"/api/packs/{pack_of(month).id}/approve"
    others = [as_asn(month), as_superior(month), as_head(month, "F9")]
    others += [month.client(someone("E8", role)) for role in (Role.OPERATOR, Role.ORGANISATION, Role.EXECUTIVE)]
    assert [other.post(path, json={}).status_code for other in others] == [403] * 6
    answer = as_head(month).post(path, json={"version": 1})
    assert (answer.status_code, answer.json["status"]) == (200, "approved")
    assert as_head(month).post(path, json={}).json["code"] == "pack_already_approved"
    notes = as_head(month).put(path.replace("approve", "notes"), json={"obstacles": "x", "follow_up": ""})
    assert notes.status_code == 409


def test_the_head_approves_what_was_read_and_not_what_came_meanwhile(month: Bench) -> None:
    month.receive(closed_month())
    answer = as_head(month).post(f"/api/packs/{pack_of(month).id}/approve", json={"version": 1})
    assert (answer.status_code, answer.json["code"]) == (409, "pack_changed")


def test_packs_are_seen_by_their_agency_and_the_city(month: Bench) -> None:
    own, other = pack_of(month), pack_of(month, "A2")
    assert [row["id"] for row in as_head(month).get("/api/packs").json["rows"]] == [str(own.id)]
    organisation = month.client(someone("E8", Role.ORGANISATION))
    assert organisation.get("/api/packs?month=2026-04&status=draft").json["total"] == 2
    assert organisation.get("/api/packs?month=2026-05").json["total"] == 0
    for end in ("", "/pdf", "/xlsx"):
        assert as_head(month).get(f"/api/packs/{own.id}{end}").status_code == 200
        assert as_head(month).get(f"/api/packs/{other.id}{end}").status_code == 403
        assert organisation.get(f"/api/packs/{other.id}{end}").status_code == 200
        assert organisation.get(f"/api/packs/{UUID(int=7)}{end}").status_code == 404


def test_the_pdf_is_pdf_a_and_names_cannot_become_markup(month: Bench) -> None:
    nasty = '#import "x": * ] $ *tebal* \\ <b> {{7*7}}'
    month.receive(a_unit("U2", name=nasty, exempt_clause="1.l.9"))
    as_head(month).post(f"/api/packs/{pack_of(month).id}/rebuild")
    content = as_head(month).get(f"/api/packs/{pack_of(month).id}/pdf").data
    assert rows(pack_of(month).content, "Unit layanan") == [[nasty, "1.l.9"]]
    reader = PdfFileReader(io.BytesIO(content))
    metadata = bytes(reader.root["/Metadata"].data)
    assert b"<pdfaid:part>2</pdfaid:part>" in metadata
    assert b"<pdfaid:conformance>B</pdfaid:conformance>" in metadata
    assert "Laporan Bulanan" in str(reader.trailer["/Info"]["/Title"])


def test_the_workbook_has_numbers_as_numbers_and_text_as_text(month: Bench) -> None:
    month.receive(closed_month(), a_unit("U2", name="=HYPERLINK(1)", exempt_clause="1.l.9"))
    as_head(month).post(f"/api/packs/{pack_of(month).id}/rebuild")
    book = openpyxl.load_workbook(io.BytesIO(as_head(month).get(f"/api/packs/{pack_of(month).id}/xlsx").data))
    assert book.sheetnames == [
        "Ringkasan", "Jadwal", "Layanan digital", "Unit layanan", "Ruangan", "Pengecualian", "Penghematan",
        "Jadwal pegawai", "Laporan harian",
    ]  # fmt: skip
    savings = {row[0]: row[1] for row in book["Penghematan"].values}
    assert savings["Listrik"] == 1_250_000
    assert savings["Telepon"] == "belum ada data"
    assert book["Unit layanan"]["A2"].data_type == "s"
    reports = list(book["Laporan harian"].values)
    assert [(row[1], row[4], row[5]) for row in reports[1:]] == [
        ("Pegawai E1", "sudah dinilai", "tidak"), ("Pegawai E2", "lapor terlambat", "ya"),
        ("Pegawai E3", "tidak lapor", "tidak"),
    ]  # fmt: skip
    assert ("Pegawai E1", "198501012010011001", "Bidang U1", "10-04-2026") in list(book["Jadwal pegawai"].values)


def test_a_month_without_any_figures_still_makes_a_pack(city: Bench) -> None:
    city.receive(a_roster({}, days=[], exemptions=[]))
    city.clock.at = MONTHS_END
    city.work()
    assert pack_of(city).status == "draft"
    assert section(pack_of(city).content, "Pengendalian dan pengawasan")["paragraphs"] == ["Tugas WFH: belum ada data."]
    assert pack_of(city).month == APRIL
