"""One policy for all calls to providers: no hidden retry, every wait bounded, sizes capped, keys only to their owner.

A call is made once. Each uses a connection of its own, so that a failure before anything was sent can be told from one
after it: over a kept connection that the other side has just closed nobody knows. Redirects are answers like others
and are not followed. An address that came in an answer (where to poll, what to download) is opened only when it
belongs to the provider; the key goes along to poll, never to download.

Nothing here logs headers, bodies or the query of an address.
"""

from __future__ import annotations

import base64
import json
import logging
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.structures import CaseInsensitiveDict
from requests.utils import get_environ_proxies
from urllib3.exceptions import HTTPError

from app.outbound.deadline import Deadline, WatchedAdapter
from app.outbound.errors import Garbled, HostNotAllowed, LostAnswer, Unreachable
from app.product import VERSION

log = logging.getLogger(__name__)
# It writes whole addresses, and those of results are signed.
logging.getLogger("urllib3").setLevel(logging.WARNING)

MIB = 1024 * 1024
_CHUNK_BYTES = 64 * 1024
# Visible ASCII but the backslash.
_PLAIN = re.compile(r"[!-\[\]-~]+")
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}

File = tuple[str, tuple[str, bytes, str]]
"""A part of a form: its field, and file name, content and media type."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: to connect, of silence at most, and for the whole call."""

    connect_s: float = 5.0
    silence_s: float = 60.0
    total_s: float = 120.0


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer, whatever its status. headers: names in any case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def json(self) -> Any:
        """The body's JSON. Raises Garbled when it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            kind = self.headers.get("Content-Type", "no type").partition(";")[0]
            raise Garbled(f"status {self.status}, {len(self.body)} bytes of {kind[:60]} instead of JSON") from error

    def object(self) -> dict[str, Any]:
        """The body's JSON object. Raises Garbled when it is none."""
        said = self.json()
        if not isinstance(said, dict):
            raise Garbled(f"status {self.status}, a JSON {type(said).__name__} instead of an object")
        return said

    def object_if_any(self) -> dict[str, Any]:
        """The body's JSON object, empty when it is none."""
        try:
            return self.object()
        except Garbled:
            return {}

    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


