"""Units, people, calendar, rosters, letters."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
revision = 'schedule_0001'
down_revision = None
branch_labels = ('schedule',)
depends_on = None


def upgrade() -> None:
    op.create_table('absence',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('employee_id', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('starts', sa.Date(), nullable=False),
    sa.Column('ends', sa.Date(), nullable=False),
    sa.Column('note', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_absence')),
    sa.UniqueConstraint('employee_id', 'kind', 'starts', 'ends', name=op.f('uq_absence_employee_id_kind_starts_ends'))
    )
    op.create_index('ix_absence_dates', 'absence', ['starts'], unique=False)
    op.create_table('employee',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('nip', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('email', sa.String(), nullable=True),
    sa.Column('agency_id', sa.String(), nullable=False),
    sa.Column('unit_id', sa.String(), nullable=False),
    sa.Column('superior_id', sa.String(), nullable=True),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('post', sa.String(), nullable=False),
    sa.Column('echelon', sa.String(), nullable=False),
    sa.Column('rank', sa.String(), nullable=False),
    sa.Column('standing', sa.String(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_employee')),
    sa.UniqueConstraint('nip', name=op.f('uq_employee_nip'))
    )
    op.create_index(op.f('ix_employee_agency_id'), 'employee', ['agency_id'], unique=False)
    op.create_index(op.f('ix_employee_unit_id'), 'employee', ['unit_id'], unique=False)
    op.create_table('granted_role',
    sa.Column('employee_id', sa.String(), nullable=False),
    sa.Column('role', sa.String(), nullable=False),
    sa.Column('agency_id', sa.String(), nullable=False),
    sa.Column('granted_by', sa.String(), nullable=False),
    sa.Column('granted_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('employee_id', 'role', name=op.f('pk_granted_role'))
    )
    op.create_table('holiday_override',
    sa.Column('date', sa.Date(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('source', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('date', name=op.f('pk_holiday_override'))
    )
    op.create_table('quota_choice',
    sa.Column('agency_id', sa.String(), nullable=False),
    sa.Column('share', sa.Numeric(precision=4, scale=3), nullable=False),
    sa.Column('min_on_site', sa.Integer(), nullable=False),
    sa.Column('chosen_by', sa.String(), nullable=False),
    sa.Column('chosen_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('agency_id', name=op.f('pk_quota_choice'))
    )
    op.create_table('unit',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('parent_id', sa.String(), nullable=True),
    sa.Column('agency_id', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('leader_post', sa.String(), nullable=False),
    sa.Column('leader_id', sa.String(), nullable=True),
    sa.Column('exempt_clause', sa.String(), nullable=True),
    sa.Column('exempt_by_hand', sa.Boolean(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_unit'))
    )
    op.create_index(op.f('ix_unit_agency_id'), 'unit', ['agency_id'], unique=False)
    op.create_index(op.f('ix_unit_parent_id'), 'unit', ['parent_id'], unique=False)
    op.create_table('roster',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('agency_id', sa.String(), nullable=False),
    sa.Column('month', sa.Date(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('status', sa.String(), nullable=False),
    sa.Column('policy_id', sa.String(), nullable=False),
    sa.Column('starts', sa.Date(), nullable=False),
    sa.Column('ends', sa.Date(), nullable=False),
    sa.Column('created_by', sa.String(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('approved_by', sa.String(), nullable=True),
    sa.Column('approved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('in_force_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('note', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['agency_id'], ['unit.id'], name=op.f('fk_roster_agency_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_roster')),
    sa.UniqueConstraint('agency_id', 'month', 'version', name=op.f('uq_roster_agency_id_month_version'))
    )
    op.create_index('uq_roster_in_force', 'roster', ['agency_id', 'month'], unique=True, postgresql_where=sa.text("status = 'in_force'"))
    op.create_table('letter',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('roster_id', sa.UUID(), nullable=False),
    sa.Column('agency_id', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('status', sa.String(), nullable=False),
    sa.Column('content', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('signer_id', sa.String(), nullable=False),
    sa.Column('eoffice_id', sa.String(), nullable=True),
    sa.Column('number', sa.String(), nullable=True),
    sa.Column('letter_date', sa.Date(), nullable=True),
    sa.Column('unsigned_key', sa.String(), nullable=True),
    sa.Column('signed_key', sa.String(), nullable=True),
    sa.Column('signed_sha256', sa.String(), nullable=True),
    sa.Column('signed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('note', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['roster_id'], ['roster.id'], name=op.f('fk_letter_roster_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_letter')),
    sa.UniqueConstraint('number', name=op.f('uq_letter_number')),
    sa.UniqueConstraint('roster_id', name=op.f('uq_letter_roster_id'))
    )
    op.create_index(op.f('ix_letter_agency_id'), 'letter', ['agency_id'], unique=False)
    op.create_table('roster_cell',
    sa.Column('roster_id', sa.UUID(), nullable=False),
    sa.Column('employee_id', sa.String(), nullable=False),
    sa.Column('date', sa.Date(), nullable=False),
    sa.Column('unit_id', sa.String(), nullable=False),
    sa.Column('mode', sa.String(), nullable=False),
    sa.Column('clause', sa.String(), nullable=False),
    sa.Column('rule', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['roster_id'], ['roster.id'], name=op.f('fk_roster_cell_roster_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('roster_id', 'employee_id', 'date', name=op.f('pk_roster_cell'))
    )
    op.create_table('roster_quota',
    sa.Column('roster_id', sa.UUID(), nullable=False),
    sa.Column('unit_id', sa.String(), nullable=False),
    sa.Column('date', sa.Date(), nullable=False),
    sa.Column('staff', sa.Integer(), nullable=False),
    sa.Column('present', sa.Integer(), nullable=False),
    sa.Column('eligible', sa.Integer(), nullable=False),
    sa.Column('share', sa.Numeric(precision=4, scale=3), nullable=False),
    sa.Column('cap', sa.Integer(), nullable=False),
    sa.Column('min_on_site', sa.Integer(), nullable=False),
    sa.Column('at_home', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['roster_id'], ['roster.id'], name=op.f('fk_roster_quota_roster_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('roster_id', 'unit_id', 'date', name=op.f('pk_roster_quota'))
    )


def downgrade() -> None:
    op.drop_table('roster_quota')
    op.drop_table('roster_cell')
    op.drop_index(op.f('ix_letter_agency_id'), table_name='letter')
    op.drop_table('letter')
    op.drop_index('uq_roster_in_force', table_name='roster', postgresql_where=sa.text("status = 'in_force'"))
    op.drop_table('roster')
    op.drop_index(op.f('ix_unit_parent_id'), table_name='unit')
    op.drop_index(op.f('ix_unit_agency_id'), table_name='unit')
    op.drop_table('unit')
    op.drop_table('quota_choice')
    op.drop_table('holiday_override')
    op.drop_table('granted_role')
    op.drop_index(op.f('ix_employee_unit_id'), table_name='employee')
    op.drop_index(op.f('ix_employee_agency_id'), table_name='employee')
    op.drop_table('employee')
    op.drop_index('ix_absence_dates', table_name='absence')
    op.drop_table('absence')
