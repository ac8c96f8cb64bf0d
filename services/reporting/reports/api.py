"""Duties, daily reports, their photos, the E-Kinerja hand-over and performance over HTTP."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from services.reporting.duties.actions import count
from services.reporting.duties.queries import duty_list, own_reports
from services.reporting.duties.rules import last_day
from services.reporting.evidence.photos import BYTE_LIMIT, take_in
from services.reporting.integrations import ekinerja
from services.reporting.models import DailyReport, Duty
from services.reporting.people.actions import employee_by_nip
from services.reporting.reports.actions import (
    check_may_file,
    duty_of,
    file_report,
    report_out,
    report_owner,
    whole_report,
)
from services.reporting.reports.rules import Line
from services.reporting.reports.schemas import (
    DutyPage,
    DutyQuery,
    MonthQuery,
    PerformanceOut,
    ReportFiles,
    ReportForm,
    ReportOut,
)
from services.reporting.standing.actions import tell_standing
from shared import audit
from shared.auth import Owner, access, person, who
from shared.clock import wib_date
from shared.roles import HEADS, Person, Role
from shared.web.reply import Page, asked_page, context, download, sheet, transaction

blueprint = Blueprint("reports", __name__, url_prefix="/api", description="Tugas WFH dan laporan harian")

REPORT_READERS = (Role.ASN, Role.SUPERIOR, *HEADS, Role.ORGANISATION, Role.AUDITOR)


def employee_owner(session: Session, nip: str) -> Owner:
    employee = employee_by_nip(session, nip)
    return Owner(employee.agency_id, employee.id, employee.superior_id)


def file_own_report(day: date | None, lines: list[Line], upload: FileStorage) -> DailyReport:
    """File the report of the person signed in; the same work for API and page."""
    user, now = person(), context().now()
    day = day or wib_date(now)
    with transaction() as session:  # an early answer for who has no duty, before a photo is worked on
        check_may_file(duty_of(session, user.employee_id, day), day, now=now)
    photo = take_in(upload.read(BYTE_LIMIT + 1))
    with transaction() as session:
        report = file_report(session, context().storage, user.employee_id, day, lines, photo, now=now)
        detail = {"date": day.isoformat(), "revision": report.revision, "late": report.late, "sha256": photo.sha256}
        audit.record(session, user.label, "file_report", f"report/{report.id}", now=now, detail=detail)
        if report.late:  # it may have been missing
            tell_standing(session, [user.employee_id], now=now)
        return report


@blueprint.post("/reports")
@blueprint.arguments(ReportForm, location="form")
@blueprint.arguments(ReportFiles, location="files")
@blueprint.response(201, ReportOut)
@access(Role.ASN)
def post_report(form: dict[str, Any], files: dict[str, Any]) -> dict[str, Any]:
    """File one's own daily report with its photo (2.b): no duty that day 409, after the deadline marked late."""
    return report_out(file_own_report(form["date"], form["lines"], files["photo"]), context().settings.public_url)


@blueprint.get("/reports/<uuid:report_id>")
@blueprint.response(200, ReportOut)
@access(*REPORT_READERS, owner=report_owner)
def get_report(report_id: UUID) -> dict[str, Any]:
    """One revision of a report, with lines, photo signals and assessment."""
    with transaction() as session:
        return report_out(whole_report(session, report_id), context().settings.public_url)


@blueprint.get("/reports/<uuid:report_id>/photo")
@access(*REPORT_READERS, owner=report_owner)
def get_photo(report_id: UUID) -> Response:
    """The photo (image/jpeg), without metadata."""
    with transaction() as session:
        key = whole_report(session, report_id).evidence.storage_key
    return download(context().storage.get(key), f"{report_id}.jpg", "image/jpeg", inline=True)


@blueprint.get("/duties")
@blueprint.arguments(DutyQuery, location="query")
@blueprint.response(200, DutyPage)
@access(
    Role.ASN, Role.SUPERIOR, *HEADS, Role.OPERATOR, Role.ORGANISATION, Role.EXECUTIVE, Role.AUDITOR,
    scopes=["duties:read"],
)  # fmt: skip
def duties(args: dict[str, Any]) -> Page[Duty]:
    """Duties and where they stand: one's own, the team's, the agency's or the city's."""
    if not isinstance(who(), Person):
        args["mine"] = False
    with transaction() as session:
        return asked_page(session, duty_list(args))


@blueprint.get("/ekinerja")
@blueprint.arguments(MonthQuery, location="query")
@access(Role.ASN)
def hand_over(args: dict[str, Any]) -> Response:
    """One's own reports of a month as XLSX, in the column order of E-Kinerja."""
    month: date = args["month"]
    with transaction() as session:
        reports = own_reports(session, person().employee_id, month)
    rows = ekinerja.rows(reports, context().settings.public_url)
    return sheet(f"e-kinerja-{month:%Y-%m}", ekinerja.COLUMNS, rows, "xlsx")


@blueprint.get("/employees/<nip>/performance")
@blueprint.arguments(MonthQuery, location="query")
@blueprint.response(200, PerformanceOut)
@access(Role.ASN, Role.SUPERIOR, *HEADS, scopes=["performance:read"], owner=employee_owner)
def performance(args: dict[str, Any], nip: str) -> dict[str, Any]:
    """A person's month in numbers, for SIMPEG: reports due, filed, late, missing, assessed, ratings."""
    month: date = args["month"]
    with transaction() as session:
        employee = employee_by_nip(session, nip)
        figures = count(session, Duty.employee_id == employee.id, Duty.date.between(month, last_day(month)))
    return {"nip": nip, "month": month, **asdict(figures)}
