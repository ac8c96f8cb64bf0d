"""Reprimands as a page: one's own with the form for an objection; the agency's with the head's forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, request, url_for
from marshmallow import Schema

from services.reporting.sanctions import api
from services.reporting.sanctions.actions import sanction_out, sanction_owner
from services.reporting.sanctions.queries import colleagues, own_sanctions
from services.reporting.sanctions.rules import KIND_TEXT, STATE_TEXT
from services.reporting.sanctions.schemas import ObjectionIn, RevocationIn, SanctionIn
from shared.auth import access, person
from shared.errors import DomainError
from shared.roles import HEADS, Role
from shared.web.forms import attempt, errors_of
from shared.web.reply import transaction

blueprint = Blueprint("sanctions_pages", __name__, template_folder="templates")

TONES = {
    "to_come": ("secondary", "…"), "in_force": ("danger", "!"), "ended": ("secondary", "–"),
    "revoked": ("success", "✓"),
}  # fmt: skip
DONE_TEXT = {
    "decided": "Teguran sudah dicatat.",
    "revoked": "Teguran sudah dicabut.",
    "objected": "Keberatan Anda sudah disampaikan kepada kepala perangkat daerah.",
}


@blueprint.get("/sanctions")
@access(*api.SANCTION_READERS)
def sanctions() -> str:
    """One's own reprimands; for the head also the agency's, for Bagian Organisasi and auditors the city's."""
    return _page(None)


@blueprint.post("/sanctions")
@access(*HEADS)
def post_sanction() -> Response:
    return _done("decided", SanctionIn(), api.decide)


@blueprint.post("/sanctions/<uuid:sanction_id>/revocation")
@access(*HEADS, owner=sanction_owner)
def post_revocation(sanction_id: UUID) -> Response:
    return _done("revoked", RevocationIn(), lambda body: api.revoke(sanction_id, body))


@blueprint.post("/sanctions/<uuid:sanction_id>/objection")
@access(Role.ASN, owner=sanction_owner)
def post_objection(sanction_id: UUID) -> Response:
    return _done("objected", ObjectionIn(), lambda body: api.object_to(sanction_id, body))


def _done(outcome: str, shape: Schema, do: Callable[[dict[str, Any]], object]) -> Response:
    """Do what the form asks and show the page again; a refusal is told on it, and nothing typed is lost."""
    refused = attempt(shape, do)
    if refused is None:
        return redirect(url_for("sanctions_pages.sanctions", outcome=outcome))  # type: ignore[return-value]
    return Response(_page(refused), status=refused.status)


def _page(refused: DomainError | None) -> str:
    user, today = person(), api.today()
    with transaction() as session:
        own = [sanction_out(row, today) for row in own_sanctions(session, user.employee_id)]
        page = None
        if user.has(*HEADS, Role.ORGANISATION, Role.AUDITOR):
            page = api.asked_sanctions(session, {})
        people = colleagues(session, user) if user.has(*HEADS) else []
    return render_template(
        "sanctions.html",
        own=own,
        page=page,
        people=people,
        may_decide=user.has(*HEADS),
        today=today,
        refused=refused,
        errors=errors_of(refused),
        typed=request.form,
        done=DONE_TEXT.get(request.args.get("outcome", "")),
        kind_text=KIND_TEXT,
        state_text=STATE_TEXT,
        tones=TONES,
    )
