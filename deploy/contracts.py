"""Writes docs/events.md and docs/asyncapi.yaml from the contracts: ``python -m deploy.contracts``."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import click
import yaml
from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from deploy.compatibility import Schemas, incompatibilities
from services.energy.app import SERVICE as ENERGY
from services.reporting.app import SERVICE as REPORTING
from services.schedule.app import SERVICE as SCHEDULE
from shared import bus
from shared.contracts.catalogue import contracts, producer
from shared.contracts.envelope import Contract, schema_of

SERVICES = (SCHEDULE, REPORTING, ENERGY)
DOCS = Path(__file__).parents[1] / "docs"


def listeners(contract: type[Contract]) -> list[str]:
    return [service.name for service in SERVICES if contract in service.handlers]


def asyncapi() -> str:
    """AsyncAPI 3 document of the bus, as YAML."""
    spec = APISpec("", "", "3.1.0", plugins=[MarshmallowPlugin(schema_name_resolver=_schema_name)])
    for contract in contracts():
        spec.components.schema(contract.__name__, schema=schema_of(contract))
    document: dict[str, Any] = {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Luwes events",
            "version": "1",
            "description": "CloudEvents 1.0 in structured mode. Delivery is at least once; the effect is once.",
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": {
            contract.TYPE: {
                "address": contract.TYPE,
                "description": f"Topic of exchange {bus.EXCHANGE.name}; queues: "
                + ", ".join(f"luwes_{name}" for name in listeners(contract)),
                "messages": {contract.__name__: {"$ref": f"#/components/messages/{contract.__name__}"}},
            }
            for contract in contracts()
        },
        "operations": {
            f"{direction}.{service}.{contract.TYPE}": {
                "action": direction,
                "channel": {"$ref": f"#/channels/{contract.TYPE}"},
            }
            for contract in contracts()
            for direction, services in (("send", [producer(contract)]), ("receive", listeners(contract)))
            for service in services
        },
        "components": {
            "messages": {
                contract.__name__: {
                    "name": contract.TYPE,
                    "summary": _first_line(contract),
                    "payload": {"$ref": f"#/components/schemas/{contract.__name__}"},
                }
                for contract in contracts()
            },
            "schemas": spec.to_dict()["components"]["schemas"],
        },
    }
    return str(yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=118))


def events_page() -> str:
    """docs/events.md: who tells what to whom."""
    lines = [
        "# Events",
        "",
        "Generated from `shared/contracts/` by `make docs`; do not edit. Each event is a CloudEvent whose `data` has",
        "the fields below: the whole state of its subject. Examples: `shared/contracts/examples/`. The same as",
        "AsyncAPI 3: [asyncapi.yaml](asyncapi.yaml).",
    ]
    for contract in contracts():
        heard = ", ".join(
            f"`{service.name}` ({', '.join(function.__name__ for function in service.handlers[contract])})"
            for service in SERVICES
            if contract in service.handlers
        )
        lines += ["", f"## `{contract.TYPE}`", "", str(inspect.getdoc(contract)), ""]
        lines += [f"Heard by: {heard}.", "", "| field | type |", "|---|---|"]
        hints = inspect.get_annotations(contract)
        lines += [f"| `{name}` | `{str(hint).replace('|', 'or')}` |" for name, hint in hints.items() if name != "TYPE"]
    return "\n".join(lines) + "\n"


def _first_line(contract: type[Contract]) -> str:
    return str(inspect.getdoc(contract)).splitlines()[0]


def _schema_name(schema: Any) -> str:
    return str(getattr(schema, "__name__", type(schema).__name__)).removesuffix("Schema")


DOCUMENTS = {"events.md": events_page, "asyncapi.yaml": asyncapi}


def schemas_in(document: str) -> Schemas:
    """The schemas of an AsyncAPI document in YAML."""
    found: Schemas = yaml.safe_load(document)["components"]["schemas"]
    return found


@click.command()
@click.option("--retire", multiple=True, metavar="NAME", help="Contract that no event in any queue uses now.")
def main(retire: tuple[str, ...]) -> None:
    """Write the documents; refuse a change that a contract's version does not allow."""
    before = schemas_in((DOCS / "asyncapi.yaml").read_text())
    complaints = incompatibilities(before, schemas_in(asyncapi()), retired=retire)
    if complaints:
        raise click.ClickException("make a new version of the contract instead:\n" + "\n".join(complaints))
    for name, write in DOCUMENTS.items():
        (DOCS / name).write_text(write())


if __name__ == "__main__":
    main()
