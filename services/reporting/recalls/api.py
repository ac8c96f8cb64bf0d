"""Recalls over HTTP: who was called back to the office, and who could not be told."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from services.reporting.models import Recall, RecallNotice
from services.reporting.recalls.queries import notice_list, recall_list
from services.reporting.recalls.schemas import NoticePage, NoticeQuery, RecallPage, RecallQuery
from shared.auth import access
from shared.roles import HEADS, Role
from shared.web.reply import Page, asked_page, transaction

blueprint = Blueprint("recalls", __name__, url_prefix="/api", description="Penarikan ke kantor")

RECALL_READERS = (*HEADS, Role.OPERATOR, Role.ORGANISATION, Role.IT, Role.AUDITOR)


@blueprint.get("/recalls")
@blueprint.arguments(RecallQuery, location="query")
@blueprint.response(200, RecallPage)
@access(*RECALL_READERS)
def recalls(args: dict[str, Any]) -> Page[Recall]:
    """Recalls of the agency, or of the city for city-wide roles, and how many of the people were told."""
    with transaction() as session:
        return asked_page(session, recall_list(args))


@blueprint.get("/recall-notices")
@blueprint.arguments(NoticeQuery, location="query")
@blueprint.response(200, NoticePage)
@access(*RECALL_READERS)
def recall_notices(args: dict[str, Any]) -> Page[RecallNotice]:
    """People called back, each with what became of the mail that tells them."""
    with transaction() as session:
        return asked_page(session, notice_list(args))
