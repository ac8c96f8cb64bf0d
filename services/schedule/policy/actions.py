"""The policies that this installation carries out: files that come with it and versions uploaded since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.schedule.models import PolicyTerm, PolicyVersion
from services.schedule.policy import layers
from services.schedule.policy.reading import in_order, load_policies, read_policy
from services.schedule.policy.rules import Policy, PolicyFault, PolicyLoosened, PolicyUnreadable
from services.schedule.settings import schedule_settings
from shared.clock import wib_date
from shared.errors import DomainError, NotFound
from shared.settings import Settings

DRAFT, ACTIVE, RETIRED = "draft", "active", "retired"


class NoPolicy(DomainError):
    status, code = 422, "no_policy"


class PolicyContradiction(DomainError):
    status, code = 422, "policy_contradiction"


class UnreadablePolicy(PolicyContradiction):
    code = "policy_unreadable"


class LoosenedPolicy(PolicyContradiction):
    code = "policy_loosened"


class PolicyStateError(DomainError):
    status, code = 409, "policy_state"


def refusal(said: str, fault: PolicyFault) -> PolicyContradiction:
    """A fault as an answer: whose code tells machines its kind, and whose pointers tell which entry."""
    kind = {PolicyUnreadable: UnreadablePolicy, PolicyLoosened: LoosenedPolicy}.get(type(fault), PolicyContradiction)
    return kind(f"{said}: {fault}", pointers=dict.fromkeys(fault.pointers, str(fault)))


@lru_cache(maxsize=8)
def _files(folder: Path) -> tuple[Policy, ...]:
    return tuple(load_policies(folder))


@lru_cache(maxsize=256)
def _parsed(content: str, name: str) -> Policy:
    return read_policy(content.encode(), name)


def policies(session: Session, settings: Settings) -> list[Policy]:
    """All policies that are active, each with the last day that was decided for it since; widest layer first. Raises
    PolicyContradiction for one that this version of Luwes refuses to read: nothing is decided without it."""
    rows = session.scalars(select(PolicyVersion).where(PolicyVersion.status == ACTIVE).order_by(PolicyVersion.id))
    try:
        found = [*_files(schedule_settings(settings).policy_dir), *[_parsed(row.content, row.id) for row in rows]]
    except PolicyFault as fault:
        raise refusal("Ada kebijakan yang tidak dapat dibaca", fault) from fault
    terms = {row.policy_id: row.valid_to for row in session.scalars(select(PolicyTerm))}
    return in_order(replace(p, valid_to=terms[p.id]) if p.id in terms else p for p in found)


def classifier(session: Session, settings: Settings, now: datetime) -> Policy | None:
    """The policy whose name patterns classify units today: the city's layers that hold, joined as for rosters; where
    none has any, or they contradict each other, the narrowest one that has."""
    known = [policy for policy in policies(session, settings) if policy.agency_id is None]
    holding = [policy for policy in known if policy.holds_on(wib_date(now))]
    if any(map(_names_units, holding)):
        try:
            return layers.join(holding)
        except PolicyFault:  # rosters tell it
            known = holding
    return next(filter(_names_units, reversed(known)), None)


def _names_units(policy: Policy) -> bool:
    return any(entry.units for entry in policy.exemptions)


def by_day(session: Session, settings: Settings, agency_id: str, days: Sequence[date]) -> dict[date, Policy]:
    """What holds for an agency on each of *days*; days on which nothing does are left out.

    Raises NoPolicy when nothing holds on any.
    """
    return among(policies(session, settings), agency_id, days)


def holding(session: Session, settings: Settings, agency_id: str, days: Sequence[date]) -> dict[date, Policy]:
    """As :func:`by_day`, but nothing may hold on any."""
    return held(policies(session, settings), agency_id, days)


def among(known: Sequence[Policy], agency_id: str, days: Sequence[date]) -> dict[date, Policy]:
    """As :func:`by_day`, of the policies given."""
    found = held(known, agency_id, days)
    if not found:
        raise NoPolicy(f"Tidak ada kebijakan yang berlaku antara {days[0]:%d-%m-%Y} dan {days[-1]:%d-%m-%Y}.")
    return found


def held(known: Sequence[Policy], agency_id: str, days: Sequence[date]) -> dict[date, Policy]:
    """As :func:`holding`, of the policies given."""
    try:
        return {day: policy for day in days if (policy := layers.effective(known, agency_id, day))}
    except PolicyFault as fault:
        raise refusal("Kebijakan yang berlaku bertentangan", fault) from fault


def remembered(session: Session, settings: Settings, policy_id: str) -> Policy | None:
    """The policy of this id, joined layers too, also when it was retired or its term is over; None when it is no longer
    kept, or cannot be carried out any more."""
    try:
        files = {policy.id: policy for policy in _files(schedule_settings(settings).policy_dir)}
        parts = []
        for id_ in policy_id.split(layers.JOINT):
            row = session.get(PolicyVersion, id_)
            policy = files.get(id_) or (policy_of(row) if row else None)
            if policy is None:
                return None
            parts.append(policy)
        return layers.join(parts)
    except PolicyFault:
        return None


def policy_of(row: PolicyVersion) -> Policy:
    """The policy that an uploaded version says."""
    return _parsed(row.content, row.id)


def upload(session: Session, content: str, *, by: str, now: datetime) -> PolicyVersion:
    """Keep a policy as a draft; raises PolicyContradiction naming what in it cannot be carried out."""
    try:
        policy = read_policy(content.encode())
    except PolicyFault as fault:
        raise refusal("Kebijakan tidak dapat dijalankan", fault) from fault
    row = session.get(PolicyVersion, policy.id, with_for_update=True)
    if row is not None and row.status != DRAFT:
        raise PolicyStateError("Kebijakan dengan id ini sudah pernah berlaku; beri id baru.")
    if row is None:
        row = PolicyVersion(id=policy.id)
        session.add(row)
    row.title, row.layer, row.agency_id, row.content = policy.title, policy.layer, policy.agency_id, content
    row.status, row.made_by, row.made_at = DRAFT, by, now
    session.flush()
    return row


def with_draft(session: Session, settings: Settings, policy_id: str) -> tuple[list[Policy], list[layers.Gap]]:
    """The policies as they would be with a draft active, and the gaps between them. A policy of the same layer that has
    no last day would end where the draft begins. Raises PolicyContradiction."""
    row = session.get(PolicyVersion, policy_id)
    if row is None:
        raise NotFound("Kebijakan tidak ditemukan.")
    try:
        draft = policy_of(row)
    except PolicyFault as fault:  # an earlier version of Luwes took it
        raise refusal("Kebijakan tidak dapat dijalankan", fault) from fault
    others = [p for p in policies(session, settings) if p.id != draft.id]
    known = in_order([draft, *[layers.ended_before(other, draft) for other in others]])
    try:
        return known, layers.check_together(known)
    except PolicyFault as fault:
        raise refusal("Kebijakan ini bertentangan dengan yang berlaku", fault) from fault


def activate(
    session: Session, settings: Settings, policy_id: str, *, by: str, now: datetime
) -> tuple[PolicyVersion, list[layers.Gap]]:
    """Let a draft hold for rosters made from now on; what it follows ends the day before it begins. With it the gaps
    that are between policies then: days for which no roster can be made."""
    row = session.get(PolicyVersion, policy_id, with_for_update=True)
    if row is None or row.status != DRAFT:
        raise PolicyStateError("Hanya rancangan kebijakan yang dapat diberlakukan.")
    before = {policy.id: policy.valid_to for policy in policies(session, settings)}
    known, gaps = with_draft(session, settings, policy_id)
    for policy in known:
        if policy.id in before and policy.valid_to != before[policy.id]:
            set_term(session, settings, policy.id, policy.valid_to, reason=f"Diganti oleh {row.title}", by=by, now=now)
    row.status, row.activated_by, row.activated_at = ACTIVE, by, now
    session.flush()
    return row, gaps


def retire(session: Session, settings: Settings, policy_id: str) -> tuple[PolicyVersion, list[layers.Gap]]:
    """Give up a draft, or an uploaded policy that is no longer wanted; rosters made by it stay. Tells the gaps that are
    between policies then; none while another of them cannot be read or contradicts one, which rosters tell."""
    row = session.get(PolicyVersion, policy_id, with_for_update=True)
    if row is None or row.status == RETIRED:
        raise PolicyStateError("Kebijakan ini tidak ada atau sudah dihentikan.")
    row.status = RETIRED
    session.flush()
    try:
        return row, layers.check_together(policies(session, settings))
    except (PolicyFault, PolicyContradiction):
        return row, []


def set_term(
    session: Session, settings: Settings, policy_id: str, valid_to: date | None, *, reason: str, by: str, now: datetime
) -> list[layers.Gap]:
    """Decide the last day of a policy, earlier or later than it was written; None: until further notice. Tells the gaps
    that are between policies then."""
    known = {policy.id: policy for policy in policies(session, settings)}
    if policy_id not in known:
        raise NotFound("Kebijakan tidak ditemukan atau tidak berlaku.")
    if valid_to is not None and valid_to < known[policy_id].valid_from:
        raise PolicyContradiction("Tanggal akhir mendahului tanggal mulai kebijakan ini.")
    changed = [replace(p, valid_to=valid_to) if p.id == policy_id else p for p in known.values()]
    try:
        gaps = layers.check_together(changed)
    except PolicyFault as fault:
        raise refusal("Tanggal akhir ini bertentangan dengan kebijakan lain", fault) from fault
    session.merge(PolicyTerm(policy_id=policy_id, valid_to=valid_to, reason=reason, set_by=by, set_at=now))
    session.flush()
    return gaps
