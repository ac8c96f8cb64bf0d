"""Telling people by e-mail that their head called them back to the office (1.d)."""

from __future__ import annotations

from datetime import date
from typing import Any

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from services.reporting import mail
from services.reporting.models import Duty, DutyStatus, Employee, Unit
from services.reporting.recalls.rules import address_of, body_of, subject_of, too_late
from services.reporting.settings import ReportingSettings
from shared.clock import wib_date
from shared.contracts.envelope import Received
from shared.contracts.schedule import RecallOrderedV1
from shared.durable import Context
from shared.errors import NotYet
from shared.jobs import enqueue_all

log = structlog.get_logger()


class MailNotSet(Exception):
    """No mail server or sender is set; the job is parked so that IT sees who was not told, and can give it back."""


def tell_recalled(session: Session, event: Received[RecallOrderedV1], context: Context) -> None:
    """Ask for one mail to each person named, and for no report of the day. The job's key is recall and person: told
    twice, the order mails once.

    The duty goes at once and not with the addendum: who does as told must not owe a report for it. A roster that later
    has the person at home that day all the same opens it again.
    """
    order, now = event.data, context.now()
    known = set(session.scalars(select(Employee.id).where(Employee.id.in_(order.employee_ids))))
    unknown = sorted(set(order.employee_ids) - known)
    if unknown:
        raise NotYet(f"not known yet: employee {', '.join(unknown[:5])}{' …' if len(unknown) > 5 else ''}")
    session.execute(
        update(Duty)
        .where(Duty.employee_id.in_(known), Duty.date == order.date, Duty.status == DutyStatus.OPEN)
        .values(status=DutyStatus.CANCELLED)
    )
    payload = {
        "agency_id": order.agency_id, "date": f"{order.date}", "reason": order.reason, "ordered_by": order.ordered_by
    }  # fmt: skip
    enqueue_all(
        session,
        "mail_recall",
        [
            (
                key := f"{order.roster_id}-{employee_id}",
                {**payload, "employee_id": employee_id, "key": key},
                now,
            )
            for employee_id in sorted(known)
        ],
        now=now,
    )


def mail_recall(session: Session, payload: dict[str, Any], context: Context) -> None:
    """Job ``mail_recall``: the mail to one person, at the address of this moment; nothing once the day is over.

    A refused recipient ends as a parked job with the server's words.
    """
    settings, now, day = context.settings, context.now(), date.fromisoformat(payload["date"])
    assert isinstance(settings, ReportingSettings)
    employee = session.get_one(Employee, payload["employee_id"])
    to = address_of(employee.email, active=employee.active)
    if to is None or too_late(day, wib_date(now)):
        log.info("recall_not_mailed", employee=employee.id, date=f"{day}", address=to is not None)
        return
    if not (settings.smtp_host and settings.mail_from):
        raise MailNotSet("REPORTING_SMTP_HOST or REPORTING_MAIL_FROM is empty")
    agency = session.get(Unit, payload["agency_id"])
    text = body_of(
        employee.name, agency.name if agency else payload["agency_id"], day, payload["reason"], payload["ordered_by"]
    )  # fmt: skip
    mail.send(settings, mail.compose(settings, to, subject_of(day), text, f"recall-{payload['key']}", now=now))
