"""Receipts by mail and who wants them; what was done to a document or a batch, step by step.

Revision ID: 0005_mails_and_jobs
Revises: 0004_mandates
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005_mails_and_jobs"
down_revision = "0004_mandates"
branch_labels = None
depends_on = None

TEXT = sa.UnicodeText


def upgrade():
    op.add_column("budget_batch", sa.Column("mail", TEXT, index=True))
    op.add_column("budget_batch", sa.Column("mail_attempts", sa.Integer, nullable=False, server_default="0"))
    op.add_column("budget_batch", sa.Column("mail_tried", sa.DateTime(timezone=True)))
    op.create_table(
        "budget_preference",
        sa.Column("user_id", TEXT, primary_key=True),
        sa.Column("receipts", TEXT, nullable=False),
        sa.Column("language", TEXT),
    )
    op.create_table(
        "budget_log",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=True),
        sa.Column("subject", TEXT, nullable=False, index=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("step", TEXT, nullable=False),
        sa.Column("detail", JSONB, nullable=False),
    )


def downgrade():
    op.drop_table("budget_log")
    op.drop_table("budget_preference")
    for name in ("mail_tried", "mail_attempts", "mail"):
        op.drop_column("budget_batch", name)
