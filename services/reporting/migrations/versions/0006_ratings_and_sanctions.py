"""Ratings and sanctions beside overdue reports, and the reprimands themselves; standings told before have neither."""

import sqlalchemy as sa
from alembic import op
revision = 'reporting_0006'
down_revision = 'reporting_0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('sanction',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('employee_id', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('starts', sa.Date(), nullable=False),
    sa.Column('ends', sa.Date(), nullable=False),
    sa.Column('decided_by', sa.String(), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('objection', sa.String(), nullable=True),
    sa.Column('objected_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revoked_by', sa.String(), nullable=True),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revocation_reason', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sanction'))
    )
    op.create_index('ix_sanction_employee_ends', 'sanction', ['employee_id', 'ends'], unique=False)
    op.add_column('standing', sa.Column('rating', sa.String(), server_default=sa.text("''"), nullable=False))
    op.add_column('standing', sa.Column('sanction', sa.Boolean(), server_default=sa.text('false'), nullable=False))


def downgrade() -> None:
    op.drop_column('standing', 'sanction')
    op.drop_column('standing', 'rating')
    op.drop_index('ix_sanction_employee_ends', table_name='sanction')
    op.drop_table('sanction')
