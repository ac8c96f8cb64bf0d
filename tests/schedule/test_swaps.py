"""Swaps: two colleagues exchange a WFH date each; the other agrees, the superior approves, hard rules and pins hold."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from services.schedule.absences.actions import AbsenceIn
from services.schedule.models import Roster
from shared.testing.bench import Bench
from tests.schedule.factories import FRIDAYS, an_employee, head, operator, settle, two_agencies
from tests.schedule.test_changes import (
    a_colleague,
    approve_change,
    in_force,
    modes,
    row,
    sign,
    superior,
    workdays,
)
from tests.schedule.test_life_of_a_roster import Eoffice, eoffice

__all__ = ["eoffice"]


def all_partners(bench: Bench, roster_id: str, until: date = FRIDAYS[-1]) -> Iterator[tuple[str, date, str, date]]:
    """(who gives, which date, to whom, for which) of each swap that two colleagues could make."""
    found = modes(bench, roster_id)
    home = sorted(
        key for key, mode in found.items() if mode == "wfh" and key[0] not in ("E0", "A1-head") and key[1] <= until
    )
    for one, gives in home:
        for other, takes in home:
            if one != other and found[one, takes] == "wfo" and found[other, gives] == "wfo":
                yield one, gives, other, takes


def partners(bench: Bench, roster_id: str, until: date = FRIDAYS[-1]) -> tuple[str, date, str, date]:
    """The first of them."""
    return next(all_partners(bench, roster_id, until))


def test_a_swap_needs_the_colleague_then_the_superior_and_ends_in_an_addendum(bench: Bench, eoffice: Eoffice) -> None:
    base = in_force(bench, eoffice)
    one, gives, other, takes = partners(bench, base)
    body = {"gives": f"{gives}", "other_id": other, "takes": f"{takes}", "reason": "keperluan keluarga"}
    asked = bench.client(a_colleague(one)).post(f"/api/rosters/{base}/swaps", json=body)
    assert asked.status_code == 201, asked.text
    path = f"/api/swaps/{asked.json['id']}"
    assert bench.client(superior()).post(f"{path}/decide", json={"approves": True}).json["code"] == "swap_state"
    assert bench.client(a_colleague("E6")).post(f"{path}/answer", json={"agrees": True}).status_code == 403
    assert bench.client(a_colleague(other)).post(f"{path}/answer", json={"agrees": True}).status_code == 200
    assert bench.client(a_colleague(other)).post(f"{path}/decide", json={"approves": True}).status_code == 403
    decided = bench.client(superior()).post(f"{path}/decide", json={"approves": True})
    assert (decided.status_code, decided.json["status"]) == (200, "approved")
    with bench.db.transaction() as session:
        draft = session.scalars(select(Roster).where(Roster.amends_id == base)).one()
    after, before = modes(bench, str(draft.id)), modes(bench, base)
    assert {key for key in before if before[key] != after[key]} == {
        (one, gives), (one, takes), (other, gives), (other, takes)
    }  # fmt: skip
    assert approve_change(bench, str(draft.id)).status_code == 200
    assert sign(bench, str(draft.id)).status_code == 200
    assert workdays(bench, one)[f"{takes}"] == "wfh"
    reason = bench.client(operator()).get(f"/api/rosters/{draft.id}/cells/{one}/{takes}/reason").json
    assert "tukar giliran" in reason["text"].lower()


def approved_swap(bench: Bench, roster_id: str, until: date = FRIDAYS[-1]) -> tuple[str, str, date]:
    """(swap, who asked, the date they get) after the colleague's yes and the superior's."""
    one, gives, other, takes = partners(bench, roster_id, until)
    body = {"gives": f"{gives}", "other_id": other, "takes": f"{takes}", "reason": "keluarga"}
    swap = bench.client(a_colleague(one)).post(f"/api/rosters/{roster_id}/swaps", json=body).json["id"]
    bench.client(a_colleague(other)).post(f"/api/swaps/{swap}/answer", json={"agrees": True})
    decided = bench.client(superior()).post(f"/api/swaps/{swap}/decide", json={"approves": True})
    assert decided.status_code == 200, decided.text
    return swap, one, takes


def swap_row(bench: Bench, swap_id: str) -> dict[str, Any]:
    rows = bench.client(operator()).get("/api/swaps").json["rows"]
    return next(dict(row) for row in rows if row["id"] == swap_id)


def test_a_swap_whose_addendum_gives_way_waits_for_the_superior_again(bench: Bench, eoffice: Eoffice) -> None:
    base = in_force(bench, eoffice)
    swap, one, takes = approved_swap(bench, base, until=FRIDAYS[1])
    recalled = bench.client(head()).post(f"/api/rosters/{base}/recall", json={"date": "2026-04-24", "reason": "rapat"})
    assert (swap_row(bench, swap)["status"], "Didahului" in swap_row(bench, swap)["note"]) == ("agreed", True)
    assert sign(bench, recalled.json["id"]).status_code == 200
    again = bench.client(superior()).post(f"/api/swaps/{swap}/decide", json={"approves": True})
    assert (again.status_code, again.json["status"]) == (200, "approved")
    with bench.db.transaction() as session:
        draft = session.scalars(select(Roster).where(Roster.amends_id == recalled.json["id"])).one()
    assert modes(bench, str(draft.id))[one, takes] == "wfh"


def test_a_swap_that_the_head_sends_back_is_not_called_approved(bench: Bench, eoffice: Eoffice) -> None:
    base = in_force(bench, eoffice)
    swap, *_ = approved_swap(bench, base)
    with bench.db.transaction() as session:
        draft = session.scalars(select(Roster.id).where(Roster.amends_id == base)).one()
    bench.client(operator()).post(f"/api/rosters/{draft}/submit")
    bench.client(head()).post(f"/api/rosters/{draft}/reject", json={"note": "tidak tepat"})
    assert (swap_row(bench, swap)["status"], swap_row(bench, swap)["note"]) == ("agreed", "tidak tepat")


def test_a_swap_that_is_in_force_stays_approved_when_a_later_change_is_dropped(bench: Bench, eoffice: Eoffice) -> None:
    base = in_force(bench, eoffice)
    swap, *_ = approved_swap(bench, base, until=FRIDAYS[1])
    with bench.db.transaction() as session:
        draft = session.scalars(select(Roster.id).where(Roster.amends_id == base)).one()
    assert approve_change(bench, str(draft)).status_code == 200
    assert sign(bench, str(draft)).status_code == 200
    recalled = bench.client(head()).post(f"/api/rosters/{draft}/recall", json={"date": "2026-04-24", "reason": "rapat"})
    bench.client(head()).post(f"/api/rosters/{recalled.json['id']}/reject", json={"note": "keliru"})
    assert swap_row(bench, swap)["status"] == "approved"


def test_what_leave_has_broken_elsewhere_does_not_hinder_a_swap(bench: Bench, eoffice: Eoffice) -> None:
    base = in_force(bench, eoffice)
    at_office = [key[0] for key, mode in sorted(modes(bench, base).items()) if key[1] == FRIDAYS[2] and mode == "wfo"]
    for employee_id in [id_ for id_ in at_office if id_ != "A1-head"][:3]:
        nip = an_employee(employee_id, int(employee_id[1:])).nip
        settle(bench, [], [], [AbsenceIn(nip, "leave", FRIDAYS[2], FRIDAYS[2], "cuti")])
    swap, *_ = approved_swap(bench, base, until=FRIDAYS[1])
    assert swap_row(bench, swap)["status"] == "approved"


def test_a_swap_in_a_draft_does_not_hide_its_clashes(bench: Bench) -> None:
    two_agencies(bench)
    bench.clock.at = datetime(2026, 4, 8, 2, tzinfo=UTC)
    for n in range(1, 6):
        body = {"employee_id": f"E{n}", "date": f"{FRIDAYS[2]}", "mode": "wfh", "kind": "pin", "reason": "permintaan"}
        bench.client(operator()).post("/api/roster-requests", json=body)
    made = bench.client(operator()).post("/api/rosters", json={"agency_id": "A1", "month": "2026-04-01"}).json
    approved_swap(bench, made["id"], until=FRIDAYS[1])
    assert row(bench, made["id"]).clashes == made["clashes"]
    assert bench.client(operator()).post(f"/api/rosters/{made['id']}/submit").json["code"] == "roster_clashes"


@pytest.mark.parametrize("takes", ["2026-04-17", "2026-04-13"])
def test_a_swap_that_gives_nothing_or_takes_no_turn_is_refused(bench: Bench, eoffice: Eoffice, takes: str) -> None:
    base = in_force(bench, eoffice)
    body = {"gives": "2026-04-17", "other_id": "A1-head", "takes": takes, "reason": "coba"}
    answer = bench.client(a_colleague("E1")).post(f"/api/rosters/{base}/swaps", json=body)
    assert (answer.status_code, answer.json["code"]) == (422, "swap_not_possible")


def test_pages_offer_swaps_and_show_what_a_change_alters(bench: Bench, eoffice: Eoffice) -> None:
    base = in_force(bench, eoffice)
    one, gives, other, takes = partners(bench, base)
    client = bench.client(a_colleague(one))
    offer = f"{base}|{gives}|{other}|{takes}"
    assert offer in client.get("/swaps", page=True).text
    assert client.post("/swaps", data={"offer": offer, "reason": "keluarga"}, page=True).status_code == 302
    swap = bench.client(a_colleague(other)).get("/api/swaps").json["rows"][0]
    for who, answer in ((a_colleague(other), "agree"), (superior(), "approve")):
        reply = bench.client(who).post(f"/swaps/{swap['id']}/answer", data={"answer": answer}, page=True)
        assert reply.status_code == 302, reply.text
    with bench.db.transaction() as session:
        draft = session.scalars(select(Roster.id).where(Roster.amends_id == base)).one()
    assert "Yang berubah" in bench.client(operator()).get(f"/rosters/{draft}", page=True).text


def ask_swap(bench: Bench, roster_id: str, pair: tuple[str, date, str, date]) -> Any:
    one, gives, other, takes = pair
    body = {"gives": f"{gives}", "other_id": other, "takes": f"{takes}", "reason": "keluarga"}
    return bench.client(a_colleague(one)).post(f"/api/rosters/{roster_id}/swaps", json=body)


def agreed_swap(bench: Bench, roster_id: str, pair: tuple[str, date, str, date]) -> str:
    """The path of a swap to which the colleague has said yes."""
    path = f"/api/swaps/{ask_swap(bench, roster_id, pair).json['id']}"
    assert bench.client(a_colleague(pair[2])).post(f"{path}/answer", json={"agrees": True}).status_code == 200
    return path


def pin(bench: Bench, employee_id: str, day: date, mode: str) -> Any:
    body = {"employee_id": employee_id, "date": f"{day}", "mode": mode, "kind": "pin", "reason": "tugas piket"}
    answer = bench.client(operator()).post("/api/roster-requests", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json


def test_a_pinned_day_is_neither_given_nor_taken_until_the_pin_is_released(bench: Bench, eoffice: Eoffice) -> None:
    base = in_force(bench, eoffice)
    pair = one, gives, other, takes = partners(bench, base)
    path = agreed_swap(bench, base, pair)
    held = pin(bench, other, gives, "wfo")  # after the colleague agreed
    decided = bench.client(superior()).post(f"{path}/decide", json={"approves": True})
    assert (decided.status_code, decided.json["code"]) == (409, "day_pinned")
    assert "penetapannya harus dilepas" in decided.json["detail"]
    offer = f"{base}|{gives}|{other}|{takes}"
    assert offer not in bench.client(a_colleague(one)).get("/swaps", page=True).text
    assert bench.client(operator()).post(f"/api/roster-requests/{held['id']}/withdraw").status_code == 200
    assert bench.client(superior()).post(f"{path}/decide", json={"approves": True}).json["status"] == "approved"


def test_a_pin_from_before_the_roster_is_not_asked_away(bench: Bench) -> None:
    two_agencies(bench)
    bench.clock.at = datetime(2026, 4, 8, 2, tzinfo=UTC)
    pin(bench, "E2", FRIDAYS[1], "wfh")
    made = bench.client(operator()).post("/api/rosters", json={"agency_id": "A1", "month": "2026-04-01"}).json
    found = modes(bench, made["id"])
    other, takes = next(
        key
        for key, mode in sorted(found.items())
        if mode == "wfh" and found["E2", key[1]] == "wfo" and found[key[0], FRIDAYS[1]] == "wfo" and key[0] != "E0"
    )
    answer = ask_swap(bench, made["id"], ("E2", FRIDAYS[1], other, takes))
    assert (answer.status_code, answer.json["code"]) == (409, "day_pinned")


def test_ones_own_approved_wish_may_be_given_up_and_is_then_no_pin_of_later_changes(
    bench: Bench, eoffice: Eoffice
) -> None:
    two_agencies(bench)
    bench.clock.at = datetime(2026, 4, 8, 2, tzinfo=UTC)
    body = {"date": f"{FRIDAYS[1]}", "mode": "wfh", "kind": "wish", "reason": "anak sakit"}
    wish = bench.client(a_colleague("E2")).post("/api/roster-requests", json=body).json
    bench.client(head()).post(f"/api/roster-requests/{wish['id']}/decide", json={"approves": True})
    base = in_force(bench, eoffice)
    found = modes(bench, base)
    pair = next(
        ("E2", FRIDAYS[1], *key)
        for key, mode in sorted(found.items())
        if mode == "wfh" and key[0] not in ("E0", "E2") and found["E2", key[1]] == "wfo"
        if found[key[0], FRIDAYS[1]] == "wfo"
    )
    path = agreed_swap(bench, base, pair)
    assert bench.client(superior()).post(f"{path}/decide", json={"approves": True}).json["status"] == "approved"
    [row_] = bench.client(operator()).get("/api/roster-requests").json["rows"]
    assert (row_["id"], row_["status"]) == (wish["id"], "withdrawn")
    with bench.db.transaction() as session:
        draft = str(session.scalars(select(Roster.id).where(Roster.amends_id == base)).one())
    assert approve_change(bench, draft).status_code == 200
    assert sign(bench, draft).status_code == 200
    again = bench.client(operator()).post(f"/api/rosters/{draft}/amend", json={"reason": "tanpa sebab"})
    assert again.json["code"] == "nothing_to_change"  # the wish does not take the turn back


def test_a_swap_that_breaks_a_hard_rule_is_refused(bench: Bench, eoffice: Eoffice) -> None:
    base = in_force(bench, eoffice)
    found = modes(bench, base)
    pair, deputy = next(
        ((one, gives, other, takes), third)
        for one, gives, other, takes in all_partners(bench, base)
        for third in sorted({key[0] for key in found} - {one, other, "E0", "A1-head"})
        if (found[third, gives], found[third, takes]) == ("wfo", "wfh")
    )
    body = {"one_id": pair[0], "other_id": deputy, "reason": "bendahara dan penggantinya"}
    assert bench.client(operator()).put("/api/agencies/A1/stand-ins", json=body).status_code == 204
    path = agreed_swap(bench, base, pair)
    decided = bench.client(superior()).post(f"{path}/decide", json={"approves": True})
    assert (decided.status_code, decided.json["code"]) == (409, "rule_broken")
    assert swap_row(bench, path.rsplit("/", 1)[1])["status"] == "agreed"
    with bench.db.transaction() as session:
        assert session.scalars(select(Roster.id).where(Roster.amends_id == base)).all() == []


def test_a_colleague_declines(bench: Bench, eoffice: Eoffice) -> None:
    base = in_force(bench, eoffice)
    pair = partners(bench, base)
    path = f"/api/swaps/{ask_swap(bench, base, pair).json['id']}"
    answer = bench.client(a_colleague(pair[2])).post(f"{path}/answer", json={"agrees": False})
    assert (answer.status_code, answer.json["status"]) == (200, "refused")
    again = bench.client(a_colleague(pair[2])).post(f"{path}/answer", json={"agrees": True})
    assert (again.status_code, again.json["code"]) == (409, "swap_state")
    assert bench.client(superior()).post(f"{path}/decide", json={"approves": True}).json["code"] == "swap_state"
    assert ask_swap(bench, base, pair).status_code == 201  # one may ask again


def test_the_superior_refuses_with_a_note_and_the_roster_is_as_it_was(bench: Bench, eoffice: Eoffice) -> None:
    base = in_force(bench, eoffice)
    path = agreed_swap(bench, base, partners(bench, base))
    body = {"approves": False, "note": "hari itu ada rapat"}
    refused = bench.client(superior()).post(f"{path}/decide", json=body)
    assert (refused.status_code, refused.json["status"], refused.json["note"]) == (200, "refused", body["note"])
    assert bench.client(superior()).post(f"{path}/decide", json={"approves": True}).json["code"] == "swap_state"
    with bench.db.transaction() as session:
        assert session.scalars(select(Roster.id).where(Roster.amends_id == base)).all() == []


def test_who_asked_may_think_better_of_it_until_the_superior_decides(bench: Bench, eoffice: Eoffice) -> None:
    base = in_force(bench, eoffice)
    pair = partners(bench, base)
    path = agreed_swap(bench, base, pair)
    assert bench.client(a_colleague(pair[2])).post(f"{path}/withdraw").status_code == 403
    withdrawn = bench.client(a_colleague(pair[0])).post(f"{path}/withdraw")
    assert (withdrawn.status_code, withdrawn.json["status"]) == (200, "withdrawn")
    assert bench.client(superior()).post(f"{path}/decide", json={"approves": True}).json["code"] == "swap_state"


def test_swaps_in_a_draft_that_is_drafted_anew_end_and_stay_on_record(bench: Bench) -> None:
    two_agencies(bench)
    bench.clock.at = datetime(2026, 4, 8, 2, tzinfo=UTC)
    body = {"agency_id": "A1", "month": "2026-04-01"}
    first = bench.client(operator()).post("/api/rosters", json=body).json["id"]
    swap, *_ = approved_swap(bench, first)
    assert bench.client(operator()).post("/api/rosters", json=body).status_code == 201
    row = swap_row(bench, swap)
    assert (row["status"], "disusun ulang" in row["note"]) == ("withdrawn", True)


def test_swaps_in_a_roster_that_the_head_sends_back_end_with_the_heads_word(bench: Bench) -> None:
    two_agencies(bench)
    bench.clock.at = datetime(2026, 4, 8, 2, tzinfo=UTC)
    roster = bench.client(operator()).post("/api/rosters", json={"agency_id": "A1", "month": "2026-04-01"}).json["id"]
    swap, *_ = approved_swap(bench, roster)
    bench.client(operator()).post(f"/api/rosters/{roster}/submit")
    bench.client(head()).post(f"/api/rosters/{roster}/reject", json={"note": "tidak tepat"})
    row = swap_row(bench, swap)
    assert (row["status"], row["note"]) == ("withdrawn", "tidak tepat")
