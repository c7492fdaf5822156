"""The one place that opens addresses which people typed, or which other servers redirected us to.

The standard HTTP client runs over a socket that was opened here, to an address that was checked here: what is judged
is what is connected to, proxies and later name lookups cannot come between, and there is no second URL parser to
disagree with the first.
"""

from __future__ import annotations

import http.client
import ipaddress
import logging
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from typing import ClassVar
from urllib.parse import urljoin, urlsplit

import certifi

from app.product import VERSION

log = logging.getLogger(__name__)

Resolver = Callable[[str, int], Sequence[str]]
"""Host and port to textual addresses; raises OSError when there are none."""

_PORTS = {"http": 80, "https": 443}
_REDIRECTS = {301, 302, 303, 307, 308}
_CHUNK_BYTES = 64 * 1024

_PRINTABLE = re.compile(r"[\x21-\x7e]+")
_NETLOC = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[^\[\]:]+)(?::[0-9]*)?")
_HOST = re.compile(
    r"(?=.{1,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
)
_ENDS_IN_NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")

# `is_global` of Python 3.11 says yes to much that leads into, or stands for, other networks: translation and tunnel
# prefixes, addresses long abolished, space nobody was given. Of IPv6 only global unicast counts, without its protocol
# assignments (Teredo among them), 6to4 and documentation; of IPv4 not the protocol assignments and the 6to4 relays.
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
_ALSO_DENIED = tuple(
    ipaddress.ip_network(network)
    for network in ("2001::/23", "2002::/16", "3fff::/20", "192.0.0.0/24", "192.88.99.0/24")
)


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """What one fetch may take, redirects included. idle_s: the longest silence of the other side."""

    body_bytes: int = 20 * 1024 * 1024
    redirects: int = 3
    connect_s: float = 3.0
    idle_s: float = 5.0
    total_s: float = 15.0
    url_chars: int = 2048


DEFAULT_LIMITS = FetchLimits()


class FetchRefused(Exception):
    """Nothing was fetched; `sentence` is for the person who gave the address."""

    status: ClassVar[int] = 422
    code: ClassVar[str] = "fetch_failed"

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class UrlNotAllowed(FetchRefused):
    """The address itself is one we do not open; no connection was made."""

    code = "url_not_allowed"


class FetchFailed(FetchRefused):
    """It did not work. Why is told to the log only: the answer must not turn us into a scanner of networks."""

    def __init__(self) -> None:
        super().__init__("The address could not be fetched: check it in a browser, or save the picture and upload it.")


