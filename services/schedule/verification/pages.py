"""The public page to which the QR code on a letter leads."""

from __future__ import annotations

import io

from flask import Blueprint, Response, redirect, render_template, request, url_for

from services.schedule.verification.actions import Check, LetterFacts, compare, facts_by_code
from services.schedule.verification.api import limit_upload
from services.schedule.verification.rules import Standing, grouped, read_code
from shared.auth import public
from shared.errors import DomainError, NotFound
from shared.web.reply import context, transaction

blueprint = Blueprint("verification_pages", __name__, template_folder="templates")
blueprint.before_request(limit_upload)

STANDING_WORDS = {
    Standing.VALID: ("sah: sudah ditandatangani", "success", "✓"),
    Standing.UNSIGNED: ("belum ditandatangani, belum berlaku", "warning", "○"),
    Standing.WITHDRAWN: ("ditarik atau dikembalikan, tidak berlaku", "danger", "✕"),
    Standing.SUPERSEDED: ("ditandatangani, diubah oleh surat yang lebih baru", "warning", "↻"),
}


@blueprint.after_request
def _fresh(response: Response) -> Response:
    """What a letter is worth changes, and its address is for those who hold the letter."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@blueprint.get("/verify")
@public
def ask() -> Response | str | tuple[str, int]:
    """The form for a code typed from paper."""
    typed = request.args.get("code", "").strip()
    if not typed:
        return render_template("verify_form.html", typed="", error=None)
    code = read_code(typed)
    if code is None:
        error = "Kode terdiri dari 24 huruf dan angka, tertulis di bawah kode QR pada surat."
        return render_template("verify_form.html", typed=typed, error=error), 422
    return redirect(url_for("verification_pages.show", code=code))  # type: ignore[return-value]


@blueprint.get("/verify/<code>")
@public
def show(code: str) -> str | tuple[str, int]:
    try:
        with transaction() as session:
            facts = facts_by_code(session, code)
    except NotFound as unknown:
        return _unknown(code, unknown)
    return _page(facts)


@blueprint.post("/verify/<code>/check")
@public
def check(code: str) -> str | tuple[str, int]:
    """Say whether the file in the form is the letter; the file is not kept."""
    upload = request.files.get("file")
    try:
        with transaction() as session:
            facts = facts_by_code(session, code)
            try:
                found = compare(session, code, upload.stream if upload else io.BytesIO())
            except DomainError as refused:
                return _page(facts, error=refused.detail), refused.status
    except NotFound as unknown:
        return _unknown(code, unknown)
    return _page(facts, found=found)


def _page(facts: LetterFacts, *, found: Check | None = None, error: str | None = None) -> str:
    return render_template(
        "verify.html",
        facts=facts,
        code=grouped(facts.code),
        words=STANDING_WORDS[facts.standing],
        found=found,
        error=error,
        development=context().settings.embedded,
    )


def _unknown(code: str, unknown: NotFound) -> tuple[str, int]:
    return render_template("verify_form.html", typed=code, error=unknown.detail), unknown.status
