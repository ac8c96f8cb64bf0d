"""``python -m services.schedule …``"""

import click

from services.schedule.app import SERVICE
from services.schedule.login.actions import change_role
from services.schedule.login.schemas import GRANTED
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
        change_role(session, nip, Role(role), granted=True, by="command line", now=settings.clock().now())


if __name__ == "__main__":
    main()
