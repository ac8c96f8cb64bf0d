"""The pages people use: what they must do today, the team, packs, the city; every form works without JavaScript."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select

from services.reporting.models import DailyReport
from shared.clock import wib_moment
from shared.contracts.schedule import Assignment
from shared.roles import Role
from shared.testing.bench import Bench
from shared.testing.city import Client
from tests.reporting.conftest import as_asn, as_head, as_superior, someone
from tests.reporting.factories import FRIDAY, NEXT_FRIDAY, a_line, a_picture, a_roster, report_form
from tests.reporting.world import fill


@pytest.fixture
def duties(city: Bench) -> Bench:
    city.receive(
        a_roster({"E1": [FRIDAY, NEXT_FRIDAY], "E2": [FRIDAY], "E3": [NEXT_FRIDAY]}),
        a_roster(agency_id="A2", assignments=[Assignment("F1", "V1", [FRIDAY])]),
    )
    return city


def page(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path, page=True)
    assert answer.status_code == status, answer.text
    return str(answer.text)


def form(lines: list[dict[str, Any]] | None = None, photo: bytes | None = None, day: date = FRIDAY) -> dict[str, Any]:
    """The page's form: repeated fields, as a browser sends them, with an empty last block."""
    blocks = [*(lines or [a_line()]), dict.fromkeys(a_line(), "")]
    data: dict[str, Any] = {name: [str(block[name]) for block in blocks] for name in a_line()}
    data |= {"date": day.isoformat(), "photo": (io.BytesIO(photo if photo is not None else a_picture()), "foto.jpg")}
    return {"data": data, "content_type": "multipart/form-data", "page": True}


def reports(bench: Bench) -> list[str]:
    with bench.db.transaction() as session:
        return [str(found) for found in session.scalars(select(DailyReport.id).order_by(DailyReport.filed_at))]


def test_today_says_wfh_the_deadline_and_offers_the_form(duties: Bench) -> None:
    html = page(as_asn(duties), "/")
    assert "Hari ini: WFH" in html
    assert "10 April 2026 23.59 WIB" in html
    assert 'type="file" accept="image/*" capture' in html
    assert "17 April 2026" not in html.split("day-strip")[0]  # one task a page: the next one comes after this one
    assert html.count("aria-current") == 1


def test_today_says_what_is_next_to_who_has_no_duty(duties: Bench) -> None:
    html = page(as_asn(duties, "E3"), "/")
    assert "Hari ini: WFO" in html
    assert "Jumat, 17 April 2026" in html
    assert '<form method="post" action="/report"' not in html


def test_today_tells_a_day_off_from_a_month_without_a_letter(duties: Bench) -> None:
    assert "Bukan hari kerja" in page(as_asn(duties), "/?date=2026-04-11")
    assert "Jadwal Mei 2026 belum berlaku" in page(as_asn(duties), "/?date=2026-05-08")
    page(as_asn(duties), "/?date=2026-02-30", status=422)
    stranger = duties.client(someone("E77"))
    assert "Belum ada tugas WFH berikutnya" in page(stranger, "/")


def test_2_b_the_form_files_the_report_and_comes_back_with_the_outcome(duties: Bench) -> None:
    answer = as_asn(duties).post("/report", **form([a_line(), a_line(activity="Rapat")]))
    assert answer.status_code == 302, answer.text
    html = page(as_asn(duties), answer.location)
    assert "sudah diterima" in html
    assert "sudah lapor" in html
    assert html.count("Rapat") >= 1
    assert "17 April 2026" in html
    assert len(reports(duties)) == 1


def test_the_form_shows_mistakes_beside_the_fields_and_loses_nothing_typed(duties: Bench) -> None:
    line = a_line(activity="Konsep <b>surat</b>", quantity="dua", end="07:00")
    answer = as_asn(duties).post("/report", **form([line]))
    assert answer.status_code == 422
    assert "Konsep &lt;b&gt;surat&lt;/b&gt;" in answer.text
    assert "Isi jumlah hasil dengan bilangan bulat." in answer.text
    assert "Isi jam selesai, sesudah jam mulai." in answer.text
    for photo, word in ((b"", "Berkas ini bukan foto"), (b"GIF89a" + bytes(50), "Berkas ini bukan foto")):
        answer = as_asn(duties).post("/report", **form(photo=photo))
        assert (answer.status_code, word in answer.text) == (422, True)
    without = form()
    del without["data"]["photo"]
    assert "Tambahkan foto" in as_asn(duties).post("/report", **without).text
    assert reports(duties) == []


