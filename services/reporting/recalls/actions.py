"""Telling people by e-mail that their head called them back to the office (1.d)."""

from __future__ import annotations

from datetime import date
from typing import Any

import structlog
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.reporting import mail
from services.reporting.models import Duty, DutyStatus, Employee, Recall, RecallNotice, Unit
from services.reporting.recalls.rules import NoticeStatus, body_of, outcome_of, subject_of
from services.reporting.settings import ReportingSettings
from shared.clock import wib_date
from shared.contracts.envelope import Received
from shared.contracts.schedule import RecallOrderedV1
from shared.db import table_of
from shared.durable import Context
from shared.errors import NotYet
from shared.jobs import enqueue_all

log = structlog.get_logger()

MAIL_RECALL = "mail_recall"
"""The kind of the job that tells one person; its key is the notice's."""


def tell_recalled(session: Session, event: Received[RecallOrderedV1], context: Context) -> None:
    """Keep the order, ask for one mail to each person named, and for no report of the day. The key of notice and job
    is recall and person: told twice, the order mails once.

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
    keys = {employee_id: f"{order.roster_id}-{employee_id}" for employee_id in sorted(known)}
    _keep(session, event, keys)
    payload = {
        "agency_id": order.agency_id, "date": f"{order.date}", "reason": order.reason, "ordered_by": order.ordered_by
    }  # fmt: skip
    enqueue_all(
        session,
        MAIL_RECALL,
        [(key, {**payload, "employee_id": employee_id, "key": key}, now) for employee_id, key in keys.items()],
        now=now,
    )


def _keep(session: Session, event: Received[RecallOrderedV1], keys: dict[str, str]) -> None:
    """Note the order and whom it concerns, once. keys: employee → key of the notice."""
    order = event.data
    session.execute(
        insert(Recall)
        .values(
            roster_id=order.roster_id, agency_id=order.agency_id, date=order.date, reason=order.reason,
            ordered_by=order.ordered_by, ordered_at=event.occurred_at,
        )
        .on_conflict_do_nothing()
    )  # fmt: skip
    if keys:
        session.execute(
            insert(table_of(RecallNotice)).on_conflict_do_nothing(),
            [
                {"key": key, "roster_id": order.roster_id, "employee_id": employee_id}
                for employee_id, key in keys.items()
            ],
        )


def mail_recall(session: Session, payload: dict[str, Any], context: Context) -> None:
    """Job ``mail_recall``: the mail to one person, at the address of this moment; nothing once the day is over.

    A refused recipient ends as a parked job with the server's words. The outcome is written before the mail goes out,
    so that nothing but the commit can fail after it; what fails takes the outcome back, and the job tells why.
    """
    settings, now, day = context.settings, context.now(), date.fromisoformat(payload["date"])
    assert isinstance(settings, ReportingSettings)
    employee = session.get_one(Employee, payload["employee_id"])
    to = mail.address_of(employee.email, active=employee.active)
    outcome = outcome_of(to, active=employee.active, day=day, today=wib_date(now))
    session.execute(
        update(RecallNotice).where(RecallNotice.key == payload["key"]).values(outcome=outcome, outcome_at=now)
    )
    if to is None or outcome != NoticeStatus.MAILED:
        log.info("recall_not_mailed", employee=employee.id, date=f"{day}", outcome=outcome)
        return
    agency = session.get(Unit, payload["agency_id"])
    text = body_of(
        employee.name, agency.name if agency else payload["agency_id"], day, payload["reason"], payload["ordered_by"]
    )  # fmt: skip
    mail.send(settings, mail.compose(settings, to, subject_of(day), text, f"recall-{payload['key']}", now=now))
