"""Limits with their arithmetic, changes of rosters, requests, stand-ins, standings, swaps."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
revision = 'schedule_0004'
down_revision = 'schedule_0003'
branch_labels = None
depends_on = None


QUOTAS_AS_LIMITS = """
    insert into roster_limit (roster_id, limit_id, date, unit_id, rule, clause, label, staff, present, eligible, base,
                              base_kind, share, rounding, minimum, room, at_home)
    select roster_id, 'quota:' || unit_id, date, unit_id, 'quota', '1.d', '', staff, present, eligible, eligible,
           'eligible', share, 'floor', null, cap, at_home
    from roster_quota
"""
MINIMUMS_AS_LIMITS = """
    insert into roster_limit (roster_id, limit_id, date, unit_id, rule, clause, label, staff, present, eligible, base,
                              base_kind, share, rounding, minimum, room, at_home)
    select roster_id, 'on_site:' || unit_id, date, unit_id, 'on_site', '1.g', 'pegawai', staff, present, eligible,
           present, 'present', null, '', min_on_site, greatest(0, present - min_on_site), at_home
    from roster_quota
"""
CELLS_TO_LIMITS = """
    update roster_cell
    set limit_id = case rule when 'on_site' then 'on_site:' else 'quota:' end || unit_id
    where rule in ('turn', 'quota', 'on_site')
