"""The policies that a roster was drafted with, in their words; rosters from before have none."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = 'schedule_0009'
down_revision = 'schedule_0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('roster', sa.Column('basis', postgresql.JSONB(astext_type=sa.Text()), nullable=False, server_default='[]'))


def downgrade() -> None:
    op.drop_column('roster', 'basis')
