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
from shared.roles import Person, Role
from shared.testing.bench import Bench
from shared.testing.city import a_person
from tests.pages import faults_of_forms
from tests.schedule.factories import head, operator, two_agencies

GATE = """
[[gates]]
clause = "1.g"
text = "Pegawai dengan dua laporan harian yang belum dikirim bertugas di kantor sampai laporannya dikirim."
when = "overdue_reports"
at_least = 2
"""
TEXT = "Pegawai dengan dua laporan harian yang belum dikirim bertugas di kantor sampai laporannya dikirim."
AUDITOR = a_person("B1", Role.AUDITOR, agency_id="A0")


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


def listed(bench: Bench, user: Person, query: str = "month=2026-04") -> list[dict[str, Any]]:
    answer = bench.client(user).get(f"/api/gates?{query}")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json["rows"]
    return found


def page(bench: Bench, user: Person, path: str = "/gates?month=2026-04") -> str:
    answer = bench.client(user).get(path, page=True)
    assert answer.status_code == 200, answer.text
    assert faults_of_forms(answer.text) == []
    return str(answer.text)


def test_whom_a_gate_keeps_is_listed_with_the_policys_words(gated: Bench) -> None:
    gated.receive(overdue("E2", 2), overdue("E1", 3), overdue("E3", 1), overdue("F1", 2))
    [first, second] = listed(gated, operator())
    assert first == {
        "employee_id": "E1", "nip": "198501012010011001", "name": "Pegawai E1", "agency_id": "A1", "month": "2026-04",
        "gates": [{"clause": "1.g", "text": TEXT, "when": "overdue_reports"}], "overdue_reports": 3,
        "opened_by": None, "opened_at": None, "reason": None,
    }  # fmt: skip
    assert second["employee_id"] == "E2"
    assert [row["employee_id"] for row in listed(gated, head("A2"))] == ["F1"]
    assert [row["employee_id"] for row in listed(gated, AUDITOR)] == ["E1", "E2", "F1"]
    assert [row["month"] for row in listed(gated, operator(), "")] == ["2026-04", "2026-04"]  # this month
    assert listed(gated, operator(), "month=2020-01") == []  # no policy held


def test_the_list_of_gates_is_paged_and_for_whom_it_concerns(gated: Bench) -> None:
    gated.receive(overdue("E1", 2), overdue("E2", 2))
    answer = gated.client(operator()).get("/api/gates?month=2026-04&page=2&page_size=1").json
    assert (answer["total"], [row["employee_id"] for row in answer["rows"]]) == (2, ["E2"])
    assert gated.client(operator()).get("/api/gates?month=April").status_code == 422
    for role in (Role.ASN, Role.SUPERIOR, Role.ROOM_OFFICER, Role.EXECUTIVE, Role.IT):
        user = a_person("E5", roles=frozenset({role}))
        assert gated.client(user).get("/api/gates").status_code == 403
        assert gated.client(user).get("/gates", page=True).status_code == 403


def test_who_is_opened_for_is_listed_with_the_heads_word_and_for_that_month_only(gated: Bench) -> None:
    gated.receive(overdue("E1", 4))
    body = {"month": "2026-04-20", "reason": "Sakit tanpa jaringan di rumah"}
    gated.client(head()).put("/api/employees/E1/gate", json=body)
    [row] = listed(gated, operator())
    assert (row["reason"], row["opened_by"]) == (body["reason"], head().label)
    [row] = listed(gated, operator(), "month=2026-05")
    assert row["opened_by"] is None


def test_the_head_opens_a_gate_on_the_page(gated: Bench) -> None:
    gated.receive(overdue("E1", 4), overdue("F1", 4))
    html = page(gated, head())
    assert TEXT in html
    assert "4 laporan belum dikirim." in html
    assert "Pegawai F1" not in html
    assert '<option value="2026-07" >Juli 2026</option>' in html
    assert 'href="/gates"' in page(gated, head(), "/requests")
    form = {"month": "2026-04-01", "reason": "Sakit <tanpa> jaringan"}
    short = gated.client(head()).post("/gates/E1?month=2026-04", data=form | {"reason": "<b"}, page=True)
    assert short.status_code == 422
    assert "Panjangnya 3 sampai 500 huruf." in short.text
    assert ">&lt;b</textarea>" in short.text
    assert "<details open>" in short.text
    assert turns(gated, draft(gated), "E1") == 0
    answer = gated.client(head()).post("/gates/E1?month=2026-04", data=form, page=True)
    html = page(gated, head(), answer.location)
    assert "Syarat WFH sudah dibuka" in html
    assert "diizinkan untuk April 2026" in html
    assert "Sakit &lt;tanpa&gt; jaringan" in html
    assert "/gates/E1" not in html
    assert "tetap di kantor</span>" in page(gated, head(), "/gates?month=2026-05")
    assert turns(gated, draft(gated), "E1") > 0


def test_others_read_the_page_but_do_not_open(gated: Bench) -> None:
    gated.receive(overdue("E1", 4), overdue("F1", 4))
    assert "/gates/E1" not in page(gated, operator())
    html = page(gated, AUDITOR)
    for text in ("Pegawai E1", "Pegawai F1", "Badan A1", "Badan A2"):
        assert text in html
    assert "/gates/E1" not in html
    form = {"month": "2026-04-01", "reason": "coba saja"}
    for user in (operator(), AUDITOR, head("A2"), a_person("E1")):
        assert gated.client(user).post("/gates/E1", data=form, page=True).status_code == 403
    assert gated.client(head()).post("/gates/X9", data=form, page=True).status_code == 404
    assert [row["opened_by"] for row in listed(gated, operator())] == [None]


def test_without_a_gate_in_the_policy_the_page_says_that_nobody_is_kept(bench: Bench) -> None:
    two_agencies(bench)
    bench.receive(overdue("E1", 9))
    assert "Tidak ada pegawai yang ditahan di kantor" in page(bench, head())
