"""Pages of the roster: the list, the grid employee × day, and “mengapa?” for each cell."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.schedule.letters.api import READERS
from services.schedule.letters.letterheads import letterhead_of
from services.schedule.models import Employee, Letter, Roster, RosterCell, RosterLimit, RosterStatus, Unit
from services.schedule.rosters import actions, basis, facts
from services.schedule.rosters.api import reason_of, roster_owner
from services.schedule.rosters.changes import CHANGE_TEXT, recalled_days
from services.schedule.rosters.rules import BY_HAND
from shared import audit
from shared.auth import access, person, within_reach
from shared.clock import wib_date
from shared.errors import InvalidInput
from shared.roles import HEADS, Role
from shared.web.reply import EXPORT_LIMIT, asked_page, context, sheet, transaction

blueprint = Blueprint("roster_pages", __name__, template_folder="templates")

BEFORE_APPROVAL = (RosterStatus.DRAFT, RosterStatus.PROPOSED)

LOOKS = {
    "draft": ("secondary", "○"),
    "proposed": ("warning", "◔"),
    "approved": ("info", "◑"),
    "in_force": ("primary", "●"),
    "superseded": ("secondary", "○"),
    "withdrawn": ("danger", "✕"),
    "rejected": ("danger", "✕"),
}
CHANGES_SHOWN = 200
STATUS_WORDS = {status: (actions.STATUS_TEXT[status], *look) for status, look in LOOKS.items()}
STATUSES = list(actions.STATUS_TEXT.items())


@blueprint.get("/rosters")
@access(*Role)
def roster_list() -> str | Response:
    """Rosters by month; everyone sees their agency's, city-wide roles see all."""
    query = within_reach(
        select(Roster).join(Unit, Unit.id == Roster.agency_id).order_by(Roster.month.desc(), Unit.name, Roster.version),
        agency=Roster.agency_id,
    )
    if request.args.get("status"):
        query = query.where(Roster.status == request.args["status"])
    with transaction() as session:
        names = _agency_names(session)
        if request.args.get("format"):
            rows = session.scalars(query.limit(EXPORT_LIMIT))
            header = ["Perangkat daerah", "Bulan", "Versi", "Status"]
            return sheet("jadwal", header, _export(rows, names), request.args["format"])
        page = asked_page(session, query)
    return render_template(
        "rosters.html", page=page, names=names, words=STATUS_WORDS, args=request.args, statuses=STATUSES
    )


@blueprint.get("/rosters/<uuid:roster_id>")
@access(*Role, owner=roster_owner)
def roster_grid(roster_id: UUID) -> str:
    """One agency's month: people by unit, WFH dates as columns, each cell opens its reason."""
    with transaction() as session:
        roster = session.get_one(Roster, roster_id)
        dates = facts.wfh_dates(session, roster_id)
        people = asked_page(
            session,
            select(Employee)
            .where(Employee.id.in_(select(RosterCell.employee_id).where(RosterCell.roster_id == roster_id).distinct()))
            .order_by(Employee.unit_id, Employee.echelon, Employee.name),
        )
        shown = [employee.id for employee in people.rows]
        cells: dict[str, dict[date, RosterCell]] = defaultdict(dict)
        for cell in session.scalars(
            select(RosterCell).where(
                RosterCell.roster_id == roster_id, RosterCell.employee_id.in_(shown), RosterCell.date.in_(dates)
            )
        ):
            cells[cell.employee_id][cell.date] = cell
        units = {employee.unit_id for employee in people.rows}
        quotas = {
            (row.unit_id, row.date): row
            for row in session.scalars(
                select(RosterLimit).where(
                    RosterLimit.roster_id == roster_id, RosterLimit.unit_id.in_(units), RosterLimit.rule == "quota"
                )
            )
        }
        names = dict(session.execute(select(Unit.id, Unit.name).where(Unit.id.in_({*units, roster.agency_id}))).all())
        letter = session.scalar(select(Letter).where(Letter.roster_id == roster_id))
        changed = actions.differences(session, roster)[:CHANGES_SHOWN]
        unsaid = letterhead_of(session, roster.agency_id).missing_words() if roster.status in BEFORE_APPROVAL else ""
        recalled = recalled_days(session, roster, wib_date(context().now()) + timedelta(days=1))
        people_changed = facts.people_of(session, {entry.employee_id for entry in changed})
    return render_template(
        "roster.html", roster=roster, dates=dates, people=people, cells=cells, quotas=quotas, names=names,
        letter=letter, words=STATUS_WORDS, args=request.args, own=person().agency_id == roster.agency_id,
        may_read_letter=person().has(*READERS), change_words=CHANGE_TEXT, by_hand=BY_HAND, changed=changed,
        left_out=basis.left_out(roster.basis, roster.month), recalled=recalled, unsaid=unsaid,
        changed_names={id_: row.name for id_, row in people_changed.items()},
    )  # fmt: skip


