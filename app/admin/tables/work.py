"""What people work on, and where the work is done.

Long tables (batches, jobs, pictures) are ordered by time alone, along their key; another order would read them whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import sqlalchemy as sa
from flask.typing import ResponseReturnValue

from app.admin import cells, lanes, service, sources
from app.admin.filters import Choice, Condition, days, one_of, yes_or_no
from app.admin.staff_view import Links, SourceTable, StaffTable, at
from app.generation.domain import OPEN, JobState
from app.generation.lanes import configured
from app.generation.models import IS_ACTIVE, IS_WAITING, Batch, Job
from app.library.models import Asset
from app.providers.contract import ErrorKind, Operation
from app.providers.registry import catalogue
from app.workspaces.models import Workspace

_ERRORS = {
    ErrorKind.USER_FIXABLE.value: "the request",
    ErrorKind.MODERATION.value: "moderation",
    ErrorKind.CAPACITY.value: "capacity",
    ErrorKind.PROVIDER.value: "the provider",
    ErrorKind.BUG.value: "our own fault",
}


def _same(values: type[JobState] | type[Operation]) -> dict[str, str]:
    return {each.value: each.value for each in values}


def _models() -> Mapping[str, str]:
    return {model.id: model.id for model in catalogue().models}


def _job_is(state: str) -> Condition:
    if state not in OPEN:
        return Job.state == state
    # Asked apart, along its own small index: beside an order by key both databases would rather read all rows.
    part = IS_WAITING if state == JobState.WAITING else sa.and_(IS_ACTIVE, Job.state == state)
    return Job.id.in_(sa.select(Job.id).where(part).correlate(None))


class Workspaces(SourceTable):
    source = sources.WORKSPACES
    search_words = "Id, name or e-mail address"
    about = "Projects, those that were deleted until they are swept away."
    column_list = ("name", "person", "created_at", "deleted_at")
    column_labels: ClassVar[dict[str, str]] = {
        "id": "Id",
        "name": "Name",
        "person": "Person",
        "created_at": "Made",
        "deleted_at": "Deleted",
    }
    column_sortable_list = ("name", "created_at")
    phone_columns = frozenset({"name", "person"})
    column_formatters: ClassVar[dict[str, cells.Formatter]] = {
        "name": cells.opens(lambda row: str(row.name)),
        "person": cells.person,
    }
    links: ClassVar[Links] = (
        ("Batches", "admin_batches"),
        ("Jobs", "admin_jobs"),
        ("Pictures", "admin_pictures"),
    )
    column_filters = (yes_or_no("deleted", "Deleted", Workspace.deleted_at.is_not(None)),)

    def title_of(self, row: Any) -> str:
        return str(row.name)


class Batches(SourceTable):
    source = sources.BATCHES
    is_long = True
    about = "What one click asked for, newest first."
    column_list = ("created_at", "person", "job_count", "price_estimate", "finished_at")
    column_labels: ClassVar[dict[str, str]] = {
        "id": "Id",
        "person": "Person",
        "workspace_id": "Workspace",
        "job_count": "Jobs",
        "price_estimate": "Estimate",
        "created_at": "Asked for",
        "finished_at": "Finished",
    }
    column_sortable_list = (("created_at", "id"),)
    number_columns = frozenset({"job_count", "price_estimate"})
    phone_columns = frozenset({"created_at", "person", "job_count"})
    column_formatters: ClassVar[dict[str, cells.Formatter]] = {
        "created_at": cells.opens_at,
        "person": cells.person,
        "workspace_id": cells.leads_to("admin_workspaces"),
    }
    links: ClassVar[Links] = (
        ("Jobs", "admin_jobs"),
        ("Pictures", "admin_pictures"),
    )
    column_filters = (yes_or_no("finished", "Finished", Batch.finished_at.is_not(None)), *days(Batch.id))


class Jobs(SourceTable):
    source = sources.JOBS
    is_long = True
    about = "Calls of one model each, newest first. What people wrote is not shown here."
    details_template = "admin/job.html"
    column_list = (
        "created_at",
        "state",
        "person",
        "model",
        "operation",
        "lane",
        "error_kind",
        "took",
        "price",
    )
    column_labels: ClassVar[dict[str, str]] = {
        "id": "Id",
        "state": "State",
        "error_kind": "Error of",
        "error_sentence": "Error",
        "person": "Person",
        "workspace_id": "Workspace",
        "batch_id": "Batch",
        "ordinal": "Number in it",
        "model": "Model",
        "operation": "Operation",
        "pixels": "Pixels",
        "seed": "Seed",
        "lane": "Lane",
        "reason": "Why there",
        "took": "Took",
        "expected_s": "Expected (s)",
        "price": "Price",
        "maybe_charged": "Maybe charged",
        "attempt": "Attempts",
        "submission": "Times sent",
        "failures": "Failures",
        "crashes": "Crashes",
        "created_at": "Asked for",
        "not_before": "Not before",
        "placed_at": "Placed",
        "submitted_at": "Sent",
        "started_at": "Started",
        "lease_until": "Lease until",
        "finished_at": "Finished",
        "dismissed_at": "Dismissed",
    }
    column_sortable_list = (("created_at", "id"),)
    number_columns = frozenset({"took", "price"})
    phone_columns = frozenset({"created_at", "state", "person"})
    column_formatters: ClassVar[dict[str, cells.Formatter]] = {
        "created_at": cells.opens_at,
        "state": cells.state,
        "person": cells.person,
        "error_kind": lambda _view, _context, row, _name: _ERRORS.get(row.error_kind, row.error_kind),
        "took": cells.took,
        "price": cells.charged,
        "workspace_id": cells.leads_to("admin_workspaces"),
        "batch_id": cells.leads_to("admin_batches"),
        "pixels": cells.pixels,
        "expected_s": lambda _view, _context, row, _name: f"{row.expected_s:.1f}",
    }
    links: ClassVar[Links] = (("Pictures", "admin_pictures"),)
    column_filters = (
        Choice("state", "State", _same(JobState), _job_is, quick=OPEN),
        one_of("model", "Model", Job.model, _models),
        one_of("operation", "Operation", Job.operation, _same(Operation)),
        one_of("lane", "Lane", Job.lane, lambda: {lane.id: lane.id for lane in configured()}),
        one_of("error", "Error of", Job.error_kind, _ERRORS),
        *days(Job.id),
    )

    @at("/<row_id>/prompt", "POST")
    def prompt_view(self, row_id: str) -> ResponseReturnValue:
        """The job's page with its prompt. A change, for the audit's sake: no link and no preview comes here unasked."""
        row = self.get_one(row_id)
        return self.row_page(row, prompt=service.read_prompt(row.id))


class Pictures(SourceTable):
    source = sources.PICTURES
    is_long = True
    about = "Stored pictures and videos, newest first: their figures, not what they show."
    column_list = ("created_at", "person", "kind", "source", "model", "operation", "pixels", "size", "deleted_at")
    column_labels: ClassVar[dict[str, str]] = {
        "id": "Id",
        "person": "Person",
        "workspace_id": "Workspace",
        "batch_id": "Batch",
        "job_id": "Job",
        "ordinal": "Number in it",
        "kind": "Kind",
        "source": "Source",
        "mime": "Format",
        "model": "Model",
        "operation": "Operation",
        "pixels": "Pixels",
        "duration_s": "Seconds",
        "size": "Size",
        "late": "Came late",
        "created_at": "Stored",
        "deleted_at": "In the trash since",
    }
    column_sortable_list = (("created_at", "id"),)
    number_columns = frozenset({"pixels", "size"})
    phone_columns = frozenset({"created_at", "person", "kind"})
    column_formatters: ClassVar[dict[str, cells.Formatter]] = {
        "created_at": cells.opens_at,
        "person": cells.person,
        "pixels": cells.pixels,
        "size": cells.size,
        "workspace_id": cells.leads_to("admin_workspaces"),
        "batch_id": cells.leads_to("admin_batches"),
        "job_id": cells.leads_to("admin_jobs"),
    }
    column_filters = (
        one_of("kind", "Kind", Asset.kind, {"image": "image", "video": "video"}),
        one_of("source", "Source", Asset.source, {"generated": "generated", "uploaded": "uploaded", "mask": "mask"}),
        one_of("model", "Model", Asset.model, _models),
        one_of("operation", "Operation", Asset.operation, _same(Operation)),
        yes_or_no("trashed", "In the trash", Asset.deleted_at.is_not(None)),
        *days(Asset.id),
    )


class Lanes(StaffTable):
    """The places where jobs run are configured, not rows; what was learnt of them is added."""

    about = "Where jobs run. A lane rests after its provider asked for that."
    column_list = ("name", "id", "kind", "slots", "running", "placed", "resting", "loaded_model", "pauses", "models")
    column_labels: ClassVar[dict[str, str]] = {
        "name": "Lane",
        "id": "Id",
        "kind": "Kind",
        "slots": "Slots",
        "running": "Running",
        "placed": "Placed",
        "resting": "Rests until",
        "loaded_model": "Loaded",
        "pauses": "Pauses",
        "models": "Models",
    }
    number_columns = frozenset({"slots", "running", "placed", "pauses", "models"})
    phone_columns = frozenset({"name", "slots", "running", "placed", "resting"})

    def scaffold_list_columns(self) -> list[str]:
        return list(self.column_list)

    def get_list(self, *_: object, **__: object) -> tuple[None, list[lanes.LaneRow]]:
        return None, lanes.lane_rows()
