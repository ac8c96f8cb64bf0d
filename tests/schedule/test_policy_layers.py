"""A narrower layer may only tighten: what loosens a wider one is refused, naming layer, field and both values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.schedule.policy import layers
from services.schedule.policy.rules import (
    LAYER_WORDS,
    Cap,
    DayRule,
    Exemption,
    Gate,
    Minimum,
    People,
    Policy,
    PolicyFault,
    PolicyLoosened,
    Quota,
)
from shared.testing.bench import Bench
from tests.schedule.factories import operator, two_agencies
from tests.schedule.rosters.questions import a_policy
from tests.schedule.test_policies import activate, organisation

DAY = date(2026, 5, 1)
HALF, MORE, LESS = Decimal("0.5"), Decimal("0.75"), Decimal("0.25")
ADMINISTRATORS, SUPERVISORS = ("31", "32"), ("41", "42")

Values = Mapping[str, Any]


def quota(**changes: Any) -> Values:
    return {"quota": Quota(**{"share": HALF, "min_on_site": 2, "base": "present", "per": "division", **changes})}


def cap(**changes: Any) -> Values:
    return {"caps": (Cap(**{"id": "own", "clause": "c", "share": None, **changes}),)}


def gate(at_least: int) -> Values:
    return {"gates": (Gate("g", "t", "overdue_reports", at_least),)}


def exempt(**lists: Any) -> Values:
    return {"exemptions": (Exemption("e", "t", **lists),)}


def tight(**changes: Any) -> Values:
    return {**cap(id="wide", **changes)}


LOOSER: dict[str, tuple[Values, Values, str, str, str]] = {
    "share": (quota(), quota(share=MORE), "quota.share", "50 %", "75 %"),
    "on site": (quota(), quota(min_on_site=1), "quota.min_on_site", "2", "1"),
    "base": (quota(), quota(base="all"), "quota.base", "present", "all"),
    "rounding": (quota(), quota(rounding="nearest"), "quota.rounding", "floor", "nearest"),
    "per": (quota(), quota(per="agency"), "quota.per", "division", "agency (floor)"),
    "parts rounded up": (
        quota(rounding="ceil"), quota(rounding="ceil", per="unit"), "quota.per", "division", "unit (ceil)"
    ),
    "in a row": ({"in_a_row": 2}, {"in_a_row": 3}, "in_a_row.dates", "2", "3"),
    "cap by share": (tight(share=HALF), cap(share=MORE), "caps “own”, share", "50 %", "75 %"),
    "cap rounded": (
        tight(share=HALF), cap(share=HALF, rounding="ceil"), "caps “own”, rounding", "floor", "ceil"
    ),
    "cap by number": (tight(number=4), cap(number=10, base="all"), "caps “own”, number", "4", "10"),
    "minimum": (
        {"minimums": (Minimum("wide", "m", 3, "pegawai"),)}, {"minimums": (Minimum("own", "m", 2, "pegawai"),)},
        "minimums “own”, people", "3", "2",
    ),
    "gate": (gate(2), gate(5), "gates “g”, at_least", "2", "5"),
    "echelons": (
        exempt(echelons=ADMINISTRATORS), exempt(echelons=("31",)), "exemptions “e”, echelons", "31, 32", "31"
    ),
    "posts": (
        exempt(posts=("camat *",)), exempt(echelons=("31",)), "exemptions “e”, posts", "camat *", "tidak ada"
    ),
    "units": (
        exempt(units=("uptd *",)), exempt(units=("uptd *",), agencies=("*pajak*",)), "exemptions “e”, units",
        "uptd *", "uptd * @ *pajak*",
    ),
    "pattern": (
        {"pattern": {4: DayRule("wfo", "n.1")}}, {"pattern": {4: DayRule("wfh", "y")}}, "pattern.friday",
        "wfo (n.1)", "wfh (y)",
    ),
}  # fmt: skip
STRICTER: dict[str, tuple[Values, Values]] = {
    "share": (quota(), quota(share=LESS)),
    "on site": (quota(), quota(min_on_site=3)),
    "base": (quota(), quota(base="eligible")),
    "rounding": (quota(rounding="ceil"), quota(rounding="floor")),
    "per": (quota(), quota(per="unit")),
    "in a row": ({"in_a_row": 2}, {"in_a_row": 1}),
    "cap by share": (tight(share=HALF), cap(share=LESS)),
    "cap by number": (tight(number=10), cap(number=4)),
    "cap of others": (tight(number=4, of=People(SUPERVISORS)), cap(number=10, of=People(ADMINISTRATORS))),
    "gate": (gate(5), gate(2)),
    "exemption": (exempt(echelons=("31",)), exempt(echelons=ADMINISTRATORS)),
    "pattern": ({"pattern": {4: DayRule("wfh", "n.1")}}, {"pattern": {4: DayRule("wfo", "y")}}),
}


def layer(name: str, **values: Any) -> Policy:
    agency = "A1" if name == "agency" else None
    return a_policy(**{"id": f"policy-{name}", "layer": name, "agency_id": agency, "quota": None, **values})


@pytest.mark.parametrize(
    ("wide", "narrow"), [("national", "province"), ("national", "city"), ("province", "city"), ("city", "agency")]
)
@pytest.mark.parametrize("field", LOOSER)
def test_a_narrower_layer_that_loosens_is_refused_and_layer_field_and_values_named(
    field: str, wide: str, narrow: str
) -> None:
    before, after, name, one, other = LOOSER[field]
    silent = [layer("province", pattern={})] if (wide, narrow) == ("national", "city") else []
    with pytest.raises(PolicyLoosened) as refused:
        layers.effective([layer(narrow, **after), *silent, layer(wide, **before)], "A1", DAY)
    text = str(refused.value)
    assert f"policy-{narrow} (lapisan {LAYER_WORDS[narrow]}) melonggarkan policy-{wide}" in text
    assert f"pada {name}: {LAYER_WORDS[wide]} menetapkan {one}, {LAYER_WORDS[narrow]} {other}." in text
    assert len(refused.value.pointers) == 1


@pytest.mark.parametrize("field", STRICTER)
def test_a_narrower_layer_may_tighten_each_of_them(field: str) -> None:
    before, after = STRICTER[field]
    joined = layers.join([layer("province", **before), layer("city", **after)])
    if "quota" in after:
        assert joined.quota == after["quota"]
    assert joined.in_a_row == after.get("in_a_row")


def test_what_only_the_wider_layer_says_holds_in_the_narrower() -> None:
    province = layer(
        "province", **quota(), **cap(id="wide", number=4), **gate(2), in_a_row=2, in_a_row_clause="p.5",
        exemptions=(Exemption("p.1", "t", echelons=ADMINISTRATORS, units=("uptd *",)),),
    )  # fmt: skip
    city = layer("city", exemptions=(Exemption("k.1", "t", echelons=SUPERVISORS),))
    joined = layers.join([city, province])
    assert joined.quota == province.quota
    assert [cap.number for cap in joined.caps] == [4]
    assert [gate.at_least for gate in joined.gates] == [2]
    assert (joined.in_a_row, joined.in_a_row_clause) == (2, "p.5")
    assert [joined.clause_of_post("-", echelon) for echelon in ("31", "41", "99")] == ["p.1", "k.1", None]
    assert joined.clause_of_unit("UPTD Pasar", "Dinas") == "p.1"


@pytest.mark.parametrize(
    "rules", [cap(id="wide", share=LESS, per="agency"), {"minimums": (Minimum("wide", "m", 9, "-"),)}]
)
def test_a_rule_may_not_take_the_place_of_a_wider_layers_by_its_id(rules: Values) -> None:
    with pytest.raises(PolicyFault, match="“wide” pada policy-city memakai id yang sudah dipakai policy-province"):
        layers.join([layer("province", **tight(number=4)), layer("city", **rules)])


PROVINCE = """
id = "provinsi"
title = "Surat edaran gubernur"
layer = "province"
valid_from = 2026-04-01

[quota]
share = 0.25
min_on_site = 1
"""


def test_a_province_stricter_than_the_city_is_refused_with_a_code_and_the_entry(bench: Bench) -> None:
    two_agencies(bench)
    client = bench.client(organisation())
    assert client.post("/api/policies", json={"content": PROVINCE}).status_code == 201
    answer = client.post("/api/policies/provinsi/activate")
    assert (answer.status_code, answer.json["code"]) == (422, "policy_loosened")
    assert "quota.share: provinsi menetapkan 25 %, kota 50 %" in answer.json["detail"]
    assert [error["pointer"] for error in answer.json["errors"]] == ["/quota/share"]
    activate(bench, PROVINCE.replace("0.25", "0.5"))


def test_policies_that_were_let_in_before_and_contradict_each_other_refuse_a_draft(
    bench: Bench, monkeypatch: Any
) -> None:
    two_agencies(bench)
    with monkeypatch.context() as patch:
        patch.setattr(layers, "refuse_looser", lambda *_: None)
        activate(bench, PROVINCE)
    answer = bench.client(operator()).post("/api/rosters", json={"agency_id": "A1", "month": "2026-04-01"})
    assert (answer.status_code, answer.json["code"]) == (422, "policy_loosened")
