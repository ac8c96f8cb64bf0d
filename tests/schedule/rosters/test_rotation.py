"""Against plain rotation, which is how rosters are made by hand: never fewer days at home, never less even."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from services.schedule.policy.rules import Quota
from services.schedule.rosters.limits import Member, Stay
from services.schedule.rosters.question import Key, Question
from services.schedule.rosters.rules import plan_roster
from tests.schedule.rosters.questions import FRIDAYS, a_policy, a_question
from tests.schedule.rosters.test_properties import broken, home_of, unevenness

MANY = settings(max_examples=250, deadline=None)
SHARES = [Decimal(percent) / 100 for percent in (10, 25, 33, 50, 66, 75, 90, 100)]


@st.composite
def units(draw: st.DrawFn, alike: bool = False) -> Question:
    """One unit with leave, exemptions, past turns and any share; *alike*: all have had as many chances, and have more
    of them on the same dates, so that turns alone tell who fared better."""
    days = FRIDAYS[: draw(st.integers(1, 9))]
    people = []
    same = draw(st.integers(6, 12))
    for n in range(draw(st.integers(1, 10))):
        turns = draw(st.integers(0, 6))
        chances = same if alike else turns + draw(st.integers(0, 6))
        exempt = None if alike else draw(st.sampled_from([None, None, None, None, "1.l.2"]))
        people.append(Member(f"E{n:02}", f"{n:03}", Stay("U1"), exempt, turns, chances))
    cell = st.tuples(st.sampled_from([member.id for member in people]), st.sampled_from(days))
    return a_question(
        people,
        days,
        policy=a_policy(
            quota=Quota(draw(st.sampled_from(SHARES)), 0),
            in_a_row=draw(st.none() | st.integers(1, 4)),
            in_a_row_clause="1.g",
        ),
        absent={} if alike else draw(st.dictionaries(cell, st.just("leave"), max_size=10)),
    )


def free_days(question: Question, member: Member) -> int:
    if member.exempt_clause:
        return 0
    return sum((member.id, day) not in question.absent for day in question.wfh_dates())


def rotation(question: Question) -> set[Key]:
    """Plain turns: each date the next people of the list, as many as the share allows; who cannot is passed over."""
    ids = [member.id for member in question.members]
    home: set[Key] = set()
    at = 0
    for day in question.wfh_dates():
        may = {m.id for m in question.members if not m.exempt_clause and (m.id, day) not in question.absent}
        quota = question.policies[day].quota
        assert quota
        chosen = [id_ for id_ in ids[at:] + ids[:at] if id_ in may][: int(quota.share * len(may))]
        at = (ids.index(chosen[-1]) + 1) % len(ids) if chosen else at
        home |= {(id_, day) for id_ in chosen}
    return home


def rates(question: Question, home: set[Key]) -> list[Fraction]:
    """Turns ÷ chances of each who might have been at home, past months included."""
    days = question.wfh_dates()
    return [
        Fraction(member.turns + sum((member.id, day) in home for day in days), member.chances + may)
        for member in question.members
        if (may := free_days(question, member))
    ]


def compared(question: Question) -> tuple[set[Key], set[Key]]:
    """The roster and plain rotation with as many days at home; there are never fewer."""
    plain = rotation(question)
    assume(not broken(question, plain))  # rotation knows nothing of runs
    plan = plan_roster(question)
    assume(plan.optimal)
    home = home_of(plan)
    assert len(home) >= len(plain)
    assume(len(home) == len(plain))
    return home, plain


@MANY
@given(units())
def test_turns_are_never_shared_less_evenly_than_by_plain_rotation(question: Question) -> None:
    home, plain = compared(question)
    # turns are weighed in ten-thousandths
    assert unevenness(question, home) <= unevenness(question, plain) + Fraction(2 * len(home), 10_000)


@MANY
@given(units(alike=True))
def test_among_those_with_as_many_chances_the_best_and_worst_off_are_no_farther_apart(question: Question) -> None:
    one, other = (rates(question, home) for home in compared(question))
    assert max(one) <= max(other)
    assert min(one) >= min(other)


def test_the_best_and_worst_off_may_be_farther_apart_where_somebody_has_hardly_had_a_chance() -> None:
    """What is made small is the sum of squares of turns ÷ chances, weighted by the chances, not the distance between
    the highest rate and the lowest. Who is new has one chance: a single turn makes 1 of 1, a higher rate than
    anyone's, and still is theirs sooner than the sixth turn of a colleague who had five."""
    had = [(5, 7), (4, 5), (0, 0), (0, 2), (0, 0)]
    people = [Member(f"E{n}", f"{n}", Stay("U1"), None, turns, chances) for n, (turns, chances) in enumerate(had)]
    question = a_question(people, FRIDAYS[:1], policy=a_policy(quota=Quota(Decimal("0.5"), 0)))
    home, plain = home_of(plan_roster(question)), rotation(question)
    assert {id_ for id_, _ in plain} == {"E0", "E1"}  # the two who had most already
    assert "E3" in {id_ for id_, _ in home}
    assert unevenness(question, home) < unevenness(question, plain)
    spread = [max(rate) - min(rate) for rate in (rates(question, home), rates(question, plain))]
    assert spread[0] > spread[1]
