from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web.local_paths import local_path


@pytest.mark.parametrize("target", ["/", "/a/b?c=d&e=f", "/images/é", "/a//b", "/%2f%2fevil", "/a@b:c"])
def test_paths_of_ours_are_kept(target: str) -> None:
    assert local_path(target) == target


@pytest.mark.parametrize(
    "target",
    [
        None,
        "",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https:evil.example",
        "https://evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "javascript:alert(1)",
        " /a",
        "a",
        "/a\\b",
        "/\x00",
    ],
)
def test_everything_else_leads_home(target: str | None) -> None:
    assert local_path(target) == "/"
    assert local_path(target, "/else") == "/else"


@given(st.text(alphabet="/\\:@.%?#ab \t\n\x00", max_size=12))
def test_no_target_leaves_this_host(target: str) -> None:
    # Browsers fold backslashes into slashes and drop tabs and line feeds.
    seen = local_path(target).replace("\\", "/").replace("\t", "").replace("\n", "")
    assert urlsplit(urljoin("http://ours.example/page", seen)).netloc == "ours.example"
