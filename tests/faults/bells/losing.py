"""The control's broker: kombu's sqlalchemy transport, which marks a message as gone when it hands it over.

It keeps exchanges and bindings in the memory of one connection. Relay and worker declare their own service's queue
only, so here all connections of a process share that memory, and it knows both queues beforehand.
"""

from __future__ import annotations

from typing import Any

from kombu import Connection
from kombu.transport import TRANSPORT_ALIASES, sqlalchemy
from kombu.transport.virtual.base import BrokerState

from shared import bus
from tests.faults.bells.services import SERVICES

SCHEME = "sqla"
KNOWN = BrokerState()


class Transport(sqlalchemy.Transport):  # type: ignore[misc]
    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.state = KNOWN


def know_all_queues(url: str) -> None:
    """Make this process able to route to every service's queue through the sqlalchemy transport at *url*."""
    TRANSPORT_ALIASES[SCHEME] = f"{__name__}:Transport"
    with Connection(url) as connection:
        for service in SERVICES.values():
            bus.declare(connection, bus.queue_of(service.name, [contract.TYPE for contract in service.handlers]))
