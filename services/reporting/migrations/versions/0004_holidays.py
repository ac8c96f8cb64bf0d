"""Holidays that were added after rosters had been signed, and duties cancelled by them."""

import sqlalchemy as sa
from alembic import op
revision = 'reporting_0004'
down_revision = 'reporting_0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('holiday',
    sa.Column('date', sa.Date(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('date', name=op.f('pk_holiday'))
    )
    op.add_column('duty', sa.Column('by_holiday', sa.Boolean(), server_default=sa.text('false'), nullable=False))


def downgrade() -> None:
    op.drop_column('duty', 'by_holiday')
    op.drop_table('holiday')
