"""Calendar feeds; a person's days are found by index."""

import sqlalchemy as sa
from alembic import op
revision = 'schedule_0005'
down_revision = 'schedule_0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('calendar_feed',
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('subject_id', sa.String(), nullable=False),
    sa.Column('token_hash', sa.String(), nullable=False),
    sa.Column('holidays', sa.Boolean(), nullable=False),
    sa.Column('made_by', sa.String(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('kind', 'subject_id', name=op.f('pk_calendar_feed')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_calendar_feed_token_hash'))
    )
    op.create_index('ix_roster_cell_employee_id_date', 'roster_cell', ['employee_id', 'date'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_roster_cell_employee_id_date', table_name='roster_cell')
    op.drop_table('calendar_feed')
