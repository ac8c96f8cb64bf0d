"""The whole city's month in one command."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import select

from services.schedule.models import Roster
from services.schedule.rosters import whole_city
from services.schedule.settings import ScheduleSettings
from shared.testing.bench import Bench
from tests.schedule.factories import a_unit, an_agency, operator, settle, two_agencies


def test_all_agencies_are_drafted_and_what_hinders_one_is_told(bench: Bench) -> None:
    two_agencies(bench)
    settle(bench, [an_agency("A3", leader_id=None), a_unit("U3", parent_id="A3", agency_id="A3")], [])
    bench.clock.at = datetime(2026, 4, 8, 2, tzinfo=UTC)
    client = bench.client(operator("A2"))
    kept = client.post("/api/rosters", json={"agency_id": "A2", "month": "2026-05-01"}).json["id"]
    client.post(f"/api/rosters/{kept}/submit")
    with bench.db.transaction() as session:
        found = whole_city.agencies(session)
    assert [id_ for id_, _ in found] == ["A1", "A2", "A3"]
    assert isinstance(bench.settings, ScheduleSettings)
    now = bench.clock.now()
    drafted = {
        outcome.agency_id: outcome
        for outcome in whole_city.draft_all(
            bench.settings, found, date(2026, 5, 1), by="command line (test)", now=now, processes=2
        )
    }
    assert (drafted["A1"].said, drafted["A1"].optimal) == ("", True)
    assert "sedang menunggu" in drafted["A2"].said
    assert "belum memiliki pegawai" in drafted["A3"].said
    with bench.db.transaction() as session:
        rows = session.execute(select(Roster.agency_id, Roster.status).order_by(Roster.agency_id)).all()
    assert [tuple(row) for row in rows] == [("A1", "draft"), ("A2", "proposed")]
