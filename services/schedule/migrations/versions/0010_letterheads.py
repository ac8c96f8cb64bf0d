"""Letterheads of agencies."""

import sqlalchemy as sa
from alembic import op

revision = 'schedule_0010'
down_revision = 'schedule_0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('letterhead',
    sa.Column('agency_id', sa.String(), nullable=False),
    sa.Column('address', sa.String(), nullable=False),
    sa.Column('postal_code', sa.String(), nullable=False),
    sa.Column('phone', sa.String(), nullable=False),
    sa.Column('email', sa.String(), nullable=False),
    sa.Column('website', sa.String(), nullable=False),
    sa.Column('set_by', sa.String(), nullable=False),
    sa.Column('set_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['agency_id'], ['unit.id'], name=op.f('fk_letterhead_agency_id')),
    sa.PrimaryKeyConstraint('agency_id', name=op.f('pk_letterhead'))
    )


def downgrade() -> None:
    op.drop_table('letterhead')
