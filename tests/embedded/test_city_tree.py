"""The full city: its tree, its people, and the exemptions that are true of them."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from deploy.embedded.city import City, nip_problem
from deploy.embedded.city.model import Person


def test_full_city_has_the_size_of_metro(full: City) -> None:
    assert 3900 <= len(full.people) <= 4100
    assert len(full.agencies) == 29
    assert sum(unit.name.startswith("Kelurahan ") for unit in full.units) == 22
    assert sum(agency.name.startswith("Kecamatan ") for agency in full.agencies) == 5
    assert 0.15 < sum(person.pppk for person in full.people) / len(full.people) < 0.25


def test_every_unit_reaches_the_root_and_belongs_to_its_agency(full: City) -> None:
    for unit in full.units:
        path, at = [unit.id], unit
        while at.parent_id:
            at = full.unit_by_id[at.parent_id]
            assert at.id not in path
            path.append(at.id)
        assert path[-1] == full.root_id
        assert unit.agency_id == (path[-2] if len(path) > 1 else full.root_id)


def test_unit_codes_and_ids_are_unique(full: City) -> None:
    assert len({unit.code for unit in full.units}) == len({unit.id for unit in full.units}) == len(full.units)


def test_nips_niks_and_ids_are_valid_and_unique(full: City) -> None:
    assert [person.nip for person in full.people if nip_problem(person.nip, pppk=person.pppk)] == []
    for numbers in zip(*((person.nip, person.nik, person.id) for person in full.people), strict=True):
        assert len(set(numbers)) == len(full.people)


@pytest.mark.parametrize(
    ("nip", "pppk", "problem"),
    [
        ("198502302010011001", False, "tanggal lahir"),
        ("198502282010131001", False, "bulan TMT"),
        ("198502282010211001", True, ""),
        ("198502282010011003", False, ""),
        ("198502282010013003", False, "jenis kelamin"),
        ("19850228201001100", False, "18 angka"),
        ("198502281990011001", False, "tahun pengangkatan"),
    ],
)
def test_a_nip_is_judged_by_its_parts(nip: str, pppk: bool, problem: str) -> None:
    found = nip_problem(nip, pppk=pppk)
    assert (problem in found) if problem else found == ""


def test_people_are_of_working_age_and_hold_their_post_since_they_serve(full: City) -> None:
    for person in full.people:
        born = date(int(person.nip[:4]), int(person.nip[4:6]), int(person.nip[6:8]))
        started = date(int(person.nip[8:12]), 1 if person.pppk else int(person.nip[12:14]), 1)
        assert 22 <= (date(2026, 4, 1) - born).days / 365.25 < 59
        assert started <= person.post_since < date(2026, 4, 1)


def test_grades_fit_posts(full: City) -> None:
    grades = {"21": ("43", "44"), "22": ("42", "43"), "31": ("41", "42"), "32": ("34", "41"), "41": ("33", "34")}
    for person in full.people:
        if person.echelon in grades:
            low, high = grades[person.echelon]
            assert low <= person.grade <= high
        assert person.pppk == (person.grade[0] in "IVX")
        assert not (person.pppk and person.echelon != "99")


def test_leaders_sit_in_their_own_unit_but_for_the_known_exceptions(full: City) -> None:
    outside = {unit.name for unit in full.units if unit.leader_id and not _leads_own(full, unit.id)}
    assert outside == {"Pemerintah Kota Metro", "Badan Kesatuan Bangsa dan Politik"}
    assert [unit.name for unit in full.units if not unit.leader_id] == [
        "Seksi Promosi Dagang",
        "Seksi Pemberdayaan Masyarakat",
    ]


def _leads_own(city: City, unit_id: str) -> bool:
    leader = city.leader_of(unit_id)
    return leader is not None and leader.unit_id == unit_id


def test_the_acting_head_keeps_a_post_in_the_same_agency(full: City) -> None:
    agency = full.agency("KESBANGPOL")
    head = full.person_by_nip[agency.head_nip]
    assert head.post == "Plt. Kepala Badan Kesatuan Bangsa dan Politik"
    assert head.agency_id == agency.id
    assert head.echelon == "31"
    superior = full.superior_of(head.nip)
    assert superior is not None
    assert superior.post == "Sekretaris Daerah"


def test_superiors_lead_up_to_the_secretary_in_a_few_steps(full: City) -> None:
    secretary = full.leader_of(full.root_id)
    assert secretary is not None
    assert full.superior_of(secretary.nip) is None
    for person in full.people:
        steps, at = 0, person
        while (above := full.superior_of(at.nip)) is not None:
            at, steps = above, steps + 1
            assert steps < 8
        assert at == secretary


def test_a_vacant_post_is_passed_over(full: City) -> None:
    unit = next(unit for unit in full.units if unit.name == "Seksi Pemberdayaan Masyarakat" and not unit.leader_id)
    superior = full.superior_of(full.people_of(unit.id)[0].nip)
    assert superior is not None
    assert superior.post == "Camat Metro Pusat"


def test_all_twelve_exemptions_occur_beside_supporting_units(full: City) -> None:
    clauses = Counter(clause for person in full.people for clause in full.exempt_clauses(person.nip))
    assert set(clauses) == {f"1.l.{number}" for number in range(1, 13)}
    for clause in (f"1.l.{number}" for number in range(4, 13)):
        serving = {unit.agency_id for unit in full.units if unit.clause == clause}
        assert all(any(not unit.clause for unit in full.subtree(agency)[1:]) for agency in serving), clause


def test_named_units_carry_their_clause(full: City) -> None:
    clause = {unit.name: unit.clause for unit in full.units}
    assert clause["Instalasi Gawat Darurat"] == "1.l.9"
    assert clause["SMP Negeri 4 Metro"] == clause["SD Negeri 2 Metro Timur"] == "1.l.10"
    assert clause["UPTD Pajak Daerah"] == "1.l.11"
    assert clause["Bidang Penelitian dan Pengembangan"] == ""


def test_exemptions_follow_the_post_or_the_unit(full: City) -> None:
    def clauses(post: str) -> tuple[str, ...]:
        return full.exempt_clauses(next(person for person in full.people if person.post == post).nip)

    assert clauses("Sekretaris Daerah") == ("1.l.1",)
    assert clauses("Camat Metro Pusat") == ("1.l.2", "1.l.3")
    assert clauses("Lurah Imopuro") == ("1.l.3",)
    assert clauses("Kepala Bidang Pelayanan Pencatatan Sipil") == ("1.l.2", "1.l.7")
    assert clauses("Kepala Subbagian Keuangan dan Aset") == ()


def test_about_one_in_a_hundred_is_away_for_long(full: City) -> None:
    away = [person for person in full.people if not person.active]
    assert 0.005 < len(away) / len(full.people) < 0.015
    assert {person.standing for person in away} == {"02", "03", "04", "20"}
    assert not any(full.may_work_at_home(person.nip) for person in away)


def test_about_four_in_a_hundred_are_absent_in_april(full: City) -> None:
    assert len(full.absences) == round(sum(person.active for person in full.people) * 0.04)
    assert {absence.kind for absence in full.absences} == {"cuti", "dinas_luar", "diklat"}
    for absence in full.absences:
        assert date(2026, 4, 1) <= absence.first <= absence.last <= date(2026, 4, 30)
        assert full.person_by_nip[absence.nip].active


def test_everybody_who_may_work_at_home_has_one_room_of_four_to_twelve(full: City) -> None:
    occupants = Counter(nip for room in full.rooms for nip in room.occupants)
    assert set(occupants) == {person.nip for person in full.people if full.may_work_at_home(person.nip)}
    assert set(occupants.values()) == {1}
    for room in full.rooms:
        assert 4 <= len(room.occupants) <= 12
        assert room.officer_nip in room.occupants
        unit = full.unit_by_id[room.unit_id]
        assert not unit.clause
        assert full.person_by_nip[room.officer_nip].id != unit.leader_id
    assert len({room.code for room in full.rooms}) == len(full.rooms)


def test_nobody_can_be_reached_by_accident(full: City) -> None:
    def reachable(person: Person) -> bool:
        return not (person.email.endswith(".example") and person.email_gov.endswith(".example"))

    assert not any(reachable(person) or not person.phone.startswith("0810") for person in full.people)
