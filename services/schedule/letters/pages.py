"""The head's page of a letter: what it is, its PDF, and the signature."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.schedule.integrations.bsre import nik_needed
from services.schedule.integrations.signer import SigningError, WrongPassphrase
from services.schedule.letters.actions import verification_url
from services.schedule.letters.api import READERS, letter_owner, sign_as_user
from services.schedule.letters.letterheads import letterhead_of
from services.schedule.letters.rules import words_of
from services.schedule.letters.schemas import SignIn
from services.schedule.models import Employee, Letter, Unit
from services.schedule.settings import schedule_settings
from shared.auth import access, person, within_reach
from shared.errors import flatten
from shared.roles import HEADS, Role
from shared.web.reply import asked_page, context, transaction

blueprint = Blueprint("letter_pages", __name__, template_folder="templates")

STATUS_WORDS = {
    "drafted": ("rancangan", "secondary", "○"),
    "pushed": ("menunggu nomor", "info", "◔"),
    "numbered": ("menunggu tanda tangan", "warning", "◑"),
    "signed": ("ditandatangani", "primary", "●"),
    "returned": ("dikembalikan", "danger", "✕"),
}


@blueprint.get("/letters")
@access(*READERS)
def letter_list() -> str:
    """Letters, those that wait for a signature first."""
    query = within_reach(
        select(Letter).order_by((Letter.status == "numbered").desc(), Letter.created_at.desc()),
        agency=Letter.agency_id,
    )
    with transaction() as session:
        page = asked_page(session, query)
        names = _names(session, {letter.agency_id for letter in page.rows})
        own = person().agency_id if person().has(Role.OPERATOR, *HEADS) else None
        missing = letterhead_of(session, own).missing_words() if own else ""
    return render_template(
        "letters.html", page=page, names=names, words=STATUS_WORDS, args=request.args, own=own, missing=missing
    )


@blueprint.get("/letters/<uuid:letter_id>")
@access(*READERS, owner=letter_owner)
def letter(letter_id: UUID) -> str:
    return _letter_page(letter_id, {})


def _letter_page(letter_id: UUID, errors: dict[str, str]) -> str:
    """*errors*: what was wrong with the form, by field; what concerns no field is under ``/``."""
    settings = schedule_settings(context().settings)
    with transaction() as session:
        row = session.get_one(Letter, letter_id)
        names = _names(session, {row.agency_id})
        head = session.get(Employee, row.signer_id)
    return render_template(
        "letter.html",
        letter=row,
        name=names.get(row.agency_id, ""),
        words=STATUS_WORDS,
        errors=errors,
        bsre=settings.bsre is not None,
        totp=settings.bsre is not None and settings.bsre.api == "v2",
        nik_needed=settings.bsre is not None and nik_needed(settings.bsre, head.email if head else None),
        kop_missing=words_of(row.content.get("kop_missing", ())),
        may_set_kop=person().has(Role.OPERATOR, *HEADS),
        verification=verification_url(settings, row.verification_code),
    )


@blueprint.post("/letters/<uuid:letter_id>/sign")
@access(*HEADS, owner=letter_owner)
def sign(letter_id: UUID) -> Response | tuple[str, int]:
    """Sign, or show the form again with what was wrong."""
    typed = {name: value for name, value in request.form.items() if value and name in ("passphrase", "totp", "nik")}
    faults = SignIn().validate(typed)
    if faults:
        return _letter_page(letter_id, flatten(faults)), 422
    try:
        sign_as_user(letter_id, typed)
    except SigningError as refusal:
        at = "/passphrase" if isinstance(refusal, WrongPassphrase) else next(iter(refusal.pointers), "/")
        return _letter_page(letter_id, {at: refusal.detail}), refusal.status
    return redirect(f"/schedule/letters/{letter_id}")  # type: ignore[return-value]


def _names(session: Session, ids: set[str]) -> dict[str, str]:
    return dict(session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(ids))).all())
