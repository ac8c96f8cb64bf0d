"""What operator or head said when they decided a request; of earlier ones the audit log has it."""

import sqlalchemy as sa
from alembic import op

revision = 'schedule_0012'
down_revision = 'schedule_0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('roster_request', sa.Column('note', sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column('roster_request', 'note')
