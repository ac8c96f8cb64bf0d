"""The whole city's month in one command."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from services.schedule import __main__ as command_line
from services.schedule.models import Roster, RosterCell, RosterStatus, Unit
from services.schedule.rosters import whole_city
from services.schedule.settings import ScheduleSettings
from shared.audit import AuditRow
from shared.clock import FileClock
from shared.testing.bench import Bench
from tests.schedule.factories import a_unit, an_agency, in_force, operator, settle, two_agencies


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


@pytest.fixture
def commands(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ScheduleSettings:
    """The command line on this bench, on 8 April 2026."""
    FileClock(tmp_path / "clock").move_to(datetime(2026, 4, 8, 2, tzinfo=UTC))
    assert isinstance(bench.settings, ScheduleSettings)
    settings = replace(bench.settings, clock_file=tmp_path / "clock")
    monkeypatch.setattr(command_line, "load_settings", lambda: settings)
    return settings


def test_the_command_drafts_every_agency_and_tells_of_each(bench: Bench, commands: ScheduleSettings) -> None:
    two_agencies(bench)
    settle(bench, [an_agency("A3", leader_id=None)], [])
    result = CliRunner().invoke(command_line.main, ["draft-month", "2026-05", "--processes", "2"])
    assert result.exit_code == 0, result.output
    progress = [line.split("\t") for line in result.stderr.splitlines()]
    assert [done for done, _ in progress] == ["1/3", "2/3", "3/3"]
    assert {name for _, name in progress} == {"Badan A1", "Badan A2", "Badan A3"}
    assert result.stdout.splitlines() == [
        "Badan A1\tproved optimal\t0 clashes",
        "Badan A2\tproved optimal\t0 clashes",
        "Badan A3\tPerangkat daerah ini belum memiliki pegawai aktif.\t0 clashes",
    ]
    with bench.db.transaction() as session:
        rosters = session.execute(select(Roster.agency_id, Roster.month, Roster.created_by).order_by(Roster.agency_id))
        assert [tuple(row)[:2] for row in rosters] == [("A1", date(2026, 5, 1)), ("A2", date(2026, 5, 1))]
        assert session.scalar(select(func.count()).where(RosterCell.mode == "wfh")) == 2 * 3 * 3  # on 8, 22, 29 May
        drafted = session.scalars(select(AuditRow.detail).where(AuditRow.action == "draft_roster")).all()
    assert sorted(detail["agency"] for detail in drafted) == ["A1", "A2"]


def test_an_error_in_one_agency_is_told_and_costs_the_others_nothing(bench: Bench, commands: ScheduleSettings) -> None:
    two_agencies(bench)
    version = 2**31 - 1  # the next does not fit the column
    in_force(bench, "A1", status=RosterStatus.REJECTED, version=version, month=date(2026, 5, 1))
    result = CliRunner().invoke(command_line.main, ["draft-month", "2026-05", "--processes", "1"])
    assert result.exit_code == 1
    assert "Badan A1\tFAILED: DataError; see the log\t0 clashes" in result.output
    assert "Badan A2\tproved optimal\t0 clashes" in result.output
    assert result.output.endswith("Error: 1 of 2 agencies failed by an error; the others are done\n")
    assert "draft failed" in result.output
    with bench.db.transaction() as session:
        assert session.scalars(select(Roster.agency_id).where(Roster.status == "draft")).all() == ["A2"]


def test_agencies_are_drafted_at_one_time(bench: Bench) -> None:
    two_agencies(bench)
    now = bench.clock.now()
    with bench.db.transaction() as session:
        found = whole_city.agencies(session)
    assert [id_ for id_, _ in found] == ["A1", "A2"]
    assert isinstance(bench.settings, ScheduleSettings)
    with bench.db.transaction() as session:
        session.get_one(Unit, "A1", with_for_update=True)  # the first has to wait; one by one the second would, too
        drafted = whole_city.draft_all(bench.settings, found, date(2026, 5, 1), by="uji", now=now, processes=2)
        assert next(drafted).agency_id == "A2"
    assert [(outcome.agency_id, outcome.said) for outcome in drafted] == [("A1", "")]


def test_a_roster_that_is_not_proved_tells_its_gap(bench: Bench) -> None:
    two_agencies(bench)
    client = bench.client(operator())
    roster = client.post("/api/rosters", json={"agency_id": "A1", "month": "2026-05-01"}).json["id"]
    page = f"/rosters/{roster}"
    assert "belum terbukti" not in client.get(page).text
    with bench.db.transaction() as session:
        row = session.get_one(Roster, roster)
        row.optimal, row.gap = False, Decimal("0.034")
    told = " ".join(client.get(page).text.split())
    assert "belum terbukti yang terbaik (selisih paling banyak 3,4 %)" in told
    outcome = whole_city.Drafted("A1", "Badan A1", optimal=False, gap=0.034)
    assert outcome.told == "not proved, gap 3.4%"


def test_the_command_tells_the_gap_of_a_roster_that_is_not_proved(
    bench: Bench, commands: ScheduleSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_agencies(bench)

    def unproved(*arguments: Any, **named: Any) -> Iterator[whole_city.Drafted]:
        yield whole_city.Drafted("A1", "Badan A1", optimal=False, gap=0.034, clashes=1)

    monkeypatch.setattr(whole_city, "draft_all", unproved)
    result = CliRunner().invoke(command_line.main, ["draft-month", "2026-05"])
    assert (result.exit_code, result.output.splitlines()[1:]) == (0, ["Badan A1\tnot proved, gap 3.4%\t1 clashes"])
