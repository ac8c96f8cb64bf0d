"""From an outbox through a real broker into an inbox and its effect, on PGMQ and on RabbitMQ."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import pytest
from kombu import Connection, Producer
from sqlalchemy import MetaData, func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from deploy.embedded.postgres import Cluster
from shared import bus, dead_letters, outbox, relay
from shared.contracts.envelope import Contract, Received
from shared.db import Database
from shared.durable import Context, Status
from shared.inbox import InboxRow
from shared.outbox import OutboxRow
from shared.service import Service
from shared.settings import Settings
from shared.storage import FolderStorage
from shared.testing.bench import SetClock
from tests.benches import common_settings

WAIT_SECONDS = 20


@dataclass(frozen=True)
class BellRungV1(Contract):
    TYPE: ClassVar[str] = "bustest.bell_rung.v1"
    bell: str
    times: int

    @property
    def subject(self) -> str:
        return f"bell/{self.bell}"


heard: list[int] = []


def hear(_session: Session, event: Received[BellRungV1], _context: Context) -> None:
    heard.append(event.data.times)


@dataclass
class Pair:
    """A service that rings and one that hears, with a real broker between them."""

    ringer: Service
    hearer: Service
    ringer_settings: Settings
    hearer_settings: Settings
    ringer_db: Database
    hearer_db: Database

    def ring(self, *times: int) -> None:
        with self.ringer_db.transaction() as session:
            outbox.emit(session, *(BellRungV1("noon", n) for n in times), now=SetClock().now())

    def unpublished(self) -> int:
        with self.ringer_db.transaction() as session:
            return session.scalar(select(func.count()).where(OutboxRow.published_at.is_(None))) or 0


@pytest.fixture
def pair(broker: str, request: pytest.FixtureRequest, cluster: Cluster, scratch: Path) -> Iterator[Pair]:
    url = request.getfixturevalue("rabbitmq_url") if broker == "rabbitmq" else "pgmq://"
    (scratch / "bus" / "migrations" / "versions").mkdir(parents=True, exist_ok=True)
    made: list[Any] = []
    for name, handlers in (("ringer", {}), ("hearer", {BellRungV1: [hear]})):
        cluster.create(f"luwes_{name}", name)
        values = {**common_settings(cluster, "schedule", scratch), "service": name, "broker_url": url}
        settings = Settings(**{**values, "database_url": cluster.url(name, f"luwes_{name}")})
        service = Service(
            name,
            scratch / "bus",
            MetaData(),
            lambda s=settings: s,  # type: ignore[misc]
            lambda *_: None,  # type: ignore[arg-type]
            handlers=handlers,  # type: ignore[arg-type]
        )
        db = Database(settings.database_url)
        service.migrate(db)
        service.declare_queue(settings)
        made.append((service, settings, db))
    (ringer, rs, rdb), (hearer, hs, hdb) = made
    heard.clear()
    yield Pair(ringer, hearer, rs, hs, rdb, hdb)
    for db in (rdb, hdb):
        with db.transaction() as session:
            session.query(OutboxRow).delete()
            session.query(InboxRow).delete()
        db.close()


def run_in_background(target: Callable[[threading.Event], None]) -> Callable[[], None]:
    """Start *target* in a thread; the answer stops it and waits for its end."""
    stop = threading.Event()
    thread = threading.Thread(target=target, args=(stop,), daemon=True)
    thread.start()

    def end() -> None:
        stop.set()
        thread.join(WAIT_SECONDS)
        assert not thread.is_alive()

    return end


def until(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not reached():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def working(pair: Pair, settings: Settings | None = None) -> Callable[[], None]:
    settings = settings or pair.hearer_settings
    context = Context(settings, SetClock(), FolderStorage(Path("unused")))
    return run_in_background(pair.hearer.worker(context, pair.hearer_db).run)


def relaying(pair: Pair) -> Callable[[], None]:
    return run_in_background(lambda stop: relay.run(pair.ringer_settings, pair.ringer_db, SetClock(), stop))


def test_events_arrive_once_each_and_in_order(pair: Pair) -> None:
    ends = [relaying(pair), working(pair)]
    pair.ring(*range(300))
    until(lambda: len(heard) >= 300)
    for end in ends:
        end()
    assert heard == list(range(300))
    assert pair.unpublished() == 0


def test_what_is_published_while_no_worker_runs_waits_in_the_queue(pair: Pair) -> None:
    end = relaying(pair)
    pair.ring(1, 2, 3)
    until(lambda: pair.unpublished() == 0)
    end()
    end = working(pair)
    until(lambda: len(heard) == 3)
    end()
    assert heard == [1, 2, 3]


def test_the_same_event_published_twice_has_one_effect(pair: Pair) -> None:
    pair.ring(7)
    with bus.connect(pair.ringer_settings) as connection, pair.ringer_db.transaction() as session:
        row = session.scalars(select(OutboxRow)).one()
        outgoing = bus.Outgoing(str(row.event_id), row.type, relay.wire_form("ringer", row))
        bus.Publisher(connection).publish([outgoing, outgoing])
    end = working(pair)
    until(lambda: len(heard) == 1)
    time.sleep(0.5)
    end()
    assert heard == [7]


def test_a_body_that_is_no_event_is_parked_and_holds_nothing_up(pair: Pair) -> None:
    with bus.connect(pair.ringer_settings) as connection:
        Producer(connection.channel(), exchange=bus.EXCHANGE).publish(
            "not an event", routing_key=BellRungV1.TYPE, content_type="text/plain", content_encoding="utf-8"
        )
    pair.ring(1)
    ends = [relaying(pair), working(pair)]
    until(lambda: heard == [1])
    for end in ends:
        end()
    with pair.hearer_db.transaction() as session:
        [parked] = session.scalars(select(InboxRow).where(InboxRow.status == Status.PARKED)).all()
    assert "not an event" in parked.payload["body"]


def test_a_worker_goes_on_with_stored_rows_while_the_broker_is_away(pair: Pair, broker: str) -> None:
    pair.ring(5)
    with pair.ringer_db.transaction() as session:
        body = relay.wire_form("ringer", session.scalars(select(OutboxRow)).one())
    context = Context(pair.hearer_settings, SetClock(), FolderStorage(Path("unused")))
    pair.hearer.worker(context, pair.hearer_db).keep([body])
    away = {"broker_url": "amqp://guest:guest@127.0.0.1:9//"}
    end = working(pair, replace(pair.hearer_settings, **away))  # type: ignore[arg-type]
    until(lambda: len(heard) > 0)
    end()
    assert heard == [5]


def test_only_one_relay_is_active_and_the_second_takes_over(pair: Pair) -> None:
    first, second = relaying(pair), relaying(pair)
    pair.ring(1)
    until(lambda: pair.unpublished() == 0)
    first()
    pair.ring(2)
    until(lambda: pair.unpublished() == 0)
    second()
    end = working(pair)
    until(lambda: len(heard) == 2)
    end()
    assert heard == [1, 2]


def test_an_event_that_nobody_listens_to_is_not_marked_published(pair: Pair, broker: str) -> None:
    """RabbitMQ returns what it cannot route; the relay keeps it rather than losing it (PGMQ cannot tell)."""
    lonely = bus.Outgoing("e1", "bustest.nobody_listens.v1", b"{}")
    with bus.connect(pair.ringer_settings) as connection:
        publisher = bus.Publisher(connection)
        if broker == "rabbitmq":
            with pytest.raises(bus.PublishFailed, match="nobody_listens"):
                publisher.publish([lonely])
        else:
            publisher.publish([lonely])


def test_what_rabbitmq_put_aside_can_be_seen_and_given_back(pair: Pair, broker: str) -> None:
    """PGMQ puts nothing aside: there is nothing to see."""
    pair.ring(3)
    end = relaying(pair)
    until(lambda: pair.unpublished() == 0)
    end()
    if broker == "pgmq":
        assert (dead_letters.look(pair.hearer_settings), dead_letters.give_back(pair.hearer_settings)) == ([], 0)
        return
    with bus.connect(pair.hearer_settings) as connection:
        queue = bus.queue_of("hearer", [BellRungV1.TYPE])(connection.channel())
        message = queue.get()
        assert message is not None
        message.reject()  # as RabbitMQ itself does after 20 deliveries
    until(lambda: len(dead_letters.look(pair.hearer_settings)) == 1)
    for _ in range(25):
        [seen] = dead_letters.look(pair.hearer_settings)
    with bus.connect(pair.hearer_settings) as connection:
        left = bus.PARKED(connection.channel()).get()
        assert left is not None
        assert not left.delivery_info["redelivered"], "looking uses up none of the 20 deliveries of RabbitMQ 4"
    assert (seen.type, "bell/noon" in seen.about) == (BellRungV1.TYPE, True)
    assert dead_letters.give_back(pair.hearer_settings) == 1
    end = working(pair)
    until(lambda: heard == [3])
    end()
    assert dead_letters.look(pair.hearer_settings) == []


def test_an_event_that_postgresql_cannot_hold_is_parked_and_holds_nothing_up(pair: Pair) -> None:
    event = {
        "id": "nul", "source": "/outside", "type": BellRungV1.TYPE, "subject": "bell/\0", "specversion": "1.0",
        "time": "2026-04-10T05:00:00Z", "datacontenttype": "application/json", "data": {"bell": "\0", "times": 9},
    }  # fmt: skip
    with bus.connect(pair.ringer_settings) as connection:
        outgoing = bus.Outgoing("nul", BellRungV1.TYPE, json.dumps(event).encode())
        bus.Publisher(connection).publish([outgoing])
    pair.ring(1)
    ends = [relaying(pair), working(pair)]
    try:
        until(lambda: 1 in heard)
        until(lambda: parked(pair) == 1)
        assert 9 not in heard
    finally:
        for end in ends:
            end()


def parked(pair: Pair) -> int:
    with pair.hearer_db.transaction() as session:
        return session.query(InboxRow).filter_by(status=Status.PARKED).count()


def test_what_cannot_be_stored_is_held_and_costs_no_further_delivery(pair: Pair) -> None:
    """RabbitMQ 4 puts a message aside after twenty deliveries; a database that is away must not use them up."""
    end = relaying(pair)
    pair.ring(1, 2, 3)
    until(lambda: pair.unpublished() == 0)
    end()
    with pair.ringer_db.transaction() as session:
        told = {str(id_) for id_ in session.scalars(select(OutboxRow.event_id))}
    away: list[bool] = [True]
    kept: list[str] = []

    def keep(bodies: list[bytes]) -> None:
        if away:
            raise OperationalError("insert", {}, Exception("the database is away"))
        kept.extend(id_ for body in bodies if (id_ := json.loads(body)["id"]) in told)

    queue = bus.queue_of("hearer", [BellRungV1.TYPE])
    with bus.connect(pair.hearer_settings) as connection:
        intake = bus.Intake(connection, queue, keep)
        failures = 0
        while failures < 25:
            try:
                intake.take(0.02)
            except OperationalError:
                failures += 1
        away.clear()
        intake.take(0.2)
        assert set(kept) == told
        if connection.transport.driver_type == "amqp":  # PGMQ gives what is held again after a while, without a limit
            assert len(kept) == 3


def test_a_worker_goes_on_when_its_database_is_back(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    connections: list[object] = []
    connect = bus.connect

    def count_and_connect(settings: Settings) -> Connection:
        connections.append(settings)
        return connect(settings)

    monkeypatch.setattr(bus, "connect", count_and_connect)
    transaction, away = pair.hearer_db.transaction, [True]

    def refuse_at_first() -> Any:
        if away:
            raise OperationalError("begin", {}, Exception("the database is away"))
        return transaction()

    end_relay = relaying(pair)
    pair.ring(1)
    until(lambda: pair.unpublished() == 0)
    end_relay()
    connections.clear()
    monkeypatch.setattr(pair.hearer_db, "transaction", refuse_at_first)
    end = working(pair)
    time.sleep(1.5)
    assert heard == []
    away.clear()
    until(lambda: heard == [1])
    end()
    assert len(connections) == 1  # it held on to the broker


def test_an_idle_publisher_hears_the_brokers_heartbeats(rabbitmq_url: str) -> None:
    with Connection(rabbitmq_url, heartbeat=1) as connection:
        publisher = bus.Publisher(connection)
        for _ in range(25):  # five seconds: two heartbeats missed would have ended the connection
            publisher.beat()
            time.sleep(0.2)
        assert connection.connected
