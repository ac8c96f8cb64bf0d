"""Verification for everyone, over HTTP: what a letter is worth, and whether a file is that letter."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import request
from flask_smorest import Blueprint

from services.schedule.verification.actions import FILE_LIMIT, LetterFacts, compare, facts_by_code
from services.schedule.verification.schemas import CheckIn, CheckOut, FactsOut
from shared.auth import public
from shared.web.reply import context, transaction

blueprint = Blueprint("verification", __name__, url_prefix="/api", description="Pemeriksaan keaslian Surat Tugas")

FORM_ROOM = 10_000  # bytes around the file in a form


def limit_upload() -> None:
    """Refuse a body that is larger than the largest file before any of it is kept, even in passing."""
    request.max_content_length = FILE_LIMIT + FORM_ROOM


@blueprint.before_request
def _limit() -> None:
    limit_upload()


@blueprint.get("/verify/<code>")
@blueprint.response(200, FactsOut)
@public
def facts(code: str) -> dict[str, Any]:
    """What the letter with this code is worth. Hyphens, blanks and small letters in the code do not matter."""
    with transaction() as session:
        return _shown(facts_by_code(session, code))


@blueprint.post("/verify/<code>/check")
@blueprint.arguments(CheckIn, location="files")
@blueprint.response(200, CheckOut)
@public
def check(files: dict[str, Any], code: str) -> dict[str, Any]:
    """Whether a file (at most 10 MB) is exactly the signed letter with this code. The file is not kept."""
    with transaction() as session:
        found = compare(session, code, files["file"].stream)
    return {"result": found.result, "sha256": found.sha256, "facts": _shown(found.facts)}


def _shown(facts: LetterFacts) -> dict[str, Any]:
    return {**asdict(facts), "development": context().settings.embedded}
