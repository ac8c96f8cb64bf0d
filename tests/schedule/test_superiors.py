"""Superiors by the tree of units and by decision; circles and gaps are named."""

from __future__ import annotations

from typing import Any

from services.schedule.people.rules import circle_from, with_overrides
from shared.contracts.schedule import EmployeeChangedV1
from shared.roles import Person, Role
from shared.testing.bench import Bench
from shared.testing.city import a_person
from tests.schedule.factories import a_unit, an_agency, an_employee, head, operator, settle, two_agencies
from tests.schedule.test_acting import superiors
from tests.schedule.test_history import tell
from tests.schedule.test_life_of_a_roster import send_webhook
from tests.schedule.test_people import upload

NIPS = {f"E{n}": an_employee("-", n).nip for n in range(5)}


def decide(bench: Bench, employee: str, superior: str | None, by: Person | None = None) -> Any:
    body = {"superior_id": superior, "reason": "penugasan khusus"}
    return bench.client(by or operator()).put(f"/api/employees/{NIPS[employee]}/superior", json=body)


def test_a_decided_superior_holds_until_it_is_taken_back_and_is_told(bench: Bench) -> None:
    two_agencies(bench, staff=3)
    assert decide(bench, "E1", "E2").json["superior_id"] == "E2"
    assert bench.emitted(EmployeeChangedV1)[-1]["superior_id"] == "E2"
    tell(bench, an_employee("E1", 1, name="Nama Baru"))
    tell(bench, an_employee("E0", 0, unit_id="U1", post="Kepala Subbagian", echelon="41", standing="03"))
    found = superiors(bench)
    assert (found["E1"], found["E3"]) == ("E2", "A1-head"), "SIMPEG's word and a new tree change nothing about it"
    told = len(bench.emitted(EmployeeChangedV1))
    tell(bench, an_employee("E1", 1, name="Nama Baru"))
    assert len(bench.emitted(EmployeeChangedV1)) == told
    assert decide(bench, "E1", None).json["superior_id"] == "A1-head"


def test_a_circle_is_refused_with_its_chain(bench: Bench) -> None:
    two_agencies(bench, staff=3)
    decide(bench, "E1", "E2")
    answer = decide(bench, "E0", "E1")
    assert (answer.status_code, answer.json["code"]) == (409, "superior_circle")
    assert "Pegawai E0 → Pegawai E1 → Pegawai E2 → Pegawai E0" in answer.json["detail"]
    assert superiors(bench)["E0"] == "A1-head"
    assert decide(bench, "E1", "E1").json["code"] == "superior_not_possible"


def test_nobody_inactive_or_unknown_becomes_a_superior(bench: Bench) -> None:
    two_agencies(bench, staff=3)
    tell(bench, an_employee("E3", 3, standing="99"))
    for nobody in ("E3", "NOBODY"):
        assert decide(bench, "E1", nobody).json["code"] == "superior_not_possible"


def test_a_decided_superior_who_retires_gives_way_to_the_tree(bench: Bench) -> None:
    two_agencies(bench, staff=3)
    decide(bench, "E1", "E2")
    send_webhook(bench, "simpeg", "pegawai.berhenti", {"id": "E2", "kedudukanPnsId": "99"})
    bench.work()
    assert superiors(bench)["E1"] == "E0"


def test_a_decision_that_a_new_tree_would_turn_into_a_circle_is_passed_over(bench: Bench) -> None:
    two_agencies(bench, staff=3)
    decide(bench, "E1", "E2")
    settle(bench, [a_unit("U1", leader_id="E1")], [])
    assert (superiors(bench)["E2"], superiors(bench)["E1"]) == ("E1", "A1-head")
    settle(bench, [a_unit("U1", leader_id="E0")], [])
    assert superiors(bench)["E1"] == "E2"


def test_only_the_agencys_own_operator_and_head_decide(bench: Bench) -> None:
    two_agencies(bench, staff=3)
    for outsider in (operator("A2"), head("A2"), a_person("E2"), a_person("IT1", Role.IT)):
        assert decide(bench, "E1", "E2", outsider).status_code == 403
    assert decide(bench, "E1", "E2", head()).status_code == 200


