"""What a narrower layer may not do: loosen a wider one.

Each field by itself is as strict as the wider layer's, or stricter: so nobody has to know the staff to see that it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from services.schedule.policy.rules import LAYER_WORDS, SCOPES, WEEKDAYS, Cap, Exemption, Policy, PolicyLoosened, Quota

BASES_BY_SIZE = ("eligible", "present", "all")
ROUNDINGS_BY_SIZE = ("floor", "nearest", "ceil")
"""Strictest first."""


@dataclass(frozen=True)
class Looser:
    """A field of the narrower policy that loosens the wider one's. pointer: JSON pointer of it; wide, narrow: both
    values, for people."""

    pointer: str
    field: str
    wide: str
    narrow: str


def refuse_looser(wide: Policy, narrow: Policy) -> None:
    """Raises PolicyLoosened, naming both layers, the field and both values, when *narrow* loosens *wide*."""
    for found in loosened(wide, narrow):
        one, other = (LAYER_WORDS[policy.layer] for policy in (wide, narrow))
        raise PolicyLoosened(
            f"{narrow.id} (lapisan {other}) melonggarkan {wide.id} (lapisan {one}) pada {found.field}: "
            f"{one} menetapkan {found.wide}, {other} {found.narrow}.",
            found.pointer,
        )


def loosened(wide: Policy, narrow: Policy) -> Iterator[Looser]:
    """All that *narrow* loosens. Where both speak they are compared; what only one says holds by itself."""
    for weekday, rule in narrow.pattern.items():
        before = wide.pattern.get(weekday)
        if before is not None and (before.mode, rule.mode) == ("wfo", "wfh"):
            name = WEEKDAYS[weekday]
            values = [f"{each.mode} ({each.clause})" for each in (before, rule)]
            yield Looser(f"/pattern/{name}", f"pattern.{name}", *values)
    if wide.quota is not None and narrow.quota is not None:
        yield from _quota(wide.quota, narrow.quota)
    for number, cap in enumerate(narrow.caps):
        for wider in wide.caps:
            yield from _cap(number, wider, cap)
    for number, minimum in enumerate(narrow.minimums):
        for least in wide.minimums:
            if (minimum.per, minimum.of) == (least.per, least.of) and minimum.people < least.people:
                field = f"minimums “{minimum.id}”, people"
                yield Looser(f"/minimums/{number}/people", field, f"{least.people}", f"{minimum.people}")
    if narrow.in_a_row is not None and wide.in_a_row is not None and narrow.in_a_row > wide.in_a_row:
        yield Looser("/in_a_row/dates", "in_a_row.dates", f"{wide.in_a_row}", f"{narrow.in_a_row}")
    for number, gate in enumerate(narrow.gates):
        for closer in wide.gates:
            if gate.when == closer.when == "overdue_reports" and gate.at_least > closer.at_least:
                field = f"gates “{gate.clause}”, at_least"
                yield Looser(f"/gates/{number}/at_least", field, f"{closer.at_least}", f"{gate.at_least}")
    yield from _exemptions(wide.exemptions, narrow.exemptions)


def _quota(wide: Quota, narrow: Quota) -> Iterator[Looser]:
    if narrow.share > wide.share:
        yield Looser("/quota/share", "quota.share", percent(wide.share), percent(narrow.share))
    if narrow.min_on_site < wide.min_on_site:
        yield Looser("/quota/min_on_site", "quota.min_on_site", f"{wide.min_on_site}", f"{narrow.min_on_site}")
    if _after(BASES_BY_SIZE, wide.base, narrow.base):
        yield Looser("/quota/base", "quota.base", wide.base, narrow.base)
    if _after(ROUNDINGS_BY_SIZE, wide.rounding, narrow.rounding):
        yield Looser("/quota/rounding", "quota.rounding", wide.rounding, narrow.rounding)
    parts_round_up = _after(SCOPES, narrow.per, wide.per) and narrow.rounding != "floor"  # ten halves would be ten
    if _after(SCOPES, wide.per, narrow.per) or parts_round_up:
        yield Looser("/quota/per", "quota.per", wide.per, f"{narrow.per} ({narrow.rounding})")


def _cap(number: int, wide: Cap, narrow: Cap) -> Iterator[Looser]:
    """Both hold together; one that asks the same question and allows more would never decide."""
    if (wide.per, wide.of) != (narrow.per, narrow.of):
        return
    at, name = f"/caps/{number}", f"caps “{narrow.id}”"
    if wide.share is not None and narrow.share is not None and wide.base == narrow.base:
        if narrow.share > wide.share:
            yield Looser(f"{at}/share", f"{name}, share", percent(wide.share), percent(narrow.share))
        elif narrow.share == wide.share and _after(ROUNDINGS_BY_SIZE, wide.rounding, narrow.rounding):
            yield Looser(f"{at}/rounding", f"{name}, rounding", wide.rounding, narrow.rounding)
    if wide.number is not None and narrow.number is not None and narrow.number > wide.number:
        yield Looser(f"{at}/number", f"{name}, number", f"{wide.number}", f"{narrow.number}")


def _exemptions(wide: Sequence[Exemption], narrow: Sequence[Exemption]) -> Iterator[Looser]:
    """Exemptions of both layers hold; of a clause that both have the narrower one leaves nobody out."""
    before, after = _by_clause(wide), _by_clause(narrow)
    for clause in [clause for clause in after if clause in before]:
        number = next(number for number, exemption in enumerate(narrow) if exemption.clause == clause)
        for key in ("echelons", "posts", "units"):
            if before[clause][key] - after[clause][key]:
                values = [_listed(side[clause][key]) for side in (before, after)]
                yield Looser(f"/exemptions/{number}/{key}", f"exemptions “{clause}”, {key}", *values)


def _by_clause(exemptions: Sequence[Exemption]) -> dict[str, dict[str, set[str]]]:
    found: dict[str, dict[str, set[str]]] = {}
    for exemption in exemptions:
        entry = found.setdefault(exemption.clause, {"echelons": set(), "posts": set(), "units": set()})
        entry["echelons"] |= set(exemption.echelons)
        entry["posts"] |= set(exemption.posts)
        entry["units"] |= set(_of_agencies(exemption))
    return found


def _of_agencies(exemption: Exemption) -> Iterator[str]:
    """Patterns of units, each with those of its agencies: “unit”, or “unit @ agency”."""
    for unit in exemption.units:
        yield from (f"{unit} @ {agency}" for agency in exemption.agencies)
        if not exemption.agencies:
            yield unit


def _after(order: Sequence[str], one: str, other: str) -> bool:
    return order.index(other) > order.index(one)


def percent(share: Decimal) -> str:
    return f"{float(share) * 100:g} %".replace(".", ",")


def _listed(values: set[str]) -> str:
    return ", ".join(sorted(values)) or "tidak ada"
