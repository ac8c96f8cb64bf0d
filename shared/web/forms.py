"""Forms of pages that stand beside an API: they do what the API does, and a refusal keeps what was typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import request
from marshmallow import EXCLUDE, Schema, ValidationError

from shared.errors import DomainError, InvalidInput, flatten


def attempt(shape: Schema, do: Callable[[dict[str, Any]], object]) -> DomainError | None:
    """Do what the form sent asks. A refusal is given back, for the page to tell beside what was typed."""
    try:
        do(shape.load(request.form.to_dict()))
    except ValidationError as error:
        return InvalidInput("Ada isian yang belum benar.", pointers=flatten(error.messages))
    except DomainError as refused:
        return refused
    return None


def errors_of(refused: DomainError | None) -> dict[str, str]:
    """Field → what is wrong with it."""
    return {pointer.removeprefix("/"): text for pointer, text in refused.pointers.items()} if refused else {}


def asked_filters(shape: Schema) -> dict[str, Any]:
    """What the address asks a list for; a field left empty asks nothing. Raises InvalidInput."""
    try:
        given = {name: text for name, text in request.args.items() if text}
        found: dict[str, Any] = shape.load(given, unknown=EXCLUDE)
    except ValidationError as error:
        raise InvalidInput("Pilihan daftar ini tidak dikenal.", pointers=flatten(error.messages)) from None
    return found


def kept(*names: str) -> dict[str, Any]:
    """Those of the address's arguments *names* that are given, for links that lead back to the same part of a list."""
    return {name: request.args[name] for name in names if request.args.get(name)}
