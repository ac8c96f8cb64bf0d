"""Settings, clock, storage, audit, errors, health, exports."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from services.schedule.settings import BsreAccess, load_settings
from shared import audit
from shared.clock import FileClock, wib_date, wib_moment
from shared.db import Database
from shared.errors import NotFound, flatten
from shared.roles import Role
from shared.storage import FolderStorage
from shared.testing.bench import Bench
from shared.testing.city import NOON, a_person
from tests.schedule.factories import head, operator, two_agencies


def test_missing_settings_are_named_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match=r"SCHEDULE_DATABASE_URL") as error:
        load_settings()
    for name in ("LUWES_BROKER_URL", "LUWES_PUBLIC_URL", "SCHEDULE_EOFFICE_URL"):
        assert name in str(error.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [("LUWES_CLOCK_FILE", "clock.json"), ("SCHEDULE_DEVELOPMENT_LOGIN", "true"), ("SCHEDULE_SIGNING_KEY", "key.p12")],
)
def test_what_belongs_to_the_embedded_profile_refuses_to_start_elsewhere(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    for variable in ("SCHEDULE_DATABASE_URL", "LUWES_BROKER_URL", "LUWES_PUBLIC_URL", "LUWES_JWKS_URL"):
        monkeypatch.setenv(variable, "x://y")
    for variable in ("SCHEDULE_STORAGE_DIR", "SCHEDULE_SESSION_KEY", "SCHEDULE_EOFFICE_URL"):
        monkeypatch.setenv(variable, "y")
    assert load_settings().profile == "production"
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit, match=name):
        load_settings()


def test_bsre_is_asked_for_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("SCHEDULE_DATABASE_URL", "LUWES_BROKER_URL", "LUWES_PUBLIC_URL", "LUWES_JWKS_URL"):
        monkeypatch.setenv(variable, "x://y")
    for variable in ("SCHEDULE_STORAGE_DIR", "SCHEDULE_SESSION_KEY", "SCHEDULE_EOFFICE_URL"):
        monkeypatch.setenv(variable, "y")
    for variable in ("SCHEDULE_BSRE_URL", "SCHEDULE_BSRE_API", "SCHEDULE_BSRE_USERNAME", "SCHEDULE_BSRE_PASSWORD"):
        monkeypatch.setenv(variable, "")  # as docker-compose passes what is not set
    assert load_settings().bsre is None
    monkeypatch.setenv("SCHEDULE_BSRE_URL", "https://esign.metro.example/")
    with pytest.raises(ValueError, match="SCHEDULE_BSRE_USERNAME") as error:
        load_settings()
    assert "SCHEDULE_BSRE_PASSWORD" in str(error.value)
    monkeypatch.setenv("SCHEDULE_BSRE_USERNAME", "luwes")
    monkeypatch.setenv("SCHEDULE_BSRE_PASSWORD", "rahasia")
    bsre = load_settings().bsre
    assert bsre == BsreAccess("https://esign.metro.example", "v2", "luwes", "rahasia")
    assert "rahasia" not in repr(bsre)
    monkeypatch.setenv("SCHEDULE_BSRE_API", "v3")
    with pytest.raises(ValueError, match="SCHEDULE_BSRE_API"):
        load_settings()


def test_a_moved_clock_goes_on_from_there(tmp_path: Path) -> None:
    clock = FileClock(tmp_path / "clock.json")
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)
    clock.move_to(NOON)
    assert timedelta() <= clock.now() - NOON < timedelta(seconds=5)


def test_a_day_in_metro_begins_seven_hours_before_utcs() -> None:
    assert wib_date(datetime(2026, 4, 9, 17, 30, tzinfo=UTC)) == date(2026, 4, 10)
    assert wib_moment(date(2026, 4, 10), 0) == datetime(2026, 4, 9, 17, 0, tzinfo=UTC)


def test_storage_keeps_to_its_folder(tmp_path: Path) -> None:
    storage = FolderStorage(tmp_path / "files")
    storage.put("a/b.pdf", b"1")
    storage.put("a/b.pdf", b"2")
    assert storage.get("a/b.pdf") == b"2"
    assert [path.name for path in (tmp_path / "files" / "a").iterdir()] == ["b.pdf"]
    with pytest.raises(NotFound):
        storage.get("a/c.pdf")
    with pytest.raises(ValueError, match="leaves"):
        storage.put("../outside", b"")


def test_the_audit_log_shows_any_later_change(bench: Bench) -> None:
    with bench.db.transaction() as session:
        for number in range(3):
            audit.record(session, "someone", "did", f"thing/{number}", now=NOON, detail={"n": number})
        assert audit.first_break(session) is None
    with pytest.raises(DatabaseError, match="append-only"), bench.db.transaction() as session:
        session.execute(text("update audit set actor = 'nobody' where id = 2"))
    with pytest.raises(DatabaseError, match="append-only"), bench.db.transaction() as session:
        session.execute(text("delete from audit where id = 3"))
    with bench.db.transaction() as session:  # as only the database's administrator can
        session.execute(text("alter table audit disable trigger audit_append_only"))
        session.execute(text("update audit set actor = 'nobody' where id = 2"))
        session.execute(text("alter table audit enable trigger audit_append_only"))
    with bench.db.transaction() as session:
        assert audit.first_break(session) == 2


def test_what_people_do_is_in_the_audit_log(bench: Bench) -> None:
    two_agencies(bench, staff=2)
    bench.client(operator()).post("/api/rosters", json={"agency_id": "A1", "month": "2026-04-01"})
    with bench.db.transaction() as session:
        [row] = session.query(audit.AuditRow).all()
    assert (row.action, row.actor) == ("draft_roster", operator().label)


def test_field_errors_become_pointers() -> None:
    assert flatten({"json": {"a": ["wajib"], "b": {"0": {"c": ["salah"]}}}}) == {"/a": "wajib", "/b/0/c": "salah"}


def test_errors_are_problem_json_for_programs_and_pages_for_people(bench: Bench) -> None:
    answer = bench.client(operator()).post("/api/rosters", json={"agency_id": 5})
    assert answer.mimetype == "application/problem+json"
    assert (answer.status_code, answer.json["code"]) == (422, "invalid_input")
    assert {error["pointer"] for error in answer.json["errors"]} == {"/agency_id", "/month"}
    missing = "/api/rosters/01961000-0000-7000-8000-000000000000/submit"
    assert bench.client(operator()).post(missing).json["code"] == "not_found"
    page = bench.client(operator()).get("/no-such-page", page=True)
    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert "tidak ditemukan" in page.text


DEEP, LONG_NUMBER = "[" * 100_000, '{"agency_id": 1' + "0" * 5000 + "}"
HALF_A_CHARACTER = '{"agency_id": "\\ud800", "month": "2026-04-01"}'


@pytest.mark.parametrize("body", [DEEP, LONG_NUMBER, HALF_A_CHARACTER])
def test_json_that_breaks_readers_is_the_senders_fault(bench: Bench, body: str) -> None:
    answer = bench.client(operator()).post("/api/rosters", data=body, content_type="application/json")
    assert answer.status_code in (400, 403, 422)
    assert answer.mimetype == "application/problem+json"


def test_a_database_that_is_away_is_said_so(bench: Bench) -> None:
    away = Database("postgresql+psycopg://nobody@/none?host=/no-such-folder")
    bench.app.extensions["luwes.db"] = away
    try:
        answer = bench.client(operator()).get("/api/employees")
        assert (answer.status_code, answer.json["code"]) == (503, "database_unavailable")
        assert answer.headers["Retry-After"] == "5"
        assert bench.client().get("/ready").status_code == 503
        assert bench.client().get("/live").status_code == 200
    finally:
        bench.app.extensions["luwes.db"] = bench.db
        away.close()


def test_a_failing_statement_does_not_tell_peoples_data(bench: Bench) -> None:
    with pytest.raises(DatabaseError) as error, bench.db.transaction() as session:
        session.execute(text("select cast(:secret as integer)"), {"secret": "RAHASIA"})
    assert "parameters hidden" in str(error.value)


def test_text_that_no_column_can_hold_is_the_senders_fault(bench: Bench) -> None:
    answer = bench.client(operator()).get("/api/employees?q=%00")
    assert (answer.status_code, answer.json["code"]) == (400, "malformed")


def test_health_tells_what_waits(bench: Bench) -> None:
    assert bench.client().get("/live").json["status"] == "pass"
    assert bench.client().get("/ready").json["checks"]["database"] == [{"status": "pass"}]
    two_agencies(bench, staff=0)
    bench.clock.at += timedelta(minutes=5)
    ready = bench.client().get("/ready")
    assert (ready.status_code, ready.json["status"]) == (200, "warn")
    metrics = bench.client().get("/metrics").text
    assert 'luwes_outbox_oldest_seconds{service="schedule"} 300.0' in metrics


def test_the_api_describes_itself_without_calling_elsewhere(bench: Bench) -> None:
    described = bench.client().get("/openapi.json").json
    assert described["openapi"].startswith("3.1")
    assert "/api/rosters" in described["paths"]
    page = bench.client().get("/docs", page=True).text
    assert "vendor/swagger-ui/swagger-ui" in page
    assert "//cdn" not in page
    style = bench.client().get("/vendor/swagger-ui/swagger-ui.css")
    assert style.status_code == 200
    style.close()


def test_lists_are_paged_and_exported(bench: Bench) -> None:
    two_agencies(bench, staff=4)
    found = bench.client(operator()).get("/api/employees?page=2&page_size=4").json
    assert (len(found["rows"]), found["total"], found["page"]) == (2, 6, 2)
    assert bench.client(operator()).get("/api/employees?page_size=501").status_code == 422
    bench.client(operator()).post("/api/rosters", json={"agency_id": "A1", "month": "2026-04-01"})
    book = load_workbook(io.BytesIO(bench.client(head()).get("/rosters?format=xlsx").data))
    assert [cell.value for cell in book.worksheets[0][2]] == ["Badan A1", "2026-04", 1, "rancangan"]
    assert "Badan A1,2026-04" in bench.client(head()).get("/rosters?format=csv").data.decode("utf-8-sig")


def test_pages_of_the_roster_can_be_read_by_those_who_may(bench: Bench) -> None:
    two_agencies(bench, staff=4)
    roster_id = (
        bench.client(operator()).post("/api/rosters", json={"agency_id": "A1", "month": "2026-04-01"}).json["id"]
    )
    reader = bench.client(a_person("E2", Role.ASN))
    grid = reader.get(f"/rosters/{roster_id}", page=True).text
    assert "Pegawai E1" in grid
    assert "WFH" in grid
    reason = reader.get(f"/rosters/{roster_id}/E1/2026-04-10", page=True).text
    assert "Kuota 50 % dari 5 orang" in reason
    stranger = bench.client(a_person("F2", Role.ASN, agency_id="A2"))
    assert stranger.get(f"/rosters/{roster_id}", page=True).status_code == 403
