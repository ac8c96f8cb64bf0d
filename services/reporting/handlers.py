"""What the reporting service listens to: schedule's people, units and rosters, energy's figures; and what falls due."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.reporting.duties import actions as duties
from services.reporting.duties.excuses import take_absence, take_holiday
from services.reporting.duties.rules import month_of
from services.reporting.letters import actions as letters
from services.reporting.packs import actions as packs
from services.reporting.people.actions import keep_employee, keep_unit
from services.reporting.recalls.actions import mail_recall, tell_recalled
from services.reporting.sanctions.mails import mail_sanction
from services.reporting.standing.actions import tell_all, tell_standing
from shared.contracts.energy import MonthClosedV1
from shared.contracts.envelope import Received
from shared.contracts.schedule import (
    AbsenceChangedV1,
    EmployeeChangedV1,
    HolidayChangedV1,
    RecallOrderedV1,
    RosterInForceV1,
    UnitChangedV1,
)
from shared.durable import Context
from shared.inbox import Handlers
from shared.jobs import Jobs
from shared.settings import Settings


def open_duties(session: Session, event: Received[RosterInForceV1], context: Context) -> None:
    """A roster is in force: duties open, and a draft pack of a month that is already over follows it."""
    duties.open_duties(session, event, context)
    packs.refresh_draft(session, event.data.agency_id, event.data.month, context)


def keep_letter(session: Session, event: Received[RosterInForceV1], context: Context) -> None:
    """A roster's letter is known; a draft pack names it from now on."""
    letters.keep_letter(session, event, context)
    packs.refresh_draft(session, event.data.agency_id, event.data.month, context)


def fetch_letter(session: Session, payload: dict[str, Any], context: Context) -> None:
    letters.fetch_letter(session, payload["letter_id"], context)


def mark_missing(session: Session, payload: dict[str, Any], context: Context) -> None:
    """A WFH date is over: a draft pack built on the month's last day learns who did not report, and so do gates."""
    day = date.fromisoformat(payload["date"])
    missed = duties.mark_missing(session, payload["agency_id"], day)
    if missed:
        packs.refresh_draft(session, payload["agency_id"], month_of(day), context)
        tell_standing(session, missed, now=context.now())


def follow_excuses(session: Session, payload: dict[str, Any], context: Context) -> None:
    """Duties were excused, or are owed after all: draft packs of their months and gates follow."""
    for month in payload["months"]:
        packs.refresh_draft(session, payload["agency_id"], date.fromisoformat(month), context)
    tell_standing(session, payload["employee_ids"], now=context.now())


def build_pack(session: Session, payload: dict[str, Any], context: Context) -> None:
    packs.build_month(session, payload["agency_id"], date.fromisoformat(payload["month"]), context)


def send_pack(session: Session, payload: dict[str, Any], context: Context) -> None:
    packs.send_pack(session, UUID(payload["pack_id"]), context)


def tell_standings(session: Session, _payload: dict[str, Any], context: Context) -> None:
    """Each night: reports grown too old to count, sanctions that begin or have ended, whatever was not told yet."""
    tell_all(session, now=context.now())


HANDLERS: Handlers = {
    UnitChangedV1: [keep_unit],
    EmployeeChangedV1: [keep_employee],
    RosterInForceV1: [open_duties, keep_letter],
    HolidayChangedV1: [take_holiday],
    AbsenceChangedV1: [take_absence],
    RecallOrderedV1: [tell_recalled],
    MonthClosedV1: [packs.keep_month_figures],
}

JOBS: Jobs = {
    "fetch_letter": fetch_letter,
    "mark_missing": mark_missing,
    "build_pack": build_pack,
    "send_pack": send_pack,
    "follow_excuses": follow_excuses,
    "mail_recall": mail_recall,
    "mail_sanction": mail_sanction,
    "tell_standings": tell_standings,
}


def nightly(_settings: Settings) -> list[str]:
    """Jobs to be done each night."""
    return ["tell_standings"]
