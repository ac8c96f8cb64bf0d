"""Filling in a run and looking it over, over HTTP with real rows (1.k.1, 1.k.2)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from services.energy.models import CorrectiveAction
from shared.audit import AuditRow, first_break
from shared.roles import Role
from shared.testing.bench import Bench
from shared.testing.city import Client, a_person
from tests.energy.world import (
    FRIDAYS,
    a_room,
    a_roster,
    answers,
    import_rooms,
    operator,
    run_id,
    settle,
    superior,
)


@pytest.fixture
def rooms(bench: Bench) -> Bench:
    """R-01 (E1 officer, E2) and R-03 (E3) of A1 and R-02 (E21) of A2, all with runs on every Friday."""
    settle(bench)
    import_rooms(
        bench, a_room("R-01"), a_room("R-03", (3,), officer=None), a_room("R-02", (21,), unit="U2", officer=21)
    )
    bench.receive(a_roster({"E1": FRIDAYS, "E3": FRIDAYS}), a_roster({"E21": FRIDAYS}, "A2"))
    return bench


def submit(client: Client, run: str, **failed: str) -> Any:
    return client.post(f"/api/checklists/{run}/submit", json=answers(**failed))


def supervise(client: Client, run: str, accepted: bool, note: str = "") -> Any:
    return client.post(f"/api/checklists/{run}/supervise", json={"accepted": accepted, "note": note})


def corrective(bench: Bench) -> list[CorrectiveAction]:
    with bench.db.transaction() as session:
        return list(session.scalars(select(CorrectiveAction).order_by(CorrectiveAction.code)))


def test_1_k_1_the_rooms_officer_hands_in_the_switch_off_list(rooms: Bench) -> None:
    answer = submit(rooms.client(a_person("E1")), run_id(rooms))
    assert answer.status_code == 200
    assert (answer.json["status"], answer.json["late"], answer.json["submitted_name"]) == (
        "submitted", False, "Budi Santoso"
    )  # fmt: skip
    assert all(item["ok"] for item in answer.json["items"])
    with rooms.db.transaction() as session:
        rows = session.scalars(select(AuditRow).order_by(AuditRow.id)).all()
        assert [row.action for row in rows] == ["import_rooms", "submit_checklist"]
        assert first_break(session) is None


def test_1_k_2_a_failed_item_opens_a_corrective_action_of_the_officer_with_a_deadline(rooms: Bench) -> None:
    submit(rooms.client(a_person("E2")), run_id(rooms), locks="kunci jendela rusak")
    [action] = corrective(rooms)
    assert (action.code, action.clause, action.owner_id) == ("locks", "1.k.2", "E1")
    assert action.description == "Jendela dan pintu terkunci: kunci jendela rusak"
    assert f"{action.deadline}" == "2026-04-13"
    listed = rooms.client(a_person("E1")).get("/api/corrective-actions").json
    assert [row["id"] for row in listed["rows"]] == [str(action.id)]
    done = rooms.client(a_person("E1")).post(f"/api/corrective-actions/{action.id}/done", json={"note": "diganti"})
    assert done.status_code == 200
    assert done.json["done_at"]
    again = rooms.client(a_person("E1")).post(f"/api/corrective-actions/{action.id}/done", json={})
    assert (again.status_code, again.json["code"]) == (409, "already_done")
    assert rooms.client(a_person("E1")).get("/api/corrective-actions").json["total"] == 0


def test_without_an_officer_the_action_belongs_to_whoever_hands_in(rooms: Bench) -> None:
    submit(rooms.client(a_person("E3")), run_id(rooms, "R-03"), ac="menyala")
    assert [action.owner_id for action in corrective(rooms)] == ["E3"]


def test_a_failed_item_without_a_note_and_a_missing_item_are_named(rooms: Bench) -> None:
    body = answers()
    body["items"] = [item for item in body["items"] if item["code"] != "water"]
    body["items"][1]["ok"] = False
    answer = rooms.client(a_person("E1")).post(f"/api/checklists/{run_id(rooms)}/submit", json=body)
    assert answer.status_code == 422
    assert {e["pointer"]: e["detail"] for e in answer.json["errors"]} == {
        "/items/water": "belum dijawab",
        "/items/ac": "jawaban “tidak” harus disertai catatan",
    }
    assert corrective(rooms) == []


@pytest.mark.parametrize("body", [{}, {"items": [{"code": "ac"}]}, {"items": [{"code": "ac", "ok": "mungkin"}]}])
def test_a_malformed_body_is_refused(rooms: Bench, body: dict[str, Any]) -> None:
    assert rooms.client(a_person("E1")).post(f"/api/checklists/{run_id(rooms)}/submit", json=body).status_code == 422


def test_before_the_day_a_run_cannot_be_handed_in(rooms: Bench) -> None:
    answer = submit(rooms.client(a_person("E1")), run_id(rooms, day=FRIDAYS[1]))
    assert (answer.status_code, answer.json["code"]) == (409, "too_early")


def test_after_the_deadline_it_is_taken_and_marked_late(rooms: Bench) -> None:
    rooms.clock.at += timedelta(hours=4, seconds=1)  # 16.00.01 WIB
    assert submit(rooms.client(a_person("E1")), run_id(rooms)).json["late"] is True
    rooms.clock.at = rooms.clock.at - timedelta(seconds=1)
    assert submit(rooms.client(a_person("E3")), run_id(rooms, "R-03")).json["late"] is False


def test_handing_in_twice_is_refused(rooms: Bench) -> None:
    officer = rooms.client(a_person("E1"))
    submit(officer, run_id(rooms))
    answer = submit(officer, run_id(rooms))
    assert (answer.status_code, answer.json["code"]) == (409, "already_submitted")


def test_nobody_supervises_their_own_checklist(rooms: Bench) -> None:
    own = rooms.client(operator())
    submit(own, run_id(rooms))
    answer = supervise(own, run_id(rooms), accepted=True)
    assert (answer.status_code, answer.json["code"]) == (409, "own_checklist")
    other = supervise(rooms.client(operator(employee_id="E8")), run_id(rooms), accepted=True)
    assert (other.status_code, other.json["status"]) == (200, "accepted")


def test_the_page_offers_supervision_to_others_only(rooms: Bench) -> None:
    own, path = rooms.client(operator()), f"/checklists/{run_id(rooms)}"
    submit(own, run_id(rooms))
    assert "Terima" not in own.get(path, page=True).text
    assert "Terima" in rooms.client(operator(employee_id="E8")).get(path, page=True).text


def test_a_returned_run_is_handed_in_again_and_what_was_set_right_is_closed(rooms: Bench) -> None:
    officer, above, run = rooms.client(a_person("E1")), rooms.client(superior()), run_id(rooms)
    assert supervise(above, run, accepted=True).json["code"] == "not_submitted"
    submit(officer, run, ac="menyala", lamps="menyala")
    assert supervise(above, run, accepted=False).status_code == 422
    returned = supervise(above, run, accepted=False, note="matikan AC")
    assert (returned.json["status"], returned.json["note"]) == ("returned", "matikan AC")
    rooms.clock.at += timedelta(days=1)
    officer, above = rooms.client(a_person("E1")), rooms.client(superior())  # signed in anew
    again = submit(officer, run, lamps="sakelar rusak")
    assert (again.json["status"], again.json["late"], again.json["supervised_at"]) == ("submitted", False, None)
    found = {action.code: (action.done_at is not None, action.description) for action in corrective(rooms)}
    assert found == {"ac": (True, "AC dimatikan: menyala"), "lamps": (False, "Lampu dimatikan: sakelar rusak")}
    supervise(above, run, accepted=False, note="AC menyala lagi")
    submit(officer, run, ac="menyala lagi")
    reopened = {action.code: action.done_at for action in corrective(rooms)}
    assert reopened["ac"] is None
    assert reopened["lamps"] is not None
    assert supervise(above, run, accepted=True).json["status"] == "accepted"
    assert submit(officer, run).json["code"] == "already_submitted"


def test_people_of_other_rooms_and_agencies_are_refused(rooms: Bench) -> None:
    run = run_id(rooms)
    for user in (a_person("E3"), a_person("E21", agency_id="A2"), operator("A2"), a_person("X", Role.SUPERIOR)):
        client = rooms.client(user)
        assert submit(client, run).status_code == 403
        assert client.get(f"/api/checklists/{run}").status_code == 403
    assert supervise(rooms.client(a_person("E1")), run, accepted=True).status_code == 403
    assert supervise(rooms.client(a_person("H", Role.HEAD, agency_id="A2")), run, accepted=True).status_code == 403
    assert submit(rooms.client(None), run).status_code == 401
    assert submit(rooms.client(a_person("E1")), "018f0000-0000-7000-8000-000000000000").status_code == 404
    assert submit(rooms.client(a_person("E1")), "bukan-id").status_code == 404


def test_each_sees_the_runs_of_their_rooms_team_agency_or_city(rooms: Bench) -> None:
    def seen(*args: Any, **options: Any) -> set[str]:
        rows = rooms.client(a_person(*args, **options)).get("/api/checklists?date=2026-04-10").json["rows"]
        return {row["room"]["code"] for row in rows}

    assert seen("E2") == {"R-01"}
    assert seen("E9") == set()
    assert seen("E0", Role.SUPERIOR) == {"R-01", "R-03"}
    assert seen("E20", Role.SUPERIOR, agency_id="A2") == {"R-02"}
    assert seen("E7", Role.ROOM_OFFICER) == {"R-01", "R-03"}
    assert seen("E30", Role.EXECUTIVE) == {"R-01", "R-02", "R-03"}


def test_the_list_narrows_and_pages_with_todays_runs_first(rooms: Bench) -> None:
    rooms.clock.at += timedelta(days=7)  # Friday 17 April
    client = rooms.client(a_person("O", Role.ORGANISATION, agency_id="A0"))
    page = client.get("/api/checklists?page_size=4").json
    assert page["total"] == 9
    assert [row["date"] for row in page["rows"]] == ["2026-04-17"] * 3 + ["2026-04-24"]
    assert client.get("/api/checklists?agency_id=A2").json["total"] == 3
    assert client.get("/api/checklists?room=r-03&status=open").json["total"] == 3
    assert client.get("/api/checklists?room=%25").json["total"] == 0
    assert client.get("/api/checklists?status=accepted").json["total"] == 0
    assert client.get("/api/checklists?status=apa").status_code == 422


# --- pages --------------------------------------------------------------------------------------------------------


def test_the_start_leads_to_the_list(bench: Bench) -> None:
    answer = bench.client(a_person()).get("/", page=True)
    assert (answer.status_code, answer.location) == (302, "/energy/checklists")


def test_the_page_lists_todays_rooms_first_and_exports_the_same_rows(rooms: Bench) -> None:
    client = rooms.client(operator())
    page = client.get("/checklists", page=True).text
    assert page.index("Hari ini ·") < page.index("17 April 2026")
    assert "Ruang R-02" not in page
    csv = client.get("/checklists?format=csv&date=2026-04-10", page=True)
    lines = csv.data.decode("utf-8-sig").splitlines()
    assert [line.split(",")[1] for line in lines] == ["Kode", "R-01", "R-03"]
    assert client.get("/checklists?format=xlsx", page=True).data[:2] == b"PK"
    assert "Tidak ada daftar periksa yang cocok" in client.get("/checklists?status=accepted", page=True).text
    assert client.get("/checklists?date=besok", page=True).status_code == 422
    city = rooms.client(a_person("O", Role.ORGANISATION, agency_id="A0")).get("/checklists?agency_id=A2", page=True)
    assert "Unit A2" in city.text


def test_an_empty_list_says_what_to_do(bench: Bench) -> None:
    assert "Belum ada daftar periksa" in bench.client(operator()).get("/checklists", page=True).text


def test_the_form_is_filled_in_and_looked_over_on_its_page(rooms: Bench) -> None:
    run, officer = run_id(rooms), rooms.client(a_person("E1"))
    form = {f"ok-{item['code']}": "1" for item in answers()["items"]}
    path = f"/checklists/{run}"
    assert "Kirim daftar periksa" in officer.get(path, page=True).text
    wrong = officer.post(path, page=True, data={**form, "ok-ac": "0", "note-lamps": "lampu <b>baru</b>"})
    assert wrong.status_code == 422
    assert "jawaban “tidak” harus disertai catatan" in wrong.text
    assert "lampu &lt;b&gt;baru&lt;/b&gt;" in wrong.text  # nothing typed is lost, and it stays text
    sent = officer.post(path, page=True, data={**form, "ok-ac": "0", "note-ac": "remote hilang"})
    assert (sent.status_code, sent.location) == (303, path)
    after = officer.get(path, page=True).text
    assert "AC dimatikan: remote hilang" in after
    assert "Pegawai 1" in after
    assert "Kirim daftar periksa" not in after
    assert "Terima" not in after
    above = rooms.client(superior())
    assert "Terima" in above.get(path, page=True).text
    refused = above.post(f"{path}/supervise", page=True, data={"accepted": "0"})
    assert (refused.status_code, "Tulis apa yang harus diperbaiki" in refused.text) == (422, True)
    assert above.post(f"{path}/supervise", page=True, data={"accepted": "0", "note": "cek"}).status_code == 303
    assert "Dikembalikan oleh Atasan: cek" in officer.get(path, page=True).text


def test_a_corrective_action_is_finished_on_the_page(rooms: Bench) -> None:
    run, officer = run_id(rooms), rooms.client(a_person("E1"))
    submit(rooms.client(a_person("E2")), run, ac="menyala")
    [action] = corrective(rooms)
    path = f"/corrective-actions/{action.id}/done"
    assert "Sudah selesai" in officer.get(f"/checklists/{run}", page=True).text
    assert "Sudah selesai" not in rooms.client(a_person("E2")).get(f"/checklists/{run}", page=True).text
    assert rooms.client(operator("A2")).post(path, page=True, data={}).status_code == 403
    done = officer.post(path, page=True, data={"note": "AC dimatikan"})
    assert (done.status_code, done.location) == (303, f"/checklists/{run}")
    after = officer.get(f"/checklists/{run}", page=True).text
    assert "selesai 10 April 2026" in after
    assert "Sudah selesai" not in after


def test_before_the_day_the_page_offers_no_form(rooms: Bench) -> None:
    page = rooms.client(a_person("E1")).get(f"/checklists/{run_id(rooms, day=FRIDAYS[2])}", page=True).text
    assert "Kirim daftar periksa" not in page
    assert "24 April 2026" in page
