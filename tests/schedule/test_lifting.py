"""A recall that was signed is lifted: the day goes back to those who had it, by another addendum."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select

from services.schedule.absences.actions import AbsenceIn
from services.schedule.models import Roster
from shared.audit import AuditRow
from shared.contracts.schedule import RecallOrderedV1, RosterInForceV1
from shared.testing.bench import Bench
from tests.schedule.factories import FRIDAYS, an_employee, head, operator, settle, two_agencies
from tests.schedule.test_basis import reason
from tests.schedule.test_changes import (
    approve_change,
    in_force,
    letter_of,
    modes,
    row,
    settle_second_unit,
    sign,
    workdays,
)
from tests.schedule.test_clauses import cells
from tests.schedule.test_life_of_a_roster import Eoffice, eoffice
from tests.schedule.test_policies import activate, example
from tests.schedule.test_swaps import approved_swap, pin, swap_row

__all__ = ["eoffice"]

DAY = FRIDAYS[2]


def recall(bench: Bench, roster_id: str, day: date = DAY, **more: Any) -> str:
    """A signed recall's roster."""
    body = {"date": f"{day}", "reason": "kunjungan kerja", **more}
    made = bench.client(head()).post(f"/api/rosters/{roster_id}/recall", json=body)
    assert made.status_code == 201, made.text
    assert sign(bench, made.json["id"]).status_code == 200
    return str(made.json["id"])


def lift(bench: Bench, roster_id: str, day: date = DAY, **more: Any) -> Any:
    body = {"date": f"{day}", "reason": "kunjungan batal", **more}
    return bench.client(head()).post(f"/api/rosters/{roster_id}/lift-recall", json=body)


def lifted(bench: Bench, roster_id: str, day: date = DAY, **more: Any) -> str:
    """The roster of a lifting that is signed."""
    made = lift(bench, roster_id, day, **more)
    assert made.status_code == 201, made.text
    assert sign(bench, made.json["id"]).status_code == 200
    return str(made.json["id"])


def leave(bench: Bench, employee_id: str, day: date = DAY) -> None:
    nip = an_employee(employee_id, int(employee_id[1:]) + (500 if employee_id[0] == "G" else 0)).nip
    settle(bench, [], [], [AbsenceIn(nip, "leave", day, day, "cuti")])


def home(bench: Bench, roster_id: str, day: date = DAY) -> set[str]:
    return {key[0] for key, mode in modes(bench, roster_id).items() if mode == "wfh" and key[1] == day}


def amended(bench: Bench, roster_id: str) -> Any:
    return bench.client(operator()).post(f"/api/rosters/{roster_id}/amend", json={"reason": "ada perubahan"})


def test_the_day_goes_back_to_those_who_had_it_once_the_letter_is_signed(bench: Bench, eoffice: Eoffice) -> None:
    base = in_force(bench, eoffice)
    had = home(bench, base)
    recalled = recall(bench, base)
    made = lift(bench, recalled)
    assert (made.status_code, made.json["status"], made.json["change"]) == (201, "approved", "lifting")
    one = min(had)
    assert workdays(bench, one)[f"{DAY}"] == "wfo"  # not signed: nothing has changed
    assert sign(bench, made.json["id"]).status_code == 200
    assert modes(bench, made.json["id"]) == modes(bench, base)
    assert workdays(bench, one)[f"{DAY}"] == "wfh"
    assert [row(bench, id_).status for id_ in (recalled, made.json["id"])] == ["superseded", "in_force"]
    assert {cell.rule for cell in cells(bench, made.json["id"], date=DAY)} == {
        cell.rule for cell in cells(bench, base, date=DAY)
    }
    assert reason(bench, made.json["id"], one, DAY) == reason(bench, base, one, DAY)


