"""Telling people by e-mail that they were reprimanded, and that a reprimand was taken back (1.f).

The mail names neither reason nor objection: a mailbox may be read by others, the page is the person's own.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from services.reporting import mail
from services.reporting.models import Sanction
from services.reporting.sanctions.rules import body_of, subject_of
from services.reporting.settings import ReportingSettings
from shared.durable import Context
from shared.jobs import enqueue

log = structlog.get_logger()

DECIDED, REVOKED = "decided", "revoked"


def tell_sanctioned(session: Session, sanction: Sanction, news: str, *, now: datetime) -> None:
    """Ask for one mail to the person. news: DECIDED or REVOKED."""
    payload = {"sanction_id": str(sanction.id), "news": news}
    enqueue(session, "mail_sanction", f"{sanction.id}:{news}", payload, due_at=now, now=now)


def mail_sanction(session: Session, payload: dict[str, Any], context: Context) -> None:
    """Job ``mail_sanction``: the mail, at the address of this moment. A reprimand that was taken back before it could
    be told is not told any more; a refused recipient ends as a parked job with the server's words."""
    settings = context.settings
    assert isinstance(settings, ReportingSettings)
    sanction, news = session.get_one(Sanction, UUID(payload["sanction_id"])), payload["news"]
    employee = sanction.employee
    to = mail.address_of(employee.email, active=employee.active)
    if to is None or (news == DECIDED and sanction.revoked_at is not None):
        log.info("sanction_not_mailed", sanction=str(sanction.id), news=news, address=to is not None)
        return
    text = body_of(
        employee.name, sanction.kind, sanction.starts, sanction.ends, f"{settings.public_url}/reporting/sanctions",
        revoked=news == REVOKED,
    )  # fmt: skip
    subject = subject_of(sanction.kind, revoked=news == REVOKED)
    mails = mail.compose(settings, to, subject, text, f"sanction-{sanction.id}-{news}", now=context.now())
    mail.send(settings, mails)
