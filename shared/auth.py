"""The gate: every route names its roles and whose data it shows; what names nothing is refused."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

from flask import Flask, Response, current_app, g, redirect, request
from sqlalchemy import Select, or_
from sqlalchemy.orm import InstrumentedAttribute

from shared.apikeys import KEY_PREFIX, check_api_key
from shared.db import Database
from shared.durable import Context
from shared.errors import NotAllowed, NotSignedIn, wants_page
from shared.roles import REACH_OF, Machine, Person, Reach, Role
from shared.sessions import COOKIE, KeyRing, read_session


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
        parts = urlsplit(public_url)
        own = request.headers.get("Origin") == f"{parts.scheme}://{parts.netloc}"
    if not own:
        raise NotAllowed("Permintaan ini berasal dari situs lain.")
