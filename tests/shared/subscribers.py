"""Subscribers of webhooks: small HTTP servers on loopback that keep what they get and answer as told."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from standardwebhooks import Webhook

from shared.outbox import OutboxRow, emit
from shared.roles import Role
from shared.testing.bench import Bench
from shared.testing.city import Client, a_person
from shared.webhooks import manage
from shared.webhooks.deliveries import fan_out
from shared.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from tests.energy.world import a_unit

UNITS = "schedule.unit_changed.v1"
NOISE = "schedule.roster_in_force.v1"


class Subscriber:
    """answers: (status, headers) of the next requests; afterwards 204. gate: requests wait until it is set."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, dict[str, str]]] = []
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.arrived = threading.Semaphore(0)
        self.gate = threading.Event()
        self.gate.set()
        self.endpoint_id = UUID(int=0)
        self.secret = ""
        self.url = ""

    def fails(self, status: int, times: int = 1, **headers: str) -> None:
        self.answers += [(status, {name.replace("_", "-"): value for name, value in headers.items()})] * times

    @property
    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _ in self.got]

    def messages(self) -> list[dict[str, Any]]:
        """What came, each verified with the secret by the standard's own package."""
        return [Webhook(self.secret).verify(body, headers) for headers, body in self.got]

    def subjects(self) -> list[str]:
        return [message["subject"] for message in self.messages()]


@contextmanager
def listening() -> Iterator[Subscriber]:
    subscriber = Subscriber()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            subscriber.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            subscriber.arrived.release()
            subscriber.gate.wait(30)
            status, headers = subscriber.answers.pop(0) if subscriber.answers else (204, {})
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    subscriber.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield subscriber
    finally:
        subscriber.gate.set()
        server.shutdown()
        server.server_close()
        thread.join()


def subscribe(bench: Bench, subscriber: Subscriber, name: str = "units", types: Sequence[str] = (UNITS,)) -> None:
    """Make *subscriber* one of the service's, and note its id and secret."""
    with bench.db.transaction() as session:
        endpoint = manage.create(
            session, bench.settings, name=name, url=subscriber.url, types=types, by="test", now=bench.clock.at
        )
    subscriber.endpoint_id, subscriber.secret = endpoint.id, endpoint.secrets[0]


def tell(bench: Bench, *units: str) -> list[str]:
    """Emit a change of each of *units* and do what the relay does once the broker has them; their event ids."""
    with bench.db.transaction() as session:
        emit(session, *[a_unit(unit) for unit in units], now=bench.clock.at)
    with bench.db.transaction() as session:
        rows = session.scalars(select(OutboxRow).where(OutboxRow.published_at.is_(None)).order_by(OutboxRow.id)).all()
        fan_out(session, rows, bench.settings.service, now=bench.clock.at)
        session.execute(update(OutboxRow).values(published_at=bench.clock.at))
        return [str(row.event_id) for row in rows]


def endpoint_of(bench: Bench, subscriber: Subscriber) -> WebhookEndpoint:
    with bench.db.transaction() as session:
        return session.get_one(WebhookEndpoint, subscriber.endpoint_id)


def deliveries_of(bench: Bench, subscriber: Subscriber) -> list[WebhookDelivery]:
    """Oldest first."""
    with bench.db.transaction() as session:
        query = select(WebhookDelivery).where(WebhookDelivery.endpoint_id == subscriber.endpoint_id)
        return list(session.scalars(query.order_by(WebhookDelivery.id)))


def attempts(bench: Bench) -> list[WebhookAttempt]:
    with bench.db.transaction() as session:
        return list(session.scalars(select(WebhookAttempt).order_by(WebhookAttempt.id)))


def it_officer(bench: Bench) -> Client:
    return bench.client(a_person("IT1", Role.IT))
