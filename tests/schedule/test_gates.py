"""Gates of the policy (1.g): who owes reports stays at the office until they are filed or the head opens the gate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from services.schedule.models import PersonStanding
from services.schedule.settings import schedule_settings
from shared.contracts.reporting import StandingChangedV1
from shared.testing.bench import Bench
from tests.schedule.factories import head, operator, two_agencies

GATE = """
[[gates]]
clause = "1.g"
text = "Pegawai dengan dua laporan harian yang belum dikirim bertugas di kantor sampai laporannya dikirim."
when = "overdue_reports"
at_least = 2
"""
TEXT = "Pegawai dengan dua laporan harian yang belum dikirim bertugas di kantor sampai laporannya dikirim."


@pytest.fixture
def gated(bench: Bench, tmp_path: Path) -> Iterator[Bench]:
    """A1 and A2 under Metro's policy with a gate at two overdue reports."""
    two_agencies(bench)
    settings = schedule_settings(bench.settings)
    [metro] = settings.policy_dir.glob("metro*.toml")
    (tmp_path / metro.name).write_text(metro.read_text() + GATE)
    whole = bench.context
    bench.context = replace(whole, settings=replace(settings, policy_dir=tmp_path))
    bench.app.extensions["luwes.context"] = bench.context
    yield bench
    bench.context = bench.app.extensions["luwes.context"] = whole


def overdue(employee_id: str, reports: int) -> StandingChangedV1:
    return StandingChangedV1(employee_id, reports)


def draft(bench: Bench) -> str:
    made = bench.client(operator()).post("/api/rosters", json={"agency_id": "A1", "month": "2026-04-01"})
    assert made.status_code == 201, made.text
    return str(made.json["id"])


def cells(bench: Bench, roster_id: str, employee_id: str) -> list[dict[str, Any]]:
    """The person's cells of Fridays."""
    answer = bench.client(operator()).get(f"/api/rosters/{roster_id}/cells?employee_id={employee_id}&page_size=100")
    return [cell for cell in answer.json["rows"] if cell["date"] in ("2026-04-10", "2026-04-17", "2026-04-24")]


def turns(bench: Bench, roster_id: str, employee_id: str) -> int:
    return sum(cell["mode"] == "wfh" for cell in cells(bench, roster_id, employee_id))


def reason(bench: Bench, roster_id: str, employee_id: str) -> dict[str, Any]:
    answer = bench.client(operator()).get(f"/api/rosters/{roster_id}/cells/{employee_id}/2026-04-17/reason")
    return dict(answer.json)


def test_1_g_who_has_reached_the_limit_stays_at_the_office_and_is_told_why(gated: Bench) -> None:
    gated.receive(overdue("E1", 2), overdue("E2", 1), overdue("F1", 5))
    roster = draft(gated)
    assert {(cell["mode"], cell["clause"], cell["rule"]) for cell in cells(gated, roster, "E1")} == {
        ("wfo", "1.g", "gate")
    }
    why = reason(gated, roster, "E1")
    assert (why["mode"], why["clause"], why["text"]) == ("wfo", "1.g", TEXT)
    assert turns(gated, roster, "E2") > 0  # below the limit


def test_the_clauses_other_rules_keep_their_own_words(gated: Bench) -> None:
    roster = draft(gated)
    rows = gated.client(operator()).get(f"/api/rosters/{roster}/cells?page_size=500").json["rows"]
    for cell in rows:
        if cell["rule"] != "gate":
            path = f"/api/rosters/{roster}/cells/{cell['employee_id']}/{cell['date']}/reason"
            assert TEXT not in gated.client(operator()).get(path).json["text"]


def test_the_gate_opens_when_the_reports_have_been_filed(gated: Bench) -> None:
    gated.receive(overdue("E1", 3))
    assert turns(gated, draft(gated), "E1") == 0
    gated.receive(overdue("E1", 1))
    assert turns(gated, draft(gated), "E1") > 0


def test_a_gate_that_the_head_opened_lets_the_person_take_turns(gated: Bench) -> None:
    gated.receive(overdue("E1", 4), overdue("E2", 4))
    body = {"month": "2026-04-01", "reason": "Sakit tanpa jaringan di rumah"}
    assert gated.client(head()).put("/api/employees/E1/gate", json=body).status_code == 204
    roster = draft(gated)
    assert turns(gated, roster, "E1") > 0
    assert turns(gated, roster, "E2") == 0


def test_an_older_standing_that_arrives_late_changes_nothing(gated: Bench) -> None:
    gated.receive(overdue("E1", 0), sequence=90)
    gated.receive(overdue("E1", 5), sequence=80)
    gated.receive(overdue("X9", 1), sequence=85)  # somebody who is not known here yet
    with gated.db.transaction() as session:
        rows = {row.employee_id: row.overdue_reports for row in session.scalars(select(PersonStanding))}
    assert rows == {"E1": 0, "X9": 1}
    assert gated.unfinished() == []


def test_without_a_gate_in_the_policy_nobody_is_kept(bench: Bench) -> None:
    two_agencies(bench)
    bench.receive(overdue("E1", 9))
    assert turns(bench, draft(bench), "E1") > 0
