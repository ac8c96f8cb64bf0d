"""Asks SIMPEG (SIASN's API) for units and people; what it answers is read by :mod:`simpeg`, like its webhooks.

Two tokens go with each call, the API manager's (WSO2) and the single sign-on's. There is no list of people: one can
only ask for a NIP that is known.
"""

from __future__ import annotations

from typing import Any

import requests

from services.schedule.integrations.simpeg import employee_in, unit_in
from services.schedule.people.actions import EmployeeIn, UnitIn
from services.schedule.settings import SiasnAccess
from shared.tables import Rejection

API = "/apisiasn/1.0"
SSO_TOKEN = "/auth/realms/public-siasn/protocol/openid-connect/token"  # noqa: S105


class SiasnUnavailable(Exception):
    """SIMPEG did not answer as it should; the work is tried again."""


class SiasnClient:
    """Calls with a time-out (seconds) each. Tokens are fetched at first use, and once more when they have ended."""

    def __init__(self, access: SiasnAccess, timeout: float) -> None:
        self._access, self._timeout = access, timeout
        self._session = requests.Session()
        self._tokens: dict[str, str] = {}

    def units(self) -> tuple[list[UnitIn], list[Rejection]]:
        """All units, and those that cannot be read."""
        found, refused = [], []
        rows = self._get("/referensi/ref-unor") or []
        for number, row in enumerate(rows, start=1):
            try:
                found.append(unit_in(row))
            except ValueError as error:
                refused.append(Rejection(number, str(error)))
        return found, refused

    def employee(self, nip: str) -> EmployeeIn | None:
        """The person with *nip*, or None when SIMPEG knows nobody by it; ValueError when the record cannot be read."""
        row = self._get(f"/pns/data-utama/{nip}")
        return employee_in(row) if row is not None else None

    def close(self) -> None:
        self._session.close()

    def _get(self, path: str) -> Any:
        """``data`` of the answer, None for 404."""
        answer = self._call(path)
        if answer.status_code == 401:
            self._tokens.clear()
            answer = self._call(path)
        if answer.status_code == 404:
            return None
        try:
            body = answer.json()
        except ValueError:
            body = None
        if answer.status_code != 200 or not isinstance(body, dict) or "data" not in body:
            raise SiasnUnavailable(f"SIMPEG answered {answer.status_code} to {path.rsplit('/', 1)[0]}")
        return body["data"]

    def _call(self, path: str) -> requests.Response:
        if not self._tokens:
            self._tokens = {
                "Authorization": f"Bearer {self._client_token()}",
                "Auth": f"bearer {self._user_token()}",
            }
        return self._send("GET", f"{self._access.url}{API}{path}", headers=self._tokens)

    def _client_token(self) -> str:
        basic = (self._access.consumer_key, self._access.consumer_secret)
        form = {"grant_type": "client_credentials"}
        return self._token(self._send("POST", f"{self._access.url}/oauth2/token", auth=basic, data=form))

    def _user_token(self) -> str:
        form = {
            "grant_type": "password",
            "client_id": self._access.client_id,
            "username": self._access.username,
            "password": self._access.password,
        }
        return self._token(self._send("POST", f"{self._access.sso_url}{SSO_TOKEN}", data=form))

    def _token(self, answer: requests.Response) -> str:
        try:
            return str(answer.json()["access_token"])
        except (ValueError, KeyError, TypeError):
            raise SiasnUnavailable(f"SIMPEG gave no token: {answer.status_code}") from None

    def _send(self, method: str, url: str, **arguments: Any) -> requests.Response:
        try:
            return self._session.request(method, url, timeout=self._timeout, allow_redirects=False, **arguments)
        except requests.RequestException as error:
            raise SiasnUnavailable(f"SIMPEG: {type(error).__name__}") from error
