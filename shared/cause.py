"""Why a transaction runs: the event it handles and the trace it belongs to. What it emits carries both on."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

from sqlalchemy.orm import Session

_KEY = "cause"
_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


@dataclass(frozen=True)
class Cause:
    """event_id: the event being handled, if one is. traceparent: W3C Trace Context, level 1."""

    event_id: str | None = None
    traceparent: str | None = None


NOTHING = Cause()


def set_cause(session: Session, cause: Cause) -> None:
    """From here on *session* works because of *cause*."""
    session.info[_KEY] = cause


def cause_of(session: Session) -> Cause:
    found: Cause = session.info.get(_KEY, NOTHING)
    return found


def traceparent_of(header: str | None) -> str:
    """The caller's trace where it names one, else the beginning of a new one."""
    if header and _TRACEPARENT.fullmatch(header):
        return header
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"