@dataclass(frozen=True)
class Outbound:
    """A provider as its adapter calls it.

    base_url: without a slash at its end; paths are put behind it. headers: sent with every call to the provider's own
    hosts, the key among them. hosts: host names that belong to the provider besides the base's own; a name with a
    leading dot stands for all under it. They are reached by https only.
    """

    base_url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    hosts: tuple[str, ...] = ()
    patience: Patience = Patience()
    most_bytes: int = 64 * MIB

    def get(self, path: str, *, query: Mapping[str, str] | None = None, patience: Patience | None = None) -> Reply:
        return self.call("GET", path, query=query, patience=patience)

    def post(self, path: str, body: Any, *, patience: Patience | None = None) -> Reply:
        """POST a JSON body."""
        return self.call("POST", path, json_body=body, patience=patience)

    def post_form(
        self, path: str, fields: Mapping[str, str], files: Sequence[File], *, patience: Patience | None = None
    ) -> Reply:
        """POST multipart/form-data."""
        return self.call("POST", path, form=fields, files=files, patience=patience)

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        json_body: Any = None,
        form: Mapping[str, str] | None = None,
        files: Sequence[File] = (),
        headers: Mapping[str, str] | None = None,
        patience: Patience | None = None,
    ) -> Reply:
        """One call and its whole answer. path: behind the base, or a whole address that an answer gave.

        Raises HostNotAllowed, Unreachable and LostAnswer.
        """
        with self._opened(
            method,
            self._address(path),
            patience or self.patience,
            params=query,
            json=json_body,
            data=form,
            files=list(files) or None,
            headers={**self.headers, **(headers or {})},
        ) as (response, deadline):
            return _whole(response, deadline, self.most_bytes)

    @contextmanager
    def lines(
        self,
        path: str,
        body: Any,
        *,
        headers: Mapping[str, str] | None = None,
        patience: Patience | None = None,
    ) -> Iterator[Reply | Iterator[str]]:
        """POST a JSON body and read the answer line by line as it comes: server-sent events, or JSON a line.

        Gives an iterator of lines without their ends, which raises LostAnswer when the answer breaks off; or the
        whole Reply when the status is not 2xx. Leaving the context ends the call.
        """
        with self._opened(
            "POST",
            self._address(path),
            patience or self.patience,
            json=body,
            headers={**self.headers, **(headers or {})},
        ) as (response, deadline):
            if 200 <= response.status_code < 300:
                yield _lines(_chunks(response, deadline, self.most_bytes))
            else:
                yield _whole(response, deadline, self.most_bytes)

    def download(
        self, url: str, *, hosts: tuple[str, ...] = (), most_bytes: int | None = None, patience: Patience | None = None
    ) -> Reply:
        """The file behind an address that the provider gave, asked for without any of our headers.

        hosts: where files may lie besides the provider's own hosts.
        """
        self._mind(url, (*self.hosts, *hosts))
        with self._opened("GET", url, patience or self.patience, headers={}) as (response, deadline):
            return _whole(response, deadline, most_bytes or self.most_bytes)

    def _address(self, path: str) -> str:
        if path.startswith("/"):
            return self.base_url + path
        self._mind(path, self.hosts)
        return path

    def _mind(self, url: str, hosts: tuple[str, ...]) -> None:
        """Raises HostNotAllowed unless the address is the base's own or a known host's."""
        if _PLAIN.fullmatch(url) is None:
            # Whoever opens it may read another host in it than is read here: one ends at a backslash, another does not.
            raise HostNotAllowed("an address of odd characters")
        try:
            parts, base = urlsplit(url), urlsplit(self.base_url)
            host, there = parts.hostname or "", (parts.scheme, parts.hostname, parts.port)
        except ValueError as error:
            raise HostNotAllowed("a malformed address") from error
        if parts.username is not None or not host:
            raise HostNotAllowed("an address with a user name, or without a host")
        if there == (base.scheme, base.hostname, base.port):
            return
        if base.hostname in _LOOPBACK and host in _LOOPBACK:
            # A stand-in beside us may keep its files at another port.
            return
        if parts.scheme != "https" or not any(_belongs(host, name) for name in hosts):
            raise HostNotAllowed(f"an address of {parts.scheme}://{host[:100]}")

    @contextmanager
    def _opened(
        self, method: str, url: str, patience: Patience, **what: Any
    ) -> Iterator[tuple[requests.Response, Deadline]]:
        what["headers"] = {
            "User-Agent": f"Darkroom/{VERSION}",
            "Accept-Encoding": "identity",
            "Connection": "close",
            **what["headers"],
        }
        began = time.monotonic()
        status = 0
        with requests.Session() as session, Deadline(patience.total_s) as deadline:
            # The environment's proxies are honoured below; its .netrc would overwrite our Authorization.
            session.trust_env = False
            adapter = WatchedAdapter(deadline)
            session.mount("http://", adapter)
            session.mount("https://", adapter)
            try:
                response = session.request(
                    method,
                    url,
                    timeout=(patience.connect_s, min(patience.silence_s, patience.total_s)),
                    allow_redirects=False,
                    stream=True,
                    proxies=get_environ_proxies(url),
                    **what,
                )
                status = response.status_code
                deadline.mind()
            except requests.RequestException as error:
                detail = type(error).__name__ if not deadline.is_over else f"took over {patience.total_s:g} s"
                raise (LostAnswer if adapter.connected else Unreachable)(detail) from None
            finally:
                _tell(method, url, status, began)
            try:
                yield response, deadline
            finally:
                response.close()


def from_base64(text: str) -> bytes:
    """Bytes that came in JSON, in the standard alphabet or the one for addresses. Raises Garbled."""
    try:
        return base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
    except ValueError as error:
        raise Garbled(f"{len(text)} characters that are not base64") from error


def _belongs(host: str, name: str) -> bool:
    return host == name.removeprefix(".") or (name.startswith(".") and host.endswith(name))


def _tell(method: str, url: str, status: int, began: float) -> None:
    parts = urlsplit(url)
    log.info("called %s %s%s: %s in %.2f s", method, parts.netloc, parts.path, status or "-", time.monotonic() - began)


def _whole(response: requests.Response, deadline: Deadline, most_bytes: int) -> Reply:
    announced = response.headers.get("Content-Length", "")
    if announced.isdigit() and int(announced) > most_bytes:
        raise LostAnswer(f"{announced} bytes announced, {most_bytes} at most")
    body = b"".join(_chunks(response, deadline, most_bytes))
    return Reply(response.status_code, CaseInsensitiveDict(response.headers), body)


def _chunks(response: requests.Response, deadline: Deadline, most_bytes: int) -> Iterator[bytes]:
    """The body as it comes. Raises LostAnswer when it breaks off, is too long or takes too long."""
    taken = 0
    try:
        while chunk := response.raw.read1(_CHUNK_BYTES, decode_content=True):
            taken += len(chunk)
            if taken > most_bytes:
                raise LostAnswer(f"more than {most_bytes} bytes")
            deadline.mind()
            yield chunk
        deadline.mind()
    except (HTTPError, HTTPException, OSError) as error:
        raise LostAnswer(f"broke off after {taken} bytes: {type(error).__name__}") from None


def _lines(chunks: Iterable[bytes]) -> Iterator[str]:
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield line.removesuffix(b"\r").decode("utf-8", "replace")
    if rest:
        with suppress(UnicodeDecodeError):
            yield rest.decode("utf-8")
