"""Pages of changes: the head's and operator's buttons, and swaps between colleagues."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.schedule.models import Employee, Roster, RosterCell, RosterStatus
from services.schedule.rosters import changes, facts, swaps
from services.schedule.rosters.api import roster_owner
from services.schedule.rosters.changes_api import audit_change, swap_owner, visible_swaps
from shared import audit
from shared.auth import access, person
from shared.clock import wib_date
from shared.errors import InvalidInput
from shared.roles import HEADS, Role
from shared.web.reply import asked_page, context, transaction

blueprint = Blueprint("change_pages", __name__, template_folder="templates")

OFFERS_SHOWN = 100


@blueprint.post("/rosters/<uuid:roster_id>/amend")
@access(Role.OPERATOR, *HEADS, owner=roster_owner)
def amend(roster_id: UUID) -> Response:
    reason = _reason()
    with transaction() as session:
        roster = changes.amend_roster(session, context(), roster_id, reason=reason, by=person().label)
        audit_change(session, "amend_roster", roster)
    return _to(roster.id)


@blueprint.post("/rosters/<uuid:roster_id>/recall")
@access(*HEADS, owner=roster_owner)
def recall(roster_id: UUID) -> Response:
    reason, day = _reason(), _date("date")
    with transaction() as session:
        roster = changes.recall(session, context(), roster_id, day, unit_id=None, reason=reason, by=person().label)
        audit_change(session, "recall", roster)
    return _to(roster.id)


@blueprint.post("/rosters/<uuid:roster_id>/lift-recall")
@access(*HEADS, owner=roster_owner)
def lift_recall(roster_id: UUID) -> Response:
    reason, day = _reason(), _date("date")
    with transaction() as session:
        roster = changes.lift_recall(session, context(), roster_id, day, unit_id=None, reason=reason, by=person().label)
        audit_change(session, "lift_recall", roster)
    return _to(roster.id)


@blueprint.post("/rosters/<uuid:roster_id>/withdraw")
@access(*HEADS, owner=roster_owner)
def withdraw(roster_id: UUID) -> Response:
    reason = _reason()
    with transaction() as session:
        roster = changes.withdraw_roster(session, context(), roster_id, reason=reason, by=person().label)
        audit_change(session, "withdraw_roster", roster)
    return _to(roster.id)


@blueprint.get("/swaps")
@access(*Role)
def swap_list() -> str:
    """One's swaps, what one may offer, and what waits for one's answer."""
    user = person()
    with transaction() as session:
        page = asked_page(session, visible_swaps(None))
        offers = _offers(session, user.employee_id, user.agency_id)
        ids = {id_ for swap in page.rows for id_ in (swap.asker_id, swap.other_id)}
        names = {id_: row.name for id_, row in facts.people_of(session, ids).items()}
    return render_template(
        "swaps.html", page=page, names=names, words=swaps.SWAP_TEXT, offers=offers, args=request.args,
        decides=user.has(Role.SUPERIOR, *HEADS),
    )  # fmt: skip


@blueprint.post("/swaps")
@access(*Role)
def ask_swap() -> Response:
    """The form's offer: roster, own date, colleague, their date, in one value."""
    parts = request.form.get("offer", "").split("|")
    try:
        roster_id, gives, other_id, takes = UUID(parts[0]), date.fromisoformat(parts[1]), parts[2], parts[3]
        wanted = date.fromisoformat(takes)
    except (ValueError, IndexError):
        raise InvalidInput("Pilih hari dan rekan dahulu.", pointers={"/offer": "wajib"}) from None
    user, now, reason = person(), context().now(), _reason()
    with transaction() as session:
        swap = swaps.ask(session, roster_id, user.employee_id, gives, other_id, wanted, reason=reason, now=now)
        audit.record(session, user.label, "ask_swap", f"swap/{swap.id}", now=now)
    return redirect("/schedule/swaps")  # type: ignore[return-value]


@blueprint.post("/swaps/<uuid:swap_id>/answer")
@access(*Role, owner=swap_owner)
def answer_swap(swap_id: UUID) -> Response:
    """Yes or no: the colleague's, then the superior's; or the asker takes it back."""
    user, now, answer = person(), context().now(), request.form.get("answer", "")
    with transaction() as session:
        if answer in ("agree", "decline"):
            swaps.agree(session, swap_id, user.employee_id, agrees=answer == "agree", now=now)
        elif answer in ("approve", "refuse"):
            swaps.decide(
                session, context(), swap_id, approves=answer == "approve", note=request.form.get("note") or None,
                by_id=user.employee_id, by=user.label,
            )  # fmt: skip
        elif answer == "withdraw":
            swaps.withdraw(session, swap_id, user.employee_id)
        else:
            raise InvalidInput("Pilih jawaban dahulu.", pointers={"/answer": "wajib"})
        audit.record(session, user.label, "answer_swap", f"swap/{swap_id}", now=now, detail={"answer": answer})
    return redirect("/schedule/swaps")  # type: ignore[return-value]


def _offers(session: Session, employee_id: str, agency_id: str) -> list[tuple[str, str]]:
    """(value, words) of each exchange that one might ask for, in rosters in force."""
    today = wib_date(context().now())
    rows = session.execute(
        select(RosterCell.roster_id, RosterCell.employee_id, RosterCell.unit_id, RosterCell.date, RosterCell.mode)
        .join(Roster)
        .where(
            Roster.agency_id == agency_id,
            Roster.status == RosterStatus.IN_FORCE,
            RosterCell.date > today,
            RosterCell.rule.not_in(swaps.NOT_TO_SWAP),
            ~swaps.pinned(),
            RosterCell.unit_id.in_(select(Employee.unit_id).where(Employee.id == employee_id)),
        )
        .order_by(RosterCell.date, RosterCell.employee_id)
    ).all()
    modes = {(row.roster_id, row.employee_id, row.date): row.mode for row in rows}
    names = {id_: person_.name for id_, person_ in facts.people_of(session, {row.employee_id for row in rows}).items()}
    found = []
    for roster_id, owner, gives in [key for key, mode in modes.items() if key[1] == employee_id and mode == "wfh"]:
        for other_roster, other, takes in [key for key, mode in modes.items() if mode == "wfh" and key[1] != owner]:
            fits = modes.get((roster_id, owner, takes)) == "wfo" and modes.get((roster_id, other, gives)) == "wfo"
            if other_roster == roster_id and fits:
                words = f"{gives:%d-%m-%Y} saya ↔ {takes:%d-%m-%Y} {names.get(other, other)}"
                found.append((f"{roster_id}|{gives}|{other}|{takes}", words))
    return found[:OFFERS_SHOWN]


def _reason() -> str:
    reason = request.form.get("reason", "").strip()
    if len(reason) < 3:
        raise InvalidInput("Tulis alasannya.", pointers={"/reason": "wajib"})
    return reason[:500]


def _date(name: str) -> date:
    try:
        return date.fromisoformat(request.form.get(name, ""))
    except ValueError:
        raise InvalidInput("Pilih tanggal dahulu.", pointers={f"/{name}": "TTTT-BB-HH"}) from None


def _to(roster_id: UUID) -> Response:
    return redirect(f"/schedule/rosters/{roster_id}")  # type: ignore[return-value]
