from __future__ import annotations

import io
import json
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from app import limits

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"

JSON_ROUTES = ["/api/probe/echo", "/api/probe/wish", "/api/probe/generate", "/probe/ignores-the-body", "/api/nothing"]


def code(answer: Any) -> str:
    return str(answer.get_json()["error"]["code"])


@pytest.mark.parametrize("path", JSON_ROUTES)
def test_three_thousand_brackets_are_refused_wherever_they_arrive(client: FlaskClient, path: str) -> None:
    answer = client.post(path, data="[" * 3_000, content_type=JSON, headers={"Accept": JSON})
    assert (answer.status_code, code(answer)) == (422, "json_too_deep")


@pytest.mark.parametrize("path", JSON_ROUTES)
@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"prompt": NaN}', 422),
        (b'{"prompt": 1e999}', 422),
        (b'{"prompt": "a", "prompt": "b"}', 422),
        (rb'{"prompt": "\u0000"}', 422),
        (rb'{"prompt": "\ud800"}', 422),
        (b'{"count": ' + b"9" * 5_000 + b"}", 422),
        (b"{", 400),
        (b"\xff\xfe", 400),
    ],
)
def test_hostile_json_is_refused_wherever_it_arrives(client: FlaskClient, path: str, body: bytes, status: int) -> None:
    answer = client.post(path, data=body, content_type=JSON, headers={"Accept": JSON})
    assert answer.status_code == status
    assert answer.get_json()["error"]["request_id"] == answer.headers["X-Request-Id"]


def test_a_json_body_may_be_full_and_not_fuller(client: FlaskClient) -> None:
    def body(size: int) -> bytes:
        return b'"' + b"x" * (size - 2) + b'"'

    assert client.post("/api/probe/echo", data=body(limits.JSON_BODY_BYTES), content_type=JSON).status_code == 200
    over = client.post("/api/probe/echo", data=body(limits.JSON_BODY_BYTES + 1), content_type=JSON)
    assert (over.status_code, code(over)) == (413, "body_too_large")


