"""Events that RabbitMQ put aside in the queue ``luwes_parked``: given out 20 times and never acknowledged.

A worker acknowledges when it has stored, so this happens only while every worker dies at storing. PGMQ has no such
queue.
"""

from __future__ import annotations

from typing import NamedTuple

from kombu import Connection, Exchange
from kombu.message import Message

from shared import bus
from shared.contracts.envelope import from_bytes
from shared.settings import Settings

LISTED = 200


class DeadLetter(NamedTuple):
    """type: where it was bound for; about: the event's subject and id, or why it cannot be read."""

    type: str
    about: str


def look(settings: Settings) -> list[DeadLetter]:
    """What is there, at most LISTED of it; the next look begins with the rest.

    Each is put back as a new message before the old one is acknowledged. Handing it back unacknowledged would count as
    a delivery, and RabbitMQ 4 drops a message after 20 of them.
    """
    with bus.connect(settings) as connection:
        taken = _taken(connection, LISTED)
        _publish(connection, bus.PARKED.exchange, taken)
        return [_read(message) for message in taken]


def give_back(settings: Settings) -> int:
    """Publish all of them anew to the services; return how many. Services that have one already ignore it."""
    returned = 0
    with bus.connect(settings) as connection:
        while batch := _taken(connection, bus.PREFETCH):
            _publish(connection, bus.EXCHANGE, batch)
            returned += len(batch)
    return returned


def _publish(connection: Connection, exchange: Exchange, batch: list[Message]) -> None:
    """Publish *batch*, and take it off the queue once the broker has confirmed that."""
    if batch:
        outgoing = [bus.Outgoing(_id(message), _type(message), _body(message)) for message in batch]
        bus.Publisher(connection, exchange).publish(outgoing)
        for message in batch:
            message.ack()


def _taken(connection: Connection, count: int) -> list[Message]:
    if connection.transport.driver_type != "amqp":
        return []
    queue = bus.PARKED(connection.channel())
    queue.declare()
    taken: list[Message] = []
    while len(taken) < count and (message := queue.get()) is not None:
        taken.append(message)
    return taken


def _read(message: Message) -> DeadLetter:
    try:
        event, _ = from_bytes(_body(message))
    except ValueError as error:
        return DeadLetter(_type(message), str(error))
    return DeadLetter(_type(message), f"{event.subject} from {event.source}, event {event.id}")


def _type(message: Message) -> str:
    return str(message.delivery_info["routing_key"])


def _id(message: Message) -> str:
    return str(message.properties.get("message_id", ""))


def _body(message: Message) -> bytes:
    return message.body if isinstance(message.body, bytes) else str(message.body).encode()
