"""Tables of webhooks out: subscribers, what each is to get, and every try."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.db import SharedBase, new_id
from shared.durable import DurableRow

OUTCOME_LIMIT = 500  # characters


class WebhookEndpoint(SharedBase):
    """A subscriber. ``types`` are event types; ``secrets`` sign, newest first."""

    __tablename__ = "webhook_endpoint"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(unique=True)
    url: Mapped[str]
    types: Mapped[list[str]]
    secrets: Mapped[list[str]]
    created_at: Mapped[datetime]
    old_secrets_until: Mapped[datetime | None]  # all but the first sign until then
    failing_since: Mapped[datetime | None]  # the first failure since the last success
    paused_until: Mapped[datetime | None]  # not called before: it failed a moment ago, or asked so by Retry-After
    disabled_at: Mapped[datetime | None]
    disabled_reason: Mapped[str | None]
    disabled_by: Mapped[str | None]  # an officer's label, or SYSTEM

    def signing_secrets(self, now: datetime) -> list[str]:
        """Secrets that sign at *now*: the newest, and while they have not ended the ones before."""
        return self.secrets if self.old_secrets_until and now < self.old_secrets_until else self.secrets[:1]


SYSTEM = "luwes"
"""Who has disabled a subscriber that fails: nobody of the staff, so they are told."""


class WebhookDelivery(DurableRow):
    """One event for one subscriber. ``event_id`` is the webhook's id, the same at each try and each replay."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        UniqueConstraint("endpoint_id", "event_id"),
        Index("ix_webhook_delivery_due", "endpoint_id", "due_at", "id", postgresql_where=text("status = 'pending'")),
        Index("ix_webhook_delivery_parked", "id", postgresql_where=text("status = 'parked'")),
        Index("ix_webhook_delivery_held", "endpoint_id", postgresql_where=text("status = 'held'")),
        Index("ix_webhook_delivery_log", "endpoint_id", "id"),
    )

    endpoint_id: Mapped[UUID] = mapped_column(ForeignKey("webhook_endpoint.id", ondelete="CASCADE"))
    event_id: Mapped[UUID]
    type: Mapped[str]


class WebhookAttempt(SharedBase):
    """One try of one delivery: what came of it, and nothing of what was sent or answered."""

    __tablename__ = "webhook_attempt"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    delivery_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("webhook_delivery.id", ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime]
    status_code: Mapped[int | None]  # None: there was no answer
    duration_ms: Mapped[int]
    outcome: Mapped[str] = mapped_column(String(OUTCOME_LIMIT))
