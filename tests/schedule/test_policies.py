"""Policies as data: what files may say, layers, versions, a dry run before activation, other cities' rules."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from services.schedule.models import RosterLimit
from services.schedule.policy import layers
from services.schedule.policy.reading import load_policies, read_policy
from services.schedule.policy.rules import Cap, DayRule, Policy, PolicyFault, PolicyUnreadable, Standing
from services.schedule.rosters.explain import explain
from services.schedule.rosters.limits import Member, Stay
from services.schedule.rosters.question import Question
from services.schedule.rosters.rules import exemption_of, plan_roster
from shared.roles import Role
from shared.testing.bench import Bench
from shared.testing.city import a_person
from tests.schedule.factories import a_unit, an_employee, operator, settle, two_agencies
from tests.schedule.rosters.questions import FRIDAYS, a_policy

FOLDER = Path(__file__).parents[2] / "services" / "schedule" / "policies"
CAP = "contoh-75-persen"
EXAMPLES = {path.stem: path for path in sorted((FOLDER / "examples").glob("*.toml"))}


def organisation() -> Any:
    return a_person("ORG", Role.ORGANISATION, agency_id="A1")


def example(name: str) -> str:
    return EXAMPLES[name].read_text()


def people(policy: Policy) -> list[Member]:
    """An agency of two divisions of two units, with posts of all tiers."""
    posts = [("Kepala Badan", "22"), ("Kepala Bidang", "31"), ("Kepala Subbidang", "41"), ("Bendahara", "99")]
    found = []
    for n in range(48):
        post, echelon = posts[n % 12] if n % 12 < 4 else ("Analis", "99")
        unit = f"D{n % 2}-U{n // 2 % 2}"
        clause = exemption_of([(post, echelon)], [None], policy)
        found.append(Member(f"E{n}", f"{n:03d}", Stay(unit, f"D{n % 2}", post, echelon), clause))
    return found


@pytest.mark.parametrize("name", [name for name in EXAMPLES if name != "national-frame"])
def test_other_cities_rules_load_solve_and_explain(name: str) -> None:
    policy = read_policy(example(name).encode(), name)
    days = [day for day in FRIDAYS if policy.holds_on(day)]
    question = Question(people(policy), days, dict.fromkeys(days, policy))
    plan = plan_roster(question)
    assert plan.optimal
    assert not plan.clashes
    home = Counter(cell.date for cell in plan.cells if cell.mode == "wfh")
    assert set(home) == set(days)
    sums = {(row.limit_id, row.date): row for row in plan.sums}
    for cell in plan.cells:
        found = sums.get((cell.limit_id or "", cell.date))
        text = explain(cell.rule, found, policy.texts.get(cell.clause, ""))
        assert text, cell
        if cell.rule in ("quota", "cap", "on_site", "function"):
            assert found is not None
            assert found.at_home >= found.room, cell
            assert any(character.isdigit() for character in text), text


def test_the_examples_say_what_their_cities_say() -> None:
    by_name = {name: read_policy(path.read_bytes(), name) for name, path in EXAMPLES.items()}
    days = [FRIDAYS[0]]

    def share(name: str, echelons: set[str]) -> tuple[int, int]:
        policy = by_name[name]
        staff = people(policy)
        plan = plan_roster(Question(staff, days, dict.fromkeys(days, policy)))
        tier = {member.id for member in staff if member.stay.echelon in echelons}
        return sum(cell.mode == "wfh" and cell.employee_id in tier for cell in plan.cells), len(tier)

    assert share("tiers-25-50-100", {"31"}) == (1, 4)
    assert share("tiers-25-50-100", {"41"}) == (2, 4)
    assert share("tiers-25-50-100", {"99"}) == (36, 36)
    assert share("echelon-4-exempt", {"41"}) == (0, 4)
    assert share("echelon-4-exempt", {"99"}) == (10, 36)
    units = Counter((m.stay.unit_id, m.exempt_clause is None) for m in people(by_name["cap-75"]))
    most = sum(min(9, units[unit, True]) for unit in {unit for unit, _ in units})  # 75 % of 12 is 9
    assert share("cap-75", {"22", "31", "41", "99"}) == (most, 48)


def test_a_gate_closes_for_who_owes_reports_has_a_rating_or_a_sanction() -> None:
    policy = read_policy(example("half-of-each-sub-unit").encode(), "")
    assert policy.gate_of(Standing(overdue_reports=1)) is None
    gate = policy.gate_of(Standing(overdue_reports=2))
    assert gate
    assert gate.clause == "2.f"
    rating = '[[gates]]\nclause = "g"\ntext = "t"\nwhen = "rating"\nvalues = ["below"]\n[texts]'
    rated = read_policy(example("cap-75").replace("[texts]", rating).encode(), "")
    assert rated.gate_of(Standing(rating="below"))
    assert not rated.gate_of(Standing(rating="as"))
    sanction = rating.replace('"rating"\nvalues = ["below"]', '"sanction"').replace('"g"', '"s"')
    punished = read_policy(example("cap-75").replace("[texts]", sanction).encode(), "")
    closed = punished.gate_of(Standing(sanction=True))
    assert closed
    assert closed.clause == "s"
    assert not punished.gate_of(Standing(overdue_reports=9, rating="below"))


@pytest.mark.parametrize(
    ("change", "said", "pointer"),
    [
        (("share = 0.75\nbase", "share = 1.75\nbase"), "[quota] share: harus bagian dari 0 sampai 1", "/quota/share"),
        (("share = 0.75\nbase", 'share = "?"\nbase'), "[quota] share: harus bagian dari 0 sampai 1", "/quota/share"),
        (('mode = "wfh"', 'mode = "home"'), "[pattern] friday mode: “home” tidak dikenal", "/pattern/friday/mode"),
        (('rounding = "floor"', 'rounding = "up"'), "[quota] rounding: “up” tidak dikenal; pilih", "/quota/rounding"),
        (('per = "unit"', 'per = "city"'), "[[caps]] 1 per: “city” tidak dikenal; pilih unit", "/caps/0/per"),
        (("valid_to = 2026-12-31", "valid_to = 2026-01-01"), "valid_to: 01-01-2026 mendahului valid_from", "/valid_to"),
        (("valid_to = 2026-12-31", 'valid_to = "besok"'), "valid_to: harus tanggal", "/valid_to"),
        (("min_on_site = 1", "min_on_site = -1"), "[quota] min_on_site: harus bilangan bulat 0", "/quota/min_on_site"),
        (('id = "cap-75"', 'number = 3\nid = "cap-75"'), "[[caps]] 1 share: isi salah satu", "/caps/0/share"),
        (('clause = "4"\n', ""), "[[caps]] 1 clause: belum diisi", "/caps/0/clause"),
        (("title =", "titel ="), "titel: entri ini tidak dikenal", "/titel"),
        (("valid_from = 2026-04-01", ""), "valid_from: belum diisi", "/valid_from"),
        (("friday", "jumat"), "[pattern] jumat: hari ini tidak dikenal; pilih monday", "/pattern/jumat"),
        (('echelons = ["21"', 'echelons = "21" #'), "[[exemptions]] 1 echelons: harus", "/exemptions/0/echelons"),
        (("[[caps]]", "[caps]"), "caps: harus tabel berulang [[caps]]", "/caps"),
        (("[quota]", "[in_a_row]\ndates = 0\nclause = 'x'\n[quota]"), "[in_a_row] dates: harus bilangan bulat 1",
         "/in_a_row/dates"),
        (("[[exemptions]]", "[[gates]]\nclause='x'\ntext='x'\nwhen='rating'\n[[exemptions]]"),
         "[[gates]] 1 values: diisi bila", "/gates/0/values"),
        (("[[exemptions]]", "[[minimums]]\nid='cap-75'\nclause='x'\nlabel='x'\npeople=1\n[[exemptions]]"),
         "[[minimums]] 1 id: “cap-75” sudah dipakai", "/minimums/0/id"),
        (("valid_from", 'layer = "village"\nvalid_from'), "layer: “village” tidak dikenal; pilih national", "/layer"),
        (("valid_from", 'layer = "agency"\nvalid_from'), "agency: diisi pada lapisan agency", "/agency"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_policy_is_named_by_its_field(change: tuple[str, str], said: str, pointer: str) -> None:
    content = example("cap-75")
    assert change[0] in content
    with pytest.raises(PolicyFault) as refused:
        read_policy(content.replace(*change, 1).encode(), "uji.toml")
    assert str(refused.value).startswith(f"uji.toml: {said}")
    assert refused.value.pointers == (pointer,)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"id = 'x'\n[pattern\n", "Tulisan TOML tidak terbaca pada baris 2, kolom 9"),
        (b"id = 'x", "Tulisan TOML tidak terbaca di akhir berkas"),
        (b"id = '\xff'", "UTF-8"),
    ],
)
def test_what_is_no_toml_is_told_by_its_line(content: bytes, said: str) -> None:
    with pytest.raises(PolicyUnreadable, match=said):
        read_policy(content)


def test_the_policies_that_come_with_the_product_hold_together() -> None:
    assert layers.check_together(load_policies(FOLDER)) == []


def test_a_narrower_layer_may_only_tighten() -> None:
    national = read_policy(example("national-frame").encode(), "")
    city = read_policy(example("half-of-each-sub-unit").encode(), "")
    joined = layers.effective([city, national], "A1", date(2026, 5, 1))
    assert joined
    assert {cap.id for cap in joined.caps} == {"national-cap", "cap-sub-unit", "cap-division"}
    assert joined.texts["n.1"]
    home_on_monday = a_policy(pattern={0: DayRule("wfh", "x"), 4: DayRule("wfh", "y")})
    with pytest.raises(PolicyFault, match=r"pattern\.monday: nasional menetapkan wfo \(n\.1\), kota wfh \(x\)"):
        layers.effective([national, home_on_monday], "A1", date(2026, 5, 1))
    looser = a_policy(caps=(Cap("more", "z", Decimal("0.9")),))
    with pytest.raises(PolicyFault, match=r"caps “more”, share: nasional menetapkan 75 %, kota 90 %"):
        layers.effective([national, looser], "A1", date(2026, 5, 1))


def test_an_agencys_own_layer_binds_that_agency_only() -> None:
    city = read_policy(example("cap-75").encode(), "")
    own = a_policy(id="own", layer="agency", agency_id="A2", pattern={4: DayRule("wfo", "own")}, quota=None)
    one, other = (layers.effective([city, own], agency, date(2026, 5, 8)) for agency in ("A1", "A2"))
    assert one
    assert other
    assert (one.pattern[4].mode, other.pattern[4].mode) == ("wfh", "wfo")


def test_gaps_between_policies_are_told_and_overlaps_refused() -> None:
    first = a_policy(id="one", valid_from=date(2026, 1, 1), valid_to=date(2026, 3, 31))
    later = a_policy(id="two", valid_from=date(2026, 4, 9))
    assert layers.check_together([later, first]) == [layers.Gap("city", date(2026, 4, 1), date(2026, 4, 8))]
    with pytest.raises(PolicyFault, match="one dan two sama-sama berlaku pada 09-04-2026"):
        layers.check_together([a_policy(id="one"), later])


def activate(bench: Bench, content: str) -> None:
    """Upload a policy and let it hold."""
    made = bench.client(organisation()).post("/api/policies", json={"content": content})
    assert made.status_code == 201, made.text
    answer = bench.client(organisation()).post(f"/api/policies/{made.json['id']}/activate")
    assert answer.status_code == 200, answer.text


def activate_example(bench: Bench, name: str, *changes: tuple[str, str]) -> None:
    """An example in force from May 2026 on, changed so as *changes* say."""
    content = example(name)
    for old, new in (("valid_from = 2026-04-01", "valid_from = 2026-05-01"), *changes):
        assert old in content
        content = content.replace(old, new)
    made = bench.client(organisation()).post("/api/policies", json={"content": content})
    assert made.status_code == 201, made.text
    assert bench.client(organisation()).post(f"/api/policies/{made.json['id']}/activate").status_code == 200


def draft_policy(bench: Bench, name: str = "cap-75", **changes: str) -> Any:
    content = example(name)
    for old, new in changes.items():
        content = content.replace(old, new)
    return bench.client(organisation()).post("/api/policies", json={"content": content})


def test_a_version_is_dry_run_then_activated_and_what_it_follows_ends(bench: Bench) -> None:
    two_agencies(bench)
    bench.clock.at = datetime(2026, 4, 8, 2, tzinfo=UTC)
    made = bench.client(organisation()).post(
        "/api/policies", json={"content": example("cap-75").replace("2026-04-01", "2026-05-01")}
    )
    assert (made.status_code, made.json["status"]) == (201, "draft"), made.text
    path = "/api/policies/contoh-75-persen"
    dry = bench.client(organisation()).get(f"{path}/dry-run?month=2026-05-01").json
    [a1] = [row for row in dry["rows"] if row["agency_id"] == "A1"]
    assert a1["before"]["wfh_days"] < a1["after"]["wfh_days"]
    assert a1["before"]["exempt"] == {"1.l.1": 1}
    assert a1["after"]["exempt"] == {"5.a": 1}
    assert a1["people_changed"] > 0
    assert not a1["in_force"]
    assert dry["gaps"] == []
    assert bench.client(operator()).get(f"{path}/dry-run?month=2026-05-01").status_code == 403
    assert bench.client(organisation()).post(f"{path}/activate").json["status"] == "active"
    known = {row["id"]: row for row in bench.client(operator()).get("/api/policies").json["rows"]}
    assert known["metro-15-2026"]["valid_to"] == "2026-04-30"
    made = bench.client(operator()).post("/api/rosters", json={"agency_id": "A1", "month": "2026-05-01"})
    assert made.json["policy_id"] == "contoh-75-persen"
    april = bench.client(operator()).post("/api/rosters", json={"agency_id": "A1", "month": "2026-04-01"})
    assert april.json["policy_id"] == "metro-15-2026"


def test_a_month_with_two_policies_has_each_days_own_rules(bench: Bench) -> None:
    two_agencies(bench)
    bench.clock.at = datetime(2026, 4, 8, 2, tzinfo=UTC)
    content = example("cap-75").replace("2026-04-01", "2026-04-20")
    bench.client(organisation()).post("/api/policies", json={"content": content})
    bench.client(organisation()).post("/api/policies/contoh-75-persen/activate")
    roster = bench.client(operator()).post("/api/rosters", json={"agency_id": "A1", "month": "2026-04-01"}).json
    cells = bench.client(operator()).get(f"/api/rosters/{roster['id']}/cells?page_size=500").json["rows"]
    clauses = {cell["date"]: cell["clause"] for cell in cells if cell["mode"] == "wfh"}
    assert (clauses["2026-04-17"], clauses["2026-04-24"]) == ("1.b.2", "3.b")
    head = {cell["date"]: cell["clause"] for cell in cells if cell["employee_id"] == "A1-head"}
    assert (head["2026-04-16"], head["2026-04-20"]) == ("1.b.1", "3.a")  # a Thursday and a Monday at the office
    assert (head["2026-04-17"], head["2026-04-24"]) == ("1.l.1", "5.a")  # exempt by each policy's own clause
    with bench.db.transaction() as session:
        rows = session.scalars(select(RosterLimit).where(RosterLimit.roster_id == roster["id"]))
        limits = {(row.date.day, row.limit_id): (row.base_kind, row.share) for row in rows if row.unit_id == "U1"}
    assert (limits[17, "quota:U1"], limits[24, "quota:U1"]) == (
        ("eligible", Decimal("0.500")), ("all", Decimal("0.750")),
    )  # fmt: skip
    assert (17, "cap-75:U1") not in limits
    assert (24, "cap-75:U1") in limits
    per_date = Counter(cell["date"] for cell in cells if cell["mode"] == "wfh")
    assert per_date["2026-04-24"] > per_date["2026-04-17"]


@pytest.mark.parametrize(
    ("old", "new", "code", "said", "pointers"),
    [
        ("valid_from = 2026-04-01", "valid_from = 2026-04-09", "policy_contradiction",
         "contoh-75-persen dan metro-15-2026 sama-sama berlaku pada 09-04-2026", ["/valid_from"]),
        ("valid_to = 2026-12-31", "valid_to = 2026-01-31", "policy_contradiction",
         "valid_to: 31-01-2026 mendahului valid_from, 01-04-2026", ["/valid_to"]),
        ("min_on_site = 1", "min_on_site = 1.5", "policy_unreadable",
         "[quota] min_on_site: harus bilangan bulat 0 atau lebih, bukan “1.5”", ["/quota/min_on_site"]),
        ("[pattern]", "[pattern", "policy_unreadable", "TOML tidak terbaca pada baris 9, kolom 9", []),
    ],
)  # fmt: skip
def test_a_contradiction_is_refused_and_named(
    bench: Bench, old: str, new: str, code: str, said: str, pointers: list[str]
) -> None:
    answer = draft_policy(bench, **{old: new})
    if answer.status_code == 201:
        answer = bench.client(organisation()).post("/api/policies/contoh-75-persen/activate")
    assert (answer.status_code, answer.json["code"]) == (422, code)
    assert said in answer.json["detail"]
    assert [error["pointer"] for error in answer.json.get("errors", ())] == pointers


def test_a_policy_is_extended_or_ended_by_its_circular(bench: Bench) -> None:
    two_agencies(bench)
    path = "/api/policies/metro-15-2026/term"
    body = {"valid_to": "2026-06-30", "reason": "SE perpanjangan 20/2026"}
    assert bench.client(operator()).put(path, json=body).status_code == 403
    ended = bench.client(organisation()).put(path, json=body)
    assert (ended.status_code, ended.json) == (200, {"gaps": []})
    bench.clock.at = datetime(2026, 6, 20, 2, tzinfo=UTC)
    july = {"agency_id": "A1", "month": "2026-07-01"}
    refused = bench.client(operator()).post("/api/rosters", json=july)
    assert (refused.status_code, refused.json["code"]) == (422, "no_policy")
    assert bench.client(organisation()).put(path, json={**body, "valid_to": None}).status_code == 200
    assert bench.client(operator()).post("/api/rosters", json=july).status_code == 201
    wrong = bench.client(organisation()).put(path, json={**body, "valid_to": "2026-01-01"})
    assert wrong.json["code"] == "policy_contradiction"


def test_a_new_policy_exempts_units_by_its_own_names(bench: Bench) -> None:
    two_agencies(bench)
    settle(bench, [a_unit("SERVE", name="Seksi Pelayanan Warga")], [an_employee("S1", 701, unit_id="SERVE")])
    content = example("echelon-4-exempt").replace("2026-04-01", "2026-05-01")
    bench.client(organisation()).post("/api/policies", json={"content": content})
    bench.client(organisation()).post("/api/policies/contoh-eselon-iv/activate")
    bench.clock.at = datetime(2026, 4, 20, 2, tzinfo=UTC)
    roster = bench.client(operator()).post("/api/rosters", json={"agency_id": "A1", "month": "2026-05-01"}).json
    path = f"/api/rosters/{roster['id']}/cells?employee_id=S1&date=2026-05-08"
    [cell] = bench.client(operator()).get(path).json["rows"]
    assert (cell["clause"], cell["rule"]) == ("d.2", "exempt")


def test_days_between_two_policies_are_told_before_and_when_a_policy_is_activated_or_ended(bench: Bench) -> None:
    two_agencies(bench)
    term, client = "/api/policies/metro-15-2026/term", bench.client(organisation())
    client.put(term, json={"valid_to": "2026-04-30", "reason": "SE 20/2026"})
    client.post("/api/policies", json={"content": example("cap-75").replace("2026-04-01", "2026-05-11")})
    gap = {"layer": "city", "agency_id": None, "starts": "2026-05-01", "ends": "2026-05-10"}
    assert client.get(f"/api/policies/{CAP}/dry-run?month=2026-05-01").json["gaps"] == [gap]
    activated = client.post(f"/api/policies/{CAP}/activate").json
    assert (activated["status"], activated["gaps"]) == ("active", [gap])
    longer = client.put(term, json={"valid_to": "2026-05-05", "reason": "SE 21/2026"})
    assert longer.json["gaps"] == [{**gap, "starts": "2026-05-06"}]
    assert client.put(term, json={"valid_to": "2026-05-10", "reason": "SE 22/2026"}).json["gaps"] == []


def test_a_roster_of_a_month_with_a_gap_tells_the_days_left_out(bench: Bench) -> None:
    two_agencies(bench)
    client = bench.client(organisation())
    body = {"valid_to": "2026-04-16", "reason": "SE 20/2026"}
    client.put("/api/policies/metro-15-2026/term", json=body)
    activate(bench, example("cap-75").replace("2026-04-01", "2026-04-20"))
    made = bench.client(operator()).post("/api/rosters", json={"agency_id": "A1", "month": "2026-04-01"}).json
    first, second = made["left_out"]
    assert (first["starts"], first["ends"]) == ("2026-04-01", "2026-04-08")
    assert (second["starts"], second["ends"]) == ("2026-04-17", "2026-04-19")
    text = "Tidak ada kebijakan yang berlaku dari 17-04-2026 sampai 19-04-2026; hari itu tidak masuk jadwal ini."
    assert second["text"] == text
    cells = bench.client(operator()).get(f"/api/rosters/{made['id']}/cells?page_size=500").json["rows"]
    days = {cell["date"] for cell in cells}
    assert {"2026-04-16", "2026-04-20"} <= days
    assert "2026-04-17" not in days
    page = bench.client(operator()).get(f"/rosters/{made['id']}", page=True).text
    assert text in page
    assert bench.client(operator()).post(f"/api/rosters/{made['id']}/submit").status_code == 200  # it hinders nobody
    may = bench.client(operator()).post("/api/rosters", json={"agency_id": "A1", "month": "2026-05-01"}).json
    assert may["left_out"] == []
