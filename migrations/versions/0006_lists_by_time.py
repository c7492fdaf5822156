"""lists of a person's jobs and batches by time"""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_batches_owner_id_id", "batches", ["owner_id", "id"])
    op.create_index("ix_jobs_owner_id_id", "jobs", ["owner_id", "id"])
    op.create_index("ix_jobs_owner_id_state_id", "jobs", ["owner_id", "state", "id"])
    op.drop_index("ix_jobs_owner_id_state", "jobs")


def downgrade() -> None:
    op.create_index("ix_jobs_owner_id_state", "jobs", ["owner_id", "state"])
    op.drop_index("ix_jobs_owner_id_state_id", "jobs")
    op.drop_index("ix_jobs_owner_id_id", "jobs")
    op.drop_index("ix_batches_owner_id_id", "batches")
