"""What people do on their phones, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from shared.roles import Role
from shared.testing.bench import Bench
from shared.testing.city import NOON, a_person
from tests.browser.conftest import Open
from tests.reporting.factories import FRIDAY, a_letter, a_roster, a_unit, an_agency, an_employee
from tests.schedule.factories import head, operator, two_agencies
from tests.schedule.test_workdays import NIP


@pytest.fixture
def reporting(reporting_bench: Bench) -> Iterator[Bench]:
    reporting_bench.clock.at = NOON
    reporting_bench.empty()
    reporting_bench.receive(
        an_agency("A1", leader_id="E9"),
        a_unit("U1", leader_id="E0"),
        an_employee("E0", superior_id="E9"),
        an_employee("E1"),
        a_roster({"E1": [FRIDAY]}, letter=a_letter(url="http://127.0.0.1:9/none")),
    )
    yield reporting_bench
    reporting_bench.empty()


@pytest.fixture
def schedule(schedule_bench: Bench) -> Iterator[Bench]:
    schedule_bench.clock.at = NOON
    schedule_bench.empty()
    two_agencies(schedule_bench)
    yield schedule_bench
    schedule_bench.empty()


def fits(page: Page) -> bool:
    """No sideways scrolling of the whole page on a phone."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def test_2_b_an_asn_files_output_and_photo_in_the_form(reporting: Bench, open_page: Open, photo_file: Path) -> None:
    user = a_person("E1")
    page = open_page(reporting, user, "/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("WFH")
    assert fits(page)
    page.get_by_label("Apa yang dikerjakan").first.fill("Menyusun telaahan staf")
    page.get_by_label("Mulai").first.fill("08:00")
    page.get_by_label("Selesai", exact=True).first.fill("10:30")
    page.get_by_label("Jumlah").first.fill("2")
    page.get_by_label("Satuan").first.fill("dokumen")
    page.locator("input[type=file]").set_input_files(photo_file)
    page.get_by_role("button", name="Kirim laporan").click()
    page.wait_for_load_state()
    mine = reporting.client(user).get("/api/duties?date=2026-04-10&mine=true").json["rows"]
    assert [duty["status"] for duty in mine] == ["filed"]


def test_the_head_approves_a_roster_and_sees_why(schedule: Bench, open_page: Open) -> None:
    body = {"agency_id": "A1", "month": "2026-04-01"}
    roster_id = schedule.client(operator()).post("/api/rosters", json=body).json["id"]
    schedule.client(operator()).post(f"/api/rosters/{roster_id}/submit")
    page = open_page(schedule, head(), f"/rosters/{roster_id}")
    assert fits(page)
    cell = page.get_by_role("link", name="WFH, mengapa?").first
    assert str(roster_id) in str(cell.get_attribute("href"))
    page.goto(page.url + str(cell.get_attribute("href")).removeprefix(f"/schedule/rosters/{roster_id}"))
    expect(page.locator("main")).to_contain_text("Kuota 50 %")


def test_an_asn_makes_the_link_of_their_calendar(schedule: Bench, open_page: Open) -> None:
    page = open_page(schedule, a_person("E1"), "/calendar")
    page.route("**/schedule/**", lambda route: route.continue_(url=route.request.url.replace("/schedule/", "/")))
    page.get_by_label("hari libur").check()
    page.get_by_role("button", name="Buat tautan").click()
    expect(page.get_by_label("Tautan", exact=True)).to_have_value(re.compile(r"\.ics$"))
    assert page.get_by_alt_text("Kode QR").evaluate("image => image.naturalWidth > 0")
    assert fits(page)


def test_the_operator_records_an_absence_by_the_form(schedule: Bench, open_page: Open) -> None:
    page = open_page(schedule, operator(), "/absences")
    assert fits(page)
    page.get_by_text("Catat ketidakhadiran").click()
    page.get_by_label("NIP pegawai").first.fill(NIP["E2"])
    page.get_by_label("Jenis").select_option("travel")
    page.get_by_label("Hari pertama").fill("2026-04-16")
    page.get_by_label("Hari terakhir").fill("2026-04-17")
    page.get_by_role("button", name="Catat", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("sudah dicatat")
    expect(page.get_by_role("listitem").filter(has_text="Pegawai E2")).to_contain_text(
        "Dinas luar: Kamis, 16 April 2026"
    )
    assert fits(page)


def test_an_asn_wishes_for_a_day_and_the_operator_approves(schedule: Bench, open_page: Open) -> None:
    page = open_page(schedule, a_person("E2"), "/requests")
    assert fits(page)
    page.get_by_label("Tanggal").fill("2026-04-17")
    page.get_by_label("Bertugas").select_option("wfo")
    page.get_by_label("Alasan").fill("rapat di kantor")
    page.get_by_role("button", name="Kirim permintaan").click()
    expect(page.get_by_role("status")).to_contain_text("sudah disampaikan")
    decides = open_page(schedule, operator(), "/requests")
    decides.get_by_text("Putuskan").click()
    decides.get_by_role("button", name="Setujui").click()
    expect(decides.get_by_role("listitem").filter(has_text="rapat di kantor")).to_contain_text("disetujui")
    assert fits(decides)


def test_the_menu_of_somebody_with_every_role_stays_within_the_window(schedule: Bench, open_page: Open) -> None:
    page = open_page(
        schedule,
        a_person("A1-head", *Role, name="Dr. Ir. Siti Nurhaliza Rahmawati Kusumaningrum, S.T., M.Si., Ph.D."),
        "/gates",
    )
    for width in (360, 768, 1000, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert fits(page), width
        expect(page.get_by_role("button", name="Keluar")).to_be_in_viewport()
