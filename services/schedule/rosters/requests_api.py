"""Wishes, pins, stand-ins and opened gates over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.schedule.models import Employee, RosterRequest, StandIn
from services.schedule.people.api import agency_owner
from services.schedule.rosters import requests
from services.schedule.rosters.changes_schemas import (
    DecisionIn,
    GateIn,
    GatePage,
    GateQuery,
    RequestIn,
    RequestOut,
    RequestPage,
    RequestQuery,
    StandInIn,
    StandInPage,
)
from services.schedule.rosters.gates import gate_rows
from shared import audit
from shared.auth import Owner, access, person, within_reach
from shared.clock import wib_date
from shared.errors import NotAllowed, NotFound
from shared.roles import HEADS, Role
from shared.web.reply import Page, asked_page, context, part_of, transaction
from shared.web.schemas import PageArgs

blueprint = Blueprint("requests", __name__, url_prefix="/api", description="Permintaan jadwal")

DECIDERS = (Role.OPERATOR, *HEADS)
READERS = (*DECIDERS, Role.ORGANISATION, Role.AUDITOR)


def request_owner(session: Session, request_id: UUID) -> Owner:
    request = session.get(RosterRequest, request_id)
    if request is None:
        raise NotFound("Permintaan tidak ditemukan.")
    return Owner(request.agency_id, open_in_agency=True)


def employee_owner(session: Session, employee_id: str) -> Owner:
    employee = session.get(Employee, employee_id)
    if employee is None:
        raise NotFound("Pegawai tidak ditemukan.")
    return Owner(employee.agency_id)


@blueprint.post("/roster-requests")
@blueprint.arguments(RequestIn)
@blueprint.response(201, RequestOut)
@access(*Role)
def ask(body: dict[str, Any]) -> RosterRequest:
    """Wish for a day at home or at the office; operator and head may ask for others of their agency, and pin."""
    return take(body)


def take(body: dict[str, Any]) -> RosterRequest:
    user, now = person(), context().now()
    wanted = body.pop("employee_id") or user.employee_id
    decides = user.has(*DECIDERS)
    with transaction() as session:
        employee = session.get(Employee, wanted)
        if employee is None:
            raise NotFound("Pegawai tidak ditemukan.")
        if employee.id != user.employee_id and not decides:
            raise NotAllowed("Anda hanya dapat meminta untuk diri sendiri.")
        if employee.id != user.employee_id and employee.agency_id != user.agency_id:
            raise NotAllowed("Pegawai ini bertugas di perangkat daerah lain.")
        approved = decides and body["kind"] == "pin"
        request = requests.ask(
            session, employee, body["date"], body["mode"], body["kind"], reason=body["reason"], by=user.label, now=now,
            approved=approved,
        )  # fmt: skip
        detail = {"date": f"{body['date']}", "mode": body["mode"], "kind": body["kind"]}
        audit.record(session, user.label, "ask_roster", f"employee/{employee.id}", now=now, detail=detail)
        return request


@blueprint.get("/roster-requests")
@blueprint.arguments(RequestQuery, location="query")
@blueprint.response(200, RequestPage)
@access(*Role)
def request_list(args: dict[str, Any]) -> Page[RosterRequest]:
    """One's own requests; operators and heads see their agency's."""
    with transaction() as session:
        return asked_requests(session, args)


def asked_requests(session: Session, args: dict[str, Any]) -> Page[RosterRequest]:
    """The page that the address asks for, of what the person may see. args: of RequestQuery."""
    query = within_reach(
        select(RosterRequest).order_by(RosterRequest.date, RosterRequest.id), agency=RosterRequest.agency_id
    )
    if args.get("status"):
        query = query.where(RosterRequest.status == args["status"])
    if args.get("start"):
        query = query.where(RosterRequest.date >= args["start"])
    if args.get("end"):
        query = query.where(RosterRequest.date <= args["end"])
    if not person().has(*READERS):
        query = query.where(RosterRequest.employee_id == person().employee_id)
    return asked_page(session, query)


@blueprint.post("/roster-requests/<uuid:request_id>/decide")
@blueprint.arguments(DecisionIn)
@blueprint.response(200, RequestOut)
@access(*DECIDERS, owner=request_owner)
def decide(body: dict[str, Any], request_id: UUID) -> RosterRequest:
    """Approve a request, which then holds in rosters made from now on, or refuse it."""
    return judge(request_id, body)


def judge(request_id: UUID, body: dict[str, Any]) -> RosterRequest:
    user, now = person(), context().now()
    with transaction() as session:
        request = requests.decide(session, request_id, **body, by=user.label, now=now)
        audit.record(session, user.label, "decide_request", f"request/{request_id}", now=now, detail=body)
        return request


@blueprint.post("/roster-requests/<uuid:request_id>/withdraw")
@blueprint.response(200, RequestOut)
@access(*Role, owner=request_owner)
def withdraw(request_id: UUID) -> RosterRequest:
    """Take a request back: one's own, or as operator or head any of the agency's; a pin that holds only these."""
    return take_back(request_id)


def take_back(request_id: UUID) -> RosterRequest:
    user = person()
    decides_in = user.agency_id if user.has(*DECIDERS) else None
    with transaction() as session:
        request = requests.withdraw(session, request_id, by_id=user.employee_id, decides_in=decides_in)
        audit.record(session, user.label, "withdraw_request", f"request/{request_id}", now=context().now())
        return request


@blueprint.get("/agencies/<agency_id>/stand-ins")
@blueprint.arguments(PageArgs, location="query")
@blueprint.response(200, StandInPage)
@access(*READERS, owner=agency_owner)
def stand_ins(_args: dict[str, Any], agency_id: str) -> Page[StandIn]:
    """Pairs of people of whom one at least is at the office."""
    query = select(StandIn).where(StandIn.agency_id == agency_id).order_by(StandIn.one_id, StandIn.other_id)
    with transaction() as session:
        return asked_page(session, query)


@blueprint.put("/agencies/<agency_id>/stand-ins")
@blueprint.arguments(StandInIn)
@blueprint.response(204)
@access(*DECIDERS, owner=agency_owner)
def set_stand_in(body: dict[str, Any], agency_id: str) -> None:
    """Name two people who stand in for each other (1.g)."""
    now = context().now()
    with transaction() as session:
        requests.set_stand_in(session, agency_id, **body, by=person().label, now=now)
        audit.record(session, person().label, "set_stand_in", f"agency/{agency_id}", now=now, detail=body)


@blueprint.delete("/agencies/<agency_id>/stand-ins/<one_id>/<other_id>")
@blueprint.response(204)
@access(*DECIDERS, owner=agency_owner)
def drop_stand_in(agency_id: str, one_id: str, other_id: str) -> None:
    """Let two people no longer stand in for each other."""
    with transaction() as session:
        requests.drop_stand_in(session, agency_id, one_id, other_id)
        detail = {"one_id": one_id, "other_id": other_id}
        audit.record(
            session, person().label, "drop_stand_in", f"agency/{agency_id}", now=context().now(), detail=detail
        )


@blueprint.get("/gates")
@blueprint.arguments(GateQuery, location="query")
@blueprint.response(200, GatePage)
@access(*READERS)
def gates(args: dict[str, Any]) -> Page[dict[str, Any]]:
    """For whom a gate of the policy closes in a month, as they stand now, and whether the head has opened it."""
    with transaction() as session:
        return asked_gates(session, args.get("month") or today())


def today() -> date:
    return wib_date(context().now())


def asked_gates(session: Session, month: date) -> Page[dict[str, Any]]:
    """The page that the address asks for, of the people whom the person may see."""
    people = within_reach(select(Employee).where(Employee.active), agency=Employee.agency_id)
    return part_of(gate_rows(session, context().settings, people, month))


@blueprint.put("/employees/<employee_id>/gate")
@blueprint.arguments(GateIn)
@blueprint.response(204)
@access(*HEADS, owner=employee_owner)
def open_gate(body: dict[str, Any], employee_id: str) -> None:
    """Let a person have turns in one month although a gate is closed for them; the reason is kept."""
    let_pass(employee_id, body)


def let_pass(employee_id: str, body: dict[str, Any]) -> None:
    now = context().now()
    with transaction() as session:
        requests.open_gate(session, employee_id, body["month"], reason=body["reason"], by=person().label, now=now)
        detail = {"month": f"{body['month']:%Y-%m}", "reason": body["reason"]}
        audit.record(session, person().label, "open_gate", f"employee/{employee_id}", now=now, detail=detail)
