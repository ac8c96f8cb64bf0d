"""Roles that do not follow from the superior tree, given and taken back."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from services.schedule.login import actions
from services.schedule.login.schemas import RoleIn, RoleOut
from shared import audit
from shared.auth import access, who
from shared.roles import Role
from shared.web.reply import context, transaction

blueprint = Blueprint("roles", __name__, url_prefix="/api", description="Peran")


@blueprint.post("/roles")
@blueprint.arguments(RoleIn)
@blueprint.response(200, RoleOut)
@access(Role.IT, scopes=["roles:grant"])
def change_role(body: dict[str, Any]) -> dict[str, Any]:
    """Give a person a role or take it back; it holds from their next sign-in."""
    now = context().now()
    with transaction() as session:
        roles = actions.change_role(
            session, body["nip"], Role(body["role"]), granted=body["granted"], by=who().label, now=now
        )
        audit.record(session, who().label, "change_role", f"nip/{body['nip']}", now=now, detail=body)
    return {"nip": body["nip"], "roles": roles}
