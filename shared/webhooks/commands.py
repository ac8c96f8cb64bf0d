"""``python -m services.<name> webhooks …``: what IT does with subscribers, on the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import audit
from shared.contracts.catalogue import types_of
from shared.db import Database
from shared.errors import DomainError
from shared.settings import Settings
from shared.webhooks import log, manage
from shared.webhooks.models import WebhookEndpoint
from shared.webhooks.schemas import STATUSES

if TYPE_CHECKING:
    from shared.service import Service

LISTED = 200  # deliveries
TIME = click.DateTime(["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M%z", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d"])


class Desk:
    """What each command works with: settings, and a transaction whose refusals are told instead of traced."""

    def __init__(self, load_settings: Callable[[], Settings]) -> None:
        self._load = load_settings
        self.settings: Settings

    @contextmanager
    def open(self) -> Iterator[tuple[Session, dict[str, Any]]]:
        """A session, and by whom and when its acts are."""
        self.settings = self._load()
        db = Database(self.settings.database_url, pool_size=1)
        try:
            with db.transaction() as session:
                yield session, {"by": audit.command_line(), "now": self.settings.clock().now()}
        except DomainError as refusal:
            raise click.ClickException(refusal.detail) from None
        finally:
            db.close()


def build(service: Service) -> click.Group:
    """The commands of *service* about its subscribers, each named by its name."""
    desk = Desk(service.load_settings)

    @click.group("webhooks", help="Subscribers of this service's events, and what is sent to them.")
    def group() -> None: ...

    @group.command(help="Types of the events that this service tells.")
    def types() -> None:
        for type_ in types_of(service.name):
            click.echo(type_)

    @group.command("list", help="All subscribers.")
    def list_() -> None:
        with desk.open() as (session, _):
            for endpoint in session.scalars(select(WebhookEndpoint).order_by(WebhookEndpoint.name)):
                click.echo(f"{endpoint.name}\t{_state(endpoint)}\t{endpoint.url}\t{','.join(endpoint.types)}")

    @group.command(help="One subscriber and what waits for it.")
    @click.argument("name")
    def show(name: str) -> None:
        with desk.open() as (session, _):
            endpoint = named(session, name)
            click.echo(f"{endpoint.name}\t{_state(endpoint)}\nid\t{endpoint.id}\nurl\t{endpoint.url}")
            click.echo(f"types\t{','.join(endpoint.types)}\nold secrets until\t{_time(endpoint.old_secrets_until)}")
            for status, number in log.waiting(session, endpoint.id).items():
                click.echo(f"{status}\t{number}")

    @group.command(help="Make a subscriber; its secret is shown this once.")
    @click.option("--name", required=True)
    @click.option("--url", required=True)
    @click.option("--type", "types", multiple=True, required=True, help="an event type; name the option for each")
    def create(name: str, url: str, types: tuple[str, ...]) -> None:
        with desk.open() as (session, act):
            secret = manage.create(session, desk.settings, name=name, url=url, types=types, **act).secrets[0]
        click.echo(secret)

    @group.command(help="Change name, address or types of a subscriber.")
    @click.argument("name")
    @click.option("--rename")
    @click.option("--url")
    @click.option("--type", "types", multiple=True, help="all its types from now on")
    def change(name: str, rename: str | None, url: str | None, types: tuple[str, ...]) -> None:
        with desk.open() as (session, act):
            endpoint = named(session, name)
            manage.change(session, desk.settings, endpoint, name=rename, url=url, types=types or None, **act)

    @group.command(help="Send nothing more for now; events are held.")
    @click.argument("name")
    @click.option("--reason", default="by hand")
    def disable(name: str, reason: str) -> None:
        with desk.open() as (session, act):
            manage.disable(session, named(session, name), reason[:200], **act)

    @group.command(help="Send again, and first what was held.")
    @click.argument("name")
    def enable(name: str) -> None:
        with desk.open() as (session, act):
            manage.enable(session, named(session, name), **act)

    @group.command(help="Remove a subscriber with its deliveries and their log.")
    @click.argument("name")
    @click.confirmation_option(prompt="Its deliveries and their log go too. Remove it?")
    def delete(name: str) -> None:
        with desk.open() as (session, _):
            endpoint_id = named(session, name, to_change=False).id
        with desk.open() as (session, act):
            manage.remove(session, endpoint_id, **act)

    @group.command(help="A new secret, shown this once; the one before signs beside it for a while.")
    @click.argument("name")
    def rotate(name: str) -> None:
        with desk.open() as (session, act):
            endpoint = named(session, name)
            secret = manage.rotate(session, desk.settings, endpoint, **act)
            until = _time(endpoint.old_secrets_until)
        click.echo(secret)
        click.echo(f"the secret before signs as well until {until}", err=True)

    @group.command("drop-old-secrets", help="From now on the newest secret alone signs.")
    @click.argument("name")
    def drop_old_secrets(name: str) -> None:
        with desk.open() as (session, act):
            manage.drop_old_secrets(session, named(session, name), **act)

    @group.command(help="Queue a test event to this subscriber alone.")
    @click.argument("name")
    def ping(name: str) -> None:
        with desk.open() as (session, act):
            event_id = manage.ping(session, desk.settings, named(session, name), **act)
        click.echo(f"queued {event_id}; see: webhooks deliveries --event {event_id}")

    @group.command(help=f"The log, newest first, {LISTED} at most: delivery, subscriber, type, status, last try.")
    @click.option("--endpoint", metavar="NAME")
    @click.option("--event", type=click.UUID)
    @click.option("--type")
    @click.option("--status", type=click.Choice(STATUSES))
    @click.option("--since", type=TIME)
    @click.option("--until", type=TIME)
    def deliveries(endpoint: str | None, since: datetime | None, until: datetime | None, **filters: Any) -> None:
        with desk.open() as (session, _):
            chosen = named(session, endpoint, to_change=False).id if endpoint else None
            names = {each.id: each.name for each in session.scalars(select(WebhookEndpoint))}
            query = log.deliveries(endpoint=chosen, since=_utc(since), until=_utc(until), **filters)
            for told in log.told(session, session.scalars(query.limit(LISTED)).all()):
                last = f"{_time(told.tries[0].at)} {told.tries[0].outcome}" if told.tries else "not tried"
                row = told.row
                click.echo(f"{row.id}\t{names.get(row.endpoint_id)}\t{row.type}\t{row.status}\t{row.event_id}\t{last}")

    @group.command(help="Send one delivery again, or now, with the same webhook id.")
    @click.argument("delivery_id", type=int)
    def replay(delivery_id: int) -> None:
        with desk.open() as (session, act):
            row = log.replay_delivery(session, delivery_id, **act)
            click.echo(f"{row.id}: {row.status}")

    @group.command("replay-range", help="Send again what happened from --since to --until, with the same webhook ids.")
    @click.argument("name")
    @click.option("--since", type=TIME, required=True)
    @click.option("--until", type=TIME, required=True)
    @click.option("--type", "types", multiple=True, help="only these")
    @click.option("--after", type=click.IntRange(0), default=0, help="go on after this sequence")
    def replay_range(name: str, since: datetime, until: datetime, types: tuple[str, ...], after: int) -> None:
        with desk.open() as (session, act):
            done = log.replay(
                session, desk.settings, named(session, name), since=_aware(since), until=_aware(until),
                types=types, after=after, **act,
            )  # fmt: skip
        click.echo(f"{done.queued} queued" + (f"; go on with --after {done.next_after}" if done.next_after else ""))

    return group


def named(session: Session, name: str, *, to_change: bool = True) -> WebhookEndpoint:
    found = session.scalar(select(WebhookEndpoint.id).where(WebhookEndpoint.name == name))
    if found is None:
        raise click.UsageError(f"no subscriber is called {name}")
    return manage.find(session, found, to_change=to_change)


def _state(endpoint: WebhookEndpoint) -> str:
    if endpoint.disabled_at:
        return f"disabled {_time(endpoint.disabled_at)} by {endpoint.disabled_by}: {endpoint.disabled_reason}"
    return f"failing since {_time(endpoint.failing_since)}" if endpoint.failing_since else "active"


def _time(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else "-"


def _aware(at: datetime) -> datetime:
    """Times without a zone are UTC."""
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _utc(at: datetime | None) -> datetime | None:
    return _aware(at) if at else None
