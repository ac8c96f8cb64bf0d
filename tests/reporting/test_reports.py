"""Filing daily reports (2.b): whose, when, with which photo; late, replaced, sent back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from services.reporting.models import DailyReport, Duty
from shared.clock import wib_moment
from shared.roles import Role
from shared.testing.bench import Bench
from tests.reporting.conftest import as_asn, as_head, as_superior, someone
from tests.reporting.factories import FRIDAY, NEXT_FRIDAY, a_line, a_picture, a_roster, report_form


@pytest.fixture
def duties(city: Bench) -> Bench:
    """E1 and E2 at home on both Fridays, F1 of the other agency on the first."""
    city.receive(
        a_roster({"E1": [FRIDAY, NEXT_FRIDAY], "E2": [FRIDAY, NEXT_FRIDAY]}),
        a_roster({"F1": [FRIDAY]}, agency_id="A2"),
    )
    return city


def duty(bench: Bench, employee_id: str = "E1", day: Any = FRIDAY) -> Duty:
    with bench.db.transaction() as session:
        return session.scalars(select(Duty).where(Duty.employee_id == employee_id, Duty.date == day)).one()


def test_2_b_an_asn_reports_output_and_photo_on_the_day_itself(duties: Bench) -> None:
    lines = [a_line(), a_line(activity="Rapat daring", unit="rapat")]
    answer = as_asn(duties).post("/api/reports", **report_form(lines))
    assert answer.status_code == 201, answer.text
    body = answer.json
    assert (body["date"], body["status"], body["late"], body["revision"]) == ("2026-04-10", "filed", False, 1)
    assert [line["unit"] for line in body["lines"]] == ["dokumen", "rapat"]
    assert body["photo"]["url"] == f"http://localhost/reporting/api/reports/{body['id']}/photo"
    assert [signal["kind"] for signal in body["photo"]["signals"]] == ["fresh"]
    assert duty(duties).status == "filed"
    assert duty(duties, "E2").status == "open"


def test_2_b_a_report_in_the_deadlines_minute_is_in_time_and_one_after_it_is_late(duties: Bench) -> None:
    duties.clock.at = wib_moment(FRIDAY, 23, 59) + timedelta(seconds=59)
    assert as_asn(duties).post("/api/reports", **report_form()).json["late"] is False
    duties.clock.at += timedelta(seconds=1)
    duties.work()
    assert duty(duties, "E2").status == "missing"
    answer = as_asn(duties, "E2").post("/api/reports", **report_form(date="2026-04-10"))
    assert (answer.status_code, answer.json["late"], answer.json["status"]) == (201, True, "late")


def test_a_person_without_a_duty_cannot_report(duties: Bench) -> None:
    answer = as_asn(duties, "E3").post("/api/reports", **report_form())
    assert (answer.status_code, answer.json["code"]) == (409, "no_duty")


def test_a_report_before_its_day_is_refused(duties: Bench) -> None:
    answer = as_asn(duties).post("/api/reports", **report_form(date=NEXT_FRIDAY.isoformat()))
    assert (answer.status_code, answer.json["code"]) == (409, "too_early")


def test_a_report_may_be_replaced_until_it_is_assessed_and_the_old_one_is_kept(duties: Bench) -> None:
    client = as_asn(duties)
    first = client.post("/api/reports", **report_form()).json
    second = client.post("/api/reports", **report_form([a_line(quantity=5)])).json
    assert (second["revision"], second["current"]) == (2, True)
    old = client.get(f"/api/reports/{first['id']}").json
    assert (old["current"], old["lines"][0]["quantity"]) == (False, 2)
    assessed = as_superior(duties).post(f"/api/reports/{second['id']}/assessment", json={"decision": "as"})
    assert assessed.status_code == 201
    again = client.post("/api/reports", **report_form())
    assert (again.status_code, again.json["code"]) == (409, "already_assessed")


def test_a_correction_of_what_was_sent_back_is_not_late_when_the_first_report_was_in_time(duties: Bench) -> None:
    first = as_asn(duties).post("/api/reports", **report_form()).json
    duties.clock.at = wib_moment(NEXT_FRIDAY, 9)
    sent_back = {"decision": "sent_back", "note": "Lampirkan hasilnya"}
    as_superior(duties).post(f"/api/reports/{first['id']}/assessment", json=sent_back)
    assert duty(duties).status == "sent_back"
    second = as_asn(duties).post("/api/reports", **report_form(date="2026-04-10")).json
    assert (second["revision"], second["late"], second["status"]) == (2, False, "filed")


def test_nobody_but_owner_superior_head_and_the_city_reads_a_report_and_its_photo(duties: Bench) -> None:
    report = as_asn(duties).post("/api/reports", **report_form()).json["id"]
    for path in (f"/api/reports/{report}", f"/api/reports/{report}/photo", f"/reports/{report}"):
        readers = [as_asn(duties), as_superior(duties), as_head(duties)]
        readers += [duties.client(someone("F8", role)) for role in (Role.ORGANISATION, Role.AUDITOR)]
        assert [reader.get(path).status_code for reader in readers] == [200] * 5
        others = [as_asn(duties, "E2"), as_superior(duties, "F0"), as_head(duties, "F9")]
        others += [duties.client(someone("E8", role)) for role in (Role.OPERATOR, Role.ROOM_OFFICER, Role.IT)]
        assert [other.get(path).status_code for other in others] == [403] * 6
    assert duties.client().get(f"/api/reports/{report}/photo").status_code == 401


def test_the_stored_photo_is_a_jpeg_without_the_originals_metadata(duties: Bench) -> None:
    client = as_asn(duties)
    report = client.post("/api/reports", **report_form(photo=a_picture(2400, 1800))).json
    assert (report["photo"]["width"], report["photo"]["height"]) == (1600, 1200)
    answer = client.get(f"/api/reports/{report['id']}/photo")
    assert answer.mimetype == "image/jpeg"
    assert b"Kamera Rahasia" not in answer.data
    assert len(answer.data) == report["photo"]["bytes"]


def test_a_photo_used_before_is_a_signal_and_not_a_refusal(duties: Bench) -> None:
    same = a_picture(shade=33)
    as_asn(duties, "F1").post("/api/reports", **report_form(photo=a_picture(shade=34)))
    first = as_asn(duties).post("/api/reports", **report_form(photo=same)).json["id"]
    again = as_asn(duties, "E2").post("/api/reports", **report_form(photo=same))
    assert again.status_code == 201
    [signal] = [signal for signal in again.json["photo"]["signals"] if signal["kind"] == "same_photo"]
    assert signal["report_id"] == first
    assert signal["text"] == "foto sama dengan laporan pegawai lain tanggal 10-04-2026"


def test_ones_own_next_revision_with_the_same_photo_is_no_signal(duties: Bench) -> None:
    photo = a_picture()
    for _ in range(2):
        answer = as_asn(duties).post("/api/reports", **report_form(photo=photo))
    assert [signal["kind"] for signal in answer.json["photo"]["signals"]] == ["fresh"]


@pytest.mark.parametrize(
    ("lines", "pointer"),
    [
        ([], "/lines"),
        ([a_line(start="12:00", end="09:00")], "/lines/0/end"),
        ([a_line(), a_line(quantity=-1)], "/lines/1/quantity"),
        ([a_line(quantity=1.5)], "/lines/0/quantity"),
        ([a_line(activity="  ")], "/lines/0/activity"),
        ([a_line(result="tak\x00terbaca")], "/lines/0/result"),
        ([a_line(extra="x")], "/lines/0/extra"),
        (["teks"], "/lines/0/_schema"),
        ([a_line()] * 21, "/lines"),
    ],
)
def test_a_wrong_line_is_named_by_its_place(duties: Bench, lines: list[Any], pointer: str) -> None:
    answer = as_asn(duties).post("/api/reports", **report_form(lines))
    assert answer.status_code == 422, answer.text
    assert [error["pointer"] for error in answer.json["errors"]] == [pointer.removesuffix("/_schema")]
    assert duty(duties).status == "open"


def test_lines_that_are_no_json_and_a_missing_photo_are_422(duties: Bench) -> None:
    options = report_form()
    options["data"]["lines"] = "[{"
    assert as_asn(duties).post("/api/reports", **options).status_code == 422
    options = report_form()
    del options["data"]["photo"]
    answer = as_asn(duties).post("/api/reports", **options)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/photo")


def test_two_filings_at_once_make_two_revisions(duties: Bench) -> None:
    with ThreadPoolExecutor(4) as pool:
        codes = list(pool.map(lambda _: as_asn(duties).post("/api/reports", **report_form()).status_code, range(4)))
    assert codes == [201] * 4
    with duties.db.transaction() as session:
        revisions = session.scalars(select(DailyReport.revision).order_by(DailyReport.revision)).all()
    assert revisions == [1, 2, 3, 4]


def test_duties_are_listed_as_far_as_a_person_sees(duties: Bench) -> None:
    def seen(client: Any, query: str = "") -> list[str]:
        body = client.get(f"/api/duties{query}").json
        assert body["total"] == len(body["rows"])
        return sorted(f"{row['employee_id']} {row['date'][8:]}" for row in body["rows"])

    assert seen(as_asn(duties)) == ["E1 10", "E1 17"]
    assert seen(as_superior(duties)) == ["E1 10", "E1 17", "E2 10", "E2 17"]
    assert seen(as_superior(duties), "?mine=true") == []
    assert seen(as_head(duties), "?date=2026-04-17") == ["E1 17", "E2 17"]
    city = duties.client(someone("F8", Role.ORGANISATION))
    assert seen(city, "?from=2026-04-01&to=2026-04-10") == ["E1 10", "E2 10", "F1 10"]
    assert seen(city, "?agency_id=A2&status=open") == ["F1 10"]
    assert seen(city, "?unit=V1") == []
    assert city.get("/api/duties?status=unknown").status_code == 422


def test_performance_for_simpeg_counts_one_persons_month(duties: Bench) -> None:
    report = as_asn(duties).post("/api/reports", **report_form()).json["id"]
    as_asn(duties, "E2").post("/api/reports", **report_form())
    as_superior(duties).post(f"/api/reports/{report}/assessment", json={"decision": "above"})
    path = "/api/employees/198501012010011001/performance?month=2026-04"
    body = as_superior(duties).get(path).json
    assert body == {
        "nip": "198501012010011001", "month": "2026-04", "due": 2, "filed": 1, "late": 0, "missing": 0, "open": 1,
        "assessed": 1, "sent_back": 0, "ratings": {"above": 1, "as": 0, "below": 0},
    }  # fmt: skip
    assert as_asn(duties).get(path).json == body
    assert as_asn(duties, "E2").get(path).status_code == 403
    assert as_head(duties).get(path.replace("198501012010011001", "1")).status_code == 404
    assert as_asn(duties).get(path.replace("2026-04", "2026-4")).status_code == 422
