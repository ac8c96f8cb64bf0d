"""The policy's caps and minimums as limits on one agency's people and dates, with the arithmetic that explains them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from services.schedule.policy.rules import ON_SITE, PAIR, QUOTA, Cap, Minimum, People, Policy, Quota
from services.schedule.rosters.solver.problem import Limit

PAIR_CLAUSE = "1.g"
QUOTA_CLAUSE = "1.d"
ON_SITE_CLAUSE = "1.g"


@dataclass(frozen=True)
class Stay:
    """Where in the agency, and as what, a person serves. division_id: the unit directly under the agency that theirs
    belongs to."""

    unit_id: str
    division_id: str = ""
    post: str = ""
    echelon: str = ""

    def scope(self, per: str) -> str:
        """The id of the group that they are counted in; the agency's is empty."""
        return {"unit": self.unit_id, "division": self.division_id or self.unit_id, "agency": ""}[per]


@dataclass(frozen=True)
class Member:
    """One person as the roster sees them.

    exempt_clause: 1.l.1 … 1.l.12, or None; gate: clause of a gate that is closed for them, or None; both on all days of
    the period. before: stays in the agency that end within the period, each with its last day, the earliest first.
    turns: WFH days in past rosters, of *chances* days on which they might have had one; run_before: WFH dates in a row
    just before the period.
    """

    id: str
    nip: str
    stay: Stay
    exempt_clause: str | None = None
    turns: int = 0
    chances: int = 0
    gate: str | None = None
    run_before: int = 0
    before: tuple[tuple[date, Stay], ...] = ()

    def on(self, day: date) -> Stay:
        """The stay of that day."""
        return next((stay for last, stay in self.before if day <= last), self.stay) if self.before else self.stay


@dataclass(frozen=True)
class Composition:
    """The head's choice (1.d) in place of the policy's proposal: share of people at home, people on site per unit."""

    share: Decimal
    min_on_site: int


@dataclass(frozen=True)
class Pair:
    """Two people of whom one at least is on site (1.g): they stand in for each other."""

    one: str
    other: str


@dataclass(frozen=True)
class Arithmetic:
    """One limit on one date, in people. base: those counted for *share*; room: how many of the group may be at home.

    rule: quota (the head's share), cap (the policy's), on_site, function, pair. unit_id: the group's unit; empty for
    the agency.
    """

    limit_id: str
    date: date
    unit_id: str
    rule: str
    clause: str
    label: str
    staff: int
    present: int
    eligible: int
    base: int
    base_kind: str
    share: Decimal | None
    number: int | None
    rounding: str
    minimum: int | None
    room: int
    at_home: int = 0

    @property
    def short(self) -> int:
        """People by whom absences alone leave the group below its minimum."""
        return max(0, min(self.minimum or 0, self.staff) - self.present)


@dataclass
class Limits:
    """Limits for the solver, and per limit and date number its arithmetic, which has the id that people see."""

    limits: list[Limit] = field(default_factory=list)
    sums: dict[tuple[str, int], Arithmetic] = field(default_factory=dict)

    def counted(self, at_home: Mapping[str, Sequence[int]]) -> list[Arithmetic]:
        """The arithmetic with the people that the roster sends home. at_home: limit → count per date number."""
        return [replace(sums, at_home=int(at_home[id_][number])) for (id_, number), sums in sorted(self.sums.items())]


def build_limits(
    members: Sequence[Member], dates: Sequence[date], absent: Mapping[tuple[str, date], str],
    policies: Mapping[date, Policy], composition: Composition | None, pairs: Sequence[Pair],
    elsewhere: Set[tuple[str, date]] = frozenset(), kept: Set[tuple[str, date]] = frozenset(),
) -> Limits:  # fmt: skip
    """All limits on *members* (numbered in their order) over *dates*; each date has the rules of its own policy.

    elsewhere: (employee, day) on which a member serves in another agency, or none, and is not counted; kept: on which
    they stay at the office besides those who always do."""
    found = Limits()
    of_group: dict[tuple[str, frozenset[int]], dict[int, Arithmetic]] = defaultdict(dict)
    for number, day in enumerate(dates):
        rules = _rules(policies[day], composition)
        for id_, rule, group in _groups(members, day, rules, pairs):
            sums = _arithmetic(id_, rule, [members[n] for n in group], day, absent, elsewhere, kept)
            of_group[id_, frozenset(group)][number] = sums
    known: set[str] = set()
    for (id_, people), on_dates in sorted(of_group.items(), key=lambda item: (item[0][0], min(item[1]))):
        # To the solver a limit has the same people on all dates; where somebody moves it is several, each on its own.
        limit_id = f"{id_}@{min(on_dates)}" if id_ in known else id_
        known.add(id_)
        rooms = tuple(on_dates[n].room if n in on_dates else len(people) for n in range(len(dates)))
        found.limits.append(Limit(limit_id, people, rooms))
        found.sums |= {(limit_id, number): sums for number, sums in on_dates.items()}
    return found


