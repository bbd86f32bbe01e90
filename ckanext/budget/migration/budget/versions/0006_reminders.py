"""Who is reminded by mail of the documents that a collectivité has still to publish; and the index from which the
dashboard reads what every collectivité has published.

Revision ID: 0006_reminders
Revises: 0007_figures
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006_reminders"
down_revision = "0005_mails_and_jobs"
branch_labels = None
depends_on = None

TEXT = sa.UnicodeText


def upgrade():
    op.create_table(
        "budget_reminder",
        sa.Column("id", TEXT, primary_key=True),
        sa.Column("user_id", TEXT, nullable=False),
        sa.Column("siren", TEXT, nullable=False, index=True),
        sa.Column("language", TEXT, nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent", JSONB, nullable=False),
        sa.Column("last_sent", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("user_id", "siren"),
    )
    # 100,000 documents of 5,000 collectivités: read from this index alone, not from rows that carry reports
    op.create_index(
        "ix_budget_document_coverage",
        "budget_document",
        ["siren", "exercice", "stage", "package_id"],
        postgresql_where=sa.text("status = 'converted' AND NOT is_annexe"),
    )


def downgrade():
    op.drop_index("ix_budget_document_coverage", "budget_document")
    op.drop_table("budget_reminder")
