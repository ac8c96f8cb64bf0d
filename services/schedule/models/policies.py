"""Policies that were uploaded, and their last days."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from services.schedule.models.base import Base


class PolicyVersion(Base):
    """A policy that was uploaded, as the TOML text that says it; besides the files that come with the product."""

    __tablename__ = "policy_version"

    id: Mapped[str] = mapped_column(primary_key=True)  # the policy's own
    title: Mapped[str]
    layer: Mapped[str]
    agency_id: Mapped[str | None]
    content: Mapped[str] = mapped_column(Text)
    status: Mapped[str]  # draft, active, retired
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    activated_by: Mapped[str | None]
    activated_at: Mapped[datetime | None]


class PolicyTerm(Base):
    """The last day of a policy, decided after it was written: an end or an extension."""

    __tablename__ = "policy_term"

    policy_id: Mapped[str] = mapped_column(primary_key=True)
    valid_to: Mapped[date | None]
    reason: Mapped[str]
    set_by: Mapped[str]
    set_at: Mapped[datetime]
