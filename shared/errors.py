"""Errors as problem+json (RFC 9457): Indonesian for people, a stable ``code`` for machines, rendered in one place."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, ClassVar

import structlog
from flask import Flask, Response, json, render_template, request
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

log = structlog.get_logger()

STATUS_TEXT = {
    400: "Permintaan tidak dapat dibaca. Periksa isiannya lalu coba lagi.",
    401: "Anda belum masuk, atau sesi Anda sudah berakhir. Silakan masuk kembali.",
    403: "Anda tidak berwenang membuka halaman atau data ini.",
    404: "Data atau halaman yang Anda minta tidak ditemukan.",
    405: "Cara memanggil alamat ini keliru.",
    409: "Permintaan bertentangan dengan keadaan data saat ini.",
    413: "Berkas terlalu besar.",
    415: "Jenis isi permintaan tidak didukung.",
    422: "Ada isian yang belum benar. Perbaiki isian yang ditandai.",
    429: "Terlalu banyak permintaan. Tunggu sebentar lalu coba lagi.",
    503: "Sistem sedang tidak dapat menyimpan atau membaca data. Coba lagi beberapa saat lagi.",
    500: "Terjadi kesalahan pada sistem. Data Anda tidak hilang; coba lagi, dan hubungi petugas TI bila berulang.",
}


UNREADABLE = (RecursionError, OverflowError, UnicodeEncodeError)
"""What odd input raises deep inside libraries: JSON nested without end, dates past year 9999, half a character."""


class DomainError(Exception):
    """A refusal in the words of the domain. The message tells a person what happened and what to do."""

    status: ClassVar[int] = 409
    code: ClassVar[str] = "conflict"
    retry_after: ClassVar[int] = 0  # seconds; 0: trying again later changes nothing

    def __init__(self, detail: str, *, pointers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.pointers = dict(pointers or {})  # JSON pointer → what is wrong there


class NotFound(DomainError):
    status, code = 404, "not_found"


class NotAllowed(DomainError):
    status, code = 403, "not_allowed"


class NotSignedIn(DomainError):
    status, code = 401, "not_signed_in"


class InvalidInput(DomainError):
    status, code = 422, "invalid_input"


class Malformed(DomainError):
    status, code = 400, "malformed"


class NotYet(Exception):
    """Work that cannot be done now but may later (what it refers to has not arrived); retried, then parked."""


def problem(status: int, code: str, detail: str, pointers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The body of one problem+json answer."""
    body: dict[str, Any] = {
        "type": f"urn:luwes:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
    }
    if pointers:
        body["errors"] = [{"pointer": pointer, "detail": text} for pointer, text in pointers.items()]
    return body


def flatten(messages: object, prefix: str = "") -> dict[str, str]:
    """marshmallow's nested messages as JSON pointers: ``{"json": {"a": ["…"]}}`` → ``{"/a": "…"}``."""
    if isinstance(messages, Mapping):
        found: dict[str, str] = {}
        for key, value in messages.items():
            outermost = prefix == "" and key in ("json", "query", "form", "files", "json_or_form", "headers")
            found |= flatten(value, prefix if outermost or key == "_schema" else f"{prefix}/{key}")
        return found
    if isinstance(messages, list | tuple):
        return {prefix or "/": " ".join(str(m) for m in messages)}
    return {prefix or "/": str(messages)}


def wants_page() -> bool:
    """Whether a person's browser asks, rather than a program."""
    best = request.accept_mimetypes.best_match(["application/problem+json", "application/json", "text/html"])
    return best == "text/html"


def _rule() -> str:
    """The route for the log, without its values: the address of a calendar is its key."""
    return request.url_rule.rule if request.url_rule else request.path


def answer(status: int, code: str, detail: str, pointers: Mapping[str, str] | None = None) -> Response:
    if wants_page():
        page = render_template("problem.html", status=status, code=code, detail=detail, pointers=pointers or {})
        return Response(page, status=status, mimetype="text/html")
    body = json.dumps(problem(status, code, detail, pointers))
    return Response(body, status=status, mimetype="application/problem+json")


def register(app: Flask) -> None:
    """Render every error of *app* here and nowhere else."""

    @app.errorhandler(DomainError)
    def _domain(error: DomainError) -> Response:
        response = answer(error.status, error.code, error.detail, error.pointers)
        if error.retry_after:
            response.headers["Retry-After"] = str(error.retry_after)
        return response

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> Response:
        status = error.code or 500
        data: dict[str, Any] = getattr(error, "data", None) or {}
        response = error.get_response()
        if 300 <= status < 400:
            return Response(response=response.get_data(), status=status, headers=list(response.headers))
        pointers = flatten(data.get("messages")) if data.get("messages") else {}
        # The standard library renamed 422's phrase once; machines rely on ours staying as it is.
        code = "invalid_input" if status == 422 else HTTPStatus(status).phrase.lower().replace(" ", "_")
        return answer(status, code, STATUS_TEXT.get(status, error.description or ""), pointers)

    @app.errorhandler(DataError)
    def _unstorable(_error: DataError) -> Response:
        """A value that no column can hold, such as text with a NUL byte: the sender's fault, not ours."""
        return answer(400, "malformed", "Ada isian yang memuat tanda atau angka yang tidak dapat disimpan.")

    @app.errorhandler(OperationalError)
    @app.errorhandler(PoolTimeout)
    def _no_database(error: Exception) -> Response:
        log.error("database_unavailable", path=_rule(), error=type(error).__name__)
        response = answer(503, "database_unavailable", STATUS_TEXT[503])
        response.headers["Retry-After"] = "5"
        return response

    @app.errorhandler(Exception)
    def _unexpected(error: Exception) -> Response:
        if isinstance(error, UNREADABLE) or "Exceeds the limit" in str(error):  # the latter: a number of many digits
            return answer(400, "malformed", STATUS_TEXT[400])
        log.error("unhandled_error", path=_rule(), method=request.method, exc_info=error)
        return answer(500, "internal_error", STATUS_TEXT[500])
