"""Requests made up from the API's own description: no answer is a failure of ours, and every answer is as described."""

from __future__ import annotations

import contextvars
import io
from typing import Any

import pytest
import schemathesis
from apiflask import APIFlask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from PIL import Image
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.api import images
from app.db import db
from app.fetch import FetchFailed
from tests.app.api.conftest import Caller

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
# Requests made up for each call. The second database is asked less: only what it cannot store is its own.
MADE_UP = {"sqlite": 14, "postgresql": 6}


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Made-up addresses lead to a picture or to nothing, but never out of here."""
    picture = io.BytesIO()
    Image.new("RGB", (32, 32), "red").save(picture, "PNG")

    def fetch(url: str, **_: Any) -> bytes:
        if len(url) % 2:
            raise FetchFailed
        return picture.getvalue()

    monkeypatch.setattr(images, "fetch_image", fetch)


def requests_for(operation: APIOperation, owned: dict[str, str]) -> st.SearchStrategy[Case]:
    """Of right and of wrong kind, about what is not there and about what is."""
    ids = {parameter.name: owned[parameter.name] for parameter in operation.path_parameters}
    kinds = [operation.as_strategy(), operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)]
    if ids:
        kinds.append(operation.as_strategy(path_parameters=ids))
    return st.one_of(kinds)


@pytest.mark.timeout(300)  # a quarter of that on a quiet machine
def test_no_request_finds_a_fault_or_an_answer_that_is_not_described(
    app: APIFlask, call: Caller, owned: dict[str, str]
) -> None:
    # Called directly, nothing would unpack a compressed answer.
    headers = {"Authorization": f"Bearer {call.key}", "Accept-Encoding": "identity"}
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", app)
    operations = [found.ok() for found in schema.get_all_operations()]
    # What deletes comes last, so that the others find something.
    operations.sort(key=lambda operation: operation.method == "delete")
    effort = settings(
        max_examples=MADE_UP[db.engine.dialect.name],
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    faults = []
    for operation in operations:

        @effort
        @given(requests_for(operation, owned))
        def ask(case: Case) -> None:
            if case.path == "/api/live":
                case.query = {**(case.query or {}), "wait": 0}
            # In a context of its own: the test holds an application context, whose `g` requests would share.
            answer = contextvars.Context().run(case.call, headers=headers)
            case.validate_response(answer, checks=CHECKS)

        try:
            ask()
        except FailureGroup as fault:
            faults.append(f"{operation.label}: {fault}")
    assert len(operations) > 45
    assert not faults, "\n\n".join(faults)
