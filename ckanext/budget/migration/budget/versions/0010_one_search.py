"""Words and codes are searched in the totals of each code, not in the lines: three indexes of these, and the functions
of one of them, served nobody and were paid for by every line written. Names of budgets, and the last publications,
are found by an index.

Revision ID: 0010_one_search
Revises: 0009_notes
"""

from alembic import op

from ckanext.budget.registry.code_totals import folded, words_of_name

revision = "0010_one_search"
down_revision = "0009_notes"
branch_labels = None
depends_on = None

WORDS = "coalesce(account, '') || ' ' || coalesce(function, '') || ' ' || coalesce(vote, '')"


def upgrade():
    for name in ("words", "nature", "fonction"):
        op.execute(f"DROP INDEX IF EXISTS idx_budget_line_{name}")
    op.execute("DROP FUNCTION IF EXISTS budget_words(text, text, text)")
    op.execute("DROP FUNCTION IF EXISTS budget_fold(text)")
    converted = "WHERE status = 'converted'"
    op.execute(f"CREATE INDEX ix_budget_document_name ON budget_document USING gin ({words_of_name('name')}) {converted}")
    op.execute(f"CREATE INDEX ix_budget_document_latest ON budget_document (converted DESC, id) {converted}")


def downgrade():
    for name in ("latest", "name"):
        op.execute(f"DROP INDEX ix_budget_document_{name}")
    op.execute(
        "CREATE FUNCTION budget_fold(words text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE "
        f"AS $$ SELECT {folded('words')} $$"
    )
    op.execute(
        "CREATE FUNCTION budget_words(account text, function text, vote text) RETURNS tsvector "
        "LANGUAGE sql IMMUTABLE PARALLEL SAFE "
        f"AS $$ SELECT to_tsvector('pg_catalog.french'::regconfig, {folded(WORDS)}) $$"
    )
    op.execute(
        "CREATE INDEX idx_budget_line_words ON budget_line "
        "USING gin (budget_words(nature_label, fonction_label, contnat_label))"
    )
    op.execute("CREATE INDEX idx_budget_line_nature ON budget_line (nature text_pattern_ops)")
    op.execute("CREATE INDEX idx_budget_line_fonction ON budget_line (fonction text_pattern_ops)")
