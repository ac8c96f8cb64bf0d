"""Holidays over HTTP: the year's days off, and their correction by a later decree."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from services.schedule.calendar import actions
from services.schedule.calendar.actions import CalendarDay
from services.schedule.calendar.schemas import FIRST_YEAR, LAST_YEAR, HolidayIn, HolidayOut, HolidayPage, HolidaysQuery
from shared import audit
from shared.auth import Owner, access, who
from shared.clock import wib_date
from shared.errors import InvalidInput
from shared.roles import Role
from shared.web.reply import Page, context, part_of, transaction

blueprint = Blueprint("calendar", __name__, url_prefix="/api", description="Hari libur dan cuti bersama")


def city_owner(_session: Session, **_: object) -> Owner:
    """The calendar is the whole city's; nobody below its reach owns a day."""
    return Owner("")


@blueprint.get("/holidays")
@blueprint.arguments(HolidaysQuery, location="query")
@blueprint.response(200, HolidayPage)
@access(*Role, scopes=["rosters:read"])
def holidays(args: dict[str, Any]) -> Page[CalendarDay]:
    """Days off of a year as decreed and as corrected; a decreed one that is worked has no name."""
    year = args["year"] or wib_date(context().now()).year
    with transaction() as session:
        return part_of(actions.calendar_of(session, year))


@blueprint.put("/holidays/<day>")
@blueprint.arguments(HolidayIn)
@blueprint.response(200, HolidayOut)
@access(Role.ORGANISATION, Role.IT, owner=city_owner)
def correct(body: dict[str, Any], day: str) -> CalendarDay:
    """Name a day off that was added later, or say with an empty name that a day is worked after all."""
    try:
        on = date.fromisoformat(day)
    except ValueError:
        on = date.min
    if not FIRST_YEAR <= on.year <= LAST_YEAR:
        raise InvalidInput("Tanggal harus berbentuk TTTT-BB-HH.", pointers={"/day": "TTTT-BB-HH"})
    now = context().now()
    with transaction() as session:
        corrected = actions.correct_day(session, on, body["name"], body["source"], now=now)
        audit.record(session, who().label, "correct_calendar", f"holiday/{on}", now=now, detail=body)
        return corrected
