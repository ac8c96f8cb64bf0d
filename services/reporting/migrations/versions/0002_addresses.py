"""People's addresses, for mails to them.

Those of people already known are read from the events that are still kept; the others come with the next change.
"""

import sqlalchemy as sa
from alembic import op
revision = 'reporting_0002'
down_revision = 'reporting_0001'
branch_labels = None
depends_on = 'shared_0001'  # reads the inbox

KNOWN = """
update employee set email = told.email
from (
    select distinct on (subject) payload->>'id' as id, payload->>'email' as email
    from inbox
    where kind = 'keep_employee' and status = 'done'
    order by subject, sequence desc nulls last
) told
where told.id = employee.id
"""


def upgrade() -> None:
    op.add_column('employee', sa.Column('email', sa.String(), nullable=True))
    op.execute(KNOWN)


def downgrade() -> None:
    op.drop_column('employee', 'email')
