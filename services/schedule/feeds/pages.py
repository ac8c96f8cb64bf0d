"""The page on which people make, renew and revoke their calendar's address, and the address itself."""

from __future__ import annotations

from typing import Any

import segno
from flask import Blueprint, Response, redirect, render_template, request
from sqlalchemy import select

from services.schedule.feeds import actions
from services.schedule.models import CalendarFeed
from shared import audit
from shared.auth import access, person, public
from shared.clock import wib_date
from shared.roles import Role
from shared.web.reply import context, revalidated, transaction

blueprint = Blueprint("feed_pages", __name__, template_folder="templates")


@blueprint.get("/calendar/<token>.ics")
@public
def feed(token: str) -> Response:
    """WFH days for calendar applications, which cannot sign in: the token is the key."""
    with transaction() as session:
        content = actions.read_feed(session, token, wib_date(context().now()))
    return revalidated(Response(content, content_type="text/calendar; charset=utf-8"))


@blueprint.get("/calendar")
@access(*Role)
def calendar() -> str:
    return _page()


@blueprint.post("/calendar/make")
@access(*Role)
def make() -> str:
    """Make the address, or a new one in place of the old; it is shown on the page that answers, and never again."""
    user, now = person(), context().now()
    with transaction() as session:
        subject = actions.subject_of(session, user, request.form.get("unit_id", ""))
        holidays = bool(request.form.get("holidays"))
        token = actions.make_feed(session, subject, holidays=holidays, by=user.label, now=now)
        audit.record(session, user.label, "make_calendar_feed", f"calendar_feed/{subject.label}", now=now)
    return _page(f"{context().settings.public_url}/schedule/calendar/{token}.ics", subject)


@blueprint.post("/calendar/revoke")
@access(*Role)
def revoke() -> Response:
    user, now = person(), context().now()
    with transaction() as session:
        subject = actions.subject_of(session, user, request.form.get("unit_id", ""))
        actions.revoke_feed(session, subject)
        audit.record(session, user.label, "revoke_calendar_feed", f"calendar_feed/{subject.label}", now=now)
    return redirect("/schedule/calendar")  # type: ignore[return-value]


def _page(link: str = "", made: actions.Subject | None = None) -> str:
    user = person()
    with transaction() as session:
        places: list[tuple[str, str, actions.Subject]] = [
            ("Jadwal saya", "", actions.Subject(actions.PERSON, user.employee_id)),
            *((unit.name, unit.id, actions.Subject(actions.UNIT, unit.id)) for unit in actions.units_of(session, user)),
        ]
        ids = [subject.id for _, _, subject in places]
        feeds: dict[Any, CalendarFeed] = {
            actions.Subject(row.kind, row.subject_id): row
            for row in session.scalars(select(CalendarFeed).where(CalendarFeed.subject_id.in_(ids)))
        }
    code = segno.make(link).svg_data_uri(scale=4, border=2, light="white") if link else ""
    return render_template("calendar.html", places=places, feeds=feeds, link=link, made=made, code=code)
