"""Alembic environment of every service: the shared tables and the service's own, two branches in one database."""

from alembic import context


def ours(_object: object, _name: str | None, kind: str, reflected: bool, compared_with: object) -> bool:
    """Leave alone what the other branch owns: a table that the models at hand do not know is not to be dropped."""
    return not (kind in ("table", "index", "unique_constraint") and reflected and compared_with is None)


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=context.config.attributes["metadata"],
    transaction_per_migration=True,
    compare_type=True,
    include_object=ours,
)
with context.begin_transaction():
    context.run_migrations()
