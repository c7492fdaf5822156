"""variations of prompts that were written before, and what a job's prompt was made of"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("jobs", sa.Column("enhanced_from", sa.Text(), nullable=True))
    op.create_table(
        "enhancements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("prompts", sa.JSON(), nullable=False),
        sa.Column("model", sa.String(120), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], op.f("fk_enhancements_owner_id_users"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enhancements")),
        sa.UniqueConstraint("owner_id", "digest", name=op.f("uq_enhancements_owner_id_digest")),
    )
    op.create_index(op.f("ix_enhancements_owner_id_written_at"), "enhancements", ["owner_id", "written_at"])


def downgrade() -> None:
    op.drop_table("enhancements")
    op.drop_column("jobs", "enhanced_from")
