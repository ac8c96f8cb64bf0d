"""What decides a roster, gathered from the service's rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import Session

from services.schedule.absences.queries import standing
from services.schedule.calendar.actions import days_between, holidays_between
from services.schedule.models import (
    Employee,
    Posting,
    QuotaChoice,
    Roster,
    RosterCell,
    RosterRequest,
    StandIn,
    Unit,
)
from services.schedule.people.actions import clauses_by
from services.schedule.people.postings import MAIN
from services.schedule.policy.rules import Policy
from services.schedule.rosters.facts import in_effect
from services.schedule.rosters.gates import closed_gates, opened_gates
from services.schedule.rosters.limits import Composition, Member, Pair, Stay
from services.schedule.rosters.question import HEADS_WORD, SHARED_RULES, SWAP, Cell, Key, Pin, Question
from services.schedule.rosters.rules import exemption_of


@dataclass(frozen=True)
class Period:
    """The days of a roster. policies: what holds on each; a day without a policy is no day of the roster."""

    agency_id: str
    month: date
    policies: Mapping[date, Policy]

    @property
    def starts(self) -> date:
        return min(self.policies)

    @property
    def ends(self) -> date:
        return max(self.policies)


def question_of(
    session: Session, period: Period, *, former: Mapping[Key, Cell] | None = None, locked_until: date | None = None
) -> Question:
    """Everything that decides the roster of *period*. *former*: cells of the roster in force that is changed, whose
    days up to *locked_until* stay, as do days that the head turned to the office, and swaps."""
    days = working_days(session, period)
    staff = staff_of(session, period, days)
    members = staff.members
    asked = _requests(session, period)
    former = former or {}
    return Question(
        members=members,
        days=days,
        policies={day: period.policies[day] for day in days},
        absent=_absences(session, [member.id for member in members], period),
        composition=_composition(session, period.agency_id),
        pairs=[
            Pair(row.one_id, row.other_id)
            for row in session.scalars(
                select(StandIn).where(StandIn.agency_id == period.agency_id).order_by(StandIn.one_id, StandIn.other_id)
            )
        ],
        pins={
            **_swapped(members, former),
            **{(row.employee_id, row.date): Pin(row.mode) for row in asked if row.status == "approved"},
            **_called_back(members, former),
        },
        wishes={(row.employee_id, row.date): row.mode for row in asked if row.status == "asked" and row.kind == "wish"},
        former=former,
        locked_until=locked_until,
        elsewhere=staff.elsewhere,
        exempt_days=staff.exempt_days,
        gate_days=staff.gate_days,
    )


def working_days(session: Session, period: Period) -> list[date]:
    """Days that have a work mode: those of the weekly pattern that are no holiday or joint leave (1.b)."""
    off = holidays_between(session, period.starts, period.ends)
    return [day for day in sorted(period.policies) if day.weekday() in period.policies[day].pattern and day not in off]


@dataclass(frozen=True)
class Staff:
    """Who serves in the agency on some day of the period at least; elsewhere, exempt_days and gate_days as in
    Question."""

    members: list[Member]
    elsewhere: Set[Key]
    exempt_days: Mapping[Key, str]
    gate_days: Mapping[Key, str]


def staff_of(session: Session, period: Period, days: Sequence[date]) -> Staff:
    """Those whose posting is in the agency, by date, each with what a rule may ask of them by the policy of each day.
    Who moves between its units counts in each on the days of their own."""
    units = {unit.id: unit for unit in session.scalars(select(Unit))}
    exemptions = _Exemptions(period.policies, units)
    here, beside = _postings(session, period)
    people = session.scalars(select(Employee).where(Employee.id.in_(here)).order_by(Employee.nip)).all()
    ids = [person.id for person in people]
    counts_runs = any(rules.in_a_row is not None for rules in period.policies.values())
    turns, runs = _turns(session, ids, period), _runs(session, ids, period) if counts_runs else {}
    gates = _gates(session, ids, period)
    members: list[Member] = []
    elsewhere: set[Key] = set()
    exempt_days: dict[Key, str] = {}
    gate_days: dict[Key, str] = {}
    for person in people:
        rows, posts = here[person.id], beside.get(person.id, [])
        by_day = {day: next((row for row in rows if row.runs_on(day)), None) for day in days}
        elsewhere |= {(person.id, day) for day, row in by_day.items() if row is None}
        served = {day: row for day, row in by_day.items() if row is not None}
        always, some_days = _split(
            {
                day: exemptions.of(day, [row, *(held for held in posts if held.runs_on(day))])
                for day, row in served.items()
            }
        )
        exempt_days |= {(person.id, day): clause for day, clause in some_days.items()}
        closed = gates.get(person.id, {})
        gate, some_days = _split({day: closed.get(period.policies[day].id) for day in served} if closed else {})
        gate_days |= {(person.id, day): clause for day, clause in some_days.items()}
        *former, last = [
            (row.ends, Stay(row.unit_id, _division(units, row.unit_id), row.post, row.echelon)) for row in rows
        ]
        members.append(
            Member(
                id=person.id,
                nip=person.nip,
                stay=last[1],
                exempt_clause=always,
                turns=turns.get(person.id, (0, 0))[0],
                chances=turns.get(person.id, (0, 0))[1],
                gate=gate,
                run_before=runs.get(person.id, 0),
                before=tuple((ends, stay) for ends, stay in former if ends is not None),
            )
        )
    return Staff(members, elsewhere, exempt_days, gate_days)


def _split(clauses: Mapping[date, str | None]) -> tuple[str | None, dict[date, str]]:
    """A clause that holds on all days alike; else those of some days."""
    if len(set(clauses.values())) == 1:
        return next(iter(clauses.values())), {}
    return None, {day: clause for day, clause in clauses.items() if clause}


class _Exemptions:
    """Clauses of posts and units by the policy of each day, looked up once per policy and not once per day."""

    def __init__(self, policies: Mapping[date, Policy], units: Mapping[str, Unit]) -> None:
        self._policies = policies
        self._of_units = {id_: clauses_by(policy, units) for id_, policy in _by_id(policies).items()}
        self._known: dict[tuple[str, ...], str | None] = {}

    def of(self, day: date, held: Sequence[Posting]) -> str | None:
        """The clause that keeps at the office on *day* who holds the posts *held*, their own first."""
        policy = self._policies[day]
        key = (policy.id, *(part for row in held for part in (row.post, row.echelon, row.unit_id)))
        if key not in self._known:
            of_units = self._of_units[policy.id]
            self._known[key] = exemption_of(
                [(row.post, row.echelon) for row in held], [of_units.get(row.unit_id) for row in held], policy
            )
        return self._known[key]


def _by_id(policies: Mapping[date, Policy]) -> dict[str, Policy]:
    """Each policy once: layers are joined anew for every day, and have one id as long as the same ones hold."""
    return {policy.id: policy for policy in policies.values()}


def _postings(session: Session, period: Period) -> tuple[dict[str, list[Posting]], dict[str, list[Posting]]]:
    """Per person who serves in the agency in the period: their main postings there, and all posts they hold besides."""
    then = (Posting.starts <= period.ends, or_(Posting.ends.is_(None), Posting.ends >= period.starts), Posting.active)
    here: dict[str, list[Posting]] = defaultdict(list)
    beside: dict[str, list[Posting]] = defaultdict(list)
    main = select(Posting).where(Posting.kind == MAIN, Posting.agency_id == period.agency_id, *then)
    for row in session.scalars(main.order_by(Posting.starts)):
        here[row.employee_id].append(row)
    for row in session.scalars(select(Posting).where(Posting.kind != MAIN, Posting.employee_id.in_(here), *then)):
        beside[row.employee_id].append(row)
    return here, beside


def _division(units: Mapping[str, Unit], unit_id: str) -> str:
    """The unit directly under the agency on the way up from *unit_id*."""
    seen: set[str] = set()
    current = unit_id
    while current in units and current not in seen:
        seen.add(current)
        above = units[current].parent_id
        if above is None or above not in units or units[above].is_agency:
            break
        current = above
    return current


def _turns(session: Session, ids: Collection[str], period: Period) -> dict[str, tuple[int, int]]:
    """Per person (WFH days, days on which they might have had one) in the year before, in whatever agency they were."""
    home = func.sum(case((RosterCell.mode == "wfh", 1), else_=0))
    rows = session.execute(
        select(RosterCell.employee_id, home, func.count())
        .join(Roster)
        .where(*_year_before(ids, period), RosterCell.rule.in_(SHARED_RULES))
        .group_by(RosterCell.employee_id)
    )
    return {employee_id: (int(had), int(might)) for employee_id, had, might in rows}


def _runs(session: Session, ids: Collection[str], period: Period) -> dict[str, int]:
    """Per person the WFH dates in a row with which the year before ended; they may reach back over several months."""
    rows = session.execute(
        select(RosterCell.employee_id, RosterCell.mode)
        .join(Roster)
        .where(*_year_before(ids, period), RosterCell.rule != "pattern")
        .order_by(RosterCell.date)
    )
    runs: dict[str, int] = defaultdict(int)
    for employee_id, mode in rows:
        runs[employee_id] = runs[employee_id] + 1 if mode == "wfh" else 0
    return runs


def _year_before(ids: Collection[str], period: Period) -> tuple[ColumnElement[bool], ...]:
    """Of cells joined with their rosters: what these people had in the twelve months before, by signed letters."""
    a_year_ago = period.month.replace(year=period.month.year - 1)
    span = RosterCell.date.between(a_year_ago, period.month - timedelta(days=1))
    return (RosterCell.employee_id.in_(ids), span, in_effect())


def _gates(session: Session, ids: Collection[str], period: Period) -> dict[str, dict[str, str]]:
    """Per person, and policy id, the clause of the gate that is closed for them and that no head has opened for this
    month."""
    closed = closed_gates(session, ids, period.policies.values())
    opened = opened_gates(session, closed, period.month)
    return {
        employee_id: {policy_id: gate.clause for policy_id, gate in gates.items()}
        for employee_id, gates in closed.items()
        if employee_id not in opened
    }


def _absences(session: Session, ids: Collection[str], period: Period) -> dict[Key, str]:
    rows = standing(session, ids, period.starts, period.ends)
    return {
        (row.employee_id, day): row.kind
        for row in rows
        for day in days_between(max(row.starts, period.starts), min(row.ends, period.ends))
    }


def _requests(session: Session, period: Period) -> Sequence[RosterRequest]:
    return session.scalars(
        select(RosterRequest).where(
            RosterRequest.agency_id == period.agency_id,
            RosterRequest.date.between(period.starts, period.ends),
            RosterRequest.status.in_(("asked", "approved")),
        )
    ).all()


def _swapped(members: Sequence[Member], former: Mapping[Key, Cell]) -> dict[Key, Pin]:
    """Swaps in the roster that is changed: two people arranged themselves by them. Requests approved later stand above
    them, and who has moved to another unit since is not bound: turns are swapped within one."""
    swapped = {key: cell for key, cell in former.items() if cell.rule == SWAP}
    units = {(member.id, day): member.on(day).unit_id for member in members for day in {day for _, day in swapped}}
    return {
        key: Pin(cell.mode, cell.clause, cell.rule) for key, cell in swapped.items() if units.get(key) == cell.unit_id
    }


def _called_back(members: Sequence[Member], former: Mapping[Key, Cell]) -> dict[Key, Pin]:
    """The head's word in the roster that is changed: it stands above approved requests, and holds for all of a unit,
    those who come to it or are back from leave, too. A unit in which anybody could have a turn that day was not called
    back: who was, has come to it since."""
    own = {key: Pin(cell.mode, cell.clause, cell.rule) for key, cell in former.items() if cell.rule in HEADS_WORD}
    of_unit: dict[str, dict[date, Pin]] = defaultdict(dict)
    for key, pin in own.items():
        of_unit[former[key].unit_id][key[1]] = pin
    for cell in former.values():
        if cell.rule in SHARED_RULES - HEADS_WORD:
            of_unit[cell.unit_id].pop(cell.date, None)
    everyone = {
        (member.id, day): called
        for member in members
        for day in {day for by_day in of_unit.values() for day in by_day}
        if (called := of_unit[member.on(day).unit_id].get(day)) is not None
    }
    return everyone | own


def _composition(session: Session, agency_id: str) -> Composition | None:
    choice = session.get(QuotaChoice, agency_id)
    return Composition(choice.share, choice.min_on_site) if choice else None


def cells_of(session: Session, roster_id: UUID, *days: date) -> dict[Key, Cell]:
    """A roster's cells, all or those of *days*."""
    query = select(RosterCell).where(RosterCell.roster_id == roster_id)
    rows: Iterable[RosterCell] = session.scalars(query.where(RosterCell.date.in_(days)) if days else query)
    return {
        (row.employee_id, row.date): Cell(
            row.employee_id, row.unit_id, row.date, row.mode, row.clause, row.rule, row.limit_id
        )
        for row in rows
    }
