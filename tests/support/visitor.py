"""A browser without a screen: signs in, carries the CSRF token, sends forms."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from apiflask import APIFlask
from werkzeug.test import TestResponse

PASSWORD = "a quite long pass phrase"  # made up


class Visitor:
    """Requests come from our own pages unless a test says otherwise."""

    def __init__(self, app: APIFlask, email: str | None = None, password: str = PASSWORD) -> None:
        self.client = app.test_client()
        self._token = ""
        if email is not None:
            self.get("/auth/login")
            answer = self.post("/auth/login", {"email": email, "password": password})
            assert answer.status_code == 302, answer.get_data(as_text=True)

    def get(self, path: str, **more: Any) -> TestResponse:
        answer = self.client.get(path, **more)
        if "html" in (answer.content_type or ""):
            found = re.search(r'name="csrf-token" content="([^"]+)"', answer.get_data(as_text=True))
            self._token = found.group(1) if found else self._token
        return answer

    def post(self, path: str, form: Mapping[str, Any] | None = None, **more: Any) -> TestResponse:
        headers = {"Origin": "http://localhost", **more.pop("headers", {})}
        data = {"csrf_token": self._token, **(form or {})}
        return self.client.post(path, data=data, headers=headers, **more)

    def post_json(self, path: str, body: Any) -> TestResponse:
        """As a script of our pages calls our own API."""
        headers = {"Origin": "http://localhost", "X-CSRFToken": self._token}
        return self.client.post(path, json=body, headers=headers)
