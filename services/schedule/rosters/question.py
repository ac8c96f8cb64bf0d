"""What a roster is asked from and answered with, as plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import NamedTuple

from services.schedule.policy.rules import Policy
from services.schedule.rosters.limits import Composition, Member, Pair

SHARED_RULES = frozenset(
    {"turn", "quota", "cap", "on_site", "function", "pair", "in_a_row", "pin", "swap", "recall", "withdrawn"}
)
"""Rules of cells on which a person might have been at home: their chances."""

HEADS_WORD = frozenset({"recall", "withdrawn"})
"""Rules of cells that the head turned to the office; later versions of the roster keep them."""

SWAP = "swap"
"""Rule of cells that two people exchanged; later versions of the roster keep them where they can."""

Key = tuple[str, date]
"""(employee id, day)."""


class Cell(NamedTuple):
    """The decision for one person on one working day.

    rule: pattern, absent, exempt, gate, pin, turn; what kept them at the office: quota, cap, on_site, function, pair,
    in_a_row; or what changed the roster afterwards: swap, recall, withdrawn. limit_id: whose arithmetic tells why.
    """

    employee_id: str
    unit_id: str
    date: date
    mode: str
    clause: str
    rule: str
    limit_id: str | None = None


@dataclass(frozen=True)
class Pin:
    """A cell fixed by a person's word: an approved request, the operator's pin, a swap, a recall (1.d). rule: of its
    cell."""

    mode: str
    clause: str = "1.d"
    rule: str = "pin"


@dataclass(frozen=True)
class Question:
    """All that decides an agency's roster.

    days: working days of the period, ascending; policies: what holds on each; absent: (employee, day) → leave, travel,
    training. elsewhere: (employee, day) on which a member does not serve in the agency, before joining or after leaving
    it: no cell, and nobody to count. exempt_days, gate_days: (employee, day) → clause of an exemption, or of a closed
    gate, that holds on that day only: by a post held then (Plt.), or by the policy that holds then.
    wishes: (employee, day) → wfh or wfo, heard if fairness allows. former: cells of the published roster;
    those up to *locked_until* stay as they are, later ones are dear to change.
    """

    members: Sequence[Member]
    days: Sequence[date]
    policies: Mapping[date, Policy]
    absent: Mapping[Key, str] = field(default_factory=dict)
    composition: Composition | None = None
    pairs: Sequence[Pair] = ()
    pins: Mapping[Key, Pin] = field(default_factory=dict)
    wishes: Mapping[Key, str] = field(default_factory=dict)
    former: Mapping[Key, Cell] = field(default_factory=dict)
    locked_until: date | None = None
    elsewhere: Set[Key] = frozenset()
    exempt_days: Mapping[Key, str] = field(default_factory=dict)
    gate_days: Mapping[Key, str] = field(default_factory=dict)

    def longest_run(self) -> tuple[int, str] | None:
        """(WFH dates one may have in a row, clause): the strictest of the policies that hold in the period, since a run
        may lie across two of them."""
        runs = [(p.in_a_row, p.in_a_row_clause) for p in self.policies.values() if p.in_a_row is not None]
        return min(runs, default=None)

    def open_days(self) -> list[date]:
        return [day for day in self.days if self.locked_until is None or day > self.locked_until]

    def exemption(self, member: Member, day: date) -> str | None:
        """The clause that keeps *member* at the office on *day*."""
        return member.exempt_clause or self.exempt_days.get((member.id, day))

    def gate(self, member: Member, day: date) -> str | None:
        """The clause of the gate that is closed for *member* on *day*."""
        return member.gate or self.gate_days.get((member.id, day))

    def kept_days(self) -> set[Key]:
        """(employee, day) on which a member stays at the office besides those who always do."""
        return {*self.exempt_days, *self.gate_days}

    def locked_turns(self, member: Member) -> tuple[int, int, int]:
        """Of *member*: WFH days on locked dates, chances there, and WFH dates in a row with which they end."""
        had, might, run = 0, 0, member.run_before
        for day in self._locked_dates:
            cell = self.former.get((member.id, day))
            home = cell is not None and cell.mode == "wfh"
            had += home
            might += cell is not None and cell.rule in SHARED_RULES
            run = run + 1 if home else 0
        return had, might, run

    @cached_property
    def _locked_dates(self) -> list[date]:
        """Days that are locked, of those on which the pattern lets people be at home."""
        open_days = set(self.open_days())
        return [
            day for day in self.days if day not in open_days and self.policies[day].pattern[day.weekday()].mode == "wfh"
        ]

    def wfh_dates(self) -> list[date]:
        """Open days on which the pattern lets people be at home."""
        return [day for day in self.open_days() if self.policies[day].pattern[day.weekday()].mode == "wfh"]
