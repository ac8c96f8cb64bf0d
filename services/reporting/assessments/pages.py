"""The superior's page: who has filed, what is to be assessed, many at once."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, request, url_for
from sqlalchemy import Select, select
from sqlalchemy.orm import Session, selectinload

from services.reporting.assessments.actions import Outcome, assess_many
from services.reporting.assessments.rules import AT_ONCE, DECISIONS, SENT_BACK
from services.reporting.duties.rules import RATING_TEXT, STATUS_TEXT
from services.reporting.models import DailyReport, Duty, DutyStatus
from services.reporting.reports.actions import WHOLE_REPORT
from services.reporting.reports.forms import asked_day
from services.reporting.reports.pages import TONES
from shared.auth import access, person, reach, within_reach
from shared.clock import wib_date
from shared.errors import InvalidInput
from shared.roles import HEADS, Role
from shared.web.reply import Page, asked_page, context, transaction
from shared.web.schemas import CONTROL

blueprint = Blueprint("team_pages", __name__, template_folder="templates")

DATES_OFFERED = 12
UNFILED = (DutyStatus.OPEN, DutyStatus.MISSING)
NOTE_LIMIT = 1000


@blueprint.get("/team")
@access(Role.SUPERIOR, *HEADS)
def team() -> str:
    """One WFH date of the team, and all that waits for assessment."""
    return _page(None, None)


@blueprint.post("/team/assess")
@access(Role.SUPERIOR, *HEADS)
def assess() -> Response:
    """Assess the ticked reports; go back with how many were, and name those refused."""
    decision, note = request.form.get("decision", ""), request.form.get("note", "").strip()
    ids = _ids(request.form.getlist("report_id"))
    fault = _fault(decision, note, ids)
    if fault:
        return Response(_page(fault, None), status=422)
    with transaction() as session:
        outcome = assess_many(session, ids, decision, note, by=person(), extent=reach(), now=context().now())
    if outcome.refused:
        return Response(_page(None, outcome), status=409 if not outcome.assessed else 200)
    # The date that was looked at is kept, so that assessing does not lose it.
    target = url_for("team_pages.team", outcome=len(outcome.assessed), date=request.args.get("date") or None)
    return redirect(target)  # type: ignore[return-value]


def _ids(texts: list[str]) -> list[UUID]:
    try:
        return [UUID(text) for text in texts]
    except ValueError:
        raise InvalidInput("Laporan yang dipilih tidak dikenal.", pointers={"/report_id": "UUID"}) from None


def _fault(decision: str, note: str, ids: list[UUID]) -> str | None:
    if not ids:
        return "Centang dahulu laporan yang akan dinilai."
    if len(ids) > AT_ONCE:
        return f"Paling banyak {AT_ONCE} laporan sekali menilai."
    if decision not in DECISIONS:
        return "Pilih penilaiannya."
    if decision == SENT_BACK and not note:
        return "Tulis catatan: apa yang perlu diperbaiki."
    if len(note) > NOTE_LIMIT or CONTROL.search(note):
        return f"Catatan paling banyak {NOTE_LIMIT} huruf biasa."
    return None


def _page(fault: str | None, outcome: Outcome | None) -> str:
    today = wib_date(context().now())
    with transaction() as session:
        dates = _dates(session, today)
        day = asked_day(dates[0] if dates else today)
        duties = session.scalars(_team_duties().where(Duty.date == day)).all()
        waiting = _waiting(session)
    ordered = sorted(duties, key=lambda duty: (duty.status not in UNFILED, duty.employee.name if duty.employee else ""))
    return render_template(
        "team.html",
        day=day,
        dates=dates,
        duties=ordered,
        filed=sum(duty.status not in UNFILED for duty in duties),
        waiting=waiting,
        decisions=DECISIONS,
        fault=fault,
        outcome=outcome,
        done=request.args.get("outcome", type=int),
        typed=request.form,
        status_text=STATUS_TEXT,
        rating_text=RATING_TEXT,
        tones=TONES,
    )


def _team_duties() -> Select[Duty]:
    """The team's duties that stand, without one's own: nobody supervises themselves."""
    query = (
        select(Duty)
        .options(selectinload(Duty.employee))
        .where(Duty.status != DutyStatus.CANCELLED, Duty.employee_id != person().employee_id)
    )
    return within_reach(query, agency=Duty.agency_id, superior=Duty.superior_id)


def _dates(session: Session, today: date) -> list[date]:
    """WFH dates of the team up to today, newest first."""
    query = within_reach(
        select(Duty.date).where(Duty.status != DutyStatus.CANCELLED, Duty.date <= today),
        agency=Duty.agency_id, superior=Duty.superior_id,
    )  # fmt: skip
    return list(session.scalars(query.distinct().order_by(Duty.date.desc()).limit(DATES_OFFERED)))


def _waiting(session: Session) -> Page[DailyReport]:
    """Newest revisions not judged yet, oldest day first."""
    query = within_reach(
        select(DailyReport)
        .join(Duty, Duty.report_id == DailyReport.id)
        .where(Duty.status.in_([DutyStatus.FILED, DutyStatus.LATE]), Duty.employee_id != person().employee_id),
        agency=Duty.agency_id, superior=Duty.superior_id,
    )  # fmt: skip
    return asked_page(session, query.order_by(Duty.date, DailyReport.filed_at).options(*WHOLE_REPORT))