def test_the_letter_says_what_it_does_and_the_event_gives_the_turns_back(bench: Bench, eoffice: Eoffice) -> None:
    base = in_force(bench, eoffice)
    had = home(bench, base)
    roster_id = lifted(bench, recall(bench, base))
    letter = letter_of(bench, roster_id)
    assert (letter.kind, letter.content["title"]) == ("addendum_letter", "ADENDUM SURAT TUGAS")
    words = "bahwa perlu membatalkan penarikan pegawai ke kantor karena: kunjungan batal;"
    assert letter.content["weighing"][0] == words
    assert [entry[-3:] for entry in letter.content["rows"]] == [["24 April 2026", "WFO", "WFH"]] * len(had)
    told = bench.emitted(RosterInForceV1)[-1]
    assert (told["roster_id"], told["version"], told["starts"]) == (roster_id, 3, f"{DAY}")
    back = {entry["employee_id"] for entry in told["assignments"] if f"{DAY}" in entry["wfh_dates"]}
    assert back == had
    assert len(bench.emitted(RecallOrderedV1)) == 1  # nobody is called back by it
    with bench.db.transaction() as session:
        [entry] = session.scalars(select(AuditRow).where(AuditRow.action == "lift_recall")).all()
    assert (entry.subject, entry.detail["reason"]) == (f"roster/{roster_id}", "kunjungan batal")


def test_who_is_absent_by_now_does_not_get_it_and_nobody_elses_other_days_change(
    bench: Bench, eoffice: Eoffice
) -> None:
    base = in_force(bench, eoffice)
    had = home(bench, base)
    recalled = recall(bench, base)
    gone, before = min(had), modes(bench, recalled)
    leave(bench, gone)
    elsewhere = min(home(bench, base, FRIDAYS[1]))
    leave(bench, elsewhere, FRIDAYS[1])  # an amendment's matter, not this letter's
    roster_id = lifted(bench, recalled)
    after = modes(bench, roster_id)
    assert after[gone, DAY] == "leave"
    now = home(bench, roster_id)
    assert now > had - {gone}
    assert len(now) == len(had)  # somebody else has the turn
    assert {key for key in before if before[key] != after[key]} <= {(id_, DAY) for id_ in {*had, *now}}


def test_a_unit_is_lifted_alone_and_later_amendments_bring_no_recall_back(bench: Bench, eoffice: Eoffice) -> None:
    settle_second_unit(bench)
    base = in_force(bench, eoffice)
    had = home(bench, base)
    assert {id_[0] for id_ in had} == {"E", "G"}
    roster_id = lifted(bench, recall(bench, base), unit_id="U9")
    assert home(bench, roster_id) == {id_ for id_ in had if id_[0] == "G"}
    leave(bench, min(home(bench, base, FRIDAYS[1])), FRIDAYS[1])
    again = amended(bench, roster_id).json["id"]
    assert home(bench, again) == home(bench, roster_id)
    assert approve_change(bench, again).status_code == 200
    assert sign(bench, again).status_code == 200
    rest = lifted(bench, again)
    assert home(bench, rest) == had
    refused = lift(bench, rest)
    assert (refused.status_code, refused.json["code"]) == (422, "nothing_to_change")


def test_a_recall_of_a_unit_and_then_of_all_goes_back_to_what_was_before_both(bench: Bench, eoffice: Eoffice) -> None:
    settle_second_unit(bench)
    base = in_force(bench, eoffice)
    both = recall(bench, recall(bench, base, unit_id="U9"))
    assert home(bench, both) == set()
    assert home(bench, lifted(bench, both)) == home(bench, base)


def test_who_comes_from_a_recalled_unit_does_not_call_back_their_new_one(bench: Bench, eoffice: Eoffice) -> None:
    settle_second_unit(bench)
    base = in_force(bench, eoffice)
    roster_id = recall(bench, base, unit_id="U9")
    settle(bench, [], [an_employee("G1", 501)])  # to U1
    for day in FRIDAYS[1:]:
        leave(bench, min(home(bench, roster_id, FRIDAYS[1])), day)
        made = amended(bench, roster_id)
        assert made.status_code == 201, made.text
        roster_id = made.json["id"]
        assert approve_change(bench, roster_id).status_code == 200
        assert sign(bench, roster_id).status_code == 200
    assert modes(bench, roster_id)["G1", DAY] == "wfo"  # called back, and knows it
    assert {id_[0] for id_ in home(bench, roster_id)} == {"E"}


