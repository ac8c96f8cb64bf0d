"""BSrE's eSign Client Service, API v1 and v2: knows people by NIK and e-mail, and signs with certificates it makes.

FAKE_BSRE_PORT; optional FAKE_BSRE_USERNAME/_PASSWORD (defaults "luwes"/"rahasia", HTTP Basic). It knows one person in
each state of a certificate (PEOPLE), and others by `POST /_fake/people {nik, email, name, status, passphrase}`.

Beside the faults that every fake has it can give back a PDF that is not the one it was sent, signed (TAMPERING).
"""

from __future__ import annotations

import base64
import binascii
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from flask import Flask, Response, g, jsonify, request
from pyhanko.pdf_utils.reader import PdfFileReader

from .faults import CONTROL, Faults
from .pdf_signing import TAMPERING, Pen
from .serving import serve, settings

ISSUE = "ISSUE"
STATES = (
    ISSUE, "EXPIRED", "RENEW", "WAITING_FOR_VERIFICATION", "NEW", "NO_CERTIFICATE", "NOT_REGISTERED", "SUSPEND",
    "REVOKE",
)  # fmt: skip
PASSPHRASE, TOTP = "frasa-sandi-bsre", "246810"
WRONG_PASSPHRASE, NOT_REGISTERED, INCOMPLETE, MAY_NOT_SIGN = 2031, 2011, 2001, 2041
V1_CODES = {ISSUE: 1111, "NOT_REGISTERED": 1110}
V1_MAY_NOT_SIGN = 1112  # how the others are answered: v1 has no word for each
Answer = Response | tuple[Response, int]


@dataclass(frozen=True)
class Subscriber:
    """Someone whom BSrE knows, and how their certificate stands."""

    nik: str
    email: str
    name: str
    status: str = ISSUE
    passphrase: str = PASSPHRASE


PEOPLE = tuple(
    Subscriber(f"18720101018000{number:02d}", f"{state.lower()}@metro.example", f"Penanda Tangan {state}", state)
    for number, state in enumerate(STATES, start=1)
    if state != "NOT_REGISTERED"
)


class Refusal(Exception):
    """HTTP 400 with BSrE's code."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class Register:
    """Subscribers by NIK and by e-mail."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._people: dict[str, Subscriber] = {}
        for person in PEOPLE:
            self.add(person)

    def add(self, person: Subscriber) -> None:
        with self._lock:
            self._people |= {person.nik: person, person.email: person}

    def find(self, nik: object, email: object = "") -> Subscriber | None:
        with self._lock:
            return self._people.get(str(nik or email or ""))

    def signer(self, nik: object, email: object, passphrase: object, totp: object = None) -> Subscriber:
        """Who may sign, by passphrase or one-time code; raises Refusal."""
        if not (nik or email) or bool(passphrase) == bool(totp):
            raise Refusal(INCOMPLETE, "Parameter wajib belum lengkap")
        person = self.find(nik, email)
        if person is None:
            raise Refusal(NOT_REGISTERED, "User tidak terdaftar")
        if person.status != ISSUE:
            raise Refusal(MAY_NOT_SIGN, f"Status sertifikat {person.status}")
        if totp != TOTP if totp else passphrase != person.passphrase:
            raise Refusal(WRONG_PASSPHRASE, "Passphrase anda salah")
        return person


def create_app(account: tuple[str, str] = ("luwes", "rahasia")) -> Flask:
    app, register, pen = Flask("bsre"), Register(), Pen()
    Faults(*TAMPERING).install(app)

    @app.before_request
    def know_the_caller() -> Answer | None:
        given = request.authorization
        if request.path.startswith(CONTROL) or (given and (given.username, given.password) == account):
            return None
        return jsonify(error="Unauthorized"), 401

    @app.errorhandler(Refusal)
    def refuse(refusal: Refusal) -> Answer:
        return jsonify(error=str(refusal), status_code=refusal.code), 400

    @app.post(CONTROL + "people")
    def add_person() -> Answer:
        register.add(Subscriber(**request.get_json(force=True)))
        return jsonify(status="ok")

    def sign(pdf: bytes, person: Subscriber, reason: str, location: str) -> bytes:
        if not pdf.startswith(b"%PDF-"):
            raise Refusal(INCOMPLETE, "Berkas harus berupa PDF")
        return pen.sign(pdf, person.name, reason, g.fault, location)

    _add_v1(app, register, sign)
    _add_v2(app, register, sign)
    return app


Sign = Callable[[bytes, Subscriber, str, str], bytes]


