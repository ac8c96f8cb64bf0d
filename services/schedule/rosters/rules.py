"""Who works where on which day, and by which clause. Exact on the hard rules, fair in turn, the same for same input."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from typing import NamedTuple

from services.schedule.policy.rules import Policy, Quota


@dataclass(frozen=True)
class Member:
    """One person as the roster sees them. exempt_clause: 1.l.1 … 1.l.12, or None for those who may work at home;
    turns: WFH days in past rosters, which come first when turns are shared out."""

    id: str
    nip: str
    unit_id: str
    exempt_clause: str | None
    turns: int = 0


class Cell(NamedTuple):
    """The decision for one person on one working day. rule: pattern, exempt, turn, quota, on_site, absent."""

    employee_id: str
    unit_id: str
    date: date
    mode: str
    clause: str
    rule: str


@dataclass(frozen=True)
class UnitDay:
    """The arithmetic of one unit on one WFH date, in people."""

    unit_id: str
    date: date
    staff: int
    present: int
    eligible: int
    share: Decimal
    cap: int
    min_on_site: int
    at_home: int


@dataclass(frozen=True)
class Plan:
    """All cells of an agency's roster and the arithmetic behind them."""

    cells: list[Cell]
    unit_days: list[UnitDay]


def exemption_of(post: str, echelon: str, unit_clause: str | None, policy: Policy) -> str | None:
    """The clause that keeps a person at the office: their post's (1.l.1–3) before their unit's (1.l.4–12)."""
    return policy.clause_of_post(post, echelon) or unit_clause


def capacity(*, present: int, eligible: int, quota: Quota) -> tuple[int, int]:
    """(cap by share, people who may be at home) of one unit on one date.

    The cap is the share of those eligible, rounded down (1.d); besides, min_on_site people must stay (1.g).
    """
    cap = int((quota.share * eligible).to_integral_value(ROUND_FLOOR))
    return cap, max(0, min(cap, eligible, present - quota.min_on_site))


def plan_roster(
    members: Sequence[Member], days: Sequence[date], absences: Mapping[tuple[str, date], str], policy: Policy,
    quota: Quota,
) -> Plan:  # fmt: skip
    """Decide every person's mode on every working day.

    days: working days of the period (no weekends, no holidays), ascending; absences: (employee, day) → kind.
    WFH days of a unit go in turn to those who have had the fewest, past rosters included.
    """
    cells: list[Cell] = []
    unit_days: list[UnitDay] = []
    by_unit: dict[str, list[Member]] = defaultdict(list)
    for member in sorted(members, key=lambda m: m.nip):
        by_unit[member.unit_id].append(member)
    for unit_id in sorted(by_unit):
        turns = {member.id: member.turns for member in by_unit[unit_id]}
        for index, day in enumerate(days):
            made, arithmetic = _plan_day(by_unit[unit_id], day, index, absences, policy, quota, turns)
            cells += made
            if arithmetic:
                unit_days.append(arithmetic)
    return Plan(cells, unit_days)


def _plan_day(
    members: Sequence[Member], day: date, index: int, absences: Mapping[tuple[str, date], str], policy: Policy,
    quota: Quota, turns: dict[str, int],
) -> tuple[list[Cell], UnitDay | None]:  # fmt: skip
    """Cells of one unit on one day; *turns* is brought up to date."""
    rule = policy.pattern[day.weekday()]
    present = [member for member in members if (member.id, day) not in absences]
    cells = [
        Cell(member.id, member.unit_id, day, absences[member.id, day], "1.a", "absent")
        for member in members
        if (member.id, day) in absences
    ]
    if rule.mode == "wfo":
        cells += [Cell(member.id, member.unit_id, day, "wfo", rule.clause, "pattern") for member in present]
        return cells, None
    eligible = [member for member in present if member.exempt_clause is None]
    cap, room = capacity(present=len(present), eligible=len(eligible), quota=quota)
    home = {member.id for member in _next_in_turn(eligible, room, index, turns)}
    for member in present:
        if member.exempt_clause is not None:
            cells.append(Cell(member.id, member.unit_id, day, "wfo", member.exempt_clause, "exempt"))
        elif member.id in home:
            turns[member.id] += 1
            cells.append(Cell(member.id, member.unit_id, day, "wfh", rule.clause, "turn"))
        elif room < cap:
            cells.append(Cell(member.id, member.unit_id, day, "wfo", "1.g", "on_site"))
        else:
            cells.append(Cell(member.id, member.unit_id, day, "wfo", "1.d", "quota"))
    unit_id = members[0].unit_id
    return cells, UnitDay(
        unit_id, day, len(members), len(present), len(eligible), quota.share, cap, quota.min_on_site, len(home)
    )


def _next_in_turn(eligible: Sequence[Member], room: int, index: int, turns: Mapping[str, int]) -> list[Member]:
    """The *room* people with the fewest turns; equals take turns by a start that moves on from date to date."""
    if not eligible:
        return []
    start = (index * max(1, room)) % len(eligible)
    order = [*eligible[start:], *eligible[:start]]
    return sorted(order, key=lambda member: turns[member.id])[:room]


def explain(rule: str, arithmetic: UnitDay | None, text: str) -> str:
    """The answer to “mengapa?”, in Indonesian: the clause's words (*text*) and the numbers that decided."""
    sums = ""
    if arithmetic is not None:
        a = arithmetic
        sums = (
            f"Kuota {a.share * 100:.0f} % dari {a.eligible} orang yang dapat bertugas dari rumah = {a.cap}, "
            f"pembulatan ke bawah; hadir {a.present} orang, paling sedikit {a.min_on_site} orang tetap di kantor. "
            f"Bertugas dari rumah hari itu: {a.at_home} orang."
        )
    if rule == "turn":
        return f"{text} Anda mendapat giliran. {sums}"
    if rule == "quota":
        return f"{text} Giliran hari itu diberikan kepada rekan yang lebih sedikit mendapat giliran. {sums}"
    if rule == "on_site":
        return f"{text} {sums}"
    return text
