"""Webhooks that were handled before the release that stores only what it reads of them keep nothing but their marks.

Those still to be handled keep what they have until the job ``prune`` removes them.
"""

from alembic import op

revision = 'shared_0003'
down_revision = 'shared_0002'
branch_labels = None
depends_on = None

HANDLED_WEBHOOKS = """
    update inbox set payload = '{}'
    where source not in ('schedule', 'reporting', 'energy') and status in ('done', 'superseded', 'unhandled')
"""


def upgrade() -> None:
    op.execute(HANDLED_WEBHOOKS)


def downgrade() -> None:
    """What is gone is gone."""
