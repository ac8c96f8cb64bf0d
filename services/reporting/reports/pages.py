"""The first page of every employee: what is due today, and the form for it."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.reporting.assessments.rules import DECISIONS
from services.reporting.duties.queries import owed_duties, own_duties
from services.reporting.duties.rules import RATING_TEXT, STATUS_TEXT, last_day, month_of
from services.reporting.models import Assessment, DailyReport, Duty, RosterRef, Standing
from services.reporting.reports.actions import WHOLE_REPORT, report_owner, whole_report
from services.reporting.reports.api import REPORT_READERS, file_own_report
from services.reporting.reports.forms import FIELDS, ROWS, TypedLines, asked_day, typed_lines
from services.reporting.reports.rules import refusal
from services.reporting.sanctions.queries import own_sanctions
from shared.auth import access, covers, person, reach
from shared.clock import wib_date
from shared.errors import DomainError
from shared.roles import HEADS, Reach, Role
from shared.web.reply import context, transaction

blueprint = Blueprint("reports_pages", __name__, template_folder="templates")

LOOK_AHEAD = timedelta(days=62)
LOOK_BACK = timedelta(days=31)  # days whose missing report the first page still asks for
ASSESSMENTS_SHOWN = 3
TONES = {
    "open": ("warning", "○"), "filed": ("primary", "●"), "late": ("warning", "●"), "missing": ("danger", "✕"),
    "assessed": ("success", "✓"), "sent_back": ("danger", "↩"), "cancelled": ("secondary", "–"),
}  # fmt: skip
"""Colour and mark of each status; its word is always written beside."""


@blueprint.get("/")
@access(Role.ASN)
def today() -> str:
    """What is due today, the form for it, this month's days, the last assessments."""
    return _page(asked_day(wib_date(context().now())), None, None)


@blueprint.post("/report")
@access(Role.ASN)
def post_report() -> Response:
    """Take in the form; go back with the outcome, or show the form again with what was typed."""
    day = _form_day()
    typed = typed_lines(request.form)
    upload = request.files.get("photo")
    fault = None
    if upload is None or not upload.filename:
        fault = "Tambahkan foto saat Anda bekerja sebagai bukti dukung."
    elif not typed.errors:
        try:
            report = file_own_report(day, typed.lines, upload)
        except DomainError as refused:
            fault = refused.detail
        else:
            outcome = "late" if report.late else "filed"
            target = url_for("reports_pages.today", date=day.isoformat(), outcome=outcome)
            return redirect(target)  # type: ignore[return-value]
    return Response(_page(day, typed, fault), status=422)


def _form_day() -> date:
    try:
        return date.fromisoformat(request.form.get("date", ""))
    except ValueError:
        return wib_date(context().now())


def _page(day: date, typed: TypedLines | None, fault: str | None) -> str:
    user, now = person(), context().now()
    with transaction() as session:
        duties = own_duties(session, user.employee_id, month_of(day), last_day(day))
        duty = next((duty for duty in duties if duty.date == day), None)
        report = whole_report(session, duty.report_id) if duty and duty.report_id else None
        roster = session.get(RosterRef, (user.agency_id, month_of(day)))
        upcoming = own_duties(session, user.employee_id, wib_date(now) + timedelta(days=1), wib_date(now) + LOOK_AHEAD)
        owed = owed_duties(session, user.employee_id, wib_date(now) - LOOK_BACK, wib_date(now))
        assessed = _last_assessed(session, user.employee_id)
        standing = session.get(Standing, user.employee_id)
        sanctions = own_sanctions(session, user.employee_id)
    may_file = refusal(duty.status if duty else None, day, wib_date(now)) is None
    return render_template(
        "today.html",
        day=day,
        today=wib_date(now),
        now=now,
        duty=duty,
        report=report,
        mode=_mode(duty, roster, day),
        may_file=may_file,
        next_duty=next(iter(upcoming), None),
        strip=_strip(duties, roster),
        assessed=assessed,
        rating=standing.rating if standing else "",
        sanctions=sanctions,
        owed=[each for each in owed if each.date != day],
        typed=typed or _typed_before(report),
        errors=typed.errors if typed else {},
        fault=fault,
        outcome=request.args.get("outcome"),
        status_text=STATUS_TEXT,
        rating_text=RATING_TEXT,
        tones=TONES,
    )


def _mode(duty: Duty | None, roster: RosterRef | None, day: date) -> str:
    """wfh, wfo, none (no roster in force), or off (the roster has no work on that day)."""
    if duty is not None:
        return "wfh"
    if roster is None:
        return "none"
    return "wfo" if any(entry["date"] == day.isoformat() for entry in roster.days) else "off"


def _strip(duties: list[Duty], roster: RosterRef | None) -> list[tuple[date, Duty | None]]:
    """Working days of the month with one's own duty on them."""
    own = {duty.date: duty for duty in duties}
    days = {date.fromisoformat(entry["date"]) for entry in roster.days} if roster else set()
    return [(each, own.get(each)) for each in sorted(days | own.keys())]


def _last_assessed(session: Session, employee_id: str) -> list[DailyReport]:
    query = (
        select(DailyReport)
        .join(Duty, Duty.report_id == DailyReport.id)
        .join(Assessment, Assessment.report_id == DailyReport.id)
        .where(Duty.employee_id == employee_id)
        .order_by(Assessment.at.desc())
        .limit(ASSESSMENTS_SHOWN)
    )
    return list(session.scalars(query.options(*WHOLE_REPORT)))


def _typed_before(report: DailyReport | None) -> TypedLines:
    """The form's first content: empty blocks, or the lines of the report that would be replaced."""
    if report is None:
        return TypedLines([dict.fromkeys(FIELDS, "") for _ in range(ROWS)], [], {})
    rows = [
        {"activity": line.activity, "start": f"{line.start:%H:%M}", "end": f"{line.end:%H:%M}",
         "quantity": str(line.quantity), "unit": line.unit, "result": line.result}
        for line in report.lines
    ]  # fmt: skip
    return TypedLines([*rows, dict.fromkeys(FIELDS, "")], [], {})


@blueprint.get("/reports/<uuid:report_id>")
@access(*REPORT_READERS, owner=report_owner)
def report(report_id: UUID) -> str:
    """One report in full, with its earlier revisions, and the assessment form for who may judge it."""
    with transaction() as session:
        found = whole_report(session, report_id)
        revisions = session.execute(
            select(DailyReport.id, DailyReport.revision, DailyReport.filed_at)
            .where(DailyReport.duty_id == found.duty_id)
            .order_by(DailyReport.revision)
        ).all()
        owner = report_owner(session, report_id)
    user = person()
    may_assess = (
        user.has(Role.SUPERIOR, *HEADS)
        and owner.employee_id != user.employee_id
        and covers(_assessing_reach(), user, owner)
        and found.assessment is None
        and found.duty.report_id == found.id
    )
    return render_template(
        "report.html", report=found, duty=found.duty, revisions=revisions, may_assess=may_assess, decisions=DECISIONS,
        status_text=STATUS_TEXT, rating_text=RATING_TEXT, tones=TONES, outcome=request.args.get("outcome"),
    )  # fmt: skip


def _assessing_reach() -> Reach:
    """How far the person sees as superior or head, whatever else they are."""
    return Reach.AGENCY if person().has(*HEADS) else min(reach(), Reach.TEAM)
