"""The TMT as told, two units with the same one, who leaves on a day to come."""

import sqlalchemy as sa
from alembic import op

revision = 'schedule_0011'
down_revision = 'schedule_0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('posting', sa.Column('tmt', sa.Date(), nullable=True))
    op.add_column('posting', sa.Column('rival_unit_id', sa.String(), nullable=True))
    op.add_column('posting', sa.Column('standing', sa.String(), nullable=True))
    op.execute("update posting set tmt = starts where dated")


def downgrade() -> None:
    op.drop_column('posting', 'standing')
    op.drop_column('posting', 'rival_unit_id')
    op.drop_column('posting', 'tmt')
