"""Questions to plan rosters from: made by hand with overrides, or by hypothesis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from services.schedule.policy.rules import Cap, DayRule, Minimum, People, Policy, Quota
from services.schedule.rosters.limits import Member, Pair, Stay
from services.schedule.rosters.question import Pin, Question

FRIDAYS = [date(2026, 7, 3) + timedelta(weeks=week) for week in range(9)]


def a_policy(**overrides: Any) -> Policy:
    values: dict[str, Any] = {
        "id": "test", "title": "Edaran", "valid_from": date(2026, 1, 1), "valid_to": None,
        "pattern": {4: DayRule("wfh", "1.b.2")}, "quota": Quota(Decimal("0.5"), 1),
    }  # fmt: skip
    return Policy(**{**values, **overrides})


def members(count: int, unit: str = "U1", **overrides: Any) -> list[Member]:
    """overrides: fields of Member; post and echelon of their stay."""
    stay = Stay(unit, post=overrides.pop("post", ""), echelon=overrides.pop("echelon", ""))
    return [Member(f"{unit}-{n}", f"{unit}{n:03d}", stay, **overrides) for n in range(count)]


def a_question(people: Sequence[Member], days: Sequence[date] = FRIDAYS, **overrides: Any) -> Question:
    """overrides: fields of Question; ``policy`` holds on all days."""
    policy = overrides.pop("policy", a_policy())
    return Question(people, days, dict.fromkeys(days, policy), **overrides)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    share = st.sampled_from([Decimal(0), Decimal("0.25"), Decimal("0.5"), Decimal("0.75"), Decimal(1)])
    rounding = st.sampled_from(["floor", "ceil", "nearest"])
    per = st.sampled_from(["unit", "division", "agency"])
    base = st.sampled_from(["all", "present", "eligible"])
    caps = [Cap("many", "2.a", None, draw(st.integers(0, 4)), per=draw(per))] if draw(st.booleans()) else []
    if draw(st.booleans()):
        tier = People(echelons=("41",))
        caps.append(Cap("tier", "2.b", draw(share), None, draw(base), draw(rounding), draw(per), tier))
    functions = [
        Minimum(f"function {name}", "1.g", draw(st.integers(0, 2)), name, draw(per), People(posts=(name,)))
        for name in draw(st.sets(st.sampled_from(["bendahara", "pengelola"])))
    ]
    return a_policy(
        quota=Quota(draw(share), draw(st.integers(0, 2)), draw(base), draw(rounding), draw(per)),
        caps=tuple(caps),
        minimums=tuple(functions),
        in_a_row=draw(st.none() | st.integers(1, 3)),
        in_a_row_clause="1.g",
    )


@st.composite
def stays(draw: st.DrawFn) -> Stay:
    return Stay(
        unit_id=draw(st.sampled_from(["U1", "U2", "U3"])),
        division_id=draw(st.sampled_from(["D1", "D2"])),
        post=draw(st.sampled_from(["analis", "bendahara", "pengelola"])),
        echelon=draw(st.sampled_from(["99", "41"])),
    )


@st.composite
def questions(draw: st.DrawFn, people: int = 9, dates: int = 6) -> Question:
    """Up to *people* in up to three units, over up to *dates* Fridays, with all that can be asked of a roster."""
    days = FRIDAYS[: draw(st.integers(1, dates))]
    everyone = []
    for n in range(draw(st.integers(1, people))):
        turns = draw(st.integers(0, 4))
        everyone.append(
            Member(
                id=f"E{n}",
                nip=f"{n:03d}",
                stay=draw(stays()),
                exempt_clause=draw(st.sampled_from([None, None, None, "1.l.2"])),
                turns=turns,
                chances=turns + draw(st.integers(0, 4)),
                gate=draw(st.sampled_from([None, None, None, None, "1.g"])),
                run_before=draw(st.integers(0, 2)),
                before=((draw(st.sampled_from(days)), draw(stays())),) if draw(st.integers(0, 3)) == 0 else (),
            )
        )
    cell = st.tuples(st.sampled_from([member.id for member in everyone]), st.sampled_from(days))
    mode = st.sampled_from(["wfh", "wfo"])
    ids = [member.id for member in everyone]
    pairs = [Pair(ids[0], ids[-1])] if len(ids) > 1 and draw(st.booleans()) else []
    first, second = draw(policies()), draw(policies())
    change = draw(st.sampled_from([*days, None]))  # from this day on another policy holds
    question = a_question(
        everyone,
        days,
        policy=first,
        absent=draw(st.dictionaries(cell, st.sampled_from(["leave", "travel"]), max_size=6)),
        pins={key: Pin(to) for key, to in draw(st.dictionaries(cell, mode, max_size=3)).items()},
        wishes=draw(st.dictionaries(cell, mode, max_size=4)),
        pairs=pairs,
        elsewhere=draw(st.frozensets(cell, max_size=5)),
        exempt_days=draw(st.dictionaries(cell, st.just("1.l.3"), max_size=3)),
        gate_days=draw(st.dictionaries(cell, st.just("2.f"), max_size=3)),
    )
    return replace(question, policies={day: second if change and day >= change else first for day in days})


@dataclass(frozen=True)
class Amendment:
    """A question whose answer is published; days up to *locked_until* are past when it is asked anew as *changed*."""

    question: Question
    changed: Question
    locked_until: date


@st.composite
def amendments(draw: st.DrawFn, question: Question) -> Amendment:
    """*question*, and one thing that changes on a day after those that are locked: an absence, an exemption, a gate, or
    a day at the office or at home by the operator's word."""
    locked_until = draw(st.sampled_from(question.days))
    later = [day for day in question.days if day > locked_until]
    if not later:
        return Amendment(question, question, locked_until)
    key = (draw(st.sampled_from(question.members)).id, draw(st.sampled_from(later)))
    pins = [("pins", Pin(mode)) for mode in ("wfo", "wfh")]
    changed = [("absent", "leave"), ("exempt_days", "1.l.3"), ("gate_days", "2.f"), *pins]
    name, value = draw(st.sampled_from(changed))
    changes: dict[str, Any] = {name: {**getattr(question, name), key: value}}
    return Amendment(question, replace(question, **changes), locked_until)
