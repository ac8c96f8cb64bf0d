"""The page of absences: who sees and does what on it, and what becomes of a form that is refused."""

from __future__ import annotations

from typing import Any

import pytest

from services.schedule.models import Absence
from shared.roles import Person, Role
from shared.sessions import COOKIE, issue_session
from shared.testing.bench import Bench
from shared.testing.city import KEY, NOON, a_person
from tests.pages import faults_of_forms
from tests.schedule.factories import FRIDAYS, head, operator, two_agencies
from tests.schedule.test_workdays import NIP

FIRST, SECOND, THIRD = FRIDAYS
ME = a_person("E1", Role.ASN, agency_id="A1")
SUPERIOR = a_person("E0", Role.SUPERIOR, agency_id="A1")
AUDITOR = a_person("B1", Role.AUDITOR, agency_id="A0")
FORM = {"nip": NIP["E1"], "kind": "leave", "starts": f"{SECOND}", "ends": f"{THIRD}", "note": "operasi <mata>"}
RECORD, CANCEL = "Catat ketidakhadiran", "Batalkan ketidakhadiran ini"


@pytest.fixture
def city(bench: Bench) -> Bench:
    two_agencies(bench)
    return bench


def record(bench: Bench, who: str = "E1", **changes: Any) -> str:
    body = {name: value for name, value in FORM.items() if name != "nip"} | changes
    user = operator("A2" if who.startswith("F") else "A1")
    made = bench.client(user).post(f"/api/employees/{NIP[who]}/absences", json=body)
    assert made.status_code == 201, made.text
    return str(made.json["id"])


def page(bench: Bench, user: Person, path: str = "/absences") -> str:
    answer = bench.client(user).get(path, page=True)
    assert answer.status_code == 200, answer.text
    assert faults_of_forms(answer.text) == []
    return str(answer.text)


def send(bench: Bench, user: Person, path: str = "/absences", **form: Any) -> Any:
    answer = bench.client(user).post(path, data=form, page=True)
    assert answer.mimetype == "text/html"
    assert answer.status_code == 302 or faults_of_forms(answer.text) == []
    return answer


def stored(bench: Bench) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = bench.client(operator()).get("/api/absences?cancelled=true").json["rows"]
    return rows


def test_people_see_their_own_with_the_note_and_no_forms(city: Bench) -> None:
    record(city)
    record(city, "E2", note="diklat orang lain")
    html = page(city, ME)
    assert "Cuti: Jumat, 17 April 2026 sampai Jumat, 24 April 2026" in html
    assert "operasi &lt;mata&gt;" in html
    assert "akan datang" in html
    assert "dicatat oleh operator atau kepala" in html
    assert "orang lain" not in html
    assert RECORD not in html
    assert CANCEL not in html
    assert "Tidak ada ketidakhadiran yang tercatat." in page(city, a_person("E3", Role.ASN, agency_id="A1"))


def test_a_superior_sees_the_teams_days_but_neither_why_nor_forms(city: Bench) -> None:
    record(city)
    record(city, "F1")
    html = page(city, SUPERIOR)
    assert "Pegawai E1" in html
    assert "Pegawai F1" not in html
    assert "operasi" not in html
    assert RECORD not in html
    assert CANCEL not in html


@pytest.mark.parametrize("user", [operator(), head()], ids=["operator", "head"])
def test_operator_and_head_see_the_agency_and_may_change_it(city: Bench, user: Person) -> None:
    record(city)
    record(city, "F1")
    html = page(city, user)
    assert "operasi &lt;mata&gt;" in html
    assert "Pegawai F1" not in html
    assert NIP["F1"] not in html
    assert f'<option value="{NIP["E2"]}">Pegawai E2</option>' in html
    assert RECORD in html
    assert CANCEL in html


def test_the_citys_readers_see_all_with_the_agency_and_change_nothing(city: Bench) -> None:
    record(city)
    record(city, "F1")
    html = page(city, AUDITOR)
    for text in ("Pegawai E1", "Pegawai F1", "Badan A1", "Badan A2"):
        assert text in html
    for text in ("operasi", RECORD, CANCEL):
        assert text not in html


def test_an_auditor_who_is_operator_has_forms_for_their_agency_only(city: Bench) -> None:
    own, other = record(city, "F1"), record(city, "E1")
    html = page(city, a_person("F2", Role.AUDITOR, Role.OPERATOR, agency_id="A2"))
    assert f"/absences/{own}/cancel" in html
    assert f"/absences/{other}/cancel" not in html


def test_the_operator_records_one_by_the_form(city: Bench) -> None:
    answer = send(city, operator(), **FORM)
    assert answer.status_code == 302
    assert "Ketidakhadiran sudah dicatat" in page(city, operator(), answer.location)
    [row] = stored(city)
    assert (row["employee_id"], row["kind"], row["source"], row["note"]) == ("E1", "leave", "hand", "operasi <mata>")


