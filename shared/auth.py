"""Who may do what: every route names its roles and whose data it shows; what names nothing is refused.

People carry a session token (JWT signed with Ed25519, RFC 9864) issued by the login and checked by its public
key set (JWKS); machines carry a scoped API key, stored hashed.
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from hashlib import sha256
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

import requests
from flask import Flask, Response, current_app, g, redirect, request
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey
from sqlalchemy import Select, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, mapped_column

from shared.db import Database, SharedBase
from shared.durable import Context
from shared.errors import NotAllowed, NotSignedIn, wants_page

COOKIE = "luwes_session"
SESSION_HOURS = 10  # a working day
KEY_PREFIX = "lwk"


class Role(StrEnum):
    """Roles from the superior tree (first four) and granted ones."""

    ASN = "asn"
    SUPERIOR = "superior"
    HEAD = "head"
    ACTING_HEAD = "acting_head"
    OPERATOR = "operator"
    ROOM_OFFICER = "room_officer"
    ORGANISATION = "organisation"  # Bagian Organisasi
    EXECUTIVE = "executive"  # Sekda, Wali Kota
    IT = "it"
    AUDITOR = "auditor"


HEADS = (Role.HEAD, Role.ACTING_HEAD)


class Reach(IntEnum):
    """How far a role sees: one's own rows, one's subordinates', one's agency's, the city's."""

    OWN = 1
    TEAM = 2
    AGENCY = 3
    CITY = 4


REACH_OF: dict[Role, Reach] = {
    Role.ASN: Reach.OWN,
    Role.SUPERIOR: Reach.TEAM,
    Role.HEAD: Reach.AGENCY,
    Role.ACTING_HEAD: Reach.AGENCY,
    Role.OPERATOR: Reach.AGENCY,
    Role.ROOM_OFFICER: Reach.AGENCY,
    Role.ORGANISATION: Reach.CITY,
    Role.EXECUTIVE: Reach.CITY,
    Role.IT: Reach.CITY,
    Role.AUDITOR: Reach.CITY,
}


@dataclass(frozen=True)
class Person:
    """Someone signed in."""

    employee_id: str
    nip: str
    name: str
    agency_id: str
    unit_id: str
    roles: frozenset[Role]

    @property
    def label(self) -> str:
        return f"{self.name} ({self.nip})"

    def has(self, *roles: Role) -> bool:
        return any(role in self.roles for role in roles)


@dataclass(frozen=True)
class Machine:
    """Another system, by its API key."""

    name: str
    scopes: frozenset[str]

    @property
    def label(self) -> str:
        return f"machine:{self.name}"


@dataclass(frozen=True)
class Owner:
    """Whose a thing is: its agency, and the person and superior it belongs to, where it has them.

    open_in_agency: everyone of the agency may see it, like the roster on the wall.
    """

    agency_id: str
    employee_id: str | None = None
    superior_id: str | None = None
    open_in_agency: bool = False


@dataclass(frozen=True)
class Access:
    """A route's entry. *owner* finds whose the thing named in the address is; without it the view limits its rows
    by :func:`within_reach`."""

    roles: frozenset[Role]
    scopes: frozenset[str] = frozenset()
    owner: Callable[..., Owner] | None = None
    public: bool = False


F = TypeVar("F", bound=Callable[..., Any])


def access(*roles: Role, scopes: Collection[str] = (), owner: Callable[..., Owner] | None = None) -> Callable[[F], F]:
    """Name who may use a route: people by role, machines by scope. owner(session, **view_args) -> Owner."""

    def mark(view: F) -> F:
        view.__access__ = Access(frozenset(roles), frozenset(scopes), owner)  # type: ignore[attr-defined]
        return view

    return mark


def public(view: F) -> F:
    """Open a route to everyone; the list of such routes is checked by a test."""
    view.__access__ = Access(frozenset(), public=True)  # type: ignore[attr-defined]
    return view


PUBLIC_ENDPOINTS = ("static", "bootstrap.static", "api-docs.", "vendor.")
"""Endpoints that libraries add and that show nothing of anyone: style sheets and the API's description."""


