"""Finding recalls, and whom their mails reached."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import contains_eager, with_expression

from services.reporting.mail import MailNotSet, MailRefused
from services.reporting.models import Employee, Recall, RecallNotice
from services.reporting.recalls.actions import MAIL_RECALL
from services.reporting.recalls.rules import NoticeStatus
from shared.auth import within_reach
from shared.backlog import first_line
from shared.durable import Status, noted_as
from shared.jobs import JobRow

STATUS: ColumnElement[str] = case(
    (RecallNotice.outcome.is_not(None), RecallNotice.outcome),
    (JobRow.error.startswith(noted_as(MailRefused)), NoticeStatus.REFUSED),
    (JobRow.error.startswith(noted_as(MailNotSet)), NoticeStatus.NO_SERVER),
    (JobRow.status == Status.PENDING, NoticeStatus.WAITING),
    else_=NoticeStatus.FAILED,  # parked, or given up by IT
)
"""What fails is told by the job alone: its transaction takes back whatever it wrote itself."""

PEOPLE = select(func.count()).where(RecallNotice.roster_id == Recall.roster_id).correlate(Recall)


def recall_list(filters: dict[str, Any]) -> Select[Recall]:
    """Recalls that the person signed in may see, the latest day first. filters: date."""
    query = select(Recall).options(
        with_expression(Recall.people, PEOPLE.scalar_subquery()),
        with_expression(Recall.told, PEOPLE.where(RecallNotice.outcome == NoticeStatus.MAILED).scalar_subquery()),
    )
    query = within_reach(query, agency=Recall.agency_id)
    if filters.get("date"):
        query = query.where(Recall.date == filters["date"])
    return query.order_by(Recall.date.desc(), Recall.ordered_at.desc(), Recall.roster_id)


def notice_list(filters: dict[str, Any]) -> Select[RecallNotice]:
    """People called back and what became of telling them, as far as the person signed in may see them; the latest day
    first, then by name. filters: roster_id, date, status."""
    query = (
        select(RecallNotice)
        .join(RecallNotice.recall)
        .join(RecallNotice.employee)
        .outerjoin(JobRow, (JobRow.kind == MAIL_RECALL) & (JobRow.key == RecallNotice.key))
        .options(
            contains_eager(RecallNotice.recall),
            contains_eager(RecallNotice.employee),
            with_expression(RecallNotice.status, STATUS),
            with_expression(RecallNotice.error, JobRow.error),
        )
    )
    query = within_reach(query, agency=Recall.agency_id)
    for name, column in (("roster_id", Recall.roster_id), ("date", Recall.date), ("status", STATUS)):
        if filters.get(name):
            query = query.where(column == filters[name])
    return query.order_by(Recall.date.desc(), Recall.roster_id, Employee.name, RecallNotice.key)


def refusal(notice: RecallNotice) -> str:
    """The mail server's words where it refused, else empty."""
    refused = notice.status == NoticeStatus.REFUSED
    return first_line(notice.error).removeprefix(noted_as(MailRefused)) if refused else ""