def test_the_form_tells_who_has_no_duty(duties: Bench) -> None:
    answer = as_asn(duties, "E3").post("/report", **form())
    assert answer.status_code == 422
    assert "Anda tidak bertugas dari rumah pada 10-04-2026" in answer.text


def test_after_the_deadline_the_page_says_so_and_still_takes_the_report(duties: Bench) -> None:
    duties.clock.at = wib_moment(date(2026, 4, 11), 8)
    duties.work()
    html = page(as_asn(duties), "/?date=2026-04-10")
    assert "tidak lapor" in html
    assert "dicatat terlambat" in html
    assert as_asn(duties).post("/report", **form()).location.endswith("outcome=late")


def test_today_reminds_of_earlier_days_that_still_want_a_report(duties: Bench) -> None:
    duties.clock.at = wib_moment(NEXT_FRIDAY, 9)
    duties.work()
    html = page(as_asn(duties), "/")
    assert "Masih ditunggu" in html
    assert "/?date=2026-04-10" in html.split("day-strip")[0]
    assert "Masih ditunggu" not in page(as_asn(duties, "E3"), "/")


def test_today_shows_what_was_sent_back_with_the_note_and_the_last_assessments(duties: Bench) -> None:
    as_asn(duties).post("/report", **form())
    [report] = reports(duties)
    sent_back = {"decision": "sent_back", "note": "Sebut <nomor> dokumennya"}
    as_superior(duties).post(f"/api/reports/{report}/assessment", json=sent_back)
    html = page(as_asn(duties), "/")
    assert "Sebut &lt;nomor&gt; dokumennya" in html
    assert "Perbaiki laporan" in html
    assert "Penilaian terakhir" in html


def test_the_team_sees_who_has_not_filed_in_words_and_only_its_own(duties: Bench) -> None:
    as_asn(duties).post("/report", **form())
    html = page(as_superior(duties), "/team")
    assert "1 / 2" in html
    assert "Perlu dinilai (1)" in html
    assert "belum lapor" in html
    assert "Pegawai F1" not in html
    assert "Pegawai F1" in page(as_superior(duties, "F0"), "/team")
    assert "belum mempunyai hari WFH" in page(as_superior(duties, "E2"), "/team")
    page(as_asn(duties), "/team", status=403)


def test_the_team_assesses_many_by_ticking(duties: Bench) -> None:
    for who, shade in (("E1", 1), ("E2", 2), ("F1", 3)):
        as_asn(duties, who).post("/report", **form(photo=a_picture(shade=shade)))
    own = reports(duties)
    answer = as_superior(duties).post("/team/assess", data={"report_id": own[:2], "decision": "as"}, page=True)
    assert answer.location == "/team?outcome=2"
    assert "2 laporan sudah Anda putuskan" in page(as_superior(duties), answer.location)
    refused = as_superior(duties).post("/team/assess", data={"report_id": own[1:], "decision": "as"}, page=True)
    assert refused.status_code == 409
    assert "Laporan ini sudah dinilai." in refused.text
    assert "milik tim atau perangkat daerah lain" in refused.text


@pytest.mark.parametrize(
    ("data", "word"),
    [
        ({"decision": "as"}, "Centang dahulu"),
        ({"report_id": "x", "decision": "as"}, "tidak dikenal"),
        ({"report_id": "00000000-0000-0000-0000-000000000001", "decision": "sent_back"}, "Tulis catatan"),
        ({"report_id": "00000000-0000-0000-0000-000000000001", "decision": "top"}, "Pilih penilaiannya"),
        ({"report_id": "00000000-0000-0000-0000-000000000001", "decision": "as", "note": "\x00"}, "Catatan paling"),
    ],
)
def test_the_team_form_tells_what_is_missing(duties: Bench, data: dict[str, str], word: str) -> None:
    answer = as_superior(duties).post("/team/assess", data=data, page=True)
    assert (answer.status_code, word in answer.text) == (422, True)


