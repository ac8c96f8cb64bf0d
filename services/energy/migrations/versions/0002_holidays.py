"""Corrections of the calendar, as schedule tells of them."""

import sqlalchemy as sa
from alembic import op
revision = 'energy_0002'
down_revision = 'energy_0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('holiday',
    sa.Column('date', sa.Date(), nullable=False),
    sa.Column('name', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('date', name=op.f('pk_holiday'))
    )


def downgrade() -> None:
    op.drop_table('holiday')
