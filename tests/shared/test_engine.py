"""The durable engine: once per handler, in order, retried, parked; nothing lost when half a batch fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from sqlalchemy import MetaData, select, text
from sqlalchemy.orm import Session

from deploy.embedded.postgres import Cluster
from shared import outbox
from shared.contracts.envelope import Contract, Received, to_bytes
from shared.db import Database
from shared.durable import Context, Status, TryLater, record_failure
from shared.errors import NotYet
from shared.inbox import InboxRow
from shared.jobs import JobRow, enqueue
from shared.outbox import OutboxRow
from shared.service import Service
from shared.settings import Settings
from shared.storage import FolderStorage
from shared.testing.bench import Bench, SetClock
from tests.benches import common_settings


@dataclass(frozen=True)
class LampSwitchedV1(Contract):
    TYPE: ClassVar[str] = "engine.lamp_switched.v1"
    lamp: str
    on: bool

    @property
    def subject(self) -> str:
        return f"lamp/{self.lamp}"


ready: list[bool] = []


def note(session: Session, what: str, on: bool) -> None:
    """An effect that the transaction undoes, as a handler's effects must be."""
    session.execute(text("insert into effect (what, on_) values (:what, :on_)"), {"what": what, "on_": on})


def seen(bench: Bench) -> list[tuple[str, bool]]:
    with bench.db.transaction() as session:
        return [(what, on) for what, on in session.execute(text("select what, on_ from effect order by id"))]


def see_lamp(session: Session, event: Received[LampSwitchedV1], _context: Context) -> None:
    note(session, event.data.lamp, event.data.on)
    if event.data.lamp == "tells":
        outbox.emit(session, event.data, now=event.occurred_at)
    if event.data.lamp == "odd":
        raise ValueError("half a character: \ud83d and \0")
    if event.data.lamp == "breaks":
        raise ValueError("this lamp breaks")


def wait_for_lamp(_session: Session, event: Received[LampSwitchedV1], _context: Context) -> None:
    if not ready:
        raise NotYet("not installed yet")


def count_job(session: Session, payload: dict[str, Any], _context: Context) -> None:
    note(session, payload["name"], True)


@pytest.fixture
def bench(cluster: Cluster, scratch: Path) -> Iterator[Bench]:
    cluster.create("luwes_engine", "engine")
    values = {**common_settings(cluster, "schedule", scratch), "service": "engine"}
    settings = Settings(**{**values, "database_url": cluster.url("engine", "luwes_engine")})
    service = Service(
        "engine", scratch, MetaData(), lambda: settings, lambda *_: None,  # type: ignore[arg-type]
        handlers={LampSwitchedV1: [see_lamp, wait_for_lamp]}, jobs={"count_job": count_job},
    )  # fmt: skip
    (scratch / "migrations" / "versions").mkdir(parents=True, exist_ok=True)
    db = Database(settings.database_url)
    service.migrate(db)
    clock = SetClock()
    bench = Bench(service, settings, db, clock, Context(settings, clock, FolderStorage(scratch)), None)  # type: ignore[arg-type]
    with db.transaction() as session:
        session.execute(text("create table if not exists effect (id serial, what text, on_ boolean)"))
        session.execute(text("truncate effect"))
    ready.clear()
    yield bench
    bench.empty()
    db.close()


def test_the_same_event_twice_has_one_effect(bench: Bench) -> None:
    ready.append(True)
    for _ in range(2):
        bench.receive(LampSwitchedV1("hall", on=True), event_id="one")
    assert seen(bench) == [("hall", True)]


def test_an_older_state_of_the_same_lamp_is_ignored_and_other_lamps_are_not(bench: Bench) -> None:
    ready.append(True)
    bench.receive(LampSwitchedV1("hall", on=True), sequence=7)
    bench.receive(LampSwitchedV1("hall", on=False), sequence=3)
    bench.receive(LampSwitchedV1("yard", on=False), sequence=4)
    assert seen(bench) == [("hall", True), ("yard", False)]


def test_one_failing_handler_blocks_no_other_and_is_retried_until_it_works(bench: Bench) -> None:
    bench.receive(LampSwitchedV1("hall", on=True))
    assert seen(bench) == [("hall", True)]
    assert [kind for kind, _, _ in bench.unfinished()] == ["wait_for_lamp"]
    ready.append(True)
    bench.clock.at += timedelta(seconds=10)
    bench.work()
    assert bench.unfinished() == []


def test_of_a_batch_only_what_fails_is_undone(bench: Bench) -> None:
    ready.append(True)
    bench.receive(*(LampSwitchedV1(lamp, on=True) for lamp in ("a", "breaks", "c")))
    assert seen(bench) == [("a", True), ("c", True)]
    [(kind, status, error)] = bench.unfinished()
    assert (kind, status) == ("see_lamp", Status.PENDING)
    assert "this lamp breaks" in (error or "")


