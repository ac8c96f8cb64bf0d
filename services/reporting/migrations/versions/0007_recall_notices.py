"""Recalls and whom their mails reached; those ordered before are not listed."""

import sqlalchemy as sa
from alembic import op
revision = 'reporting_0007'
down_revision = 'reporting_0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('recall',
    sa.Column('roster_id', sa.String(), nullable=False),
    sa.Column('agency_id', sa.String(), nullable=False),
    sa.Column('date', sa.Date(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('ordered_by', sa.String(), nullable=False),
    sa.Column('ordered_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('roster_id', name=op.f('pk_recall'))
    )
    op.create_index('ix_recall_agency_date', 'recall', ['agency_id', 'date'], unique=False)
    op.create_table('recall_notice',
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('roster_id', sa.String(), nullable=False),
    sa.Column('employee_id', sa.String(), nullable=False),
    sa.Column('outcome', sa.String(), nullable=True),
    sa.Column('outcome_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['roster_id'], ['recall.roster_id'], name=op.f('fk_recall_notice_roster_id')),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_recall_notice')),
    sa.UniqueConstraint('roster_id', 'employee_id', name=op.f('uq_recall_notice_roster_id_employee_id'))
    )


def downgrade() -> None:
    op.drop_table('recall_notice')
    op.drop_index('ix_recall_agency_date', table_name='recall')
    op.drop_table('recall')
