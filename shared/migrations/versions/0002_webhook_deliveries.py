"""Deliveries of webhooks have rows of their own, and a log.

Deliveries that waited as jobs are carried over. An endpoint's flag ``private_network`` gives way to the setting
``LUWES_WEBHOOK_ALLOWED_NETWORKS``; a relay of the release before stops publishing until it is replaced.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
revision = 'shared_0002'
down_revision = 'shared_0001'
branch_labels = None
depends_on = None

CARRY_OVER = """
insert into webhook_delivery
    (endpoint_id, event_id, type, kind, payload, status, attempts, due_at, created_at, error, traceparent)
select endpoint.id, (job.payload->>'event_id')::uuid, job.payload->'message'->>'type', job.kind, job.payload->'message',
    case when job.status = 'pending' and endpoint.disabled_at is not null then 'held' else job.status end,
    job.attempts, job.due_at, job.created_at, job.error, job.traceparent
from job join webhook_endpoint endpoint on endpoint.id = (job.payload->>'endpoint_id')::uuid
where job.kind = 'deliver_webhook' and job.status in ('pending', 'parked')
order by job.id;
delete from job where kind = 'deliver_webhook' and status in ('pending', 'parked');
update webhook_endpoint set disabled_by = 'luwes' where disabled_at is not null
"""


def upgrade() -> None:
    op.create_table('webhook_delivery',
    sa.Column('endpoint_id', sa.UUID(), nullable=False),
    sa.Column('event_id', sa.UUID(), nullable=False),
    sa.Column('type', sa.String(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('payload', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('status', sa.String(), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('traceparent', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['endpoint_id'], ['webhook_endpoint.id'], name=op.f('fk_webhook_delivery_endpoint_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_webhook_delivery')),
    sa.UniqueConstraint('endpoint_id', 'event_id', name=op.f('uq_webhook_delivery_endpoint_id_event_id'))
    )
    op.create_index('ix_webhook_delivery_due', 'webhook_delivery', ['endpoint_id', 'due_at', 'id'], unique=False, postgresql_where=sa.text("status = 'pending'"))
    op.create_index('ix_webhook_delivery_held', 'webhook_delivery', ['endpoint_id'], unique=False, postgresql_where=sa.text("status = 'held'"))
    op.create_index('ix_webhook_delivery_log', 'webhook_delivery', ['endpoint_id', 'id'], unique=False)
    op.create_index('ix_webhook_delivery_parked', 'webhook_delivery', ['id'], unique=False, postgresql_where=sa.text("status = 'parked'"))
    op.create_table('webhook_attempt',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('delivery_id', sa.BigInteger(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('status_code', sa.Integer(), nullable=True),
    sa.Column('duration_ms', sa.Integer(), nullable=False),
    sa.Column('outcome', sa.String(length=500), nullable=False),
    sa.ForeignKeyConstraint(['delivery_id'], ['webhook_delivery.id'], name=op.f('fk_webhook_attempt_delivery_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_webhook_attempt'))
    )
    op.create_index(op.f('ix_webhook_attempt_delivery_id'), 'webhook_attempt', ['delivery_id'], unique=False)
    op.add_column('webhook_endpoint', sa.Column('old_secrets_until', sa.DateTime(timezone=True), nullable=True))
    op.add_column('webhook_endpoint', sa.Column('failing_since', sa.DateTime(timezone=True), nullable=True))
    op.add_column('webhook_endpoint', sa.Column('paused_until', sa.DateTime(timezone=True), nullable=True))
    op.add_column('webhook_endpoint', sa.Column('disabled_by', sa.String(), nullable=True))
    op.execute(CARRY_OVER)
    op.drop_column('webhook_endpoint', 'private_network')


def downgrade() -> None:
    op.add_column('webhook_endpoint', sa.Column('private_network', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.drop_column('webhook_endpoint', 'disabled_by')
    op.drop_column('webhook_endpoint', 'paused_until')
    op.drop_column('webhook_endpoint', 'failing_since')
    op.drop_column('webhook_endpoint', 'old_secrets_until')
    op.drop_index(op.f('ix_webhook_attempt_delivery_id'), table_name='webhook_attempt')
    op.drop_table('webhook_attempt')
    op.drop_index('ix_webhook_delivery_parked', table_name='webhook_delivery', postgresql_where=sa.text("status = 'parked'"))
    op.drop_index('ix_webhook_delivery_log', table_name='webhook_delivery')
    op.drop_index('ix_webhook_delivery_held', table_name='webhook_delivery', postgresql_where=sa.text("status = 'held'"))
    op.drop_index('ix_webhook_delivery_due', table_name='webhook_delivery', postgresql_where=sa.text("status = 'pending'"))
    op.drop_table('webhook_delivery')
