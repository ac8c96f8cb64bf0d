"""Signing in and out, and the public keys by which the other services know our sessions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from flask import Blueprint, Response, jsonify, redirect, render_template, request
from sqlalchemy import Row, case, select

from services.schedule.login.actions import person_by_nip, public_keys, session_key
from services.schedule.models import Employee, GrantedRole, Unit
from services.schedule.settings import ScheduleSettings
from shared import audit
from shared.auth import public
from shared.clock import wib_date
from shared.errors import NotFound
from shared.sessions import COOKIE, SESSION_HOURS, issue_session
from shared.web.reply import context, transaction

blueprint = Blueprint("login", __name__, template_folder="templates")

OWN_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20]*")
SHOWN = 60  # people offered by the development login


@blueprint.get("/.well-known/jwks.json")
@public
def jwks() -> Response:
    return jsonify(public_keys(context().settings).as_dict())


@blueprint.get("/login")
@public
def login() -> str:
    """The ways to sign in that this installation has."""
    people: Sequence[Row[str, str, str, str, str | None]] = []
    if _development():
        with transaction() as session:
            role = GrantedRole.role
            people = session.execute(
                select(Employee.nip, Employee.name, Employee.post, Unit.code, role)
                .join(Unit, Unit.id == Employee.agency_id)
                .outerjoin(GrantedRole, GrantedRole.employee_id == Employee.id)
                .where(Employee.active)
                .where(role.is_not(None) | (Unit.leader_id == Employee.id))
                .order_by(case((role.is_(None), 1), else_=0), role, Unit.code)
                .limit(SHOWN)
            ).all()
    return render_template("login.html", development=_development(), people=people, next=_inside(request.args))


@blueprint.post("/login/development")
@public
def development_login() -> Response:
    """Sign in as anyone by NIP; does not exist outside the embedded profile."""
    if not _development():
        raise NotFound("Cara masuk ini tidak tersedia.")
    now = context().now()
    with transaction() as session:
        nip, agency_id = (request.form.get(name, "").strip() for name in ("nip", "agency_id"))
        user = person_by_nip(session, nip, today=wib_date(now), agency_id=agency_id or None)
        audit.record(session, user.label, "signed_in", f"employee/{user.employee_id}", now=now, detail={"by": "dev"})
    token = issue_session(user, session_key(context().settings), now)
    response: Response = redirect(_inside(request.form))  # type: ignore[assignment]
    secure = context().settings.public_url.startswith("https:")
    response.set_cookie(COOKIE, token, max_age=SESSION_HOURS * 3600, httponly=True, samesite="Lax", secure=secure)
    return response


@blueprint.post("/logout")
@public
def logout() -> Response:
    response: Response = redirect("/schedule/login")  # type: ignore[assignment]
    response.delete_cookie(COOKIE)
    return response


def _development() -> bool:
    settings = context().settings
    return isinstance(settings, ScheduleSettings) and settings.development_login


def _inside(values: Mapping[str, str]) -> str:
    """The page to go on to: a path of our own origin only. Browsers read // and /\\ as another host."""
    target = values.get("next", "")
    return target if OWN_PATH.fullmatch(target) else "/reporting/"
