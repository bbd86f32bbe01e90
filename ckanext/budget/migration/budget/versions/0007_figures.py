"""Finding lines by account, by function and by words (French, without accents).

Both functions use pg_catalog alone: PostgreSQL 17 maintains indexes with no other schema in sight.

Revision ID: 0007_figures
Revises: 0003_deposit
"""

from alembic import op

revision = "0007_figures"
down_revision = "0006_reminders"
branch_labels = None
depends_on = None

# letters without their accents, capitals too (a database of locale C has no small ones for them); a typographic
# apostrophe parts words. The list is short because it is gone through for each letter of each line.
ACCENTED, PLAIN = "éèàêçôîâûùïëüöäÿñÉÈÀÊÇÔÎ’", "eeaecoiauuieuoayneeaecoi "


def folded(words):
    return f"replace(replace(translate(lower({words}), '{ACCENTED}', '{PLAIN}'), 'œ', 'oe'), 'æ', 'ae')"


def upgrade():
    op.execute(
        "CREATE OR REPLACE FUNCTION budget_fold(words text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE "
        f"AS $$ SELECT {folded('words')} $$"
    )
    labels = "coalesce(account, '') || ' ' || coalesce(function, '') || ' ' || coalesce(vote, '')"
    op.execute(
        "CREATE OR REPLACE FUNCTION budget_words(account text, function text, vote text) RETURNS tsvector "
        "LANGUAGE sql IMMUTABLE PARALLEL SAFE "
        f"AS $$ SELECT to_tsvector('pg_catalog.french'::regconfig, {folded(labels)}) $$"
    )
    op.execute(
        "CREATE INDEX idx_budget_line_words ON budget_line "
        "USING gin (budget_words(nature_label, fonction_label, contnat_label))"
    )
    op.execute("CREATE INDEX idx_budget_line_nature ON budget_line (nature text_pattern_ops)")
    op.execute("CREATE INDEX idx_budget_line_fonction ON budget_line (fonction text_pattern_ops)")
    op.execute("CREATE INDEX idx_budget_document_exercice ON budget_document (exercice, stage) WHERE status = 'converted'")


def downgrade():
    for name in ("idx_budget_document_exercice", "idx_budget_line_fonction", "idx_budget_line_nature", "idx_budget_line_words"):
        op.execute(f"DROP INDEX {name}")
    op.execute("DROP FUNCTION budget_words(text, text, text)")
    op.execute("DROP FUNCTION budget_fold(text)")
