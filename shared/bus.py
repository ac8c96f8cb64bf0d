"""The message queue through kombu: one topic exchange, one queue per service. RabbitMQ or PGMQ, same code.

Only relay and worker processes use it: connections do not survive a fork and channels are not for threads.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import structlog
from kombu import Connection, Consumer, Exchange, Producer, Queue, binding
from kombu.message import Message
from psycopg.conninfo import make_conninfo

from shared.contracts.envelope import CONTENT_TYPE
from shared.settings import Settings

log = structlog.get_logger()

EXCHANGE = Exchange("luwes.events", type="topic", durable=True, delivery_mode=2)
PARKED = Queue(
    "luwes_parked", Exchange("luwes.parked", type="topic", durable=True), routing_key="#", durable=True,
    queue_arguments={"x-queue-type": "quorum"},
)  # fmt: skip
QUEUE_ARGUMENTS = {
    "x-queue-type": "quorum",
    # RabbitMQ 4 drops a message after 20 deliveries unless it is dead-lettered to somewhere safe.
    "x-dead-letter-exchange": "luwes.parked",
    "x-dead-letter-strategy": "at-least-once",
    "x-overflow": "reject-publish",
}
CONFIRM_TIMEOUT = 10.0  # seconds for the broker to confirm one batch
SOCKET_TIMEOUT = 15.0  # seconds for any single answer of the broker: a connection that fell silent is given up
PREFETCH = 200
BACKOFF_SECONDS = (0.2, 0.5, 1.0, 2.0, 3.0)
"""Waits after the first, second … failure in a row, spread by ±20 %: after an outage not all come at once."""


class Outgoing(NamedTuple):
    """One event ready for the wire."""

    event_id: str
    type: str
    body: bytes


class PublishFailed(Exception):
    """The broker did not take the whole batch; it must be published again."""


def backoff(failures: int) -> float:
    """Seconds to wait after the failure number *failures* (from 0) in a row."""
    return BACKOFF_SECONDS[min(failures, len(BACKOFF_SECONDS) - 1)] * random.uniform(0.8, 1.2)  # noqa: S311


def connect(settings: Settings) -> Connection:
    """A connection to the broker named by the settings, not yet opened. Several nodes are separated by ``;``."""
    if settings.broker_url.startswith("pgmq"):
        options: dict[str, Any] = {
            # Commits do not wait for the disk: Publisher flushes once a batch, and an acknowledgement that a crash
            # loses only brings back what the inbox already has.
            "conn_string": make_conninfo(settings.broker_dsn, options="-c synchronous_commit=off", connect_timeout="5"),
            "init_extension": False,  # the schema is installed from SQL at set-up
            "use_notify": True,
            "notify_throttle_interval_ms": 0,
            # What a killed reader had taken is hidden for so long; what comes twice the inbox knows.
            "visibility_timeout": 10,
            "wait_time_seconds": 0,
            "polling_interval": 0.5,
            "pool_size": 2,
            "pool_timeout": 10,
        }
        return Connection("pgmq://", transport_options=options)
    options = {"read_timeout": SOCKET_TIMEOUT, "write_timeout": SOCKET_TIMEOUT}
    return Connection(settings.broker_url, heartbeat=30, connect_timeout=5, transport_options=options)


def queue_of(service: str, types: Iterable[str]) -> Queue:
    """The queue of *service*, bound to just the event types that it handles."""
    bindings = [binding(EXCHANGE, routing_key=type_) for type_ in sorted(types)]
    return Queue(f"luwes_{service}", bindings=bindings, durable=True, queue_arguments=QUEUE_ARGUMENTS)


def declare(connection: Connection, queue: Queue) -> None:
    """Make exchange, queue and bindings exist; harmless when they do. Run by ``migrate``, before any relay."""
    channel = connection.channel()
    try:
        if connection.transport.driver_type == "amqp":
            PARKED(channel).declare()
        EXCHANGE(channel).declare()
        queue(channel).declare()
    finally:
        channel.close()


class Publisher:
    """Publishes batches; what makes one safe is awaited once per batch: RabbitMQ's confirms, PGMQ's flush to disk."""

    def __init__(self, connection: Connection, exchange: Exchange = EXCHANGE) -> None:
        self._connection = connection
        self._channel = connection.channel()
        exchange(self._channel).declare()
        self._producer = Producer(self._channel, exchange=exchange)
        self._confirms = connection.transport.driver_type == "amqp"
        self._pgmq = self._channel.pgmq.pool if connection.transport.driver_type == "pgmq" else None
        self._open: set[int] = set()
        self._refused: list[str] = []
        self._last_tag = 0
        if self._confirms:
            self._channel.confirm_select()
            self._channel.events["basic_ack"].add(self._settle)
            self._channel.events["basic_nack"].add(self._refuse)
            self._channel.events["basic_return"].add(self._returned)

    def publish(self, batch: Sequence[Outgoing]) -> None:
        """Publish *batch* in order; returns when the broker has it, raises PublishFailed when it may not."""
        self._refused.clear()
        for event in batch:
            if self._confirms:
                self._last_tag += 1
                self._open.add(self._last_tag)
            self._producer.publish(
                event.body.decode(),
                routing_key=event.type,
                content_type=CONTENT_TYPE,
                content_encoding="utf-8",
                message_id=event.event_id,
                mandatory=self._confirms,
            )
        deadline = time.monotonic() + CONFIRM_TIMEOUT
        while self._open:
            try:
                self._connection.drain_events(timeout=max(0.01, deadline - time.monotonic()))
            except TimeoutError:
                raise PublishFailed("the broker did not confirm in time") from None
        if self._refused:
            raise PublishFailed("; ".join(self._refused))
        if batch and self._pgmq:
            with self._pgmq.connection() as connection, connection.transaction():
                connection.execute("set local synchronous_commit = on")
                # The log is written in order: what makes this record durable makes all before it durable too.
                connection.execute("select pg_logical_emit_message(true, 'luwes', '')")

    def beat(self) -> None:
        """Keep the connection alive while there is nothing to publish; raises when it is gone.

        The broker's own heartbeats have to be read, or they count as missed.
        """
        if self._confirms:
            with suppress(TimeoutError):
                self._connection.drain_events(timeout=0.001)
        self._connection.heartbeat_check()

    def _settle(self, tag: int, multiple: bool) -> None:
        self._open -= {t for t in self._open if t <= tag} if multiple else {tag}

    def _refuse(self, tag: int, multiple: bool) -> None:
        self._refused.append(f"message {tag} was refused")
        self._settle(tag, multiple)

    def _returned(self, _error: Exception, _exchange: str, routing_key: str, _message: object) -> None:
        self._refused.append(f"no queue is bound for {routing_key}")


class Intake:
    """Takes messages off one queue in batches: *keep* stores them, then they are acknowledged.

    While *keep* fails they are held, and stored with what comes next. Giving them back to the queue would cost each a
    delivery at every try, and RabbitMQ 4 puts a message aside after twenty.
    """

    def __init__(self, connection: Connection, queue: Queue, keep: Callable[[list[bytes]], None]) -> None:
        self._connection = connection
        self._keep = keep
        self._waiting: list[Message] = []
        self._at_once = connection.transport.driver_type == "amqp"
        declare(connection, queue)
        self._channel = connection.channel()
        self._consumer = Consumer(
            self._channel, [queue], on_message=self._waiting.append, prefetch_count=PREFETCH, auto_declare=False
        )
        self._consumer.consume()

    def take(self, timeout: float) -> int:
        """Wait up to *timeout* seconds for messages, then store and acknowledge what has arrived."""
        try:
            self._connection.drain_events(timeout=timeout)
            while len(self._waiting) < PREFETCH:
                self._connection.drain_events(timeout=0.001)
        except TimeoutError:
            self._connection.heartbeat_check()
        batch = list(self._waiting)
        if batch:
            self._keep([m.body if isinstance(m.body, bytes) else str(m.body).encode() for m in batch])
            del self._waiting[: len(batch)]
            if self._at_once:
                batch[-1].ack(multiple=True)
            else:
                for message in batch:
                    message.ack()
        return len(batch)

    def close(self) -> None:
        self._consumer.cancel()
        self._channel.close()
