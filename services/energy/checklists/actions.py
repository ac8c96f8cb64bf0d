"""Filling in a run, looking it over, and setting right what it found wrong (1.k.1, 1.k.2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.energy.checklists import rules
from services.energy.checklists.rules import Answer
from services.energy.models import Checklist, ChecklistItem, ChecklistStatus, CorrectiveAction, Employee
from shared import audit
from shared.clock import wib_date
from shared.errors import DomainError, InvalidInput, NotFound
from shared.roles import Person
from shared.web.filters import long_date


class TooEarly(DomainError):
    status, code = 409, "too_early"


class AlreadySubmitted(DomainError):
    status, code = 409, "already_submitted"


class NotSubmitted(DomainError):
    status, code = 409, "not_submitted"


class OwnChecklist(DomainError):
    status, code = 409, "own_checklist"


class AlreadyDone(DomainError):
    status, code = 409, "already_done"


def submit(
    session: Session, checklist_id: UUID, answers: Sequence[Answer], *, by: Person, corrective_days: int, now: datetime
) -> Checklist:
    """Hand in a run; one sent back may be handed in again. Each failed item has a corrective action of the room's
    officer (or of whoever hands in, while the officer is unknown), to be done within *corrective_days*.

    Raises TooEarly, AlreadySubmitted, and InvalidInput with a pointer ``/items/<code>`` for each fault.
    """
    run = _locked(session, checklist_id)
    if rules.too_early(run.date, wib_date(now)):
        raise TooEarly(f"Daftar periksa ini baru dapat diisi pada {long_date(run.date)}.")
    if run.status not in (ChecklistStatus.OPEN, ChecklistStatus.RETURNED):
        raise AlreadySubmitted("Daftar periksa ini sudah dikirim dan belum dikembalikan.")
    wrong = rules.faults([item.code for item in run.items], answers)
    if wrong:
        raise InvalidInput(
            "Semua butir harus dijawab, dan jawaban “tidak” harus disertai catatan.",
            pointers={f"/items/{code}": text for code, text in wrong.items()},
        )
    given = {answer.code: answer for answer in answers}
    owner_id = _officer_id(session, run) or by.employee_id
    for item in run.items:
        item.ok, item.note = given[item.code].ok, given[item.code].note.strip() or None
        _follow_up(session, run, item, owner_id, by, corrective_days, now)
    if run.late is None:
        run.late = now > run.due_at
    run.status = ChecklistStatus.SUBMITTED
    run.submitted_by, run.submitted_name, run.submitted_at = by.employee_id, by.name, now
    run.supervised_by = run.supervised_name = run.supervised_at = None
    detail = {"failed": sorted(code for code, answer in given.items() if not answer.ok), "late": run.late}
    audit.record(session, by.label, "submit_checklist", f"checklist/{run.id}", now=now, detail=detail)
    return run


def supervise(
    session: Session, checklist_id: UUID, *, accepted: bool, note: str, by: Person, now: datetime
) -> Checklist:
    """Accept a run or send it back with a note. Raises OwnChecklist for whoever handed it in, and NotSubmitted."""
    run = _locked(session, checklist_id)
    if run.submitted_by == by.employee_id:
        raise OwnChecklist("Daftar periksa yang Anda kirim sendiri harus diperiksa orang lain.")
    if run.status != ChecklistStatus.SUBMITTED:
        raise NotSubmitted("Daftar periksa ini tidak sedang menunggu pemeriksaan.")
    if not accepted and not note.strip():
        raise InvalidInput("Tulis apa yang harus diperbaiki.", pointers={"/note": "wajib diisi bila dikembalikan"})
    run.status = ChecklistStatus.ACCEPTED if accepted else ChecklistStatus.RETURNED
    run.supervised_by, run.supervised_name, run.supervised_at = by.employee_id, by.name, now
    run.note = note.strip() or None
    detail = {"accepted": accepted, "note": run.note}
    audit.record(session, by.label, "supervise_checklist", f"checklist/{run.id}", now=now, detail=detail)
    return run


def finish_action(session: Session, action_id: UUID, *, note: str, by: Person, now: datetime) -> CorrectiveAction:
    """Say that what a failed item called for has been done."""
    action = session.scalar(select(CorrectiveAction).where(CorrectiveAction.id == action_id).with_for_update())
    if action is None:
        raise NotFound("Tindak lanjut tidak ditemukan.")
    if action.done_at is not None:
        raise AlreadyDone("Tindak lanjut ini sudah dinyatakan selesai.")
    action.done_at, action.done_by, action.done_note = now, by.employee_id, note.strip() or None
    audit.record(session, by.label, "finish_corrective_action", f"corrective_action/{action.id}", now=now)
    return action


def _locked(session: Session, checklist_id: UUID) -> Checklist:
    run = session.scalar(select(Checklist).where(Checklist.id == checklist_id).with_for_update(of=Checklist))
    if run is None:
        raise NotFound("Daftar periksa tidak ditemukan.")
    return run


def _officer_id(session: Session, run: Checklist) -> str | None:
    return session.scalar(
        select(Employee.id).where(Employee.nip == run.room.officer_nip, Employee.active).order_by(Employee.id).limit(1)
    )


def _follow_up(
    session: Session, run: Checklist, item: ChecklistItem, owner_id: str, by: Person, corrective_days: int,
    now: datetime,
) -> None:  # fmt: skip
    """Open, renew or finish the corrective action of one answered item."""
    action = session.scalar(
        select(CorrectiveAction).where(CorrectiveAction.checklist_id == run.id, CorrectiveAction.code == item.code)
    )
    if item.ok:
        if action is not None and action.done_at is None:
            action.done_at, action.done_by, action.done_note = now, by.employee_id, "butir dijawab baik"
        return
    if action is None:
        action = CorrectiveAction(
            checklist_id=run.id, code=item.code, clause=item.clause, agency_id=run.agency_id, owner_id=owner_id,
            opened_at=now, deadline=wib_date(now) + timedelta(days=corrective_days),
        )  # fmt: skip
        session.add(action)
    action.description = f"{item.text}: {item.note}"
    action.done_at = action.done_by = action.done_note = None
