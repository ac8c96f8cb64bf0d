"""Changes of rosters in force over HTTP: amendment, recall and its lifting, withdrawal, swaps."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from services.schedule.letters.api import READERS
from services.schedule.models import Roster, Swap
from services.schedule.rosters import actions, changes, swaps
from services.schedule.rosters.api import roster_owner
from services.schedule.rosters.changes_schemas import (
    CellChangePage,
    DecisionIn,
    ReasonIn,
    RecallIn,
    StatusQuery,
    SwapAnswerIn,
    SwapIn,
    SwapOut,
    SwapPage,
)
from services.schedule.rosters.frozen import frozen
from services.schedule.rosters.schemas import RosterOut
from shared import audit
from shared.auth import Owner, access, person, within_reach
from shared.errors import NotFound
from shared.roles import HEADS, Role
from shared.web.reply import Page, asked_page, context, part_of, transaction
from shared.web.schemas import PageArgs

blueprint = Blueprint("changes", __name__, url_prefix="/api", description="Perubahan jadwal")


def swap_owner(session: Session, swap_id: UUID) -> Owner:
    swap = session.get(Swap, swap_id)
    if swap is None:
        raise NotFound("Permintaan tukar giliran tidak ditemukan.")
    return Owner(swap.agency_id, open_in_agency=True)


@blueprint.post("/rosters/<uuid:roster_id>/amend")
@blueprint.arguments(ReasonIn)
@blueprint.response(201, RosterOut)
@access(Role.OPERATOR, *HEADS, owner=roster_owner)
def amend(body: dict[str, Any], roster_id: UUID) -> Roster:
    """Draft a change of the days left of a roster in force, for leave, moves or rules that have changed since."""
    with transaction() as session:
        roster = changes.amend_roster(session, context(), roster_id, reason=body["reason"], by=person().label)
        audit_change(session, "amend_roster", roster)
        return roster


@blueprint.post("/rosters/<uuid:roster_id>/recall")
@blueprint.arguments(RecallIn)
@blueprint.response(201, RosterOut)
@access(*HEADS, owner=roster_owner)
def recall(body: dict[str, Any], roster_id: UUID) -> Roster:
    """Turn a date to the office. People are told at once; the addendum waits for its number and signature."""
    with transaction() as session:
        roster = changes.recall(
            session, context(), roster_id, body["date"], unit_id=body["unit_id"], reason=body["reason"],
            by=person().label,
        )  # fmt: skip
        audit_change(session, "recall", roster)
        return roster


@blueprint.post("/rosters/<uuid:roster_id>/lift-recall")
@blueprint.arguments(RecallIn)
@blueprint.response(201, RosterOut)
@access(*HEADS, owner=roster_owner)
def lift_recall(body: dict[str, Any], roster_id: UUID) -> Roster:
    """Take the recall of a day to come back, by another addendum; who had the turn gets it back where rules allow."""
    with transaction() as session:
        roster = changes.lift_recall(
            session, context(), roster_id, body["date"], unit_id=body["unit_id"], reason=body["reason"],
            by=person().label,
        )  # fmt: skip
        audit_change(session, "lift_recall", roster)
        return roster


@blueprint.post("/rosters/<uuid:roster_id>/withdraw")
@blueprint.arguments(ReasonIn)
@blueprint.response(201, RosterOut)
@access(*HEADS, owner=roster_owner)
def withdraw(body: dict[str, Any], roster_id: UUID) -> Roster:
    """Take a letter back for the days left, by another letter."""
    with transaction() as session:
        roster = changes.withdraw_roster(session, context(), roster_id, reason=body["reason"], by=person().label)
        audit_change(session, "withdraw_roster", roster)
        return roster


@blueprint.get("/rosters/<uuid:roster_id>/differences")
@blueprint.arguments(PageArgs, location="query")
@blueprint.response(200, CellChangePage)
@access(*Role, owner=roster_owner)
def differences(_args: dict[str, Any], roster_id: UUID) -> Page[Any]:
    """What a change alters of the roster in force, person by person."""
    with transaction() as session:
        return part_of(actions.differences(session, session.get_one(Roster, roster_id)))


@blueprint.get("/rosters/<uuid:roster_id>/snapshot")
@access(*READERS, owner=roster_owner)
def snapshot(roster_id: UUID) -> Any:
    """The roster as it was approved, frozen; its SHA-256 is printed in the letter's attachment, and compared here."""
    with transaction() as session:
        return json.loads(frozen(session, context().storage, session.get_one(Roster, roster_id)))


