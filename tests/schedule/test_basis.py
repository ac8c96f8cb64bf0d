"""What a roster stands on is frozen with it: reasons, letters and approval go by the policies it was drafted with."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select, update

from services.schedule.models import Letter, Roster
from services.schedule.rosters import basis
from shared.testing.bench import Bench
from tests.schedule.factories import FRIDAYS, head, operator, two_agencies
from tests.schedule.rosters.questions import a_policy
from tests.schedule.test_changes import in_force, letter_of, sign
from tests.schedule.test_clauses import cells
from tests.schedule.test_life_of_a_roster import Eoffice, eoffice
from tests.schedule.test_policies import CAP, activate, example, organisation

__all__ = ["eoffice"]

METRO = "metro-15-2026"


def draft(bench: Bench, month: str = "2026-04-01") -> dict[str, Any]:
    made = bench.client(operator()).post("/api/rosters", json={"agency_id": "A1", "month": month})
    assert made.status_code == 201, made.text
    return dict(made.json)


def submitted(bench: Bench, month: str = "2026-04-01") -> str:
    roster_id = str(draft(bench, month)["id"])
    assert bench.client(operator()).post(f"/api/rosters/{roster_id}/submit").status_code == 200
    return roster_id


def approve(bench: Bench, roster_id: str) -> Any:
    return bench.client(head()).post(f"/api/rosters/{roster_id}/approve")


def end(bench: Bench, policy_id: str, day: str | None) -> None:
    body = {"valid_to": day, "reason": "SE 20/2026"}
    answer = bench.client(organisation()).put(f"/api/policies/{policy_id}/term", json=body)
    assert answer.status_code < 300, answer.text


def reason(bench: Bench, roster_id: str, employee_id: str, day: date) -> dict[str, Any]:
    answer = bench.client(operator()).get(f"/api/rosters/{roster_id}/cells/{employee_id}/{day}/reason")
    assert answer.status_code == 200, answer.text
    return dict(answer.json)


def reasons(bench: Bench, roster_id: str) -> dict[tuple[str, date], str]:
    return {
        (cell.employee_id, cell.date): reason(bench, roster_id, cell.employee_id, cell.date)["text"]
        for cell in cells(bench, roster_id)
        if cell.date in FRIDAYS and cell.employee_id in ("A1-head", "E0", "E1", "E2")
    }


def stored(bench: Bench, roster_id: str) -> Roster:
    with bench.db.transaction() as session:
        return session.get_one(Roster, roster_id)


def without_basis(bench: Bench, roster_id: str) -> None:
    """As rosters are that were made before their basis was kept."""
    with bench.db.transaction() as session:
        session.execute(update(Roster).where(Roster.id == roster_id).values(basis=[]))


def test_a_roster_explains_itself_by_the_policy_that_decided_when_that_is_retired(bench: Bench) -> None:
    two_agencies(bench)
    activate(bench, example("cap-75").replace("2026-04-01", "2026-04-13"))
    roster_id = str(draft(bench)["id"])
    before = reasons(bench, roster_id)
    assert "Pejabat Pimpinan Tinggi Pratama dan Administrator" in before["A1-head", FRIDAYS[1]]
    assert bench.client(organisation()).post(f"/api/policies/{CAP}/retire").status_code == 200
    assert reasons(bench, roster_id) == before


def test_reasons_stay_when_the_term_is_shortened_or_another_circular_has_the_day(bench: Bench) -> None:
    two_agencies(bench)
    roster_id = str(draft(bench)["id"])
    before = reasons(bench, roster_id)
    end(bench, METRO, "2026-04-12")
    assert reasons(bench, roster_id) == before
    activate(bench, example("echelon-4-exempt").replace("2026-04-01", "2026-04-13"))
    assert reasons(bench, roster_id) == before


def test_a_month_of_two_policies_tells_each_days_own_words(bench: Bench) -> None:
    two_agencies(bench)
    activate(bench, example("echelon-4-exempt").replace("2026-04-01", "2026-04-20"))
    roster_id = str(draft(bench)["id"])
    early, late = (reason(bench, roster_id, "A1-head", day) for day in FRIDAYS[1:])
    assert (early["clause"], early["text"]) == ("1.l.1", "Jabatan Pimpinan Tinggi Pratama tetap bertugas di kantor.")
    words = "Pejabat Pimpinan Tinggi, Administrator, dan Pengawas tetap bertugas di kantor."
    assert (late["clause"], late["text"]) == ("d.1", words)
    assert all(reasons(bench, roster_id).values())


def test_a_roster_from_before_explains_itself_by_todays_policies_and_never_fails(bench: Bench) -> None:
    two_agencies(bench)
    roster_id = str(draft(bench)["id"])
    before = reasons(bench, roster_id)
    without_basis(bench, roster_id)
    assert reasons(bench, roster_id) == before
    end(bench, METRO, "2026-04-12")
    assert reason(bench, roster_id, "A1-head", FRIDAYS[0])["text"] == before["A1-head", FRIDAYS[0]]
    assert (
        reason(bench, roster_id, "A1-head", FRIDAYS[1])["text"]
        == "Jabatan atau unit kerja Anda tetap bertugas di kantor."
    )


@pytest.mark.parametrize("change", ["another policy", "a shorter term", "a longer term"])
def test_a_head_cannot_approve_by_rules_that_hold_no_more(bench: Bench, eoffice: Eoffice, change: str) -> None:
    two_agencies(bench)
    if change == "a longer term":
        end(bench, METRO, "2026-04-19")
    roster_id = submitted(bench)
    if change == "another policy":
        activate(bench, example("cap-75").replace("2026-04-01", "2026-04-20"))
    else:
        end(bench, METRO, None if change == "a longer term" else "2026-04-19")
    refused = approve(bench, roster_id)
    assert (refused.status_code, refused.json["code"]) == (409, "policy_changed")
    assert "20-04-2026" in refused.json["detail"]
    assert stored(bench, roster_id).status == "proposed"
    with bench.db.transaction() as session:
        assert session.scalars(select(Letter)).all() == []
    assert (
        bench.client(head()).post(f"/api/rosters/{roster_id}/reject", json={"note": "aturan baru"}).status_code == 200
    )
    assert approve(bench, submitted(bench)).status_code == 200


def test_what_does_not_concern_the_month_is_no_hindrance(bench: Bench, eoffice: Eoffice) -> None:
    two_agencies(bench)
    roster_id = submitted(bench)
    activate(bench, example("cap-75").replace("2026-04-01", "2026-05-01"))  # ends the former on 30 April
    activate(
        bench, example("echelon-4-exempt").replace('id = "contoh', 'layer = "agency"\nagency = "A2"\nid = "contoh')
    )
    assert stored(bench, roster_id).status == "proposed"
    assert approve(bench, roster_id).status_code == 200


def test_a_roster_from_before_is_approved_by_the_policies_that_hold(bench: Bench, eoffice: Eoffice) -> None:
    two_agencies(bench)
    roster_id = submitted(bench)
    without_basis(bench, roster_id)
    assert approve(bench, roster_id).status_code == 200
    assert "Nomor 15 Tahun 2026" in str(letter_of(bench, roster_id).content)


def test_a_recall_keeps_the_words_and_the_circulars_of_the_roster_that_it_changes(
    bench: Bench, eoffice: Eoffice
) -> None:
    base = in_force(bench, eoffice)
    before = reasons(bench, base)
    activate(bench, example("echelon-4-exempt").replace("2026-04-01", "2026-04-13"))
    body = {"date": f"{FRIDAYS[2]}", "reason": "kunjungan kerja"}
    recalled = bench.client(head()).post(f"/api/rosters/{base}/recall", json=body)
    assert recalled.status_code == 201, recalled.text
    content = str(letter_of(bench, recalled.json["id"]).content)
    assert "Nomor 15 Tahun 2026" in content
    assert "eselon IV" not in content
    assert reasons(bench, recalled.json["id"])["A1-head", FRIDAYS[1]] == before["A1-head", FRIDAYS[1]]


def test_an_amendment_stands_on_the_former_policy_until_today_and_on_the_new_one_after(
    bench: Bench, eoffice: Eoffice
) -> None:
    base = in_force(bench, eoffice)
    bench.clock.at = datetime(2026, 4, 14, 2, tzinfo=UTC)
    activate(bench, example("echelon-4-exempt").replace("2026-04-01", "2026-04-13"))
    amended = bench.client(operator()).post(f"/api/rosters/{base}/amend", json={"reason": "SE baru"})
    assert amended.status_code == 201, amended.text
    kept = stored(bench, amended.json["id"]).basis
    assert [(entry["id"], entry["starts"], entry["ends"]) for entry in kept] == [
        (METRO, "2026-04-09", "2026-04-14"),
        ("contoh-eselon-iv", "2026-04-15", "2026-04-30"),
    ]
    clauses = {cell.date: cell.clause for cell in cells(bench, amended.json["id"], employee_id="A1-head")}
    assert (clauses[FRIDAYS[0]], clauses[FRIDAYS[1]]) == ("1.l.1", "d.1")
    bench.client(operator()).post(f"/api/rosters/{amended.json['id']}/submit")
    assert approve(bench, amended.json["id"]).status_code == 200
    assert sign(bench, amended.json["id"]).status_code == 200


def test_the_snapshot_holds_the_words(bench: Bench, eoffice: Eoffice) -> None:
    two_agencies(bench)
    roster_id = submitted(bench)
    assert approve(bench, roster_id).status_code == 200
    [entry] = bench.client(head()).get(f"/api/rosters/{roster_id}/snapshot").json["basis"]
    assert (entry["id"], entry["starts"], entry["ends"]) == (METRO, "2026-04-09", "2026-04-30")
    assert entry["texts"]["1.l.3"] == "Camat dan Lurah tetap bertugas di kantor."


def test_the_first_day_of_a_difference_is_found() -> None:
    days = [date(2026, 5, day) for day in (1, 2, 3, 4)]
    one, other = a_policy(id="one"), a_policy(id="other")
    base = basis.basis_of({days[0]: one, days[1]: one, days[2]: other, days[3]: other})
    longer = a_policy(id="one", valid_to=date(2026, 6, 1))
    assert (
        basis.first_difference(base, basis.basis_of(dict.fromkeys(days[:2], longer) | dict.fromkeys(days[2:], other)))
        is None
    )
    assert basis.first_difference(base, basis.basis_of(dict.fromkeys(days, one))) == days[2]
    assert basis.first_difference(base, base[:1]) == days[2]
    assert basis.first_difference(base, []) == days[0]
    assert basis.first_difference([], []) is None
