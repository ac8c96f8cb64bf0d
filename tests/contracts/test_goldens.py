"""Each contract has a golden example that both sides read the same; additions do not break an older reader."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from marshmallow import ValidationError

import shared.contracts
from deploy.compatibility import Schemas, incompatibilities
from deploy.contracts import DOCS, DOCUMENTS, asyncapi, schemas_in
from shared.contracts.catalogue import contracts
from shared.contracts.envelope import Contract, dump_data, from_bytes, load_data, to_bytes, typed

CONTRACTS = contracts()

EXAMPLES = Path(shared.contracts.__file__).parent / "examples"


def golden(contract: type[Contract]) -> dict[str, object]:
    found: dict[str, object] = json.loads((EXAMPLES / f"{contract.TYPE}.json").read_text())
    return found


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.TYPE)
def test_the_golden_is_read_and_written_back_unchanged(contract: type[Contract]) -> None:
    example = golden(contract)
    event = load_data(contract, example)
    assert dump_data(event) == example
    assert event.subject


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.TYPE)
def test_an_added_field_is_ignored_and_a_lost_one_is_named(contract: type[Contract]) -> None:
    example = golden(contract)
    assert load_data(contract, {**example, "added_later": 1}) == load_data(contract, example)
    lost = next(iter(example))
    with pytest.raises(ValidationError, match=lost):
        load_data(contract, {name: value for name, value in example.items() if name != lost})


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.TYPE)
def test_it_travels_in_an_envelope(contract: type[Contract]) -> None:
    event = load_data(contract, golden(contract))
    at = datetime(2026, 4, 8, 2, 0, tzinfo=UTC)
    body = to_bytes(
        event_id="e1", source="/test", type_=contract.TYPE, subject=event.subject, sequence=12, occurred_at=at,
        data=dump_data(event), causation_id="c1", traceparent="00-a-b-01",
    )  # fmt: skip
    received, traceparent = from_bytes(body)
    assert typed(received, contract).data == event
    assert (received.sequence, received.occurred_at, traceparent) == (12, at, "00-a-b-01")


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_the_documents_of_events_are_as_the_contracts_are_now(name: str) -> None:
    assert (DOCS / name).read_text() == DOCUMENTS[name](), "run: make docs"


def test_no_contract_changed_incompatibly_within_its_version() -> None:
    published = schemas_in((DOCS / "asyncapi.yaml").read_text())
    assert incompatibilities(published, schemas_in(asyncapi())) == []


def changed(**fields: dict[str, object]) -> dict[str, dict[str, object]]:
    """The schemas of one contract with two fields, one of them required, changed by *fields* (``{}``: left out)."""
    properties: dict[str, object] = {"id": {"type": "string"}, "note": {"type": ["string", "null"]}, **fields}
    kept = {name: value for name, value in properties.items() if value}
    return {"BellRungV1": {"type": "object", "properties": kept, "required": [n for n in ("id", "must") if n in kept]}}


@pytest.mark.parametrize(
    ("now", "complaint"),
    [
        (changed(), None),
        (changed(may={"type": "string"}), None),
        (changed(must={"type": "string"}), "BellRungV1.must is new and required"),
        (changed(note={}), "BellRungV1.note is gone"),
        (changed(id={"type": "integer"}), "BellRungV1.id was {'type': 'string'}, is {'type': 'integer'}"),
        ({"BellRungV1": {**changed()["BellRungV1"], "required": []}}, "BellRungV1.id was required"),
        ({"BellRungV1": {**changed()["BellRungV1"], "required": ["id", "note"]}}, "BellRungV1.note was not required"),
        ({}, "BellRungV1 is gone"),
    ],
)
def test_what_may_change_within_a_version_is_additions_alone(now: Schemas, complaint: str | None) -> None:
    assert incompatibilities(changed(), now) == ([complaint] if complaint else [])
    assert incompatibilities(changed(), now, retired=["BellRungV1"]) == []


def test_no_example_is_left_over() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.json")} == {contract.TYPE for contract in CONTRACTS}


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b"\xff", b'{"specversion":"1.0","type":"a","source":"/","id":"1"}']
)
def test_what_is_no_event_raises_value_error(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"CloudEvent|data"):
        from_bytes(body)
