"""Letters over HTTP: what waits for a signature, the signature itself, and the signed PDF."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.schedule.letters import actions
from services.schedule.letters.schemas import LetterOut, LetterPage, LetterQuery, SignIn
from services.schedule.models import Letter, Roster
from shared import audit
from shared.auth import Owner, access, person, within_reach
from shared.errors import NotFound
from shared.roles import HEADS, Role
from shared.web.reply import Page, asked_page, context, download, transaction

blueprint = Blueprint("letters", __name__, url_prefix="/api", description="Surat Tugas")

READERS = (Role.OPERATOR, *HEADS, Role.ORGANISATION, Role.EXECUTIVE, Role.AUDITOR)


def letter_owner(session: Session, letter_id: UUID) -> Owner:
    letter = session.get(Letter, letter_id)
    if letter is None:
        raise NotFound("Surat Tugas tidak ditemukan.")
    return Owner(letter.agency_id)


@blueprint.get("/letters")
@blueprint.arguments(LetterQuery, location="query")
@blueprint.response(200, LetterPage)
@access(*READERS)
def letters(args: dict[str, Any]) -> Page[Letter]:
    """Letters of the agency, or of the city for city-wide roles; newest first."""
    query = within_reach(select(Letter).order_by(Letter.created_at.desc(), Letter.id), agency=Letter.agency_id)
    if args.get("status"):
        query = query.where(Letter.status == args["status"])
    if args.get("month"):
        query = query.join(Roster, Roster.id == Letter.roster_id).where(Roster.month == args["month"].replace(day=1))
    with transaction() as session:
        return asked_page(session, query)


@blueprint.post("/letters/<uuid:letter_id>/sign")
@blueprint.arguments(SignIn)
@blueprint.response(200, LetterOut)
@access(*HEADS, owner=letter_owner)
def sign(body: dict[str, Any], letter_id: UUID) -> Letter:
    """Sign the numbered letter (1.d). What the signer types is used for this one signature and kept nowhere."""
    return sign_as_user(letter_id, body)


def sign_as_user(letter_id: UUID, body: dict[str, Any]) -> Letter:
    """Sign as the person signed in, with what SignIn says; page and API do the same."""
    user = person()
    with transaction() as session:
        letter = actions.sign_letter(session, context(), letter_id, by=user.employee_id, **body)
        detail = actions.signature_of(letter)
        audit.record(session, user.label, "sign_letter", f"letter/{letter_id}", now=context().now(), detail=detail)
        return letter


@blueprint.get("/letters/<uuid:letter_id>/draft")
@access(*READERS, owner=letter_owner)
def unsigned(letter_id: UUID) -> Response:
    """The letter as it will be signed, to be read first."""
    with transaction() as session:
        letter = session.get_one(Letter, letter_id)
    pdf = actions.pdf_to_sign(letter, context())
    return download(pdf, "rancangan-surat-tugas.pdf", "application/pdf", inline=True)


@blueprint.get("/letters/<uuid:letter_id>/pdf")
@access(*READERS, scopes=["letters:read"], owner=letter_owner)
def signed_pdf(letter_id: UUID) -> Response:
    """The signed PDF, byte for byte as signed."""
    with transaction() as session:
        letter = session.get_one(Letter, letter_id)
    if letter.signed_key is None:
        raise NotFound("Surat Tugas ini belum ditandatangani.")
    name = f"surat-tugas-{str(letter.number).replace('/', '-')}.pdf"
    return download(context().storage.get(letter.signed_key), name, "application/pdf", inline=True)
