"""Totals of each code of a document, to be searched by code and by word.

Revision ID: 0008_code_totals
Revises: 0007_figures
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

from ckanext.budget.registry.code_totals import FILL_ALL, WORDS

revision = "0008_code_totals"
down_revision = "0007_figures"
branch_labels = None
depends_on = None

TEXT = sa.UnicodeText
TABLE = "budget_code_total"


def upgrade():
    op.create_table(
        TABLE,
        sa.Column("document_id", TEXT, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("code", TEXT, nullable=False),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("section", TEXT, nullable=False),
        sa.Column("code_rd", TEXT, nullable=False),
        sa.Column("ordre", sa.Boolean, nullable=False),
        sa.Column("amount", sa.Numeric, nullable=False),
        sa.Column("lines", sa.Integer, nullable=False),
        sa.Column("words", TSVECTOR, sa.Computed(WORDS, persisted=True)),
    )
    op.execute(sa.text(FILL_ALL))
    op.create_index("ix_budget_code_total_code", TABLE, ["code"], postgresql_ops={"code": "text_pattern_ops"})
    op.create_index("ix_budget_code_total_words", TABLE, ["words"], postgresql_using="gin")


def downgrade():
    op.drop_table(TABLE)
