"""Texts that a collectivité pins to its budget, and their history.

Revision ID: 0009_notes
Revises: 0008_code_totals
"""

import sqlalchemy as sa
from alembic import op

revision = "0009_notes"
down_revision = "0008_code_totals"
branch_labels = None
depends_on = None

TEXT = sa.UnicodeText


def upgrade():
    op.create_table(
        "budget_note",
        sa.Column("id", TEXT, primary_key=True),
        sa.Column("owner", TEXT, nullable=False, index=True),
        sa.Column("package_id", TEXT, nullable=False, index=True),
        sa.Column("exercice", sa.Integer, nullable=False),
        sa.Column("stage", TEXT, nullable=False),
        sa.Column("dm_number", sa.Integer, nullable=False),
        sa.Column("item", TEXT, nullable=False),
        sa.Column("text", TEXT, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("updated", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("owner", "exercice", "stage", "dm_number", "item", name="budget_note_key"),
    )
    op.create_table(
        "budget_note_revision",
        sa.Column("note_id", TEXT, primary_key=True),
        sa.Column("revision", sa.Integer, primary_key=True),
        sa.Column("text", TEXT, nullable=False),
        sa.Column("user_id", TEXT),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade():
    op.drop_table("budget_note_revision")
    op.drop_table("budget_note")
