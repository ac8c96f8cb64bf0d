"""Policies over HTTP: upload, see what would change, activate, extend or end."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict
from typing import Any

from flask_smorest import Blueprint
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.schedule.models import PolicyVersion, Unit
from services.schedule.people.actions import reclassify
from services.schedule.policy import actions
from services.schedule.policy.dry_run import dry_run
from services.schedule.policy.rules import Policy, PolicyFault
from services.schedule.policy.schemas import (
    AGENCIES_AT_ONCE,
    DryRunPage,
    DryRunQuery,
    PolicyActivated,
    PolicyGaps,
    PolicyIn,
    PolicyOut,
    PolicyPage,
    TermIn,
)
from shared import audit
from shared.auth import Owner, access, who
from shared.roles import Role
from shared.web.reply import Page, asked_page, context, part_of, transaction
from shared.web.schemas import PageArgs

blueprint = Blueprint("policies", __name__, url_prefix="/api", description="Kebijakan")


def policy_owner(session: Session, policy_id: str) -> Owner:
    """A policy is the city's, or of the agency whose layer it is."""
    row = session.get(PolicyVersion, policy_id)
    return Owner(row.agency_id or "" if row else "")


@blueprint.get("/policies")
@blueprint.arguments(PageArgs, location="query")
@blueprint.response(200, PolicyPage)
@access(*Role)
def policies(_args: dict[str, Any]) -> Page[Any]:
    """Policies that hold, held or will hold, and drafts."""
    with transaction() as session:
        rows = {row.id: row for row in session.scalars(select(PolicyVersion).order_by(PolicyVersion.id))}
        uploaded = {id_: _of_row(row) for id_, row in rows.items()}
        if any(shown["fault"] and shown["status"] == actions.ACTIVE for shown in uploaded.values()):
            return part_of(list(uploaded.values()))
        known = {policy.id: policy for policy in actions.policies(session, context().settings)}
        found = [_shown(policy, rows[policy.id].status if policy.id in rows else "file") for policy in known.values()]
        return part_of([*found, *(shown for id_, shown in uploaded.items() if id_ not in known)])


@blueprint.post("/policies")
@blueprint.arguments(PolicyIn)
@blueprint.response(201, PolicyOut)
@access(Role.ORGANISATION, Role.IT)
def upload(body: dict[str, Any]) -> dict[str, Any]:
    """Keep a policy as a draft; a draft of the same id is replaced."""
    now = context().now()
    with transaction() as session:
        row = actions.upload(session, body["content"], by=who().label, now=now)
        audit.record(session, who().label, "upload_policy", f"policy/{row.id}", now=now)
        return _shown(actions.policy_of(row), row.status)


@blueprint.get("/policies/<policy_id>/dry-run")
@blueprint.arguments(DryRunQuery, location="query")
@blueprint.response(200, DryRunPage)
@access(Role.ORGANISATION, Role.IT, owner=policy_owner)
def what_would_change(args: dict[str, Any], policy_id: str) -> dict[str, Any]:
    """What a draft would change in a month, agency by agency, and days that no policy of its layer would cover."""
    query = select(Unit).where(Unit.id == Unit.agency_id, Unit.active).order_by(Unit.name, Unit.id)
    if args.get("agency_id"):
        query = query.where(Unit.id == args["agency_id"])
    with transaction() as session:
        _, gaps = actions.with_draft(session, context().settings, policy_id)
        page = asked_page(session, query, most=AGENCIES_AT_ONCE)
        found = dry_run(session, context().settings, policy_id, args["month"], page.rows)
    shown = {"rows": [asdict(row) for row in found], "number": page.number, "size": page.size, "total": page.total}
    return {**shown, "gaps": gaps}


@blueprint.post("/policies/<policy_id>/activate")
@blueprint.response(200, PolicyActivated)
@access(Role.ORGANISATION, owner=policy_owner)
def activate(policy_id: str) -> dict[str, Any]:
    """Let a draft hold for rosters made from now on; rosters in force change only by an addendum. Tells days that no
    policy of a layer covers."""
    now = context().now()
    with transaction() as session:
        row, gaps = actions.activate(session, context().settings, policy_id, by=who().label, now=now)
        reclassify(session, actions.classifier(session, context().settings, now), now=now)
        audit.record(session, who().label, "activate_policy", f"policy/{policy_id}", now=now)
        return {**_shown(actions.policy_of(row), row.status), "gaps": gaps}


@blueprint.post("/policies/<policy_id>/retire")
@blueprint.response(200, PolicyActivated)
@access(Role.ORGANISATION, owner=policy_owner)
def retire(policy_id: str) -> dict[str, Any]:
    """Give up a draft or an uploaded policy. Tells days that no policy of a layer covers."""
    now = context().now()
    with transaction() as session:
        row, gaps = actions.retire(session, context().settings, policy_id)
        with suppress(actions.PolicyContradiction):  # another that cannot be read: done when that one is retired, too
            reclassify(session, actions.classifier(session, context().settings, now), now=now)
        audit.record(session, who().label, "retire_policy", f"policy/{policy_id}", now=now)
        return {**_of_row(row), "gaps": gaps}


@blueprint.put("/policies/<policy_id>/term")
@blueprint.arguments(TermIn)
@blueprint.response(200, PolicyGaps)
@access(Role.ORGANISATION, owner=policy_owner)
def set_term(body: dict[str, Any], policy_id: str) -> dict[str, Any]:
    """Extend a policy or end it earlier, by the circular that says so. Tells days that no policy of a layer covers."""
    now = context().now()
    with transaction() as session:
        gaps = actions.set_term(session, context().settings, policy_id, **body, by=who().label, now=now)
        detail = {"valid_to": f"{body['valid_to']}", "reason": body["reason"]}
        audit.record(session, who().label, "set_policy_term", f"policy/{policy_id}", now=now, detail=detail)
        return {"gaps": gaps}


def _of_row(row: PolicyVersion) -> dict[str, Any]:
    """An uploaded version. One that an earlier version of Luwes took, and this one refuses, is shown with its fault: it
    has to be found to be replaced."""
    try:
        return _shown(actions.policy_of(row), row.status)
    except PolicyFault as fault:
        names = ("id", "title", "layer", "agency_id", "status")
        known = {name: getattr(row, name) for name in names}
        return {**known, "valid_from": None, "valid_to": None, "fault": str(fault)}


def _shown(policy: Policy, status: str) -> dict[str, Any]:
    names = ("id", "title", "layer", "agency_id", "valid_from", "valid_to")
    return {**{name: getattr(policy, name) for name in names}, "status": status, "fault": None}
