"""What changes while things are under way: heads, leaders, agencies, late letters, webhooks out of order."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from services.schedule.login.actions import change_role, person_by_nip
from services.schedule.models import Employee, Letter, Roster
from shared.clock import wib_moment
from shared.contracts.schedule import EmployeeChangedV1, RosterInForceV1, UnitChangedV1
from shared.errors import NotSignedIn
from shared.roles import Role
from shared.testing.bench import Bench
from shared.testing.city import a_person
from tests.benches import PASSPHRASE
from tests.schedule.factories import FRIDAYS, a_unit, an_employee, head, operator, settle, two_agencies
from tests.schedule.test_life_of_a_roster import Eoffice, approved, eoffice, numbered, send_webhook, the_letter
from tests.schedule.test_people import record

__all__ = ["eoffice"]

UNIT = {"Id": "U1", "NamaUnor": "Bidang U1", "IndukUnorId": "A1", "DiatasanId": "A1", "PemimpinPnsId": "E0"}


def last_told(bench: Bench) -> dict[str, dict[str, object]]:
    return {event["id"]: event for event in bench.emitted(EmployeeChangedV1)}


def at(day: int, hour: int = 9) -> datetime:
    return wib_moment(FRIDAYS[0].replace(day=day), hour)


def test_1_d_a_letter_signed_late_puts_no_earlier_day_in_force(bench: Bench, eoffice: Eoffice) -> None:
    letter = numbered(bench, eoffice)
    bench.clock.at = at(15)
    bench.client(head()).post(f"/api/letters/{letter.id}/sign", json={"passphrase": PASSPHRASE})
    [event] = bench.emitted(RosterInForceV1)
    assert event["starts"] == "2026-04-15"
    assert {day for a in event["assignments"] for day in a["wfh_dates"]} == {"2026-04-17", "2026-04-24"}
    assert min(day["date"] for day in event["days"]) == "2026-04-15"
    days = bench.client(head()).get("/api/employees/198501012010011001/workdays?from=2026-04-01&to=2026-04-30").json
    assert min(day["date"] for day in days) == "2026-04-15"


def test_a_letter_signed_after_the_month_is_refused(bench: Bench, eoffice: Eoffice) -> None:
    letter = numbered(bench, eoffice)
    bench.clock.at = at(30) + timedelta(days=2)
    answer = bench.client(head()).post(f"/api/letters/{letter.id}/sign", json={"passphrase": PASSPHRASE})
    assert (answer.status_code, answer.json["code"]) == (409, "letter_too_late")
    assert the_letter(bench).status == "numbered"


def test_a_new_head_withdraws_what_the_old_one_approved(bench: Bench, eoffice: Eoffice) -> None:
    letter = numbered(bench, eoffice)
    new_head = a_person("E0", Role.HEAD)
    answer = bench.client(new_head).post(f"/api/letters/{letter.id}/sign", json={"passphrase": PASSPHRASE})
    assert answer.json["code"] == "not_the_signer"
    path = f"/rosters/{letter.roster_id}/reject"
    assert bench.client(new_head).post(path, data={"note": "Kepala berganti"}, page=True).status_code == 302
    with bench.db.transaction() as session:
        assert session.scalars(select(Letter.status)).one() == "returned"
        assert session.scalars(select(Roster.status)).one() == "rejected"
    again = bench.client(operator()).post("/api/rosters", json={"agency_id": "A1", "month": "2026-04-01"})
    assert again.status_code == 201


def test_a_letter_withdrawn_before_it_left_is_not_pushed(bench: Bench, eoffice: Eoffice) -> None:
    roster_id = approved(bench)
    bench.client(head()).post(f"/api/rosters/{roster_id}/reject", json={"note": "Keliru"})
    bench.work()
    assert eoffice.pushed == []


def test_a_retired_head_signs_nothing(bench: Bench) -> None:
    two_agencies(bench)
    roster_id = (
        bench.client(operator()).post("/api/rosters", json={"agency_id": "A1", "month": "2026-04-01"}).json["id"]
    )
    bench.client(operator()).post(f"/api/rosters/{roster_id}/submit")
    send_webhook(bench, "simpeg", "pegawai.berhenti", {"id": "A1-head", "kedudukanPnsId": "99"})
    bench.work()
    answer = bench.client(head()).post(f"/api/rosters/{roster_id}/approve")
    assert (answer.status_code, answer.json["code"]) == (422, "agency_without_head")


def test_the_head_reads_the_letter_before_signing_and_a_wrong_passphrase_stays_on_the_page(
    bench: Bench, eoffice: Eoffice
) -> None:
    letter = numbered(bench, eoffice)
    client = bench.client(head())
    assert client.get(f"/api/letters/{letter.id}/draft").data.startswith(b"%PDF")
    page = client.get(f"/letters/{letter.id}", page=True).text
    assert f"/schedule/api/letters/{letter.id}/draft" in page
    wrong = client.post(f"/letters/{letter.id}/sign", data={"passphrase": "salah"}, page=True)
    assert (wrong.status_code, "Passphrase salah" in wrong.text) == (422, True)


def test_an_older_word_of_simpeg_about_a_person_does_not_overwrite_a_newer_one(bench: Bench) -> None:
    two_agencies(bench, staff=1)
    older = record(id="E1", nipBaru="198501012010011001", unorId="U-LATER", jabatanNama="LAMA")
    newer = record(id="E1", nipBaru="198501012010011001", unorId="U1", jabatanNama="BARU")
    send_webhook(bench, "simpeg", "pegawai.mutasi", older, "w1", timestamp="2026-04-08T01:00:00Z")
    bench.work()
    send_webhook(bench, "simpeg", "pegawai.diubah", newer, "w2", timestamp="2026-04-08T02:00:00Z")
    bench.work()
    unit = {**UNIT, "Id": "U-LATER", "PemimpinPnsId": ""}
    send_webhook(bench, "simpeg", "unor.diubah", unit, "w3", timestamp="2026-04-08T03:00:00Z")
    bench.clock.at += timedelta(minutes=10)
    bench.work()
    assert (last_told(bench)["E1"]["post"], last_told(bench)["E1"]["unit_id"]) == ("BARU", "U1")
    assert bench.unfinished() == []


def test_a_unit_that_moves_to_another_agency_takes_its_people_along(bench: Bench) -> None:
    two_agencies(bench, staff=2)
    moved = {**UNIT, "IndukUnorId": "A2", "DiatasanId": "A2"}
    send_webhook(bench, "simpeg", "unor.diubah", moved)
    bench.work()
    assert {last_told(bench)[f"E{n}"]["agency_id"] for n in range(3)} == {"A2"}
    assert last_told(bench)["E0"]["superior_id"] == "A2-head"


def test_a_leader_who_retires_is_nobodys_superior(bench: Bench) -> None:
    two_agencies(bench, staff=2)
    send_webhook(bench, "simpeg", "pegawai.berhenti", {"id": "E0", "kedudukanPnsId": "99"})
    bench.work()
    assert {last_told(bench)[f"E{n}"]["superior_id"] for n in (1, 2)} == {"A1-head"}


def test_no_exemption_by_hand_counts_more_than_an_inherited_one(bench: Bench) -> None:
    two_agencies(bench, staff=1)
    settle(bench, [a_unit("CARE", name="UPTD Terminal"), a_unit("OFFICE", name="Bagian Umum", parent_id="CARE")], [])
    told = {event["id"]: event["exempt_clause"] for event in bench.emitted(UnitChangedV1)}
    assert (told["CARE"], told["OFFICE"]) == ("1.l.12", "1.l.12")
    bench.client(operator()).put("/api/units/OFFICE/exemption", json={"clause": None})
    told = {event["id"]: event["exempt_clause"] for event in bench.emitted(UnitChangedV1)}
    assert (told["CARE"], told["OFFICE"]) == ("1.l.12", None)


def test_a_role_within_an_agency_does_not_move_on_with_the_person(bench: Bench) -> None:
    two_agencies(bench, staff=1)
    nip = an_employee("E1", 1).nip
    with bench.db.transaction() as session:
        for role in (Role.OPERATOR, Role.AUDITOR):
            change_role(session, nip, role, granted=True, by="test", now=bench.clock.now())
        assert Role.OPERATOR in person_by_nip(session, nip, today=FRIDAYS[0]).roles
    send_webhook(bench, "simpeg", "pegawai.mutasi", record(id="E1", nipBaru=nip, unorId="U2"))
    bench.work()
    with bench.db.transaction() as session:
        assert person_by_nip(session, nip, today=FRIDAYS[0]).roles == {Role.ASN, Role.AUDITOR}


def test_a_role_can_be_taken_back_from_someone_who_left(bench: Bench) -> None:
    two_agencies(bench, staff=1)
    nip = an_employee("E1", 1).nip
    with bench.db.transaction() as session:
        change_role(session, nip, Role.OPERATOR, granted=True, by="test", now=bench.clock.now())
        session.get_one(Employee, "E1").active = False
    answer = bench.client(a_person("IT1", Role.IT)).post(
        "/api/roles", json={"nip": nip, "role": "operator", "granted": False}
    )
    assert (answer.status_code, answer.json["roles"]) == (200, [])
    with bench.db.transaction() as session, pytest.raises(NotSignedIn):
        person_by_nip(session, nip, today=FRIDAYS[0])


@pytest.mark.parametrize("month", ["9999-12-01", "0001-01-01", "2026-02-01", "2026-08-01"])
def test_a_month_too_far_away_is_refused(bench: Bench, month: str) -> None:
    two_agencies(bench, staff=1)
    answer = bench.client(operator()).post("/api/rosters", json={"agency_id": "A1", "month": month})
    assert (answer.status_code, answer.json["code"]) == (422, "month_out_of_range")
