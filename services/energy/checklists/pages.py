"""Pages of the checklists: the list of the day and the form, made for a phone in one hand."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.energy.checklists import actions
from services.energy.checklists.api import FINISHERS, READERS, SUBMITTERS, SUPERVISORS, found, narrowed
from services.energy.checklists.reach import action_owner, checklist_owner, checklists_seen
from services.energy.checklists.rules import Answer
from services.energy.checklists.schemas import ChecklistQuery
from services.energy.models import Checklist, ChecklistStatus, CorrectiveAction, Employee, Unit
from services.energy.settings import energy_settings
from shared.auth import Owner, access, covers, person, reach
from shared.clock import wib_date
from shared.errors import DomainError, InvalidInput
from shared.roles import REACH_OF, Person, Reach, Role
from shared.web.filters import moment
from shared.web.reply import EXPORT_LIMIT, asked_page, context, sheet, transaction

blueprint = Blueprint("checklist_pages", __name__, template_folder="templates")

LOOKS = {
    ChecklistStatus.OPEN: ("belum diisi", "warning", "○"),
    ChecklistStatus.SUBMITTED: ("menunggu pemeriksaan", "primary", "●"),
    ChecklistStatus.ACCEPTED: ("diterima", "success", "✓"),
    ChecklistStatus.RETURNED: ("dikembalikan", "danger", "↺"),
}
"""How a status looks: words, colour and a mark, never colour alone."""

HEADER = ("Tanggal", "Kode", "Ruangan", "Gedung", "Lantai", "Status", "Terlambat", "Dikirim oleh", "Dikirim",
          "Diperiksa oleh", "Diperiksa", "Catatan")  # fmt: skip


@blueprint.get("/")
@access(*Role)
def home() -> ResponseReturnValue:
    return redirect("/energy/checklists")


@blueprint.get("/checklists")
@access(*READERS)
def listing() -> ResponseReturnValue:
    """Runs that the person sees, today's first; the same rows as XLSX or CSV."""
    args = _filters()
    today = wib_date(context().now())
    query = narrowed(checklists_seen(), args, today)
    with transaction() as session:
        if request.args.get("format") in ("csv", "xlsx"):
            rows = session.scalars(query.limit(EXPORT_LIMIT)).all()
            return sheet("daftar-periksa", HEADER, [_row(run) for run in rows], request.args["format"])
        page = asked_page(session, query)
        agencies = _agencies(session) if reach() == Reach.CITY else []
    fields: list[tuple[str, str, list[tuple[str, str]] | None]] = [
        ("date", "Tanggal (TTTT-BB-HH)", None),
        ("room", "Ruangan", None),
        ("status", "Status", [(status, text) for status, (text, _, _) in LOOKS.items()]),
    ]
    if agencies:
        fields.insert(0, ("agency_id", "Perangkat daerah", agencies))
    return render_template(
        "checklists.html", page=page, fields=fields, looks=LOOKS, today=today, now=context().now(),
        names=dict(agencies), filtered=any(request.args.get(name) for name, _, _ in fields),
    )  # fmt: skip


@blueprint.get("/checklists/<uuid:checklist_id>")
@access(*READERS, owner=checklist_owner)
def detail(checklist_id: UUID) -> ResponseReturnValue:
    """One run: the form while it is to be filled in, afterwards what was answered."""
    return _show(checklist_id)


@blueprint.post("/checklists/<uuid:checklist_id>")
@access(*SUBMITTERS, owner=checklist_owner)
def submit(checklist_id: UUID) -> ResponseReturnValue:
    """Hand in the form; what is missing is shown beside its question, and nothing typed is lost."""
    form = request.form
    codes = [name.removeprefix("ok-") for name in form if name.startswith("ok-")]
    answers = [Answer(code, form[f"ok-{code}"] == "1", form.get(f"note-{code}", "")[:500]) for code in codes]
    days, now = energy_settings(context().settings).corrective_days, context().now()
    try:
        with transaction() as session:
            actions.submit(session, checklist_id, answers, by=person(), corrective_days=days, now=now)
    except DomainError as error:
        return _refused(checklist_id, error)
    return redirect(url_for(".detail", checklist_id=checklist_id), 303)


