"""Files under static/, cached by browsers for a year under an address that changes with their content.

The version is one hash over the whole folder and stands before the path (/static/v/<hash>/js/app.js), so that the
relative imports of modules and the url() of style sheets carry it too. An address without it, or with an old one, is
answered with the file of today and a short memory.

A style sheet that imports others is served with them in it, and the script of all pages with its modules
(app/web/script_bundle.py), both without their comments: a file for each part, with its reasons, is for those who write
them, one for all of them is for the network. Whoever takes nothing packed gets the files as they are written.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import posixpath
import re
import threading
import time
from pathlib import Path

from flask import Blueprint, Flask, Response, current_app, request, send_from_directory
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from werkzeug.exceptions import NotFound
from werkzeug.security import safe_join

from app.web import script_bundle
from app.web.compression import MIN_BYTES, TEXT, accepts_gzip

FOR_EVER = "public, max-age=31536000, immutable"
# How long a change of a file may go unnoticed; a look costs a stat of each file.
LOOK_EVERY_S = 2.0
ENDPOINTS = frozenset({"static", "web.versioned_static"})
_IMPORT = re.compile(r'^@import url\("([^"]+)"\);$', re.MULTILINE)
# Not what begins with /*!, the notice of a licence.
_COMMENT = re.compile(r"[ \t]*/\*(?!!).*?\*/\n?", re.DOTALL)
_RELATIVE_URL = re.compile(r'url\("(?!data:|/)([^"]+)"\)')

bp = Blueprint("web", __name__)


class PageSessions(SecureCookieSessionInterface):
    """Cookie sessions that leave files alone: Flask-Login looks at every request's session, and Flask would then answer
    `Vary: Cookie`, which makes a browser fetch each file again whenever its session changes."""

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if request.endpoint not in ENDPOINTS:
            super().save_session(app, session, response)


class StaticFolder:
    """The files of one folder: its version, and packed copies of its texts. Safe for threads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._looked_at = float("-inf")
        self._version = ""
        self._hashes: dict[Path, tuple[int, int, str]] = {}
        self._packed: dict[Path, tuple[str, bytes]] = {}

    def version(self) -> str:
        """Twelve hex digits over the paths and contents of all files."""
        with self._lock:
            if time.monotonic() - self._looked_at > LOOK_EVERY_S:
                self._version = self._look()
                self._looked_at = time.monotonic()
            return self._version

    def packed(self, path: Path) -> bytes:
        """The file's content in gzip, with what travels with it; packed when first asked for."""
        facts = path.stat()
        state = self.version() if self.brings_others(path) else f"{facts.st_size} {facts.st_mtime_ns}"
        known = self._packed.get(path)
        if known and known[0] == state:
            return known[1]
        packed = gzip.compress(self._joined(path), 9, mtime=0)
        self._packed[path] = (state, packed)
        return packed

    def brings_others(self, path: Path) -> bool:
        """Whether more than this file is served at its address."""
        if path.suffix == ".css":
            return b"@import" in path.read_bytes()
        return path == self.folder / script_bundle.ENTRY

    def _joined(self, path: Path) -> bytes:
        if path.suffix == ".css":
            return joined_sheet(path)
        bundle = script_bundle.read(self.folder) if self.brings_others(path) else None
        return path.read_bytes() if bundle is None else bundle

    def _look(self) -> str:
        whole = hashlib.sha256()
        for path in sorted(self.folder.rglob("*")):
            if path.is_file():
                whole.update(f"{path.relative_to(self.folder).as_posix()}\0{self._hash(path)}\n".encode())
        return whole.hexdigest()[:12]

    def _hash(self, path: Path) -> str:
        facts = path.stat()
        known = self._hashes.get(path)
        if known and known[:2] == (facts.st_size, facts.st_mtime_ns):
            return known[2]
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        self._hashes[path] = (facts.st_size, facts.st_mtime_ns, found)
        return found


def joined_sheet(path: Path) -> bytes:
    """A style sheet with those it imports in their places; what they point at is still found from here. No comments."""

    def inlined(found: re.Match[str]) -> str:
        address = found.group(1)
        text = (path.parent / address).read_text(encoding="utf-8")
        folder = posixpath.dirname(address)
        return _RELATIVE_URL.sub(
            lambda url: f'url("{posixpath.normpath(posixpath.join(folder, url.group(1)))}")', text
        ).rstrip()

    return _COMMENT.sub("", _IMPORT.sub(inlined, path.read_text(encoding="utf-8"))).encode()


def register(app: Flask) -> None:
    app.extensions["static_folder"] = StaticFolder(Path(app.static_folder or "static"))
    app.view_functions["static"] = static_file
    app.session_interface = PageSessions()
    app.jinja_env.globals["static_url"] = static_url
    app.register_blueprint(bp)


def static_url(path: str) -> str:
    """The address of a file under static/, with the version. Needs no request."""
    return f"/static/v/{_static_folder().version()}/{path.lstrip('/')}"


@bp.get("/static/v/<version>/<path:filename>", endpoint="versioned_static")
def versioned_static_file(version: str, filename: str) -> Response:
    response = static_file(filename)
    if version == _static_folder().version():
        response.headers["Cache-Control"] = FOR_EVER
    return response


def static_file(filename: str) -> Response:
    """Serve a file, packed when it is a text and the browser takes it. Raises NotFound."""
    static = _static_folder()
    kind = mimetypes.guess_type(filename)[0] or "application/octet-stream"
    joined = safe_join(str(static.folder), filename)
    path = Path(joined) if joined else None
    if path is None or not path.is_file():
        raise NotFound
    if kind not in TEXT or not accepts_gzip() or (path.stat().st_size < MIN_BYTES and not static.brings_others(path)):
        response = send_from_directory(static.folder, filename, mimetype=kind)
    else:
        content = static.packed(path)
        response = current_app.response_class(content, mimetype=kind)
        response.headers["Content-Encoding"] = "gzip"
        response.set_etag(hashlib.sha256(content).hexdigest()[:16])
        response.make_conditional(request)
    response.headers["Cache-Control"] = "no-cache"
    if kind in TEXT:
        response.vary.add("Accept-Encoding")
    return response


def _static_folder() -> StaticFolder:
    found: StaticFolder = current_app.extensions["static_folder"]
    return found
