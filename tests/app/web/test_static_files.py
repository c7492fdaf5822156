from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.web import script_bundle
from app.web.static_files import FOR_EVER, StaticFolder, static_url


@pytest.fixture
def folder(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "js").mkdir()
    (tmp_path / "js" / "app.js").write_text("export const words = 'many words';\n" * 200)
    (tmp_path / "small.css").write_text("a{}")
    (tmp_path / "pixel.png").write_bytes(b"\x89PNG" + b"\0" * 5_000)
    monkeypatch.setitem(app.extensions, "static_folder", StaticFolder(tmp_path))
    monkeypatch.setattr("app.web.static_files.LOOK_EVERY_S", 0)
    return tmp_path


def url(app: Flask, path: str) -> str:
    with app.app_context():
        return static_url(path)


def test_an_address_with_the_version_is_kept_for_ever(app: Flask, client: FlaskClient, folder: Path) -> None:
    address = url(app, "js/app.js")
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == FOR_EVER
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers.get("Vary", "")


def test_a_changed_file_changes_the_address_and_the_old_one_is_kept_no_longer(
    app: Flask, client: FlaskClient, folder: Path
) -> None:
    before = url(app, "js/app.js")
    (folder / "small.css").write_text("a{color:red}")
    after = url(app, "js/app.js")
    assert before != after
    assert client.get(before).headers["Cache-Control"] == "no-cache"
    assert client.get(after).headers["Cache-Control"] == FOR_EVER
    assert client.get("/static/js/app.js").headers["Cache-Control"] == "no-cache"


def test_the_version_depends_on_contents_not_on_times_or_machines(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    copy = tmp_path_factory.mktemp("copy") / "static"
    shutil.copytree(folder, copy, copy_function=shutil.copyfile)
    assert StaticFolder(folder).version() == StaticFolder(copy).version()
    (copy / "small.css").rename(copy / "other.css")
    assert StaticFolder(folder).version() != StaticFolder(copy).version()


def test_texts_are_packed_for_those_who_take_it(client: FlaskClient, folder: Path) -> None:
    plain = client.get("/static/js/app.js")
    packed = client.get("/static/js/app.js", headers={"Accept-Encoding": "br, gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data) / 5
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"
    assert packed.mimetype == "text/javascript"


def test_a_packed_file_follows_its_source(client: FlaskClient, folder: Path) -> None:
    client.get("/static/js/app.js", headers={"Accept-Encoding": "gzip"})
    (folder / "js" / "app.js").write_text("new words;\n" * 300)
    packed = client.get("/static/js/app.js", headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed.data).startswith(b"new words")


def test_small_files_and_pictures_stay_as_they_are(client: FlaskClient, folder: Path) -> None:
    for path in ("small.css", "pixel.png"):
        assert "Content-Encoding" not in client.get(f"/static/{path}", headers={"Accept-Encoding": "gzip"}).headers


@pytest.mark.parametrize("accept", ["gzip", "identity"])
def test_what_a_browser_has_is_not_sent_again(client: FlaskClient, folder: Path, accept: str) -> None:
    first = client.get("/static/js/app.js", headers={"Accept-Encoding": accept})
    again = client.get("/static/js/app.js", headers={"Accept-Encoding": accept, "If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize(
    "path",
    ["../app/config.py", "%2e%2e/secret", "..%2fsecret", "js", "js/", "//etc/passwd", "js/..%5c..%5cx", "nowhere.js"],
)
def test_nothing_outside_the_folder_is_served(client: FlaskClient, folder: Path, path: str) -> None:
    (folder.parent / "secret").write_text("secret")
    assert client.get(f"/static/{path}").status_code in {404, 308}
    assert client.get(f"/static/v/abc/{path}").status_code in {404, 308}


def test_the_script_of_all_pages_comes_with_its_modules(app: Flask, client: FlaskClient, folder: Path) -> None:
    (folder / "js" / "app.js").write_text('import { a } from "./a.js";\na();\n')
    (folder / "js" / "a.js").write_text("export const a = () => 1;\n")
    (folder / "built").mkdir()
    (folder / script_bundle.BUNDLE).write_text(f"{script_bundle.heading(folder)}\n(()=>1)();\n")
    address = url(app, "js/app.js")
    packed = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed.data) == b"(()=>1)();\n"
    assert packed.headers["Cache-Control"] == FOR_EVER
    assert 'from "./a.js"' in client.get(address, headers={"Accept-Encoding": "identity"}).text


def test_while_somebody_works_on_scripts_each_comes_as_it_is(app: Flask, client: FlaskClient, folder: Path) -> None:
    (folder / "js" / "app.js").write_text("work();\n")
    (folder / "built").mkdir()
    (folder / script_bundle.BUNDLE).write_text(f"{script_bundle.heading(folder)}\nold();\n")
    (folder / "js" / "more.js").write_text("more();\n")
    packed = client.get(url(app, "js/app.js"), headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed.data) == b"work();\n"


def test_a_style_sheet_comes_with_those_it_imports(app: Flask, client: FlaskClient, folder: Path) -> None:
    (folder / "css" / "parts").mkdir(parents=True)
    whole = folder / "css" / "whole.css"
    whole.write_text('/* All. */\n@import url("base.css");\n@import url("parts/field.css");\n')
    (folder / "css" / "base.css").write_text('a { src: url("../font.woff2") }\n')
    (folder / "css" / "parts" / "field.css").write_text(
        'b { background: url("../../img/a.svg") }\nc { background: url("data:x") }\n'
    )

    def served(**headers: str) -> str:
        answer = client.get(url(app, "css/whole.css"), headers=headers)
        packed = answer.headers.get("Content-Encoding") == "gzip"
        return (gzip.decompress(answer.data) if packed else answer.data).decode()

    assert served(**{"Accept-Encoding": "gzip"}) == (
        'a { src: url("../font.woff2") }\nb { background: url("../img/a.svg") }\nc { background: url("data:x") }\n'
    )
    (folder / "css" / "base.css").write_text("a { color: red }\n")
    assert "color: red" in served(**{"Accept-Encoding": "gzip"})
    # Whoever takes no packed files follows the imports.
    assert served(**{"Accept-Encoding": "identity"}) == whole.read_text()