def test_what_fails_every_try_is_parked_with_its_error(bench: Bench) -> None:
    bench.receive(LampSwitchedV1("hall", on=True))
    for seconds in bench.settings.retry_seconds:
        bench.clock.at += timedelta(seconds=2 * seconds)
        bench.work()
    [(kind, status, error)] = bench.unfinished()
    assert (kind, status) == ("wait_for_lamp", Status.PARKED)
    assert error is not None
    assert "not installed yet" in error


def test_what_is_no_cloud_event_is_parked_once_with_its_body(bench: Bench) -> None:
    for _ in range(2):
        bench.worker.keep([b"\xff not json"])
    with bench.db.transaction() as session:
        [row] = session.scalars(select(InboxRow)).all()
    assert row.status == Status.PARKED
    assert "not json" in row.payload["body"]


def test_a_job_asked_for_twice_is_done_once_and_not_before_it_is_due(bench: Bench) -> None:
    now = bench.clock.now()
    with bench.db.transaction() as session:
        for _ in range(2):
            enqueue(session, "count_job", "k", {"name": "job"}, due_at=now + timedelta(hours=1), now=now)
    bench.work()
    assert seen(bench) == []
    bench.clock.at += timedelta(hours=1)
    bench.work()
    assert seen(bench) == [("job", True)]
    with bench.db.transaction() as session:
        assert session.scalar(select(JobRow.status)) == Status.DONE


@pytest.mark.parametrize("ask_by_key", [True, False], ids=["by key", "by query"])
def test_what_is_locked_is_read_anew_and_keeps_what_was_changed_here(bench: Bench, ask_by_key: bool) -> None:
    now = bench.clock.now()
    with bench.db.transaction() as session:
        enqueue(session, "count_job", "k", {"name": "job"}, due_at=now, now=now)
    with bench.db.transaction() as session:
        row = session.scalars(select(JobRow)).one()
        with bench.db.transaction() as other:
            other.scalars(select(JobRow)).one().status = Status.PARKED
        row.error = "ours"
        if ask_by_key:
            session.get_one(JobRow, row.id, with_for_update=True)
        else:
            session.scalars(select(JobRow).where(JobRow.id == row.id).with_for_update()).one()
        assert (row.status, row.error) == (Status.PARKED, "ours")


def test_an_event_is_not_published_when_its_transaction_fails(bench: Bench) -> None:
    def fail() -> None:
        with bench.db.transaction() as session:
            outbox.emit(session, LampSwitchedV1("hall", on=True), now=bench.clock.now())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert bench.emitted() == []


def test_what_a_handler_emits_names_its_cause_and_stays_in_its_trace(bench: Bench) -> None:
    ready.append(True)
    trace = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
    body = to_bytes(
        event_id="e1", source="/engine", type_=LampSwitchedV1.TYPE, subject="lamp/tells", sequence=1,
        occurred_at=bench.clock.at, data={"lamp": "tells", "on": True}, traceparent=trace,
    )  # fmt: skip
    bench.worker.keep([body])
    bench.work()
    with bench.db.transaction() as session:
        row = session.scalars(select(OutboxRow)).one()
    assert (row.causation_id, row.traceparent) == ("e1", trace)


def test_rows_due_at_once_stay_due_when_the_clock_is_set_back(bench: Bench) -> None:
    ready.append(True)
    body = to_bytes(
        event_id="e1", source="/engine", type_=LampSwitchedV1.TYPE, subject="lamp/hall", sequence=1,
        occurred_at=bench.clock.at, data={"lamp": "hall", "on": True},
    )  # fmt: skip
    bench.worker.keep([body])
    bench.clock.at -= timedelta(hours=2)
    bench.work()
    assert seen(bench) == [("hall", True)]


def test_a_neighbour_that_names_a_time_is_not_asked_before_it(bench: Bench) -> None:
    row = JobRow(kind="count_job", attempts=0)
    now = bench.clock.now()
    record_failure(row, TryLater("busy", 90), now, [1.0, 1.0])
    assert row.due_at == now + timedelta(seconds=90)
    record_failure(row, TryLater("busy", 10.0**9), now, [1.0, 1.0])
    assert row.due_at == now + timedelta(days=1)


def test_an_error_that_postgresql_cannot_hold_is_noted_all_the_same(bench: Bench) -> None:
    ready.append(True)
    bench.receive(LampSwitchedV1("odd", on=True))
    [(kind, _, error)] = bench.unfinished()
    assert kind == "see_lamp"
    assert "half a character: ? and \ufffd" in (error or "")
