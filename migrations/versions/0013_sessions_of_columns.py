"""sessions of model columns with their iterations, and the turns a job continues"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TABLES = ("studio_takes", "studio_columns", "studio_sessions")


def upgrade() -> None:
    op.add_column("jobs", sa.Column("context", sa.JSON(), nullable=True))
    op.create_table(
        "studio_sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("flow", sa.String(16), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("config", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], op.f("fk_studio_sessions_owner_id_users"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], op.f("fk_studio_sessions_workspace_id_workspaces"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_studio_sessions")),
    )
    op.create_index(op.f("ix_studio_sessions_workspace_id_id"), "studio_sessions", ["workspace_id", "id"])
    op.create_index(op.f("ix_studio_sessions_owner_id_id"), "studio_sessions", ["owner_id", "id"])
    op.create_table(
        "studio_columns",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("model", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["studio_sessions.id"], op.f("fk_studio_columns_session_id_studio_sessions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_studio_columns")),
        sa.UniqueConstraint("session_id", "ordinal", name=op.f("uq_studio_columns_session_id_ordinal")),
    )  # fmt: skip
    op.create_table(
        "studio_takes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("column_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["column_id"], ["studio_columns.id"], op.f("fk_studio_takes_column_id_studio_columns"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["studio_takes.id"], op.f("fk_studio_takes_parent_id_studio_takes"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], op.f("fk_studio_takes_job_id_jobs"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_studio_takes")),
        sa.UniqueConstraint("column_id", "number", name=op.f("uq_studio_takes_column_id_number")),
        sa.UniqueConstraint("job_id", name=op.f("uq_studio_takes_job_id")),
    )
    op.create_index(op.f("ix_studio_takes_parent_id"), "studio_takes", ["parent_id"])


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    op.drop_column("jobs", "context")
