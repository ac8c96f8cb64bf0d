"""Tables of the bells."""

import sqlalchemy as sa
from alembic import op

revision = 'bells_0001'
down_revision = None
branch_labels = ('bells',)
depends_on = None


def upgrade() -> None:
    op.create_table('rung',
    sa.Column('number', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_rung'))
    )
    op.create_table('effect',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('number', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_effect'))
    )