def entry_of(app: Flask, endpoint: str) -> Access | None:
    """The access entry of *endpoint*, or None when it has none (and is therefore closed)."""
    if endpoint.startswith(PUBLIC_ENDPOINTS):
        return Access(frozenset(), public=True)
    return getattr(app.view_functions[endpoint], "__access__", None)


def install(app: Flask) -> None:
    """Put the gate before every route of *app*."""
    app.before_request(_gate)


def person() -> Person:
    """The person signed in, on routes that admit people."""
    who = g.get("who")
    if not isinstance(who, Person):
        raise NotAllowed("Halaman ini untuk pegawai yang masuk, bukan untuk sistem lain.")
    return who


def who() -> Person | Machine:
    found: Person | Machine = g.who
    return found


def reach() -> Reach:
    """The widest reach among the signed-in person's roles that this route admits."""
    granted: Reach = g.reach
    return granted


Q = TypeVar("Q", bound=Select[Any])


def within_reach(
    query: Q,
    *,
    agency: InstrumentedAttribute[str],
    employee: InstrumentedAttribute[str] | None = None,
    superior: InstrumentedAttribute[str | None] | None = None,
) -> Q:
    """Limit *query* to the rows that the person signed in may see on this route."""
    extent = reach()
    if extent == Reach.CITY:
        return query
    user = person()
    if extent == Reach.AGENCY:
        return query.where(agency == user.agency_id)
    if extent == Reach.TEAM and superior is not None:
        own = [employee == user.employee_id] if employee is not None else []
        return query.where(or_(superior == user.employee_id, *own))
    if employee is not None:
        return query.where(employee == user.employee_id)
    return query.where(agency == user.agency_id)


def _gate() -> Response | None:
    if request.endpoint is None:
        return None  # no such route; 404 follows
    entry = entry_of(current_app, request.endpoint)
    if entry is not None and entry.public:
        g.who = _identify(optional=True)
        return None
    try:
        g.who = _identify(optional=False)
    except NotSignedIn:
        if request.method == "GET" and wants_page():
            path = request.script_root + request.full_path.rstrip("?")
            return redirect(f"/schedule/login?next={quote(path)}")  # type: ignore[return-value]
        raise
    if entry is None:
        raise NotAllowed("Alamat ini belum dibuka untuk siapa pun.")
    if isinstance(g.who, Machine):
        if not entry.scopes & g.who.scopes:
            raise NotAllowed("Kunci API ini tidak memuat izin untuk alamat ini.")
        g.reach = Reach.CITY
        return None
    admitted = entry.roles & g.who.roles
    if not admitted:
        raise NotAllowed("Peran Anda tidak berwenang membuka halaman ini.")
    g.reach = max(REACH_OF[role] for role in admitted)
    if entry.owner is not None:
        db: Database = current_app.extensions["luwes.db"]
        with db.transaction() as session:
            owner = entry.owner(session, **(request.view_args or {}))
        if not covers(g.reach, g.who, owner):
            raise NotAllowed("Data ini milik perangkat daerah atau pegawai lain.")
    return None


def covers(extent: Reach, user: Person, owner: Owner) -> bool:
    """Whether *user*, seeing as far as *extent*, may see what belongs to *owner*. One's own is always seen."""
    if extent == Reach.CITY or owner.employee_id == user.employee_id:
        return True
    if extent == Reach.AGENCY or owner.open_in_agency:
        return owner.agency_id == user.agency_id
    return extent == Reach.TEAM and owner.superior_id == user.employee_id


def _identify(*, optional: bool) -> Person | Machine | None:
    header = request.headers.get("Authorization", "")
    bearer = header.removeprefix("Bearer ").strip() if header.startswith("Bearer ") else ""
    context: Context = current_app.extensions["luwes.context"]
    if bearer.startswith(KEY_PREFIX):
        db: Database = current_app.extensions["luwes.db"]
        with db.transaction() as session:
            machine = check_api_key(session, bearer)
        if machine is None:
            raise NotSignedIn("Kunci API tidak dikenal atau sudah dicabut.")
        return machine
    token = bearer or request.cookies.get(COOKIE, "")
    try:
        if not token:
            raise NotSignedIn("Anda belum masuk.")
        if not bearer:
            _refuse_cross_site(context.settings.public_url)
        keys: KeyRing = current_app.extensions["luwes.keys"]
        return read_session(token, keys, context.now())
    except NotSignedIn:
        if optional:
            return None
        raise


