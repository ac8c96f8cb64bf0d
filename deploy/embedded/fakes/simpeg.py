"""A SIMPEG that mirrors SIASN: two tokens, data-utama, ref-unor, kinerjaperiodik, and webhooks on demand.

FAKE_SIMPEG_PORT, FAKE_SIMPEG_DATA (folder of the generated city), FAKE_SIMPEG_WEBHOOK_URL,
FAKE_SIMPEG_WEBHOOK_SECRET; optional FAKE_SIMPEG_CONSUMER_KEY/_SECRET, FAKE_SIMPEG_USERNAME/_PASSWORD (defaults
"luwes"/"rahasia"). `{apim}` and `{sso}` are both this server's root.
"""

from __future__ import annotations

import csv
import secrets
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import BadRequest

from .faults import Faults
from .serving import serve, settings
from .webhooks import Target, add_event_route

EVENTS = frozenset({"pegawai.diubah", "pegawai.mutasi", "pegawai.berhenti", "unor.diubah"})
API = "/apisiasn/1.0"
WSO2_SECONDS, SSO_SECONDS = 3600, 43200
RATING = ("bulanMulaiPenilaian", "bulanSelesaiPenilaian", "tahunMulaiPenilaian", "tahunSelesaiPenilaian", "tahun",
          "periodikId", "hasilKinerjaNilai", "perilakuKerjaNilai", "kuadranKinerjaNilai", "pnsDinilaiId")  # fmt: skip
Answer = Response | tuple[Response, int]


class Tokens:
    """Tokens handed out and when they end (monotonic seconds)."""

    def __init__(self, seconds: int) -> None:
        self._seconds, self._ends = seconds, dict[str, float]()

    def issue(self) -> str:
        token = secrets.token_urlsafe(24)
        self._ends[token] = time.monotonic() + self._seconds
        return token

    def valid(self, header: str) -> bool:
        scheme, _, token = header.partition(" ")
        return scheme.lower() == "bearer" and self._ends.get(token, 0.0) > time.monotonic()

    def expire_all(self) -> None:
        self._ends.clear()


class Register:
    """People by NIP and units by Id, as rows with SIASN's column names."""

    def __init__(self, folder: Path) -> None:
        self._lock = threading.Lock()
        self.people = {row["nipBaru"]: row for row in _rows(folder / "data-utama.csv")}
        self.units = {row["Id"]: row for row in _rows(folder / "ref-unor.csv")}

    def complete(self, kind: str, data: dict[str, object]) -> dict[str, object]:
        """Merge the changed fields into the record, so that a later pull agrees with the webhook; the whole record."""
        table, key = (self.units, "Id") if kind == "unor.diubah" else (self.people, "nipBaru")
        if not data.get(key):
            raise BadRequest(f"data.{key} is required")
        with self._lock:
            row = table.setdefault(str(data.get(key, "")), {})
            row.update({name: str(value) for name, value in data.items()})
            if kind == "pegawai.berhenti" and "kedudukanPnsId" not in data:
                row.update(kedudukanPnsId="99", kedudukanPnsNama="Pensiun")
            return dict(row)


