"""Webhooks out: what is sent, when it is tried again, who is disabled, and that none delays another."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from sqlalchemy import select

from shared.durable import Status
from shared.outbox import OutboxRow
from shared.prune import KEEP_HANDLED, prune
from shared.settings import WEBHOOK_RETRY_SECONDS
from shared.testing.bench import Bench
from shared.webhooks import manage, send, transport
from tests.shared.subscribers import (
    NOISE,
    UNITS,
    Subscriber,
    attempts,
    deliveries_of,
    endpoint_of,
    it_officer,
    listening,
    subscribe,
    tell,
)

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)


def pass_time(bench: Bench, by: timedelta) -> None:
    """Let *by* pass, then send what is due."""
    bench.clock.at += by
    bench.work()


def test_a_subscriber_gets_what_it_asked_for_signed_by_the_standard(
    bench: Bench, subscriber: Subscriber, another: Subscriber
) -> None:
    subscribe(bench, subscriber)
    subscribe(bench, another, "rosters", [NOISE])
    [event_id] = tell(bench, "U1")
    bench.work()
    [message] = subscriber.messages()
    assert (message["type"], message["subject"], message["data"]["id"]) == (UNITS, "unit/U1", "U1")
    assert message["source"] == "/schedule"
    assert subscriber.ids == [event_id]
    assert subscriber.got[0][0]["content-type"] == "application/json"
    assert another.got == []
    [attempt] = attempts(bench)
    assert (attempt.status_code, attempt.outcome) == (204, "answered 204")
    assert bench.unfinished() == []


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 401, 404, 429, 500, 503])
def test_whatever_is_not_2xx_is_tried_again_with_the_same_id(bench: Bench, subscriber: Subscriber, status: int) -> None:
    subscriber.fails(status, location=subscriber.url + "/elsewhere")
    subscribe(bench, subscriber)
    tell(bench, "U1")
    bench.work()
    assert len(subscriber.got) == 1, "neither followed nor tried again at once"
    pass_time(bench, 7 * SECOND)
    assert len(subscriber.got) == 2
    assert len(set(subscriber.ids)) == 1
    assert [delivery.status for delivery in deliveries_of(bench, subscriber)] == [Status.DONE]
    assert [attempt.status_code for attempt in attempts(bench)] == [status, 204]


def test_the_schedule_is_the_standards_and_then_it_is_parked(bench: Bench, subscriber: Subscriber) -> None:
    subscriber.fails(500, times=11)
    subscribe(bench, subscriber)
    tell(bench, "U1")
    for tries, wait in enumerate(WEBHOOK_RETRY_SECONDS, start=1):
        bench.work()
        [delivery] = deliveries_of(bench, subscriber)
        assert len(subscriber.got) == tries
        assert abs((delivery.due_at - bench.clock.at).total_seconds() - wait) <= 0.2 * wait
        bench.clock.at += timedelta(seconds=1.21 * wait)
    bench.work()
    [delivery] = deliveries_of(bench, subscriber)
    assert (delivery.status, len(subscriber.got)) == (Status.PARKED, 10)

    client = it_officer(bench)
    [parked] = client.get("/api/parked?table=webhook").json["rows"]
    assert "units: answered 500" in parked["error"]
    subscriber.answers = []
    assert client.post(f"/api/parked/webhook/{parked['id']}/retry").status_code == 204
    pass_time(bench, timedelta(minutes=6))
    assert len(set(subscriber.ids)) == 1
    assert bench.unfinished() == []


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("as_date", [False, True], ids=["seconds", "date"])
def test_retry_after_is_honoured_for_all_that_waits(
    bench: Bench, subscriber: Subscriber, status: int, as_date: bool
) -> None:
    subscriber.fails(status, Retry_After=format_datetime(datetime.now(UTC) + HOUR) if as_date else "3600")
    subscribe(bench, subscriber)
    tell(bench, "U1")
    bench.work()
    tell(bench, "U2")
    pass_time(bench, HOUR - timedelta(minutes=1))
    assert len(subscriber.got) == 1, "not even the other event"
    pass_time(bench, timedelta(minutes=2))
    assert sorted(subscriber.subjects()) == ["unit/U1", "unit/U1", "unit/U2"]


@pytest.mark.parametrize("asked", ["", "soon", "-5", "9" * 400, "Wed, 99 Foo 2026 00:00:00 GMT", "1e9"])
def test_an_odd_retry_after_is_no_reason_to_stop(bench: Bench, subscriber: Subscriber, asked: str) -> None:
    subscriber.fails(503, Retry_After=asked)
    subscribe(bench, subscriber)
    tell(bench, "U1")
    bench.work()
    pass_time(bench, DAY + HOUR)
    assert len(subscriber.got) == 2


def test_410_disables_at_once_and_events_are_held_until_it_is_enabled(
    bench: Bench, subscriber: Subscriber, capsys: pytest.CaptureFixture[str]
) -> None:
    subscriber.fails(410)
    subscribe(bench, subscriber)
    first = tell(bench, "U1", "U2")
    bench.work()
    assert endpoint_of(bench, subscriber).disabled_reason == "the subscriber answered 410 Gone"
    later = tell(bench, "U3")
    pass_time(bench, 10 * DAY)
    assert len(subscriber.got) == 1
    assert {delivery.status for delivery in deliveries_of(bench, subscriber)} == {Status.HELD}

    alert = next(line for line in capsys.readouterr().out.splitlines() if "webhook_endpoint_disabled" in line)
    for told in ("units", "127.0.0.1", UNITS, "410 Gone"):
        assert told in alert
    client = it_officer(bench)
    check = client.get("/ready").json
    assert (check["status"], check["checks"]["webhooks:disabled"][0]["observedValue"]) == ("warn", 1)
    figures = client.get("/metrics").text
    assert 'luwes_webhook_endpoints_disabled{service="schedule"} 1.0' in figures
    assert 'luwes_webhook_delivery_held{service="schedule"} 3.0' in figures

    assert client.post(f"/api/webhooks/{subscriber.endpoint_id}/enable").status_code == 200
    bench.work()
    assert subscriber.ids == [first[0], *first, *later], "in order, none lost"
    assert client.get("/ready").json["status"] == "pass"
    assert bench.unfinished() == []


def test_days_of_nothing_but_failures_disable_and_a_success_begins_anew(bench: Bench, subscriber: Subscriber) -> None:
    subscribe(bench, subscriber)
    for day in range(7):  # three days of failures, one success, three days of failures
        subscriber.answers = [] if day == 3 else [(500, {})] * 100
        tell(bench, f"U{day}")
        bench.work()
        pass_time(bench, DAY)
    assert endpoint_of(bench, subscriber).disabled_at is None
    for day in range(7, 10):
        tell(bench, f"U{day}")
        pass_time(bench, DAY)
    endpoint = endpoint_of(bench, subscriber)
    assert endpoint.disabled_reason is not None
    assert "nothing but failures since 2026-04-14" in endpoint.disabled_reason
    assert "answered 500" in endpoint.disabled_reason


def test_a_subscriber_that_fails_is_left_alone_for_as_long_as_it_has_been_failing(
    bench: Bench, subscriber: Subscriber
) -> None:
    subscriber.fails(500, times=1000)
    subscribe(bench, subscriber)
    tell(bench, *[f"U{number}" for number in range(20)])
    for _ in range(60):
        bench.work()
        bench.clock.at += SECOND
    assert len(subscriber.got) < 10
    for _ in range(60):
        pass_time(bench, timedelta(minutes=1))
    assert len(subscriber.got) < 25, "every five minutes at last"
    subscriber.answers = []
    pass_time(bench, timedelta(minutes=5))
    pass_time(bench, 3 * HOUR)
    assert {delivery.status for delivery in deliveries_of(bench, subscriber)} == {Status.DONE}


def test_one_slow_subscriber_does_not_delay_another(bench: Bench, subscriber: Subscriber, another: Subscriber) -> None:
    subscriber.gate.clear()  # answers only when the other has everything
    subscribe(bench, subscriber, "slow")
    subscribe(bench, another, "quick")
    events = tell(bench, *[f"U{number}" for number in range(30)])
    worker = bench.worker
    slow = threading.Thread(target=lambda: [worker.send_webhooks() for _ in range(100)])
    slow.start()
    while not subscriber.arrived.acquire(timeout=0.01):
        assert slow.is_alive()
    while worker.send_webhooks():
        assert len(subscriber.got) == 1, "served by one thread only"
    assert another.ids == events
    assert endpoint_of(bench, another).failing_since is None
    subscriber.gate.set()
    slow.join()
    bench.work()
    assert subscriber.ids == events


def test_a_worker_serves_the_quick_while_slow_ones_are_being_served(bench: Bench, subscriber: Subscriber) -> None:
    with listening() as one, listening() as two, listening() as three:
        for number, slow in enumerate((one, two, three)):
            slow.gate.clear()
            subscribe(bench, slow, f"slow {number}")
        subscribe(bench, subscriber, "quick")
        events = tell(bench, *[f"U{number}" for number in range(25)])
        stop = threading.Event()
        running = threading.Thread(target=bench.worker.run, args=[stop])
        running.start()
        for _ in events:
            assert subscriber.arrived.acquire(timeout=20)
        assert subscriber.ids == events
        assert [len(slow.got) <= 1 for slow in (one, two, three)] == [True] * 3
        for slow in (one, two, three):
            slow.gate.set()
        stop.set()
        running.join(20)
        assert not running.is_alive()
        bench.work()
        assert [slow.ids for slow in (one, two, three)] == [events] * 3


def test_the_relay_does_not_wait_for_a_slow_subscriber(bench: Bench, subscriber: Subscriber) -> None:
    subscriber.gate.clear()
    subscribe(bench, subscriber)
    tell(bench, "U1")
    sending = threading.Thread(target=bench.worker.send_webhooks)
    sending.start()
    assert subscriber.arrived.acquire(timeout=10)
    tell(bench, "U2")
    with bench.db.transaction() as session:
        endpoint = manage.find(session, subscriber.endpoint_id)
        manage.disable(session, endpoint, "work on it", by="test", now=bench.clock.at)
    tell(bench, "U3")
    statuses = [delivery.status for delivery in deliveries_of(bench, subscriber)]
    assert statuses == [Status.PENDING, Status.HELD, Status.HELD], "what is being sent is left alone"
    subscriber.gate.set()
    sending.join()
    bench.work()
    assert [delivery.status for delivery in deliveries_of(bench, subscriber)] == [Status.DONE, Status.HELD, Status.HELD]


def test_what_fails_while_its_subscriber_is_disabled_is_held_too(bench: Bench, subscriber: Subscriber) -> None:
    subscriber.gate.clear()
    subscriber.fails(500)
    subscribe(bench, subscriber)
    tell(bench, "U1")
    sending = threading.Thread(target=bench.worker.send_webhooks)
    sending.start()
    assert subscriber.arrived.acquire(timeout=10)
    client = it_officer(bench)
    client.post(f"/api/webhooks/{subscriber.endpoint_id}/disable", json={"reason": "work on it"})
    subscriber.gate.set()
    sending.join()
    pass_time(bench, timedelta(minutes=1))
    assert [delivery.status for delivery in deliveries_of(bench, subscriber)] == [Status.HELD]
    assert client.get("/ready").json["status"] == "pass", "who did it by hand need not be told"


def test_a_worker_killed_after_sending_sends_again_with_the_same_id(
    bench: Bench, subscriber: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe(bench, subscriber)
    tell(bench, "U1")

    def post_and_die(*args: Any) -> transport.Answer:
        post(*args)
        raise SystemExit("killed")

    post = transport.post
    with monkeypatch.context() as patched:
        patched.setattr(transport, "post", post_and_die)
        with pytest.raises(SystemExit):
            bench.work()
    bench.work()
    assert len(subscriber.got) == 2
    assert len(set(subscriber.ids)) == 1
    assert bench.unfinished() == []


def test_a_new_secret_and_the_old_sign_side_by_side_for_a_day(bench: Bench, subscriber: Subscriber) -> None:
    subscribe(bench, subscriber)
    old, client = subscriber.secret, it_officer(bench)
    answer = client.post(f"/api/webhooks/{subscriber.endpoint_id}/rotate").json
    assert answer["secret"] != old
    tell(bench, "U1")
    bench.work()
    for subscriber.secret in (old, answer["secret"]):
        assert subscriber.subjects() == ["unit/U1"]
    subscriber.got.clear()
    tell(bench, "U2")
    pass_time(bench, DAY)
    assert subscriber.got[0][0]["webhook-signature"].count("v1,") == 1
    assert subscriber.subjects() == ["unit/U2"], "the new one signs"
    prune(bench.db, bench.clock.at)
    assert endpoint_of(bench, subscriber).secrets == [answer["secret"]]


def test_old_secrets_are_dropped_by_hand(bench: Bench, subscriber: Subscriber) -> None:
    subscribe(bench, subscriber)
    address = f"/api/webhooks/{subscriber.endpoint_id}"
    client = it_officer(bench)
    for _ in range(4):
        subscriber.secret = client.post(f"{address}/rotate").json["secret"]
    assert len(endpoint_of(bench, subscriber).secrets) == manage.SECRETS_KEPT
    assert client.request("DELETE", f"{address}/old-secrets").status_code == 204
    assert endpoint_of(bench, subscriber).secrets == [subscriber.secret]


def test_a_round_serves_a_few_and_then_another_has_its_turn(
    bench: Bench, subscriber: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe(bench, subscriber)
    tell(bench, *[f"U{number}" for number in range(12)])
    assert bench.worker.send_webhooks() == send.ROUND
    monkeypatch.setattr(send, "ROUND_SECONDS", 0.0)
    assert bench.worker.send_webhooks() == 1


def test_no_answer_is_a_failure_that_says_why(bench: Bench) -> None:
    with listening() as gone:
        subscribe(bench, gone)
    tell(bench, "U1")
    bench.work()
    [attempt] = attempts(bench)
    assert attempt.status_code is None
    assert "ConnectionRefusedError" in attempt.outcome
    assert endpoint_of(bench, gone).failing_since == bench.clock.at


def test_what_was_sent_is_forgotten_in_time_and_what_waits_is_not(bench: Bench, subscriber: Subscriber) -> None:
    subscribe(bench, subscriber)
    tell(bench, "U1")
    bench.work()
    subscriber.fails(410)
    tell(bench, "U2")
    bench.work()
    prune(bench.db, bench.clock.at + KEEP_HANDLED + DAY)
    assert [delivery.status for delivery in deliveries_of(bench, subscriber)] == [Status.HELD]
    assert [attempt.status_code for attempt in attempts(bench)] == [410]


def test_the_same_event_published_twice_is_one_delivery(bench: Bench, subscriber: Subscriber) -> None:
    """The relay may publish again what it has published; the mark of it was lost with the process."""
    subscribe(bench, subscriber)
    tell(bench, "U1")
    with bench.db.transaction() as session:
        for row in session.scalars(select(OutboxRow)):
            row.published_at = None
    tell(bench)
    bench.work()
    assert len(subscriber.got) == 1
