"""Postings of people, superiors decided on, who acts for a leader."""

import sqlalchemy as sa
from alembic import op

revision = 'schedule_0007'
down_revision = 'schedule_0006'
branch_labels = None
depends_on = None

# Since when people serve where they do is not known: as far as can be told, since the appointment that a NIP names
# (PNS: its month; PPPK: its year, the two digits behind it being no month), and never later than today.
FIRST_POSTINGS = """
    insert into posting (id, employee_id, kind, starts, ends, agency_id, unit_id, post, echelon, rank, active, dated,
                         by_hand)
    select gen_random_uuid(), id, 'main',
           least(current_date,
                 case when nip ~ '^[0-9]{8}(19|20)[0-9]{2}(0[1-9]|1[0-2])[0-9]{4}$'
                      then make_date(substr(nip, 9, 4)::int, substr(nip, 13, 2)::int, 1)
                      when nip ~ '^[0-9]{8}(19|20)[0-9]{8}$' then make_date(substr(nip, 9, 4)::int, 1, 1)
                      else date '1945-08-17' end),
           null, agency_id, unit_id, post, echelon, rank, active, false, false
    from employee
"""


def upgrade() -> None:
    op.create_table('posting',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('employee_id', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('starts', sa.Date(), nullable=False),
    sa.Column('ends', sa.Date(), nullable=True),
    sa.Column('agency_id', sa.String(), nullable=False),
    sa.Column('unit_id', sa.String(), nullable=False),
    sa.Column('post', sa.String(), nullable=False),
    sa.Column('echelon', sa.String(), nullable=False),
    sa.Column('rank', sa.String(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('dated', sa.Boolean(), nullable=False),
    sa.Column('by_hand', sa.Boolean(), nullable=False),
    sa.Column('reason', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_posting'))
    )
    op.create_index('ix_posting_agency', 'posting', ['agency_id', 'starts'], unique=False)
    op.create_index('ix_posting_employee', 'posting', ['employee_id', 'starts'], unique=False)
    op.create_index(op.f('ix_posting_unit_id'), 'posting', ['unit_id'], unique=False)
    op.create_index('uq_posting_main_open', 'posting', ['employee_id'], unique=True, postgresql_where=sa.text("kind = 'main' and ends is null"))
    op.create_index('uq_posting_main_starts', 'posting', ['employee_id', 'starts'], unique=True, postgresql_where=sa.text("kind = 'main'"))
    op.create_table('superior_override',
    sa.Column('employee_id', sa.String(), nullable=False),
    sa.Column('superior_id', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('set_by', sa.String(), nullable=False),
    sa.Column('set_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('employee_id', name=op.f('pk_superior_override'))
    )
    op.create_index(op.f('ix_superior_override_superior_id'), 'superior_override', ['superior_id'], unique=False)
    op.add_column('unit', sa.Column('acting_id', sa.String(), nullable=True))
    op.execute(FIRST_POSTINGS)


def downgrade() -> None:
    op.drop_column('unit', 'acting_id')
    op.drop_index(op.f('ix_superior_override_superior_id'), table_name='superior_override')
    op.drop_table('superior_override')
    op.drop_index('uq_posting_main_starts', table_name='posting', postgresql_where=sa.text("kind = 'main'"))
    op.drop_index('uq_posting_main_open', table_name='posting', postgresql_where=sa.text("kind = 'main' and ends is null"))
    op.drop_index(op.f('ix_posting_unit_id'), table_name='posting')
    op.drop_index('ix_posting_employee', table_name='posting')
    op.drop_index('ix_posting_agency', table_name='posting')
    op.drop_table('posting')
