"""Which events there are: all contracts declared in this package, and those that one service tells."""

from __future__ import annotations

import inspect
from functools import cache

from shared.contracts import energy, reporting, schedule
from shared.contracts.envelope import Contract


@cache
def contracts() -> list[type[Contract]]:
    """All contracts, by type."""
    found = [
        value
        for module in (schedule, reporting, energy)
        for value in vars(module).values()
        if inspect.isclass(value) and issubclass(value, Contract) and value is not Contract
    ]
    return sorted(found, key=lambda contract: contract.TYPE)


def producer(contract: type[Contract]) -> str:
    """Name of the service that tells the event: the first word of its type."""
    return contract.TYPE.split(".")[0]


def types_of(service: str) -> list[str]:
    """Types of the events that *service* tells."""
    return [contract.TYPE for contract in contracts() if producer(contract) == service]
