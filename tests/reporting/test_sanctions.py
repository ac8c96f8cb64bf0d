"""Reprimands (1.f): decided and revoked by the head, objected to by the person, and told to gates while in force."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from services.reporting.sanctions.rules import LONGEST, state_of, term_fault
from shared.audit import AuditRow, first_break
from shared.clock import wib_moment
from shared.contracts.reporting import StandingChangedV1
from shared.roles import Role
from shared.testing.bench import Bench
from tests.reporting.conftest import as_asn, as_head, as_superior, know, someone
from tests.reporting.factories import FRIDAY, NIPS, a_sanction, an_employee

LAST = FRIDAY + timedelta(days=20)
OBJECTION = {"objection": "Listrik padam di rumah saya hari itu."}
REVOCATION = {"reason": "Keberatannya diterima setelah diperiksa."}


def decide(bench: Bench, who: str = "E1", head: str = "E9", **overrides: Any) -> Any:
    """By default from today (10 April 2026) to the end of April."""
    body = a_sanction(who, **{"starts": FRIDAY.isoformat(), "ends": LAST.isoformat(), **overrides})
    return as_head(bench, head).post("/api/sanctions", json=body)


@pytest.fixture
def sanction(city: Bench) -> str:
    """The id of a reprimand of E1 in force; E2 and F1 have their own."""
    assert decide(city, "E2", kind="written").status_code == 201
    assert decide(city, "F1", "F9").status_code == 201
    return str(decide(city).json["id"])


def told(bench: Bench, who: str = "E1") -> list[bool]:
    return [event["sanction"] for event in bench.emitted(StandingChangedV1) if event["employee_id"] == who]


def at(bench: Bench, day: date) -> None:
    """The morning of that day; the nightly jobs are done."""
    bench.clock.at = wib_moment(day, 8)
    bench.work()


@pytest.mark.parametrize(
    ("today", "revoked", "state"),
    [
        (-1, False, "to_come"),
        (0, False, "in_force"),
        (20, False, "in_force"),
        (21, False, "ended"),
        (3, True, "revoked"),
    ],
)
def test_first_and_last_day_are_in_force(today: int, revoked: bool, state: str) -> None:
    assert state_of(FRIDAY, LAST, revoked=revoked, today=FRIDAY + timedelta(days=today)) == state


def test_the_term_begins_today_at_the_earliest_and_is_a_year_at_most() -> None:
    last = FRIDAY + LONGEST - timedelta(days=1)
    assert last == FRIDAY.replace(year=2027)
    assert term_fault(FRIDAY, last, FRIDAY) is None
    faults = [
        term_fault(FRIDAY - timedelta(days=1), last, FRIDAY), term_fault(FRIDAY, last + timedelta(days=1), FRIDAY),
        term_fault(LAST, FRIDAY, FRIDAY), term_fault(date.max, date.max, FRIDAY),
    ]  # fmt: skip
    assert [fault[0] if fault else None for fault in faults] == ["starts", "ends", "ends", "ends"]


def test_1_f_the_head_decides_with_a_reason_and_the_act_is_in_the_audit_log(city: Bench) -> None:
    answer = decide(city)
    assert answer.status_code == 201, answer.text
    made = answer.json
    assert (made["employee_id"], made["kind"], made["state"]) == ("E1", "verbal", "in_force")
    assert (made["starts"], made["ends"], made["agency_id"]) == ("2026-04-10", "2026-04-30", "A1")
    assert made["decided_by"] == f"Pegawai E9 ({NIPS['E9']})"
    with city.db.transaction() as session:
        row = session.scalars(select(AuditRow)).one()
        assert first_break(session) is None
    assert (row.action, row.subject) == ("decide_sanction", f"sanction/{made['id']}")
    assert row.detail["reason"] == made["reason"]


def test_an_acting_head_decides_too_but_nobody_else(city: Bench) -> None:
    body = a_sanction()
    others = [
        as_asn(city, "E2"), as_superior(city),
        *(city.client(someone("E8", role)) for role in (Role.OPERATOR, Role.ORGANISATION, Role.AUDITOR, Role.IT)),
    ]  # fmt: skip
    assert {other.post("/api/sanctions", json=body).status_code for other in others} == {403}
    assert city.client(someone("E8", Role.ACTING_HEAD)).post("/api/sanctions", json=body).status_code == 201


def test_nobody_decides_on_themselves_or_on_another_agencys_people(city: Bench) -> None:
    for who, head in (("E9", "E9"), ("E1", "F9")):
        refused = decide(city, who, head)
        assert (refused.status_code, refused.json["code"]) == (403, "not_allowed")
    assert told(city) == []


def test_nobody_revokes_their_own(city: Bench) -> None:
    acting = city.client(someone("E8", Role.ACTING_HEAD))
    own = acting.post("/api/sanctions", json=a_sanction("E9")).json["id"]
    assert as_head(city).post(f"/api/sanctions/{own}/revocation", json=REVOCATION).status_code == 403
    assert acting.post(f"/api/sanctions/{own}/revocation", json=REVOCATION).status_code == 200


@pytest.mark.parametrize(
    ("wrong", "status", "code", "pointer"),
    [
        ({"starts": "2026-04-09"}, 422, "sanction_term", "/starts"),
        ({"ends": "2027-04-11"}, 422, "sanction_term", "/ends"),
        ({"reason": "  pendek   "}, 422, "invalid_input", "/reason"),
        ({"kind": "dismissal"}, 422, "invalid_input", "/kind"),
        ({"nip": "000000000000000000"}, 404, "not_found", None),
        ({"nip": "\x00"}, 422, "invalid_input", "/nip"),
    ],
)
def test_what_cannot_be_is_refused_by_name(
    city: Bench, wrong: dict[str, str], status: int, code: str, pointer: str | None
) -> None:
    answer = decide(city, **wrong)
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert [error["pointer"] for error in answer.json.get("errors", [])] == ([pointer] if pointer else [])


def test_a_form_sent_twice_at_once_reprimands_once(city: Bench) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: decide(city), range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert {answer.json.get("code") for answer in answers} == {None, "sanction_overlaps"}
    assert decide(city, kind="written").status_code == 201  # the next step of the ladder
    after = (LAST + timedelta(days=1)).isoformat()
    assert decide(city, starts=after, ends=after).status_code == 201


def test_1_g_gates_are_told_when_it_is_decided_and_when_it_is_revoked(city: Bench, sanction: str) -> None:
    assert told(city) == [True]
    assert decide(city, kind="written").status_code == 201  # a second one changes nothing
    assert told(city) == [True]
    assert as_head(city).post(f"/api/sanctions/{sanction}/revocation", json=REVOCATION).status_code == 200
    assert told(city) == [True]  # the written one holds
    rows = as_asn(city).get("/api/sanctions?in_force=true").json["rows"]
    assert [row["kind"] for row in rows] == ["written"]
    answer = as_head(city).post(f"/api/sanctions/{rows[0]['id']}/revocation", json=REVOCATION)
    assert answer.json["state"] == "revoked"
    assert told(city) == [True, False]
    assert told(city, "E2") == [True]


def test_it_begins_and_ends_by_night(city: Bench) -> None:
    starts, ends = FRIDAY + timedelta(days=3), FRIDAY + timedelta(days=5)
    assert decide(city, starts=starts.isoformat(), ends=ends.isoformat()).json["state"] == "to_come"
    seen = []
    for days in range(1, 8):
        at(city, FRIDAY + timedelta(days=days))
        seen.append(list(told(city)))
    assert seen == [[], [], [True], [True], [True], [True, False], [True, False]]


def test_1_f_the_person_objects_once_and_the_head_answers_by_revoking(city: Bench, sanction: str) -> None:
    own = f"/api/sanctions/{sanction}"
    answer = as_asn(city).post(f"{own}/objection", json=OBJECTION)
    assert (answer.status_code, answer.json["objection"]) == (200, OBJECTION["objection"])
    assert answer.json["objected_at"].startswith("2026-04-10T05:00")
    again = as_asn(city).post(f"{own}/objection", json=OBJECTION)
    assert (again.status_code, again.json["code"]) == (409, "already_objected")
    assert told(city) == [True]  # it holds until it is revoked
    assert as_head(city).get(own).json["objection"] == OBJECTION["objection"]
    revoked = as_head(city).post(f"{own}/revocation", json=REVOCATION).json
    assert (revoked["revocation_reason"], revoked["objection"]) == (REVOCATION["reason"], OBJECTION["objection"])
    for path, body, client in (("revocation", REVOCATION, as_head(city)), ("objection", OBJECTION, as_asn(city))):
        late = client.post(f"{own}/{path}", json=body)
        assert (late.status_code, late.json["code"]) == (409, "sanction_revoked")
    with city.db.transaction() as session:
        actions = session.scalars(select(AuditRow.action).where(AuditRow.subject == f"sanction/{sanction}")).all()
    assert sorted(actions) == ["decide_sanction", "object_to_sanction", "revoke_sanction"]


def test_only_the_person_objects(city: Bench, sanction: str) -> None:
    for other in (as_asn(city, "E2"), as_superior(city), as_head(city), as_head(city, "F9")):
        assert other.post(f"/api/sanctions/{sanction}/objection", json=OBJECTION).status_code == 403
    assert as_asn(city).get(f"/api/sanctions/{sanction}").json["objection"] is None


def test_who_sees_which(city: Bench, sanction: str) -> None:
    def seen(client: Any, query: str = "") -> list[str]:
        answer = client.get(f"/api/sanctions{query}").json
        assert answer["total"] == len(answer["rows"])
        return sorted(row["employee_id"] for row in answer["rows"])

    assert seen(as_asn(city)) == ["E1"]
    assert seen(as_superior(city)) == []  # only their own, and there is none
    assert seen(as_head(city)) == ["E1", "E2"]
    assert seen(as_head(city, "F9")) == ["F1"]
    for role in (Role.ORGANISATION, Role.AUDITOR):
        assert seen(city.client(someone("E8", role))) == ["E1", "E2", "F1"]
    assert seen(as_head(city), f"?nip={NIPS['E2']}") == ["E2"]
    assert (
        city.client(someone("E8", Role.OPERATOR, roles=frozenset({Role.OPERATOR}))).get("/api/sanctions").status_code
        == 403
    )
    assert as_head(city, "F9").get(f"/api/sanctions/{sanction}").status_code == 403
    assert as_asn(city, "E2").get(f"/api/sanctions/{sanction}").status_code == 403
    assert as_head(city).get(f"/api/sanctions/{uuid4()}").status_code == 404


def test_lists_are_paged(city: Bench, sanction: str) -> None:
    page = as_head(city).get("/api/sanctions?page=2&page_size=1").json
    assert (page["total"], [row["id"] for row in page["rows"]]) == (2, [
        row["id"] for row in as_head(city).get("/api/sanctions").json["rows"][1:]
    ])  # fmt: skip


def test_who_moves_takes_it_along_to_the_new_head(city: Bench, sanction: str) -> None:
    know(city, an_employee("E1", agency_id="A2", unit_id="V1", superior_id="F0"))
    assert as_head(city).get(f"/api/sanctions/{sanction}").status_code == 403
    assert as_head(city, "F9").post(f"/api/sanctions/{sanction}/revocation", json=REVOCATION).status_code == 200


def page(client: Any, path: str = "/sanctions") -> str:
    answer = client.get(path, page=True)
    assert answer.status_code == 200, answer.text
    return str(answer.text)


def test_the_page_shows_ones_own_and_takes_the_objection(city: Bench, sanction: str) -> None:
    assert "Teguran untuk Anda (1)" in page(as_asn(city), "/")
    assert "Teguran untuk Anda" not in page(as_asn(city, "E3"), "/")
    html = page(as_asn(city))
    assert "Tidak dapat dihubungi pada hari WFH." in html
    assert "Ajukan keberatan" in html
    assert "Pegawai E2" not in html
    assert "Beri teguran" not in html
    target = f"/sanctions/{sanction}/objection"
    short = as_asn(city).post(target, data={"objection": "<b>ya"}, page=True)
    assert (short.status_code, "&lt;b&gt;ya" in short.text, "<details open>" in short.text) == (422, True, True)
    answer = as_asn(city).post(target, data=OBJECTION, page=True)
    assert "Keberatan Anda sudah disampaikan" in page(as_asn(city), answer.location)
    assert "Ajukan keberatan" not in page(as_asn(city))
    assert OBJECTION["objection"] in page(as_head(city))


def test_the_heads_page_decides_and_revokes(city: Bench) -> None:
    assert 'href="/sanctions"' in page(as_head(city), "/team")
    assert 'href="/sanctions"' not in page(as_superior(city), "/team")
    form = a_sanction(starts=FRIDAY.isoformat(), ends=LAST.isoformat())
    html = page(as_head(city))
    assert NIPS["E1"] in html
    assert NIPS["F1"] not in html
    assert NIPS["E9"] not in html
    wrong = as_head(city).post(
        "/sanctions", data={**form, "ends": "2026-04-01", "reason": "Tidak <lapor> lagi"}, page=True
    )
    assert wrong.status_code == 422
    assert "Hari terakhir tidak boleh sebelum hari pertama." in wrong.text
    assert "Tidak &lt;lapor&gt; lagi" in wrong.text
    answer = as_head(city).post("/sanctions", data=form, page=True)
    assert "Teguran sudah dicatat." in page(as_head(city), answer.location)
    [made] = as_asn(city).get("/api/sanctions").json["rows"]
    answer = as_head(city).post(f"/sanctions/{made['id']}/revocation", data=REVOCATION, page=True)
    assert "Teguran sudah dicabut." in page(as_head(city), answer.location)
    assert told(city) == [True, False]


def test_the_citys_readers_see_all_and_decide_nothing(city: Bench, sanction: str) -> None:
    html = page(city.client(someone("E8", Role.AUDITOR)))
    assert "Pegawai E1" in html
    assert "Pegawai F1" in html
    assert "Cabut teguran" not in html
    assert "Beri teguran" not in html
