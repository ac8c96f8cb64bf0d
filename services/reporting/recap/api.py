"""The city recap over HTTP."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from services.reporting.recap.queries import RecapRow, recap_page
from services.reporting.recap.schemas import RecapPage, RecapQuery
from shared.auth import access
from shared.clock import wib_date
from shared.roles import Role
from shared.web.reply import Page, context, transaction

blueprint = Blueprint("recap", __name__, url_prefix="/api", description="Rekap kota")

RECAP_READERS = (Role.ORGANISATION, Role.EXECUTIVE, Role.AUDITOR, Role.IT)


@blueprint.get("/recap")
@blueprint.arguments(RecapQuery, location="query")
@blueprint.response(200, RecapPage)
@access(*RECAP_READERS, scopes=["recap:read"])
def recap(args: dict[str, Any]) -> Page[RecapRow]:
    """Agencies × figures of one month: reports due, filed, late, missing, assessed, and whether the pack came."""
    with transaction() as session:
        return recap_page(session, args["month"], wib_date(context().now()), args)
