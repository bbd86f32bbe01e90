"""Withdrawn documents: who, when, why; their files.

Revision ID: 0002_withdrawals
Revises: 0001_documents
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002_withdrawals"
down_revision = "0001_documents"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("budget_document", sa.Column("withdrawal", JSONB))
    op.create_table(
        "budget_withdrawn_file",
        sa.Column("document_id", sa.UnicodeText, primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("resource", JSONB, nullable=False),
    )


def downgrade():
    op.drop_table("budget_withdrawn_file")
    op.drop_column("budget_document", "withdrawal")
