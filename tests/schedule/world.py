"""One of everything in agency A1 and in agency A2, for tests that walk all routes."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from services.schedule.models import (
    Absence,
    Employee,
    Letter,
    Posting,
    Reconciliation,
    Roster,
    RosterRequest,
    StandIn,
    Swap,
)
from shared.testing.bench import Bench
from tests.schedule.factories import head, operator, two_agencies


def fill(bench: Bench) -> tuple[dict[str, str], dict[str, str]]:
    """Values of the addresses' arguments, for A1 and for A2."""
    two_agencies(bench, staff=3)
    return _values(bench, "A1", "E1"), _values(bench, "A2", "F1")


def _values(bench: Bench, agency: str, employee_id: str) -> dict[str, str]:
    made = bench.client(operator(agency)).post("/api/rosters", json={"agency_id": agency, "month": "2026-04-01"})
    roster_id = made.json["id"]
    bench.client(operator(agency)).post(f"/api/rosters/{roster_id}/submit")
    bench.client(head(agency)).post(f"/api/rosters/{roster_id}/approve")
    with bench.db.transaction() as session:
        letter_id = session.scalar(select(Letter.id).join(Roster).where(Roster.agency_id == agency))
        nip = session.scalar(select(Employee.nip).where(Employee.id == employee_id))
        counts = {"units": 0, "people": 0, "applied": 0, "rejected": 0, "gone": 0}
        run = Reconciliation(source="simpeg", started_at=bench.clock.now(), differences=[], **counts)
        session.add(run)
        asked = {"agency_id": agency, "reason": "keluarga", "status": "asked", "asked_at": bench.clock.now()}
        day, later = date(2026, 4, 17), date(2026, 4, 24)
        swap = Swap(roster_id=roster_id, asker_id=employee_id, gives=day, other_id="X", takes=later, **asked)
        request = RosterRequest(employee_id=employee_id, date=day, mode="wfh", kind="wish", asked_by="X", **asked)
        unit_id = "U1" if agency == "A1" else "U2"
        acting = Posting(
            employee_id=employee_id, kind="acting", starts=day, ends=later, agency_id=agency, unit_id=unit_id,
            post="Plh. Kepala Bidang", echelon="99", rank="", active=True, dated=True, by_hand=True, reason="-",
        )  # fmt: skip
        absence = Absence(employee_id=employee_id, kind="leave", starts=day, ends=day, note="-", source="hand")
        session.add_all([swap, request, acting, absence])
        session.add(
            StandIn(agency_id=agency, one_id="X1", other_id="X2", reason="-", set_by="X", set_at=bench.clock.now())
        )
    return {
        "agency_id": agency, "unit_id": unit_id, "roster_id": str(roster_id),
        "letter_id": str(letter_id), "employee_id": employee_id, "day": "2026-04-10", "nip": str(nip),
        "run_id": str(run.id), "swap_id": str(swap.id), "request_id": str(request.id), "posting_id": str(acting.id),
        "absence_id": str(absence.id), "policy_id": "contoh-75-persen", "one_id": "X1", "other_id": "X2",
    }  # fmt: skip
