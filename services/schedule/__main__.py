"""``python -m services.schedule …``"""

import click

from services.schedule.app import SERVICE
from services.schedule.login.actions import change_role, new_session_key
from services.schedule.login.schemas import GRANTED
from services.schedule.settings import load_settings
from shared.audit import command_line
from shared.cli import build
from shared.db import Database
from shared.roles import Role

main = build(SERVICE)


@main.command(help="Give a person a role; the way to the first IT officer, who then uses the API.")
@click.option("--nip", required=True)
@click.option("--role", type=click.Choice([role.value for role in GRANTED]), required=True)
def grant(nip: str, role: str) -> None:
    settings = SERVICE.load_settings()
    with Database(settings.database_url, pool_size=1).transaction() as session:
        change_role(session, nip, Role(role), granted=True, by=command_line(), now=settings.clock().now())


@main.command("session-key", help="Make the file SCHEDULE_SESSION_KEY, which signs sessions, unless it is there.")
def make_session_key() -> None:
    path = load_settings().session_key
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(new_session_key())


if __name__ == "__main__":
    main()
