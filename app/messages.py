"""What is said to workers: every task and every queue by name, as data, so that no side needs the other's code."""

from __future__ import annotations

from enum import StrEnum


class TaskName(StrEnum):
    """Every task by name; worker/ holds a function for each (a test compares the two)."""

    PLACE = "generation.place"
    RUN_JOB = "generation.run_job"
    SWEEP = "generation.sweep"
    CHECK_INVARIANTS = "generation.check_invariants"
    SEND_MAIL = "accounts.send_mail"
    SWEEP_MAIL = "accounts.sweep_mail"
    CHECK_PROVIDER_KEY = "accounts.check_provider_key"
    SWEEP_FILES = "library.sweep_files"
    LOOK_AT_LIFETIMES = "offers.look_at_lifetimes"
    ANSWER_CHAT = "chat.answer"
    SWEEP_CHAT = "chat.sweep"
    ENHANCE = "enhancing.write"
    SWEEP_ENHANCING = "enhancing.sweep"
    HEARTBEAT = "health.heartbeat"


class QueueName(StrEnum):
    GENERATE = "generate"
    CONTROL = "control"
    MAIL = "mail"


QUEUE_OF = {
    TaskName.PLACE: QueueName.CONTROL,
    TaskName.RUN_JOB: QueueName.GENERATE,
    TaskName.SWEEP: QueueName.CONTROL,
    TaskName.CHECK_INVARIANTS: QueueName.CONTROL,
    TaskName.SEND_MAIL: QueueName.MAIL,
    TaskName.SWEEP_MAIL: QueueName.MAIL,
    # Waits for somebody else's server and is waited for, like mail.
    TaskName.CHECK_PROVIDER_KEY: QueueName.MAIL,
    TaskName.SWEEP_FILES: QueueName.CONTROL,
    # Asks providers, so it must not stand before what only reads rows.
    TaskName.LOOK_AT_LIFETIMES: QueueName.MAIL,
    # Waiting for a provider, like following a job.
    TaskName.ANSWER_CHAT: QueueName.GENERATE,
    TaskName.SWEEP_CHAT: QueueName.CONTROL,
    TaskName.ENHANCE: QueueName.GENERATE,
    TaskName.SWEEP_ENHANCING: QueueName.CONTROL,
    TaskName.HEARTBEAT: QueueName.CONTROL,
}