"""


def upgrade() -> None:
    op.create_table('gate_override',
    sa.Column('employee_id', sa.String(), nullable=False),
    sa.Column('month', sa.Date(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('set_by', sa.String(), nullable=False),
    sa.Column('set_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('employee_id', 'month', name=op.f('pk_gate_override'))
    )
    op.create_table('person_standing',
    sa.Column('employee_id', sa.String(), nullable=False),
    sa.Column('overdue_reports', sa.Integer(), nullable=False),
    sa.Column('rating', sa.String(), nullable=False),
    sa.Column('sanction', sa.Boolean(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('employee_id', name=op.f('pk_person_standing'))
    )
    op.create_table('roster_request',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('agency_id', sa.String(), nullable=False),
    sa.Column('employee_id', sa.String(), nullable=False),
    sa.Column('date', sa.Date(), nullable=False),
    sa.Column('mode', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('status', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('asked_by', sa.String(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('decided_by', sa.String(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_roster_request'))
    )
    op.create_index(op.f('ix_roster_request_agency_id'), 'roster_request', ['agency_id'], unique=False)
    op.create_index('uq_roster_request_open', 'roster_request', ['employee_id', 'date'], unique=True, postgresql_where=sa.text("status in ('asked', 'approved')"))
    op.create_table('stand_in',
    sa.Column('agency_id', sa.String(), nullable=False),
    sa.Column('one_id', sa.String(), nullable=False),
    sa.Column('other_id', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('set_by', sa.String(), nullable=False),
    sa.Column('set_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('agency_id', 'one_id', 'other_id', name=op.f('pk_stand_in'))
    )
    op.create_table('roster_limit',
    sa.Column('roster_id', sa.UUID(), nullable=False),
    sa.Column('limit_id', sa.String(), nullable=False),
    sa.Column('date', sa.Date(), nullable=False),
    sa.Column('unit_id', sa.String(), nullable=False),
    sa.Column('rule', sa.String(), nullable=False),
    sa.Column('clause', sa.String(), nullable=False),
    sa.Column('label', sa.String(), nullable=False),
    sa.Column('staff', sa.Integer(), nullable=False),
    sa.Column('present', sa.Integer(), nullable=False),
    sa.Column('eligible', sa.Integer(), nullable=False),
    sa.Column('base', sa.Integer(), nullable=False),
    sa.Column('base_kind', sa.String(), nullable=False),
    sa.Column('share', sa.Numeric(precision=4, scale=3), nullable=True),
    sa.Column('number', sa.Integer(), nullable=True),
    sa.Column('rounding', sa.String(), nullable=False),
    sa.Column('minimum', sa.Integer(), nullable=True),
    sa.Column('room', sa.Integer(), nullable=False),
    sa.Column('at_home', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['roster_id'], ['roster.id'], name=op.f('fk_roster_limit_roster_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('roster_id', 'limit_id', 'date', name=op.f('pk_roster_limit'))
    )
    op.create_table('swap',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('roster_id', sa.UUID(), nullable=False),
    sa.Column('agency_id', sa.String(), nullable=False),
    sa.Column('asker_id', sa.String(), nullable=False),
    sa.Column('gives', sa.Date(), nullable=False),
    sa.Column('other_id', sa.String(), nullable=False),
    sa.Column('takes', sa.Date(), nullable=False),
    sa.Column('status', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('agreed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_by', sa.String(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('note', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['roster_id'], ['roster.id'], name=op.f('fk_swap_roster_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_swap'))
    )
    op.create_index(op.f('ix_swap_agency_id'), 'swap', ['agency_id'], unique=False)
    op.create_index(op.f('ix_swap_roster_id'), 'swap', ['roster_id'], unique=False)
    op.create_table('policy_version',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('title', sa.String(), nullable=False),
    sa.Column('layer', sa.String(), nullable=False),
    sa.Column('agency_id', sa.String(), nullable=True),
    sa.Column('content', sa.Text(), nullable=False),
    sa.Column('status', sa.String(), nullable=False),
    sa.Column('made_by', sa.String(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('activated_by', sa.String(), nullable=True),
    sa.Column('activated_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_policy_version'))
    )
    op.create_table('policy_term',
    sa.Column('policy_id', sa.String(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('set_by', sa.String(), nullable=False),
    sa.Column('set_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('policy_id', name=op.f('pk_policy_term'))
    )
    op.add_column('roster', sa.Column('amends_id', sa.UUID(), nullable=True))
    op.add_column('roster', sa.Column('change', sa.String(), nullable=True))
    op.add_column('roster', sa.Column('reason', sa.String(), nullable=True))
    op.add_column('roster', sa.Column('clashes', postgresql.JSONB(astext_type=sa.Text()), nullable=False, server_default='[]'))
    op.add_column('roster', sa.Column('optimal', sa.Boolean(), nullable=False, server_default='false'))
    op.add_column('roster', sa.Column('gap', sa.Numeric(precision=6, scale=4), nullable=False, server_default='0'))
    op.add_column('roster', sa.Column('method', sa.String(), nullable=False, server_default='turns'))
    op.add_column('roster', sa.Column('sha256', sa.String(), nullable=True))
    op.create_foreign_key(op.f('fk_roster_amends_id'), 'roster', 'roster', ['amends_id'], ['id'])
    op.add_column('roster_cell', sa.Column('limit_id', sa.String(), nullable=True))
    for column in ('clashes', 'optimal', 'gap', 'method'):
        op.alter_column('roster', column, server_default=None)
    op.execute(QUOTAS_AS_LIMITS)
    op.execute(MINIMUMS_AS_LIMITS)
    op.execute(CELLS_TO_LIMITS)
    op.drop_table('roster_quota')
    op.execute("update roster set status = 'superseded' where status = 'replaced'")


def downgrade() -> None:
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
    op.execute("update roster set status = 'replaced' where status = 'superseded'")
    op.drop_column('roster_cell', 'limit_id')
    op.drop_constraint(op.f('fk_roster_amends_id'), 'roster', type_='foreignkey')
    op.drop_column('roster', 'sha256')
    op.drop_column('roster', 'method')
    op.drop_column('roster', 'gap')
    op.drop_column('roster', 'optimal')
    op.drop_column('roster', 'clashes')
    op.drop_column('roster', 'reason')
    op.drop_column('roster', 'change')
    op.drop_column('roster', 'amends_id')
    op.drop_index(op.f('ix_swap_roster_id'), table_name='swap')
    op.drop_index(op.f('ix_swap_agency_id'), table_name='swap')
    op.drop_table('swap')
    op.drop_table('policy_term')
    op.drop_table('policy_version')
    op.drop_table('roster_limit')
    op.drop_table('stand_in')
    op.drop_index('uq_roster_request_open', table_name='roster_request', postgresql_where=sa.text("status in ('asked', 'approved')"))
    op.drop_index(op.f('ix_roster_request_agency_id'), table_name='roster_request')
    op.drop_table('roster_request')
    op.drop_table('person_standing')
    op.drop_table('gate_override')
