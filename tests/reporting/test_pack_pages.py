"""Pages and recap of monthly packs: read, annotated, approved, counted over the city."""

from __future__ import annotations

import io
from datetime import date, timedelta

import openpyxl
import pytest
from sqlalchemy import select, update

from services.reporting.models import Pack
from shared.clock import wib_moment
from shared.contracts.schedule import Assignment
from shared.roles import Role
from shared.testing.bench import Bench
from shared.testing.city import Client
from tests.reporting.conftest import as_head, someone
from tests.reporting.factories import FRIDAY, NEXT_FRIDAY, a_roster


def page(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path, page=True)
    assert answer.status_code == status, answer.text
    return str(answer.text)


@pytest.fixture
def duties(city: Bench) -> Bench:
    city.receive(
        a_roster({"E1": [FRIDAY, NEXT_FRIDAY], "E2": [FRIDAY], "E3": [NEXT_FRIDAY]}),
        a_roster(agency_id="A2", assignments=[Assignment("F1", "V1", [FRIDAY])]),
    )
    return city


@pytest.fixture
def packs(duties: Bench) -> dict[str, str]:
    """Agency → pack, drafts of April."""
    duties.clock.at = wib_moment(date(2026, 4, 30), 17)
    duties.work()
    with duties.db.transaction() as session:
        return {pack.agency_id: str(pack.id) for pack in session.scalars(select(Pack))}


def test_the_head_reads_notes_and_approves_a_pack_on_its_page(duties: Bench, packs: dict[str, str]) -> None:
    html = page(as_head(duties), "/packs")
    assert "Dinas A1" in html
    assert "Dinas A2" not in html
    path = f"/packs/{packs['A1']}"
    assert "Setujui dan kirim" in page(as_head(duties), path)
    operator = duties.client(someone("E8", Role.OPERATOR))
    assert "Setujui dan kirim" not in page(operator, path)
    notes = {"obstacles": "Jaringan <lambat>", "follow_up": ""}
    assert operator.post(f"{path}/notes", data=notes, page=True).status_code == 302
    assert "Jaringan &lt;lambat&gt;" in page(as_head(duties), path)
    stale = as_head(duties).post(f"{path}/approve", data={"version": "1"}, page=True)
    assert (stale.status_code, "baru saja diperbarui" in stale.text) == (409, True)
    assert as_head(duties).post(f"{path}/approve", data={"version": "2"}, page=True).status_code == 302
    html = page(as_head(duties), path)
    assert "disetujui, sedang dikirim" in html or "gagal terkirim" in html
    assert "Setujui dan kirim" not in html
    assert operator.post(f"{path}/approve", data={}, page=True).status_code == 403


def test_the_pack_list_filters_and_exports(duties: Bench, packs: dict[str, str]) -> None:
    city = duties.client(someone("E8", Role.ORGANISATION))
    assert page(city, "/packs?status=draft&month=2026-04").count('list-group-item"') == 2
    assert "Belum ada laporan bulanan" in page(city, "/packs?status=sent")
    page(city, "/packs?status=x", status=422)
    rows = city.get("/packs?format=csv", page=True).text.splitlines()
    assert len(rows) == 3
    duties.clock.at += timedelta(days=2)
    assert "lewat batas akhir bulan" in page(duties.client(someone("E8", Role.ORGANISATION)), "/packs")


def test_2_a_the_city_recap_counts_every_agency(duties: Bench, packs: dict[str, str]) -> None:
    city = duties.client(someone("E8", Role.EXECUTIVE))
    body = city.get("/api/recap?month=2026-04").json
    found = {row["agency_id"]: row for row in body["rows"]}
    assert body["total"] == 2
    figures = found["A1"]["figures"]
    assert (figures["due"], figures["missing"], figures["open"]) == (4, 4, 0)
    assert found["A2"]["figures"]["due"] == 1
    assert {row["pack"] for row in body["rows"]} == {"waiting"}
    assert city.get("/api/recap?month=2026-05").json["rows"][0]["pack"] == "none"
    html = page(city, "/recap?month=2026-04")
    assert "Seluruh kota: 5 laporan harian wajib" in html
    assert "Dinas A2" in html
    for role in (Role.SUPERIOR, Role.HEAD, Role.OPERATOR, Role.ROOM_OFFICER):
        assert duties.client(someone("E9", role)).get("/api/recap?month=2026-04").status_code == 403


def test_the_recap_filters_sorts_pages_and_exports(duties: Bench, packs: dict[str, str]) -> None:
    city = duties.client(someone("E8", Role.AUDITOR))

    def agencies(query: str) -> list[str]:
        return [row["agency_id"] for row in city.get(f"/api/recap?month=2026-04{query}").json["rows"]]

    assert agencies("&sort=-missing") == ["A1", "A2"]
    assert agencies("&sort=missing") == ["A2", "A1"]
    assert agencies("&sort=-agency") == ["A2", "A1"]
    assert agencies("&sort=pack&page_size=1&page=2") == ["A2"]
    assert agencies("&q=a2") == ["A2"]
    assert agencies("&q=%25") == []
    assert agencies("&pack=received") == []
    assert city.get("/api/recap?month=2026-04&sort=nip").status_code == 422
    page(city, "/recap?month=2026-04&sort=x", status=422)
    book = openpyxl.load_workbook(io.BytesIO(city.get("/recap?month=2026-04&format=xlsx", page=True).data))
    assert [row[:2] for row in list(book.worksheets[0].values)[1:]] == [("Dinas A1", 4), ("Dinas A2", 1)]


def test_the_recap_tells_received_late_and_overdue_packs_apart(duties: Bench, packs: dict[str, str]) -> None:
    def states(query: str = "") -> dict[str, str]:
        rows = duties.client(someone("E8", Role.IT)).get(f"/api/recap?month=2026-04{query}").json["rows"]
        return {row["agency_id"]: row["pack"] for row in rows}

    def sent(agency_id: str, *, late: bool) -> None:
        with duties.db.transaction() as session:
            session.execute(update(Pack).where(Pack.agency_id == agency_id).values(status="sent", late=late))

    sent("A1", late=False)
    assert states() == {"A1": "received", "A2": "waiting"}
    duties.clock.at = wib_moment(date(2026, 5, 1), 0)
    assert states() == {"A1": "received", "A2": "overdue"}
    # What is filtered and sorted in the database is what the rows say.
    assert states("&pack=overdue") == {"A2": "overdue"}
    assert states("&pack=waiting") == {}
    sent("A2", late=True)
    assert states("&pack=late") == {"A2": "late"}
    assert states("&pack=received") == {"A1": "received"}
