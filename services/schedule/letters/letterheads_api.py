"""Letterheads over HTTP."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask_smorest import Blueprint

from services.schedule.letters.api import READERS
from services.schedule.letters.letterheads import letterhead_of, set_letterhead
from services.schedule.letters.rules import LetterheadFacts
from services.schedule.letters.schemas import LetterheadIn, LetterheadOut
from services.schedule.people.api import agency_owner
from shared import audit
from shared.auth import access, person
from shared.roles import HEADS, Role
from shared.web.reply import context, transaction

blueprint = Blueprint("letterheads", __name__, url_prefix="/api", description="Kop surat")


@blueprint.get("/agencies/<agency_id>/letterhead")
@blueprint.response(200, LetterheadOut)
@access(*READERS, owner=agency_owner)
def letterhead(agency_id: str) -> dict[str, Any]:
    """What the agency's letters say below its name, and what of it is missing."""
    with transaction() as session:
        facts = letterhead_of(session, agency_id)
    return {**asdict(facts), "missing": facts.missing()}


@blueprint.put("/agencies/<agency_id>/letterhead")
@blueprint.arguments(LetterheadIn)
@blueprint.response(200, LetterheadOut)
@access(Role.OPERATOR, *HEADS, owner=agency_owner)
def put_letterhead(body: dict[str, str], agency_id: str) -> dict[str, Any]:
    """Set the letterhead, whole; it is printed on letters approved from now on."""
    facts = set_as_user(agency_id, body)
    return {**asdict(facts), "missing": facts.missing()}


def set_as_user(agency_id: str, body: dict[str, str]) -> LetterheadFacts:
    """Set it as the person signed in, to what LetterheadIn says; page and API do the same."""
    facts, now = LetterheadFacts(**body), context().now()
    with transaction() as session:
        set_letterhead(session, agency_id, facts, by=person().label, now=now)
        audit.record(session, person().label, "set_letterhead", f"agency/{agency_id}", now=now, detail=asdict(facts))
    return facts
