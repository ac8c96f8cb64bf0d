"""Webhooks in: signatures, what is refused and how, one effect per webhook."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import requests
from sqlalchemy import select
from standardwebhooks import Webhook

from shared.inbox import InboxRow
from shared.testing.bench import Bench
from shared.webhooks.credentials import NotVerified, check, read_credential
from shared.webhooks.receive import BODY_LIMIT
from shared.webhooks.signing import signed_headers
from tests.benches import WEBHOOK_SECRET
from tests.servers import served

OTHER_SECRET = "whsec_" + "YW5vdGhlci1zZWNyZXQtZm9yLXJvdGF0aW9u"
BODY = json.dumps({"type": "pegawai.pensiun_dini", "timestamp": "2026-04-08T01:00:00Z", "data": {"id": "1"}}).encode()


def headers(body: bytes = BODY, *, at: timedelta = timedelta(), secret: str = WEBHOOK_SECRET) -> dict[str, str]:
    """Signed headers for *body*, made *at* from now."""
    return signed_headers(body, "w1", datetime.now(UTC) + at, [secret])


Head = Callable[[], dict[str, str]]

# Headers are made when the test runs: a signature is good for five minutes only.
CASES: list[tuple[str, bytes, Head, int]] = [
    ("well signed", BODY, headers, 202),
    ("nothing signed", BODY, dict, 401),
    ("wrong secret", BODY, lambda: headers(secret=OTHER_SECRET), 401),
    ("body changed", BODY + b" ", headers, 401),
    ("six minutes late", BODY, lambda: headers(at=-timedelta(minutes=6)), 401),
    ("six minutes early", BODY, lambda: headers(at=timedelta(minutes=6)), 401),
    ("signature without a comma", BODY, lambda: {**headers(), "webhook-signature": "v1"}, 401),
    ("signature that is no base64", BODY, lambda: {**headers(), "webhook-signature": "v1,***"}, 401),
    ("time that is no number", BODY, lambda: {**headers(), "webhook-timestamp": "soon"}, 401),
    ("not UTF-8", b"\xff\xfe", headers, 401),
    ("not JSON", b"hello", lambda: headers(b"hello"), 400),
    ("a list", b"[]", lambda: headers(b"[]"), 400),
    ("no type", b'{"data": {}}', lambda: headers(b'{"data": {}}'), 400),
    ("data is a text", b'{"type": "a", "data": "b"}', lambda: headers(b'{"type": "a", "data": "b"}'), 400),
    ("truncated", BODY[:-10], headers, 401),
    ("too large", b" " * (BODY_LIMIT + 1), headers, 413),
    ("10 MB", b"x" * 10_000_000, headers, 413),
]


@pytest.mark.parametrize(("case", "body", "head", "status"), CASES, ids=[case[0] for case in CASES])
def test_each_kind_of_request_gets_its_status(bench: Bench, case: str, body: bytes, head: Head, status: int) -> None:
    answer = bench.client().post("/webhooks/simpeg", data=body, headers=head())
    assert answer.status_code == status, answer.text
    with bench.db.transaction() as session:
        assert len(session.scalars(select(InboxRow)).all()) == (status == 202)
    if status != 202:
        assert answer.mimetype == "application/problem+json"
        assert answer.json["status"] == status


def test_the_reference_library_as_an_outside_sender_over_http(bench: Bench) -> None:
    """Sent, sent again (same id, a new time, as a sender's retry does), and replayed by somebody who recorded it."""
    sender, states = Webhook(WEBHOOK_SECRET), []
    with served(bench.app) as url:
        for late in (timedelta(), timedelta(seconds=1), timedelta()):
            at = datetime.now(UTC) - late
            head = {
                "Webhook-Id": "msg_1",
                "Webhook-Timestamp": str(int(at.timestamp())),
                "Webhook-Signature": sender.sign("msg_1", at, BODY.decode()),
            }
            answer = requests.post(f"{url}/webhooks/simpeg", data=BODY, headers=head, timeout=10)
            states.append((answer.status_code, answer.json()["status"]))
    assert states == [(202, "unknown_type"), (202, "duplicate"), (202, "duplicate")]
    with bench.db.transaction() as session:
        assert len(session.scalars(select(InboxRow)).all()) == 1


def test_a_malformed_body_is_answered_with_a_pointer(bench: Bench) -> None:
    body = b'{"type": "a", "data": "b"}'
    answer = bench.client().post("/webhooks/simpeg", data=body, headers=headers(body))
    assert [error["pointer"] for error in answer.json["errors"]] == ["/data"]


def test_an_unknown_type_is_stored_and_an_unknown_source_is_not(bench: Bench) -> None:
    answer = bench.client().post("/webhooks/simpeg", data=BODY, headers=headers())
    assert (answer.status_code, answer.json["status"]) == (202, "unknown_type")
    with bench.db.transaction() as session:
        row = session.scalars(select(InboxRow)).one()
    assert (row.status, row.type, row.payload) == ("unhandled", "pegawai.pensiun_dini", {"id": "1"})
    assert bench.client().post("/webhooks/elsewhere", data=BODY, headers=headers()).status_code == 404


def test_a_refused_body_is_not_logged(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    body = BODY.replace(b'"1"', b'"RAHASIA"')
    assert bench.client().post("/webhooks/simpeg", data=body, headers={}).status_code == 401
    assert "RAHASIA" not in capsys.readouterr().out


def test_any_secret_in_use_verifies_so_that_secrets_can_be_rotated() -> None:
    ours, other = read_credential(WEBHOOK_SECRET), read_credential(OTHER_SECRET)
    made = signed_headers(BODY, "w1", datetime.now(UTC), [OTHER_SECRET])
    assert check([ours, other], BODY, made, "") == "w1"
    both = signed_headers(BODY, "w1", datetime.now(UTC), [OTHER_SECRET, WEBHOOK_SECRET])
    assert check([ours], BODY, both, "") == "w1"
    for credentials in ([], [ours]):
        with pytest.raises(NotVerified):
            check(credentials, BODY, made, "")
