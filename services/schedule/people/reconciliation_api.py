"""Comparisons with SIMPEG over HTTP: begin one, see what each found."""

from __future__ import annotations

from uuid import UUID

from flask_smorest import Blueprint
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.schedule.models import Reconciliation
from services.schedule.people.reconciliation import ask_for_run
from services.schedule.people.schemas import ReconciliationDetail, ReconciliationOut, ReconciliationPage
from services.schedule.settings import schedule_settings
from shared import audit
from shared.auth import Owner, access, who
from shared.errors import NotFound
from shared.roles import Role
from shared.web.reply import Page, asked_page, context, transaction
from shared.web.schemas import PageArgs

blueprint = Blueprint("reconciliation", __name__, url_prefix="/api", description="Pencocokan dengan SIMPEG")


def _the_city(_session: Session, **_: object) -> Owner:
    """A comparison covers all agencies: only city-wide roles reach it."""
    return Owner("")


@blueprint.post("/reconciliations")
@blueprint.response(202, ReconciliationOut)
@access(Role.IT, Role.ORGANISATION)
def begin() -> Reconciliation:
    """Compare with SIMPEG now; the result grows while it runs."""
    now = context().now()
    with transaction() as session:
        run = ask_for_run(session, schedule_settings(context().settings), now=now)
        audit.record(session, who().label, "reconcile_simpeg", f"reconciliation/{run.id}", now=now)
        return run


@blueprint.get("/reconciliations")
@blueprint.arguments(PageArgs, location="query")
@blueprint.response(200, ReconciliationPage)
@access(Role.IT, Role.ORGANISATION)
def runs(_args: dict[str, int]) -> Page[Reconciliation]:
    """Comparisons, newest first."""
    with transaction() as session:
        return asked_page(session, select(Reconciliation).order_by(Reconciliation.started_at.desc()))


@blueprint.get("/reconciliations/<uuid:run_id>")
@blueprint.response(200, ReconciliationDetail)
@access(Role.IT, Role.ORGANISATION, owner=_the_city)
def run(run_id: UUID) -> Reconciliation:
    """One comparison with its differences: each field's value here and at SIMPEG."""
    with transaction() as session:
        found = session.get(Reconciliation, run_id)
        if found is None:
            raise NotFound("Pencocokan ini tidak ditemukan.")
        return found
