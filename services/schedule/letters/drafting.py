"""What a letter says, frozen when the head approves its roster (1.d)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.schedule.letters.letterheads import letterhead_of
from services.schedule.letters.rules import (
    Change,
    FormerLetter,
    LetterPerson,
    LetterSigner,
    addendum_content,
    letter_content,
)
from services.schedule.models import Letter, LetterStatus, Roster, Unit
from services.schedule.people.tree import leader_on
from services.schedule.rosters import facts
from services.schedule.settings import ScheduleSettings
from shared import jobs
from shared.clock import wib_date
from shared.errors import DomainError

KIND, ADDENDUM_KIND, WITHDRAWAL_KIND = "assignment_letter", "addendum_letter", "withdrawal_letter"


class NoHead(DomainError):
    status, code = 422, "agency_without_head"


def draft_letter(
    session: Session,
    roster: Roster,
    policy_titles: Sequence[str],
    changed: Sequence[facts.Difference],
    settings: ScheduleSettings,
    *,
    now: datetime,
) -> Letter:
    """Freeze what the letter says. A roster that changes another gets an addendum, whose attachment is the difference
    (*changed*). e-office is asked for its number, unless Luwes numbers letters when they are signed."""
    agency = session.get_one(Unit, roster.agency_id)
    leader = leader_on(session, agency, wib_date(now))
    if leader is None:
        raise NoHead(f"{agency.name} belum memiliki kepala atau pelaksana tugas; lengkapi di SIMPEG dahulu.")
    head, post = leader
    dates = facts.wfh_dates(session, roster.id)
    posts = facts.posts_in(session, roster)
    people = [
        LetterPerson(person.name, person.nip, person.rank, posts.get(person.id, person.post), unit, modes)
        for person, unit, modes in facts.rows_for_letter(session, roster.id, dates)
    ]
    content = letter_content(
        agency=agency.name,
        letterhead=letterhead_of(session, agency.id),
        wording=settings.letter_wording,
        policy_titles=policy_titles,
        month=roster.month,
        starts=roster.starts,
        ends=roster.ends,
        signer=LetterSigner(head.id, head.name, head.nip, head.rank, post),
        people=people,
        wfh_dates=dates,
        office_dates=facts.office_dates(session, roster.id),
    )
    content["data_sha256"] = roster.sha256
    kind = KIND
    if roster.amends_id is not None:
        kind = WITHDRAWAL_KIND if roster.change == "withdrawal" else ADDENDUM_KIND
        content = _addendum(session, roster, content, changed)
    letter = Letter(
        roster_id=roster.id, agency_id=roster.agency_id, kind=kind, status=LetterStatus.DRAFTED, content=content,
        signer_id=head.id, created_at=now,
    )  # fmt: skip
    session.add(letter)
    session.flush()
    if settings.letters_numbered_here:
        letter.status = LetterStatus.NUMBERED
    else:
        jobs.enqueue(session, "push_letter", str(letter.id), {"letter_id": str(letter.id)}, due_at=now, now=now)
    return letter


def _addendum(
    session: Session, roster: Roster, content: dict[str, Any], changed: Sequence[facts.Difference]
) -> dict[str, Any]:
    former = session.scalars(select(Letter).where(Letter.roster_id == roster.amends_id)).one()
    assert former.number
    assert former.letter_date
    posts = facts.posts_in(session, roster)
    people = facts.people_of(session, {difference.employee_id for difference in changed})
    units = facts.unit_names(session, {difference.unit_id for difference in changed})
    entries = []
    for difference in changed:
        person = people[difference.employee_id]
        post = posts.get(person.id, person.post)
        row = LetterPerson(person.name, person.nip, person.rank, post, units[difference.unit_id], {})
        entries.append(Change(row, difference.date, difference.before, difference.after))
    return addendum_content(
        content,
        change=str(roster.change),
        reason=str(roster.reason),
        former=FormerLetter(former.number, former.letter_date),
        changes=sorted(entries, key=lambda entry: (entry.date, entry.person.name)),
    )
