"""Mandates, their documents, requests; the mandate under which a file is deposited.

Revision ID: 0004_mandates
Revises: 0003_deposit
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004_mandates"
down_revision = "0003_deposit"
branch_labels = None
depends_on = None

TEXT = sa.UnicodeText


def upgrade():
    op.create_table(
        "budget_mandate",
        sa.Column("id", TEXT, primary_key=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("siren", TEXT, nullable=False, index=True),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("user_id", TEXT, index=True),
        sa.Column("by_org", TEXT, index=True),
        sa.Column("exercice_from", sa.Integer),
        sa.Column("exercice_to", sa.Integer),
        sa.Column("stages", JSONB, nullable=False),
        sa.Column("starts", sa.Date, nullable=False),
        sa.Column("ends", sa.Date),
        sa.Column("reference", TEXT, nullable=False),
        sa.Column("reference_url", TEXT, nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", TEXT),
        sa.Column("ended", sa.DateTime(timezone=True)),
        sa.Column("ended_by", TEXT),
        sa.Column("taken_over", sa.Boolean, nullable=False),
    )
    op.create_table(
        "budget_mandate_file",
        sa.Column("mandate_id", TEXT, primary_key=True),
        sa.Column("filename", TEXT, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "budget_request",
        sa.Column("id", TEXT, primary_key=True),
        sa.Column("user_id", TEXT, nullable=False, index=True),
        sa.Column("owner_org", TEXT),
        sa.Column("siren", TEXT, nullable=False, index=True),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False, index=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", TEXT, nullable=False),
        sa.Column("answered", sa.DateTime(timezone=True)),
        sa.Column("answered_by", TEXT),
        sa.Column("mandate_id", TEXT),
        sa.Column("organization_id", TEXT),
    )
    op.add_column("budget_batch_file", sa.Column("mandate_id", TEXT))
    op.add_column("budget_batch_file", sa.Column("approved_by", TEXT))
    op.add_column("budget_document", sa.Column("on_behalf", JSONB))


def downgrade():
    op.drop_column("budget_document", "on_behalf")
    op.drop_column("budget_batch_file", "approved_by")
    op.drop_column("budget_batch_file", "mandate_id")
    op.drop_table("budget_request")
    op.drop_table("budget_mandate_file")
    op.drop_table("budget_mandate")
