"""Sets up, starts, stops and empties the embedded Luwes: ``python -m deploy.embedded.control stop|status|clean``."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import click
import requests
from pgmq.install import install_pgmq_from_sql

from deploy.embedded.city import Size, generate, write_city
from deploy.embedded.home import FAKES, PASSPHRASE, ROOT, SERVICES, Home, default_home
from deploy.embedded.postgres import Cluster
from services.schedule.integrations.signer import make_development_key
from services.schedule.login.actions import new_session_key

START_SECONDS = 180  # a busy machine with two cores needs more than one minute


def start(home: Home, *, size: Size = "full") -> None:
    """Make what is missing, bring the databases to this version, start all processes; returns when they answer."""
    if not is_running(home):
        refuse_taken_ports(home)
    home.folder.mkdir(parents=True, exist_ok=True)
    for folder in (home.logs, home.mail):
        folder.mkdir(exist_ok=True)
    cluster = home.cluster
    cluster.start()
    if not (home.folder / "ready").exists():
        _set_up(home, cluster, size)
    _migrate(home, cluster)
    _make_keys(home, cluster)
    (home.folder / "ready").touch()
    home.supervisor_conf.write_text(supervisor_conf(home))
    if not is_running(home):
        _run([sys.executable, "-m", "supervisor.supervisord", "-c", str(home.supervisor_conf)])
    _wait_until_up(home)


def refuse_taken_ports(home: Home) -> None:
    """Whoever has another Luwes running, say from another folder, hears of it at once."""
    for port in (home.port, *map(home.fake_port, FAKES)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what has just been closed is free
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                raise click.ClickException(
                    f"port {port} is in use by another program, maybe another Luwes; stop that one, or take other "
                    f"ports: LUWES_PORT={home.port + 1000} make …"
                ) from error


def stop(home: Home) -> None:
    """Stop all processes and the database; their data stays."""
    if is_running(home):
        supervisorctl(home, "shutdown")
        deadline = time.monotonic() + 30
        while is_running(home) and time.monotonic() < deadline:
            time.sleep(0.2)
    if (home.folder / "postgres" / "passwords.json").exists():
        home.cluster.stop()


def clean(home: Home) -> None:
    """Stop, and remove all data of this installation."""
    stop(home)
    shutil.rmtree(home.folder, ignore_errors=True)


def supervisorctl(home: Home, *arguments: str) -> str:
    command = [sys.executable, "-m", "supervisor.supervisorctl", "-c", str(home.supervisor_conf), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd=ROOT).stdout


def is_running(home: Home) -> bool:
    return home.supervisor_conf.exists() and "supervisor.sock" not in supervisorctl(home, "pid")


def process_id(home: Home, program: str) -> int:
    """Process id of one program, such as ``energy-worker``."""
    return int(supervisorctl(home, "pid", program).strip())


def supervisor_conf(home: Home) -> str:
    """Programs of the embedded run, each restarted when it dies."""
    programs = {"origin": "origin", **{f"fake-{name}": name for name in FAKES}}
    for service in SERVICES:
        programs |= {f"{service}-{kind}": f"{service} {kind}" for kind in ("worker", "relay")}
    socket = home.folder / "supervisor.sock"
    sections = [
        f"[unix_http_server]\nfile={socket}\nchmod=0700",
        f"[supervisord]\nlogfile={home.logs}/supervisord.log\npidfile={home.folder}/supervisord.pid\ndirectory={ROOT}",
        "[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface",
        f"[supervisorctl]\nserverurl=unix://{socket}",
    ]
    for program, arguments in programs.items():
        sections.append(
            f"[program:{program}]\n"
            f"command={sys.executable} -m deploy.embedded.process {home.folder} {home.port} {arguments}\n"
            f"directory={ROOT}\nautorestart=true\nstartsecs=1\nstartretries=100\nstopwaitsecs=15\n"
            f"redirect_stderr=true\nstdout_logfile={home.logs}/{program}.log\nstdout_logfile_maxbytes=20MB"
        )
    return "\n\n".join(sections) + "\n"


def _set_up(home: Home, cluster: Cluster, size: Size) -> None:
    """Databases, roles, queue schema, keys and the sample city; done once."""
    cluster.create("luwes_broker", "broker")
    for service in SERVICES:
        cluster.create(f"luwes_{service}", service)
    install_pgmq_from_sql(dsn=cluster.dsn("broker", "luwes_broker"))
    session_key = home.folder / "session.jwk"
    session_key.touch(mode=0o600)
    session_key.write_text(new_session_key())
    make_development_key(
        home.folder / "signer.p12", PASSPHRASE, organisation="Pemerintah Kota Metro (percobaan)", now=datetime.now(UTC)
    )
    for source in ("simpeg", "eoffice"):
        home.secret(f"webhook-{source}")
    write_city(generate(size), home.city)


def _migrate(home: Home, cluster: Cluster) -> None:
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda service: service_command(home, cluster, service, "migrate"), SERVICES))


def _make_keys(home: Home, cluster: Cluster) -> None:
    """Keys of the machines that call our API: SIMPEG's loader, and reporting when it fetches letters."""
    wanted = {
        "reporting-schedule-key": ("schedule", "reporting", ["letters:read"]),
        "simpeg-schedule-key": ("schedule", "simpeg", ["people:import", "people:read", "workdays:read", "roles:grant"]),
        "simpeg-energy-key": ("energy", "city-data", ["rooms:import", "readings:import"]),
    }
    for name, (service, machine, scopes) in wanted.items():
        if not home.known_secret(name):
            options = [f"--scope={scope}" for scope in scopes]
            key = service_command(home, cluster, service, "apikey", f"--name={machine}", *options)
            home.remember({name: key.strip().splitlines()[-1]})


def service_command(home: Home, cluster: Cluster, service: str, *arguments: str) -> str:
    """Run one operator command of a service as production would, and give what it printed."""
    environment = {**os.environ, **home.environment(service, cluster)}
    return _run([sys.executable, "-m", f"services.{service}", *arguments], environment)


def _run(command: list[str], environment: dict[str, str] | None = None) -> str:
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120, check=False, cwd=ROOT)
    if done.returncode:
        raise click.ClickException(f"{' '.join(command[:4])} … failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def _wait_until_up(home: Home) -> None:
    urls = [f"{home.origin}/{service}/ready" for service in SERVICES] + [
        f"{home.fake_url(name)}/_fake/health" for name in ("simpeg", "eoffice")
    ]
    deadline = time.monotonic() + START_SECONDS
    for url in urls:
        while True:
            try:
                if requests.get(url, timeout=5).status_code == 200:
                    break
            except requests.RequestException:
                pass  # not listening yet; the deadline ends the wait
            if time.monotonic() > deadline:
                raise click.ClickException(f"{url} does not answer; see the logs in {home.logs}")
            time.sleep(0.2)


@click.group()
def main() -> None:
    """The embedded Luwes."""


@main.command("stop")
def stop_command() -> None:
    stop(default_home())


@main.command("status")
def status_command() -> None:
    click.echo(supervisorctl(default_home(), "status") or "not running")


@main.command("clean")
def clean_command() -> None:
    clean(default_home())
    shutil.rmtree(Path(ROOT / "var" / "demo"), ignore_errors=True)


if __name__ == "__main__":
    main()
