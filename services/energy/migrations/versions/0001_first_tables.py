"""Tables of the energy service, and the electricity tariff known at its start."""

from datetime import date

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = 'energy_0001'
down_revision = None
branch_labels = ('energy',)
depends_on = None

# Later tariffs are rows that a person adds; these are known from PLN's announcement for Q1–Q3 2026.
TARIFFS = [
    {
        'item': 'electricity',
        'valid_from': date(2026, 1, 1),
        'valid_to': date(2026, 9, 30),
        'rupiah': '1699.53',
        'unit': 'kWh',
        'source': 'PLN P-1/TR 6,6–200 kVA',
    }
]


def upgrade() -> None:
    op.create_table('employee',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('nip', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('agency_id', sa.String(), nullable=False),
    sa.Column('unit_id', sa.String(), nullable=False),
    sa.Column('superior_id', sa.String(), nullable=True),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_employee'))
    )
    op.create_index(op.f('ix_employee_agency_id'), 'employee', ['agency_id'], unique=False)
    op.create_index(op.f('ix_employee_nip'), 'employee', ['nip'], unique=False)
    op.create_index(op.f('ix_employee_superior_id'), 'employee', ['superior_id'], unique=False)
    op.create_table('flagged_week',
    sa.Column('agency_id', sa.String(), nullable=False),
    sa.Column('friday', sa.Date(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('agency_id', 'friday', name=op.f('pk_flagged_week'))
    )
    op.create_table('home_day',
    sa.Column('employee_id', sa.String(), nullable=False),
    sa.Column('date', sa.Date(), nullable=False),
    sa.Column('agency_id', sa.String(), nullable=False),
    sa.Column('roster_id', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('employee_id', 'date', name=op.f('pk_home_day'))
    )
    op.create_index('ix_home_day_agency_date', 'home_day', ['agency_id', 'date'], unique=False)
    op.create_table('month_closure',
    sa.Column('agency_id', sa.String(), nullable=False),
    sa.Column('month', sa.Date(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('figures', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('detail', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_by', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('agency_id', 'month', 'version', name=op.f('pk_month_closure'))
    )
    op.create_table('reading',
    sa.Column('building', sa.String(), nullable=False),
    sa.Column('agency_id', sa.String(), nullable=False),
    sa.Column('date', sa.Date(), nullable=False),
    sa.Column('kwh', sa.Numeric(precision=14, scale=3), nullable=False),
    sa.Column('source', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('building', 'agency_id', 'date', name=op.f('pk_reading'))
    )
    op.create_index('ix_reading_agency_date', 'reading', ['agency_id', 'date'], unique=False)
    op.create_table('room',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('agency_id', sa.String(), nullable=False),
    sa.Column('unit_id', sa.String(), nullable=False),
    sa.Column('building', sa.String(), nullable=False),
    sa.Column('floor', sa.Integer(), nullable=False),
    sa.Column('devices', postgresql.ARRAY(sa.TEXT()), nullable=False),
    sa.Column('officer_nip', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_room')),
    sa.UniqueConstraint('code', name=op.f('uq_room_code'))
    )
    op.create_index(op.f('ix_room_agency_id'), 'room', ['agency_id'], unique=False)
    op.create_index(op.f('ix_room_officer_nip'), 'room', ['officer_nip'], unique=False)
    op.create_index(op.f('ix_room_unit_id'), 'room', ['unit_id'], unique=False)
    op.create_table('roster',
    sa.Column('agency_id', sa.String(), nullable=False),
    sa.Column('month', sa.Date(), nullable=False),
    sa.Column('roster_id', sa.String(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('starts', sa.Date(), nullable=False),
    sa.Column('ends', sa.Date(), nullable=False),
    sa.PrimaryKeyConstraint('agency_id', 'month', name=op.f('pk_roster'))
    )
    tariff = op.create_table('tariff',
    sa.Column('item', sa.String(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=False),
    sa.Column('rupiah', sa.Numeric(precision=14, scale=4), nullable=False),
    sa.Column('unit', sa.String(), nullable=False),
    sa.Column('source', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('item', 'valid_from', name=op.f('pk_tariff'))
    )
    op.bulk_insert(tariff, TARIFFS)
    op.create_table('unit',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('agency_id', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('leader_id', sa.String(), nullable=True),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_unit'))
    )
    op.create_index(op.f('ix_unit_agency_id'), 'unit', ['agency_id'], unique=False)
    op.create_table('checklist',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('room_id', sa.UUID(), nullable=False),
    sa.Column('agency_id', sa.String(), nullable=False),
    sa.Column('date', sa.Date(), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('status', sa.String(), nullable=False),
    sa.Column('roster_id', sa.String(), nullable=False),
    sa.Column('submitted_by', sa.String(), nullable=True),
    sa.Column('submitted_name', sa.String(), nullable=True),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('late', sa.Boolean(), nullable=True),
    sa.Column('supervised_by', sa.String(), nullable=True),
    sa.Column('supervised_name', sa.String(), nullable=True),
    sa.Column('supervised_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('note', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['room_id'], ['room.id'], name=op.f('fk_checklist_room_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_checklist')),
    sa.UniqueConstraint('room_id', 'date', name=op.f('uq_checklist_room_id_date'))
    )
    op.create_index('ix_checklist_agency_date', 'checklist', ['agency_id', 'date'], unique=False)
    op.create_table('room_occupant',
    sa.Column('room_id', sa.UUID(), nullable=False),
    sa.Column('nip', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['room_id'], ['room.id'], name=op.f('fk_room_occupant_room_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('room_id', 'nip', name=op.f('pk_room_occupant'))
    )
    op.create_index(op.f('ix_room_occupant_nip'), 'room_occupant', ['nip'], unique=False)
    op.create_table('checklist_item',
    sa.Column('checklist_id', sa.UUID(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('clause', sa.String(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('text', sa.String(), nullable=False),
    sa.Column('ok', sa.Boolean(), nullable=True),
    sa.Column('note', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['checklist_id'], ['checklist.id'], name=op.f('fk_checklist_item_checklist_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('checklist_id', 'code', name=op.f('pk_checklist_item'))
    )
    op.create_table('corrective_action',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('checklist_id', sa.UUID(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('clause', sa.String(), nullable=False),
    sa.Column('agency_id', sa.String(), nullable=False),
    sa.Column('description', sa.String(), nullable=False),
    sa.Column('owner_id', sa.String(), nullable=False),
    sa.Column('deadline', sa.Date(), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('done_by', sa.String(), nullable=True),
    sa.Column('done_note', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['checklist_id'], ['checklist.id'], name=op.f('fk_corrective_action_checklist_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_corrective_action')),
    sa.UniqueConstraint('checklist_id', 'code', name=op.f('uq_corrective_action_checklist_id_code'))
    )
    op.create_index('ix_corrective_action_agency_deadline', 'corrective_action', ['agency_id', 'deadline'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_corrective_action_agency_deadline', table_name='corrective_action')
    op.drop_table('corrective_action')
    op.drop_table('checklist_item')
    op.drop_index(op.f('ix_room_occupant_nip'), table_name='room_occupant')
    op.drop_table('room_occupant')
    op.drop_index('ix_checklist_agency_date', table_name='checklist')
    op.drop_table('checklist')
    op.drop_index(op.f('ix_unit_agency_id'), table_name='unit')
    op.drop_table('unit')
    op.drop_table('tariff')
    op.drop_table('roster')
    op.drop_index(op.f('ix_room_unit_id'), table_name='room')
    op.drop_index(op.f('ix_room_officer_nip'), table_name='room')
    op.drop_index(op.f('ix_room_agency_id'), table_name='room')
    op.drop_table('room')
    op.drop_index('ix_reading_agency_date', table_name='reading')
    op.drop_table('reading')
    op.drop_table('month_closure')
    op.drop_index('ix_home_day_agency_date', table_name='home_day')
    op.drop_table('home_day')
    op.drop_table('flagged_week')
    op.drop_index(op.f('ix_employee_superior_id'), table_name='employee')
    op.drop_index(op.f('ix_employee_nip'), table_name='employee')
    op.drop_index(op.f('ix_employee_agency_id'), table_name='employee')
    op.drop_table('employee')
