"""what a workspace spent, day by day"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_COST_MONEY = sa.text("price_actual > 0")


def upgrade() -> None:
    op.create_index(
        "ix_jobs_paid", "jobs", ["workspace_id", "id"], sqlite_where=_COST_MONEY, postgresql_where=_COST_MONEY
    )


def downgrade() -> None:
    op.drop_index("ix_jobs_paid", "jobs")
