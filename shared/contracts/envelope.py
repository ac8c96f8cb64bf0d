"""CloudEvents 1.0 envelopes; contracts are frozen dataclasses, declared once and read on both sides."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, ClassVar, Generic, TypeVar

import marshmallow
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from marshmallow_dataclass import class_schema

CONTENT_TYPE = "application/cloudevents+json"


class Contract(ABC):
    """Base of all contracts. ``TYPE`` is the CloudEvents type; ``subject`` names the aggregate.

    Events carry the whole state of their subject, so a receiver may drop an older sequence of the same subject.
    """

    TYPE: ClassVar[str]

    @property
    @abstractmethod
    def subject(self) -> str: ...


class _Lenient(marshmallow.Schema):
    class Meta:
        unknown = marshmallow.EXCLUDE  # additive changes within a version must not break an older reader


C = TypeVar("C", bound=Contract)


@cache
def schema_of(contract: type[Contract]) -> marshmallow.Schema:
    return class_schema(contract, base_schema=_Lenient)()


def dump_data(event: Contract) -> dict[str, Any]:
    return dict(schema_of(type(event)).dump(event))


def load_data(contract: type[C], data: object) -> C:
    """Read *data* as *contract*; raises marshmallow.ValidationError with the field's path."""
    event = schema_of(contract).load(data)  # type: ignore[arg-type]
    assert isinstance(event, contract)
    return event


D = TypeVar("D")


@dataclass(frozen=True)
class Received(Generic[D]):
    """An event as a handler sees it."""

    id: str
    source: str
    type: str
    subject: str
    sequence: int | None
    occurred_at: datetime
    data: D


def to_bytes(
    *, event_id: str, source: str, type_: str, subject: str, sequence: int, occurred_at: datetime,
    data: dict[str, Any], causation_id: str | None = None, traceparent: str | None = None,
) -> bytes:  # fmt: skip
    """One structured-mode CloudEvent as JSON bytes."""
    attributes: dict[str, Any] = {
        "id": event_id,
        "source": source,
        "type": type_,
        "subject": subject,
        "time": occurred_at,
        "datacontenttype": "application/json",
        "sequence": str(sequence).rjust(20, "0"),  # CloudEvents sequence extension: compared as text
    }
    if causation_id:
        attributes["causationid"] = causation_id
    if traceparent:
        attributes["traceparent"] = traceparent
    return JSONFormat().write(CloudEvent(attributes, data))


def from_bytes(body: bytes | str) -> tuple[Received[dict[str, Any]], str | None]:
    """Read one structured-mode CloudEvent; raises ValueError when it is none. Returns it with its traceparent."""
    try:
        event = JSONFormat().read(None, body)
    except Exception as error:  # the library raises many kinds; to us all mean: not a CloudEvent
        raise ValueError(f"not a CloudEvent: {error}") from error
    attributes, data = event.get_attributes(), event.get_data()
    if not isinstance(data, dict):
        raise ValueError("the event has no JSON object as data")
    sequence = attributes.get("sequence")
    received = Received(
        id=str(attributes["id"]),
        source=str(attributes["source"]),
        type=str(attributes["type"]),
        subject=str(attributes.get("subject") or ""),
        sequence=int(sequence) if sequence is not None else None,
        occurred_at=attributes["time"],
        data=data,
    )
    return received, attributes.get("traceparent")


def typed(received: Received[dict[str, Any]], contract: type[C]) -> Received[C]:
    """The same event with its data read as *contract*."""
    return Received(
        **{f.name: getattr(received, f.name) for f in dataclasses.fields(received) if f.name != "data"},
        data=load_data(contract, received.data),
    )
