"""Reprimands over HTTP: decided and revoked by the head, seen and objected to by the person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from services.reporting.models import Sanction
from services.reporting.sanctions import actions
from services.reporting.sanctions.actions import find_sanction, sanction_out, sanction_owner
from services.reporting.sanctions.queries import sanction_list
from services.reporting.sanctions.schemas import (
    ObjectionIn,
    RevocationIn,
    SanctionIn,
    SanctionOut,
    SanctionPage,
    SanctionQuery,
)
from shared.auth import access, person
from shared.clock import wib_date
from shared.roles import HEADS, Role
from shared.web.reply import Page, asked_page, context, transaction

blueprint = Blueprint("sanctions", __name__, url_prefix="/api", description="Teguran")

SANCTION_READERS = (Role.ASN, *HEADS, Role.ORGANISATION, Role.AUDITOR)


def today() -> date:
    return wib_date(context().now())


def asked_sanctions(session: Session, filters: dict[str, Any]) -> Page[dict[str, Any]]:
    """The page that the address asks for, of what the person may see."""
    page = asked_page(session, sanction_list(filters, today()))
    return Page([sanction_out(row, today()) for row in page.rows], page.number, page.size, page.total)


def shown(do: Callable[[Session], Sanction]) -> dict[str, Any]:
    """The reprimand that *do* finds or makes."""
    with transaction() as session:
        return sanction_out(do(session), today())


def decide(body: dict[str, Any]) -> dict[str, Any]:
    user, now = person(), context().now()
    return shown(lambda session: actions.decide_sanction(session, **body, by=user, now=now))


def revoke(sanction_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    user, now = person(), context().now()
    return shown(lambda session: actions.revoke_sanction(session, sanction_id, **body, by=user, now=now))


def object_to(sanction_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    user, now = person(), context().now()
    return shown(lambda session: actions.object_to_sanction(session, sanction_id, **body, by=user, now=now))


@blueprint.get("/sanctions")
@blueprint.arguments(SanctionQuery, location="query")
@blueprint.response(200, SanctionPage)
@access(*SANCTION_READERS)
def sanctions(args: dict[str, Any]) -> Page[dict[str, Any]]:
    """Reprimands: one's own, the agency's for its head, the city's for Bagian Organisasi and auditors."""
    with transaction() as session:
        return asked_sanctions(session, args)


@blueprint.get("/sanctions/<uuid:sanction_id>")
@blueprint.response(200, SanctionOut)
@access(*SANCTION_READERS, owner=sanction_owner)
def get_sanction(sanction_id: UUID) -> dict[str, Any]:
    """One reprimand, with the objection and what became of it."""
    return shown(lambda session: find_sanction(session, sanction_id))


@blueprint.post("/sanctions")
@blueprint.arguments(SanctionIn)
@blueprint.response(201, SanctionOut)
@access(*HEADS)
def post_sanction(body: dict[str, Any]) -> dict[str, Any]:
    """Reprimand somebody of one's own agency (1.f). While it is in force, gates of the policy may look at it."""
    return decide(body)


@blueprint.post("/sanctions/<uuid:sanction_id>/revocation")
@blueprint.arguments(RevocationIn)
@blueprint.response(200, SanctionOut)
@access(*HEADS, owner=sanction_owner)
def post_revocation(body: dict[str, Any], sanction_id: UUID) -> dict[str, Any]:
    """Take a reprimand back, with the reason; nobody their own."""
    return revoke(sanction_id, body)


@blueprint.post("/sanctions/<uuid:sanction_id>/objection")
@blueprint.arguments(ObjectionIn)
@blueprint.response(200, SanctionOut)
@access(Role.ASN, owner=sanction_owner)
def post_objection(body: dict[str, Any], sanction_id: UUID) -> dict[str, Any]:
    """Object to one's own reprimand (keberatan), once."""
    return object_to(sanction_id, body)
