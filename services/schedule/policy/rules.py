"""The policy as data: weekly pattern, exemptions by clause, quota. Read from one TOML file per circular."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fnmatch import fnmatchcase
from itertools import pairwise
from pathlib import Path
from typing import Any

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MODES = ("wfo", "wfh")


class PolicyFault(ValueError):
    """A policy file that cannot be carried out; the message names the file and the entry."""


@dataclass(frozen=True)
class DayRule:
    """The mode of a weekday and the clause that says so."""

    mode: str
    clause: str


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
class Quota:
    """Default composition: share of eligible people at home (rounded down), people who stay per unit (1.d, 1.g)."""

    share: Decimal
    min_on_site: int


@dataclass(frozen=True)
class Policy:
    """One circular."""

    id: str
    title: str
    valid_from: date
    valid_to: date | None
    pattern: Mapping[int, DayRule]  # weekday (Monday 0) → rule; a weekday without one is not a working day
    exemptions: Sequence[Exemption]
    quota: Quota
    texts: Mapping[str, str]

    def clause_of_post(self, post: str, echelon: str) -> str | None:
        """The exemption that a person's own post falls under (1.l.1–3)."""
        for exemption in self.exemptions:
            if echelon in exemption.echelons or _matches(post, exemption.posts):
                return exemption.clause
        return None

    def clause_of_unit(self, unit: str, agency: str) -> str | None:
        """The exemption that a unit falls under by its name (1.l.4–12)."""
        for exemption in self.exemptions:
            if _matches(unit, exemption.units) and (not exemption.agencies or _matches(agency, exemption.agencies)):
                return exemption.clause
        return None

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def text_of(self, clause: str) -> str:
        return self.texts.get(clause, "")


def _matches(name: str, patterns: Sequence[str]) -> bool:
    folded = name.casefold()
    return any(fnmatchcase(folded, pattern.casefold()) for pattern in patterns)


def read_policy(content: bytes, name: str) -> Policy:
    """A policy from TOML; raises PolicyFault naming what is missing or wrong."""
    try:
        data: dict[str, Any] = tomllib.loads(content.decode())
        pattern = {WEEKDAYS.index(day): DayRule(rule["mode"], rule["clause"]) for day, rule in data["pattern"].items()}
        exemptions = [_exemption(entry) for entry in data["exemptions"]]
        policy = Policy(
            id=data["id"],
            title=data["title"],
            valid_from=data["valid_from"],
            valid_to=data.get("valid_to"),
            pattern=pattern,
            exemptions=exemptions,
            quota=Quota(Decimal(str(data["quota"]["share"])), int(data["quota"]["min_on_site"])),
            texts={**data.get("texts", {}), **{entry.clause: entry.text for entry in exemptions}},
        )
    except (KeyError, ValueError, TypeError) as error:
        raise PolicyFault(f"{name}: {error!r}") from error
    wrong = {rule.mode for rule in pattern.values()} - set(MODES)
    if wrong:
        raise PolicyFault(f"{name}: unknown mode {sorted(wrong)} in [pattern]")
    if not 0 <= policy.quota.share <= 1 or policy.quota.min_on_site < 0:
        raise PolicyFault(f"{name}: [quota] share must be 0…1 and min_on_site 0 or more")
    return policy


def _exemption(entry: Mapping[str, Any]) -> Exemption:
    lists = {key: tuple(entry.get(key, ())) for key in ("echelons", "posts", "units", "agencies")}
    return Exemption(clause=entry["clause"], text=entry["text"], **lists)


def load_policies(folder: Path) -> list[Policy]:
    """All policies of *folder*, oldest first; raises PolicyFault when two hold on the same day."""
    policies = sorted(
        (read_policy(path.read_bytes(), path.name) for path in sorted(folder.glob("*.toml"))),
        key=lambda policy: policy.valid_from,
    )
    for earlier, later in pairwise(policies):
        if earlier.valid_to is None or earlier.valid_to >= later.valid_from:
            raise PolicyFault(f"{earlier.id} and {later.id} both hold on {later.valid_from}")
    return policies


def policy_on(policies: Sequence[Policy], day: date) -> Policy | None:
    return next((policy for policy in policies if policy.holds_on(day)), None)
