"""Assessment (2.b: by one's superior): who may, once, many at once, sent back with a note."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from shared.audit import AuditRow, first_break
from shared.contracts.schedule import Assignment
from shared.roles import Role
from shared.testing.bench import Bench
from tests.reporting.conftest import as_asn, as_head, as_superior, someone
from tests.reporting.factories import FRIDAY, a_picture, a_roster, report_form


@pytest.fixture
def reports(city: Bench) -> dict[str, str]:
    """Employee → their filed report: E0, E1, E2 of A1, F1 of A2."""
    city.receive(
        a_roster({"E0": [FRIDAY], "E1": [FRIDAY], "E2": [FRIDAY], "E3": [FRIDAY]}),
        a_roster(agency_id="A2", assignments=[Assignment("F1", "V1", [FRIDAY])]),
    )
    return {
        who: as_asn(city, who).post("/api/reports", **report_form(photo=a_picture(shade=shade))).json["id"]
        for shade, who in enumerate(("E0", "E1", "E2", "F1"), 50)
    }


def assess(client: Any, report: str, decision: str = "as", note: str = "") -> Any:
    return client.post(f"/api/reports/{report}/assessment", json={"decision": decision, "note": note})


def test_2_b_the_superior_assesses_and_the_act_is_in_the_audit_log(city: Bench, reports: dict[str, str]) -> None:
    answer = assess(as_superior(city), reports["E1"], "above", "Rapi")
    assert answer.status_code == 201
    assert (answer.json["by"], answer.json["decision"], answer.json["note"]) == ("E0", "above", "Rapi")
    assert as_asn(city).get(f"/api/reports/{reports['E1']}").json["status"] == "assessed"
    with city.db.transaction() as session:
        actions = session.execute(select(AuditRow.action, AuditRow.subject).order_by(AuditRow.id)).all()
        assert first_break(session) is None
    assert tuple(actions[-1]) == ("assess_report", f"report/{reports['E1']}")
    assert [action for action, _ in actions[:-1]] == ["file_report"] * 4


def test_only_the_superior_and_the_agencys_head_may_assess(city: Bench, reports: dict[str, str]) -> None:
    others = [
        as_asn(city, "E2"), as_superior(city, "F0"), as_head(city, "F9"), as_superior(city, "E2"),
        *(city.client(someone("E8", role)) for role in (Role.OPERATOR, Role.ORGANISATION, Role.AUDITOR, Role.IT)),
    ]  # fmt: skip
    assert [assess(other, reports["E1"]).status_code for other in others] == [403] * len(others)
    acting = city.client(someone("E9", Role.ACTING_HEAD))
    assert assess(acting, reports["E1"]).status_code == 201


def test_nobody_assesses_themselves(city: Bench, reports: dict[str, str]) -> None:
    assert assess(as_superior(city), reports["E0"]).status_code == 403
    assert assess(as_head(city, "E0"), reports["E0"]).status_code == 403
    assert assess(as_head(city), reports["E0"]).status_code == 201


def test_a_report_is_assessed_once(city: Bench, reports: dict[str, str]) -> None:
    assess(as_superior(city), reports["E1"])
    again = assess(as_head(city), reports["E1"], "below")
    assert (again.status_code, again.json["code"]) == (409, "already_assessed")


def test_sending_back_needs_a_note(city: Bench, reports: dict[str, str]) -> None:
    answer = assess(as_superior(city), reports["E1"], "sent_back", "   ")
    assert (answer.status_code, answer.json["code"]) == (422, "note_needed")
    assert assess(as_superior(city), reports["E1"], "sent_back", "Foto kurang jelas").status_code == 201


def test_a_replaced_revision_is_not_assessed(city: Bench, reports: dict[str, str]) -> None:
    as_asn(city).post("/api/reports", **report_form())
    answer = assess(as_superior(city), reports["E1"])
    assert (answer.status_code, answer.json["code"]) == (409, "report_superseded")


def test_unknown_reports_and_decisions_are_refused(city: Bench, reports: dict[str, str]) -> None:
    assert assess(as_superior(city), str(uuid4())).status_code == 404
    assert assess(as_superior(city), "bukan-id").status_code == 404
    assert assess(as_superior(city), reports["E1"], "excellent").status_code == 422


def test_filing_and_assessing_at_once_never_lock_up(city: Bench, reports: dict[str, str]) -> None:
    body = {"report_ids": [reports["E1"], reports["E2"]], "decision": "sent_back", "note": "Lengkapi"}
    work: list[Callable[[], Any]] = [
        lambda: as_superior(city).post("/api/assessments", json=body),
        lambda: assess(as_head(city), reports["E2"]),
        lambda: as_asn(city, "E1").post("/api/reports", **report_form(photo=a_picture(shade=70))),
        lambda: as_asn(city, "E2").post("/api/reports", **report_form(photo=a_picture(shade=71))),
    ] * 3
    with ThreadPoolExecutor(6) as pool:
        codes = [answer.status_code for answer in pool.map(lambda do: do(), work)]
    assert set(codes) <= {200, 201, 409}


def test_many_at_once_stop_at_none_and_name_the_refused(city: Bench, reports: dict[str, str]) -> None:
    assess(as_head(city), reports["E2"])
    body = {"report_ids": [*reports.values(), str(uuid4())], "decision": "as"}
    answer = as_superior(city).post("/api/assessments", json=body)
    assert answer.status_code == 200
    assert answer.json["assessed"] == [reports["E1"]]
    refused = {entry["report_id"]: entry["code"] for entry in answer.json["refused"]}
    assert [refused[reports[who]] for who in ("E0", "E2", "F1")] == ["not_allowed", "already_assessed", "not_allowed"]
    assert refused[body["report_ids"][-1]] == "not_found"
    too_many = {"report_ids": [str(uuid4()) for _ in range(101)], "decision": "as"}
    assert as_superior(city).post("/api/assessments", json=too_many).status_code == 422
