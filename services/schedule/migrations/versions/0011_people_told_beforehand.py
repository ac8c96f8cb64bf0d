"""The TMT as told, two units with the same one, who leaves on a day to come; webhooks without what nobody reads."""

import sqlalchemy as sa
from alembic import op

revision = 'schedule_0011'
down_revision = 'schedule_0008'
branch_labels = None
depends_on = None

# What integrations/simpeg.py and integrations/eoffice.py keep of a webhook that comes from now on.
KEPT = {
    'pegawai.': 'id nipBaru nama gelarDepan gelarBelakang emailGov email unorId jenisPegawaiNama jabatanNama'
                ' jenisJabatanId eselonId pangkatAkhir golRuangAkhir kedudukanPnsId tmtJabatan tmtPensiun tmtBerhenti',
    'unor.': 'Id DiatasanId IndukUnorId NamaUnor CepatKode NamaJabatan PemimpinPnsId',
}
WEBHOOKS_OF_BEFORE = sa.text("""
    update inbox set payload = coalesce(
        (select jsonb_object_agg(key, value) from jsonb_each(cast(payload as jsonb)) where key = any(:names)), '{}')
    where source = 'simpeg' and starts_with(type, :prefix)
""")
UNKNOWN_OF_BEFORE = """
    update inbox set payload = '{}'
    where source = 'simpeg' and not starts_with(type, 'pegawai.') and not starts_with(type, 'unor.')
"""
TRAVELLERS_OF_BEFORE = """
    update inbox set payload = jsonb_set(cast(payload as jsonb), '{pelaksana}',
        (select coalesce(jsonb_agg(jsonb_build_object('nip', person -> 'nip')), '[]')
         from jsonb_array_elements(cast(payload as jsonb) -> 'pelaksana') person))
    where source = 'eoffice' and jsonb_typeof(cast(payload as jsonb) -> 'pelaksana') = 'array'
"""


def upgrade() -> None:
    op.add_column('posting', sa.Column('tmt', sa.Date(), nullable=True))
    op.add_column('posting', sa.Column('rival_unit_id', sa.String(), nullable=True))
    op.add_column('posting', sa.Column('standing', sa.String(), nullable=True))
    op.execute("update posting set tmt = starts where dated")
    for prefix, names in KEPT.items():
        op.get_bind().execute(WEBHOOKS_OF_BEFORE, {'prefix': prefix, 'names': names.split()})
    op.execute(UNKNOWN_OF_BEFORE)
    op.execute(TRAVELLERS_OF_BEFORE)


def downgrade() -> None:
    op.drop_column('posting', 'standing')
    op.drop_column('posting', 'rival_unit_id')
    op.drop_column('posting', 'tmt')
