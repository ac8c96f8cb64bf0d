"""The page of requests: wishes for everyone, pins and decisions for operators and heads."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from services.schedule.models import RosterRequest
from shared.audit import AuditRow
from shared.roles import Person, Role
from shared.testing.bench import Bench
from shared.testing.city import a_person
from tests.pages import faults_of_forms
from tests.schedule.factories import FRIDAYS, head, in_force, operator, two_agencies
from tests.schedule.test_workdays import NIP

FIRST, SECOND, THIRD = FRIDAYS
ME = a_person("E1", Role.ASN, agency_id="A1")
OTHER = a_person("E2", Role.ASN, agency_id="A1")
AUDITOR = a_person("B1", Role.AUDITOR, agency_id="A0")
WISH = {"date": f"{SECOND}", "mode": "wfh", "reason": "anak <sakit>"}
PIN = {"nip": NIP["E2"], "date": f"{SECOND}", "mode": "wfo", "reason": "tugas piket"}


@pytest.fixture
def city(bench: Bench) -> Bench:
    bench.clock.at = datetime(2026, 4, 8, 2, tzinfo=UTC)
    two_agencies(bench)
    return bench


def page(bench: Bench, user: Person, path: str = "/requests") -> str:
    answer = bench.client(user).get(path, page=True)
    assert answer.status_code == 200, answer.text
    assert faults_of_forms(answer.text) == []
    return str(answer.text)


def send(bench: Bench, user: Person, path: str = "/requests", **form: Any) -> Any:
    answer = bench.client(user).post(path, data=form, page=True)
    assert answer.status_code == 302 or faults_of_forms(answer.text) == []
    return answer


def rows(bench: Bench) -> list[RosterRequest]:
    with bench.db.transaction() as session:
        return list(session.scalars(select(RosterRequest).order_by(RosterRequest.asked_at, RosterRequest.id)))


def wish(bench: Bench, user: Person = ME, **changes: Any) -> str:
    made = bench.client(user).post("/api/roster-requests", json=WISH | changes)
    assert made.status_code == 201, made.text
    return str(made.json["id"])


def test_anyone_wishes_for_a_day_and_sees_their_own_only(city: Bench) -> None:
    wish(city, OTHER, reason="urusan lain")
    answer = send(city, ME, **WISH)
    html = page(city, ME, answer.location)
    assert "Permintaan Anda sudah disampaikan." in html
    assert "Jumat, 17 April 2026: di rumah (WFH)" in html
    assert "anak &lt;sakit&gt;" in html
    assert "menunggu" in html
    assert "urusan lain" not in html
    for text in ("Putuskan", "Tetapkan", "Syarat WFH", NIP["E2"]):
        assert text not in html


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"date": "2026-04-08"}, "hanya untuk hari setelah hari ini"),
        ({"date": "besok"}, "Tanggal harus berbentuk TTTT-BB-HH."),
        ({"mode": "kafe"}, "Pilihan ini tidak dikenal."),
        ({"reason": "<b"}, "Panjangnya 3 sampai 500 huruf."),
    ],
)
def test_a_refused_wish_says_why_and_keeps_what_was_typed(city: Bench, changes: dict[str, str], said: str) -> None:
    answer = send(city, ME, **WISH | changes)
    assert answer.status_code == 422
    assert said in answer.text
    typed = (WISH | changes)["reason"].replace("<", "&lt;").replace(">", "&gt;")
    assert f'value="{typed}"' in answer.text
    assert f'value="{(WISH | changes)["date"]}"' in answer.text
    assert rows(city) == []


def test_once_the_roster_holds_the_page_points_to_swaps(city: Bench) -> None:
    in_force(city, "A1", {("E1", SECOND): "wfh"})
    answer = send(city, ME, **WISH)
    assert (answer.status_code, "mintalah tukar giliran" in answer.text) == (422, True)
    assert 'href="/schedule/swaps"' in answer.text


def test_a_wish_for_somebody_else_is_refused(city: Bench) -> None:
    answer = send(city, ME, **WISH, employee_id="E2")
    assert (answer.status_code, "hanya dapat meminta untuk diri sendiri" in answer.text) == (403, True)
    assert rows(city) == []


def test_one_takes_back_ones_own_wish_and_nobody_elses(city: Bench) -> None:
    path = f"/requests/{wish(city)}/withdraw"
    assert path in page(city, ME)
    assert path not in page(city, OTHER)
    assert send(city, OTHER, path).status_code == 403
    assert send(city, operator("A2"), path).status_code == 403
    assert "Permintaan sudah ditarik." in page(city, ME, send(city, ME, path).location)
    assert path not in page(city, ME)
    again = send(city, ME, path)
    assert (again.status_code, "sudah berstatus “ditarik”" in again.text) == (409, True)


@pytest.mark.parametrize("user", [operator(), head()], ids=["operator", "head"])
def test_operator_and_head_decide_on_wishes_of_their_agency(city: Bench, user: Person) -> None:
    path = f"/requests/{wish(city)}/decide"
    foreign = wish(city, a_person("F1", Role.ASN, agency_id="A2"), reason="dari A2")
    html = page(city, user)
    assert "Pegawai E1</strong>" in html
    assert "dari A2" not in html
    assert foreign not in html
    assert path in html
    assert ("/withdraw" in html) is (user.employee_id == "E1")  # of others' wishes that wait, yes or no is said
    long = send(city, user, path, approves="true", note="<i>" + "x" * 500)
    assert (long.status_code, "&lt;i&gt;xxx" in long.text) == (422, True)
    assert "<details open>" in long.text
    assert send(city, user, path).status_code == 422  # neither yes nor no
    answer = send(city, user, path, approves="false", note="sudah banyak yang WFH")
    assert "Keputusan sudah disimpan." in page(city, user, answer.location)
    mine = page(city, ME)
    assert "ditolak" in mine
    assert "Catatan: sudah banyak yang WFH" in mine
    late = send(city, user, path, approves="true", note="berubah pikiran")
    assert (late.status_code, "sudah berstatus “ditolak”" in late.text) == (409, True)
    with city.db.transaction() as session:
        [detail] = session.scalars(select(AuditRow.detail).where(AuditRow.action == "decide_request"))
    assert detail == {"approves": False, "note": "sudah banyak yang WFH"}


def test_an_approved_wish_is_shown_with_who_decided(city: Bench) -> None:
    path = f"/requests/{wish(city)}/decide"
    assert send(city, operator(), path, approves="true", note="").status_code == 302
    assert "disetujui oleh Budi Santoso" in page(city, ME)
    assert "/withdraw" in page(city, head())


def test_only_operator_and_head_decide_and_pin(city: Bench) -> None:
    path = f"/requests/{wish(city)}/decide"
    roles = set(Role) - {Role.OPERATOR, Role.HEAD, Role.ACTING_HEAD}
    for user in (a_person("E1", roles=frozenset({role})) for role in roles):
        assert send(city, user, path, approves="true").status_code == 403, user.roles
        assert send(city, user, "/requests/pins", **PIN).status_code == 403, user.roles
    for user in (operator("A2"), head("A2")):
        assert send(city, user, path, approves="true").status_code == 403
    assert [row.status for row in rows(city)] == ["asked"]


@pytest.mark.parametrize("user", [operator(), head()], ids=["operator", "head"])
def test_operator_and_head_fix_somebodys_day(city: Bench, user: Person) -> None:
    assert f'<option value="{NIP["E2"]}">Pegawai E2</option>' in page(city, user)
    assert NIP["F1"] not in page(city, user)
    answer = send(city, user, "/requests/pins", **PIN)
    html = page(city, user, answer.location)
    assert "Hari itu sudah ditetapkan." in html
    assert "di kantor (WFO)" in html
    assert "Lepas penetapan" in html
    [row] = rows(city)
    assert (row.employee_id, row.kind, row.mode, row.status) == ("E2", "pin", "wfo", "approved")


@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        ({"nip": NIP["F1"]}, 403, "Pegawai ini bertugas di perangkat daerah lain."),
        ({"nip": "1" * 18}, 404, "Pegawai dengan NIP ini tidak ditemukan."),
        ({"nip": " "}, 422, "Panjangnya 1 sampai 18 huruf."),
        ({"date": "2026-04-08"}, 422, "hanya untuk hari setelah hari ini"),
    ],
)
def test_a_refused_pin_says_why_and_keeps_what_was_typed(
    city: Bench, changes: dict[str, str], status: int, said: str
) -> None:
    answer = send(city, operator(), "/requests/pins", **PIN | changes)
    assert answer.status_code == status
    assert said in answer.text
    assert answer.text.count('value="tugas piket"') == 1  # in its own form, not in the wish's
    assert '<option value="wfo" selected>' in answer.text
    assert rows(city) == []


def test_a_pin_that_holds_is_not_the_persons_to_undo(city: Bench) -> None:
    """Neither by taking it back nor by wishing for something else on that day."""
    assert send(city, operator(), "/requests/pins", **PIN).status_code == 302
    [pin] = rows(city)
    html = page(city, OTHER)
    assert "Penetapan oleh" in html
    assert "/withdraw" not in html
    refused = send(city, OTHER, f"/requests/{pin.id}/withdraw")
    assert (refused.status_code, "hanya dapat dilepas oleh operator atau kepala" in refused.text) == (403, True)
    instead = send(city, OTHER, **WISH)
    assert (instead.status_code, "sudah ditetapkan oleh operator atau kepala" in instead.text) == (422, True)
    assert city.client(OTHER).post(f"/api/roster-requests/{pin.id}/withdraw").status_code == 403
    assert [row.status for row in rows(city)] == ["approved"]
    assert send(city, operator(), "/requests/pins", **PIN | {"mode": "wfh"}).status_code == 302  # pinned anew
    assert sorted((row.mode, row.status) for row in rows(city)) == [("wfh", "approved"), ("wfo", "withdrawn")]
    [held] = [row for row in rows(city) if row.status == "approved"]
    assert send(city, head(), f"/requests/{held.id}/withdraw").status_code == 302


def test_a_citys_reader_who_is_operator_takes_back_nothing_of_another_agency(city: Bench) -> None:
    both = a_person("F2", Role.OPERATOR, Role.AUDITOR, agency_id="A2")
    request_id = wish(city)
    html = page(city, both)
    assert "anak &lt;sakit&gt;" in html
    assert request_id not in html
    assert send(city, both, f"/requests/{request_id}/withdraw").status_code == 403
    assert city.client(both).post(f"/api/roster-requests/{request_id}/withdraw").status_code == 403
    assert [row.status for row in rows(city)] == ["asked"]


def test_the_citys_readers_see_all_with_the_agency_and_other_roles_their_own(city: Bench) -> None:
    wish(city)
    wish(city, a_person("F1", Role.ASN, agency_id="A2"), reason="dari A2")
    html = page(city, AUDITOR)
    for text in ("Pegawai E1", "Pegawai F1", "Badan A1", "Badan A2"):
        assert text in html
    for text in ("Putuskan", "Tetapkan hari", "/withdraw"):
        assert text not in html
    for role in (Role.EXECUTIVE, Role.IT, Role.SUPERIOR, Role.ROOM_OFFICER):
        assert "Belum ada permintaan." in page(city, a_person("E5", role, agency_id="A1"))


def test_the_list_begins_today_and_is_asked_by_month_and_status(city: Bench) -> None:
    wish(city)
    wish(city, date=f"{THIRD}", reason="rapat keluarga")
    city.clock.at = datetime(2026, 4, 20, 2, tzinfo=UTC)
    html = page(city, ME)
    assert "rapat keluarga" in html
    assert "anak &lt;sakit&gt;" not in html
    april = page(city, ME, "/requests?month=2026-04&status=asked")
    assert "anak &lt;sakit&gt;" in april
    assert april.count("/withdraw") == 1  # what is past stays as it was
    assert "Tidak ada permintaan untuk pilihan ini." in page(city, ME, "/requests?month=2026-04&status=refused")
    assert city.client(ME).get("/requests?status=apa", page=True).status_code == 422
    found = city.client(ME).get(f"/api/roster-requests?from={SECOND}&to={SECOND}").json["rows"]
    assert [row["date"] for row in found] == [f"{SECOND}"]


def test_the_list_is_paged_and_forms_lead_back_to_the_same_part(city: Bench) -> None:
    wish(city)
    request_id = wish(city, date=f"{THIRD}")
    html = page(city, ME, "/requests?page_size=1&month=2026-04")
    assert 'href="/requests?page_size=1&amp;month=2026-04&amp;page=2"' in html
    html = page(city, ME, "/requests?page_size=1&month=2026-04&page=2")
    assert f"/requests/{request_id}/withdraw?month=2026-04&amp;page=2" in html
    answer = send(city, ME, f"/requests/{request_id}/withdraw?month=2026-04&page=1")
    assert answer.location == "/requests?month=2026-04&page=1&outcome=withdrawn"


@pytest.mark.parametrize(
    ("user", "seen"),
    [(ME, False), (operator(), True), (head(), True), (AUDITOR, True), (a_person("E0", Role.SUPERIOR), True),
     (a_person("E8", Role.EXECUTIVE), False)],
    ids=["asn", "operator", "head", "auditor", "superior", "executive"],
)  # fmt: skip
def test_the_menu_leads_to_requests_and_whom_it_concerns_to_absences(city: Bench, user: Person, seen: bool) -> None:
    html = page(city, user)
    assert 'href="/schedule/requests">Permintaan</a>' in html
    assert ('href="/schedule/absences">Ketidakhadiran</a>' in html) is seen
