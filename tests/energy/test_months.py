"""An agency's month is closed: checklists counted, electricity measured, and told once (1.m, 2.a)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from sqlalchemy import delete, insert, select

from services.energy.models import FlaggedWeek, HomeDay, MonthClosure, Reading, Tariff
from services.energy.savings.calendar import days_off
from services.energy.savings.chart import draw
from shared.audit import AuditRow
from shared.contracts.energy import MonthClosedV1, SavingFigure
from shared.contracts.envelope import load_data
from shared.roles import Role
from shared.testing.bench import Bench
from shared.testing.city import a_person
from tests.energy.world import APRIL, FRIDAYS, a_room, a_roster, answers, import_rooms, operator, run_id, settle

END_OF_APRIL = datetime(2026, 4, 30, 9, 30, tzinfo=UTC)  # 16.30 WIB
TRUE_SAVING = 80.0  # kWh a Friday
CLOSE = "/api/agencies/A1/months/2026-04/close"


def meter(bench: Bench, building: str, agency_id: str = "A1", *, saved: float = TRUE_SAVING, weeks: int = 40) -> None:
    """Daily readings of a building that uses *saved* kWh less on WFH Fridays."""
    rng = np.random.default_rng(len(building) + weeks)
    first, until = date(2026, 4, 6) - timedelta(weeks=weeks), date(2026, 4, 30)
    off, rows = days_off(first, until), []
    with bench.db.transaction() as session:
        for number in range((until - first).days + 1):
            day = first + timedelta(days=number)
            idle = day.weekday() > 4 or day in off
            kwh = 100.0 if idle else 400.0 + rng.normal(0, 8) - (saved if day in FRIDAYS else 0)
            rows.append({"date": day, "kwh": Decimal(f"{kwh:.1f}")})
        session.execute(insert(Reading).values(building=building, agency_id=agency_id, source="uji"), rows)


def april(bench: Bench) -> MonthClosedV1:
    [data] = bench.emitted(MonthClosedV1)
    return load_data(MonthClosedV1, data)


def electricity(event: MonthClosedV1) -> SavingFigure:
    return next(figure for figure in event.savings if figure.item == "electricity")


def close_by_time(bench: Bench) -> MonthClosedV1:
    bench.clock.at = END_OF_APRIL
    bench.work()
    return april(bench)


@pytest.fixture
def city(bench: Bench) -> Bench:
    """A1 with rooms R-01 (E1) and R-03 (E3) at home on the Fridays of April; A2 as noise beside it."""
    settle(bench)
    import_rooms(bench, a_room("R-01"), a_room("R-03", (3,)), a_room("R-02", (21,), unit="U2", officer=21))
    bench.receive(a_roster({"E1": FRIDAYS, "E3": FRIDAYS[:1]}))
    return bench


def test_1_m_savings_are_electricity_in_rupiah_with_interval_and_grade(city: Bench) -> None:
    meter(city, "GD-1")
    meter(city, "GD-9", "A2", saved=-500)
    figure = electricity(close_by_time(city))
    assert (figure.grade, figure.unit, figure.proven) == ("A", "kWh", True)
    assert figure.low is not None
    assert figure.high is not None
    assert figure.quantity is not None
    assert figure.low <= 3 * TRUE_SAVING <= figure.high
    assert figure.rupiah == pytest.approx(figure.quantity * 1699.53, abs=100)
    assert "tarif Rp1.699,53/kWh (PLN P-1/TR 6,6–200 kVA)" in figure.note
    assert "3 Jumat WFH" in figure.note


def test_1_m_what_has_no_data_says_so_and_has_no_figure(city: Bench) -> None:
    event = close_by_time(city)
    assert [figure.item for figure in event.savings] == [
        "electricity", "fuel", "water", "telephone", "personnel", "other"
    ]  # fmt: skip
    assert {(figure.rupiah, figure.grade, figure.proven) for figure in event.savings} == {(None, None, False)}
    assert electricity(event).note == "belum ada data: belum ada pembacaan meter harian"
    assert {figure.note for figure in event.savings[1:]} == {"belum ada data"}


def test_1_m_an_interval_that_covers_zero_is_not_proven(city: Bench) -> None:
    meter(city, "GD-1", saved=0)
    figure = electricity(close_by_time(city))
    assert figure.proven is False
    assert figure.low is not None
    assert figure.high is not None
    assert figure.low <= 0 <= figure.high
    assert figure.note.startswith("belum terbukti")


def test_a_rise_is_told_as_a_rise(city: Bench) -> None:
    meter(city, "GD-1", saved=-60)
    figure = electricity(close_by_time(city))
    assert figure.rupiah is not None
    assert figure.rupiah < 0
    assert figure.note.startswith("pemakaian naik, bukan hemat")


def test_too_few_weeks_are_no_data(city: Bench) -> None:
    meter(city, "GD-1", weeks=6)
    figure = electricity(close_by_time(city))
    assert (figure.rupiah, figure.quantity) == (None, None)
    assert figure.note.startswith("belum ada data: perlu sedikitnya 8 minggu")


def test_buildings_without_enough_data_are_left_out_by_name(city: Bench) -> None:
    meter(city, "GD-1")
    meter(city, "GD-22", weeks=3)
    figure = electricity(close_by_time(city))
    assert figure.proven
    assert "tanpa gedung yang datanya belum cukup: GD-22" in figure.note


def test_two_buildings_are_measured_together(city: Bench) -> None:
    meter(city, "GD-1")
    meter(city, "GD-22")
    figure = electricity(close_by_time(city))
    assert figure.low is not None
    assert figure.high is not None
    assert figure.low <= 6 * TRUE_SAVING <= figure.high


def test_fridays_flagged_or_with_nobody_at_home_do_not_count(city: Bench) -> None:
    meter(city, "GD-1")
    with city.db.transaction() as session:
        session.add(FlaggedWeek(agency_id="*", friday=date(2026, 3, 13), reason="Ramadan"))
        session.add(HomeDay(employee_id="E21", date=date(2026, 2, 6), agency_id="A2", roster_id="R-A2"))
        session.add(FlaggedWeek(agency_id="A2", friday=date(2026, 3, 6), reason="bukan milik A1"))
    city.receive(a_roster({"E1": FRIDAYS[:2]}, version=2))
    close_by_time(city)
    with city.db.transaction() as session:
        detail = session.scalars(select(MonthClosure)).one().detail["electricity"]
    assert detail["flagged"] == {"2026-03-13": "Ramadan", "2026-04-24": "tidak ada pegawai yang WFH"}
    assert detail["whole"]["k"] == 2
    assert detail["start"] == "2026-04-10"
    assert set(detail["buildings"][0]) >= {"building", "weeks", "other_days_before", "other_days_after"}


def test_weeks_between_the_circular_and_the_first_roster_are_neither_before_nor_after(bench: Bench) -> None:
    settle(bench)
    bench.receive(a_roster({"E1": FRIDAYS[1:]}))
    meter(bench, "GD-1")
    close_by_time(bench)
    with bench.db.transaction() as session:
        detail = session.scalars(select(MonthClosure)).one().detail["electricity"]
    assert detail["flagged"] == {"2026-04-10": "sebelum jadwal pertama tercatat"}


def test_without_a_tariff_of_the_month_the_rupiah_is_missing_and_the_kwh_is_not(city: Bench) -> None:
    meter(city, "GD-1")
    with city.db.transaction() as session:
        session.execute(delete(Tariff))
    figure = electricity(close_by_time(city))
    assert figure.rupiah is None
    assert figure.quantity is not None
    assert "tarif bulan ini belum tercatat" in figure.note


def test_1_k_checklists_are_counted_in_runs_that_have_fallen_due(city: Bench) -> None:
    city.client(a_person("E1")).post(f"/api/checklists/{run_id(city)}/submit", json=answers(ac="menyala"))
    city.client(a_person("E3")).post(f"/api/checklists/{run_id(city, 'R-03')}/submit", json=answers())
    city.client(operator()).post(f"/api/checklists/{run_id(city)}/supervise", json={"accepted": True})
    checklists = close_by_time(city).checklists
    assert (checklists.rooms, checklists.due, checklists.submitted) == (2, 4, 2)
    assert (checklists.supervised, checklists.failed_items) == (1, 1)


def test_the_month_is_closed_once_and_not_before_half_past_four_on_its_last_day(city: Bench) -> None:
    city.receive(a_roster({"E1": FRIDAYS}, version=2))
    city.clock.at = END_OF_APRIL - timedelta(seconds=1)
    city.work()
    assert city.emitted(MonthClosedV1) == []
    event = close_by_time(city)
    assert (event.agency_id, event.month, event.subject) == ("A1", APRIL, "month/A1/2026-04")
    city.clock.at += timedelta(days=1)
    city.work()
    assert len(city.emitted(MonthClosedV1)) == 1


def close(bench: Bench, body: dict[str, Any] | None = None, path: str = CLOSE, **who: Any) -> Any:
    user = a_person("O", Role.ORGANISATION, agency_id="A0", **who)
    return bench.client(user).post(path, json=body or {})


def test_a_restatement_needs_a_reason_and_keeps_the_first_figures(city: Bench) -> None:
    close_by_time(city)
    meter(city, "GD-1")
    assert close(city).status_code == 422
    again = close(city, {"reason": "pembacaan meter terlambat"})
    assert (again.status_code, again.json["version"]) == (200, 2)
    with city.db.transaction() as session:
        first, second = session.scalars(select(MonthClosure).order_by(MonthClosure.version))
        acts = list(session.scalars(select(AuditRow.action)))
    assert first.figures["savings"][0]["quantity"] is None
    assert second.figures["savings"][0]["quantity"] is not None
    assert (first.reason, second.reason) == ("akhir bulan", "pembacaan meter terlambat")
    assert acts[-1] == "close_month"
    assert len(city.emitted(MonthClosedV1)) == 2
    shown = city.client(a_person("H", Role.HEAD)).get("/api/agencies/A1/months/2026-04").json
    assert shown["version"] == 2
    assert city.client(a_person("H", Role.HEAD)).get("/api/months?month=2026-04").json["total"] == 2
    assert city.client(a_person("H", Role.HEAD, agency_id="A2")).get("/api/months").json["total"] == 0


def test_a_month_closed_by_hand_is_not_closed_again_by_time(city: Bench) -> None:
    city.clock.at = END_OF_APRIL
    assert close(city).json["version"] == 1
    city.work()
    assert len(city.emitted(MonthClosedV1)) == 1


def test_wrong_months_and_agencies_are_refused(city: Bench) -> None:
    early = close(city)
    assert (early.status_code, early.json["code"]) == (409, "month_not_over")
    city.clock.at = END_OF_APRIL
    for month in ("2026-13", "april", "2026-4", "2026-04-01"):
        assert close(city, path=f"/api/agencies/A1/months/{month}/close").status_code == 422
    assert close(city, path="/api/agencies/U1/months/2026-04/close").status_code == 404
    assert close(city, path="/api/agencies/A404/months/2026-04/close").status_code == 404
    assert city.client(operator("A2")).post(CLOSE, json={}).status_code == 403
    assert city.client(a_person("E1")).post(CLOSE, json={}).status_code == 403
    assert city.client(a_person("H", Role.HEAD)).get("/api/agencies/A1/months/2026-03").status_code == 404


# --- pages --------------------------------------------------------------------------------------------------------


def test_the_page_of_a_month_opens_its_figure_down_to_the_weeks(city: Bench) -> None:
    meter(city, "GD-1")
    close_by_time(city)
    head = city.client(a_person("H", Role.HEAD))
    page = head.get("/savings/A1/2026-04", page=True).text
    assert "Unit A1" in page
    assert page.count('fill="#0b6e4f"') == 3  # the three WFH Fridays
    assert "10 April 2026" in page
    assert "belum ada data" in page
    assert "GD-1" in page
    assert "akhir bulan" in page
    assert head.get("/savings/A1/2026-03", page=True).status_code == 404
    assert head.get("/savings/A2/2026-04", page=True).status_code == 403


def test_the_list_of_months_shows_the_last_version_within_reach_and_exports_it(city: Bench) -> None:
    meter(city, "GD-1")
    close_by_time(city)
    close(city, {"reason": "angka GD-1 dibetulkan"})
    head, other = a_person("H", Role.HEAD), a_person("H2", Role.HEAD, agency_id="A2")
    page = city.client(head).get("/savings", page=True).text
    assert "dihitung ulang, versi 2" in page
    assert "mutu A" in page
    assert "Belum ada bulan yang ditutup" in city.client(other).get("/savings", page=True).text
    city_wide = city.client(a_person("O", Role.ORGANISATION, agency_id="A0"))
    assert "Unit A1" in city_wide.get("/savings?agency_id=A1&month=2026-04", page=True).text
    assert "Belum ada bulan" in city_wide.get("/savings?agency_id=A2", page=True).text
    assert city_wide.get("/savings?month=April", page=True).status_code == 422
    rows = city.client(head).get("/savings?format=csv", page=True).data.decode("utf-8-sig").splitlines()
    assert len(rows) == 1 + 6
    assert rows[1].startswith("April 2026,Unit A1,2,Listrik,")


def test_the_drawing_keeps_zero_in_sight_and_shows_what_is_left_out() -> None:
    first, second, third = FRIDAYS
    before = first - timedelta(weeks=1)
    drawing = draw({before: -10.0, first: -50.0, second: -40.0, third: 20.0}, first, {second: "libur"},
                   (APRIL, date(2026, 4, 20)))  # fmt: skip
    assert [bar.kind for bar in drawing.bars] == ["before", "after", "out", "out"]
    assert drawing.bars[3].y + drawing.bars[3].height == pytest.approx(drawing.zero)
    assert drawing.bars[0].y == drawing.zero
    assert drawing.bars[0].x < drawing.start < drawing.bars[1].x
    assert drawing.mean_before is not None
    assert drawing.zero < drawing.mean_before
    assert draw({}, first, {}, (APRIL, third)).mean_after is None