def _refuse_cross_site(public_url: str) -> None:
    """A cookie comes along by itself, so a changing request must show that it started on our own pages."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        own = site in ("same-origin", "none")
    else:
        own = urlsplit(request.headers.get("Origin", ""))[:2] == urlsplit(public_url)[:2]
    if not own:
        raise NotAllowed("Permintaan ini berasal dari situs lain.")


# --- session tokens ---------------------------------------------------------------------------------------------


def issue_session(user: Person, key: OKPKey, now: datetime) -> str:
    """A signed session token for *user*, valid for one working day."""
    claims = {
        "iss": "luwes",
        "sub": user.employee_id,
        "nip": user.nip,
        "name": user.name,
        "agency": user.agency_id,
        "unit": user.unit_id,
        "roles": sorted(user.roles),
        "iat": int(now.timestamp()),
        "exp": int((now + timedelta(hours=SESSION_HOURS)).timestamp()),
    }
    return jwt.encode({"alg": "Ed25519", "kid": key.kid}, claims, key, algorithms=["Ed25519"])


def read_session(token: str, keys: KeyRing, now: datetime) -> Person:
    """The person a token speaks of; raises NotSignedIn when it is forged, foreign or past its time."""
    try:
        claims = jwt.decode(token, keys.current(), algorithms=["Ed25519"]).claims
        registry = jwt.JWTClaimsRegistry(
            now=int(now.timestamp()), iss={"essential": True, "value": "luwes"}, exp={"essential": True}
        )
        registry.validate(claims)
        return Person(
            employee_id=claims["sub"],
            nip=claims["nip"],
            name=claims["name"],
            agency_id=claims["agency"],
            unit_id=claims["unit"],
            roles=frozenset(Role(role) for role in claims["roles"]),
        )
    except (JoseError, ValueError, KeyError) as error:
        raise NotSignedIn("Sesi Anda tidak sah atau sudah berakhir. Silakan masuk kembali.") from error


class KeyRing:
    """The login's public keys, fetched from its JWKS address and kept for a while."""

    KEEP_SECONDS = 300.0

    def __init__(self, url: str, timeout: float, *, known: KeySet | None = None) -> None:
        self._url, self._timeout, self._known = url, timeout, known
        self._until = float("inf") if known else 0.0

    def current(self) -> KeySet:
        if self._known is None or time.monotonic() > self._until:
            try:
                answer = requests.get(self._url, timeout=self._timeout)
                answer.raise_for_status()
                self._known = KeySet.import_key_set(answer.json())
                self._until = time.monotonic() + self.KEEP_SECONDS
            except requests.RequestException as error:
                if self._known is None:
                    raise NotSignedIn("Layanan masuk sedang tidak dapat dihubungi. Coba lagi sebentar.") from error
        return self._known


# --- API keys ---------------------------------------------------------------------------------------------------


class ApiKey(SharedBase):
    """A machine's key. Only its hash is kept; the secret has 256 random bits, so a fast hash is enough."""

    __tablename__ = "api_key"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    secret_hash: Mapped[str]
    scopes: Mapped[list[str]]
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


def create_api_key(session: Session, name: str, scopes: Collection[str], now: datetime) -> str:
    """Make a key, or a new secret for the key of that name; the key is shown this once."""
    row = session.scalar(select(ApiKey).where(ApiKey.name == name))
    secret = secrets.token_urlsafe(32)
    if row is None:
        row = ApiKey(id=secrets.token_hex(6), name=name, created_at=now)
        session.add(row)
    row.secret_hash, row.scopes, row.revoked_at = _digest(secret), sorted(scopes), None
    return f"{KEY_PREFIX}_{row.id}_{secret}"


def check_api_key(session: Session, key: str) -> Machine | None:
    parts = key.split("_", 2)
    row = session.get(ApiKey, parts[1]) if len(parts) == 3 else None
    if row is None or row.revoked_at or not hmac.compare_digest(row.secret_hash, _digest(parts[2])):
        return None
    return Machine(row.name, frozenset(row.scopes))


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
