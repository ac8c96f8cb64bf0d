"""Posts held beside one's own (rangkap) in another unit or echelon, noted by hand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from services.schedule.models import Posting
from shared.audit import AuditRow
from shared.roles import Person, Role
from shared.testing.bench import Bench
from shared.testing.city import a_person
from tests.schedule.factories import FRIDAYS, a_unit, an_employee, head, operator, settle, two_agencies
from tests.schedule.test_clauses import cells, draft
from tests.schedule.test_history import E1, e1, tell

ORGANISATION = a_person("ORG", Role.ORGANISATION, agency_id="X")
COUNTER = a_unit("UPTD", agency_id="A2", parent_id="A2", name="UPTD Metrologi")


def give(bench: Bench, by: Person | None = None, **overrides: Any) -> Any:
    body = {
        "unit_id": "U2", "post": "Sekretaris Tim", "starts": "2026-04-10", "ends": None, "reason": "SK 12 Tahun 2026",
    }  # fmt: skip
    return bench.client(by or head()).post(f"/api/employees/{E1.nip}/second-posts", json={**body, **overrides})


def fridays_of(bench: Bench) -> dict[Any, tuple[str, str | None]]:
    found = cells(bench, draft(bench), employee_id="E1")
    return {cell.date: (cell.mode, cell.clause) for cell in found if cell.date in FRIDAYS}


def test_a_second_post_at_an_exempt_unit_of_another_agency_keeps_at_the_office_while_it_is_held(bench: Bench) -> None:
    two_agencies(bench, staff=2)
    settle(bench, [COUNTER], [])
    given = give(bench, unit_id="UPTD", starts=f"{FRIDAYS[1]}", ends=f"{FRIDAYS[1]}")
    assert (given.status_code, given.json["kind"], given.json["by_hand"]) == (201, "dual", True)
    found = fridays_of(bench)
    assert found[FRIDAYS[1]] == ("wfo", "1.l.12")
    assert not {clause for day, (_, clause) in found.items() if day != FRIDAYS[1]} & {"1.l.12"}


def test_a_second_post_of_exempt_echelon_keeps_at_the_office(bench: Bench) -> None:
    two_agencies(bench, staff=2)
    assert give(bench, post="Direktur RSUD", echelon="31").status_code == 201
    assert set(fridays_of(bench).values()) == {("wfo", "1.l.2")}


def test_a_second_post_that_nothing_exempts_changes_nothing(bench: Bench) -> None:
    two_agencies(bench, staff=2)
    assert give(bench).status_code == 201
    with bench.db.transaction() as session:
        assert session.scalars(select(Posting).where(Posting.kind == "dual")).one().unit_id == "U2"
    assert not any((clause or "").startswith("1.l") for _, clause in fridays_of(bench).values())


def test_simpegs_word_leaves_what_was_noted_here_alone(bench: Bench) -> None:
    two_agencies(bench, staff=2)
    given = give(bench).json
    tell(bench, e1())
    tell(bench, e1(second_post="Lurah Iringmulyo"))
    tell(bench, e1())
    rows = bench.client(head()).get(f"/api/employees/{E1.nip}/postings").json["rows"]
    held = [row for row in rows if row["kind"] == "dual" and row["ends"] is None]
    assert [row["id"] for row in held] == [given["id"]]


def test_a_second_post_ends_earlier_and_both_acts_are_audited(bench: Bench) -> None:
    two_agencies(bench, staff=2)
    given = give(bench, post="Direktur RSUD", echelon="31").json
    path = f"/api/employees/{E1.nip}/second-posts/{given['id']}/end"
    body = {"last": f"{FRIDAYS[1] - timedelta(days=1)}", "reason": "SK dicabut"}
    assert bench.client(head()).post(path, json=body).json["ends"] == body["last"]
    found = fridays_of(bench)
    assert (found[FRIDAYS[0]][1], found[FRIDAYS[1]][1] == "1.l.2") == ("1.l.2", False)
    with bench.db.transaction() as session:
        acts = session.execute(select(AuditRow.action, AuditRow.subject).order_by(AuditRow.id)).all()
    assert [tuple(act) for act in acts if "second_post" in act[0]] == [
        ("give_second_post", "employee/E1"), ("end_second_post", "employee/E1"),
    ]  # fmt: skip


def test_ended_before_it_began_it_never_was(bench: Bench) -> None:
    two_agencies(bench, staff=2)
    given = give(bench, starts="2026-05-04").json
    path = f"/api/employees/{E1.nip}/second-posts/{given['id']}/end"
    assert bench.client(head()).post(path, json={"last": "2026-05-03", "reason": "batal"}).status_code == 200
    rows = bench.client(head()).get(f"/api/employees/{E1.nip}/postings").json["rows"]
    assert [row["kind"] for row in rows] == ["main"]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"unit_id": "nowhere"}, "second_post_not_possible"),
        ({"starts": "2026-03-01", "ends": "2026-03-31"}, "second_post_not_possible"),
        ({"starts": "2026-05-01", "ends": "2026-04-30"}, "second_post_not_possible"),
        ({"echelon": "empat"}, "invalid_input"),
        ({"post": ""}, "invalid_input"),
        ({"reason": ""}, "invalid_input"),
    ],
)
def test_what_cannot_be_is_refused(bench: Bench, wrong: dict[str, Any], code: str) -> None:
    two_agencies(bench, staff=2)
    answer = give(bench, **wrong)
    assert (answer.status_code, answer.json["code"]) == (422, code)


def test_neither_somebody_inactive_nor_the_same_post_twice(bench: Bench) -> None:
    two_agencies(bench, staff=2)
    assert give(bench, ends="2026-04-30").status_code == 201
    answer = give(bench, post="sekretaris tim", starts="2026-04-30")
    assert (answer.status_code, answer.json["code"]) == (409, "post_already_held")
    assert "Pegawai E1" in answer.json["detail"]
    assert give(bench, starts="2026-05-01").status_code == 201
    tell(bench, e1(standing="03"))
    assert give(bench, post="Lain").json["code"] == "second_post_not_possible"
    settle(bench, [], [an_employee("E2", 2)])
    assert bench.client(head()).post("/api/employees/9/second-posts", json={}).status_code == 404


def test_only_the_head_of_their_agency_and_bagian_organisasi_note_it(bench: Bench) -> None:
    two_agencies(bench, staff=2)
    for outsider in (operator(), head("A2"), a_person("E1")):
        assert give(bench, outsider).status_code == 403
    given = give(bench, ORGANISATION)
    assert given.status_code == 201
    path = f"/api/employees/{an_employee('E2', 2).nip}/second-posts/{given.json['id']}/end"
    answer = bench.client(ORGANISATION).post(path, json={"last": "2026-05-03", "reason": "batal"})
    assert answer.status_code == 404, "another person's"


def test_what_simpeg_told_is_ended_in_simpeg(bench: Bench) -> None:
    two_agencies(bench, staff=2)
    tell(bench, e1(second_post="Lurah Iringmulyo"))
    with bench.db.transaction() as session:
        row = session.scalars(select(Posting).where(Posting.kind == "dual")).one()
    path = f"/api/employees/{E1.nip}/second-posts/{row.id}/end"
    answer = bench.client(head()).post(path, json={"last": "2026-05-03", "reason": "batal"})
    assert (answer.status_code, answer.json["code"]) == (422, "second_post_not_possible")
