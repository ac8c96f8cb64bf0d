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

from shared import backlog
from shared.auth import public
from shared.db import Database
from shared.durable import Context
from shared.webhooks.models import SYSTEM, WebhookEndpoint

blueprint = Blueprint("health", __name__)

REQUESTS = Counter("luwes_http_requests_total", "Requests answered", ["service", "method", "status"])


@blueprint.get("/live")
@public
def live() -> Response:
    return _health("pass", 200)


@blueprint.get("/ready")
@public
def ready() -> Response:
    """Database down: fail. Old unpublished events (broker or relay down), which the outbox holds, or a subscriber of
    webhooks that was disabled because it fails: warn."""
    db: Database = current_app.extensions["luwes.db"]
    if not db.is_up():
        return _health("fail", 503, {"database": [{"status": "fail"}]})
    with db.transaction() as session:
        waiting = backlog.outbox_age(session, current_app.extensions["luwes.context"].now())
        # A number: names of subscribers are for IT, in the log and by ``status``.
        failed = session.scalar(select(func.count()).where(WebhookEndpoint.disabled_by == SYSTEM)) or 0
    bus = "warn" if waiting > 60 else "pass"
    webhooks = "warn" if failed else "pass"
    checks: dict[str, object] = {
        "database": [{"status": "pass"}],
        "outbox:oldest": [{"status": bus, "observedValue": round(waiting, 1), "observedUnit": "s"}],
        "webhooks:disabled": [{"status": webhooks, "observedValue": failed}],
    }
    return _health(max(bus, webhooks), 200, checks)  # "warn" is the greater


@blueprint.get("/metrics")
@public
def metrics() -> Response:
    registry = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry.register(REQUESTS)
    context: Context = current_app.extensions["luwes.context"]
    registry.register(_Figures(context.settings.service, _figures(current_app.extensions["luwes.db"])))
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


def _figures(db: Database) -> dict[str, float]:
    with db.transaction() as session:
        return backlog.figures(session, current_app.extensions["luwes.context"].now())


def _health(status: str, code: int, checks: dict[str, object] | None = None) -> Response:
    context: Context = current_app.extensions["luwes.context"]
    body: dict[str, object] = {"status": status, "serviceId": context.settings.service}
    if checks:
        body["checks"] = checks
    return Response(json.dumps(body), status=code, mimetype="application/health+json")