def test_decisions_are_listed_for_their_agency(bench: Bench) -> None:
    two_agencies(bench, staff=3)
    decide(bench, "E1", "E2")
    [row] = bench.client(operator()).get("/api/superior-overrides").json["rows"]
    assert (row["employee_id"], row["superior_id"], row["reason"]) == ("E1", "E2", "penugasan khusus")
    assert bench.client(operator("A2")).get("/api/superior-overrides").json["total"] == 0


def test_units_of_simpeg_that_form_a_circle_are_refused_by_name_and_change_nobodys_superior(bench: Bench) -> None:
    two_agencies(bench, staff=1)
    before = superiors(bench)
    content = "\n".join(["Id,NamaUnor,DiatasanId,IndukUnorId", "A1,Badan A1,U1,A1", "U9,Bidang U9,A1,A1"]).encode()
    answer = upload(bench, "units", content)
    assert [row["line"] for row in answer.json["rejected"]] == [2]
    assert "Badan A1" in answer.json["rejected"][0]["reason"]
    assert "kembali ke unit itu sendiri" in answer.json["rejected"][0]["reason"]
    assert superiors(bench) == before


def test_in_a_unit_without_a_head_the_leader_above_stands_in(bench: Bench) -> None:
    two_agencies(bench, staff=2)
    settle(bench, [a_unit("U1", leader_id=None)], [])
    found = superiors(bench)
    assert (found["E0"], found["E1"], found["F1"]) == ("A1-head", "A1-head", "F0")


def test_gaps_are_listed_kind_by_kind_for_the_agency(bench: Bench) -> None:
    two_agencies(bench, staff=2)
    settle(bench, [a_unit("U1", leader_id=None)], [an_employee("E1", 1, email="e1@metro.example")])
    answer = bench.client(operator()).get("/api/people-gaps?page_size=100").json
    found = {(row["kind"], row["employee_id"] or row["unit_id"]) for row in answer["rows"]}
    assert found == {
        ("unit_without_leader", "U1"),
        ("person_without_superior", "A1-head"),
        ("person_without_email", "A1-head"), ("person_without_email", "E0"), ("person_without_email", "E2"),
    }  # fmt: skip
    assert answer["total"] == 5
    assert {row["agency_id"] for row in bench.client(operator("A2")).get("/api/people-gaps").json["rows"]} == {"A2"}
    city = bench.client(a_person("IT1", Role.IT)).get("/api/people-gaps?kind=unit_without_leader&page_size=1").json
    assert (city["total"], len(city["rows"])) == (2, 1), "U1 and the city's root"


def test_an_agency_without_a_head_is_a_gap_until_somebody_acts(bench: Bench) -> None:
    two_agencies(bench, staff=2)
    settle(bench, [an_agency("A1", leader_id=None)], [])
    client, path = bench.client(head()), "/api/people-gaps?kind=unit_without_leader"
    [gap] = client.get(path).json["rows"]
    assert (gap["unit_id"], "Surat Tugas" in gap["text"]) == ("A1", True)
    body = {"employee_id": "E1", "kind": "plt", "starts": "2026-04-10", "ends": None, "reason": "jabatan kosong"}
    assert client.post("/api/units/A1/acting", json=body).status_code == 201
    assert client.get(path).json["total"] == 0


def test_the_rules_by_themselves() -> None:
    tree = {"a": "b", "b": "c", "c": None, "x": "a"}
    assert circle_from("a", tree) == []
    assert circle_from("a", {**tree, "c": "a"}) == ["a", "b", "c", "a"]
    assert circle_from("x", {**tree, "c": "a"}) == [], "a circle further up is not one of their own"
    everyone = set(tree)
    assert with_overrides(tree, [("c", "a")], everyone) == tree
    assert with_overrides(tree, [("x", "c")], everyone) == {**tree, "x": "c"}
    assert with_overrides(tree, [("x", "c")], everyone - {"c"}) == tree
