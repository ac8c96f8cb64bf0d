"""The page on which an agency's operator or head sets its letterhead."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request

from services.schedule.letters.letterheads import letterhead_of
from services.schedule.letters.letterheads_api import set_as_user
from services.schedule.letters.rules import LETTERHEAD_WORDS
from services.schedule.letters.schemas import LetterheadIn
from services.schedule.models import Unit
from services.schedule.people.api import agency_owner
from services.schedule.settings import schedule_settings
from shared.auth import access
from shared.errors import flatten
from shared.roles import HEADS, Role
from shared.web.reply import context, transaction

blueprint = Blueprint("letterhead_pages", __name__, template_folder="templates")


@blueprint.get("/agencies/<agency_id>/letterhead")
@access(Role.OPERATOR, *HEADS, owner=agency_owner)
def show(agency_id: str) -> str:
    with transaction() as session:
        values = asdict(letterhead_of(session, agency_id))
    return _page(agency_id, values, {})


@blueprint.post("/agencies/<agency_id>/letterhead")
@access(Role.OPERATOR, *HEADS, owner=agency_owner)
def save(agency_id: str) -> Response | tuple[str, int]:
    """Set it, or show the form again with what was wrong."""
    typed = {name: request.form.get(name, "").strip() for name in LETTERHEAD_WORDS}
    faults = LetterheadIn().validate(typed)
    if faults:
        return _page(agency_id, typed, flatten(faults)), 422
    set_as_user(agency_id, typed)
    return redirect("/schedule/letters")  # type: ignore[return-value]


def _page(agency_id: str, values: dict[str, Any], errors: dict[str, str]) -> str:
    with transaction() as session:
        agency = session.get(Unit, agency_id)
    wording = schedule_settings(context().settings).letter_wording
    return render_template(
        "letterhead.html", agency=agency, values=values, errors=errors, labels=LETTERHEAD_WORDS, wording=wording
    )
