"""How every fake starts and stops: settings that fail all at once, loop-back only, a clean end on SIGTERM."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from types import FrameType

from flask import Flask
from werkzeug.serving import make_server

HOST = os.environ.get("FAKE_HOST", "127.0.0.1")  # in a container others must reach it
log = logging.getLogger("luwes.fakes")


def settings(required: tuple[str, ...], optional: Mapping[str, str] | None = None) -> dict[str, str]:
    """Environment variables by name; exits with every missing one named."""
    missing = [name for name in required if not os.environ.get(name)]
    if missing:
        raise SystemExit(f"missing: {', '.join(missing)}")
    found = {name: os.environ[name] for name in required}
    return found | {name: os.environ.get(name, fallback) for name, fallback in (optional or {}).items()}


def configure_logging() -> None:
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    # One line per request would drown what matters in the output of the embedded run.
    logging.getLogger("werkzeug").setLevel(logging.WARNING)


def serve(app: Flask, port: int, *, on_stop: Callable[[], None] | None = None) -> None:
    """Serve until SIGTERM or SIGINT, then finish the requests at hand and call `on_stop`."""
    configure_logging()
    # Its request threads are daemons, so a slow request can't hold up the end.
    # Its request threads are daemons, so a slow request can't hold up the end.
    server = make_server(HOST, port, app, threaded=True)

    def stop(_number: int, _frame: FrameType | None) -> None:
        # shutdown() waits for the loop to end, so it can't be called from the thread that runs the loop.
        threading.Thread(target=server.shutdown, daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    log.info("%s ready on port %s", app.name, server.server_port)
    try:
        server.serve_forever(poll_interval=0.1)
    finally:
        server.server_close()
        if on_stop:
            on_stop()