@blueprint.post("/rosters/<uuid:roster_id>/swaps")
@blueprint.arguments(SwapIn)
@blueprint.response(201, SwapOut)
@access(*Role, owner=roster_owner)
def ask_swap(body: dict[str, Any], roster_id: UUID) -> Swap:
    """Ask a colleague of one's unit to exchange a WFH date."""
    now = context().now()
    with transaction() as session:
        swap = swaps.ask(session, roster_id, person().employee_id, **body, now=now)
        audit.record(session, person().label, "ask_swap", f"swap/{swap.id}", now=now)
        return swap


@blueprint.get("/swaps")
@blueprint.arguments(StatusQuery, location="query")
@blueprint.response(200, SwapPage)
@access(*Role)
def swap_list(args: dict[str, Any]) -> Page[Swap]:
    """Swaps that one is part of; superiors, operators and heads see their agency's."""
    with transaction() as session:
        return asked_page(session, visible_swaps(args.get("status")))


def visible_swaps(status: str | None) -> Any:
    query = within_reach(select(Swap).order_by(Swap.asked_at.desc(), Swap.id), agency=Swap.agency_id)
    if status:
        query = query.where(Swap.status == status)
    user = person()
    if not user.has(Role.SUPERIOR, Role.OPERATOR, *HEADS, Role.ORGANISATION, Role.AUDITOR):
        query = query.where(or_(Swap.asker_id == user.employee_id, Swap.other_id == user.employee_id))
    return query


@blueprint.post("/swaps/<uuid:swap_id>/answer")
@blueprint.arguments(SwapAnswerIn)
@blueprint.response(200, SwapOut)
@access(*Role, owner=swap_owner)
def answer_swap(body: dict[str, Any], swap_id: UUID) -> Swap:
    """The colleague's yes or no."""
    now = context().now()
    with transaction() as session:
        swap = swaps.agree(session, swap_id, person().employee_id, agrees=body["agrees"], now=now)
        audit.record(session, person().label, "answer_swap", f"swap/{swap_id}", now=now, detail=body)
        return swap


@blueprint.post("/swaps/<uuid:swap_id>/withdraw")
@blueprint.response(200, SwapOut)
@access(*Role, owner=swap_owner)
def withdraw_swap(swap_id: UUID) -> Swap:
    """Take one's own request back."""
    with transaction() as session:
        swap = swaps.withdraw(session, swap_id, person().employee_id)
        audit.record(session, person().label, "withdraw_swap", f"swap/{swap_id}", now=context().now())
        return swap


@blueprint.post("/swaps/<uuid:swap_id>/decide")
@blueprint.arguments(DecisionIn)
@blueprint.response(200, SwapOut)
@access(Role.SUPERIOR, *HEADS, owner=swap_owner)
def decide_swap(body: dict[str, Any], swap_id: UUID) -> Swap:
    """The superior's decision; hard rules are checked again, and an addendum is drafted when the roster is in force."""
    user = person()
    with transaction() as session:
        swap = swaps.decide(session, context(), swap_id, **body, by_id=user.employee_id, by=user.label)
        audit.record(session, user.label, "decide_swap", f"swap/{swap_id}", now=context().now(), detail=body)
        return swap


def audit_change(session: Session, action: str, roster: Roster) -> None:
    detail = {"amends": str(roster.amends_id), "version": roster.version, "reason": roster.reason}
    audit.record(session, person().label, action, f"roster/{roster.id}", now=context().now(), detail=detail)
