"""Which roles a person holds: from the superior tree, and granted."""

from __future__ import annotations

from collections.abc import Iterable

from services.schedule.people.rules import is_acting
from shared.roles import Role


def roles_of(
    post: str, *, leads_agency: bool, leads_unit: bool, granted: Iterable[str], acts: bool = False
) -> frozenset[Role]:
    """Every employee is ``asn``; leaders of units are superiors; the leader of an agency is its head, or acting head
    when the post is held for someone else (Plt., Plh.): their own post says so, or they were appointed (*acts*)."""
    roles = {Role.ASN} | {Role(name) for name in granted}
    if leads_unit or leads_agency:
        roles.add(Role.SUPERIOR)
    if leads_agency:
        roles.add(Role.ACTING_HEAD if acts or is_acting(post) else Role.HEAD)
    return frozenset(roles)
