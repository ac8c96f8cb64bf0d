"""Signed-in people and clients for tests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from joserfc.jwk import KeySet, OKPKey

from shared.roles import Person, Role
from shared.sessions import issue_session

NOON = datetime(2026, 4, 10, 5, 0, tzinfo=UTC)  # Friday 10 April 2026, 12.00 WIB
KEY = OKPKey.generate_key("Ed25519", auto_kid=True)
KEYS = KeySet([OKPKey.import_key(KEY.as_dict(private=False))])


def a_person(employee_id: str = "E1", *roles: Role, **overrides: Any) -> Person:
    """Someone signed in, by default an employee of unit U1 in agency A1."""
    values: dict[str, Any] = {
        "employee_id": employee_id,
        "nip": "198501012010011001",
        "name": "Budi Santoso",
        "agency_id": "A1",
        "unit_id": "U1",
        "roles": frozenset({Role.ASN, *roles}),
    }
    return Person(**{**values, **overrides})


class Client:
    """A test client that is signed in by a bearer token; ``page=True`` asks as a browser does."""

    def __init__(self, app: Flask, user: Person | None, now: datetime = NOON) -> None:
        self._client: FlaskClient = app.test_client()
        self._headers = {"Authorization": f"Bearer {issue_session(user, KEY, now)}"} if user else {}

    def request(self, method: str, path: str, *, page: bool = False, **options: Any) -> Any:
        headers = {**self._headers, "Accept": "text/html" if page else "application/json", **options.pop("headers", {})}
        return self._client.open(path, method=method, headers=headers, **options)

    def get(self, path: str, **options: Any) -> Any:
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> Any:
        return self.request("POST", path, **options)

    def put(self, path: str, **options: Any) -> Any:
        return self.request("PUT", path, **options)

    def delete(self, path: str, **options: Any) -> Any:
        return self.request("DELETE", path, **options)
