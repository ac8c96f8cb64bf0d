"""The policy as data: weekly pattern, exemptions, caps, minimums and gates, each by its clause.

One :class:`Policy` is one circular of one layer; what holds for an agency on a day is several of them joined
(:mod:`services.schedule.policy.layers`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from fnmatch import fnmatchcase

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MODES = ("wfo", "wfh")
LAYERS = ("national", "province", "city", "agency")
"""Widest first: a narrower one may only tighten."""

LAYER_WORDS = {"national": "nasional", "province": "provinsi", "city": "kota", "agency": "perangkat daerah"}

BASES = ("all", "present", "eligible")
"""Of whom a share is taken: all staff of the unit; those not on leave, travel or training; of these the non-exempt."""

ROUNDINGS = {"floor": ROUND_FLOOR, "ceil": ROUND_CEILING, "nearest": ROUND_HALF_UP}
SCOPES = ("unit", "division", "agency")
"""Whose people are counted together: each unit of SIMPEG by itself; a unit directly under the agency with all below it;
the agency."""

STANDINGS = ("overdue_reports", "rating", "sanction")
"""What a gate may look at."""


class PolicyFault(ValueError):
    """Policies that cannot be carried out. The message names what is wrong, in Indonesian; pointers: JSON pointers of
    the entries, for machines."""

    def __init__(self, text: str, *pointers: str) -> None:
        super().__init__(text)
        self.pointers = pointers


class PolicyUnreadable(PolicyFault):
    """A policy whose text is no TOML, or has entries that say nothing that is known."""


class PolicyLoosened(PolicyFault):
    """A narrower layer that loosens a wider one."""


@dataclass(frozen=True)
class DayRule:
    """The mode of a weekday and the clause that says so."""

    mode: str
    clause: str


@dataclass(frozen=True)
class People:
    """Whom a rule speaks of, by echelon (SIASN eselonId) or post name (shell patterns, without regard to case);
    everyone when neither is named."""

    echelons: tuple[str, ...] = ()
    posts: tuple[str, ...] = ()

    def include(self, post: str, echelon: str) -> bool:
        everyone = not self.echelons and not self.posts
        return everyone or echelon in self.echelons or matches(post, self.posts)


@dataclass(frozen=True)
class Exemption:
    """Who stays at the office: by echelon (SIASN eselonId), by post name, or by unit and agency name.

    Names are shell patterns, compared without regard to case; without agencies any agency will do.
    """

    clause: str
    text: str
    echelons: tuple[str, ...] = ()
    posts: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cap:
    """At most a share, or a number, of people at home on one date. One of *share* (0 … 1) and *number* is set."""

    id: str
    clause: str
    share: Decimal | None = None
    number: int | None = None
    base: str = "eligible"
    rounding: str = "floor"
    per: str = "unit"
    of: People = People()

    def allows(self, base: int) -> int:
        """People who may be at home when *base* people count."""
        if self.share is None:
            return self.number or 0
        return int((self.share * base).to_integral_value(ROUNDINGS[self.rounding]))


QUOTA, ON_SITE, PAIR = "quota", "on_site", "pair"
"""Ids of the limits that every roster has, besides the caps and minimums of a policy."""


@dataclass(frozen=True)
class Minimum:
    """At least so many people on site on one date (1.g): of a unit, or of those with one function in it."""

    id: str
    clause: str
    people: int
    label: str
    per: str = "unit"
    of: People = People()


@dataclass(frozen=True)
class Standing:
    """What reporting knows of a person and a gate may look at. rating: above, as, below (expectation)."""

    overdue_reports: int = 0
    rating: str = ""
    sanction: bool = False


@dataclass(frozen=True)
class Gate:
    """Keeps people at the office whose *when* has reached *at_least*, or whose rating is one of *values* (1.g)."""

    clause: str
    text: str
    when: str
    at_least: int = 1
    values: tuple[str, ...] = ()

    def closes_for(self, standing: Standing) -> bool:
        if self.when == "rating":
            return standing.rating in self.values
        if self.when == "sanction":
            return standing.sanction
        return standing.overdue_reports >= self.at_least


@dataclass(frozen=True)
class Quota:
    """Composition of an agency (1.d): what the policy proposes until the head chooses. min_on_site: people per unit."""

    share: Decimal
    min_on_site: int
    base: str = "eligible"
    rounding: str = "floor"
    per: str = "unit"


@dataclass(frozen=True)
class Policy:
    """One circular, or several layers joined.

    cites: the parts of the circular that an assignment letter stands on, empty for the whole. pattern: weekday
    (Monday 0) → rule; a weekday without one is not a working day. in_a_row: WFH dates one may have one after the other,
    or None.
    """

    id: str
    title: str
    valid_from: date
    valid_to: date | None
    pattern: Mapping[int, DayRule]
    exemptions: Sequence[Exemption] = ()
    quota: Quota | None = None
    caps: Sequence[Cap] = ()
    minimums: Sequence[Minimum] = ()
    gates: Sequence[Gate] = ()
    in_a_row: int | None = None
    in_a_row_clause: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    layer: str = "city"
    agency_id: str | None = None
    cites: str = ""

    def clause_of_post(self, post: str, echelon: str) -> str | None:
        """The exemption that a person's own post falls under (1.l.1–3)."""
        for exemption in self.exemptions:
            if echelon in exemption.echelons or matches(post, exemption.posts):
                return exemption.clause
        return None

    def clause_of_unit(self, unit: str, agency: str) -> str | None:
        """The exemption that a unit falls under by its name (1.l.4–12)."""
        for exemption in self.exemptions:
            if matches(unit, exemption.units) and (not exemption.agencies or matches(agency, exemption.agencies)):
                return exemption.clause
        return None

    def gate_of(self, standing: Standing) -> Gate | None:
        """The first gate that is closed for a person of this *standing*."""
        return next((gate for gate in self.gates if gate.closes_for(standing)), None)

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def gate_texts(self) -> dict[str, str]:
        """Clause → words of its gates, which are not those of the clause's other rules."""
        found: dict[str, dict[str, None]] = {}
        for gate in self.gates:
            found.setdefault(gate.clause, {})[gate.text] = None
        return {clause: " ".join(texts) for clause, texts in found.items()}


def matches(name: str, patterns: Sequence[str]) -> bool:
    folded = name.casefold()
    return any(fnmatchcase(folded, pattern.casefold()) for pattern in patterns)
