"""Alembic environment of the plugin: its own version table, its own tables only."""

from alembic import context
from ckan.model.meta import metadata
from sqlalchemy import engine_from_config, pool

VERSION_TABLE = "budget_alembic_version"
SETTINGS = {
    "target_metadata": metadata,
    "version_table": VERSION_TABLE,
    "include_object": lambda _object, name, kind, *_: kind != "table" or name.startswith("budget_"),
}

if context.is_offline_mode():
    context.configure(url=context.config.get_main_option("sqlalchemy.url"), literal_binds=True, **SETTINGS)
    with context.begin_transaction():
        context.run_migrations()
else:
    engine = engine_from_config(
        context.config.get_section(context.config.config_ini_section), prefix="sqlalchemy.", poolclass=pool.NullPool
    )
    with engine.connect() as connection:
        context.configure(connection=connection, **SETTINGS)
        with context.begin_transaction():
            context.run_migrations()
