"""What superiors and heads judge in reporting closes and opens gates of the policy in schedule (1.g), end to end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.schedule.settings import schedule_settings
from shared.contracts.envelope import Contract, load_data
from shared.contracts.reporting import StandingChangedV1
from shared.contracts.schedule import EmployeeChangedV1, UnitChangedV1
from shared.roles import Role
from shared.testing.bench import Bench
from shared.testing.city import NOON, a_person
from tests.reporting.factories import a_picture, a_roster, a_sanction, report_form
from tests.schedule.factories import head, operator, two_agencies

GATES = """
[[gates]]
clause = "1.g"
text = "Pegawai yang laporannya dinilai di bawah ekspektasi bertugas di kantor."
when = "rating"
values = ["below"]

[[gates]]
clause = "1.f"
text = "Pegawai yang sedang mendapat teguran bertugas di kantor."
when = "sanction"
"""
RATING = ("1.g", "gate", "Pegawai yang laporannya dinilai di bawah ekspektasi bertugas di kantor.")
SANCTION = ("1.f", "gate", "Pegawai yang sedang mendapat teguran bertugas di kantor.")
FRIDAYS = ("2026-04-10", "2026-04-17", "2026-04-24")
DAYS = [date(2026, 4, day) for day in (1, 2, 6, 7, 8, 9)]


@dataclass
class City:
    """Two services and the queue between them: what one has told arrives at the other when it is carried."""

    schedule: Bench
    reporting: Bench

    def carry(self, source: Bench, target: Bench, *contracts: type[Contract]) -> None:
        """Let all that *source* has told so far arrive, once more if it has before."""
        target.receive(*(load_data(contract, data) for contract in contracts for data in source.emitted(contract)))

    def file(self, days: list[date], who: str) -> list[str]:
        """File the reports of *days*; returns their ids."""
        asn = self.reporting.client(a_person(who))
        forms = [report_form(photo=a_picture(shade=day.day), date=day.isoformat()) for day in days]
        return [asn.post("/api/reports", **form).json["id"] for form in forms]

    def assess(self, reports: list[str], decision: str) -> None:
        superior = self.reporting.client(a_person("E0", Role.SUPERIOR))
        answer = superior.post("/api/assessments", json={"report_ids": reports, "decision": decision})
        assert len(answer.json["assessed"]) == len(reports), answer.text
        self.carry(self.reporting, self.schedule, StandingChangedV1)

    def why_at_the_office(self, who: str) -> set[tuple[str, str, str]]:
        """(clause, rule, words) of the person's Fridays in a roster drafted now; empty when they have turns."""
        client = self.schedule.client(operator())
        roster = client.post("/api/rosters", json={"agency_id": "A1", "month": "2026-04-01"}).json["id"]
        cells = client.get(f"/api/rosters/{roster}/cells?employee_id={who}&page_size=100").json["rows"]
        fridays = [cell for cell in cells if cell["date"] in FRIDAYS]
        assert len(fridays) == len(FRIDAYS)
        if any(cell["mode"] == "wfh" for cell in fridays):
            return set()
        reasons: list[dict[str, Any]] = [
            client.get(f"/api/rosters/{roster}/cells/{who}/{day}/reason").json for day in FRIDAYS
        ]
        return {(cell["clause"], cell["rule"], reason["text"]) for cell, reason in zip(fridays, reasons, strict=True)}


@pytest.fixture
def city(schedule_bench: Bench, reporting_bench: Bench, tmp_path: Path) -> Iterator[City]:
    """Agency A1 (head A1-head, superior E0, staff E1 …) and A2, known to both; the policy has the two gates."""
    benches = (schedule_bench, reporting_bench)
    whole = schedule_bench.context
    settings = schedule_settings(schedule_bench.settings)
    [metro] = settings.policy_dir.glob("metro*.toml")
    (tmp_path / metro.name).write_text(metro.read_text() + GATES)
    for bench in benches:
        bench.empty()
        bench.clock.at = NOON
    schedule_bench.context = replace(whole, settings=replace(settings, policy_dir=tmp_path))
    schedule_bench.app.extensions["luwes.context"] = schedule_bench.context
    two_agencies(schedule_bench)
    city = City(*benches)
    city.carry(schedule_bench, reporting_bench, UnitChangedV1, EmployeeChangedV1)
    reporting_bench.receive(a_roster({"E1": DAYS, "E2": DAYS}))
    yield city
    schedule_bench.context = schedule_bench.app.extensions["luwes.context"] = whole
    for bench in benches:
        bench.empty()


def test_1_g_a_rating_below_expectation_closes_the_gate_and_better_work_opens_it(city: City) -> None:
    assert city.why_at_the_office("E1") == set()
    city.assess(city.file(DAYS[:3], "E1"), "below")
    city.assess(city.file(DAYS[:3], "E2"), "as")
    assert city.why_at_the_office("E1") == {RATING}
    assert city.why_at_the_office("E2") == set()
    city.assess(city.file(DAYS[3:], "E1"), "as")
    assert city.why_at_the_office("E1") == set()


def test_1_g_a_sanction_closes_the_gate_and_its_revocation_opens_it(city: City) -> None:
    chief = city.reporting.client(head())
    nip = next(told["nip"] for told in city.schedule.emitted(EmployeeChangedV1) if told["id"] == "E1")
    made = chief.post("/api/sanctions", json=a_sanction(nip=nip, starts="2026-04-10"))
    assert made.status_code == 201, made.text
    city.carry(city.reporting, city.schedule, StandingChangedV1)
    assert city.why_at_the_office("E1") == {SANCTION}
    assert city.why_at_the_office("E2") == set()
    revoked = chief.post(f"/api/sanctions/{made.json['id']}/revocation", json={"reason": "Keberatannya diterima."})
    assert revoked.status_code == 200, revoked.text
    city.carry(city.reporting, city.schedule, StandingChangedV1)
    assert city.why_at_the_office("E1") == set()
