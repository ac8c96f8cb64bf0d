"""The policies that this installation carries out."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from pathlib import Path

from services.schedule.policy.rules import Policy, load_policies, policy_on
from services.schedule.settings import ScheduleSettings
from shared.errors import DomainError
from shared.settings import Settings


class NoPolicy(DomainError):
    status, code = 422, "no_policy"


@lru_cache(maxsize=8)
def _load(folder: Path) -> tuple[Policy, ...]:
    return tuple(load_policies(folder))


def policies(settings: Settings) -> tuple[Policy, ...]:
    assert isinstance(settings, ScheduleSettings)
    return _load(settings.policy_dir)


def newest(settings: Settings) -> Policy | None:
    """The policy whose name patterns classify units."""
    known = policies(settings)
    return known[-1] if known else None


def in_month(settings: Settings, first: date, last: date) -> Policy:
    """The policy that holds on any day from *first* to *last*."""
    for day in (first, last):
        policy = policy_on(policies(settings), day)
        if policy:
            return policy
    raise NoPolicy(f"Tidak ada kebijakan yang berlaku antara {first:%d-%m-%Y} dan {last:%d-%m-%Y}.")


def by_id(settings: Settings, policy_id: str) -> Policy:
    return next(policy for policy in policies(settings) if policy.id == policy_id)
