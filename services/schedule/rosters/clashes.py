"""Pins and absences that leave no roster, found by rule and date; which pins have to give way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.schedule.rosters.limits import Arithmetic, Limits, Member
from services.schedule.rosters.question import SWAP, Key, Question
from services.schedule.rosters.solver.clash import AT_HOME, AWAY, NOT_AT_HOME, ON_SITE, Demand, find

SWAP_WEIGHT, PIN_WEIGHT, RULE_WEIGHT = 9, 10, 11
"""Of two relaxations of the same size the one that leaves the rules alone, and of pins rather a swap's."""


@dataclass(frozen=True)
class Part:
    """One rule or fact of a clash. kind: pin, swap, exempt, gate, absent, limit, in_a_row. yields: by how much it would
    have to give way in the smallest relaxation."""

    kind: str
    clause: str
    employee_id: str | None = None
    date: date | None = None
    sums: Arithmetic | None = None
    number: int = 0
    yields: int = 0


@dataclass(frozen=True)
class ClashFound:
    """A smallest set of rules that cannot hold together. blocking: a person's word clashes, and has been left out;
    else absences alone leave too few on site, or a swap has to give way, which the head only has to know."""

    parts: tuple[Part, ...]
    blocking: bool


def find_clashes(
    question: Question, members: Sequence[Member], dates: Sequence[date], limits: Limits
) -> tuple[list[ClashFound], frozenset[Key]]:
    """Every clash, and the pins that are left out so that a roster can be made."""
    number_of = {member.id: number for number, member in enumerate(members)}
    at = {day: number for number, day in enumerate(dates)}
    pinned = sorted(
        (number_of[employee_id], at[day])
        for (employee_id, day), pin in question.pins.items()
        if pin.mode == "wfh" and employee_id in number_of and day in at and (employee_id, day) not in question.elsewhere
    )
    search = _Search(question, members, dates, dict.fromkeys(pinned))
    for key in pinned:
        search.look_at_person(key)
    if longest := question.longest_run():
        for person in sorted({person for person, _ in pinned}):
            search.look_at_runs(person, *longest)
    groups = {limit.id: sorted(limit.people) for limit in limits.limits}
    on_date: dict[int, set[int]] = {}
    for person, number in pinned:
        on_date.setdefault(number, set()).add(person)
    # The tightest limit of a date first: when it is satisfied, wider ones mostly are too.
    for (limit_id, number), sums in sorted(limits.sums.items(), key=lambda item: (item[0][1], item[1].room, item[0])):
        group = [p for p in groups[limit_id] if (members[p].id, dates[number]) not in question.elsewhere]
        if sums.short or len(on_date.get(number, set()).intersection(group)) > sums.room:
            search.look_at_limit(sums, group, number)
    return search.found, frozenset((members[person].id, dates[number]) for person, number in search.dropped)


class _Search:
    """Clashes found so far, and the pins still standing."""

    def __init__(
        self, question: Question, members: Sequence[Member], dates: Sequence[date], pins: dict[tuple[int, int], None]
    ) -> None:
        self.question, self.members, self.dates, self.pins = question, members, dates, pins
        self.found: list[ClashFound] = []
        self.dropped: set[tuple[int, int]] = set()

    def look_at_person(self, key: tuple[int, int]) -> None:
        """A pin on somebody who is exempt, held by a gate, or away."""
        member, day = self.members[key[0]], self.dates[key[1]]
        against = []
        if (member.id, day) in self.question.absent:
            against.append((Demand("absent", (key,), 1, AWAY, 0), Part("absent", "1.a", member.id, day)))
        if exempt := self.question.exemption(member, day):
            against.append((Demand("exempt", (key,), 1, NOT_AT_HOME, 0), Part("exempt", exempt, member.id, day)))
        if gate := self.question.gate(member, day):
            against.append((Demand("gate", (key,), 1, NOT_AT_HOME, RULE_WEIGHT), Part("gate", gate, member.id, day)))
        self._settle([*self._pins([key]), *against])

    def look_at_runs(self, person: int, allowed: int, clause: str) -> None:
        """Pins of one person on more dates in a row than the policy allows."""
        member = self.members[person]
        run: list[tuple[int, int]] = []
        *_, before = self.question.locked_turns(member)
        for number, day in enumerate(self.dates):
            if (person, number) not in self.pins:
                run, before = [], 0
                continue
            run.append((person, number))
            if before + len(run) > allowed:
                part = Part("in_a_row", clause, member.id, day, number=allowed)
                rule = (Demand("in_a_row", tuple(run), 1, NOT_AT_HOME, RULE_WEIGHT), part)
                self._settle([*self._pins(run), rule])
                run, before = [], 0

    def look_at_limit(self, sums: Arithmetic, group: Sequence[int], number: int) -> None:
        """Pins, or absences, that a cap or minimum does not bear."""
        cells = tuple((person, number) for person in group)
        part = Part("limit", sums.clause, None, sums.date, sums)
        if sums.minimum is None:
            rule = Demand("limit", cells, len(group) - sums.room, NOT_AT_HOME, RULE_WEIGHT)
        else:
            rule = Demand("limit", cells, min(sums.minimum, len(group)), ON_SITE, RULE_WEIGHT)
        away = [
            (Demand(f"absent {person}", ((person, number),), 1, AWAY, 0),
             Part("absent", "1.a", self.members[person].id, sums.date))
            for person in group
            if sums.minimum is not None and (self.members[person].id, sums.date) in self.question.absent
        ]  # fmt: skip
        self._settle([*self._pins(cells), *away, (rule, part)])

    def _pins(self, cells: Iterable[tuple[int, int]]) -> list[tuple[Demand, Part]]:
        found = []
        for key in cells:
            if key in self.pins:
                member, day = self.members[key[0]], self.dates[key[1]]
                pin = self.question.pins[member.id, day]
                kind, weight = ("swap", SWAP_WEIGHT) if pin.rule == SWAP else ("pin", PIN_WEIGHT)
                found.append((Demand(f"pin {key}", (key,), 1, AT_HOME, weight), Part(kind, pin.clause, member.id, day)))
        return found

    def _settle(self, items: Sequence[tuple[Demand, Part]]) -> None:
        """Note the clash among *items*, if they clash, and leave out the pins that the smallest relaxation names."""
        clash = find([demand for demand, _ in items])
        if clash is None:
            return
        parts: Mapping[str, Part] = {demand.id: part for demand, part in items}
        kept = tuple(_yielding(parts[id_], clash.relaxed.get(id_, 0)) for id_ in clash.ids)
        others = [id_ for id_ in clash.relaxed if id_ not in clash.ids]
        kept += tuple(_yielding(parts[id_], clash.relaxed[id_]) for id_ in others)
        self.found.append(ClashFound(kept, _blocks(kept)))
        for demand, part in items:
            if part.kind in ("pin", "swap") and clash.relaxed.get(demand.id):
                self.dropped.add(demand.cells[0])
                self.pins.pop(demand.cells[0], None)


def _blocks(parts: Sequence[Part]) -> bool:
    """Whether a pin clashes, and it is not enough that swaps give way."""
    yielding = {part.kind for part in parts if part.yields}
    return any(part.kind == "pin" for part in parts) and not ("swap" in yielding and "pin" not in yielding)


def _yielding(part: Part, by: int) -> Part:
    return Part(part.kind, part.clause, part.employee_id, part.date, part.sums, part.number, by)
