"""Deny by default: all routes × all roles × own and other agency."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from werkzeug.routing import Rule

from shared.auth import Access, entry_of
from shared.roles import HEADS, REACH_OF, Reach, Role
from shared.testing.bench import Bench
from shared.testing.city import a_person
from tests.energy import world as energy_world
from tests.reporting import world as reporting_world
from tests.schedule import world as schedule_world

Arguments = dict[str, str]
WORLDS: dict[str, Callable[[Bench], tuple[Arguments, Arguments]]] = {
    "schedule": schedule_world.fill,
    "reporting": reporting_world.fill,
    "energy": energy_world.fill,
}
PUBLIC = {
    "/live", "/ready", "/metrics", "/webhooks/<source>", "/docs", "/openapi.json", "/static/<path:filename>",
    "/bootstrap/static/<path:filename>", "/vendor/swagger-ui/<path:name>", "/vendor/bootstrap/<path:name>",
    "/.well-known/jwks.json", "/login", "/login/development", "/logout", "/calendar/<token>.ics",
}  # fmt: skip


@pytest.fixture(params=sorted(WORLDS))
def populated(request: pytest.FixtureRequest) -> Iterator[tuple[Bench, Arguments, Arguments]]:
    bench: Bench = request.getfixturevalue(f"{request.param}_bench")
    bench.empty()
    own, other = WORLDS[request.param](bench)
    # rows of the queue and subscribers of webhooks are alike in every service
    queue = {"table": "inbox", "row_id": "1", "endpoint_id": str(UUID(int=1)), "delivery_id": "1"}
    yield bench, own | queue, other | queue
    bench.empty()


def closed_routes(bench: Bench) -> Iterator[tuple[Rule, str, Access | None]]:
    """(rule, method, entry) of every route that is not public."""
    for rule in bench.app.url_map.iter_rules():
        entry = entry_of(bench.app, rule.endpoint)
        if entry is None or not entry.public:
            for method in sorted((rule.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"}):
                yield rule, method, entry


def address(bench: Bench, rule: Rule, values: Arguments) -> str:
    missing = set(rule.arguments) - set(values)
    assert not missing, f"the test world has no value for {missing} of {rule.rule}"
    with bench.app.test_request_context():
        adapter = bench.app.url_map.bind("localhost")
        return adapter.build(rule.endpoint, {name: values[name] for name in rule.arguments})


def ask(bench: Bench, role: Role | None, agency: str, rule: Rule, method: str, values: Arguments) -> Any:
    """One request by someone with just *role*, in *agency*; the ASN and superior are those whom A1's things concern."""
    own = agency == "A1"
    employee = {Role.ASN: "E1" if own else "Z1", Role.SUPERIOR: "E0" if own else "Z0"}.get(role or Role.ASN, "Z9")
    user = (
        a_person(employee, agency_id=agency, unit_id="U1" if own else "U2", roles=frozenset({role})) if role else None
    )
    return bench.client(user).request(method, address(bench, rule, values))


def test_every_route_names_who_may_use_it(populated: tuple[Bench, Arguments, Arguments]) -> None:
    bench, *_ = populated
    assert [rule.rule for rule, _, entry in closed_routes(bench) if entry is None] == []


def test_only_listed_routes_are_public(populated: tuple[Bench, Arguments, Arguments]) -> None:
    bench, *_ = populated
    public = {
        rule.rule
        for rule in bench.app.url_map.iter_rules()
        if (entry := entry_of(bench.app, rule.endpoint)) is not None and entry.public
    }
    assert public <= PUBLIC


def test_nobody_enters_without_signing_in(populated: tuple[Bench, Arguments, Arguments]) -> None:
    bench, values, _ = populated
    for rule, method, _entry in closed_routes(bench):
        assert ask(bench, None, "A1", rule, method, values).status_code == 401, rule.rule


def test_a_role_that_a_route_does_not_name_is_refused(populated: tuple[Bench, Arguments, Arguments]) -> None:
    bench, values, _ = populated
    for rule, method, entry in closed_routes(bench):
        for role in Role:
            if entry and role not in entry.roles:
                answer = ask(bench, role, "A1", rule, method, values)
                assert (answer.status_code, answer.json["code"]) == (403, "not_allowed"), (rule.rule, role)


def test_nobody_below_city_reach_touches_another_agencys_things(populated: tuple[Bench, Arguments, Arguments]) -> None:
    bench, values, _ = populated
    for rule, method, entry in closed_routes(bench):
        if entry is None or not rule.arguments:
            continue
        assert entry.owner is not None, f"{rule.rule} names a thing but not whose it is"
        for role in entry.roles:
            if REACH_OF[role] < Reach.CITY:
                assert ask(bench, role, "A2", rule, method, values).status_code == 403, (rule.rule, role)


def test_who_is_named_gets_in(populated: tuple[Bench, Arguments, Arguments]) -> None:
    """Without a body most changes fail for their content, but no longer for who asks; and nothing breaks."""
    bench, values, _ = populated
    for rule, method, entry in closed_routes(bench):
        for role in entry.roles if entry else ():
            if REACH_OF[role] >= Reach.AGENCY and not (role in HEADS and rule.rule.endswith("/sign")):
                status = ask(bench, role, "A1", rule, method, values).status_code
                assert status not in (401, 500), (rule.rule, role, status)
                if entry and entry.owner and method == "GET":
                    assert status != 403, (rule.rule, role)


def test_lists_show_no_other_agency(populated: tuple[Bench, Arguments, Arguments]) -> None:
    """What an operator or head of A2 gets from any list speaks of A2 only."""
    bench, *_ = populated
    seen = 0
    for rule, method, entry in closed_routes(bench):
        if method != "GET" or rule.arguments or not rule.rule.startswith("/api/") or rule.rule == "/api/units":
            continue
        for role in entry.roles if entry else ():
            if REACH_OF[role] == Reach.AGENCY:
                body = ask(bench, role, "A2", rule, method, {}).json or {}
                rows = body.get("rows", []) if isinstance(body, dict) else []
                agencies = {row["agency_id"] for row in rows if "agency_id" in row}
                assert agencies <= {"A2"}, rule.rule
                seen += len(rows)
    assert seen, "no list had a row: the test would prove nothing"
