"""One object of each kind in two agencies, for tests that walk all routes."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from services.reporting.models import Pack
from shared.clock import wib_moment
from shared.contracts.schedule import Assignment
from shared.testing.bench import Bench
from tests.reporting.conftest import as_asn, as_head
from tests.reporting.factories import (
    FRIDAY,
    NIPS,
    a_picture,
    a_recall,
    a_roster,
    a_sanction,
    a_unit,
    an_agency,
    an_employee,
    report_form,
)


def fill(bench: Bench) -> tuple[dict[str, str], dict[str, str]]:
    """Fill an empty bench; returns the URL arguments of A1's objects (employee E1, superior E0, head E9) and of A2's
    (F1, F0, F9). The clock is set to the evening of 30 April 2026; packs are drafts,
    E1 and F1 have a reprimand of May and were called back on another Friday."""
    bench.clock.at = wib_moment(FRIDAY, 12)
    bench.receive(
        an_agency("A1", leader_id="E9"),
        a_unit("U1", leader_id="E0"),
        an_employee("E9", superior_id=None, unit_id="A1", post="Kepala Dinas"),
        an_employee("E0", superior_id="E9"),
        an_employee("E1"),
        an_agency("A2", leader_id="F9"),
        a_unit("V1", agency_id="A2", parent_id="A2", leader_id="F0"),
        an_employee("F9", agency_id="A2", unit_id="A2", superior_id=None, post="Kepala Dinas"),
        an_employee("F0", agency_id="A2", unit_id="V1", superior_id="F9"),
        an_employee("F1", agency_id="A2", unit_id="V1", superior_id="F0"),
        a_roster({"E1": [FRIDAY]}),
        a_roster(agency_id="A2", assignments=[Assignment("F1", "V1", [FRIDAY])]),
        a_recall("E1"),
        a_recall("F1", roster_id="R-9", agency_id="A2"),
    )
    reports = {
        who: as_asn(bench, who).post("/api/reports", **report_form(photo=a_picture(shade=shade))).json["id"]
        for who, shade in (("E1", 41), ("F1", 42))
    }
    bench.clock.at = wib_moment(date(2026, 4, 30), 18)
    bench.work()
    with bench.db.transaction() as session:
        packs = {pack.agency_id: str(pack.id) for pack in session.scalars(select(Pack))}
    sanctions = {
        who: as_head(bench, head).post("/api/sanctions", json=a_sanction(who)).json["id"]
        for who, head in (("E1", "E9"), ("F1", "F9"))
    }
    return (
        {"report_id": reports["E1"], "pack_id": packs["A1"], "nip": NIPS["E1"], "sanction_id": sanctions["E1"]},
        {"report_id": reports["F1"], "pack_id": packs["A2"], "nip": NIPS["F1"], "sanction_id": sanctions["F1"]},
    )
