"""Units, people, rosters and letters as told; duties, daily reports, assessments, packs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
revision = 'reporting_0001'
down_revision = None
branch_labels = ('reporting',)
depends_on = None


def upgrade() -> None:
    op.create_table('duty',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('employee_id', sa.String(), nullable=False),
    sa.Column('date', sa.Date(), nullable=False),
    sa.Column('agency_id', sa.String(), nullable=False),
    sa.Column('unit_id', sa.String(), nullable=False),
    sa.Column('superior_id', sa.String(), nullable=True),
    sa.Column('roster_id', sa.String(), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('status', sa.String(), nullable=False),
    sa.Column('late', sa.Boolean(), nullable=False),
    sa.Column('report_id', sa.UUID(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_duty')),
    sa.UniqueConstraint('employee_id', 'date', name=op.f('uq_duty_employee_id_date'))
    )
    op.create_index('ix_duty_agency_date', 'duty', ['agency_id', 'date'], unique=False)
    op.create_index('ix_duty_open', 'duty', ['agency_id', 'date'], unique=False, postgresql_where=sa.text("status = 'open'"))
    op.create_index('ix_duty_superior_status', 'duty', ['superior_id', 'status'], unique=False)
    op.create_table('employee',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('nip', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('agency_id', sa.String(), nullable=False),
    sa.Column('unit_id', sa.String(), nullable=False),
    sa.Column('superior_id', sa.String(), nullable=True),
    sa.Column('post', sa.String(), nullable=False),
    sa.Column('rank', sa.String(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_employee'))
    )
    op.create_index(op.f('ix_employee_agency_id'), 'employee', ['agency_id'], unique=False)
    op.create_index(op.f('ix_employee_nip'), 'employee', ['nip'], unique=False)
    op.create_table('letter',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('agency_id', sa.String(), nullable=False),
    sa.Column('month', sa.Date(), nullable=False),
    sa.Column('number', sa.String(), nullable=False),
    sa.Column('letter_date', sa.Date(), nullable=False),
    sa.Column('sha256', sa.String(), nullable=False),
    sa.Column('url', sa.String(), nullable=False),
    sa.Column('storage_key', sa.String(), nullable=True),
    sa.Column('fetched_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_letter'))
    )
    op.create_index('ix_letter_agency_month', 'letter', ['agency_id', 'month'], unique=False)
    op.create_table('month_figures',
    sa.Column('agency_id', sa.String(), nullable=False),
    sa.Column('month', sa.Date(), nullable=False),
    sa.Column('figures', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('agency_id', 'month', name=op.f('pk_month_figures'))
    )
    op.create_table('pack',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('agency_id', sa.String(), nullable=False),
    sa.Column('month', sa.Date(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('status', sa.String(), nullable=False),
    sa.Column('content', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('obstacles', sa.String(), nullable=False),
    sa.Column('follow_up', sa.String(), nullable=False),
    sa.Column('pdf_key', sa.String(), nullable=True),
    sa.Column('xlsx_key', sa.String(), nullable=True),
    sa.Column('built_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('approved_by', sa.String(), nullable=True),
    sa.Column('approved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('send_count', sa.Integer(), nullable=False),
    sa.Column('recipient', sa.String(), nullable=True),
    sa.Column('message_id', sa.String(), nullable=True),
    sa.Column('mails', sa.Integer(), nullable=True),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('late', sa.Boolean(), nullable=False),
    sa.Column('error', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pack')),
    sa.UniqueConstraint('agency_id', 'month', name=op.f('uq_pack_agency_id_month'))
    )
    op.create_index('ix_pack_month_status', 'pack', ['month', 'status'], unique=False)
    op.create_table('roster_ref',
    sa.Column('agency_id', sa.String(), nullable=False),
    sa.Column('month', sa.Date(), nullable=False),
    sa.Column('roster_id', sa.String(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('starts', sa.Date(), nullable=False),
    sa.Column('ends', sa.Date(), nullable=False),
    sa.Column('letter_id', sa.String(), nullable=False),
    sa.Column('letter_number', sa.String(), nullable=False),
    sa.Column('letter_date', sa.Date(), nullable=False),
    sa.Column('signer_name', sa.String(), nullable=False),
    sa.Column('days', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('exemptions', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('agency_id', 'month', name=op.f('pk_roster_ref'))
    )
    op.create_table('unit',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('agency_id', sa.String(), nullable=False),
    sa.Column('parent_id', sa.String(), nullable=True),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('leader_id', sa.String(), nullable=True),
    sa.Column('exempt_clause', sa.String(), nullable=True),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_unit'))
    )
    op.create_index(op.f('ix_unit_agency_id'), 'unit', ['agency_id'], unique=False)
    op.create_table('daily_report',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('duty_id', sa.UUID(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('filed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('late', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['duty_id'], ['duty.id'], name=op.f('fk_daily_report_duty_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_daily_report')),
    sa.UniqueConstraint('duty_id', 'revision', name=op.f('uq_daily_report_duty_id_revision'))
    )
    op.create_table('assessment',
    sa.Column('report_id', sa.UUID(), nullable=False),
    sa.Column('by', sa.String(), nullable=False),
    sa.Column('by_name', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('decision', sa.String(), nullable=False),
    sa.Column('note', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['report_id'], ['daily_report.id'], name=op.f('fk_assessment_report_id')),
    sa.PrimaryKeyConstraint('report_id', name=op.f('pk_assessment'))
    )
    op.create_table('evidence',
    sa.Column('report_id', sa.UUID(), nullable=False),
    sa.Column('sha256', sa.String(), nullable=False),
    sa.Column('storage_key', sa.String(), nullable=False),
    sa.Column('bytes', sa.Integer(), nullable=False),
    sa.Column('width', sa.Integer(), nullable=False),
    sa.Column('height', sa.Integer(), nullable=False),
    sa.Column('taken_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('signals', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.ForeignKeyConstraint(['report_id'], ['daily_report.id'], name=op.f('fk_evidence_report_id')),
    sa.PrimaryKeyConstraint('report_id', name=op.f('pk_evidence'))
    )
    op.create_index(op.f('ix_evidence_sha256'), 'evidence', ['sha256'], unique=False)
    op.create_table('report_line',
    sa.Column('report_id', sa.UUID(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('activity', sa.String(), nullable=False),
    sa.Column('start', sa.Time(), nullable=False),
    sa.Column('end', sa.Time(), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.Column('unit', sa.String(), nullable=False),
    sa.Column('result', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['report_id'], ['daily_report.id'], name=op.f('fk_report_line_report_id')),
    sa.PrimaryKeyConstraint('report_id', 'position', name=op.f('pk_report_line'))
    )


def downgrade() -> None:
    op.drop_table('report_line')
    op.drop_index(op.f('ix_evidence_sha256'), table_name='evidence')
    op.drop_table('evidence')
    op.drop_table('assessment')
    op.drop_table('daily_report')
    op.drop_index(op.f('ix_unit_agency_id'), table_name='unit')
    op.drop_table('unit')
    op.drop_table('roster_ref')
    op.drop_index('ix_pack_month_status', table_name='pack')
    op.drop_table('pack')
    op.drop_table('month_figures')
    op.drop_index('ix_letter_agency_month', table_name='letter')
    op.drop_table('letter')
    op.drop_index(op.f('ix_employee_nip'), table_name='employee')
    op.drop_index(op.f('ix_employee_agency_id'), table_name='employee')
    op.drop_table('employee')
    op.drop_index('ix_duty_superior_status', table_name='duty')
    op.drop_index('ix_duty_open', table_name='duty', postgresql_where=sa.text("status = 'open'"))
    op.drop_index('ix_duty_agency_date', table_name='duty')
    op.drop_table('duty')