@blueprint.post("/checklists/<uuid:checklist_id>/supervise")
@access(*SUPERVISORS, owner=checklist_owner)
def supervise(checklist_id: UUID) -> ResponseReturnValue:
    """Accept or send back."""
    form = request.form
    try:
        with transaction() as session:
            actions.supervise(
                session, checklist_id, accepted=form.get("accepted") == "1", note=form.get("note", "")[:500],
                by=person(), now=context().now(),
            )  # fmt: skip
    except DomainError as error:
        return _refused(checklist_id, error)
    return redirect(url_for(".detail", checklist_id=checklist_id), 303)


@blueprint.post("/corrective-actions/<uuid:action_id>/done")
@access(*FINISHERS, owner=action_owner)
def finish(action_id: UUID) -> ResponseReturnValue:
    """Say that it has been set right, and go back to the run that called for it."""
    with transaction() as session:
        action = actions.finish_action(
            session, action_id, note=request.form.get("note", "")[:500], by=person(), now=context().now()
        )
    return redirect(url_for(".detail", checklist_id=action.checklist_id), 303)


def _refused(checklist_id: UUID, error: DomainError) -> ResponseReturnValue:
    """The same page again, with what was wrong."""
    return _show(checklist_id, message=error.detail, errors=error.pointers), error.status


def _show(checklist_id: UUID, message: str = "", errors: dict[str, str] | None = None) -> str:
    now, user = context().now(), person()
    with transaction() as session:
        run = found(session.get(Checklist, checklist_id))
        owner = checklist_owner(session, checklist_id)
        opened = session.execute(
            select(CorrectiveAction, Employee.name)
            .outerjoin(Employee, Employee.id == CorrectiveAction.owner_id)
            .where(CorrectiveAction.checklist_id == run.id)
            .order_by(CorrectiveAction.deadline, CorrectiveAction.code)
        ).all()
        agency = session.get(Unit, run.agency_id)
        finishable = {
            action.id
            for action, _ in opened
            if action.done_at is None and _may(user, action_owner(session, action.id), FINISHERS)
        }
    fillable = run.status in (ChecklistStatus.OPEN, ChecklistStatus.RETURNED) and run.date <= wib_date(now)
    return render_template(
        "checklist.html",
        run=run,
        look=LOOKS[ChecklistStatus(run.status)],
        agency=agency.name if agency else run.agency_id,
        overdue=run.submitted_at is None and now > run.due_at,
        may_submit=fillable and _may(user, owner, SUBMITTERS),
        may_supervise=run.status == ChecklistStatus.SUBMITTED
        and run.submitted_by != user.employee_id
        and _may(user, owner, SUPERVISORS),
        corrective=opened,
        finishable=finishable,
        message=message,
        errors=errors or {},
        typed=request.form,
    )


def _may(user: Person, owner: Owner, roles: tuple[Role, ...]) -> bool:
    """Whether the gate would let the person through to the act, so that no button leads to a refusal."""
    held = [REACH_OF[role] for role in roles if role in user.roles]
    return bool(held) and covers(max(held), user, owner)


def _filters() -> dict[str, Any]:
    """The address's filters, read by the same schema as the API's."""
    given = {name: value for name, value in request.args.items() if value and name not in ("format", "sort")}
    wrong = ChecklistQuery().validate(given)
    if wrong:
        raise InvalidInput("Saringan tidak dapat dibaca. Tanggal berbentuk TTTT-BB-HH, misalnya 2026-04-10.")
    loaded: dict[str, Any] = ChecklistQuery().load(given)
    return loaded


def _agencies(session: Session) -> list[tuple[str, str]]:
    rows = session.execute(select(Unit.id, Unit.name).where(Unit.id == Unit.agency_id, Unit.active).order_by(Unit.name))
    return [(agency_id, name) for agency_id, name in rows]


def _row(run: Checklist) -> tuple[str | int, ...]:
    return (
        f"{run.date}", run.room.code, run.room.name, run.room.building, run.room.floor,
        LOOKS[ChecklistStatus(run.status)][0], {True: "ya", False: "tidak", None: ""}[run.late],
        run.submitted_name or "", moment(run.submitted_at), run.supervised_name or "", moment(run.supervised_at),
        run.note or "",
    )  # fmt: skip
