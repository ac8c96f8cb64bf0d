"""Two small services between which events are timed: ``python -m tests.bench.parts ringer|hearer PROCESS``.

What they do is as little as can be, so that the way is timed and not the work: one row per event.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from environs import Env
from flask import Flask, Response, jsonify, request
from sqlalchemy import BigInteger, Identity, MetaData, func, insert
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from shared import cli
from shared.contracts.envelope import Contract, Received
from shared.db import TYPES, Database, table_of
from shared.durable import Context
from shared.inbox import Handlers, WebhookHandlers, WebhookSource
from shared.service import Service
from shared.settings import Settings, read_common
from shared.web.app import create_web_app

FOLDER = "BENCH_FOLDER"
"""Variable that names where the bench keeps its files."""


class Base(DeclarativeBase):
    metadata = MetaData()
    type_annotation_map = TYPES


class Effect(Base):
    """What one event has done, and the PostgreSQL clock (seconds since 1970) at which its row was written."""

    __tablename__ = "effect"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[float] = mapped_column(server_default=func.extract("epoch", func.clock_timestamp()))


@dataclass(frozen=True)
class BellRungV1(Contract):
    TYPE: ClassVar[str] = "ringer.bell_rung.v1"
    number: int
    note: str

    @property
    def subject(self) -> str:
        return f"bell/{self.number}"


def hear(session: Session, event: Received[BellRungV1], _context: Context) -> None:
    session.execute(insert(table_of(Effect)), {"number": event.data.number})


def take(session: Session, event: Received[dict[str, Any]], _context: Context) -> None:
    session.execute(insert(table_of(Effect)), {"number": event.data["number"]})


HANDLERS: dict[str, Handlers] = {"ringer": {}, "hearer": {BellRungV1: [hear]}}
WEBHOOKS: WebhookHandlers = {"outside": WebhookSource({"bell.rung": [take]})}


def service_of(name: str) -> Service:
    return Service(
        name=name,
        folder=Path(os.environ[FOLDER]) / name,
        metadata=Base.metadata,
        load_settings=lambda: load_settings(name),
        create_app=build_app,
        handlers=HANDLERS[name],
        webhooks=WEBHOOKS,
    )


def load_settings(name: str) -> Settings:
    env = Env(eager=False)
    values: dict[str, Any] = read_common(env, name)
    env.seal()
    return Settings(**values)


def build_app(context: Context, db: Database) -> Flask:
    return create_web_app(context, db, title="bench", apis=[], pages=[], webhooks=WEBHOOKS)


def hearer_app() -> Flask:
    """Entry point for gunicorn: webhook intake."""
    return service_of("hearer").app()


def bare_app() -> Flask:
    """Entry point for gunicorn: the least that a JSON route of Flask can do."""
    app = Flask("bare")

    @app.post("/webhooks/outside")
    def bare() -> tuple[Response, int]:
        return jsonify(status="accepted" if request.get_json() else "empty"), 202

    return app


if __name__ == "__main__":
    cli.build(service_of(sys.argv[1]))(sys.argv[2:])