Rule = tuple[str, Cap | Minimum]
"""(kind, rule): quota, cap, on_site, function or pair."""


def _rules(policy: Policy, composition: Composition | None) -> list[Rule]:
    quota = policy.quota or Quota(Decimal(0), 0)
    share, min_on_site = (
        (composition.share, composition.min_on_site) if composition else (quota.share, quota.min_on_site)
    )
    chosen = Cap(QUOTA, QUOTA_CLAUSE, share, None, quota.base, quota.rounding, quota.per)
    on_site = Minimum(ON_SITE, ON_SITE_CLAUSE, min_on_site, "pegawai")
    functions: list[Rule] = [
        (ON_SITE if minimum.of == People() else "function", minimum) for minimum in policy.minimums
    ]
    return [(QUOTA, chosen), (ON_SITE, on_site), *[("cap", cap) for cap in policy.caps], *functions]


def _groups(
    members: Sequence[Member], day: date, rules: Sequence[Rule], pairs: Sequence[Pair]
) -> list[tuple[str, Rule, list[int]]]:
    found: list[tuple[str, Rule, list[int]]] = []
    stays = [member.on(day) for member in members]
    for kind, rule in rules:
        by_scope: dict[str, list[int]] = defaultdict(list)
        for number, stay in enumerate(stays):
            if rule.of.include(stay.post, stay.echelon):
                by_scope[stay.scope(rule.per)].append(number)
        found += [(f"{rule.id}:{scope}", (kind, rule), by_scope[scope]) for scope in sorted(by_scope)]
    number_of = {member.id: number for number, member in enumerate(members)}
    for pair in pairs:
        both = sorted(number_of[id_] for id_ in (pair.one, pair.other) if id_ in number_of)
        if len(both) == 2:
            rule = Minimum(PAIR, PAIR_CLAUSE, 1, "dari dua pegawai yang saling menggantikan")
            found.append((f"{PAIR}:{pair.one}:{pair.other}", (PAIR, rule), both))
    return found


def _arithmetic(
    id_: str, rule: Rule, group: Sequence[Member], day: date, absent: Mapping[tuple[str, date], str],
    elsewhere: Set[tuple[str, date]], kept: Set[tuple[str, date]],
) -> Arithmetic:  # fmt: skip
    kind, limit = rule
    staff = [member for member in group if (member.id, day) not in elsewhere]
    here = [member for member in staff if (member.id, day) not in absent]
    eligible = [
        member
        for member in here
        if member.exempt_clause is None and member.gate is None and (member.id, day) not in kept
    ]
    if isinstance(limit, Cap):
        base = {"all": len(staff), "present": len(here), "eligible": len(eligible)}[limit.base]
        room, label, base_kind = limit.allows(base), "", limit.base
        minimum, share, number, rounding = None, limit.share, limit.number, limit.rounding
    else:
        base, base_kind, rounding, share, number = len(here), "present", "", None, None
        alone = kind == PAIR and len(staff) < len(group)  # whom one stood in for serves here no more
        room, label, minimum = max(0, len(here) - (0 if alone else limit.people)), limit.label, limit.people
    unit_id = "" if limit.per == "agency" else group[0].on(day).scope(limit.per)
    return Arithmetic(
        id_, day, unit_id, kind, limit.clause, label, len(staff), len(here), len(eligible), base, base_kind, share,
        number, rounding, minimum, min(room, len(staff)),
    )  # fmt: skip
