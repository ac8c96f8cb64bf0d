"""A roster in force is changed by the policies that it was drafted with, also when none of them holds any more."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select, update

from services.schedule.models import Roster
from services.schedule.rosters.actions import period_kept
from shared.testing.bench import Bench
from tests.schedule.factories import FRIDAYS, head, operator, two_agencies
from tests.schedule.test_basis import METRO, draft, end, reason, stored, without_basis
from tests.schedule.test_changes import approve_change, in_force, letter_of, modes, row, sign, workdays
from tests.schedule.test_life_of_a_roster import Eoffice, eoffice
from tests.schedule.test_policies import CAP, activate, example, organisation
from tests.schedule.test_swaps import approved_swap

__all__ = ["eoffice"]

MAY = date(2026, 5, 22)


def retired_in_may(bench: Bench) -> str:
    """May of A1, in force by an uploaded policy that was retired since: no policy holds on any day of the month."""
    two_agencies(bench)
    activate(bench, example("cap-75").replace("2026-04-01", "2026-05-01"))
    bench.clock.at = datetime(2026, 5, 4, 2, tzinfo=UTC)
    roster_id = str(draft(bench, "2026-05-01")["id"])
    assert approve_change(bench, roster_id).status_code == 200
    assert sign(bench, roster_id).status_code == 200
    assert bench.client(organisation()).post(f"/api/policies/{CAP}/retire").status_code == 200
    return roster_id


def order(bench: Bench, roster_id: str, what: str, day: date | None = None) -> Any:
    body = {"reason": "layanan terganggu", **({"date": f"{day}"} if day else {})}
    return bench.client(head()).post(f"/api/rosters/{roster_id}/{what}", json=body)


def test_a_head_calls_people_back_and_lets_them_go_again_when_no_policy_holds(bench: Bench, eoffice: Eoffice) -> None:
    base = retired_in_may(bench)
    before = modes(bench, base)
    recalled = order(bench, base, "recall", MAY)
    assert recalled.status_code == 201, recalled.text
    assert sign(bench, recalled.json["id"]).status_code == 200
    assert {mode for key, mode in modes(bench, recalled.json["id"]).items() if key[1] == MAY} == {"wfo"}
    assert "75 persen" in str(letter_of(bench, recalled.json["id"]).content["basis"])
    lifted = order(bench, recalled.json["id"], "lift-recall", MAY)
    assert lifted.status_code == 201, lifted.text
    assert sign(bench, lifted.json["id"]).status_code == 200
    assert modes(bench, lifted.json["id"]) == before
    assert reason(bench, lifted.json["id"], "E1", MAY) == reason(bench, base, "E1", MAY)


def test_a_head_withdraws_and_only_an_amendment_asks_for_a_policy(bench: Bench, eoffice: Eoffice) -> None:
    base = retired_in_may(bench)
    refused = bench.client(operator()).post(f"/api/rosters/{base}/amend", json={"reason": "cuti"})
    assert (refused.status_code, refused.json["code"]) == (422, "no_policy")
    withdrawn = order(bench, base, "withdraw")
    assert withdrawn.status_code == 201, withdrawn.text
    assert sign(bench, withdrawn.json["id"]).status_code == 200
    assert "wfh" not in modes(bench, withdrawn.json["id"]).values()


def test_a_roster_from_before_its_basis_was_kept_can_be_recalled_too(bench: Bench, eoffice: Eoffice) -> None:
    base = retired_in_may(bench)
    without_basis(bench, base)
    recalled = order(bench, base, "recall", MAY)
    assert recalled.status_code == 201, recalled.text
    assert sign(bench, recalled.json["id"]).status_code == 200


def test_days_after_the_end_of_a_policy_are_changed_too_and_stay_in_the_roster(bench: Bench, eoffice: Eoffice) -> None:
    base = in_force(bench, eoffice)
    end(bench, METRO, "2026-04-19")
    recalled = order(bench, base, "recall", FRIDAYS[2])
    assert recalled.status_code == 201, recalled.text
    assert sign(bench, recalled.json["id"]).status_code == 200
    assert (row(bench, recalled.json["id"]).starts, row(bench, recalled.json["id"]).ends) == (
        FRIDAYS[2], date(2026, 4, 30)
    )  # fmt: skip
    one = min(key[0] for key, mode in modes(bench, base).items() if mode == "wfh" and key[1] == FRIDAYS[2])
    assert workdays(bench, one)[f"{FRIDAYS[2]}"] == "wfo"
    assert workdays(bench, one)["2026-04-30"] == "wfo"


def test_a_swap_goes_by_the_policy_of_its_roster(bench: Bench, eoffice: Eoffice) -> None:
    base = in_force(bench, eoffice)
    end(bench, METRO, "2026-04-09")
    _, one, takes = approved_swap(bench, base)
    with bench.db.transaction() as session:
        roster_id = str(session.scalars(select(Roster.id).where(Roster.amends_id == base)).one())
    assert approve_change(bench, roster_id).status_code == 200
    assert sign(bench, roster_id).status_code == 200
    assert workdays(bench, one)[f"{takes}"] == "wfh"


def test_a_joined_policy_is_remembered_with_all_its_layers(bench: Bench, eoffice: Eoffice) -> None:
    two_agencies(bench)
    content = example("echelon-4-exempt").replace('id = "contoh', 'layer = "agency"\nagency = "A1"\nid = "contoh')
    activate(bench, content.replace("2026-04-01", "2026-04-09"))
    base = in_force(bench, eoffice)
    bench.client(organisation()).post("/api/policies/contoh-eselon-iv/retire")
    end(bench, METRO, "2026-04-09")
    with bench.db.transaction() as session:
        period = period_kept(session, bench.settings, session.get_one(Roster, base))
    assert {policy.id for policy in period.policies.values()} == {"metro-15-2026+contoh-eselon-iv"}
    assert (period.starts, period.ends) == (date(2026, 4, 9), date(2026, 4, 30))
    assert any("41" in entry.echelons for entry in period.policies[MAY.replace(month=4)].exemptions)


def test_a_policy_that_is_kept_nowhere_gives_way_to_what_holds(bench: Bench, eoffice: Eoffice) -> None:
    base = in_force(bench, eoffice)
    basis = [{**entry, "id": "gone"} for entry in stored(bench, base).basis]
    with bench.db.transaction() as session:
        session.execute(update(Roster).where(Roster.id == base).values(basis=basis))
    assert order(bench, base, "recall", FRIDAYS[2]).status_code == 201
