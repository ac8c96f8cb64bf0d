"""Switch-off checklists and their corrective actions over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from sqlalchemy import Select, case, or_, select

from services.energy.checklists import actions
from services.energy.checklists.reach import action_owner, checklist_owner, checklists_seen
from services.energy.checklists.rules import Answer
from services.energy.checklists.schemas import (
    ActionOut,
    ActionPage,
    ActionQuery,
    ChecklistDetail,
    ChecklistPage,
    ChecklistQuery,
    DoneIn,
    SubmitIn,
    SuperviseIn,
)
from services.energy.models import Checklist, CorrectiveAction, Employee, Room
from services.energy.settings import energy_settings
from shared.auth import access, person, within_reach
from shared.clock import wib_date
from shared.errors import NotFound
from shared.roles import HEADS, Role
from shared.web.reply import Page, asked_page, context, transaction

blueprint = Blueprint("checklists", __name__, url_prefix="/api", description="Daftar periksa ruangan (1.k)")

READERS = (Role.ASN, Role.SUPERIOR, *HEADS, Role.OPERATOR, Role.ROOM_OFFICER, Role.ORGANISATION, Role.EXECUTIVE,
           Role.AUDITOR)  # fmt: skip
SUBMITTERS = (Role.ASN, Role.ROOM_OFFICER, Role.OPERATOR)
SUPERVISORS = (Role.SUPERIOR, *HEADS, Role.OPERATOR)
FINISHERS = (Role.ASN, Role.ROOM_OFFICER, Role.OPERATOR, *HEADS)


def narrowed(query: Select[Checklist], args: dict[str, Any], today: date) -> Select[Checklist]:
    """The runs that a list's filters ask for, today's first, then the days to come, then the past."""
    if args.get("date"):
        query = query.where(Checklist.date == args["date"])
    if args.get("agency_id"):
        query = query.where(Checklist.agency_id == args["agency_id"])
    if args.get("status"):
        query = query.where(Checklist.status == args["status"])
    if args.get("room"):
        query = query.where(
            or_(Room.code.icontains(args["room"], autoescape=True), Room.name.icontains(args["room"], autoescape=True))
        )
    turn = case((Checklist.date == today, 0), (Checklist.date > today, 1), else_=2)
    soonest = case((Checklist.date > today, Checklist.date))
    return query.order_by(turn, soonest, Checklist.date.desc(), Room.code, Checklist.id)


def found(run: Checklist | None) -> Checklist:
    if run is None:
        raise NotFound("Daftar periksa tidak ditemukan.")
    _ = run.items  # loaded while the session is open
    return run


@blueprint.get("/checklists")
@blueprint.arguments(ChecklistQuery, location="query")
@blueprint.response(200, ChecklistPage)
@access(*READERS, scopes=["checklists:read"])
def checklists(args: dict[str, Any]) -> Page[Checklist]:
    """Runs of one's rooms, team, agency or city; today's first."""
    with transaction() as session:
        return asked_page(session, narrowed(checklists_seen(), args, wib_date(context().now())))


@blueprint.get("/checklists/<uuid:checklist_id>")
@blueprint.response(200, ChecklistDetail)
@access(*READERS, scopes=["checklists:read"], owner=checklist_owner)
def checklist(checklist_id: UUID) -> Checklist:
    """One run with its questions and answers."""
    with transaction() as session:
        return found(session.get(Checklist, checklist_id))


@blueprint.post("/checklists/<uuid:checklist_id>/submit")
@blueprint.arguments(SubmitIn)
@blueprint.response(200, ChecklistDetail)
@access(*SUBMITTERS, owner=checklist_owner)
def submit(body: dict[str, Any], checklist_id: UUID) -> Checklist:
    """Hand in a run (1.k.1, 1.k.2): by someone of the room, its officer, or the agency's operator. After the deadline
    it is taken and marked late. Faults are named as ``/items/<code>``."""
    answers = [Answer(**item) for item in body["items"]]
    days, now = energy_settings(context().settings).corrective_days, context().now()
    with transaction() as session:
        return found(actions.submit(session, checklist_id, answers, by=person(), corrective_days=days, now=now))


@blueprint.post("/checklists/<uuid:checklist_id>/supervise")
@blueprint.arguments(SuperviseIn)
@blueprint.response(200, ChecklistDetail)
@access(*SUPERVISORS, owner=checklist_owner)
def supervise(body: dict[str, Any], checklist_id: UUID) -> Checklist:
    """Accept a run or send it back with a note; never one's own (1.f)."""
    with transaction() as session:
        return found(actions.supervise(session, checklist_id, **body, by=person(), now=context().now()))


@blueprint.get("/corrective-actions")
@blueprint.arguments(ActionQuery, location="query")
@blueprint.response(200, ActionPage)
@access(*READERS, scopes=["checklists:read"])
def corrective_actions(args: dict[str, Any]) -> Page[CorrectiveAction]:
    """What failed items call for, the nearest deadline first."""
    query = within_reach(
        select(CorrectiveAction).outerjoin(Employee, Employee.id == CorrectiveAction.owner_id),
        agency=CorrectiveAction.agency_id,
        employee=CorrectiveAction.owner_id,
        superior=Employee.superior_id,
    ).order_by(CorrectiveAction.deadline, CorrectiveAction.id)
    if args["open_only"]:
        query = query.where(CorrectiveAction.done_at.is_(None))
    if args.get("agency_id"):
        query = query.where(CorrectiveAction.agency_id == args["agency_id"])
    with transaction() as session:
        return asked_page(session, query)


@blueprint.post("/corrective-actions/<uuid:action_id>/done")
@blueprint.arguments(DoneIn)
@blueprint.response(200, ActionOut)
@access(*FINISHERS, owner=action_owner)
def finish_corrective_action(body: dict[str, Any], action_id: UUID) -> CorrectiveAction:
    """Say that it has been set right."""
    with transaction() as session:
        return actions.finish_action(session, action_id, note=body["note"], by=person(), now=context().now())