def test_only_a_head_lifts_and_only_what_is_recalled_and_to_come(bench: Bench, eoffice: Eoffice) -> None:
    base = in_force(bench, eoffice)
    nothing = lift(bench, base)
    assert (nothing.status_code, nothing.json["code"]) == (422, "nothing_to_change")
    assert "Tidak ada penarikan ke kantor yang berlaku pada hari itu." in nothing.json["detail"]
    recalled = recall(bench, base)
    body = {"date": f"{DAY}", "reason": "kunjungan batal"}
    for person in (operator(), head("A2")):
        answer = bench.client(person).post(f"/api/rosters/{recalled}/lift-recall", json=body)
        assert answer.status_code == 403
    assert lift(bench, recalled, FRIDAYS[1]).json["code"] == "nothing_to_change"
    bench.clock.at = datetime(2026, 4, 24, 1, tzinfo=UTC)
    late = lift(bench, recalled)
    assert (late.status_code, late.json["code"]) == (422, "nothing_to_change")
    assert "setelah hari ini" in late.json["detail"]


def test_an_unsigned_recall_is_not_lifted_but_taken_back(bench: Bench, eoffice: Eoffice) -> None:
    base = in_force(bench, eoffice)
    body = {"date": f"{DAY}", "reason": "kunjungan kerja"}
    waiting = bench.client(head()).post(f"/api/rosters/{base}/recall", json=body).json["id"]
    refused = lift(bench, base)
    assert (refused.status_code, refused.json["code"]) == (422, "nothing_to_change")
    assert row(bench, waiting).status == "approved"


def test_another_change_under_way_gives_way(bench: Bench, eoffice: Eoffice) -> None:
    base = in_force(bench, eoffice)
    recalled = recall(bench, base)
    swap, *_ = approved_swap(bench, recalled, until=FRIDAYS[1])
    assert lift(bench, recalled).status_code == 201
    with bench.db.transaction() as session:
        left = session.scalars(select(Roster.change).where(Roster.amends_id == recalled)).all()
    assert left == ["lifting"]
    assert (swap_row(bench, swap)["status"], "pembatalan penarikan" in swap_row(bench, swap)["note"]) == (
        "agreed",
        True,
    )


def test_a_proposed_change_is_sent_back_with_the_reason(bench: Bench, eoffice: Eoffice) -> None:
    base = in_force(bench, eoffice)
    recalled = recall(bench, base)
    leave(bench, min(home(bench, base, FRIDAYS[1])), FRIDAYS[1])
    proposed = amended(bench, recalled).json["id"]
    assert approve_change(bench, proposed).status_code == 200
    made = lift(bench, recalled)
    assert made.status_code == 201, made.text
    assert row(bench, proposed).status == "rejected"
    assert row(bench, proposed).note == "Didahului oleh pembatalan penarikan ke kantor: kunjungan batal"
    assert letter_of(bench, proposed).status == "returned"


def test_a_swap_from_before_the_recall_holds_again_and_later_too(bench: Bench, eoffice: Eoffice) -> None:
    base = in_force(bench, eoffice)
    _, one, takes = approved_swap(bench, base)
    with bench.db.transaction() as session:
        swapped = str(session.scalars(select(Roster.id).where(Roster.amends_id == base)).one())
    assert approve_change(bench, swapped).status_code == 200
    assert sign(bench, swapped).status_code == 200
    roster_id = lifted(bench, recall(bench, swapped, takes), takes)
    assert modes(bench, roster_id) == modes(bench, swapped)
    assert "tukar giliran" in reason(bench, roster_id, one, takes)["text"]


def test_a_pin_that_cannot_hold_on_the_lifted_day_is_told(bench: Bench, eoffice: Eoffice) -> None:
    base = in_force(bench, eoffice)
    recalled = recall(bench, base)
    away = min(home(bench, base) - {"E0"})
    pin(bench, away, DAY, "wfh")
    leave(bench, away)
    made = lift(bench, recalled)
    assert made.status_code == 201, made.text
    [clash] = made.json["clashes"]
    assert {part["clause"] for part in clash["parts"]} == {"1.a", "1.d"}
    assert modes(bench, made.json["id"])[away, DAY] == "leave"


