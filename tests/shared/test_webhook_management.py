"""Subscribers managed by IT, over HTTP and on the command line; the log; replays; secrets that stay secret."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from alembic import command
from click.testing import CliRunner
from sqlalchemy import delete, select, text

from deploy.embedded.postgres import Cluster
from services.energy.app import SERVICE as ENERGY
from shared.audit import AuditRow
from shared.cli import build
from shared.db import Database
from shared.durable import Status
from shared.outbox import OutboxRow
from shared.testing.bench import Bench
from shared.webhooks import deliveries, manage
from tests.shared.subscribers import (
    NOISE,
    UNITS,
    Subscriber,
    deliveries_of,
    endpoint_of,
    it_officer,
    subscribe,
    tell,
)

HOOK = {"name": "Portal Data", "url": "https://data.example/hook", "types": [UNITS]}
HOUR = timedelta(hours=1)


def test_a_subscriber_is_made_shown_changed_and_removed(bench: Bench) -> None:
    client = it_officer(bench)
    made = client.post("/api/webhooks", json=HOOK)
    assert made.status_code == 201, made.text
    assert made.json["secret"].startswith("whsec_")
    address = f"/api/webhooks/{made.json['endpoint']['id']}"
    assert client.get("/api/webhooks").json["rows"] == [made.json["endpoint"]]
    assert client.get(address).json["waiting"] == {"pending": 0, "held": 0, "parked": 0}
    assert UNITS in client.get("/api/webhooks/types").json["types"]
    changed = client.request("PATCH", address, json={"types": [NOISE, UNITS, UNITS]}).json
    assert (changed["name"], changed["types"]) == ("Portal Data", sorted([NOISE, UNITS]))
    assert client.request("PATCH", address, json={"url": "https://127.0.0.9/"}).status_code == 200, "it is allowed here"
    assert client.request("DELETE", address).status_code == 204
    assert client.get(address).status_code == 404
    with bench.db.transaction() as session:
        acts = list(session.scalars(select(AuditRow.action).order_by(AuditRow.id)))
    assert acts == ["create_webhook", "change_webhook", "change_webhook", "delete_webhook"]


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"types": ["energy.savings_computed.v1"]}, "/types"),
        ({"types": ["luwes.ping"]}, "/types"),
        ({"types": []}, "/types"),
        ({"types": [UNITS] * 101}, "/types"),
        ({"url": "https://user:secret@data.example/"}, "/url"),
        ({"url": "ftp://data.example/"}, "/url"),
        ({"url": "https://10.0.0.1/"}, "/url"),
        ({"url": "https://[::ffff:10.0.0.1]/"}, "/url"),
        ({"url": "https://data.example/" + "a" * 500}, "/url"),
        ({"name": " "}, "/name"),
        ({"name": "n" * 101}, "/name"),
        ({"secret": "whsec_bWluZQ=="}, "/secret"),
    ],
)
def test_what_is_wrong_is_named(bench: Bench, wrong: dict[str, Any], pointer: str) -> None:
    answer = it_officer(bench).post("/api/webhooks", json={**HOOK, **wrong})
    assert (answer.status_code, answer.json["code"]) == (422, "invalid_input")
    assert answer.json["errors"][0]["pointer"].startswith(pointer)


def test_names_are_taken_once_and_subscribers_are_not_without_number(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = it_officer(bench)
    assert client.post("/api/webhooks", json=HOOK).status_code == 201
    assert client.post("/api/webhooks", json=HOOK).json["code"] == "webhook_name_taken"
    second = client.post("/api/webhooks", json={**HOOK, "name": "Portal Dua"}).json["endpoint"]["id"]
    renamed = client.request("PATCH", f"/api/webhooks/{second}", json={"name": HOOK["name"]})
    assert renamed.json["code"] == "webhook_name_taken"
    monkeypatch.setattr(manage, "ENDPOINT_LIMIT", 2)
    assert client.post("/api/webhooks", json={**HOOK, "name": "Portal Tiga"}).json["code"] == "too_many_webhooks"


def test_a_secret_is_in_the_answer_that_made_it_and_nowhere_else(
    bench: Bench, subscriber: Subscriber, capsys: pytest.CaptureFixture[str]
) -> None:
    client = it_officer(bench)
    made = client.post("/api/webhooks", json={**HOOK, "url": f"{subscriber.url}?token=HIDDEN"}).json
    address = f"/api/webhooks/{made['endpoint']['id']}"
    secrets = [made["secret"], client.post(f"{address}/rotate").json["secret"]]
    subscriber.fails(500)
    client.post(f"{address}/ping")
    bench.work()
    client.post(f"{address}/disable", json={"reason": "enough"})
    pages = ["/api/webhooks", address, "/api/webhook-deliveries", "/api/parked?table=webhook", "/ready", "/metrics"]
    told = "".join(client.get(page).text for page in pages) + capsys.readouterr().out
    with bench.db.transaction() as session:
        audited = str([(row.subject, row.detail) for row in session.scalars(select(AuditRow))])
        dumped = str(session.execute(text("select * from webhook_delivery, webhook_attempt")).all())
    for secret in secrets:
        assert secret not in told + audited + dumped
    assert "HIDDEN" not in audited


def test_a_ping_goes_to_that_subscriber_alone_and_its_delivery_can_be_looked_at(
    bench: Bench, subscriber: Subscriber, another: Subscriber
) -> None:
    subscribe(bench, subscriber)
    subscribe(bench, another, "other")
    client = it_officer(bench)
    address = f"/api/webhooks/{subscriber.endpoint_id}"
    subscriber.fails(500)
    event_id = client.post(f"{address}/ping").json["event_id"]
    bench.work()
    [message] = subscriber.messages()
    assert (message["type"], subscriber.ids, another.got) == ("luwes.ping", [event_id], [])
    [shown] = client.get(f"/api/webhook-deliveries?event={event_id}").json["rows"]
    assert (shown["status"], shown["attempts"]) == ("pending", 1)
    assert [(each["status_code"], each["outcome"]) for each in shown["tries"]] == [(500, "answered 500")]
    assert client.get(f"/api/webhook-deliveries/{shown['id']}").json == shown
    client.post(f"{address}/disable", json={})
    assert client.post(f"{address}/ping").json["code"] == "webhook_disabled"


def test_the_log_is_paged_and_filtered(bench: Bench, subscriber: Subscriber, another: Subscriber) -> None:
    subscribe(bench, subscriber)
    subscribe(bench, another, "other", [UNITS, NOISE])
    another.fails(500)
    tell(bench, "U1", "U2")
    bench.work()
    bench.clock.at += HOUR
    [latest] = tell(bench, "U3")

    def found(query: str) -> int:
        total = it_officer(bench).get(f"/api/webhook-deliveries?{query}").json["total"]
        assert isinstance(total, int)
        return total

    since = bench.clock.at.isoformat().replace("+", "%2B")
    assert found("") == 6
    assert found(f"endpoint={subscriber.endpoint_id}") == 3
    assert found("status=done") == 2
    assert found("status=pending") == 4
    assert found(f"type={NOISE}") == 0
    assert found(f"event={latest}") == 2
    assert found(f"since={since}") == 2
    assert found(f"until={since}&endpoint={another.endpoint_id}") == 2
    page = it_officer(bench).get("/api/webhook-deliveries?page=2&page_size=4").json
    assert (page["page"], len(page["rows"])) == (2, 2)
    assert it_officer(bench).get("/api/webhook-deliveries?status=odd").status_code == 422


def test_one_delivery_is_sent_again_as_often_as_asked_with_the_same_id(bench: Bench, subscriber: Subscriber) -> None:
    subscribe(bench, subscriber)
    [event_id] = tell(bench, "U1")
    bench.work()
    [delivery] = deliveries_of(bench, subscriber)
    for _ in range(2):
        assert it_officer(bench).post(f"/api/webhook-deliveries/{delivery.id}/replay").status_code == 202
        bench.work()
    assert subscriber.ids == [event_id] * 3
    assert it_officer(bench).post("/api/webhook-deliveries/999999999/replay").status_code == 404


def replay(bench: Bench, subscriber: Subscriber, **body: Any) -> Any:
    asked = {"since": (bench.clock.at - HOUR).isoformat(), "until": (bench.clock.at + HOUR).isoformat(), **body}
    return it_officer(bench).post(f"/api/webhooks/{subscriber.endpoint_id}/replay", json=asked)


def test_a_time_range_is_sent_again_also_to_who_came_later(bench: Bench, subscriber: Subscriber) -> None:
    tell(bench, "OLD")
    bench.clock.at += 3 * HOUR
    events = tell(bench, "U1", "U2")
    subscribe(bench, subscriber)  # after all of them
    events += tell(bench, "U3")
    bench.work()
    assert subscriber.ids == events[2:]
    for times in (1, 2):
        subscriber.got.clear()
        answer = replay(bench, subscriber, types=[UNITS, NOISE])
        assert (answer.status_code, answer.json) == (202, {"queued": 3, "next_after": None})
        bench.work()
        assert sorted(subscriber.ids) == sorted(events), f"time {times}"
    assert replay(bench, subscriber, types=[NOISE]).json["queued"] == 0
    assert replay(bench, subscriber, until=(bench.clock.at - 2 * HOUR).isoformat()).status_code == 422


def test_a_replay_is_bounded_and_says_how_to_go_on(
    bench: Bench, subscriber: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "REPLAY_LIMIT", 2)
    tell(bench, *[f"U{number}" for number in range(5)])
    subscribe(bench, subscriber)
    queued, after = [], 0
    while after is not None:
        answer = replay(bench, subscriber, after=after).json
        queued.append(answer["queued"])
        after = answer["next_after"]
    assert queued == [2, 2, 1]
    bench.work()
    assert [message["data"]["id"] for message in subscriber.messages()] == ["U0", "U1", "U2", "U3", "U4"]


def test_a_replay_to_a_disabled_subscriber_is_held(bench: Bench, subscriber: Subscriber) -> None:
    subscribe(bench, subscriber)
    tell(bench, "U1")
    bench.work()
    client = it_officer(bench)
    client.post(f"/api/webhooks/{subscriber.endpoint_id}/disable", json={})
    assert replay(bench, subscriber).json["queued"] == 1
    bench.work()
    assert [delivery.status for delivery in deliveries_of(bench, subscriber)] == [Status.HELD]
    assert client.get(f"/api/webhooks/{subscriber.endpoint_id}").json["waiting"]["held"] == 1


def test_a_held_event_outlives_the_outbox(bench: Bench, subscriber: Subscriber) -> None:
    subscribe(bench, subscriber)
    client = it_officer(bench)
    client.post(f"/api/webhooks/{subscriber.endpoint_id}/disable", json={})
    tell(bench, "U1")
    with bench.db.transaction() as session:
        session.execute(delete(OutboxRow))
    client.post(f"/api/webhooks/{subscriber.endpoint_id}/enable")
    bench.work()
    assert subscriber.subjects() == ["unit/U1"]


Run = Callable[..., str]


@pytest.fixture
def run(bench: Bench) -> Run:
    """The command line of the service; what it printed."""
    group = build(replace(bench.service, load_settings=lambda: replace(bench.settings)))

    def invoke(*arguments: str, code: int = 0) -> str:
        result = CliRunner().invoke(group, ["webhooks", *arguments])
        assert result.exit_code == code, result.output
        return result.output

    return invoke


def test_the_command_line_does_the_same(bench: Bench, subscriber: Subscriber, run: Run) -> None:
    assert UNITS in run("types")
    subscriber.secret = run("create", "--name", "portal", "--url", subscriber.url, "--type", UNITS).strip()
    assert "portal\tactive" in run("list")
    run("change", "portal", "--rename", "Portal Data", "--type", UNITS, "--type", NOISE)
    events = tell(bench, "U1", "U2")
    assert "queued" in run("ping", "Portal Data")
    bench.work()
    assert sorted(subscriber.subjects())[:2] == ["unit/U1", "unit/U2"]
    rows = run("deliveries", "--endpoint", "Portal Data", "--type", UNITS).splitlines()
    assert [row.split("\t")[4] for row in rows] == events[::-1]
    assert rows[0].endswith("answered 204")
    assert "pending" in run("replay", rows[0].split("\t")[0])
    assert "2 queued" in run("replay-range", "Portal Data", "--since", "2026-01-01", "--until", "2036-01-01")
    assert "2 queued" in run(
        "replay-range", "Portal Data", "--since", "2026-01-01T00:00+07:00", "--until", "2036-01-01"
    )
    run("disable", "Portal Data", "--reason", "moving house")
    assert "moving house" in run("show", "Portal Data")
    assert "held\t2" in run("show", "Portal Data")
    run("enable", "Portal Data")
    secret = run("rotate", "Portal Data").splitlines()[0]
    run("drop-old-secrets", "Portal Data")
    subscriber.endpoint_id = _id(bench)
    assert endpoint_of(bench, subscriber).secrets == [secret]
    run("delete", "Portal Data", "--yes")
    assert run("list") == ""


def _id(bench: Bench) -> Any:
    with bench.db.transaction() as session:
        return session.scalar(text("select id from webhook_endpoint"))


def test_the_command_line_says_what_is_wrong(run: Run) -> None:
    assert "no subscriber" in run("show", "nobody", code=2)
    assert "https://" in run("create", "--name", "x", "--url", "ftp://x/", "--type", UNITS, code=1)
    assert "tidak menyiarkan" in run("create", "--name", "x", "--url", "https://x.example/", "--type", "y", code=1)


def test_deliveries_that_waited_as_jobs_are_carried_over(cluster: Cluster) -> None:
    cluster.create("luwes_carry", "carry")
    db = Database(cluster.url("carry", "luwes_carry"))
    active, disabled, gone = uuid4(), uuid4(), uuid4()
    with db.engine.connect() as connection:
        config = ENERGY._alembic(connection)
        command.upgrade(config, "shared_0001")
        for endpoint, at in ((active, "null"), (disabled, "now()")):
            connection.execute(
                text(
                    "insert into webhook_endpoint "
                    "(id, name, url, types, secrets, private_network, created_at, disabled_at) "
                    f"values ('{endpoint}', '{endpoint}', 'https://x/', '{{a.b}}', '{{s}}', true, now(), {at})"
                )
            )
        for status in ("pending", "parked", "done"):
            for endpoint in (active, disabled, gone):
                message = (
                    f'{{"endpoint_id": "{endpoint}", "event_id": "{uuid4()}", '
                    f'"message": {{"type": "a.b", "data": {{"of": "{status}"}}}}}}'
                )
                connection.execute(
                    text(
                        "insert into job (kind, key, payload, status, attempts, due_at, created_at) "
                        "values ('deliver_webhook', :key, cast(:payload as jsonb), :status, 2, now(), now())"
                    ),
                    {"key": f"{status}{endpoint}", "payload": message, "status": status},
                )
        connection.commit()
        command.upgrade(ENERGY._alembic(connection), "shared_0002")
        rows = connection.execute(
            text("select endpoint_id, status, attempts, type, payload->'data'->>'of' as was from webhook_delivery")
        ).all()
        assert sorted((row.endpoint_id == active, row.status, row.attempts, row.type, row.was) for row in rows) == [
            (False, "held", 2, "a.b", "pending"), (False, "parked", 2, "a.b", "parked"),
            (True, "parked", 2, "a.b", "parked"), (True, "pending", 2, "a.b", "pending"),
        ]  # fmt: skip
        assert connection.scalar(text("select count(*) from job where status <> 'done'")) == 0
        assert (
            connection.scalar(text("select disabled_by from webhook_endpoint where disabled_at is not null")) == "luwes"
        )
    db.close()
