"""Whether contracts may be changed so within their version: by additions that readers and writers of before bear.

Events lie in queues and outboxes across an upgrade, and services are not upgraded in one moment. So a field keeps its
name, its type and whether it is required; a new field is not required; a contract goes only when it is retired by name.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

Schemas = Mapping[str, Mapping[str, Any]]
"""JSON Schemas by name, as in ``components.schemas`` of docs/asyncapi.yaml."""


def incompatibilities(before: Schemas, now: Schemas, *, retired: Collection[str] = ()) -> list[str]:
    """What of *before* a reader or writer would miss in *now*, a sentence each."""
    found = []
    for name, old in sorted(before.items()):
        if name in retired:
            continue
        if name not in now:
            found.append(f"{name} is gone")
            continue
        found += [f"{name}.{complaint}" for complaint in _of_one(old, now[name])]
    return found


def _of_one(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    fields, news = old.get("properties", {}), new.get("properties", {})
    required, now_required = set(old.get("required", [])), set(new.get("required", []))
    found = [f"{name} is gone" for name in fields if name not in news]
    both = [name for name in fields if name in news]
    found += [f"{name} was {fields[name]}, is {news[name]}" for name in both if news[name] != fields[name]]
    found += [f"{name} is new and required" for name in sorted(now_required - set(fields))]
    for name in sorted((required ^ now_required) & set(both)):
        found.append(f"{name} was {'' if name in required else 'not '}required")
    return found
