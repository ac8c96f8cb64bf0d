"""Numbers of letters that Luwes gives itself."""

import sqlalchemy as sa
from alembic import op

revision = 'schedule_0006'
down_revision = 'schedule_0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('letter_counter',
    sa.Column('agency_id', sa.String(), nullable=False),
    sa.Column('year', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('last', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('agency_id', 'year', name=op.f('pk_letter_counter'))
    )


def downgrade() -> None:
    op.drop_table('letter_counter')
