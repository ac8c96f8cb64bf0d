"""Policies from TOML files. What is wrong is named by file and field, so that whoever wrote it can mend it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from services.schedule.policy.entries import Entry
from services.schedule.policy.rules import (
    BASES,
    LAYERS,
    MODES,
    ON_SITE,
    PAIR,
    QUOTA,
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
    PolicyUnreadable,
    Quota,
)

KNOWN = {
    "id", "title", "cites", "layer", "agency", "valid_from", "valid_to", "pattern", "quota", "caps", "minimums",
    "gates", "in_a_row", "exemptions", "texts",
}  # fmt: skip


PEOPLE = ("echelons", "posts")


def load_policies(folder: Path) -> list[Policy]:
    """All policies of *folder*, by layer and then oldest first."""
    return in_order(read_policy(path.read_bytes(), path.name) for path in sorted(folder.glob("*.toml")))


def in_order(policies: Iterable[Policy]) -> list[Policy]:
    return sorted(policies, key=lambda policy: (LAYERS.index(policy.layer), policy.valid_from, policy.id))


def read_policy(content: bytes, name: str = "") -> Policy:
    """A policy from TOML. Raises PolicyFault, or PolicyUnreadable where a field cannot be read: naming the field, and
    the file by *name*."""
    try:
        policy = _policy(Entry(_toml(content)))
        if faults := dict(_contradictions(policy)):
            raise PolicyFault(" ".join(faults.values()), *faults)
    except PolicyFault as fault:
        if not name:
            raise
        raise type(fault)(f"{name}: {fault}", *fault.pointers) from fault
    return policy


def _toml(content: bytes) -> dict[str, Any]:
    try:
        return tomllib.loads(content.decode())
    except UnicodeDecodeError as error:
        raise PolicyUnreadable("Berkas harus tersimpan sebagai UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"at line (\d+), column (\d+)", str(error))
        where = f"pada baris {at[1]}, kolom {at[2]}" if at else "di akhir berkas"
        raise PolicyUnreadable(f"Tulisan TOML tidak terbaca {where}.") from error


def _policy(file: Entry) -> Policy:
    file.only(*KNOWN)
    in_a_row = file.table("in_a_row")
    in_a_row.only("dates", "clause")
    return Policy(
        id=file.text("id"),
        title=file.text("title"),
        cites=file.text("cites", ""),
        valid_from=file.day("valid_from"),
        valid_to=file.day("valid_to") if file.has("valid_to") else None,
        pattern=_pattern(file.table("pattern")),
        exemptions=file.each("exemptions", _exemption),
        quota=_quota(file.table("quota")) if file.has("quota") else None,
        caps=file.each("caps", _cap),
        minimums=file.each("minimums", _minimum),
        gates=file.each("gates", _gate),
        in_a_row=in_a_row.count("dates", least=1) if in_a_row.data else None,
        in_a_row_clause=in_a_row.text("clause") if in_a_row.data else "",
        texts=_texts(file),
        layer=file.word("layer", LAYERS, "city"),
        agency_id=file.text("agency") if file.has("agency") else None,
    )


def _texts(file: Entry) -> dict[str, str]:
    """Clause → words: of [texts], and of the rules that bring their own; those of gates are kept apart."""
    found: dict[str, str] = {}
    for key in ("caps", "minimums", "exemptions"):
        said = file.each(key, lambda entry: (entry.text("clause"), entry.text("text", "")))
        found |= {clause: text for clause, text in said if text}
    texts = file.table("texts")
    return found | {clause: texts.text(clause) for clause in texts.data}


def _pattern(days: Entry) -> dict[int, DayRule]:
    found = {}
    for day in days.data:
        if day not in WEEKDAYS:
            raise days.fault(day, f"hari ini tidak dikenal; pilih {', '.join(WEEKDAYS)}")
        rule = days.table(day)
        rule.only("mode", "clause")
        found[WEEKDAYS.index(day)] = DayRule(rule.word("mode", MODES), rule.text("clause"))
    return found


def _exemption(entry: Entry) -> Exemption:
    entry.only("clause", "text", "echelons", "posts", "units", "agencies")
    lists = {key: entry.names(key) for key in ("echelons", "posts", "units", "agencies")}
    return Exemption(clause=entry.text("clause"), text=entry.text("text"), **lists)


def _cap(entry: Entry) -> Cap:
    entry.only("id", "clause", "text", "share", "number", "base", "rounding", "per", *PEOPLE)
    if entry.has("share") == entry.has("number"):
        raise entry.fault("share", "isi salah satu, “share” atau “number”")
    return Cap(
        id=entry.text("id"),
        clause=entry.text("clause"),
        share=entry.share("share") if entry.has("share") else None,
        number=entry.count("number") if entry.has("number") else None,
        base=entry.word("base", BASES, "eligible"),
        rounding=entry.word("rounding", tuple(ROUNDINGS), "floor"),
        per=entry.word("per", SCOPES, "unit"),
        of=_people(entry),
    )


def _minimum(entry: Entry) -> Minimum:
    entry.only("id", "clause", "text", "people", "label", "per", *PEOPLE)
    return Minimum(
        id=entry.text("id"),
        clause=entry.text("clause"),
        people=entry.count("people"),
        label=entry.text("label"),
        per=entry.word("per", SCOPES, "unit"),
        of=_people(entry),
    )


def _gate(entry: Entry) -> Gate:
    entry.only("clause", "text", "when", "at_least", "values")
    when, values = entry.word("when", STANDINGS), entry.names("values")
    if (when == "rating") != bool(values):
        raise entry.fault("values", "diisi bila “when” adalah rating, dan hanya bila itu")
    return Gate(entry.text("clause"), entry.text("text"), when, entry.count("at_least", 1), values)


def _quota(entry: Entry) -> Quota:
    entry.only("share", "min_on_site", "base", "rounding", "per")
    return Quota(
        share=entry.share("share"),
        min_on_site=entry.count("min_on_site"),
        base=entry.word("base", BASES, "eligible"),
        rounding=entry.word("rounding", tuple(ROUNDINGS), "floor"),
        per=entry.word("per", SCOPES, "unit"),
    )


def _people(entry: Entry) -> People:
    return People(entry.names("echelons"), entry.names("posts"))


def _contradictions(policy: Policy) -> Iterator[tuple[str, str]]:
    """(pointer, text) of what no roster could carry out, or what would never mean anything."""
    if (policy.layer == "agency") != (policy.agency_id is not None):
        yield "/agency", "agency: diisi pada lapisan agency, dan hanya di sana."
    if policy.valid_to is not None and policy.valid_to < policy.valid_from:
        yield "/valid_to", f"valid_to: {policy.valid_to:%d-%m-%Y} mendahului valid_from, {policy.valid_from:%d-%m-%Y}."
    entries = [("caps", n, cap.id) for n, cap in enumerate(policy.caps)]
    entries += [("minimums", n, minimum.id) for n, minimum in enumerate(policy.minimums)]
    seen: set[str] = set()
    for entry, number, id_ in entries:
        where, what = f"/{entry}/{number}/id", f"[[{entry}]] {number + 1} id: “{id_}”"
        if id_ in (QUOTA, ON_SITE, PAIR):
            yield where, f"{what} dipakai oleh Luwes sendiri; beri id lain."
        if id_ in seen:
            yield where, f"{what} sudah dipakai."
        seen.add(id_)
