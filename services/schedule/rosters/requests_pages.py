"""Requests as pages: wishes and pins with the forms of each role, and the gates that a head opens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, request, url_for
from marshmallow import Schema

from services.schedule.calendar.actions import month_bounds
from services.schedule.models import RosterRequest
from services.schedule.people.history_api import person_owner
from services.schedule.people.queries import serving
from services.schedule.rosters import requests_api as api
from services.schedule.rosters.actions import MONTHS_AHEAD
from services.schedule.rosters.changes_schemas import DecisionIn, GateIn, GateMonth, PinForm, RequestFilter, RequestIn
from services.schedule.rosters.facts import people_of, unit_names
from services.schedule.rosters.requests import OPEN, REQUEST_TEXT, holds_as_pin
from services.schedule.rosters.requests_api import DECIDERS, READERS, employee_owner, request_owner
from shared.auth import access, person, reach
from shared.errors import DomainError
from shared.roles import HEADS, Person, Reach, Role
from shared.web.forms import asked_filters, attempt, errors_of, kept
from shared.web.reply import transaction

blueprint = Blueprint("request_pages", __name__, template_folder="templates")

MODE_TEXT = {"wfh": "di rumah (WFH)", "wfo": "di kantor (WFO)"}
KIND_TEXT = {"wish": "permintaan", "pin": "penetapan"}
LOOKS = {"asked": ("warning", "◔"), "approved": ("primary", "●"), "refused": ("danger", "✕"),
         "withdrawn": ("secondary", "○")}  # fmt: skip
STATUS_WORDS = {status: (REQUEST_TEXT[status], *look) for status, look in LOOKS.items()}
DONE_TEXT = {
    "asked": "Permintaan Anda sudah disampaikan.",
    "pinned": "Hari itu sudah ditetapkan.",
    "decided": "Keputusan sudah disimpan.",
    "withdrawn": "Permintaan sudah ditarik.",
    "opened": "Syarat WFH sudah dibuka untuk pegawai ini pada bulan itu.",
}
PLACE = ("month", "status", "page")
"""Arguments of a list that links and forms of its rows carry on."""


@blueprint.get("/requests")
@access(*Role)
def requests() -> str:
    """One's own requests and the form for a wish; operators and heads decide on the agency's, and pin."""
    return _requests_page(None)


@blueprint.post("/requests")
@access(*Role)
def post_wish() -> Response:
    return _done("asked", RequestIn(), api.take)


@blueprint.post("/requests/pins")
@access(*DECIDERS)
def post_pin() -> Response:
    return _done("pinned", PinForm(), _pin)


@blueprint.post("/requests/<uuid:request_id>/decide")
@access(*DECIDERS, owner=request_owner)
def post_decision(request_id: UUID) -> Response:
    return _done("decided", DecisionIn(), lambda body: api.judge(request_id, body))


@blueprint.post("/requests/<uuid:request_id>/withdraw")
@access(*Role, owner=request_owner)
def post_withdrawal(request_id: UUID) -> Response:
    return _done("withdrawn", Schema(), lambda _: api.take_back(request_id))


@blueprint.get("/gates")
@access(*READERS)
def gates() -> str:
    """Who stays at the office in a month because a gate of the policy is closed for them."""
    return _gates_page(None)


@blueprint.post("/gates/<employee_id>")
@access(*HEADS, owner=employee_owner)
def post_gate(employee_id: str) -> Response:
    refused = attempt(GateIn(), lambda body: api.let_pass(employee_id, body))
    if refused is None:
        return redirect(url_for("request_pages.gates", **kept(*PLACE), outcome="opened"))  # type: ignore[return-value]
    return Response(_gates_page(refused), status=refused.status)


def _pin(body: dict[str, Any]) -> None:
    with transaction() as session:
        employee_id = person_owner(session, body.pop("nip")).employee_id
    api.take({**body, "employee_id": employee_id, "kind": "pin"})


def _done(outcome: str, shape: Schema, do: Callable[[dict[str, Any]], object]) -> Response:
    refused = attempt(shape, do)
    if refused is None:
        return redirect(url_for("request_pages.requests", **kept(*PLACE), outcome=outcome))  # type: ignore[return-value]
    return Response(_requests_page(refused), status=refused.status)


def _requests_page(refused: DomainError | None) -> str:
    filters, user, today = asked_filters(RequestFilter()), person(), api.today()
    month = filters.pop("month", None)
    first, last = month_bounds(month) if month else (today, None)
    decides = user.has(*DECIDERS)
    with transaction() as session:
        page = api.asked_requests(session, {**filters, "start": first, "end": last})
        names = people_of(session, {row.employee_id for row in page.rows})
        agencies = unit_names(session, {row.agency_id for row in page.rows}) if user.has(*READERS) else {}
        people = serving(session, user.agency_id) if decides else []
    return render_template(
        "requests.html", page=page, names=names, people=people, may_decide=decides, wide=user.has(*READERS),
        agencies=agencies if reach() == Reach.CITY else {}, tomorrow=today + timedelta(days=1),
        may_judge=lambda row: decides and row.agency_id == user.agency_id and row.status == "asked",
        may_withdraw=lambda row: row.date > today and _may_withdraw(row, user), refused=refused,
        errors=errors_of(refused), typed=request.form, place=kept(*PLACE),
        done=DONE_TEXT.get(request.args.get("outcome", "")), mode_text=MODE_TEXT, kind_text=KIND_TEXT,
        words=STATUS_WORDS,
    )  # fmt: skip


def _may_withdraw(row: RosterRequest, user: Person) -> bool:
    """As the API, but that a wish which waits is for operator and head to decide, not to take back for the person."""
    own, decides = row.employee_id == user.employee_id, user.has(*DECIDERS) and row.agency_id == user.agency_id
    return row.status in OPEN and ((own and not holds_as_pin(row)) or (decides and row.status == "approved"))


def _gates_page(refused: DomainError | None) -> str:
    user, this_month = person(), api.today().replace(day=1)
    month = asked_filters(GateMonth()).get("month") or this_month
    with transaction() as session:
        page = api.asked_gates(session, month)
        agencies = unit_names(session, {row["agency_id"] for row in page.rows}) if reach() == Reach.CITY else {}
    return render_template(
        "gates.html", page=page, month=month, months=_months(this_month, month), agencies=agencies,
        may_open=user.has(*HEADS), refused=refused, errors=errors_of(refused), typed=request.form,
        place={**kept("page"), "month": f"{month:%Y-%m}"}, done=DONE_TEXT.get(request.args.get("outcome", "")),
    )  # fmt: skip


def _months(first: date, asked: date) -> list[date]:
    """Months to choose from: this one and those for which rosters may be made by now, besides the one asked for."""
    found = {first, asked}
    for _ in range(MONTHS_AHEAD):
        first = month_bounds(first)[1] + timedelta(days=1)
        found.add(first)
    return sorted(found)
