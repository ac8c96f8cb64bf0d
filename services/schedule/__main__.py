"""``python -m services.schedule …``"""

import os
from contextlib import closing
from datetime import datetime
from pathlib import Path

import click

from services.schedule.app import SERVICE
from services.schedule.integrations.bsre import Bsre, bsre_of
from services.schedule.integrations.signer import Signatory
from services.schedule.login.actions import change_role, new_session_key
from services.schedule.login.schemas import GRANTED
from services.schedule.rosters import whole_city
from services.schedule.settings import load_settings
from shared.audit import command_line
from shared.cli import build
from shared.db import Database
from shared.errors import DomainError
from shared.roles import Role

main = build(SERVICE)


@main.command(help="Give a person a role; the way to the first IT officer, who then uses the API.")
@click.option("--nip", required=True)
@click.option("--role", type=click.Choice([role.value for role in GRANTED]), required=True)
def grant(nip: str, role: str) -> None:
    settings = SERVICE.load_settings()
    with Database(settings.database_url, pool_size=1).transaction() as session:
        change_role(session, nip, Role(role), granted=True, by=command_line(), now=settings.clock().now())


@main.command("draft-month", help="Draft the rosters of all agencies for a month (YYYY-MM), several at a time.")
@click.argument("month", type=click.DateTime(["%Y-%m"]))
@click.option("--processes", default=os.cpu_count() or 1, show_default=True, type=click.IntRange(1, 64))
def draft_month(month: datetime, processes: int) -> None:
    settings = load_settings()
    with closing(Database(settings.database_url, pool_size=1)) as db, db.transaction() as session:
        found = whole_city.agencies(session)
    now, drafted = settings.clock().now(), []
    for outcome in whole_city.draft_all(settings, found, month.date(), by=command_line(), now=now, processes=processes):
        drafted.append(outcome)
        click.echo(f"{len(drafted)}/{len(found)}\t{outcome.name}", err=True)  # progress, in logs too
    for outcome in sorted(drafted, key=lambda each: each.name):
        click.echo(f"{outcome.name}\t{outcome.told}\t{outcome.clashes} clashes")
    if failed := sum(bool(outcome.trace) for outcome in drafted):
        raise click.ClickException(f"{failed} of {len(drafted)} agencies failed by an error; the others are done")


@main.command("session-key", help="Make the file SCHEDULE_SESSION_KEY, which signs sessions, unless it is there.")
def make_session_key() -> None:
    path = load_settings().session_key
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(new_session_key())


@main.command("bsre-status", help="Ask BSrE how a person's certificate stands; without --email by NIK, asked for here.")
@click.option("--email", default=None)
def bsre_status(email: str | None) -> None:
    nik = None if email else click.prompt("NIK", hide_input=True)  # an argument would stay in the shell's history
    try:
        click.echo(_bsre().certificate_state(Signatory("", "", nik=nik, email=email)))
    except DomainError as refusal:
        raise click.ClickException(refusal.detail) from None


@main.command("bsre-verify", help="Ask BSrE whether the signatures in a PDF are good.")
@click.argument("pdf", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def bsre_verify(pdf: Path) -> None:
    try:
        found = _bsre().verify(pdf.read_bytes())
    except DomainError as refusal:
        raise click.ClickException(refusal.detail) from None
    click.echo(f"{'valid' if found.valid else 'not valid'}: {found.signatures} signature(s) {', '.join(found.signers)}")


def _bsre() -> Bsre:
    settings = load_settings()
    if settings.bsre is None:
        raise click.ClickException("SCHEDULE_BSRE_URL is not set")
    return bsre_of(settings.bsre, settings.http_timeout)


if __name__ == "__main__":
    main()