@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        ({"ends": f"{FIRST}"}, 422, "Tanggal selesai mendahului tanggal mulai."),
        ({"starts": ""}, 422, "Tanggal harus berbentuk TTTT-BB-HH."),
        ({"kind": "sakit"}, 422, "Pilihan ini tidak dikenal."),
        ({"nip": ""}, 422, "Panjangnya 1 sampai 18 huruf."),
        ({"nip": "1" * 18}, 404, "Pegawai dengan NIP ini tidak ditemukan."),
        ({"nip": NIP["F1"]}, 403, "Pegawai ini bertugas di perangkat daerah lain."),
    ],
)
def test_a_refused_form_says_why_and_keeps_what_was_typed(
    city: Bench, changes: dict[str, str], status: int, said: str
) -> None:
    answer = send(city, operator(), **FORM | changes)
    assert answer.status_code == status
    assert said in answer.text
    assert 'value="operasi &lt;mata&gt;"' in answer.text
    assert f'value="{THIRD if "ends" not in changes else FIRST}"' in answer.text
    assert stored(city) == []


def test_the_same_twice_is_refused_on_the_page(city: Bench) -> None:
    record(city)
    answer = send(city, operator(), **FORM)
    assert (answer.status_code, "Ketidakhadiran yang sama sudah tercatat." in answer.text) == (409, True)
    assert len(stored(city)) == 1


def test_one_is_cancelled_with_a_reason_where_the_list_was(city: Bench) -> None:
    absence = record(city)
    path = f"/absences/{absence}/cancel?month=2026-04"
    assert path in page(city, head(), "/absences?month=2026-04")
    short = send(city, head(), path, reason="<b")
    assert short.status_code == 422
    assert "Panjangnya 3 sampai 500 huruf." in short.text
    assert "<details open>" in short.text
    assert 'value="&lt;b"' in short.text
    answer = send(city, head(), path, reason="cuti ditunda")
    html = page(city, head(), answer.location)
    assert "Ketidakhadiran sudah dibatalkan." in html
    assert "month=2026-04" in answer.location
    assert "Pegawai E1</strong>" not in html
    html = page(city, head(), "/absences?cancelled=true")
    assert "cuti ditunda" in html
    assert "dibatalkan" in html
    assert CANCEL not in html
    again = send(city, head(), path, reason="sekali lagi")
    assert (again.status_code, "sudah dibatalkan" in again.text) == (409, True)


def test_a_trip_is_said_to_be_changed_in_e_office(city: Bench) -> None:
    with city.db.transaction() as session:
        values = {"kind": "travel", "starts": SECOND, "ends": SECOND, "note": "", "source": "eoffice", "reference": "5"}
        trip = Absence(employee_id="E1", **values)
        session.add(trip)
        session.flush()
        path = f"/absences/{trip.id}/cancel"
    html = page(city, operator())
    assert "diubah atau dibatalkan di e-office" in html
    assert path not in html
    answer = send(city, operator(), path, reason="tidak jadi")
    assert (answer.status_code, "berasal dari e-office" in answer.text) == (409, True)


def test_nobody_else_records_or_cancels(city: Bench) -> None:
    absence = record(city)
    roles = set(Role) - {Role.OPERATOR, Role.HEAD, Role.ACTING_HEAD}
    for user in (a_person("E1", roles=frozenset({role})) for role in roles):
        assert send(city, user, **FORM | {"kind": "training"}).status_code == 403, user.roles
    for user in (ME, SUPERIOR, AUDITOR, operator("A2"), head("A2")):
        assert send(city, user, f"/absences/{absence}/cancel", reason="coba").status_code == 403, user.roles
    assert [row["cancelled_at"] for row in stored(city)] == [None]
    nowhere = "/absences/00000000-0000-0000-0000-000000000001/cancel"
    assert send(city, operator(), nowhere, reason="coba").status_code == 404


def test_a_form_of_another_site_is_refused(city: Bench) -> None:
    """The session comes along by itself as a cookie; the page's own address does not."""
    browser = city.app.test_client()
    browser.set_cookie(COOKIE, issue_session(operator(), KEY, NOON))
    answer = browser.post("/absences", data=FORM, headers={"Sec-Fetch-Site": "cross-site", "Accept": "text/html"})
    assert answer.status_code == 403
    assert browser.post("/absences", data=FORM, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 302


def test_the_list_is_asked_by_month_and_person(city: Bench) -> None:
    record(city)
    record(city, "E2", starts="2026-05-04", ends="2026-05-08")
    may = page(city, operator(), "/absences?month=2026-05")
    assert "Pegawai E2</strong>" in may
    assert "Pegawai E1</strong>" not in may
    mine = page(city, operator(), f"/absences?month=&nip={NIP['E1']}")
    assert "Pegawai E1</strong>" in mine
    assert "Pegawai E2</strong>" not in mine
    assert "Tidak ada ketidakhadiran untuk pilihan ini." in page(city, operator(), "/absences?month=2026-06")
    wrong = city.client(operator()).get("/absences?month=mei", page=True)
    assert (wrong.status_code, "Bulan ditulis TTTT-BB" in wrong.text) == (422, True)
    assert [
        row["employee_id"] for row in city.client(operator()).get(f"/api/absences?nip={NIP['E2']}").json["rows"]
    ] == ["E2"]


def test_the_list_is_paged_and_a_refused_form_leads_back_into_it(city: Bench) -> None:
    first = record(city, starts=f"{FIRST}", ends=f"{FIRST}")
    record(city)
    path = "/absences?page_size=1&outcome=recorded"
    html = page(city, operator(), path)
    assert 'href="/absences?page_size=1&amp;page=2"' in html
    refused = send(city, operator(), f"/absences/{first}/cancel?page_size=1&page=2", reason="x")
    assert 'href="/absences?page_size=1&amp;page=1"' in refused.text
