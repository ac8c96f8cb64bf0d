"""Where an absence is known from, that it was cancelled, and trips of e-office."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = 'schedule_0008'
down_revision = 'schedule_0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('trip',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('starts', sa.Date(), nullable=False),
    sa.Column('ends', sa.Date(), nullable=False),
    sa.Column('note', sa.String(), nullable=False),
    sa.Column('nips', postgresql.ARRAY(sa.TEXT()), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_trip'))
    )
    op.add_column('absence', sa.Column('source', sa.String(), server_default='file', nullable=False))
    op.add_column('absence', sa.Column('reference', sa.String(), server_default='', nullable=False))
    op.add_column('absence', sa.Column('cancelled_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('absence', sa.Column('cancel_reason', sa.String(), nullable=True))
    op.drop_constraint('uq_absence_employee_id_kind_starts_ends', 'absence', type_='unique')
    op.create_index('uq_absence_told', 'absence', ['employee_id', 'kind', 'starts', 'ends'], unique=True,
        postgresql_where=sa.text("reference = ''"))
    op.create_index('uq_absence_reference', 'absence', ['source', 'reference', 'employee_id'], unique=True,
        postgresql_where=sa.text("reference <> ''"))
    op.create_index('ix_absence_employee', 'absence', ['employee_id', 'ends'], unique=False)


def downgrade() -> None:
    # what the older version does not know: cancelled ones, and the same days told by a file and by a trip
    op.execute("""
        delete from absence where cancelled_at is not null or reference <> '' and (
            exists (select from absence other where other.reference = '' and other.cancelled_at is null
                and (other.employee_id, other.kind, other.starts, other.ends)
                  = (absence.employee_id, absence.kind, absence.starts, absence.ends))
            or exists (select from absence other where other.reference <> '' and other.cancelled_at is null
                and other.id < absence.id
                and (other.employee_id, other.kind, other.starts, other.ends)
                  = (absence.employee_id, absence.kind, absence.starts, absence.ends)))
    """)
    op.drop_index('ix_absence_employee', table_name='absence')
    op.drop_index('uq_absence_reference', table_name='absence')
    op.drop_index('uq_absence_told', table_name='absence')
    op.create_unique_constraint('uq_absence_employee_id_kind_starts_ends', 'absence', ['employee_id', 'kind', 'starts', 'ends'])
    op.drop_column('absence', 'cancel_reason')
    op.drop_column('absence', 'cancelled_at')
    op.drop_column('absence', 'reference')
    op.drop_column('absence', 'source')
    op.drop_table('trip')
