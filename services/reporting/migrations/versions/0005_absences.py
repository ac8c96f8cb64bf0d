"""Absences that may have become known after rosters had been signed; duties are excused by them as by holidays."""

import sqlalchemy as sa
from alembic import op
revision = 'reporting_0005'
down_revision = 'reporting_0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('absence',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('employee_id', sa.String(), nullable=False),
    sa.Column('starts', sa.Date(), nullable=False),
    sa.Column('ends', sa.Date(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_absence'))
    )
    op.create_index('ix_absence_employee', 'absence', ['employee_id', 'ends'], unique=False)
    op.alter_column('duty', 'by_holiday', new_column_name='excused')


def downgrade() -> None:
    op.alter_column('duty', 'excused', new_column_name='by_holiday')
    op.drop_index('ix_absence_employee', table_name='absence')
    op.drop_table('absence')
