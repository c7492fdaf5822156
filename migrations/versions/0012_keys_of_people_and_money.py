"""people's keys at providers, dollars in the ledger, budgets, and changes to the catalogue"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "provider_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(32), nullable=False),
        sa.Column("sealed_key", sa.Text(), nullable=False),
        sa.Column("last_four", sa.String(4), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("check_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("check_ok", sa.Boolean(), nullable=True),
        sa.Column("check_said", sa.String(300), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], op.f("fk_provider_keys_user_id_users"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_keys")),
        sa.UniqueConstraint("user_id", "provider", name=op.f("uq_provider_keys_user_id_provider")),
    )
    op.add_column("usage_entries", sa.Column("amount", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("usage_entries", sa.Column("provider", sa.String(32), nullable=False, server_default=""))
    op.add_column("usage_entries", sa.Column("model", sa.String(64), nullable=False, server_default=""))
    op.add_column("usage_entries", sa.Column("own_key", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("daily_usage", sa.Column("amount", sa.BigInteger(), nullable=False, server_default="0"))
    op.create_table(
        "budgets",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("daily", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], op.f("fk_budgets_owner_id_users"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("owner_id", name=op.f("pk_budgets")),
    )
    op.create_table(
        "catalogue_overrides",
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=True),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", "name", name=op.f("pk_catalogue_overrides")),
    )


def downgrade() -> None:
    op.drop_table("catalogue_overrides")
    op.drop_table("budgets")
    op.drop_column("daily_usage", "amount")
    for column in ("own_key", "model", "provider", "amount"):
        op.drop_column("usage_entries", column)
    op.drop_table("provider_keys")
