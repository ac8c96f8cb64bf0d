"""Draft, approval, letter, number, signature, in force: the way of clause 1.d on real rows."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from sqlalchemy import select

from services.schedule.models import Letter, Roster, RosterCell
from shared.contracts.schedule import RosterInForceV1
from shared.storage import sha256
from shared.testing.bench import Bench
from shared.webhooks.signing import signed_headers
from tests.benches import PASSPHRASE, WEBHOOK_SECRET
from tests.schedule.factories import head, operator, two_agencies


class Eoffice:
    """Stands where e-office's HTTP answers; the real shapes are tested with the fake server in the system test."""

    def __init__(self) -> None:
        self.pushed: list[dict[str, str]] = []
        self.down = False

    def post(self, _url: str, *, data: dict[str, str], files: Any, **_: Any) -> Any:
        if self.down:
            raise requests.ConnectionError("down")
        assert files["file"][1].startswith(b"%PDF")
        self.pushed.append(data)
        answer = requests.Response()
        answer.status_code = 200
        answer._content = json.dumps({"status": "success", "message": "", "data": {"idsurat": "S1"}}).encode()
        return answer


@pytest.fixture
def eoffice(monkeypatch: pytest.MonkeyPatch) -> Eoffice:
    fake = Eoffice()
    monkeypatch.setattr("services.schedule.integrations.eoffice.requests.post", fake.post)
    return fake


def send_webhook(
    bench: Bench,
    source: str,
    type_: str,
    data: dict[str, Any],
    webhook_id: str = "w1",
    timestamp: str = "2026-04-08T01:00:00Z",
) -> Any:
    body = json.dumps({"type": type_, "timestamp": timestamp, "data": data}).encode()
    headers = signed_headers(body, webhook_id, datetime.now(UTC), [WEBHOOK_SECRET])
    return bench.client().post(f"/webhooks/{source}", data=body, headers=headers)


def approved(bench: Bench) -> str:
    two_agencies(bench)
    roster = bench.client(operator()).post("/api/rosters", json={"agency_id": "A1", "month": "2026-04-15"})
    assert roster.status_code == 201, roster.text
    roster_id = str(roster.json["id"])
    assert bench.client(operator()).post(f"/api/rosters/{roster_id}/submit").status_code == 200
    assert bench.client(head()).post(f"/api/rosters/{roster_id}/approve").status_code == 200
    return roster_id


def the_letter(bench: Bench) -> Letter:
    with bench.db.transaction() as session:
        return session.scalars(select(Letter)).one()


def numbered(bench: Bench, eoffice: Eoffice) -> Letter:
    approved(bench)
    bench.work()
    letter = the_letter(bench)
    data = {
        "idsurat": "S1", "referensi": str(letter.id), "nomor": "800.1.11.1/1/A1/IV/2026", "tanggal": "2026-04-08",
    }  # fmt: skip
    assert send_webhook(bench, "eoffice", "surat.dinomori", data).status_code == 202
    bench.work()
    return the_letter(bench)


def test_1_d_no_roster_is_in_force_without_its_signed_letter(bench: Bench, eoffice: Eoffice) -> None:
    letter = numbered(bench, eoffice)
    assert (letter.status, letter.number) == ("numbered", "800.1.11.1/1/A1/IV/2026")
    assert bench.emitted(RosterInForceV1) == []

    answer = bench.client(head()).post(f"/api/letters/{letter.id}/sign", json={"passphrase": PASSPHRASE})
    assert answer.status_code == 200, answer.text
    [event] = bench.emitted(RosterInForceV1)
    assert event["letter"]["number"] == "800.1.11.1/1/A1/IV/2026"
    pdf = bench.client(head()).get(f"/api/letters/{letter.id}/pdf").data
    assert event["letter"]["sha256"] == sha256(pdf)
    with bench.db.transaction() as session:
        assert session.scalars(select(Roster.status)).one() == "in_force"
        at_home = session.scalars(select(RosterCell).where(RosterCell.mode == "wfh")).all()
    told = {(a["employee_id"], day) for a in event["assignments"] for day in a["wfh_dates"]}
    assert told == {(cell.employee_id, cell.date.isoformat()) for cell in at_home}
    assert told


def test_a_wrong_passphrase_signs_nothing_and_is_kept_nowhere(bench: Bench, eoffice: Eoffice) -> None:
    letter = numbered(bench, eoffice)
    answer = bench.client(head()).post(f"/api/letters/{letter.id}/sign", json={"passphrase": "salah"})
    assert (answer.status_code, answer.json["code"]) == (422, "wrong_passphrase")
    assert the_letter(bench).status == "numbered"
    assert bench.emitted(RosterInForceV1) == []


def test_only_the_person_named_in_the_letter_signs_it(bench: Bench, eoffice: Eoffice) -> None:
    letter = numbered(bench, eoffice)
    path, body = f"/api/letters/{letter.id}/sign", {"passphrase": PASSPHRASE}
    assert bench.client(operator()).post(path, json=body).status_code == 403
    assert bench.client(head("A2")).post(path, json=body).status_code == 403


def test_the_number_may_arrive_twice_and_before_the_push_is_known(bench: Bench, eoffice: Eoffice) -> None:
    eoffice.down = True
    approved(bench)
    bench.work()
    letter = the_letter(bench)
    assert letter.status == "drafted"
    data = {"idsurat": "S1", "referensi": str(letter.id), "nomor": "N/1", "tanggal": "2026-04-08"}
    for state in ("accepted", "duplicate"):
        assert send_webhook(bench, "eoffice", "surat.dinomori", data).json["status"] == state
    bench.work()
    eoffice.down = False
    bench.clock.at = bench.clock.at.replace(hour=9)
    bench.work()
    assert (the_letter(bench).status, the_letter(bench).number) == ("numbered", "N/1")
    assert sorted(push.get("nomorsurat", "") for push in eoffice.pushed) == ["", "N/1"]
    assert bench.unfinished() == []


def test_a_letter_sent_back_by_eoffice_returns_the_roster_with_the_reason(bench: Bench, eoffice: Eoffice) -> None:
    approved(bench)
    bench.work()
    data = {"referensi": str(the_letter(bench).id), "catatan": "Perbaiki kop surat"}
    send_webhook(bench, "eoffice", "surat.dikembalikan", data)
    bench.work()
    with bench.db.transaction() as session:
        roster = session.scalars(select(Roster)).one()
    assert (roster.status, roster.note) == ("rejected", "Perbaiki kop surat")
    again = bench.client(operator()).post("/api/rosters", json={"agency_id": "A1", "month": "2026-04-01"})
    assert again.json["version"] == 2


def test_a_second_draft_is_refused_while_one_is_on_its_way(bench: Bench, eoffice: Eoffice) -> None:
    approved(bench)
    answer = bench.client(operator()).post("/api/rosters", json={"agency_id": "A1", "month": "2026-04-01"})
    assert (answer.status_code, answer.json["code"]) == (409, "roster_state")
