from __future__ import annotations

import pytest

from scripts.scan_committed import findings


# Put together here so that the scan does not find its own test.
@pytest.mark.parametrize(
    "secret",
    [
        "-----BEGIN " + "PRIVATE KEY-----",
        "sk-" + "ant-" + "a1B2" * 10,
        "AIza" + "Z9_-x" * 7,
        "sk_live_" + "a1B2" * 5,
        "AKIA" + "Q7" * 8,
        "ghp_" + "a1B2" * 9,
        "postgresql://darkroom:" + "correcthorse@db/darkroom",
    ],
)
def test_a_secret_is_found_on_its_line(secret: str) -> None:
    assert [line for line, _ in findings("app/config.py", f"first\nkey = '{secret}'\n")] == [2]


def test_addresses_are_refused_in_lock_files_and_nowhere_else() -> None:
    line = '"resolved": "https://registry.example/htmx.tgz"'
    assert len(list(findings("package-lock.json", line))) == 1
    assert len(list(findings("requirements-dev.txt", "--index-url https://registry.example/"))) == 1
    assert list(findings("README.md", line)) == []


def test_a_placeholder_is_no_secret() -> None:
    text = "smtp://user:password@host:587 and postgresql://darkroom:${POSTGRES_PASSWORD}@db/darkroom and sk-..."
    assert list(findings(".env.example", text)) == []


def test_a_string_marked_as_made_up_passes() -> None:
    key = "AIza" + "Z9_-x" * 7
    assert list(findings("tests/app/web/test_logs.py", f'("query", "key", "{key}"),  # made up')) == []