def _add_v1(app: Flask, register: Register, sign: Sign) -> None:
    signed: dict[str, bytes] = {}

    @app.post("/api/sign/pdf")
    def sign_v1() -> Response:
        form, file = request.form, request.files.get("file")
        if file is None or form.get("tampilan") not in ("visible", "invisible"):
            raise Refusal(INCOMPLETE, "Parameter wajib belum lengkap")
        person = register.signer(form.get("nik"), "", form.get("passphrase"))
        pdf = sign(file.read(), person, "", "")
        name = f"{len(signed) + 1:024x}"
        signed[name] = pdf
        return Response(pdf, mimetype="application/pdf", headers={"id_dokumen": name})

    @app.get("/api/sign/download/<name>")
    def download(name: str) -> Answer:
        if name not in signed:
            return jsonify(error="Dokumen tidak ditemukan", status_code=4004), 404
        return Response(signed[name], mimetype="application/pdf")

    @app.get("/api/user/status/<nik>")
    def status_v1(nik: str) -> Answer:
        person = register.find(nik)
        state = person.status if person else "NOT_REGISTERED"
        return jsonify(status_code=V1_CODES.get(state, V1_MAY_NOT_SIGN), status=state, message=f"Status {state}")

    @app.post("/api/sign/verify")
    def verify_v1() -> Answer:
        file = request.files.get("signed_file")
        if file is None:
            raise Refusal(INCOMPLETE, "Parameter wajib belum lengkap")
        names, sound = _signatures(file.read())
        document = {"document_integrity": sound}
        details = [{"info_signer": {"signer_name": name}, "signature_document": document} for name in names]
        return jsonify(
            nama_dokumen=file.filename, jumlah_signature=len(names), summary=_conclusion(names, sound), notes="",
            details=details,
        )  # fmt: skip


def _add_v2(app: Flask, register: Register, sign: Sign) -> None:
    @app.post("/api/v2/sign/pdf")
    def sign_v2() -> Answer:
        body, started = _body(), time.monotonic()
        files, properties = body.get("file"), body.get("signatureProperties")
        if not isinstance(files, list) or not isinstance(properties, list) or not files or not properties:
            raise Refusal(INCOMPLETE, "Parameter wajib belum lengkap")
        person = register.signer(body.get("nik"), body.get("email"), body.get("passphrase"), body.get("totp"))
        reason, location = (str(properties[0].get(name) or "") for name in ("reason", "location"))
        signed = [base64.b64encode(sign(_decoded(file), person, reason, location)).decode() for file in files]
        return jsonify(time=int(1000 * (time.monotonic() - started)), file=signed)

    @app.post("/api/v2/user/check/status")
    def status_v2() -> Answer:
        body = _body()
        person = register.find(body.get("nik"), body.get("email"))
        state = person.status if person else "NOT_REGISTERED"
        return jsonify(status=state, message=f"Status {state}")

    @app.post("/api/v2/verify/pdf")
    def verify_v2() -> Answer:
        names, sound = _signatures(_decoded(_body().get("file")))
        rows = [{"signerName": name, "integrityValid": sound} for name in names]
        return jsonify(conclusion=_conclusion(names, sound), signatureCount=len(names), signatureInformations=rows)


def _body() -> dict[str, Any]:
    body = request.get_json(force=True, silent=True)
    return body if isinstance(body, dict) else {}


def _decoded(file: object) -> bytes:
    try:
        return base64.b64decode(str(file), validate=True)
    except binascii.Error as error:
        raise Refusal(INCOMPLETE, "Berkas bukan base64") from error


def _signatures(pdf: bytes) -> tuple[list[str], bool]:
    """Names in the signatures' certificates, and whether each signature is sound."""
    names, sound = [], True
    for signature in PdfFileReader(BytesIO(pdf), strict=False).embedded_regular_signatures:
        names.append(str(signature.signer_cert.subject.native["common_name"]))
        told = signature.signer_info["signed_attrs"]
        [digest] = [row["values"][0].native for row in told if row["type"].native == "message_digest"]
        sound = sound and digest == signature.compute_digest()
    return names, sound


def _conclusion(names: list[str], sound: bool) -> str:
    return "NO_SIGNATURE" if not names else "VALID" if sound else "INVALID"


def main() -> None:
    env = settings(("FAKE_BSRE_PORT",), {"FAKE_BSRE_USERNAME": "luwes", "FAKE_BSRE_PASSWORD": "rahasia"})
    serve(create_app((env["FAKE_BSRE_USERNAME"], env["FAKE_BSRE_PASSWORD"])), int(env["FAKE_BSRE_PORT"]))


if __name__ == "__main__":
    main()
