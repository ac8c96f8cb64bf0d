"""How people stand with their reports, as last told; the first night tells of those who have missing ones."""

import sqlalchemy as sa
from alembic import op
revision = 'reporting_0003'
down_revision = 'reporting_0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('standing',
    sa.Column('employee_id', sa.String(), nullable=False),
    sa.Column('overdue_reports', sa.Integer(), nullable=False),
    sa.Column('told_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('employee_id', name=op.f('pk_standing'))
    )


def downgrade() -> None:
    op.drop_table('standing')