def create_app(
    folder: Path,
    target: Target,
    *,
    consumer: tuple[str, str] = ("luwes", "rahasia"),
    user: tuple[str, str] = ("luwes", "rahasia"),
) -> Flask:
    app = Flask("simpeg")
    Faults().install(app)
    register, wso2, sso = Register(folder), Tokens(WSO2_SECONDS), Tokens(SSO_SECONDS)
    ratings: list[dict[str, object]] = []
    _add_tokens(app, wso2, sso, consumer, user)
    add_event_route(app, target, EVENTS, register.complete)

    @app.before_request
    def both_tokens() -> Answer | None:
        if not request.path.startswith(API + "/"):
            return None
        if not wso2.valid(request.headers.get("Authorization", "")):
            fault = {"code": 900901, "message": "Invalid Credentials", "description": "Access failure for API"}
            return jsonify(fault=fault), 401
        if not sso.valid(request.headers.get("Auth", "")):
            return jsonify(code=0, data=None, message="Unauthorized: invalid or expired sso token"), 401
        return None

    @app.get(f"{API}/pns/data-utama/<nip>")
    def person(nip: str) -> Answer:
        row = register.people.get(nip)
        if row is None:
            return jsonify(code=0, data=None, message="Data tidak ditemukan"), 404
        return jsonify(code=1, data=row, message="success")

    @app.get(f"{API}/referensi/ref-unor")
    def units() -> Answer:
        rows = list(register.units.values())
        return jsonify(code=1, count=len(rows), data=rows, message="success")

    @app.post(f"{API}/kinerjaperiodik/save")
    def rating() -> Answer:
        body = request.get_json(force=True, silent=True)
        given: Mapping[str, object] = body if isinstance(body, dict) else {}
        missing = [name for name in RATING if given.get(name) in (None, "")]
        if missing:
            return jsonify(code=0, success=False, message=f"Kolom wajib: {', '.join(missing)}"), 400
        ratings.append(dict(given))
        return jsonify(code=1, success=True, mapData={"rwKinerjaId": f"kp-{len(ratings)}"}, message="success")

    @app.get("/_fake/ratings")
    def received_ratings() -> Answer:
        return jsonify(ratings)

    return app


def _add_tokens(app: Flask, wso2: Tokens, sso: Tokens, consumer: tuple[str, str], user: tuple[str, str]) -> None:
    @app.post("/oauth2/token")
    def client_token() -> Answer:
        given = request.authorization
        if given is None or given.type != "basic" or (given.username, given.password) != consumer:
            return jsonify(error="invalid_client", error_description="Client Authentication failed."), 401
        if request.form.get("grant_type") != "client_credentials":
            return jsonify(error="unsupported_grant_type"), 400
        return jsonify({"access_token": wso2.issue(), "token_type": "Bearer", "expires_in": WSO2_SECONDS})

    @app.post("/auth/realms/public-siasn/protocol/openid-connect/token")
    def user_token() -> Answer:
        form = request.form
        if form.get("grant_type") != "password" or not form.get("client_id"):
            return jsonify(error="invalid_request", error_description="Missing form parameter"), 400
        if (form.get("username"), form.get("password")) != user:
            return jsonify(error="invalid_grant", error_description="Invalid user credentials"), 401
        return jsonify({"access_token": sso.issue(), "token_type": "Bearer", "expires_in": SSO_SECONDS})

    @app.post("/_fake/expire-tokens")
    def expire() -> Answer:
        wso2.expire_all()
        sso.expire_all()
        return jsonify(status="ok")


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def main() -> None:
    env = settings(
        ("FAKE_SIMPEG_PORT", "FAKE_SIMPEG_DATA", "FAKE_SIMPEG_WEBHOOK_URL", "FAKE_SIMPEG_WEBHOOK_SECRET"),
        {
            "FAKE_SIMPEG_CONSUMER_KEY": "luwes",
            "FAKE_SIMPEG_CONSUMER_SECRET": "rahasia",
            "FAKE_SIMPEG_USERNAME": "luwes",
            "FAKE_SIMPEG_PASSWORD": "rahasia",
        },
    )
    app = create_app(
        Path(env["FAKE_SIMPEG_DATA"]),
        Target(env["FAKE_SIMPEG_WEBHOOK_URL"], env["FAKE_SIMPEG_WEBHOOK_SECRET"]),
        consumer=(env["FAKE_SIMPEG_CONSUMER_KEY"], env["FAKE_SIMPEG_CONSUMER_SECRET"]),
        user=(env["FAKE_SIMPEG_USERNAME"], env["FAKE_SIMPEG_PASSWORD"]),
    )
    serve(app, int(env["FAKE_SIMPEG_PORT"]))


if __name__ == "__main__":
    main()
