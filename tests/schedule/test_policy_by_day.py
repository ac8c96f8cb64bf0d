"""A policy that begins in mid-month: each day has its own rules."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from services.schedule.policy.rules import Policy
from shared.contracts.reporting import StandingChangedV1
from shared.testing.bench import Bench
from tests.schedule.factories import FRIDAYS, a_unit, an_employee, operator, settle, two_agencies
from tests.schedule.test_clauses import cells, draft
from tests.schedule.test_policies import activate, example

GATE = """
[[gates]]
clause = "e"
text = "Pegawai dengan satu laporan yang belum dikirim bertugas di kantor."
when = "overdue_reports"

[texts]"""


def stricter_from(bench: Bench, day: str) -> None:
    """A policy from *day* on: echelon IV is exempt, units named “pelayanan” are, and there is a gate."""
    activate(bench, example("echelon-4-exempt").replace("2026-04-01", day).replace("[texts]", GATE))


def of_fridays(bench: Bench, roster_id: str, employee_id: str) -> list[tuple[str, str]]:
    """(rule, clause) on each Friday of April; (may, "") where the person might have had a turn."""
    found = {cell.date: (cell.rule, cell.clause) for cell in cells(bench, roster_id, employee_id=employee_id)}
    return [found[day] if found[day][0] in ("exempt", "gate") else ("may", "") for day in FRIDAYS]


def test_exemptions_of_posts_and_units_are_those_of_each_days_policy(bench: Bench) -> None:
    two_agencies(bench)
    settle(bench, [a_unit("SERVE", name="Seksi Pelayanan Warga")], [an_employee("S1", 701, unit_id="SERVE")])
    stricter_from(bench, "2026-04-20")
    roster = draft(bench)
    assert of_fridays(bench, roster, "A1-head") == [("exempt", "1.l.1"), ("exempt", "1.l.1"), ("exempt", "d.1")]
    assert of_fridays(bench, roster, "E0") == [("may", ""), ("may", ""), ("exempt", "d.1")]
    assert of_fridays(bench, roster, "S1") == [("may", ""), ("may", ""), ("exempt", "d.2")]
    assert of_fridays(bench, roster, "E1") == [("may", "")] * 3


def test_a_gate_is_closed_on_the_days_of_the_policy_that_has_it(bench: Bench) -> None:
    two_agencies(bench)
    bench.receive(StandingChangedV1("E2", 2))
    stricter_from(bench, "2026-04-20")
    roster = draft(bench)
    assert of_fridays(bench, roster, "E2") == [("may", ""), ("may", ""), ("gate", "e")]
    assert of_fridays(bench, roster, "E3") == [("may", "")] * 3


def test_a_pin_that_clashes_with_the_later_policy_is_told_in_its_words(bench: Bench) -> None:
    two_agencies(bench)
    bench.receive(StandingChangedV1("E2", 2))
    stricter_from(bench, "2026-04-20")
    bench.clock.at = datetime(2026, 4, 8, 2, tzinfo=UTC)
    pin = {"employee_id": "E2", "date": "2026-04-24", "mode": "wfh", "kind": "pin", "reason": "tugas luar"}
    assert bench.client(operator()).post("/api/roster-requests", json=pin).status_code == 201
    made = bench.client(operator()).post("/api/rosters", json={"agency_id": "A1", "month": "2026-04-01"}).json
    texts = [part["text"] for clash in made["clashes"] if clash["blocking"] for part in clash["parts"]]
    assert any("satu laporan yang belum dikirim" in text for text in texts), texts


def test_one_policy_all_month_is_asked_once_per_post_and_not_once_per_day(bench: Bench, monkeypatch: Any) -> None:
    two_agencies(bench)
    asked: list[str] = []
    of_post, of_unit = Policy.clause_of_post, Policy.clause_of_unit

    def post(self: Policy, name: str, echelon: str) -> str | None:
        asked.append(name)
        return of_post(self, name, echelon)

    def unit(self: Policy, name: str, agency: str) -> str | None:
        asked.append(name)
        return of_unit(self, name, agency)

    monkeypatch.setattr(Policy, "clause_of_post", post)
    monkeypatch.setattr(Policy, "clause_of_unit", unit)
    draft(bench)
    assert asked.count("Analis Kebijakan Ahli Muda") == 1
    assert asked.count("Kepala Subbagian") == 1
    assert asked.count("Bidang U1") == 1
