"""A roster in force is changed: amended, swapped, recalled, withdrawn; each time by an addendum with the difference."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from services.schedule.absences.actions import AbsenceIn
from services.schedule.models import Letter, Roster, RosterCell, RosterStatus
from services.schedule.rosters import actions, changes
from services.schedule.rosters.facts import in_effect
from services.schedule.rosters.save import snapshot
from shared.contracts.schedule import RecallOrderedV1, RosterInForceV1
from shared.roles import Person, Role
from shared.storage import sha256
from shared.testing.bench import Bench
from shared.testing.city import a_person
from tests.benches import PASSPHRASE
from tests.schedule.factories import FRIDAYS, a_unit, an_employee, head, operator, settle, two_agencies
from tests.schedule.test_life_of_a_roster import Eoffice, eoffice, send_webhook
from tests.schedule.test_policies import example, organisation

__all__ = ["eoffice"]


def a_colleague(employee_id: str) -> Person:
    return a_person(employee_id, Role.ASN, agency_id="A1")


def superior() -> Person:
    return a_person("E0", Role.SUPERIOR, agency_id="A1")


def sign(bench: Bench, roster_id: str) -> Any:
    """Number and sign the letter of an approved roster; the answer to the signature."""
    letter = numbered(bench, roster_id)
    return bench.client(head()).post(f"/api/letters/{letter.id}/sign", json={"passphrase": PASSPHRASE})


def numbered(bench: Bench, roster_id: str) -> Letter:
    bench.work()
    with bench.db.transaction() as session:
        letter = session.scalars(select(Letter).where(Letter.roster_id == roster_id)).one()
        count = len(session.scalars(select(Letter)).all())
    number = f"800.1.11.1/{count}/A1/IV/2026"
    data = {"idsurat": f"S{count}", "referensi": str(letter.id), "nomor": number, "tanggal": "2026-04-08"}
    assert send_webhook(bench, "eoffice", "surat.dinomori", data, webhook_id=f"n{count}").status_code == 202
    bench.work()
    return letter


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


def settle_second_unit(bench: Bench) -> None:
    """Unit U9 of A1 with G1 … G4, besides what is settled afterwards."""
    two_agencies(bench)
    settle(bench, [a_unit("U9")], [an_employee(f"G{n}", 500 + n, unit_id="U9") for n in range(1, 5)])


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


def test_a_recalled_day_stays_at_the_office_whatever_is_changed_later(bench: Bench, eoffice: Eoffice) -> None:
    base = in_force(bench, eoffice)
    body = {"employee_id": "E6", "date": "2026-04-24", "mode": "wfh", "kind": "pin", "reason": "permintaan"}
    assert bench.client(operator()).post("/api/roster-requests", json=body).status_code == 201
    recalled = bench.client(head()).post(f"/api/rosters/{base}/recall", json={"date": "2026-04-24", "reason": "rapat"})
    assert sign(bench, recalled.json["id"]).status_code == 200
    at_home = next(key[0] for key, mode in sorted(modes(bench, base).items()) if mode == "wfh" and key[1] == FRIDAYS[1])
    nip = an_employee(at_home, int(at_home[1:])).nip
    leave = AbsenceIn(nip, "leave", FRIDAYS[1], FRIDAYS[1], "cuti")
    settle(bench, [], [an_employee("NEW", 700)], [leave])
    amended = bench.client(operator()).post(f"/api/rosters/{recalled.json['id']}/amend", json={"reason": "cuti"}).json
    after = modes(bench, amended["id"])
    assert {mode for key, mode in after.items() if key[1] == FRIDAYS[2]} == {"wfo"}
    assert [mode for key, mode in after.items() if key[1] == FRIDAYS[1]].count("wfh") == 3
    changed = bench.client(operator()).get(f"/api/rosters/{amended['id']}/differences").json["rows"]
    assert {entry["date"] for entry in changed if entry["employee_id"] != "NEW"} == {"2026-04-17"}
    for employee_id in ("E0", "E1", "E6", "NEW"):  # whether they had a turn that day or not
        path = f"/api/rosters/{amended['id']}/cells/{employee_id}/2026-04-24/reason"
        why = bench.client(operator()).get(path).json
        assert (why["clause"], "menarik pegawai ke kantor" in why["text"]) == ("1.d", True)


def test_a_recall_of_one_unit_leaves_the_others_their_turns(bench: Bench, eoffice: Eoffice) -> None:
    settle_second_unit(bench)
    base = in_force(bench, eoffice)
    body = {"date": "2026-04-24", "unit_id": "U1", "reason": "pindah ruang"}
    recalled = bench.client(head()).post(f"/api/rosters/{base}/recall", json=body).json["id"]
    assert sign(bench, recalled).status_code == 200
    leave = AbsenceIn(an_employee("G1", 501).nip, "leave", FRIDAYS[2], FRIDAYS[2], "cuti")
    settle(bench, [], [], [leave])
    amended = bench.client(operator()).post(f"/api/rosters/{recalled}/amend", json={"reason": "cuti"}).json["id"]
    home = {key[0] for key, mode in modes(bench, amended).items() if mode == "wfh" and key[1] == FRIDAYS[2]}
    assert len(home) == 1  # of the three who are left in U9
    assert home < {"G2", "G3", "G4"}


def test_what_was_withdrawn_stays_withdrawn_in_a_later_change(bench: Bench, eoffice: Eoffice) -> None:
    base = in_force(bench, eoffice)
    withdrawn = bench.client(head()).post(f"/api/rosters/{base}/withdraw", json={"reason": "banjir"}).json["id"]
    assert sign(bench, withdrawn).status_code == 200
    nip = an_employee("E1", 1).nip
    settle(bench, [], [], [AbsenceIn(nip, "leave", FRIDAYS[1], FRIDAYS[1], "cuti")])
    amended = bench.client(operator()).post(f"/api/rosters/{withdrawn}/amend", json={"reason": "cuti"}).json["id"]
    assert "wfh" not in modes(bench, amended).values()
    why = bench.client(operator()).get(f"/api/rosters/{amended}/cells/E2/2026-04-24/reason").json
    assert (why["clause"], "Surat Tugas dicabut" in why["text"]) == ("1.d", True)


def test_a_second_change_waits_for_the_first_ones_signature(bench: Bench, eoffice: Eoffice) -> None:
    base = in_force(bench, eoffice)
    recall = bench.client(head()).post(f"/api/rosters/{base}/recall", json={"date": "2026-04-17", "reason": "satu"})
    assert recall.status_code == 201
    answer = bench.client(operator()).post(f"/api/rosters/{base}/amend", json={"reason": "dua"})
    assert (answer.status_code, answer.json["code"]) == (409, "change_under_way")


def test_a_signature_in_the_moment_of_a_recall_waits_and_is_refused_then(bench: Bench, eoffice: Eoffice) -> None:
    base = in_force(bench, eoffice)
    gone = next(key for key, mode in sorted(modes(bench, base).items()) if mode == "wfh" and key[1] == FRIDAYS[1])
    nip = an_employee(gone[0], int(gone[0][1:])).nip
    settle(bench, [], [], [AbsenceIn(nip, "leave", FRIDAYS[1], FRIDAYS[1], "cuti")])
    amended = bench.client(operator()).post(f"/api/rosters/{base}/amend", json={"reason": "cuti"}).json["id"]
    assert approve_change(bench, amended).status_code == 200
    letter = numbered(bench, amended)
    with ThreadPoolExecutor() as pool, bench.db.transaction() as session:
        actions.locked(session, UUID(base), RosterStatus.IN_FORCE)  # a recall begins
        body = {"passphrase": PASSPHRASE}
        signing = pool.submit(bench.client(head()).post, f"/api/letters/{letter.id}/sign", json=body)
        until_somebody_waits(bench)
        changes.recall(session, bench.context, UUID(base), FRIDAYS[2], unit_id=None, reason="rapat", by="kepala")
        session.commit()
        answer = signing.result(30)
    assert (answer.status_code, answer.json["code"]) == (409, "letter_state")
    assert letter_of(bench, amended).status == "returned"


def until_somebody_waits(bench: Bench) -> None:
    waiting = text(
        "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    )
    deadline = time.monotonic() + 30
    with bench.db.engine.connect() as connection:
        while not connection.scalar(waiting):
            assert time.monotonic() < deadline, "nobody waits for a lock"
            connection.rollback()
            time.sleep(0.02)


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


def everything_changes(bench: Bench) -> None:
    """People move, join, and go on leave; the policy, the quota, and what is asked of rosters change."""
    leave = AbsenceIn(an_employee("E2", 2).nip, "leave", FRIDAYS[1], FRIDAYS[2], "cuti")
    people = [an_employee("E1", 1, unit_id="U2"), an_employee("NEW", 700), an_employee("E3", 3, post="Lurah Imopuro")]
    settle(bench, [], people, [leave])
    content = example("cap-75").replace("2026-04-01", "2026-04-20")
    assert bench.client(organisation()).post("/api/policies", json={"content": content}).status_code == 201
    assert bench.client(organisation()).post("/api/policies/contoh-75-persen/activate").status_code == 200
    quota = {"share": "0.25", "min_on_site": 2}
    assert bench.client(head()).put("/api/agencies/A1/quota", json=quota).status_code == 204
    pin = {"employee_id": "E4", "date": f"{FRIDAYS[1]}", "mode": "wfo", "kind": "pin", "reason": "tugas piket"}
    assert bench.client(operator()).post("/api/roster-requests", json=pin).status_code == 201
    pair = {"one_id": "E5", "other_id": "E6", "reason": "saling menggantikan"}
    assert bench.client(operator()).put("/api/agencies/A1/stand-ins", json=pair).status_code == 204


def test_the_snapshot_is_frozen_and_its_hash_is_the_rosters_whatever_changes_afterwards(
    bench: Bench, eoffice: Eoffice
) -> None:
    base = in_force(bench, eoffice)
    roster, before = row(bench, base), bench.client(head()).get(f"/api/rosters/{base}/snapshot")
    assert len(before.json["cells"]) == len(modes(bench, base))
    everything_changes(bench)
    amended = bench.client(operator()).post(f"/api/rosters/{base}/amend", json={"reason": "banyak hal"})
    assert amended.status_code == 201, amended.text
    assert len(bench.client(operator()).get(f"/api/rosters/{amended.json['id']}/differences").json["rows"]) > 3
    stored = bench.context.storage.get(f"rosters/{base}/{roster.sha256}.json")
    with bench.db.transaction() as session:
        anew, digest = snapshot(session, session.get_one(Roster, base))
    assert anew == stored
    assert digest == sha256(stored) == row(bench, base).sha256 == roster.sha256
    assert bench.client(head()).get(f"/api/rosters/{base}/snapshot").json == before.json
