"""Trouble on demand: the next requests are refused, delayed, or answered with the wrong shape."""

from __future__ import annotations

import threading
import time
from dataclasses import asdict, dataclass, replace

from flask import Flask, Response, g, jsonify, request
from werkzeug.exceptions import BadRequest

MODES = ("none", "down", "slow", "wrong")
CONTROL = "/_fake/"
LONGEST_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Fault:
    """`mode` for the next `count` requests, 0 = until changed; `seconds` is the delay of "slow"."""

    mode: str = "none"
    seconds: float = 0.0
    count: int = 0


class Faults:
    """The switch of one server. Requests to `/_fake/…` are never disturbed.

    `own`: further modes that the server's routes carry out themselves; `g.fault` names the one a request has met.
    """

    def __init__(self, *own: str) -> None:
        self._modes = (*MODES, *own)
        self._lock = threading.Lock()
        self._fault = Fault()

    @property
    def current(self) -> Fault:
        with self._lock:
            return self._fault

    def set(self, fault: Fault) -> None:
        with self._lock:
            self._fault = fault

    def take(self) -> Fault:
        """The fault this request meets; the last of a count switches back to none."""
        with self._lock:
            met = self._fault
            if met.mode != "none" and met.count:
                self._fault = replace(met, count=met.count - 1) if met.count > 1 else Fault()
            return met

    def install(self, app: Flask) -> None:
        """Add the check before every request, and `GET|POST /_fake/faults` and `GET /_fake/health`."""

        @app.before_request
        def disturb() -> Response | None:
            if request.path.startswith(CONTROL):
                return None
            met = self.take()
            g.fault = met.mode
            return _meet(met)

        @app.get(CONTROL + "health")
        def health() -> Response:
            return jsonify(status="ok", service=app.name)

        @app.route(CONTROL + "faults", methods=["GET", "POST"])
        def faults() -> Response:
            if request.method == "POST":
                self.set(_parse(request.get_json(force=True), self._modes))
            return jsonify(asdict(self.current))


def _meet(fault: Fault) -> Response | None:
    match fault.mode:
        case "down":
            return Response("Service Unavailable", 503, mimetype="text/plain", headers={"Retry-After": "1"})
        case "slow":
            time.sleep(fault.seconds)
        case "wrong":
            # Well-formed JSON with status 200, but none of the promised keys: what a changed API looks like.
            return jsonify(hasil=[1, None, "?"], kode="00")
    return None


def _parse(body: object, modes: tuple[str, ...]) -> Fault:
    if not isinstance(body, dict) or body.get("mode") not in modes:
        raise BadRequest(f"mode must be one of {', '.join(modes)}")
    try:
        fault = Fault(body["mode"], float(body.get("seconds", 0)), int(body.get("count", 0)))
    except (TypeError, ValueError) as error:
        raise BadRequest("seconds and count must be numbers") from error
    if fault.count < 0 or not 0 <= fault.seconds <= LONGEST_SECONDS:
        raise BadRequest(f"count must be >= 0, seconds within 0 and {LONGEST_SECONDS:g}")
    return fault
