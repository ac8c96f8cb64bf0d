"""Verification codes of letters, and whom the certificate that signed them names."""

import sqlalchemy as sa
from alembic import op
revision = 'schedule_0003'
down_revision = 'schedule_0002'
branch_labels = None
depends_on = None

# Gives the letters there are their codes, and those that the release before drafts while it still runs: 96 random bits
# in the letters and digits of base32, which has no 0, 1, 8, 9.
CODE = "substr(translate(upper(md5(gen_random_uuid()::text)), '0189', 'GHJK'), 1, 24)"


def upgrade() -> None:
    op.add_column('letter', sa.Column('certificate_name', sa.String(), nullable=True))
    op.add_column('letter', sa.Column('verification_code', sa.String(), server_default=sa.text(CODE), nullable=False))
    op.create_unique_constraint(op.f('uq_letter_verification_code'), 'letter', ['verification_code'])


def downgrade() -> None:
    op.drop_constraint(op.f('uq_letter_verification_code'), 'letter', type_='unique')
    op.drop_column('letter', 'verification_code')
    op.drop_column('letter', 'certificate_name')