@blueprint.get("/rosters/<uuid:roster_id>/<employee_id>/<day>")
@access(*Role, owner=roster_owner)
def roster_reason(roster_id: UUID, employee_id: str, day: str) -> str:
    """“Mengapa?”"""
    with transaction() as session:
        employee = session.get(Employee, employee_id)
        found = reason_of(session, roster_id, employee_id, day)
    return render_template("reason.html", reason=found, employee=employee, roster_id=roster_id)


@blueprint.post("/rosters/draft")
@access(Role.OPERATOR, *HEADS)
def draft() -> Response:
    """The operator's button: a draft for the month given, of their own agency."""
    try:
        month = date.fromisoformat(f"{request.form.get('month', '')}-01")
    except ValueError:
        raise InvalidInput("Pilih bulan dahulu.", pointers={"/month": "TTTT-BB"}) from None
    user, now = person(), context().now()
    with transaction() as session:
        roster = actions.draft_roster(session, context().settings, user.agency_id, month, by=user.label, now=now)
        audit.record(session, user.label, "draft_roster", f"roster/{roster.id}", now=now)
    return redirect(f"/schedule/rosters/{roster.id}")  # type: ignore[return-value]


@blueprint.post("/rosters/<uuid:roster_id>/submit")
@access(Role.OPERATOR, *HEADS, owner=roster_owner)
def submit(roster_id: UUID) -> Response:
    with transaction() as session:
        actions.submit_roster(session, roster_id)
        audit.record(session, person().label, "submit_roster", f"roster/{roster_id}", now=context().now())
    return redirect(f"/schedule/rosters/{roster_id}")  # type: ignore[return-value]


@blueprint.post("/rosters/<uuid:roster_id>/approve")
@access(*HEADS, owner=roster_owner)
def approve(roster_id: UUID) -> Response:
    user, now = person(), context().now()
    with transaction() as session:
        actions.approve_roster(session, context(), roster_id, by=user.label, now=now)
        audit.record(session, user.label, "approve_roster", f"roster/{roster_id}", now=now)
    return redirect(f"/schedule/rosters/{roster_id}")  # type: ignore[return-value]


@blueprint.post("/rosters/<uuid:roster_id>/reject")
@access(*HEADS, owner=roster_owner)
def reject(roster_id: UUID) -> Response:
    note = request.form.get("note", "").strip()
    if len(note) < 3:
        raise InvalidInput("Tulis alasan pengembalian jadwal ini.", pointers={"/note": "wajib"})
    with transaction() as session:
        actions.reject_roster(session, roster_id, note[:500])
        audit.record(session, person().label, "reject_roster", f"roster/{roster_id}", now=context().now())
    return redirect(f"/schedule/rosters/{roster_id}")  # type: ignore[return-value]


def _agency_names(session: Session) -> dict[str, str]:
    return dict(session.execute(select(Unit.id, Unit.name).where(Unit.id == Unit.agency_id)).all())


def _export(rows: Any, names: dict[str, str]) -> list[list[Any]]:
    return [
        [names.get(row.agency_id, ""), f"{row.month:%Y-%m}", row.version, STATUS_WORDS[row.status][0]] for row in rows
    ]
