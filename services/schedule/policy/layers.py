"""What holds for one agency on one day: national, provincial, city and agency policies joined.

A narrower layer may only tighten.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

from services.schedule.policy.rules import LAYERS, Policy, PolicyFault
from services.schedule.policy.tightening import refuse_looser

JOINT = "+"
"""Between the ids of joined policies."""


def effective(policies: Sequence[Policy], agency_id: str, day: date) -> Policy | None:
    """The layers that hold for *agency_id* on *day*, joined; None when there is no weekly pattern or composition."""
    found = [
        policy
        for policy in policies
        if policy.holds_on(day) and (policy.agency_id is None or policy.agency_id == agency_id)
    ]
    joined = join(found) if found else None
    return joined if joined is not None and joined.pattern and joined.quota is not None else None


def ended_before(policy: Policy, successor: Policy) -> Policy:
    """*policy*, ending the day before *successor* begins, if both are of one layer and it would still hold then."""
    same = (policy.layer, policy.agency_id) == (successor.layer, successor.agency_id)
    if same and policy.valid_from < successor.valid_from and policy.holds_on(successor.valid_from):
        return replace(policy, valid_to=successor.valid_from - timedelta(days=1))
    return policy


def join(policies: Sequence[Policy]) -> Policy:
    """Several layers as one policy. Raises PolicyLoosened when a narrower layer loosens any of the wider ones."""
    ordered = sorted(policies, key=lambda policy: LAYERS.index(policy.layer))
    joined = ordered[0]
    for number, policy in enumerate(ordered[1:], 1):
        for wider in ordered[:number]:
            refuse_looser(wider, policy)
            _refuse_same_ids(wider, policy)
        joined = _tighten(joined, policy)
    return joined


def _tighten(wide: Policy, narrow: Policy) -> Policy:
    runs = [policy for policy in (wide, narrow) if policy.in_a_row is not None]
    strictest = min(runs, key=lambda policy: policy.in_a_row or 0, default=wide)
    return Policy(
        id=f"{wide.id}{JOINT}{narrow.id}",
        title=narrow.title,
        cites=narrow.cites,
        valid_from=max(wide.valid_from, narrow.valid_from),
        valid_to=min((end for end in (wide.valid_to, narrow.valid_to) if end is not None), default=None),
        pattern={**wide.pattern, **narrow.pattern},
        exemptions=(*wide.exemptions, *narrow.exemptions),
        quota=narrow.quota or wide.quota,
        caps=(*wide.caps, *narrow.caps),
        minimums=(*wide.minimums, *narrow.minimums),
        gates=(*wide.gates, *narrow.gates),
        in_a_row=strictest.in_a_row,
        in_a_row_clause=strictest.in_a_row_clause,
        texts={**wide.texts, **narrow.texts},
        layer=narrow.layer,
        agency_id=narrow.agency_id or wide.agency_id,
    )


def _refuse_same_ids(wide: Policy, narrow: Policy) -> None:
    """A cap or minimum is known by its id: of two with one id the narrower would take the wider's place."""
    taken = {cap.id for cap in wide.caps} | {minimum.id for minimum in wide.minimums}
    own = [("caps", [cap.id for cap in narrow.caps]), ("minimums", [minimum.id for minimum in narrow.minimums])]
    for entry, ids in own:
        for number, id_ in enumerate(ids):
            if id_ in taken:
                raise PolicyFault(
                    f"{entry} “{id_}” pada {narrow.id} memakai id yang sudah dipakai {wide.id}; beri id lain.",
                    f"/{entry}/{number}/id",
                )


@dataclass(frozen=True)
class Gap:
    """Days between two policies of one layer, or of one agency, on which none of that layer holds."""

    layer: str
    starts: date
    ends: date
    agency_id: str | None = None


def check_together(policies: Iterable[Policy]) -> list[Gap]:
    """Gaps between policies of a layer. Raises PolicyFault when two of one layer hold on the same day, or an id is
    used twice, or a narrower layer loosens a wider one."""
    rows = list(policies)
    ids = [policy.id for policy in rows]
    for id_ in ids:
        if ids.count(id_) > 1:
            raise PolicyFault(f"{id_} ada dua kali.", "/id")
    gaps = []
    for key in sorted({(LAYERS.index(policy.layer), policy.agency_id or "") for policy in rows}):
        line = sorted(
            (p for p in rows if (LAYERS.index(p.layer), p.agency_id or "") == key), key=lambda policy: policy.valid_from
        )
        for earlier, later in pairwise(line):
            if earlier.valid_to is None or earlier.valid_to >= later.valid_from:
                raise PolicyFault(
                    f"{earlier.id} dan {later.id} sama-sama berlaku pada {later.valid_from:%d-%m-%Y}.", "/valid_from"
                )
            if earlier.valid_to + timedelta(days=1) < later.valid_from:
                starts, ends = earlier.valid_to + timedelta(days=1), later.valid_from - timedelta(days=1)
                gaps.append(Gap(earlier.layer, starts, ends, earlier.agency_id))
    for agency in sorted({policy.agency_id or "" for policy in rows}):
        for day in sorted({policy.valid_from for policy in rows}):
            effective(rows, agency, day)  # raises when a layer loosens
    return gaps
