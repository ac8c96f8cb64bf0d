"""After the first Friday things change: two colleagues swap, a head recalls people, an operator asks for too much.

Each change of a roster in force is an addendum, numbered and signed like the letter it changes.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deploy.embedded.city import Agency
from deploy.embedded.demo import letters
from deploy.embedded.demo.cast import FRIDAYS
from deploy.embedded.demo.client import StoryFailed, wait_for
from deploy.embedded.home import PASSPHRASE

if TYPE_CHECKING:
    from deploy.embedded.demo.story import Story

NEXT_MONTH = date(2026, 5, 1)
PINNED = date(2026, 5, 8)
PIN_WORDS = "ditetapkan WFH"


def play(story: Story) -> dict[str, Any]:
    """The three changes, on the Monday after the first Friday; what the clash of the third says."""
    story.client.move_clock(date(2026, 4, 13), 9)
    swapping, recalling = story.told[0], story.told[1]
    task = story.progress.add_task("Tukar giliran, penarikan, jadwal yang bertentangan", total=3)
    swap(story, swapping)
    story.progress.advance(task)
    recall(story, recalling)
    story.progress.advance(task)
    clash = infeasible(story, swapping)
    story.progress.advance(task)
    return clash


def swap(story: Story, agency: Agency) -> None:
    """A person asks, the colleague agrees, the superior approves; the operator submits and the head signs."""
    roster_id, operator = story.rosters[agency.code], story.cast.operators[agency.code].nip
    asker, gives, other, takes = _swappable(story, roster_id, operator)
    people = story.city.person_by_id
    body = {"gives": gives, "other_id": other, "takes": takes, "reason": "Keperluan keluarga"}
    path = f"/schedule/api/rosters/{roster_id}/swaps"
    swap_id = story.client.post(path, nip=people[asker].nip, json=body).json()["id"]
    story.client.post(f"/schedule/api/swaps/{swap_id}/answer", nip=people[other].nip, json={"agrees": True})
    superior = people[_superior(story, asker)].nip
    story.client.post(f"/schedule/api/swaps/{swap_id}/decide", nip=superior, json={"approves": True})
    [draft] = story.client.rows("/schedule/api/rosters", nip=operator, status="draft", agency_id=agency.id)
    story.client.post(f"/schedule/api/rosters/{draft['id']}/submit", nip=operator)
    story.client.post(f"/schedule/api/rosters/{draft['id']}/approve", nip=agency.head_nip)
    _sign(story, agency, draft["id"])
    wait_for(
        "reporting to know of the swap",
        lambda: any(
            duty["employee_id"] == asker and duty["status"] == "open" for duty in _duties(story, agency, takes)
        ),
    )


def recall(story: Story, agency: Agency) -> None:
    """The head turns the last Friday to the office; people are told at once, and the addendum is signed."""
    path = f"/schedule/api/rosters/{story.rosters[agency.code]}/recall"
    body = {"date": FRIDAYS[-1].isoformat(), "reason": "Kunjungan kerja pimpinan"}
    made = story.client.post(path, nip=agency.head_nip, json=body).json()
    _sign(story, agency, made["id"])
    wait_for(
        "reporting to know of the recall",
        lambda: all(duty["status"] == "cancelled" for duty in _duties(story, agency, body["date"])),
    )
    officer, when = story.cast.organisation.nip, {"date": body["date"], "agency_id": agency.id}
    wait_for(
        "energy to know of the recall",
        lambda: all(
            run["status"] == "cancelled" for run in story.client.rows("/energy/api/checklists", nip=officer, **when)
        ),
    )


def infeasible(story: Story, agency: Agency) -> dict[str, Any]:
    """For May an operator pins more people than the quota bears: what clashes is named, and what would do."""
    operator = story.cast.operators[agency.code].nip
    pinned = []
    for person in _one_unit(story, agency):
        body = {"employee_id": person, "date": PINNED.isoformat(), "mode": "wfh", "kind": "pin", "reason": "Permintaan"}
        pinned.append(story.client.post("/schedule/api/roster-requests", nip=operator, json=body).json()["id"])
    draft = {"agency_id": agency.id, "month": NEXT_MONTH.isoformat()}
    roster = story.client.post("/schedule/api/rosters", nip=operator, json=draft).json()
    found = [clash for clash in roster["clashes"] if clash["blocking"]]
    if not found:
        raise StoryFailed("a unit with everyone pinned at home gave no clash")
    story.client.call("POST", f"/schedule/api/rosters/{roster['id']}/submit", nip=operator, expect=(409,))
    for request_id in pinned:
        story.client.post(f"/schedule/api/roster-requests/{request_id}/withdraw", nip=operator)
    roster = story.client.post("/schedule/api/rosters", nip=operator, json=draft).json()
    if any(clash["blocking"] for clash in roster["clashes"]):
        raise StoryFailed("the clash is still there after the pins were withdrawn")
    clash: dict[str, Any] = found[0]
    _check_clash(clash)
    return clash


def _check_clash(clash: dict[str, Any]) -> None:
    """It names the pins and the rule that they break, and a way out."""
    pins = [part for part in clash["parts"] if PIN_WORDS in part["text"]]
    if not pins or len(pins) == len(clash["parts"]):
        raise StoryFailed(f"the clash does not name both the pins and the rule that they break: {clash['parts']}")
    if not all(part["clause"] and part["text"] for part in clash["parts"]):
        raise StoryFailed(f"a part of the clash has no clause or no words: {clash['parts']}")
    if not clash["relaxations"]:
        raise StoryFailed("the clash names no way out")


def _swappable(story: Story, roster_id: str, nip: str) -> tuple[str, str, str, str]:
    """Two colleagues of a unit with a WFH Friday each that the other has not."""
    later = {friday.isoformat() for friday in FRIDAYS[1:]}
    cells = [
        cell
        for cell in story.client.rows(f"/schedule/api/rosters/{roster_id}/cells", nip=nip)
        if cell["date"] in later and cell["rule"] not in ("exempt", "absent")
    ]
    modes = {(cell["employee_id"], cell["date"]): cell["mode"] for cell in cells}
    home = [cell for cell in cells if cell["mode"] == "wfh" and _superior(story, cell["employee_id"])]
    for one in home:
        for two in home:
            mine, theirs = (one["employee_id"], two["date"]), (two["employee_id"], one["date"])
            if one["unit_id"] == two["unit_id"] and modes.get(mine) == "wfo" == modes.get(theirs):
                return one["employee_id"], one["date"], two["employee_id"], two["date"]
    raise StoryFailed("nobody can swap")


def _duties(story: Story, agency: Agency, day: str) -> list[dict[str, Any]]:
    nip = story.cast.organisation.nip
    return list(story.client.rows("/reporting/api/duties", nip=nip, date=day, agency_id=agency.id))


def _superior(story: Story, employee_id: str) -> str:
    duties = story.client.rows(
        "/reporting/api/duties",
        nip=story.cast.organisation.nip,
        agency_id=story.city.person_by_id[employee_id].agency_id,
    )
    return next((duty["superior_id"] or "" for duty in duties if duty["employee_id"] == employee_id), "")


def _one_unit(story: Story, agency: Agency) -> list[str]:
    """All who may work at home of the unit with the most of them."""
    units: dict[str, list[str]] = {}
    for person in story.city.people_of(agency.id, deep=True):
        if person.active and story.city.may_work_at_home(person.nip):
            units.setdefault(person.unit_id, []).append(person.id)
    return max(units.values(), key=len)


def _sign(story: Story, agency: Agency, roster_id: str) -> None:
    """Wait for the addendum's number, sign it and keep its PDF."""
    folder: Path = story.out / "addenda"
    folder.mkdir(parents=True, exist_ok=True)
    found: list[dict[str, Any]] = []

    def numbered() -> bool:
        found[:] = [
            letter
            for letter in story.client.rows("/schedule/api/letters", nip=agency.head_nip, status="numbered")
            if letter["roster_id"] == roster_id
        ]
        return bool(found)

    wait_for("e-office to number the addendum", numbered)
    path = f"/schedule/api/letters/{found[0]['id']}"
    story.client.post(f"{path}/sign", nip=agency.head_nip, json={"passphrase": PASSPHRASE})
    letters.keep(story, agency, found[0], folder)
