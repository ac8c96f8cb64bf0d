"""Plt. and Plh.: somebody leads a unit beside their own post, as SIMPEG tells it or as they were appointed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from services.schedule.login.actions import person_by_nip
from services.schedule.login.rules import roles_of
from services.schedule.models import Employee, Posting
from shared.clock import wib_date, wib_moment
from shared.contracts.schedule import EmployeeChangedV1, UnitChangedV1
from shared.errors import NotSignedIn
from shared.roles import Person, Role
from shared.testing.bench import Bench
from shared.testing.city import a_person
from tests.schedule.factories import FRIDAYS, a_unit, an_agency, an_employee, head, operator, settle, two_agencies
from tests.schedule.test_clauses import cells, draft
from tests.schedule.test_history import nights, rows, tell
from tests.schedule.test_life_of_a_roster import Eoffice, eoffice, send_webhook, the_letter

__all__ = ["eoffice"]

TODAY = FRIDAYS[0]
ORGANISATION = a_person("ORG", Role.ORGANISATION, agency_id="X")


def appoint(bench: Bench, unit_id: str = "U1", by: Person | None = None, **overrides: Any) -> Any:
    body = {
        "employee_id": "E1", "kind": "plh", "starts": "2026-04-10", "ends": "2026-04-17", "reason": "cuti pimpinan",
    }  # fmt: skip
    return bench.client(by or head()).post(f"/api/units/{unit_id}/acting", json={**body, **overrides})


def superiors(bench: Bench) -> dict[str, str | None]:
    with bench.db.transaction() as session:
        return dict(session.execute(select(Employee.id, Employee.superior_id)).all())


def signed_in(bench: Bench, number: int, **options: Any) -> Person:
    with bench.db.transaction() as session:
        nip = an_employee("-", number).nip
        return person_by_nip(session, nip, today=wib_date(bench.clock.now()), **options)


def test_a_plh_leads_the_unit_while_it_lasts_and_no_day_longer(bench: Bench) -> None:
    two_agencies(bench, staff=3)
    assert appoint(bench).status_code == 201
    found = superiors(bench)
    assert (found["E2"], found["E3"], found["F1"]) == ("E1", "E1", "F0")
    assert (found["E1"], found["E0"]) == ("A1-head", "A1-head"), "neither is led by the other"
    assert bench.emitted(UnitChangedV1)[-1]["leader_id"] == "E1"
    assert Role.SUPERIOR in signed_in(bench, 1).roles
    nights(bench, date(2026, 4, 17))
    assert superiors(bench)["E2"] == "E1"
    nights(bench, date(2026, 4, 18))
    assert superiors(bench)["E2"] == "E0"
    assert bench.emitted(UnitChangedV1)[-1]["leader_id"] == "E0"
    assert {event["id"]: event for event in bench.emitted(EmployeeChangedV1)}["E2"]["superior_id"] == "E0"
    assert Role.SUPERIOR not in signed_in(bench, 1).roles


def test_an_appointment_to_come_changes_nothing_before_its_day(bench: Bench) -> None:
    two_agencies(bench, staff=3)
    assert appoint(bench, kind="plt", starts="2026-04-20", ends=None).status_code == 201
    assert superiors(bench)["E2"] == "E0"
    nights(bench, date(2026, 4, 20))
    assert superiors(bench)["E2"] == "E1"


def test_an_acting_head_approves_and_signs_as_such(bench: Bench, eoffice: Eoffice) -> None:
    two_agencies(bench)
    assert appoint(bench, "A1", kind="plt", ends=None, by=ORGANISATION).status_code == 201
    acting = signed_in(bench, 1)
    assert (Role.ACTING_HEAD in acting.roles, Role.HEAD in acting.roles) == (True, False)
    roster_id = draft(bench)
    bench.client(operator()).post(f"/api/rosters/{roster_id}/submit")
    assert bench.client(acting).post(f"/api/rosters/{roster_id}/approve").status_code == 200
    letter = the_letter(bench)
    assert letter.signer_id == "E1"
    assert letter.content["signer"]["post"].startswith("Plt. Kepala")


def test_an_agency_without_a_head_gets_its_letters_from_an_acting_one(bench: Bench, eoffice: Eoffice) -> None:
    two_agencies(bench)
    settle(bench, [an_agency("A1", leader_id=None)], [])
    roster_id = draft(bench)
    bench.client(operator()).post(f"/api/rosters/{roster_id}/submit")
    path = f"/api/rosters/{roster_id}/approve"
    assert bench.client(head()).post(path).json["code"] == "agency_without_head"
    appoint(bench, "A1", by=ORGANISATION)
    assert bench.client(signed_in(bench, 1)).post(path).status_code == 200


def test_the_head_of_one_agency_who_acts_for_another_chooses_where_to_sign_in(bench: Bench) -> None:
    two_agencies(bench)
    settle(bench, [an_agency("A2", leader_id=None)], [])
    assert appoint(bench, "A2", employee_id="A1-head", by=ORGANISATION).status_code == 201
    own, there = signed_in(bench, 900), signed_in(bench, 900, agency_id="A2")
    assert (own.agency_id, Role.HEAD in own.roles) == ("A1", True)
    assert (there.agency_id, Role.ACTING_HEAD in there.roles, Role.HEAD in there.roles) == ("A2", True, False)
    with pytest.raises(NotSignedIn):
        signed_in(bench, 1, agency_id="A2")


def test_somebody_else_of_another_agency_signs_in_where_they_act(bench: Bench) -> None:
    two_agencies(bench)
    appoint(bench, "A2", employee_id="E1", by=ORGANISATION)
    assert signed_in(bench, 1).agency_id == "A2"
    bench.clock.at = wib_moment(date(2026, 4, 18), 1)  # the Plh. is over, and no night's job has run
    assert (signed_in(bench, 1).agency_id, sorted(signed_in(bench, 1).roles)) == ("A1", [Role.ASN])


def test_1_l_3_a_plh_camat_stays_at_the_office_while_it_lasts(bench: Bench) -> None:
    two_agencies(bench)
    settle(bench, [a_unit("KEC", leader_post="Camat Metro Pusat")], [])
    assert appoint(bench, "KEC", starts=f"{FRIDAYS[1]}", ends=f"{FRIDAYS[1]}").status_code == 201
    roster_id = draft(bench)
    found = {cell.date: cell for cell in cells(bench, roster_id, employee_id="E1") if cell.date in FRIDAYS}
    assert (found[FRIDAYS[1]].mode, found[FRIDAYS[1]].clause, found[FRIDAYS[1]].rule) == ("wfo", "1.l.3", "exempt")
    assert {found[day].rule for day in (FRIDAYS[0], FRIDAYS[2])}.isdisjoint({"exempt"})
    assert cells(bench, roster_id, mode="wfh", date=FRIDAYS[1]), "colleagues still have turns"
    reason = bench.client(operator()).get(f"/api/rosters/{roster_id}/cells/E1/{FRIDAYS[1]}/reason").json
    assert (reason["clause"], bool(reason["text"])) == ("1.l.3", True)


def test_1_l_1_who_acts_in_a_post_has_the_echelon_of_who_held_it(bench: Bench) -> None:
    two_agencies(bench)
    settle(bench, [an_agency("A1", leader_id=None, leader_post="Kepala Badan A1")], [])
    appoint(bench, "A1", kind="plt", starts="2026-04-09", ends=None, by=ORGANISATION)
    fridays = [cell for cell in cells(bench, draft(bench), employee_id="E1") if cell.date in FRIDAYS]
    assert {(cell.mode, cell.clause) for cell in fridays} == {("wfo", "1.l.1")}


def test_simpegs_plt_is_a_posting_beside_the_persons_own(bench: Bench) -> None:
    two_agencies(bench)
    settle(bench, [a_unit("U3", leader_post="Kepala Bidang Data"), a_unit("U4", leader_post="Kepala Bidang Lain")], [])
    settle(bench, [], [an_employee("D1", 600, unit_id="U3")])
    plt = an_employee("E1", 1, post="Plt. Kepala Bidang Data", since=date(2026, 4, 6))
    for _ in range(2):
        tell(bench, plt)
    assert rows(bench, "E1") == [("U1", date(2010, 1, 1), None)]
    assert rows(bench, "E1", "acting") == [("U3", date(2026, 4, 6), None)]
    assert superiors(bench)["D1"] == "E1"
    with bench.db.transaction() as session:
        assert session.get_one(Employee, "E1").post == "Plt. Kepala Bidang Data"
    tell(bench, an_employee("E1", 1))
    assert rows(bench, "E1", "acting") == [("U3", date(2026, 4, 6), TODAY - timedelta(days=1))]
    assert superiors(bench)["D1"] == "A1-head"
    with bench.db.transaction() as session:
        assert session.get_one(Employee, "E1").post == "Analis Kebijakan Ahli Muda"


def test_simpegs_acting_head_is_acting_head_here(bench: Bench) -> None:
    two_agencies(bench)
    settle(bench, [an_agency("A1", leader_id="E0", leader_post="Kepala Badan A1")], [])
    tell(bench, an_employee("E0", 0, post="Plt. Kepala Badan A1", echelon="41"))
    assert signed_in(bench, 0).roles == {Role.ASN, Role.SUPERIOR, Role.ACTING_HEAD}
    assert superiors(bench)["E1"] == "E0"
    assert superiors(bench)["E0"] is None, "the unit above has no leader, and nobody is their own superior"


def test_an_appointment_may_end_earlier_and_is_audited(bench: Bench) -> None:
    two_agencies(bench, staff=3)
    made = appoint(bench).json
    path = f"/api/units/U1/acting/{made['id']}/end"
    body = {"last": "2026-04-09", "reason": "pimpinan kembali"}
    assert bench.client(head("A2")).post(path, json=body).status_code == 403
    assert bench.client(operator()).post(path, json=body).status_code == 403
    assert bench.client(head()).post(path, json={**body, "last": "2026-04-01"}).json["code"] == "acting_not_possible"
    assert bench.client(head()).post(path, json=body).status_code == 200
    assert superiors(bench)["E2"] == "E0"
    later = appoint(bench).json
    assert bench.client(head()).get("/api/units/U1/acting").json["total"] == 1, "the first had never begun"
    bench.client(head()).post(f"/api/units/U1/acting/{later['id']}/end", json={**body, "last": "2026-04-10"})
    assert bench.client(head()).get("/api/units/U1/acting").json["rows"][0]["ends"] == "2026-04-10"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"ends": None}, "acting_not_possible"),
        ({"ends": "2026-04-09"}, "acting_not_possible"),
        ({"ends": "2026-12-31"}, "acting_not_possible"),
        ({"employee_id": "NOBODY"}, "acting_not_possible"),
        ({"employee_id": "E0"}, "acting_not_possible"),
        ({"kind": "pj"}, "invalid_input"),
        ({"reason": " "}, "invalid_input"),
    ],
)
def test_what_cannot_be_is_refused(bench: Bench, wrong: dict[str, Any], code: str) -> None:
    two_agencies(bench, staff=2)
    assert appoint(bench, **wrong).json["code"] == code
    assert rows(bench, "E1", "acting") == []


def test_a_second_one_at_the_same_time_is_refused_by_name(bench: Bench) -> None:
    two_agencies(bench, staff=3)
    appoint(bench)
    answer = appoint(bench, employee_id="E2", starts="2026-04-17", ends="2026-04-20")
    assert (answer.status_code, answer.json["code"]) == (409, "already_acting")
    assert "Pegawai E1" in answer.json["detail"]
    assert appoint(bench, employee_id="E2", starts="2026-04-18", ends="2026-04-20").status_code == 201


def test_two_who_would_lead_each_other_are_refused_with_the_chain(bench: Bench) -> None:
    two_agencies(bench, staff=2)
    settle(bench, [a_unit("U3", leader_id=None)], [an_employee("D1", 600, unit_id="U3")])
    assert appoint(bench, "U3", employee_id="E1").status_code == 201
    answer = appoint(bench, "U1", employee_id="D1")
    assert (answer.status_code, answer.json["code"]) == (409, "superior_circle")
    assert "Pegawai D1 → Pegawai E1 → Pegawai D1" in answer.json["detail"]
    assert rows(bench, "D1", "acting") == [], "nothing of it stays"


def test_who_retires_acts_for_nobody(bench: Bench) -> None:
    two_agencies(bench, staff=2)
    appoint(bench)
    send_webhook(bench, "simpeg", "pegawai.berhenti", {"id": "E1", "kedudukanPnsId": "99"})
    bench.work()
    assert superiors(bench)["E2"] == "E0"
    with bench.db.transaction() as session:
        query = select(Posting).where(Posting.kind == "acting", Posting.ends.is_(None))
        assert session.scalars(query).all() == []


def test_roles_follow_from_an_appointment_as_from_the_post() -> None:
    appointed = roles_of("Analis", leads_agency=True, leads_unit=True, granted=[], acts=True)
    assert appointed == roles_of("Plh. Kepala Dinas", leads_agency=True, leads_unit=True, granted=[])
    assert Role.ACTING_HEAD in appointed
