"""What a record of SIMPEG says about where a person serves, written into their history, and read from it for a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from services.schedule.models import Employee, Posting, Unit
from services.schedule.people.postings import ACTING, DAY, DUAL, MAIN, History, Place
from services.schedule.people.rules import AWAY_STANDINGS, UnitNode, acting_for, is_acting, sensible_start

if TYPE_CHECKING:
    from services.schedule.people.actions import EmployeeIn


def take_postings(
    history: History, person: EmployeeIn, unit: Unit, units: Mapping[str, Unit], nodes: Mapping[str, UnitNode], *,
    today: date,
) -> bool:  # fmt: skip
    """Write what *person* tells into their history: main post, and besides it an acting one or a second one. Tells
    whether who leads a unit changed."""
    leaves = history.leaving(today)
    # SIMPEG may write the kedudukan of a retired person as soon as the decree is there: the day that was told holds
    active = person.standing not in AWAY_STANDINGS or (leaves is not None and leaves.standing == person.standing)
    told = Place(unit.agency_id, person.unit_id, person.post, person.echelon, person.rank, active)
    start = sensible_start(person.since, person.nip, today) or today
    acted = _acted_unit(person, units, nodes) if active else None
    here = history.on(today)
    main, since = told, person.since
    if acted is not None and here is not None and not is_acting(here.post):
        main, since = Place(**{**vars(told), "post": here.post}), None  # the post of their own is not told with it
    history.take(main, since, person.nip, today=today)
    led = [row for row in history.of(ACTING) if not row.by_hand and (row.ends is None or row.ends >= today)]
    tree_changed = False
    if acted is None:
        tree_changed = bool(led) and history.close(ACTING, max(start, today) - DAY, by_hand=False)
    elif not any(row.unit_id == acted.id and row.post == person.post for row in led):
        history.close(ACTING, start - DAY, by_hand=False)
        place = Place(acted.agency_id, acted.id, person.post, person.echelon, person.rank, True)
        history.add(ACTING, place, start, None, dated=person.since == start)
        tree_changed = True
    second = person.second_post if active else ""
    held = [(row.post, row.unit_id) for row in history.of(DUAL) if row.ends is None and not row.by_hand]
    if held != ([(second, unit.id)] if second else []):
        history.close(DUAL, start - DAY, by_hand=False)
        if second:
            place = Place(unit.agency_id, unit.id, second, person.echelon, person.rank, True)
            history.add(DUAL, place, start, None, dated=person.since == start)
    return tree_changed


def _acted_unit(person: EmployeeIn, units: Mapping[str, Unit], nodes: Mapping[str, UnitNode]) -> Unit | None:
    """The unit that somebody leads whose post SIMPEG writes “Plt. …”: the one they are named leader of, or the only
    one of their agency that has such a leader's post and nobody on it."""
    wanted = acting_for(person.post).casefold()
    if not wanted:
        return None
    fitting = [unit for unit in units.values() if unit.leader_post.casefold() == wanted]
    named = [unit for unit in fitting if unit.leader_id == person.id]
    agency = units[person.unit_id].agency_id
    vacant = [
        unit for unit in fitting if unit.agency_id == agency and nodes[unit.id].led_by in (None, person.id)
    ]  # fmt: skip
    found = named or vacant
    return found[0] if len(found) == 1 else None


def two_places(row: Posting, unit: Unit, units: Mapping[str, Unit]) -> str:
    names = [
        f"{here.name} ({agency.name if (agency := units.get(here.agency_id)) else here.agency_id})"
        for here in (units.get(row.unit_id), unit)
        if here is not None
    ]
    return (
        f"tercatat di dua tempat sejak {row.starts:%d-%m-%Y}: {' dan '.join(names)}; perbaiki TMT jabatannya di SIMPEG"
    )


def place_on(history: History, today: date) -> dict[str, Any]:
    """agency_id, unit_id, post, echelon and active as they are today. Someone who is still to join is known, but not
    active."""
    here = history.on(today)
    row = here or history.coming(today) or history.of(MAIN)[-1]
    acting = next((each for each in history.of(ACTING) if each.runs_on(today) and not each.by_hand), None)
    return {
        "agency_id": row.agency_id, "unit_id": row.unit_id, "post": acting.post if acting else row.post,
        "echelon": row.echelon, "active": row.active and here is not None,
    }  # fmt: skip


def put(row: Employee, place: Mapping[str, Any]) -> bool:
    """Put the person where *place* says; tell whether they were elsewhere."""
    differs = False
    for name, value in place.items():
        if getattr(row, name) != value:
            setattr(row, name, value)
            differs = True
    return differs
