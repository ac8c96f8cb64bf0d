"""Policies that this version of Luwes refuses though an earlier one took them: seen, and no dead end."""

from __future__ import annotations

import pytest

from services.schedule.models import PolicyVersion
from services.schedule.policy.reading import read_policy
from services.schedule.policy.rules import PolicyFault
from shared.testing.bench import Bench
from tests.schedule.factories import operator, two_agencies
from tests.schedule.test_policies import CAP, example, organisation


@pytest.mark.parametrize("id_", ["quota", "on_site", "pair"])
def test_no_cap_takes_the_place_of_a_limit_that_every_roster_has(id_: str) -> None:
    with pytest.raises(PolicyFault, match=f"“{id_}” dipakai oleh Luwes sendiri") as refused:
        read_policy(example("cap-75").replace('id = "cap-75"', f'id = "{id_}"').encode())
    assert refused.value.pointers == ("/caps/0/id",)


def broken(bench: Bench, id_: str, status: str) -> None:
    """A policy that an earlier version of Luwes took and this one refuses."""
    content = example("cap-75").replace('id = "cap-75"', 'id = "quota"')
    with bench.db.transaction() as session:
        session.add(
            PolicyVersion(
                id=id_, title="Lama", layer="city", content=content, status=status, made_by="x",
                made_at=bench.clock.now(),
            )
        )  # fmt: skip


def test_policies_that_a_new_version_refuses_are_listed_with_their_fault_and_can_be_retired(bench: Bench) -> None:
    two_agencies(bench)
    for number in (1, 2):
        broken(bench, f"lama-{number}", "active")
    client = bench.client(organisation())
    roster = {"agency_id": "A1", "month": "2026-04-01"}
    refused = bench.client(operator()).post("/api/rosters", json=roster)
    assert (refused.status_code, refused.json["code"]) == (422, "policy_contradiction")
    assert "lama-1" in refused.json["detail"]
    shown = client.get("/api/policies").json["rows"]
    assert [(row["id"], row["status"], "“quota”" in row["fault"]) for row in shown] == [
        ("lama-1", "active", True), ("lama-2", "active", True),
    ]  # fmt: skip
    for number in (1, 2):
        retired = client.post(f"/api/policies/lama-{number}/retire")
        assert (retired.status_code, retired.json["status"]) == (200, "retired")
    assert bench.client(operator()).post("/api/rosters", json=roster).status_code == 201
    faults = {row["id"]: row["fault"] for row in client.get("/api/policies").json["rows"]}
    assert (faults["metro-15-2026"], bool(faults["lama-1"])) == (None, True)


def test_a_draft_that_a_new_version_refuses_is_not_activated(bench: Bench) -> None:
    two_agencies(bench)
    broken(bench, CAP, "draft")
    for answer in (
        bench.client(organisation()).post(f"/api/policies/{CAP}/activate"),
        bench.client(organisation()).get(f"/api/policies/{CAP}/dry-run?month=2026-05-01"),
    ):
        assert (answer.status_code, answer.json["code"]) == (422, "policy_contradiction")


@pytest.mark.parametrize(
    ("old", "new", "pointer"),
    [
        ('rounding = "floor"', 'rouding = "ceil"', "/quota/rouding"),
        ('id = "cap-75"', 'id = "cap-75"\nechelon = ["41"]', "/caps/0/echelon"),
        ('mode = "wfo", clause', 'mode = "wfo", clauses = "1", clause', "/pattern/monday/clauses"),
    ],
)
def test_a_misspelt_entry_within_a_table_is_refused_and_named(old: str, new: str, pointer: str) -> None:
    with pytest.raises(PolicyFault, match="entri ini tidak dikenal") as refused:
        read_policy(example("cap-75").replace(old, new, 1).encode())
    assert refused.value.pointers == (pointer,)


def test_retiring_tells_the_days_that_nothing_covers_then(bench: Bench) -> None:
    two_agencies(bench)
    client = bench.client(organisation())
    for name, since in (("b", "2026-05-01"), ("c", "2026-06-01")):
        content = example("cap-75").replace("2026-04-01", since).replace(CAP, name)
        assert client.post("/api/policies", json={"content": content}).status_code == 201
        assert client.post(f"/api/policies/{name}/activate").json["gaps"] == []
    retired = client.post("/api/policies/b/retire")
    assert (retired.json["status"], retired.json["gaps"]) == (
        "retired", [{"layer": "city", "agency_id": None, "starts": "2026-05-01", "ends": "2026-05-31"}],
    )  # fmt: skip
