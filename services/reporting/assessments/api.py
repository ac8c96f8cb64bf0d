"""Assessing reports over HTTP, one or many at once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from services.reporting.assessments.actions import Outcome, assess, assess_many
from services.reporting.assessments.schemas import AssessmentIn, AssessmentsIn, OutcomeOut
from services.reporting.models import Assessment
from services.reporting.reports.actions import report_owner
from services.reporting.reports.schemas import AssessmentOut
from shared.auth import access, person, reach
from shared.roles import HEADS, Role
from shared.web.reply import context, transaction

blueprint = Blueprint("assessments", __name__, url_prefix="/api", description="Penilaian laporan harian")


@blueprint.post("/reports/<uuid:report_id>/assessment")
@blueprint.arguments(AssessmentIn)
@blueprint.response(201, AssessmentOut)
@access(Role.SUPERIOR, *HEADS, owner=report_owner)
def post_assessment(body: dict[str, Any], report_id: UUID) -> Assessment:
    """Rate a report (PermenPANRB 6/2022) or send it back with a note: the duty's superior, or the agency's head."""
    with transaction() as session:
        return assess(session, report_id, body["decision"], body["note"], by=person(), now=context().now())


@blueprint.post("/assessments")
@blueprint.arguments(AssessmentsIn)
@blueprint.response(200, OutcomeOut)
@access(Role.SUPERIOR, *HEADS)
def post_assessments(body: dict[str, Any]) -> Outcome:
    """The same decision for up to 100 reports; those refused are named with the reason."""
    with transaction() as session:
        return assess_many(session, by=person(), extent=reach(), now=context().now(), **body)
