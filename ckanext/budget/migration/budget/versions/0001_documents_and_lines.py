"""Documents and their lines.

Revision ID: 0001_documents
Revises:
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001_documents"
down_revision = None
branch_labels = None
depends_on = None

TEXT = sa.UnicodeText


def upgrade():
    op.create_table(
        "budget_document",
        sa.Column("id", TEXT, primary_key=True),
        sa.Column("package_id", TEXT, nullable=False, index=True),
        sa.Column("resource_id", TEXT, nullable=False, index=True),
        sa.Column("csv_resource_id", TEXT, index=True),
        sa.Column("status", TEXT, nullable=False, index=True),
        sa.Column("siret", TEXT, index=True),
        sa.Column("siren", TEXT, index=True),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("exercice", sa.Integer, nullable=False),
        sa.Column("stage", TEXT, nullable=False),
        sa.Column("dm_number", sa.Integer, nullable=False),
        sa.Column("nomenclature", TEXT, nullable=False),
        sa.Column("is_annexe", sa.Boolean, nullable=False),
        sa.Column("vote", TEXT, nullable=False),
        sa.Column("is_draft", sa.Boolean, nullable=False),
        sa.Column("source_sha256", TEXT, nullable=False, index=True),
        sa.Column("occulted_sha256", TEXT, nullable=False, index=True),
        sa.Column("csv_sha256", TEXT),
        sa.Column("seal", JSONB, nullable=False),
        sa.Column("seal_date", TEXT),
        sa.Column("dte_str", TEXT),
        sa.Column("occultation", JSONB, nullable=False),
        sa.Column("header", JSONB, nullable=False),
        sa.Column("findings", JSONB, nullable=False),
        sa.Column("report", JSONB, nullable=False),
        sa.Column("error", JSONB),
        sa.Column("converter_version", TEXT),
        sa.Column("plans_version", TEXT),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("user_id", TEXT),
        sa.Column("received", sa.DateTime(timezone=True), nullable=False),
        sa.Column("converted", sa.DateTime(timezone=True)),
        sa.Column("superseded_by", TEXT),
    )
    op.create_table(
        "budget_line",
        sa.Column("document_id", TEXT, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("nature", TEXT, nullable=False),
        sa.Column("nature_label", TEXT, nullable=False),
        sa.Column("fonction", TEXT),
        sa.Column("fonction_label", TEXT),
        sa.Column("contnat", TEXT, nullable=False),
        sa.Column("contnat_label", TEXT, nullable=False),
        sa.Column("chapter", TEXT, nullable=False),
        sa.Column("chapter_label", TEXT, nullable=False),
        sa.Column("operation", TEXT),
        sa.Column("section", TEXT, nullable=False),
        sa.Column("ordre", sa.Boolean, nullable=False),
        sa.Column("code_rd", TEXT, nullable=False),
        sa.Column("mtreal", sa.Numeric),
        sa.Column("mtbudgprec", sa.Numeric),
        sa.Column("mtrarprec", sa.Numeric),
        sa.Column("mtpropnouv", sa.Numeric),
        sa.Column("mtprev", sa.Numeric),
        sa.Column("credouv", sa.Numeric),
        sa.Column("mtrar3112", sa.Numeric),
        sa.Column("artspe", TEXT),
    )


def downgrade():
    op.drop_table("budget_line")
    op.drop_table("budget_document")
