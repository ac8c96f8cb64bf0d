"""Absences as a page: who is away when, with the forms that record one and cancel one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, request, url_for
from marshmallow import Schema

from services.schedule.absences import api
from services.schedule.absences.api import ABSENCE_READERS, RECORDERS, absence_owner
from services.schedule.absences.schemas import AbsenceFilter, AbsenceForm, CancelIn
from services.schedule.calendar.actions import month_bounds
from services.schedule.models import AbsenceSource
from services.schedule.people.history_api import person_owner
from services.schedule.people.queries import serving
from services.schedule.rosters.facts import unit_names
from shared.auth import access, covers, person, reach
from shared.clock import wib_date
from shared.errors import DomainError, NotAllowed
from shared.roles import Reach
from shared.web.forms import asked_filters, attempt, errors_of, kept
from shared.web.reply import context, transaction

blueprint = Blueprint("absence_pages", __name__, template_folder="templates")

KIND_TEXT = {"leave": "cuti", "travel": "dinas luar", "training": "diklat (pendidikan dan pelatihan)"}
SOURCE_TEXT = {
    AbsenceSource.FILE: "dari SIMPEG",
    AbsenceSource.HAND: "dicatat oleh operator atau kepala",
    AbsenceSource.EOFFICE: "dari perjalanan dinas di e-office",
}
STATE_LOOK = {
    "cancelled": ("dibatalkan", "danger", "✕"),
    "past": ("sudah lewat", "secondary", "–"),
    "now": ("sedang berlangsung", "primary", "●"),
    "to_come": ("akan datang", "info", "…"),
}
DONE_TEXT = {
    "recorded": "Ketidakhadiran sudah dicatat dan langsung berlaku.",
    "cancelled": "Ketidakhadiran sudah dibatalkan.",
}
PLACE = ("month", "nip", "cancelled", "page")
"""Arguments of the list that links and forms of its rows carry on."""


@blueprint.get("/absences")
@access(*ABSENCE_READERS)
def absences() -> str:
    """One's own; superiors also see their team's, operators and heads the agency's."""
    return _page(None)


@blueprint.post("/absences")
@access(*RECORDERS)
def post_absence() -> Response:
    return _done("recorded", AbsenceForm(), _record)


@blueprint.post("/absences/<uuid:absence_id>/cancel")
@access(*RECORDERS, owner=absence_owner)
def post_cancel(absence_id: UUID) -> Response:
    return _done("cancelled", CancelIn(), lambda body: api.take_back(absence_id, body))


def _record(body: dict[str, Any]) -> None:
    """The person is named by the form and not by the address, so that whose they are is looked at here."""
    nip = body.pop("nip")
    with transaction() as session:
        owner = person_owner(session, nip)
    if not covers(reach(), person(), owner):
        raise NotAllowed("Pegawai ini bertugas di perangkat daerah lain.")
    api.put_down(nip, body)


def _done(outcome: str, shape: Schema, do: Callable[[dict[str, Any]], object]) -> Response:
    refused = attempt(shape, do)
    if refused is None:
        return redirect(url_for("absence_pages.absences", **kept(*PLACE), outcome=outcome))  # type: ignore[return-value]
    return Response(_page(refused), status=refused.status)


def _page(refused: DomainError | None) -> str:
    filters, user, today = asked_filters(AbsenceFilter()), person(), wib_date(context().now())
    if month := filters.pop("month", None):
        filters["start"], filters["end"] = month_bounds(month)
    records = user.has(*RECORDERS)
    with transaction() as session:
        page = api.asked_absences(session, filters)
        agencies = {row["agency_id"] for row in page.rows} if reach() == Reach.CITY else set()
        names = unit_names(session, agencies)
        people = serving(session, user.agency_id) if records else []
    return render_template(
        "absences.html", page=page, agencies=names, people=people, may_record=records, wide=reach() > Reach.OWN,
        today=today, refused=refused, errors=errors_of(refused), typed=request.form, place=kept(*PLACE),
        done=DONE_TEXT.get(request.args.get("outcome", "")), kind_text=KIND_TEXT, source_text=SOURCE_TEXT,
        state_of=lambda row: STATE_LOOK[_state(row, today)], eoffice=AbsenceSource.EOFFICE,
    )  # fmt: skip


def _state(row: dict[str, Any], today: date) -> str:
    if row["cancelled_at"]:
        return "cancelled"
    if row["ends"] < today:
        return "past"
    return "now" if row["starts"] <= today else "to_come"