def test_a_report_page_has_the_photo_and_the_form_for_the_superior_only(duties: Bench) -> None:
    as_asn(duties).post("/report", **form())
    as_asn(duties).post("/report", **form([a_line(activity="Versi kedua")]))
    first, second = reports(duties)
    html = page(as_superior(duties), f"/reports/{second}")
    assert f'src="/api/reports/{second}/photo"' in html
    assert "Simpan penilaian" in html
    assert f"/reports/{first}" in html
    assert "Simpan penilaian" not in page(as_superior(duties), f"/reports/{first}")
    assert "Simpan penilaian" not in page(as_asn(duties), f"/reports/{second}")


def test_2_b_the_hand_over_to_e_kinerja_has_its_columns_and_a_stable_link(duties: Bench) -> None:
    as_asn(duties, "E2").post("/report", **form(photo=a_picture(shade=9)))
    as_asn(duties).post("/report", **form([a_line(), a_line(activity="=1+1", result="", quantity=3)]))
    answer = as_asn(duties).get("/api/ekinerja?month=2026-04")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[0]
    header, *rows = sheet.values
    assert header == (
        "Rencana Aksi", "Tanggal Kegiatan", "Jam Mulai", "Jam Selesai", "Kegiatan Harian", "Sumber Data", "Realisasi",
        "Satuan", "Bukti Dukung",
    )  # fmt: skip
    assert [(row[1], row[2], row[4], row[6], row[7]) for row in rows] == [
        ("10-04-2026", "08:00", "Menyusun telaahan staf: Telaahan selesai", 2, "dokumen"),
        ("10-04-2026", "08:00", "=1+1", 3, "dokumen"),
    ]
    assert sheet["E3"].data_type == "s"
    path = str(rows[0][8]).removeprefix("http://localhost/reporting")
    assert as_asn(duties).get(path).mimetype == "image/jpeg"
    assert duties.client().get(path).status_code == 401
    assert as_asn(duties, "E3").get("/api/ekinerja?month=2026-04").status_code == 200
    assert as_asn(duties).get("/api/ekinerja").status_code == 422


def test_odd_bytes_in_an_address_never_reach_the_database(duties: Bench) -> None:
    city = duties.client(someone("E8", Role.ORGANISATION))
    for path, status in (
        ("/api/duties?agency_id=%00", 422), ("/api/duties?unit=a%00", 422), ("/api/packs?agency_id=%00", 422),
        ("/api/recap?month=2026-04&q=%00", 422), ("/recap?q=%00", 200), ("/recap?month=%00", 422),
        ("/packs?month=x%00", 422), ("/?date=%00", 422), ("/packs/%00", 404), ("/reports/x", 404),
    ):  # fmt: skip
        assert city.get(path, page=True).status_code == status, path
    assert as_head(duties).get("/api/employees/%00/performance?month=2026-04").status_code == 404


def test_the_api_describes_itself(bench: Bench) -> None:
    description = bench.client().get("/openapi.json")
    assert description.status_code == 200
    assert {"/api/reports", "/api/packs/{pack_id}/approve", "/api/recap"} <= set(description.json["paths"])


def test_the_world_holds_one_of_each_in_two_agencies(bench: Bench) -> None:
    own, other = fill(bench)
    for values, head in ((own, "E9"), (other, "F9")):
        client = as_head(bench, head)
        assert client.get(f"/api/reports/{values['report_id']}").status_code == 200
        assert client.get(f"/api/packs/{values['pack_id']}").json["status"] == "draft"
        assert client.get(f"/api/employees/{values['nip']}/performance?month=2026-04").json["filed"] == 1
    assert as_head(bench).get(f"/api/packs/{other['pack_id']}").status_code == 403


def test_uploads_leave_no_trace_when_the_report_is_refused(duties: Bench) -> None:
    answer = as_asn(duties).post("/api/reports", **report_form([a_line()], photo=b"not a photo"))
    assert (answer.status_code, answer.json["code"]) == (415, "not_an_image")
    too_large = as_asn(duties).post("/api/reports", **report_form(photo=b"\xff\xd8\xff" + bytes(8_000_001)))
    assert (too_large.status_code, too_large.json["code"]) == (413, "image_too_large")
    too_large.request.input_stream.close()  # the test client keeps large bodies in a file of its own
    assert reports(duties) == []
