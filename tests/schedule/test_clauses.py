"""The circular's clauses on real rows: a roster is drafted through the API and its cells are read back."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from sqlalchemy import select

from services.schedule.absences.actions import AbsenceIn
from services.schedule.models import RosterCell, RosterLimit
from shared.testing.bench import Bench
from tests.schedule.factories import (
    FRIDAYS,
    a_unit,
    an_agency,
    an_employee,
    head,
    operator,
    settle,
    two_agencies,
)

HOLIDAY = date(2026, 5, 1)


def draft(bench: Bench, month: str = "2026-04-01") -> str:
    answer = bench.client(operator()).post("/api/rosters", json={"agency_id": "A1", "month": month})
    assert answer.status_code == 201, answer.text
    return str(answer.json["id"])


def cells(bench: Bench, roster_id: str, **wanted: Any) -> list[RosterCell]:
    with bench.db.transaction() as session:
        query = select(RosterCell).where(RosterCell.roster_id == roster_id).order_by(RosterCell.date)
        for name, value in wanted.items():
            query = query.where(getattr(RosterCell, name) == value)
        return list(session.scalars(query))


def test_1_b_1_monday_to_thursday_everyone_works_at_the_office(bench: Bench) -> None:
    two_agencies(bench)
    found = [cell for cell in cells(bench, draft(bench)) if cell.date.weekday() < 4]
    assert {(cell.mode, cell.clause) for cell in found} == {("wfo", "1.b.1")}
    assert {cell.date.weekday() for cell in found} == {0, 1, 2, 3}
    assert len(found) == 8 * len({cell.date for cell in found})  # A1's eight people, none of A2's


def test_1_b_2_on_fridays_people_work_at_home_in_turn(bench: Bench) -> None:
    two_agencies(bench)
    at_home = cells(bench, draft(bench), mode="wfh")
    assert {cell.date for cell in at_home} == set(FRIDAYS)
    assert {cell.clause for cell in at_home} == {"1.b.2"}
    turns = Counter(cell.employee_id for cell in at_home)
    assert set(turns) == {f"E{n}" for n in range(7)}
    assert max(turns.values()) - min(turns.values()) <= 1


def test_1_b_holidays_and_days_before_the_policy_have_no_mode(bench: Bench) -> None:
    two_agencies(bench)
    assert min(cell.date for cell in cells(bench, draft(bench))) == date(2026, 4, 9)
    in_may = {cell.date for cell in cells(bench, draft(bench, "2026-05-01"))}
    assert HOLIDAY not in in_may
    assert not {day for day in in_may if day.weekday() > 4}


def test_1_a_absent_people_have_no_mode_and_do_not_use_up_the_quota(bench: Bench) -> None:
    two_agencies(bench)
    settle(bench, [], [], [AbsenceIn(an_employee("E3", 3).nip, "leave", FRIDAYS[0], FRIDAYS[0], "cuti tahunan")])
    roster_id = draft(bench)
    [cell] = cells(bench, roster_id, employee_id="E3", date=FRIDAYS[0])
    assert (cell.mode, cell.clause, cell.rule) == ("leave", "1.a", "absent")
    with bench.db.transaction() as session:
        quota = session.get_one(RosterLimit, (roster_id, "quota:U1", FRIDAYS[0]))
    assert (quota.staff, quota.present, quota.eligible, quota.at_home) == (7, 6, 6, 3)


def test_1_d_the_head_sets_the_share_and_the_database_shows_its_arithmetic(bench: Bench) -> None:
    two_agencies(bench)
    for share, cap in (("0", 0), ("0.25", 1), ("1", 6)):
        body = {"share": share, "min_on_site": 1}
        assert bench.client(head()).put("/api/agencies/A1/quota", json=body).status_code == 204
        roster_id = draft(bench)
        assert (
            Counter(c.date for c in cells(bench, roster_id, mode="wfh"))
            == Counter(dict.fromkeys(FRIDAYS, cap)) + Counter()
        )
    assert bench.client(head("A2")).put("/api/agencies/A1/quota", json=body).status_code == 403
    assert bench.client(operator()).put("/api/agencies/A1/quota", json=body).status_code == 403


def test_1_g_a_unit_keeps_its_smallest_number_on_site_and_says_why(bench: Bench) -> None:
    two_agencies(bench)
    bench.client(head()).put("/api/agencies/A1/quota", json={"share": "1", "min_on_site": 5})
    roster_id = draft(bench)
    assert Counter(c.date for c in cells(bench, roster_id, mode="wfh")) == Counter(dict.fromkeys(FRIDAYS, 2))
    stays = cells(bench, roster_id, date=FRIDAYS[0], rule="on_site")[0]
    assert (stays.mode, stays.clause) == ("wfo", "1.g")
    reason = bench.client(operator()).get(f"/api/rosters/{roster_id}/cells/{stays.employee_id}/2026-04-10/reason")
    assert "paling sedikit 5 orang tetap di kantor" in reason.json["text"]


def test_a_unit_of_one_person_has_nobody_at_home_while_the_share_rounds_down_to_none(bench: Bench) -> None:
    two_agencies(bench)
    settle(bench, [a_unit("U9")], [an_employee("S1", 700, unit_id="U9")])
    assert {cell.mode for cell in cells(bench, draft(bench), employee_id="S1")} == {"wfo"}


def check_post_is_exempt(bench: Bench, clause: str, post: str, echelon: str) -> None:
    two_agencies(bench)
    settle(bench, [], [an_employee("X1", 800, post=post, echelon=echelon)])
    roster_id = draft(bench)
    assert {(c.mode, c.clause) for c in cells(bench, roster_id, employee_id="X1") if c.date in FRIDAYS} == {
        ("wfo", clause)
    }
    assert cells(bench, roster_id, mode="wfh", unit_id="U1"), "colleagues of the same unit still have turns"
    reason = bench.client(operator()).get(f"/api/rosters/{roster_id}/cells/X1/2026-04-10/reason").json
    assert reason["clause"] == clause
    assert reason["text"]


def check_unit_is_exempt(bench: Bench, clause: str, agency: str, unit: str, supporting: str = "Sekretariat") -> None:
    """People of *unit* and of a part below it stay; those of the supporting unit beside it may work at home."""
    settle(
        bench,
        [
            an_agency("A1", name=agency, leader_id=None),
            a_unit("SERVE", name=unit),
            a_unit("PART", name="Seksi A", parent_id="SERVE"),
            a_unit("SUPPORT", name=supporting),
        ],
        [
            an_employee("S1", 1, unit_id="SERVE"),
            an_employee("S2", 2, unit_id="SERVE"),
            an_employee("P1", 3, unit_id="PART"),
            an_employee("N1", 4, unit_id="SUPPORT"),
            an_employee("N2", 5, unit_id="SUPPORT"),
        ],
    )
    fridays = [cell for cell in cells(bench, draft(bench)) if cell.date in FRIDAYS]
    for employee_id in ("S1", "S2", "P1"):
        assert {(c.mode, c.clause) for c in fridays if c.employee_id == employee_id} == {("wfo", clause)}
    assert {c.mode for c in fridays if c.unit_id == "SUPPORT"} == {"wfo", "wfh"}


def test_1_l_1_jpt_pratama(bench: Bench) -> None:
    check_post_is_exempt(bench, "1.l.1", "Asisten Pemerintahan", "22")


def test_1_l_2_administrator(bench: Bench) -> None:
    check_post_is_exempt(bench, "1.l.2", "Kepala Bidang Perencanaan", "32")


def test_1_l_3_camat_is_named_as_camat_though_also_echelon_iii(bench: Bench) -> None:
    check_post_is_exempt(bench, "1.l.3", "Camat Metro Utara", "31")


def test_1_l_3_lurah(bench: Bench) -> None:
    check_post_is_exempt(bench, "1.l.3", "Lurah Banjarsari", "41")


def test_1_l_4_emergency_and_disaster_preparedness(bench: Bench) -> None:
    check_unit_is_exempt(bench, "1.l.4", "Badan Penanggulangan Bencana Daerah", "Bidang Kedaruratan dan Logistik")


def test_1_l_5_public_order_and_protection(bench: Bench) -> None:
    check_unit_is_exempt(bench, "1.l.5", "Satuan Polisi Pamong Praja", "Bidang Ketertiban Umum dan Ketenteraman")


def test_1_l_6_cleaning_and_waste(bench: Bench) -> None:
    check_unit_is_exempt(bench, "1.l.6", "Dinas Lingkungan Hidup", "UPTD Persampahan")


def test_1_l_7_civil_registry(bench: Bench) -> None:
    check_unit_is_exempt(
        bench, "1.l.7", "Dinas Kependudukan dan Pencatatan Sipil", "Bidang Pelayanan Pendaftaran Penduduk"
    )


def test_1_l_8_permits(bench: Bench) -> None:
    check_unit_is_exempt(
        bench, "1.l.8", "Dinas Penanaman Modal dan Pelayanan Terpadu Satu Pintu", "Bidang Pelayanan Perizinan"
    )


def test_1_l_9_health(bench: Bench) -> None:
    check_unit_is_exempt(bench, "1.l.9", "Dinas Kesehatan", "UPTD Puskesmas Yosomulyo")


def test_1_l_10_education(bench: Bench) -> None:
    check_unit_is_exempt(bench, "1.l.10", "Dinas Pendidikan dan Kebudayaan", "SD Negeri 3 Metro Pusat")


def test_1_l_11_local_revenue(bench: Bench) -> None:
    check_unit_is_exempt(bench, "1.l.11", "Badan Pengelolaan Pajak dan Retribusi Daerah", "UPTD Pajak Daerah")


def test_1_l_12_any_other_direct_service(bench: Bench) -> None:
    check_unit_is_exempt(bench, "1.l.12", "Dinas Perhubungan", "UPTD Terminal Mulyojati")


def test_1_l_the_operator_may_exempt_a_unit_that_no_name_reveals_and_its_parts_follow(bench: Bench) -> None:
    two_agencies(bench)
    answer = bench.client(operator()).put("/api/units/U1/exemption", json={"clause": "1.l.12"})
    assert answer.status_code == 200, answer.text
    assert {c.clause for c in cells(bench, draft(bench), unit_id="U1") if c.date in FRIDAYS} == {"1.l.12"}
    refused = bench.client(operator()).put("/api/units/U1/exemption", json={"clause": "1.l.13"})
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/clause")
