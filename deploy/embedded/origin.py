"""The three services behind one address in one gunicorn; in production nginx does this."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.utils import redirect

from services.energy.app import SERVICE as ENERGY
from services.reporting.app import SERVICE as REPORTING
from services.schedule.app import SERVICE as SCHEDULE
from shared import logs

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def create_app() -> WsgiApp:
    """WSGI application: /schedule, /reporting, /energy; the bare address leads to today's page."""
    logs.configure("origin", "web")
    apps = {f"/{service.name}": service.app() for service in (SCHEDULE, REPORTING, ENERGY)}
    keys = apps["/schedule"].extensions["luwes.keys"]
    for app in apps.values():
        app.extensions["luwes.keys"] = keys  # in one process nobody needs to ask the login over HTTP

    def front(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("PATH_INFO", "/") in ("", "/"):
            return redirect("/reporting/")(environ, start)
        start("404 Not Found", [("Content-Type", "text/plain; charset=utf-8")])
        return [b"Halaman tidak ditemukan."]

    return DispatcherMiddleware(front, apps)  # type: ignore[arg-type]
