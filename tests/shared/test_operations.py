"""IT and the queue: parked rows are seen, retried and dropped; rows that have served are forgotten."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from shared.audit import AuditRow
from shared.durable import Status
from shared.inbox import InboxRow
from shared.jobs import JobRow
from shared.outbox import OutboxRow
from shared.prune import KEEP_HANDLED, KEEP_PUBLISHED, prune
from shared.roles import Role
from shared.testing.bench import Bench
from shared.testing.city import Client, a_person
from tests.schedule.factories import two_agencies
from tests.schedule.test_life_of_a_roster import send_webhook
from tests.schedule.test_people import record


def it_officer(bench: Bench) -> Client:
    return bench.client(a_person("IT1", Role.IT))


def park_one(bench: Bench) -> int:
    """A webhook whose unit never arrives; the id of its parked row."""
    two_agencies(bench, staff=0)
    send_webhook(bench, "simpeg", "pegawai.diubah", record(unorId="NEVER", nama="Budi"))
    bench.work()
    for seconds in bench.settings.retry_seconds:
        bench.clock.at += timedelta(seconds=2 * seconds)
        bench.work()
    with bench.db.transaction() as session:
        return session.scalars(select(InboxRow.id).where(InboxRow.status == Status.PARKED)).one()


def test_a_parked_row_is_listed_shown_and_tried_again(bench: Bench) -> None:
    row_id = park_one(bench)
    client = it_officer(bench)
    [listed] = client.get("/api/parked").json["rows"]
    assert (listed["id"], listed["kind"]) == (row_id, "take_employee")
    assert "NEVER" in listed["error"]
    shown = client.get(f"/api/parked/inbox/{row_id}").json
    assert shown["payload"]["nama"] == "Budi"
    assert "Traceback" in shown["error"]
    unit = {"Id": "NEVER", "NamaUnor": "Bidang Baru", "IndukUnorId": "A1", "DiatasanId": "A1"}
    send_webhook(bench, "simpeg", "unor.diubah", unit, "w2")
    bench.work()
    assert client.post(f"/api/parked/inbox/{row_id}/retry").status_code == 204
    bench.work()
    assert client.get("/api/parked").json["total"] == 0
    assert bench.unfinished() == []


def test_a_dropped_row_is_gone_but_the_audit_log_knows(bench: Bench) -> None:
    row_id = park_one(bench)
    assert it_officer(bench).request("DELETE", f"/api/parked/inbox/{row_id}").status_code == 204
    assert it_officer(bench).request("DELETE", f"/api/parked/inbox/{row_id}").status_code == 404
    assert it_officer(bench).get(f"/api/parked/elsewhere/{row_id}").status_code == 404
    with bench.db.transaction() as session:
        act = session.scalars(select(AuditRow).order_by(AuditRow.id.desc()).limit(1)).one()
    assert (act.action, act.detail["kind"]) == ("drop_parked", "take_employee")


def test_rows_that_have_served_are_forgotten_and_others_stay(bench: Bench) -> None:
    parked = park_one(bench)
    unit = {"Id": "U9", "NamaUnor": "Bidang 9", "IndukUnorId": "A1", "DiatasanId": "A1"}
    send_webhook(bench, "simpeg", "unor.diubah", unit, "w2")
    bench.work()
    now = bench.clock.now()
    with bench.db.transaction() as session:
        rows = session.scalars(select(OutboxRow).order_by(OutboxRow.id)).all()
        for row in rows[1:]:
            row.published_at = now
        session.add(JobRow(kind="send_mail", key="k", payload={}, due_at=now, created_at=now, status=Status.DONE))
        session.flush()
        done = [session.query(row).filter_by(status=Status.DONE).count() for row in (InboxRow, JobRow)]
    assert min(done) > 0
    assert prune(bench.db, now + KEEP_PUBLISHED - timedelta(days=1)) == 0
    assert prune(bench.db, now + KEEP_PUBLISHED + timedelta(days=1)) == len(rows) - 1
    assert prune(bench.db, now + KEEP_HANDLED + timedelta(days=1)) == sum(done)
    with bench.db.transaction() as session:
        assert session.scalars(select(InboxRow.id)).all() == [parked]
        assert session.scalars(select(OutboxRow.id)).all() == [rows[0].id]
