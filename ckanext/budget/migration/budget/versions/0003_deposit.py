"""Batches of the deposit desk and their files.

Revision ID: 0003_deposit
Revises: 0002_withdrawals
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003_deposit"
down_revision = "0002_withdrawals"
branch_labels = None
depends_on = None

TEXT = sa.UnicodeText


def upgrade():
    op.create_table(
        "budget_batch",
        sa.Column("id", TEXT, primary_key=True),
        sa.Column("user_id", TEXT, nullable=False, index=True),
        sa.Column("owner_org", TEXT),
        sa.Column("state", TEXT, nullable=False, index=True),
        sa.Column("options", JSONB, nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("touched", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed", sa.DateTime(timezone=True)),
    )
    op.create_table(
        "budget_batch_file",
        sa.Column("id", TEXT, primary_key=True),
        sa.Column("batch_id", TEXT, nullable=False, index=True),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("filename", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False, index=True),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("source_sha256", TEXT, index=True),
        sa.Column("occulted_sha256", TEXT),
        sa.Column("siret", TEXT, index=True),
        sa.Column("siren", TEXT),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("exercice", sa.Integer),
        sa.Column("stage", TEXT),
        sa.Column("dm_number", sa.Integer, nullable=False),
        sa.Column("is_annexe", sa.Boolean, nullable=False),
        sa.Column("kind", TEXT),
        sa.Column("seal_date", TEXT),
        sa.Column("dte_str", TEXT),
        sa.Column("occultation", JSONB, nullable=False),
        sa.Column("findings", JSONB, nullable=False),
        sa.Column("mapping", JSONB, nullable=False),
        sa.Column("plan", JSONB, nullable=False),
        sa.Column("preview", JSONB, nullable=False),
        sa.Column("message", JSONB),
        sa.Column("document_id", TEXT),
        sa.Column("package_id", TEXT),
        sa.Column("resource_id", TEXT),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("settled", sa.DateTime(timezone=True)),
    )


def downgrade():
    op.drop_table("budget_batch_file")
    op.drop_table("budget_batch")
