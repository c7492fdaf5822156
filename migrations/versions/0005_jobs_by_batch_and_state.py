"""jobs by batch and state"""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_jobs_batch_id_state", "jobs", ["batch_id", "state"])


def downgrade() -> None:
    op.drop_index("ix_jobs_batch_id_state", "jobs")
