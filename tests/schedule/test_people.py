"""People and units from SIMPEG: file and webhook, in any order, and what is refused by name."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import select

from services.schedule.models import Employee, Unit
from services.schedule.people.rules import UnitNode, in_cycle, nip_fault, superior_of
from shared.contracts.schedule import EmployeeChangedV1, UnitChangedV1
from shared.roles import Role
from shared.testing.bench import Bench
from shared.testing.city import a_person
from tests.schedule.factories import two_agencies
from tests.schedule.test_life_of_a_roster import send_webhook

PEOPLE = ("id", "nipBaru", "nama", "gelarDepan", "gelarBelakang", "unorId", "kedudukanPnsId", "eselonId", "jabatanNama")
NIP = "198501012010011001"


def record(**overrides: str) -> dict[str, str]:
    values = {
        "id": "P1", "nipBaru": NIP, "nama": "Siti Aminah", "gelarDepan": "Dr.", "gelarBelakang": "S.E.",
        "unorId": "U1", "kedudukanPnsId": "01", "eselonId": "99", "jabatanNama": "Analis",
    }  # fmt: skip
    return {**values, **overrides}


def csv_of(*rows: dict[str, str]) -> bytes:
    lines = [",".join(PEOPLE), *(",".join(row[name] for name in PEOPLE) for row in rows)]
    return "\n".join(lines).encode()


def upload(bench: Bench, kind: str, content: bytes, name: str = "data.csv", *, apply: bool = True) -> Any:
    client = bench.client(a_person("IT1", Role.IT))
    path = f"/api/imports/{kind}?apply={'true' if apply else 'false'}"
    return client.post(path, data={"file": (io.BytesIO(content), name)}, content_type="multipart/form-data")


def people(bench: Bench) -> list[Employee]:
    with bench.db.transaction() as session:
        return list(session.scalars(select(Employee).where(Employee.id.like("P%")).order_by(Employee.id)))


def test_a_preview_changes_nothing_and_an_applied_file_tells_the_others(bench: Bench) -> None:
    two_agencies(bench, staff=1)
    before = len(bench.emitted(EmployeeChangedV1))
    content = csv_of(record(nipBaru="199002022015032002"))
    answer = upload(bench, "people", content, apply=False)
    assert (answer.status_code, answer.json["changed"], answer.json["applied"]) == (200, 1, False)
    assert people(bench) == []
    assert upload(bench, "people", content).json["changed"] == 1
    assert [p.name for p in people(bench)] == ["Dr. Siti Aminah, S.E."]
    assert len(bench.emitted(EmployeeChangedV1)) == before + 1
    assert upload(bench, "people", content).json["changed"] == 0, "the same file again changes nothing"


def test_every_refused_row_is_named_with_its_line_and_reason(bench: Bench) -> None:
    two_agencies(bench, staff=0)
    answer = upload(
        bench,
        "people",
        csv_of(
            record(id="P1", nipBaru="198513402010011001", nama="Tanggal Salah"),
            record(id="P2", nipBaru="199002022015032002"),
            record(id="P3", nipBaru="199003032015032003", unorId="HILANG", nama="Unit Hilang"),
            record(id="P4", nipBaru="199002022015032002", nama="NIP Kembar"),
        ),
    )
    reasons = {row["line"]: row["reason"] for row in answer.json["rejected"]}
    assert set(reasons) == {2, 4, 5}
    assert "Tanggal Salah" in reasons[2]
    assert "40-13-1985" in reasons[2]
    assert "HILANG" in reasons[4]
    assert "sudah dipakai" in reasons[5]
    assert [p.id for p in people(bench)] == ["P2"]


def test_xlsx_is_read_like_csv_and_a_file_that_is_neither_is_refused(bench: Bench) -> None:
    two_agencies(bench, staff=0)
    book, out = Workbook(), io.BytesIO()
    assert book.active is not None
    for row in (PEOPLE, [record(nipBaru="199002022015032002")[name] for name in PEOPLE]):
        book.active.append(list(row))
    book.save(out)
    assert upload(bench, "people", out.getvalue(), "data.xlsx").json["changed"] == 1
    assert upload(bench, "people", b"\x00\x01\x02", "data.xlsx").json["code"] == "invalid_input"
    missing = upload(bench, "people", b"id,nama\n1,x\n")
    assert (missing.status_code, "nipBaru" in missing.json["detail"]) == (422, True)


def test_a_webhook_about_a_person_of_an_unknown_unit_waits_until_the_unit_arrives(bench: Bench) -> None:
    two_agencies(bench, staff=0)
    data = record(nipBaru="199002022015032002", unorId="U-NEW")
    assert send_webhook(bench, "simpeg", "pegawai.diubah", data).json["status"] == "accepted"
    bench.work()
    assert people(bench) == []
    unit = {"Id": "U-NEW", "NamaUnor": "Bidang Baru", "IndukUnorId": "A1", "DiatasanId": "A1"}
    send_webhook(bench, "simpeg", "unor.diubah", unit, "w2")
    bench.clock.at += timedelta(seconds=5)
    bench.work()
    bench.clock.at += timedelta(seconds=5)
    bench.work()
    assert [p.unit_id for p in people(bench)] == ["U-NEW"]
    assert bench.unfinished() == []


def test_a_move_and_a_leaver_are_told_to_the_others(bench: Bench) -> None:
    two_agencies(bench, staff=1)
    moved = record(id="E1", nipBaru="198501012010011001", unorId="U2")
    send_webhook(bench, "simpeg", "pegawai.mutasi", moved)
    send_webhook(bench, "simpeg", "pegawai.berhenti", {"id": "F1", "kedudukanPnsId": "99"}, "w2")
    bench.work()
    last = {event["id"]: event for event in bench.emitted(EmployeeChangedV1)}
    assert (last["E1"]["agency_id"], last["E1"]["superior_id"]) == ("A2", "F0")
    assert last["F1"]["active"] is False


def test_a_circle_of_units_is_refused_by_name(bench: Bench) -> None:
    content = "\n".join(
        ["Id,NamaUnor,DiatasanId,IndukUnorId", "X,Bidang X,Y,X", "Y,Bidang Y,X,X", "Z,Bidang Z,,Z"]
    ).encode()
    answer = upload(bench, "units", content)
    assert {row["line"] for row in answer.json["rejected"]} == {2, 3}
    assert "Bidang X" in answer.json["rejected"][0]["reason"]
    with bench.db.transaction() as session:
        assert session.scalars(select(Unit.id)).all() == ["Z"]


def test_a_new_leader_changes_the_superior_of_everyone_below(bench: Bench) -> None:
    two_agencies(bench, staff=2)
    unit = {"Id": "U1", "NamaUnor": "Bidang U1", "IndukUnorId": "A1", "DiatasanId": "A1", "PemimpinPnsId": "E2"}
    send_webhook(bench, "simpeg", "unor.diubah", unit)
    bench.work()
    last = {event["id"]: event for event in bench.emitted(EmployeeChangedV1)}
    assert (last["E1"]["superior_id"], last["E2"]["superior_id"], last["E0"]["superior_id"]) == ("E2", "A1-head", "E2")
    assert bench.emitted(UnitChangedV1)[-1]["leader_id"] == "E2"


@pytest.mark.parametrize(
    ("nip", "fault"),
    [
        (NIP, None),
        ("199002022024211003", None),  # PPPK: the pair after the year counts agreements
        ("199002022024001003", "00"),
        ("199002302024211003", "30-02-1990"),
        ("19850101201001100", "18 angka"),
        ("198502302010011001", "30-02-1985"),
        ("198501012010013001", "ke-15"),
        ("198501011985011001", "1985"),
        ("198501012010001001", "00"),
    ],
)
def test_a_nip_is_refused_for_what_cannot_be(nip: str, fault: str | None) -> None:
    found = nip_fault(nip)
    assert (found is None) if fault is None else (found is not None and fault in found)


def test_a_pppk_is_taken_in_like_everyone_else(bench: Bench) -> None:
    two_agencies(bench, staff=0)
    row = record(nipBaru="199002022024211003")
    content = csv_of(row).decode().replace("jabatanNama", "jabatanNama,jenisPegawaiNama").splitlines()
    assert upload(bench, "people", f"{content[0]}\n{content[1]},PPPK\n".encode()).json["changed"] == 1
    assert [(p.nip, p.kind, p.active) for p in people(bench)] == [("199002022024211003", "PPPK", True)]


def test_a_vacant_leaders_post_is_passed_over_upwards() -> None:
    tree = {
        "top": UnitNode("top", None, "boss"),
        "mid": UnitNode("mid", "top", None),
        "low": UnitNode("low", "mid", "lead"),
    }
    assert superior_of("staff", "low", tree) == "lead"
    assert superior_of("lead", "low", tree) == "boss"
    assert superior_of("staff", "mid", tree) == "boss"
    assert superior_of("boss", "top", tree) is None
    assert not in_cycle("low", tree)
