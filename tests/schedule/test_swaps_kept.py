"""A swap in force stands in later amendments: what two people agreed on is not undone by somebody else's leave."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select

from services.schedule.absences.actions import AbsenceIn
from services.schedule.models import Roster
from shared.testing.bench import Bench
from tests.schedule.factories import FRIDAYS, a_unit, an_employee, head, operator, settle
from tests.schedule.test_basis import reason
from tests.schedule.test_changes import approve_change, in_force, modes, sign
from tests.schedule.test_clauses import cells
from tests.schedule.test_life_of_a_roster import Eoffice, eoffice
from tests.schedule.test_swaps import approved_swap, pin, swap_row

__all__ = ["eoffice"]

Key = tuple[str, date]


def swapped(bench: Bench, eoffice: Eoffice) -> tuple[str, dict[Key, str]]:
    """(roster in force with a swap, its four cells and their modes); asker and colleague are E1 and E2, who gives the
    first Friday gets the last."""
    base = in_force(bench, eoffice)
    swap, *_ = approved_swap(bench, base)
    row = swap_row(bench, swap)
    assert (row["asker_id"], row["other_id"]) == ("E1", "E2")
    assert (row["gives"], row["takes"]) == (f"{FRIDAYS[0]}", f"{FRIDAYS[2]}")
    with bench.db.transaction() as session:
        roster_id = str(session.scalars(select(Roster.id).where(Roster.amends_id == base)).one())
    assert approve_change(bench, roster_id).status_code == 200
    assert sign(bench, roster_id).status_code == 200
    kept = {("E1", FRIDAYS[0]): "wfo", ("E1", FRIDAYS[2]): "wfh", ("E2", FRIDAYS[2]): "wfo", ("E2", FRIDAYS[0]): "wfh"}
    assert kept.items() <= modes(bench, roster_id).items()
    return roster_id, kept


def leave(bench: Bench, employee_id: str, *days: date) -> None:
    nip = an_employee(employee_id, int(employee_id[1:])).nip
    settle(bench, [], [], [AbsenceIn(nip, "leave", day, day, "cuti") for day in days])


def amend(bench: Bench, roster_id: str) -> dict[str, Any]:
    made = bench.client(operator()).post(f"/api/rosters/{roster_id}/amend", json={"reason": "ada perubahan"})
    assert made.status_code == 201, made.text
    return dict(made.json)


def rules(bench: Bench, roster_id: str, employee_id: str) -> dict[date, str]:
    return {cell.date: cell.rule for cell in cells(bench, roster_id, employee_id=employee_id) if cell.date in FRIDAYS}


def test_somebody_elses_leave_does_not_undo_it_and_it_is_told_as_a_swap_still(bench: Bench, eoffice: Eoffice) -> None:
    roster_id, kept = swapped(bench, eoffice)
    assert modes(bench, roster_id)["E4", FRIDAYS[0]] == modes(bench, roster_id)["E4", FRIDAYS[2]] == "wfh"
    leave(bench, "E4", FRIDAYS[0], FRIDAYS[2])  # the turns that are free would go to E1 and leave E2 without one
    made = amend(bench, roster_id)
    assert kept.items() <= modes(bench, made["id"]).items()
    assert made["clashes"] == []
    for employee_id, day in kept:
        why = reason(bench, made["id"], employee_id, day)
        assert (why["clause"], "Hasil tukar giliran yang disetujui atasan." in why["text"]) == ("1.d", True)


def test_it_stands_in_the_amendment_after_the_next_too(bench: Bench, eoffice: Eoffice) -> None:
    roster_id, kept = swapped(bench, eoffice)
    leave(bench, "E5", FRIDAYS[1])
    first = amend(bench, roster_id)["id"]
    assert approve_change(bench, first).status_code == 200
    assert sign(bench, first).status_code == 200
    leave(bench, "E4", FRIDAYS[0], FRIDAYS[2])
    second = amend(bench, first)["id"]
    assert kept.items() <= modes(bench, second).items()
    assert set(rules(bench, second, "E1").values()) >= {"swap"}


def test_it_gives_way_to_leave_of_its_own_person_and_hinders_nobody(bench: Bench, eoffice: Eoffice) -> None:
    roster_id, kept = swapped(bench, eoffice)
    leave(bench, "E1", FRIDAYS[2])
    made = amend(bench, roster_id)
    after = modes(bench, made["id"])
    assert after["E1", FRIDAYS[2]] == "leave"
    assert {key: after[key] for key in kept if key[0] == "E2"} == {key: kept[key] for key in kept if key[0] == "E2"}
    [clash] = made["clashes"]
    assert clash["blocking"] is False
    assert clash["relaxations"] == ["Hasil tukar giliran Pegawai E1 pada 24-04-2026 tidak dipertahankan."]
    assert "Pegawai E1 mendapat WFH pada 24-04-2026 dari tukar giliran." in [p["text"] for p in clash["parts"]]
    assert approve_change(bench, made["id"]).status_code == 200


def test_who_moved_to_another_unit_is_not_bound_and_the_colleague_keeps_theirs(bench: Bench, eoffice: Eoffice) -> None:
    roster_id, _ = swapped(bench, eoffice)
    settle(bench, [a_unit("U9")], [an_employee(f"G{n}", 500 + n, unit_id="U9") for n in range(3)])
    settle(bench, [], [an_employee("E1", 1, unit_id="U9")])
    made = amend(bench, roster_id)
    assert "swap" not in rules(bench, made["id"], "E1").values()
    assert made["clashes"] == []
    after = modes(bench, made["id"])
    assert [after["E2", day] for day in (FRIDAYS[0], FRIDAYS[2])] == ["wfh", "wfo"]


def test_a_rule_that_came_later_moves_others_first(bench: Bench, eoffice: Eoffice) -> None:
    roster_id, kept = swapped(bench, eoffice)
    for other in ("E3", "E4"):  # both at home with E1 on the day that E1 was given
        assert modes(bench, roster_id)[other, FRIDAYS[2]] == "wfh"
        pair = {"one_id": "E1", "other_id": other, "reason": "bendahara dan penggantinya"}
        assert bench.client(operator()).put("/api/agencies/A1/stand-ins", json=pair).status_code == 204
    after = modes(bench, amend(bench, roster_id)["id"])
    assert kept.items() <= after.items()
    assert (after["E3", FRIDAYS[2]], after["E4", FRIDAYS[2]]) == ("wfo", "wfo")


def test_of_a_swap_and_a_pin_that_cannot_both_hold_the_swap_gives_way_and_is_told(
    bench: Bench, eoffice: Eoffice
) -> None:
    roster_id, _ = swapped(bench, eoffice)
    pair = {"one_id": "E1", "other_id": "E4", "reason": "bendahara dan penggantinya"}
    assert bench.client(operator()).put("/api/agencies/A1/stand-ins", json=pair).status_code == 204
    pin(bench, "E4", FRIDAYS[2], "wfh")
    made = amend(bench, roster_id)
    after = modes(bench, made["id"])
    assert (after["E1", FRIDAYS[2]], after["E4", FRIDAYS[2]]) == ("wfo", "wfh")
    assert [clash["blocking"] for clash in made["clashes"]] == [False]
    assert approve_change(bench, made["id"]).status_code == 200


def test_a_later_pin_and_the_heads_word_stand_above_it(bench: Bench, eoffice: Eoffice) -> None:
    roster_id, _ = swapped(bench, eoffice)
    pin(bench, "E1", FRIDAYS[2], "wfo")
    made = amend(bench, roster_id)
    assert rules(bench, made["id"], "E1")[FRIDAYS[2]] == "pin"
    assert made["clashes"] == []
    body = {"date": f"{FRIDAYS[0]}", "reason": "kunjungan kerja"}
    recalled = bench.client(head()).post(f"/api/rosters/{roster_id}/recall", json=body).json["id"]
    assert sign(bench, recalled).status_code == 200
    assert rules(bench, amend(bench, recalled)["id"], "E2")[FRIDAYS[0]] == "recall"