def in_chunks(client: FlaskClient, path: str, body: bytes, kind: str) -> Any:
    return client.post(
        path,
        input_stream=io.BytesIO(body),
        content_type=kind,
        headers={"Accept": JSON},
        environ_overrides={"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
    )


def test_a_body_without_length_is_counted_while_it_is_read(client: FlaskClient) -> None:
    full = b'"' + b"x" * (limits.JSON_BODY_BYTES - 2) + b'"'
    assert in_chunks(client, "/api/probe/echo", full, JSON).status_code == 200
    for more in (full + b" ", full * 3):
        over = in_chunks(client, "/api/probe/echo", more, JSON)
        assert (over.status_code, code(over)) == (413, "body_too_large")
    full = b"a=" + b"x" * (limits.FORM_BODY_BYTES - 2)
    assert in_chunks(client, "/probe/form", full, FORM).status_code == 200
    assert in_chunks(client, "/probe/form", full + b"x", FORM).status_code == 413
    parts = b'--x\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n' + b"x" * limits.FORM_BODY_BYTES
    assert in_chunks(client, "/probe/form", parts + b"\r\n--x--", "multipart/form-data; boundary=x").status_code == 413


def test_a_form_may_be_full_and_not_fuller(client: FlaskClient) -> None:
    room = limits.FORM_BODY_BYTES - len("a=")
    assert client.post("/probe/form", data="a=" + "x" * room, content_type=FORM).status_code == 200
    over = client.post("/probe/form", data="a=" + "x" * (room + 1), content_type=FORM, headers={"Accept": JSON})
    assert (over.status_code, code(over)) == (413, "body_too_large")


@pytest.mark.parametrize("multipart", [False, True])
def test_a_form_may_have_a_hundred_parts_and_no_more(client: FlaskClient, multipart: bool) -> None:
    def post(count: int) -> Any:
        fields = {f"field{number}": "x" for number in range(count)}
        if multipart:
            return client.post("/probe/form", data=fields, content_type="multipart/form-data", headers={"Accept": JSON})
        return client.post("/probe/form", data=urlencode(fields), content_type=FORM, headers={"Accept": JSON})

    assert len(post(limits.FORM_PARTS).get_json()) == limits.FORM_PARTS
    assert post(limits.FORM_PARTS + 1).status_code == 413


def test_the_fields_of_a_multipart_form_are_counted_together(client: FlaskClient) -> None:
    half = "x" * (limits.FORM_BODY_BYTES // 2 + 1)
    answer = client.post("/probe/form", data={"a": half, "b": half}, content_type="multipart/form-data")
    assert answer.status_code == 413


def upload(client: FlaskClient, sizes: list[int]) -> Any:
    files = {f"file{number}": (io.BytesIO(b"x" * size), f"{number}.png") for number, size in enumerate(sizes)}
    return client.post("/probe/form", data=files, content_type="multipart/form-data", headers={"Accept": JSON})


def test_strangers_upload_no_more_than_a_form(client: FlaskClient) -> None:
    assert upload(client, [1_000]).status_code == 200
    assert upload(client, [limits.FORM_BODY_BYTES]).status_code == 413


@pytest.fixture
def member(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    monkeypatch.setattr("app.web.hygiene.signed_in", lambda: True)
    return client


def test_eight_files_at_once_and_no_more(member: FlaskClient) -> None:
    assert upload(member, [10] * limits.UPLOAD_FILES).status_code == 200
    over = upload(member, [10] * (limits.UPLOAD_FILES + 1))
    assert (over.status_code, code(over)) == (413, "file_too_large")


def test_a_file_may_be_full_and_not_fuller(member: FlaskClient) -> None:
    assert upload(member, [limits.UPLOAD_FILE_BYTES]).status_code == 200
    over = upload(member, [limits.UPLOAD_FILE_BYTES + 1])
    assert (over.status_code, code(over)) == (413, "file_too_large")


def test_an_upload_request_is_refused_by_its_announced_size(member: FlaskClient) -> None:
    over = member.post(
        "/probe/form",
        content_type="multipart/form-data; boundary=x",
        headers={"Accept": JSON},
        environ_overrides={"CONTENT_LENGTH": str(limits.UPLOAD_REQUEST_BYTES + 1)},
    )
    assert (over.status_code, code(over)) == (413, "body_too_large")


@pytest.mark.parametrize("value", ["a%00b", "%00"])
def test_nul_is_refused_in_forms_and_queries_and_finds_nothing_in_paths(client: FlaskClient, value: str) -> None:
    for data in (f"name={value}", f"{value}=x"):
        answer = client.post("/probe/form", data=data, content_type=FORM, headers={"Accept": JSON})
        assert (answer.status_code, code(answer)) == (422, "invalid_character")
        assert client.get(f"/api/probe/plain?{data}").status_code == 422
    assert client.get(f"/probe/text/{value}").status_code == 404


@pytest.mark.parametrize("value", ["%ed%a0%80", "%ff", "%", "%u0000", "%e2%80%ae", "%f4%90%80%80"])
def test_odd_escapes_never_break_anything(client: FlaskClient, value: str) -> None:
    assert client.get(f"/probe/text/{value}").status_code < 500
    assert client.get(f"/api/probe/plain?a={value}&{value}=b").status_code < 500
    assert client.post("/probe/form", data=f"a={value}&{value}=b", content_type=FORM).status_code < 500


def test_nul_is_refused_in_multipart_fields_and_file_names(client: FlaskClient) -> None:
    fields = client.post("/probe/form", data={"a": "x\0y"}, content_type="multipart/form-data")
    assert fields.status_code == 422
    name = client.post("/probe/form", data={"f": (io.BytesIO(b"x"), "a\0.png")}, content_type="multipart/form-data")
    assert name.status_code < 500


def test_a_repeated_parameter_is_a_bad_request_that_names_it(client: FlaskClient) -> None:
    answer = client.get("/api/probe/plain?id=1&id=2")
    assert (answer.status_code, code(answer)) == (400, "repeated_parameter")
    assert list(answer.get_json()["error"]["fields"]) == ["id"]
    assert client.get("/api/probe/plain?id=1&other=1").status_code == 200


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/xml", "image/png", "", "application/x-www-form-urlencoded"]
)
def test_the_api_takes_json_only_when_it_is_announced(client: FlaskClient, kind: str) -> None:
    answer = client.post("/api/probe/wish", data=json.dumps({"prompt": "x"}), content_type=kind)
    assert (answer.status_code, code(answer)) == (415, "unsupported_media_type")


def test_a_call_without_a_body_needs_no_format(client: FlaskClient) -> None:
    assert client.post("/api/probe/generate").status_code == 200
    assert client.post("/api/probe/generate", content_type=JSON).status_code == 200


def test_a_method_that_is_not_offered_is_answered_with_those_that_are(client: FlaskClient) -> None:
    answer = client.delete("/api/probe/echo")
    assert (answer.status_code, code(answer)) == (405, "method_not_allowed")
    assert set(answer.headers["Allow"].split(", ")) == {"OPTIONS", "POST"}


def test_an_address_may_be_long_and_not_longer(client: FlaskClient) -> None:
    path = "/api/probe/plain?a="
    assert client.get(path + "x" * (limits.URL_CHARS - len(path))).status_code == 200
    over = client.get(path + "x" * (limits.URL_CHARS - len(path) + 1))
    assert (over.status_code, code(over)) == (414, "url_too_long")


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1@evil", "", "[::1", "a b"])
def test_other_host_names_are_refused(client: FlaskClient, host: str) -> None:
    for path in ("/", "/api/health", "/static/css/base.css"):
        answer = client.get(path, headers={"Host": host})
        assert answer.status_code == 400
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        if host:
            assert host not in answer.get_data(as_text=True)


def test_fields_nobody_asked_for_are_named(client: FlaskClient) -> None:
    answer = client.post("/api/probe/wish", json={"prompt": "x", "is_admin": True})
    assert (answer.status_code, code(answer)) == (422, "unknown_field")
    assert answer.get_json()["error"]["fields"] == {"is_admin": "There is no such field. Leave it out."}


def test_a_text_that_is_too_long_says_so_in_its_code(client: FlaskClient) -> None:
    by_schema = client.post("/api/probe/wish", json={"prompt": "x" * 21})
    by_rule = client.post("/api/probe/wish", json={"prompt": "x" * 11})
    assert code(by_schema) == code(by_rule) == "too_long"
    assert "at most 10 characters; this has 11" in by_rule.get_json()["error"]["message"]
