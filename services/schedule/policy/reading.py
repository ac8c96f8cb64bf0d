"""Policies from TOML files. What is wrong is named by file and entry, so that whoever wrote it can mend it."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, TypeVar

from services.schedule.policy.rules import (
    BASES,
    LAYERS,
    MODES,
    ROUNDINGS,
    SCOPES,
    STANDINGS,
    WEEKDAYS,
    Cap,
    DayRule,
    Exemption,
    Gate,
    Minimum,
    People,
    Policy,
    PolicyFault,
    Quota,
)

T = TypeVar("T")
KNOWN = {
    "id", "title", "layer", "agency", "valid_from", "valid_to", "pattern", "quota", "caps", "minimums", "gates",
    "in_a_row", "exemptions", "texts",
}  # fmt: skip


def load_policies(folder: Path) -> list[Policy]:
    """All policies of *folder*, by layer and then oldest first."""
    return in_order(read_policy(path.read_bytes(), path.name) for path in sorted(folder.glob("*.toml")))


def in_order(policies: Any) -> list[Policy]:
    return sorted(policies, key=lambda policy: (LAYERS.index(policy.layer), policy.valid_from, policy.id))


def read_policy(content: bytes, name: str) -> Policy:
    """A policy from TOML; raises PolicyFault naming what is missing or wrong."""
    try:
        data: dict[str, Any] = tomllib.loads(content.decode())
        policy = _policy(data)
    except KeyError as error:
        raise PolicyFault(f"{name}: {error.args[0]} is missing") from error
    except (ValueError, TypeError, InvalidOperation, AttributeError) as error:
        raise PolicyFault(f"{name}: {error}") from error
    faults = [f"unknown entry {key!r}" for key in sorted(set(data) - KNOWN)] + list(_contradictions(policy))
    if faults:
        raise PolicyFault(f"{name}: " + "; ".join(faults))
    return policy


def _policy(data: Mapping[str, Any]) -> Policy:
    exemptions = _each(data, "exemptions", _exemption)
    gates = _each(data, "gates", _gate)
    entries = [*data.get("caps", ()), *data.get("minimums", ()), *data.get("exemptions", ())]
    texts = {entry["clause"]: entry["text"] for entry in entries if "text" in entry and "clause" in entry}
    in_a_row = data.get("in_a_row", {})
    return Policy(
        id=data["id"],
        title=data["title"],
        valid_from=_day(data["valid_from"]),
        valid_to=_day(data["valid_to"]) if "valid_to" in data else None,
        pattern={
            _one_of(WEEKDAYS, day): DayRule(str(rule["mode"]), str(rule["clause"]))
            for day, rule in data.get("pattern", {}).items()
        },
        exemptions=exemptions,
        quota=_quota(data["quota"]) if "quota" in data else None,
        caps=_each(data, "caps", _cap),
        minimums=_each(data, "minimums", _minimum),
        gates=gates,
        in_a_row=int(in_a_row["dates"]) if in_a_row else None,
        in_a_row_clause=str(in_a_row["clause"]) if in_a_row else "",
        texts={**texts, **data.get("texts", {})},
        layer=str(data.get("layer", "city")),
        agency_id=data.get("agency"),
    )


def _each(data: Mapping[str, Any], name: str, read: Callable[[Mapping[str, Any]], T]) -> tuple[T, ...]:
    found = []
    for number, entry in enumerate(data.get(name, ()), 1):
        try:
            found.append(read(entry))
        except KeyError as error:
            raise ValueError(f"[[{name}]] {number}: {error.args[0]} is missing") from error
        except (ValueError, TypeError, InvalidOperation) as error:
            raise ValueError(f"[[{name}]] {number}: {error}") from error
    return tuple(found)


def _exemption(entry: Mapping[str, Any]) -> Exemption:
    lists = {key: tuple(entry.get(key, ())) for key in ("echelons", "posts", "units", "agencies")}
    return Exemption(clause=entry["clause"], text=entry["text"], **lists)


def _cap(entry: Mapping[str, Any]) -> Cap:
    if ("share" in entry) == ("number" in entry):
        raise ValueError("give either share or number")
    return Cap(
        id=str(entry["id"]),
        clause=str(entry["clause"]),
        share=_share(entry["share"]) if "share" in entry else None,
        number=_count(entry["number"]) if "number" in entry else None,
        base=_word(BASES, entry.get("base", "eligible")),
        rounding=_word(tuple(ROUNDINGS), entry.get("rounding", "floor")),
        per=_word(SCOPES, entry.get("per", "unit")),
        of=_people(entry),
    )


def _minimum(entry: Mapping[str, Any]) -> Minimum:
    return Minimum(
        id=str(entry["id"]),
        clause=str(entry["clause"]),
        people=_count(entry["people"]),
        label=str(entry["label"]),
        per=_word(SCOPES, entry.get("per", "unit")),
        of=_people(entry),
    )


def _gate(entry: Mapping[str, Any]) -> Gate:
    when = _word(STANDINGS, entry["when"])
    values = tuple(str(value) for value in entry.get("values", ()))
    if (when == "rating") != bool(values):
        raise ValueError("a gate on the rating names its values, and no other does")
    return Gate(str(entry["clause"]), str(entry["text"]), when, _count(entry.get("at_least", 1)), values)


def _quota(entry: Mapping[str, Any]) -> Quota:
    return Quota(
        share=_share(entry["share"]),
        min_on_site=_count(entry["min_on_site"]),
        base=_word(BASES, entry.get("base", "eligible")),
        rounding=_word(tuple(ROUNDINGS), entry.get("rounding", "floor")),
        per=_word(SCOPES, entry.get("per", "unit")),
    )


def _people(entry: Mapping[str, Any]) -> People:
    return People(tuple(entry.get("echelons", ())), tuple(entry.get("posts", ())))


def _share(value: Any) -> Decimal:
    share = Decimal(str(value))
    if not 0 <= share <= 1:
        raise ValueError(f"share must be 0 … 1, not {value}")
    return share


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"a number of people must be 0 or more, not {value!r}")
    return value


def _day(value: Any) -> date:
    if not isinstance(value, date):
        raise TypeError(f"{value!r} is no date")
    return value


def _one_of(words: Sequence[str], word: str) -> int:
    return words.index(_word(words, word))


def _word(words: Sequence[str], word: Any) -> str:
    if word not in words:
        raise ValueError(f"{word!r} is none of {', '.join(words)}")
    return str(word)


def _contradictions(policy: Policy) -> list[str]:
    """What no roster could carry out, or what would never mean anything."""
    found = []
    if policy.layer not in LAYERS:
        found.append(f"layer {policy.layer!r} is none of {', '.join(LAYERS)}")
    if (policy.layer == "agency") != (policy.agency_id is not None):
        found.append("agency is named by policies of the layer agency, and by no other")
    if policy.valid_to is not None and policy.valid_to < policy.valid_from:
        found.append("valid_to is before valid_from")
    wrong = {rule.mode for rule in policy.pattern.values()} - set(MODES)
    if wrong:
        found.append(f"unknown mode {sorted(wrong)} in [pattern]")
    if policy.in_a_row is not None and policy.in_a_row < 1:
        found.append("[in_a_row] dates must be 1 or more")
    ids = [cap.id for cap in policy.caps] + [minimum.id for minimum in policy.minimums]
    found += [f"id {id_!r} is used twice" for id_ in sorted({id_ for id_ in ids if ids.count(id_) > 1})]
    return found
