"""A roster in force is changed: amended, swapped, recalled, withdrawn; each time by an addendum with the difference."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from services.schedule.absences.actions import AbsenceIn
from services.schedule.models import Letter, Roster, RosterCell
from services.schedule.rosters.facts import in_effect
from shared.contracts.schedule import RecallOrderedV1, RosterInForceV1
from shared.roles import Person, Role
from shared.storage import sha256
from shared.testing.bench import Bench
from shared.testing.city import a_person
from tests.benches import PASSPHRASE
from tests.schedule.factories import FRIDAYS, an_employee, head, operator, settle, two_agencies
from tests.schedule.test_life_of_a_roster import Eoffice, eoffice, send_webhook

__all__ = ["eoffice"]


def a_colleague(employee_id: str) -> Person:
    return a_person(employee_id, Role.ASN, agency_id="A1")


def superior() -> Person:
    return a_person("E0", Role.SUPERIOR, agency_id="A1")


def sign(bench: Bench, roster_id: str) -> Any:
    """Number and sign the letter of an approved roster; the answer to the signature."""
    bench.work()
    with bench.db.transaction() as session:
        letter = session.scalars(select(Letter).where(Letter.roster_id == roster_id)).one()
        count = len(session.scalars(select(Letter)).all())
    number = f"800.1.11.1/{count}/A1/IV/2026"
    data = {"idsurat": f"S{count}", "referensi": str(letter.id), "nomor": number, "tanggal": "2026-04-08"}
    assert send_webhook(bench, "eoffice", "surat.dinomori", data, webhook_id=f"n{count}").status_code == 202
    bench.work()
    return bench.client(head()).post(f"/api/letters/{letter.id}/sign", json={"passphrase": PASSPHRASE})


def in_force(bench: Bench, eoffice: Eoffice) -> str:
    """April of A1 in force since 8 April; today is the 8th."""
    two_agencies(bench)
    bench.clock.at = datetime(2026, 4, 8, 2, tzinfo=UTC)
    client = bench.client(operator())
    roster_id = str(client.post("/api/rosters", json={"agency_id": "A1", "month": "2026-04-15"}).json["id"])
    client.post(f"/api/rosters/{roster_id}/submit")
    assert bench.client(head()).post(f"/api/rosters/{roster_id}/approve").status_code == 200
    assert sign(bench, roster_id).status_code == 200
    return roster_id


def modes(bench: Bench, roster_id: str) -> dict[tuple[str, date], str]:
    with bench.db.transaction() as session:
        rows = session.scalars(select(RosterCell).where(RosterCell.roster_id == roster_id))
        return {(row.employee_id, row.date): row.mode for row in rows}


def row(bench: Bench, roster_id: str) -> Roster:
    with bench.db.transaction() as session:
        return session.get_one(Roster, roster_id)


def letter_of(bench: Bench, roster_id: str) -> Letter:
    with bench.db.transaction() as session:
        return session.scalars(select(Letter).where(Letter.roster_id == roster_id)).one()


def workdays(bench: Bench, employee_id: str) -> dict[str, str]:
    nip = an_employee(employee_id, int(employee_id[1:])).nip
    answer = bench.client(operator()).get(f"/api/employees/{nip}/workdays?from=2026-04-01&to=2026-04-30")
    return {day["date"]: day["mode"] for day in answer.json}


def approve_change(bench: Bench, roster_id: str) -> Any:
    bench.client(operator()).post(f"/api/rosters/{roster_id}/submit")
    return bench.client(head()).post(f"/api/rosters/{roster_id}/approve")


def test_leave_that_comes_later_changes_only_what_it_must_and_only_by_a_signed_addendum(
    bench: Bench, eoffice: Eoffice
) -> None:
    base = in_force(bench, eoffice)
    before = modes(bench, base)
    gone = next(key for key, mode in sorted(before.items()) if mode == "wfh" and key[1] == FRIDAYS[1])
    nip = an_employee(gone[0], int(gone[0][1:])).nip
    settle(bench, [], [], [AbsenceIn(nip, "leave", FRIDAYS[1], FRIDAYS[1], "cuti")])
    made = bench.client(operator()).post(f"/api/rosters/{base}/amend", json={"reason": "cuti mendadak"})
    assert made.status_code == 201, made.text
    new = made.json["id"]
    changed = bench.client(operator()).get(f"/api/rosters/{new}/differences").json["rows"]
    assert {entry["date"] for entry in changed} == {FRIDAYS[1].isoformat()}
    assert (gone[0], "wfh", "leave") in {(e["employee_id"], e["before"], e["after"]) for e in changed}
    assert len(changed) == 2  # who is on leave, and who has the turn instead
    assert approve_change(bench, new).status_code == 200
    letter = letter_of(bench, new)
    assert (letter.kind, letter.content["title"]) == ("addendum_letter", "ADENDUM SURAT TUGAS")
    assert len(letter.content["rows"]) == 2
    assert "800.1.11.1/1/A1/IV/2026" in letter.content["basis"][0]
    [instead] = {entry["employee_id"] for entry in changed} - {gone[0]}
    assert workdays(bench, gone[0])[FRIDAYS[1].isoformat()] == "leave"  # at once, without waiting for the letter
    assert workdays(bench, instead)[FRIDAYS[1].isoformat()] == "wfo"  # not signed: no turn has changed
    assert sign(bench, new).status_code == 200
    assert workdays(bench, gone[0])[FRIDAYS[1].isoformat()] == "leave"
    assert workdays(bench, instead)[FRIDAYS[1].isoformat()] == "wfh"
    assert [row(bench, base).status, row(bench, new).status] == ["superseded", "in_force"]
    told = bench.emitted(RosterInForceV1)[-1]
    assert (told["roster_id"], told["version"]) == (new, 2)


def test_each_day_is_in_effect_by_one_roster_after_an_addendum(bench: Bench, eoffice: Eoffice) -> None:
    base = in_force(bench, eoffice)
    bench.clock.at = datetime(2026, 4, 15, 2, tzinfo=UTC)  # after the first Friday
    made = bench.client(head()).post(f"/api/rosters/{base}/recall", json={"date": "2026-04-17", "reason": "banjir"})
    assert made.status_code == 201, made.text
    assert sign(bench, made.json["id"]).status_code == 200
    person = next(key[0] for key, mode in sorted(modes(bench, base).items()) if mode == "wfh" and key[1] == FRIDAYS[0])
    days = workdays(bench, person)
    assert days["2026-04-10"] == "wfh"  # by the first letter
    assert days["2026-04-17"] == "wfo"  # by the addendum
    assert row(bench, base).ends == date(2026, 4, 16)


def test_a_change_after_a_recall_to_come_leaves_each_day_with_one_roster(bench: Bench, eoffice: Eoffice) -> None:
    base = in_force(bench, eoffice)
    recalled = bench.client(head()).post(f"/api/rosters/{base}/recall", json={"date": "2026-04-24", "reason": "rapat"})
    assert sign(bench, recalled.json["id"]).status_code == 200
    withdrawn = bench.client(head()).post(f"/api/rosters/{recalled.json['id']}/withdraw", json={"reason": "banjir"})
    assert sign(bench, withdrawn.json["id"]).status_code == 200
    with bench.db.transaction() as session:
        rows = session.execute(
            select(RosterCell.employee_id, RosterCell.date).join(Roster).where(in_effect())
        ).all()  # fmt: skip
    assert len(rows) == len(set(rows))
    person = next(key[0] for key, mode in sorted(modes(bench, base).items()) if mode == "wfh" and key[1] == FRIDAYS[1])
    assert workdays(bench, person)["2026-04-17"] == "wfo"
    assert {row(bench, id_).status for id_ in (base, recalled.json["id"])} == {"withdrawn"}


def test_a_recall_tells_people_at_once_and_leaves_other_days_alone(bench: Bench, eoffice: Eoffice) -> None:
    base = in_force(bench, eoffice)
    before = modes(bench, base)
    answer = bench.client(head()).post(
        f"/api/rosters/{base}/recall", json={"date": "2026-04-17", "reason": "kunjungan kerja"}
    )
    assert (answer.status_code, answer.json["status"], answer.json["change"]) == (201, "approved", "recall")
    [event] = bench.emitted(RecallOrderedV1)
    home = sorted(key[0] for key, mode in before.items() if mode == "wfh" and key[1] == FRIDAYS[1])
    assert (sorted(event["employee_ids"]), event["date"]) == (home, "2026-04-17")
    after = modes(bench, answer.json["id"])
    assert {key for key in before if before[key] != after[key]} == {(id_, FRIDAYS[1]) for id_ in home}
    assert bench.client(operator()).post(f"/api/rosters/{base}/recall", json={"date": "2026-04-17"}).status_code == 403
    late = bench.client(head()).post(f"/api/rosters/{base}/recall", json={"date": "2026-04-07", "reason": "lewat"})
    assert (late.status_code, late.json["code"]) == (422, "nothing_to_change")


def test_a_withdrawn_letter_sends_everyone_back_from_tomorrow(bench: Bench, eoffice: Eoffice) -> None:
    base = in_force(bench, eoffice)
    answer = bench.client(head()).post(f"/api/rosters/{base}/withdraw", json={"reason": "layanan terganggu"})
    assert answer.status_code == 201, answer.text
    letter = letter_of(bench, answer.json["id"])
    assert (letter.kind, letter.content["title"]) == ("withdrawal_letter", "PENCABUTAN SURAT TUGAS")
    assert sign(bench, answer.json["id"]).status_code == 200
    assert "wfh" not in modes(bench, answer.json["id"]).values()
    assert row(bench, base).status == "withdrawn"
    public = bench.client().get(f"/api/verify/{letter_of(bench, base).verification_code}").json
    assert (public["standing"], public["changed_by"]) == ("withdrawn", letter_of(bench, answer.json["id"]).number)
    assert bench.emitted(RosterInForceV1)[-1]["assignments"] == []


def partners(bench: Bench, roster_id: str, until: date = FRIDAYS[-1]) -> tuple[str, date, str, date]:
    """Two colleagues and dates that they can swap."""
    found = modes(bench, roster_id)
    home = sorted(
        key for key, mode in found.items() if mode == "wfh" and key[0] not in ("E0", "A1-head") and key[1] <= until
    )
    for one, gives in home:
        for other, takes in home:
            if one != other and found[one, takes] == "wfo" and found[other, gives] == "wfo":
                return one, gives, other, takes
    raise AssertionError("nobody can swap")


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


def test_a_second_change_waits_for_the_first_ones_signature(bench: Bench, eoffice: Eoffice) -> None:
    base = in_force(bench, eoffice)
    recall = bench.client(head()).post(f"/api/rosters/{base}/recall", json={"date": "2026-04-17", "reason": "satu"})
    assert recall.status_code == 201
    answer = bench.client(operator()).post(f"/api/rosters/{base}/amend", json={"reason": "dua"})
    assert (answer.status_code, answer.json["code"]) == (409, "change_under_way")


def test_an_amendment_without_a_cause_changes_nothing_and_says_so(bench: Bench, eoffice: Eoffice) -> None:
    base = in_force(bench, eoffice)
    answer = bench.client(operator()).post(f"/api/rosters/{base}/amend", json={"reason": "tanpa sebab"})
    assert (answer.status_code, answer.json["code"]) == (422, "nothing_to_change")


def test_a_signature_that_comes_twice_or_for_a_returned_letter_is_refused(bench: Bench, eoffice: Eoffice) -> None:
    base = in_force(bench, eoffice)
    letter = letter_of(bench, base)
    again = bench.client(head()).post(f"/api/letters/{letter.id}/sign", json={"passphrase": PASSPHRASE})
    assert (again.status_code, again.json["code"]) == (409, "letter_state")
    recall = bench.client(head()).post(f"/api/rosters/{base}/recall", json={"date": "2026-04-17", "reason": "satu"})
    bench.client(head()).post(f"/api/rosters/{recall.json['id']}/reject", json={"note": "keliru"})
    taken_back = letter_of(bench, recall.json["id"])
    answer = bench.client(head()).post(f"/api/letters/{taken_back.id}/sign", json={"passphrase": PASSPHRASE})
    assert (answer.status_code, answer.json["code"]) == (409, "letter_state")
    assert row(bench, base).status == "in_force"


def test_the_snapshot_is_frozen_and_its_hash_is_the_rosters(bench: Bench, eoffice: Eoffice) -> None:
    base = in_force(bench, eoffice)
    roster = row(bench, base)
    assert roster.sha256
    body = bench.context.storage.get(f"rosters/{base}/{roster.sha256}.json")
    assert sha256(body) == roster.sha256
    answer = bench.client(head()).get(f"/api/rosters/{base}/snapshot")
    assert len(answer.json["cells"]) == len(modes(bench, base))


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