def test_what_the_head_has_withdrawn_is_no_recall(bench: Bench, eoffice: Eoffice) -> None:
    base = in_force(bench, eoffice)
    recalled = recall(bench, base)
    withdrawn = bench.client(head()).post(f"/api/rosters/{recalled}/withdraw", json={"reason": "banjir"})
    refused = lift(bench, recalled)  # the withdrawal is not signed: it would give way
    assert refused.status_code == 201
    assert row(bench, withdrawn.json["id"]).status == "rejected"
    assert sign(bench, refused.json["id"]).status_code == 200
    again = bench.client(head()).post(f"/api/rosters/{refused.json['id']}/withdraw", json={"reason": "banjir"})
    assert sign(bench, again.json["id"]).status_code == 200
    assert lift(bench, again.json["id"]).json["code"] == "nothing_to_change"


def test_nobody_can_be_at_home_that_day_any_more(bench: Bench, eoffice: Eoffice) -> None:
    base = in_force(bench, eoffice)
    recalled = recall(bench, base)
    quota = {"share": "0", "min_on_site": 1}
    assert bench.client(head()).put("/api/agencies/A1/quota", json=quota).status_code == 204
    refused = lift(bench, recalled)
    assert (refused.status_code, refused.json["code"]) == (422, "nothing_to_change")
    assert "Tidak ada yang dapat bertugas dari rumah" in refused.json["detail"]


def test_the_day_goes_by_the_policy_of_its_roster_and_is_explained_by_it(bench: Bench, eoffice: Eoffice) -> None:
    base = in_force(bench, eoffice)
    recalled = recall(bench, base, FRIDAYS[1])
    activate(bench, example("cap-75").replace("2026-04-01", "2026-04-13"))
    roster_id = lifted(bench, recalled, FRIDAYS[1])
    assert modes(bench, roster_id) == modes(bench, base)
    for person in ("A1-head", "E0", "E1", "E2", "E3"):
        for day in FRIDAYS[1:]:
            assert reason(bench, roster_id, person, day) == reason(bench, base, person, day)


NOT_TWICE = """
id = "tanpa-beruntun"
title = "Keputusan Kepala Badan A1"
layer = "agency"
agency = "A1"
valid_from = 2026-04-09
[in_a_row]
dates = 1
clause = "k.1"
[texts]
"k.1" = "Tidak dua Jumat berturut-turut."
"""


def test_days_that_stay_count_for_the_longest_run(bench: Bench, eoffice: Eoffice) -> None:
    two_agencies(bench)
    activate(bench, NOT_TWICE)
    base = in_force(bench, eoffice)
    recalled = recall(bench, base, FRIDAYS[1])
    for employee_id in ("E0", "E1", "E5"):
        leave(bench, employee_id, FRIDAYS[1])  # there is room for two of those left
    roster_id = lifted(bench, recalled, FRIDAYS[1])
    found = modes(bench, roster_id)
    assert home(bench, roster_id, FRIDAYS[1]) == {"E4"}
    assert found["E3", FRIDAYS[2]] == "wfh"
    why = reason(bench, roster_id, "E3", FRIDAYS[1])
    assert why["text"] == "Tidak dua Jumat berturut-turut. Batas hari WFH berturut-turut sudah tercapai."


def test_the_page_offers_it_while_a_recalled_day_is_to_come(bench: Bench, eoffice: Eoffice) -> None:
    base = in_force(bench, eoffice)
    assert "Batalkan penarikan" not in bench.client(head()).get(f"/rosters/{base}", page=True).text
    recalled = recall(bench, base)
    page = bench.client(head()).get(f"/rosters/{recalled}", page=True).text
    assert "Batalkan penarikan" in page
    assert "Jumat, 24 April 2026" in page
    assert "Batalkan penarikan" not in bench.client(operator()).get(f"/rosters/{recalled}", page=True).text
    bench.clock.at = datetime(2026, 4, 24, 1, tzinfo=UTC)
    assert "Batalkan penarikan" not in bench.client(head()).get(f"/rosters/{recalled}", page=True).text
    bench.clock.at = datetime(2026, 4, 22, 1, tzinfo=UTC)
    form = {"date": f"{DAY}", "reason": "kunjungan batal"}
    answer = bench.client(head()).post(f"/rosters/{recalled}/lift-recall", data=form, page=True)
    assert answer.status_code == 302
    made = answer.headers["Location"].rsplit("/", 1)[1]
    assert home(bench, made) == home(bench, base)
    assert "pembatalan penarikan ke kantor" in bench.client(head()).get(f"/rosters/{made}", page=True).text
