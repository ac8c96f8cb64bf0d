"""Health for IT: ``/live`` touches nothing, ``/ready`` asks the database, ``/metrics`` counts rows that wait."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass

from flask import Blueprint, Response, current_app
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select

from shared.auth import public
from shared.db import Database
from shared.durable import Context, Status
from shared.inbox import InboxRow
from shared.jobs import JobRow
from shared.outbox import OutboxRow

blueprint = Blueprint("health", __name__)

REQUESTS = Counter("luwes_http_requests_total", "Requests answered", ["service", "method", "status"])


@blueprint.get("/live")
@public
def live() -> Response:
    return _health("pass", 200)


@blueprint.get("/ready")
@public
def ready() -> Response:
    """Database down: fail. Old unpublished events (broker or relay down): warn, since the outbox holds them."""
    db: Database = current_app.extensions["luwes.db"]
    if not db.is_up():
        return _health("fail", 503, {"database": [{"status": "fail"}]})
    waiting = _backlog(db)["outbox_oldest_seconds"]
    bus = "warn" if waiting > 60 else "pass"
    checks = {
        "database": [{"status": "pass"}],
        "outbox:oldest": [{"status": bus, "observedValue": round(waiting, 1), "observedUnit": "s"}],
    }
    return _health(bus, 200, checks)


@blueprint.get("/metrics")
@public
def metrics() -> Response:
    registry = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry.register(REQUESTS)
    context: Context = current_app.extensions["luwes.context"]
    registry.register(_Figures(context.settings.service, _backlog(current_app.extensions["luwes.db"])))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


@dataclass(frozen=True, eq=False)  # a registry keeps collectors by identity
class _Figures(Collector):
    """Figures of this moment; a Gauge would, with several processes, be kept once more for each of them."""

    service: str
    values: dict[str, float]

    def collect(self) -> Iterator[Metric]:
        for name, value in self.values.items():
            figure = GaugeMetricFamily(f"luwes_{name}", name.replace("_", " "), labels=["service"])
            figure.add_metric([self.service], value)
            yield figure


def _backlog(db: Database) -> dict[str, float]:
    """What waits, in rows and in seconds of the oldest."""
    now = current_app.extensions["luwes.context"].now()
    with db.transaction() as session:
        unpublished, oldest = session.execute(
            select(func.count(), func.min(OutboxRow.occurred_at)).where(OutboxRow.published_at.is_(None))
        ).one()
        figures: dict[str, float] = {
            "outbox_unpublished": unpublished,
            "outbox_oldest_seconds": max(0.0, (now - oldest).total_seconds()) if oldest else 0.0,
        }
        for name, row_type in (("inbox", InboxRow), ("job", JobRow)):
            due, first = session.execute(
                select(func.count(), func.min(func.greatest(row_type.due_at, row_type.created_at))).where(
                    row_type.status == Status.PENDING, row_type.due_at <= now
                )
            ).one()
            parked = session.scalar(select(func.count()).where(row_type.status == Status.PARKED))
            figures |= {
                f"{name}_due": due,
                f"{name}_oldest_seconds": max(0.0, (now - first).total_seconds()) if first else 0.0,
                f"{name}_parked": parked or 0,
            }
        return figures


def _health(status: str, code: int, checks: dict[str, object] | None = None) -> Response:
    context: Context = current_app.extensions["luwes.context"]
    body: dict[str, object] = {"status": status, "serviceId": context.settings.service}
    if checks:
        body["checks"] = checks
    return Response(json.dumps(body), status=code, mimetype="application/health+json")