@dataclass(frozen=True, slots=True)
class _Target:
    """A URL taken apart once. `host` without brackets, `path` with the query, always starting with a slash."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def bracketed(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def authority(self) -> str:
        """As the Host header wants it."""
        return self.bracketed if self.port == _PORTS[self.scheme] else f"{self.bracketed}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}"

    @property
    def is_literal(self) -> bool:
        """Whether the host is an address in some spelling, so that no name lookup tells anything about it."""
        return ":" in self.host or bool(_ENDS_IN_NUMBER.fullmatch(self.host))


class _Failed(Exception):
    """Why a fetch failed, for the log."""


def resolve(host: str, port: int) -> list[str]:
    """The system's answer, which also understands the odd spellings of addresses."""
    return [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def fetch_image(
    url: str,
    *,
    resolver: Resolver = resolve,
    limits: FetchLimits = DEFAULT_LIMITS,
    allow: frozenset[str] = frozenset(),
    deny: frozenset[str] = frozenset(),
    ca_file: str | None = None,
) -> bytes:
    """The bytes behind an http or https address; what they are is for the decoder to find out.

    allow: `host:port` pairs that may be reached whatever their address and port; for an operator's own hosts.
    deny: host names never to be reached, such as our own.
    ca_file: certificates to trust instead of the usual ones.
    Raises UrlNotAllowed when the address is refused as typed, FetchFailed for everything that happens later.
    """
    target = _parsed(url, limits, allow, deny)
    deadline = time.monotonic() + limits.total_s
    journey = _Journey(resolver, limits, allow, deny, ca_file, deadline)
    try:
        return journey.run(target)
    except (_Failed, OSError, http.client.HTTPException, ValueError) as error:
        log.info("fetch failed: %s: %s: %s", target.host, type(error).__name__, error)
        raise FetchFailed from error


def is_public(address: str) -> bool:
    """Whether an address belongs to the open internet. Never raises: what is no address is not public."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    if isinstance(ip, ipaddress.IPv6Address) and ip not in _GLOBAL_UNICAST:
        return False
    unusual = ip.is_multicast or ip.is_reserved or any(ip in network for network in _ALSO_DENIED)
    return ip.is_global and not unusual


def _parsed(url: str, limits: FetchLimits, allow: frozenset[str], deny: frozenset[str]) -> _Target:
    """The address taken apart, or UrlNotAllowed with the reason the person can see in what they typed."""
    if len(url) > limits.url_chars:
        raise UrlNotAllowed(f"The address is longer than {limits.url_chars} characters: use a shorter one.")
    if not _PRINTABLE.fullmatch(url) or "\\" in url:
        raise UrlNotAllowed("The address holds spaces, backslashes or letters outside ASCII: copy it from a browser.")
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").removesuffix("."), parts.port
    except ValueError as error:
        raise UrlNotAllowed("The address is malformed: copy it from a browser.") from error
    if parts.scheme not in _PORTS or not host:
        raise UrlNotAllowed("The address must begin with http:// or https:// and a host.")
    if "@" in parts.netloc:
        raise UrlNotAllowed("The address holds a user name: remove everything up to the @.")
    if not _NETLOC.fullmatch(parts.netloc) or not (":" in host or _HOST.fullmatch(host)):
        raise UrlNotAllowed("The host in the address is malformed: copy it from a browser.")

    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    target = _Target(parts.scheme, host, _PORTS[parts.scheme] if port is None else port, path)
    if _key(target) in allow:
        return target
    if target.port not in _PORTS.values():
        raise UrlNotAllowed("The address names a port: only the usual ones, 80 and 443, are opened.")
    if host in deny or ("." not in host and not target.is_literal):
        raise UrlNotAllowed("The address leads to this server or its network: only public ones are opened.")
    return target


def _key(target: _Target) -> str:
    return f"{target.bracketed}:{target.port}"


@dataclass(frozen=True, slots=True)
class _Journey:
    """One fetch, from hop to hop, within one deadline (monotonic seconds)."""

    resolver: Resolver
    limits: FetchLimits
    allow: frozenset[str]
    deny: frozenset[str]
    ca_file: str | None
    deadline: float

    def run(self, target: _Target) -> bytes:
        for hop in range(self.limits.redirects + 1):
            addresses = self._addresses(target, typed=hop == 0)
            answer = self._get(target, addresses)
            if isinstance(answer, bytes):
                return answer
            target = self._redirected(target, answer)
        raise _Failed(f"more than {self.limits.redirects} redirects")

    def _addresses(self, target: _Target, *, typed: bool) -> Sequence[str]:
        found = self._resolved(target)
        if not found:
            raise _Failed("the name has no address")
        if _key(target) not in self.allow and not all(is_public(address) for address in found):
            log.warning("fetch refused: %s is at %s", target.host, ", ".join(found))
            if typed and target.is_literal:
                raise UrlNotAllowed("The address leads into a private network: only public ones are opened.")
            raise _Failed("an address is not public")
        return found

    def _resolved(self, target: _Target) -> Sequence[str]:
        """Name lookups know no timeout of their own, so one runs aside and is abandoned when time is up."""
        outcome: list[Sequence[str] | Exception] = []

        def look_up() -> None:
            try:
                outcome.append(self.resolver(target.host, target.port))
            except (OSError, UnicodeError) as error:
                outcome.append(error)

        thread = threading.Thread(target=look_up, daemon=True, name="fetch-resolver")
        thread.start()
        thread.join(self._left())
        if not outcome:
            raise _Failed("the name was not resolved in time")
        if isinstance(outcome[0], Exception):
            raise _Failed(f"the name was not resolved: {outcome[0]}")
        return outcome[0]

    def _redirected(self, target: _Target, location: str) -> _Target:
        try:
            there = _parsed(urljoin(target.url, location), self.limits, self.allow, self.deny)
        except UrlNotAllowed as error:
            raise _Failed(f"redirected to what is not allowed: {error}") from error
        if target.scheme == "https" and there.scheme == "http":
            raise _Failed("redirected from https to http")
        return there

    def _get(self, target: _Target, addresses: Sequence[str]) -> bytes | str:
        """The body, or where a redirect leads."""
        with self._connected(target, addresses) as connection:
            connection.request(
                "GET",
                target.path,
                headers={
                    "Host": target.authority,
                    "User-Agent": f"Darkroom/{VERSION}",
                    "Accept": "image/*",
                    "Accept-Encoding": "identity",
                    "Connection": "close",
                },
            )
            with closing(connection.getresponse()) as response:
                location = response.headers.get("Location")
                if response.status in _REDIRECTS and location:
                    return location
                if response.status != 200:
                    raise _Failed(f"status {response.status}")
                return self._body(response)

    def _body(self, response: http.client.HTTPResponse) -> bytes:
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise _Failed("packed although we asked for it plain")  # so there is nothing that could unpack to a bomb
        if response.length is not None and response.length > self.limits.body_bytes:
            raise _Failed(f"{response.length} bytes announced")
        body = bytearray()
        while chunk := response.read1(_CHUNK_BYTES):
            body += chunk
            if len(body) > self.limits.body_bytes:
                raise _Failed("too many bytes")
            self._left()
        self._left()  # the watchdog ends a body as its sender would
        if response.length:
            raise _Failed(f"{response.length} bytes are missing")
        return bytes(body)

    @contextmanager
    def _connected(self, target: _Target, addresses: Sequence[str]) -> Iterator[http.client.HTTPConnection]:
        """An HTTP connection over a socket of our own, cut when the deadline comes.

        Timeouts bound each silence; a sender of one byte a second is bounded only by the watchdog, which shuts the
        socket down from beside, in the handshake and the headers too.
        """
        raw = self._socket(target, addresses)
        beside = raw.dup()  # wrapping for TLS takes the first one over
        watchdog = threading.Timer(self._left(), _shut_down, (beside,))
        watchdog.daemon = True
        watchdog.start()
        connection = http.client.HTTPConnection(target.host, target.port)
        try:
            raw.settimeout(self.limits.idle_s)
            connection.sock = raw
            if target.scheme == "https":
                connection.sock = _tls(self.ca_file).wrap_socket(raw, server_hostname=target.host)
            yield connection
        finally:
            watchdog.cancel()
            connection.close()
            raw.close()
            beside.close()

    def _socket(self, target: _Target, addresses: Sequence[str]) -> socket.socket:
        """A connection to the first of the checked addresses that takes one."""
        last: OSError | None = None
        for address in addresses:
            try:
                return socket.create_connection((address, target.port), min(self.limits.connect_s, self._left()))
            except OSError as error:
                last = error
        raise _Failed(f"no connection: {last}")

    def _left(self) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise _Failed("time is up")
        return left


def _shut_down(connection: socket.socket) -> None:
    with suppress(OSError):  # it ended by itself meanwhile
        connection.shutdown(socket.SHUT_RDWR)


@cache
def _tls(ca_file: str | None) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca_file or certifi.where())
