"""The policies that this installation carries out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path

from services.schedule.policy import layers
from services.schedule.policy.reading import load_policies
from services.schedule.policy.rules import Policy
from services.schedule.settings import ScheduleSettings
from shared.errors import DomainError
from shared.settings import Settings


class NoPolicy(DomainError):
    status, code = 422, "no_policy"


@lru_cache(maxsize=8)
def _load(folder: Path) -> tuple[Policy, ...]:
    found = load_policies(folder)
    layers.check_together(found)
    return tuple(found)


def policies(settings: Settings) -> tuple[Policy, ...]:
    assert isinstance(settings, ScheduleSettings)
    return _load(settings.policy_dir)


def newest(settings: Settings) -> Policy | None:
    """The policy whose name patterns classify units."""
    known = policies(settings)
    return known[-1] if known else None


def by_day(settings: Settings, agency_id: str, days: Sequence[date]) -> dict[date, Policy]:
    """What holds for an agency on each of *days*; days on which nothing does are left out.

    Raises NoPolicy when nothing holds on any.
    """
    known = policies(settings)
    found = {day: policy for day in days if (policy := layers.effective(known, agency_id, day))}
    if not found:
        raise NoPolicy(f"Tidak ada kebijakan yang berlaku antara {days[0]:%d-%m-%Y} dan {days[-1]:%d-%m-%Y}.")
    return found


def by_id(settings: Settings, policy_id: str) -> Policy:
    """The policy, or the layers joined, that a roster was made by."""
    return layers.by_ids(policies(settings), policy_id)
