"""The engine: batches, jobs, states, placement, run, cancel, recover."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from app.config import Settings


def register(app: Flask, settings: Settings) -> None:
    """Stop a workspace's jobs when it is deleted."""
    from app.generation import stopping
    from app.workspaces.models import Workspace
    from app.workspaces.service import on_delete

    def stop(workspace: Workspace) -> None:
        stopping.cancel_workspace(workspace.id)

    on_delete(stop)
