"""Structured logs on standard output: one JSON object a line, with the service's name. Never request bodies."""

from __future__ import annotations

import logging
import sys

import structlog
from structlog.typing import EventDict


def configure(service: str, process: str) -> None:
    """Set up logging once per process."""
    logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(message)s", force=True)
    for chatty in ("fontTools", "pyhanko", "pyhanko_certvalidator", "amqp", "kombu"):
        logging.getLogger(chatty).setLevel(logging.WARNING)

    def add_origin(_logger: object, _method: str, entry: EventDict) -> EventDict:
        """A context variable would be missing in threads."""
        return {"service": service, "process": process, **entry}

    structlog.configure(
        processors=[
            add_origin,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=False,
    )
