"""Sessions, keys, reach, and the refusal of other sites."""

from __future__ import annotations

from datetime import timedelta

import pytest
from joserfc.jwk import KeySet, OKPKey

from shared.apikeys import check_api_key, create_api_key
from shared.auth import Owner, covers
from shared.errors import NotSignedIn
from shared.roles import Reach, Role
from shared.sessions import COOKIE, KeyRing, issue_session, read_session
from shared.testing.bench import Bench
from shared.testing.city import KEY, KEYS, NOON, a_person
from tests.schedule.factories import two_agencies

RING = KeyRing("http://unused", 1.0, known=KEYS)


def test_a_session_says_who_one_is_until_it_ends() -> None:
    user = a_person("E1", Role.OPERATOR)
    token = issue_session(user, KEY, NOON)
    assert read_session(token, RING, NOON + timedelta(hours=9)) == user
    with pytest.raises(NotSignedIn):
        read_session(token, RING, NOON + timedelta(hours=11))


def test_while_the_login_is_away_known_keys_go_on_without_waiting_each_time() -> None:
    ring = KeyRing("http://127.0.0.1:9/jwks.json", 0.5, known=KEYS)
    ring._until = 0.0
    token = issue_session(a_person(), KEY, NOON)
    assert read_session(token, ring, NOON).employee_id == "E1"
    assert ring._until > 0.0


def test_a_session_by_another_key_or_with_a_changed_letter_is_refused() -> None:
    other = OKPKey.generate_key("Ed25519", auto_kid=True)
    forged = issue_session(a_person(), other, NOON)
    token = issue_session(a_person(), KEY, NOON)
    head, body, signature = token.split(".")

    def changed(part: str) -> str:
        return part[:10] + ("A" if part[10] != "A" else "B") + part[11:]

    for wrong in (forged, f"{head}.{body}.{changed(signature)}", f"{head}.{changed(body)}.{signature}", "", "a.b.c"):
        with pytest.raises(NotSignedIn):
            read_session(wrong, RING, NOON)
    assert read_session(forged, KeyRing("x", 1.0, known=KeySet([other])), NOON).employee_id == "E1"


def test_an_api_key_is_known_by_its_hash_only_and_the_old_secret_dies_with_a_new_one(bench: Bench) -> None:
    with bench.db.transaction() as session:
        first = create_api_key(session, "simpeg", ["workdays:read"], NOON)
        session.flush()
        machine = check_api_key(session, first)
        assert machine is not None
        assert (machine.name, machine.scopes) == ("simpeg", frozenset({"workdays:read"}))
        second = create_api_key(session, "simpeg", ["people:read"], NOON)
        session.flush()
        assert check_api_key(session, first) is None
        assert check_api_key(session, second) is not None
        assert check_api_key(session, "lwk_x") is None


def test_a_key_made_by_a_set_up_is_kept_as_it_is_and_its_successor_ends_it(bench: Bench) -> None:
    first, second = (f"lwk_{digit * 12}_{'s' * 43}" for digit in "12")
    with bench.db.transaction() as session:
        for _ in range(2):
            assert create_api_key(session, "reporting", ["letters:read"], NOON, key=first) == first
            session.flush()
            assert check_api_key(session, first) is not None
        create_api_key(session, "reporting", ["letters:read"], NOON, key=second)
        session.flush()
        assert check_api_key(session, first) is None
        assert check_api_key(session, second) is not None
        for weak in ("lwk_1_secret", f"xyz_{'1' * 12}_{'s' * 43}", "lwk_"):
            with pytest.raises(ValueError, match="form"):
                create_api_key(session, "reporting", [], NOON, key=weak)


def test_a_key_opens_only_what_its_scopes_name(bench: Bench) -> None:
    two_agencies(bench, staff=1)
    with bench.db.transaction() as session:
        key = create_api_key(session, "simpeg", ["people:read"], NOON)
    client = bench.client()
    bearer = {"Authorization": f"Bearer {key}"}
    assert client.get("/api/employees", headers=bearer).status_code == 200
    assert client.get("/api/rosters", headers=bearer).status_code == 403
    assert client.get("/api/employees", headers={"Authorization": "Bearer lwk_no_such"}).status_code == 401


@pytest.mark.parametrize(
    ("extent", "owner", "seen"),
    [
        (Reach.OWN, Owner("A1", "E1"), True),
        (Reach.OWN, Owner("A1", "E2"), False),
        (Reach.OWN, Owner("A1", open_in_agency=True), True),
        (Reach.OWN, Owner("A2", open_in_agency=True), False),
        (Reach.TEAM, Owner("A1", "E2", "E1"), True),
        (Reach.TEAM, Owner("A1", "E2", "E3"), False),
        (Reach.AGENCY, Owner("A1", "E2"), True),
        (Reach.AGENCY, Owner("A2", "F2"), False),
        (Reach.CITY, Owner("A2", "F2"), True),
    ],
)
def test_reach(extent: Reach, owner: Owner, seen: bool) -> None:
    assert covers(extent, a_person("E1"), owner) is seen


def test_a_cookie_changes_nothing_when_another_site_sent_the_request(bench: Bench) -> None:
    two_agencies(bench, staff=1)
    browser = bench.app.test_client()
    browser.set_cookie(COOKIE, issue_session(a_person("E1", Role.OPERATOR), KEY, NOON))
    body = {"agency_id": "A1", "month": "2026-04-01"}
    origins = [{"Origin": origin} for origin in ("https://evil.example", "http://[", "null")]
    for headers in [{}, *origins, {"Sec-Fetch-Site": "cross-site"}]:
        assert browser.post("/api/rosters", json=body, headers=headers).status_code == 403, headers
    assert browser.post("/api/rosters", json=body, headers={"Origin": "http://localhost"}).status_code == 201


def test_a_browser_that_is_not_signed_in_is_led_to_the_login_and_back(bench: Bench) -> None:
    answer = bench.client().get("/rosters?status=draft", page=True)
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/schedule/login?next=/rosters%3Fstatus%3Ddraft"


def test_development_login_leads_nowhere_outside(bench: Bench) -> None:
    two_agencies(bench, staff=1)
    nip = "198501012010011001"
    for target in (
        "https://evil.example",
        "//evil.example",
        "////evil.example",
        "/\\evil.example",
        "javascript:1",
        "http://[",
    ):
        answer = bench.client().post("/login/development", data={"nip": nip, "next": target}, page=True)
        assert (answer.status_code, answer.headers["Location"]) == (302, "/reporting/")
    assert bench.client().post("/login/development", data={"nip": "1"}).status_code == 401
