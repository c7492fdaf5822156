from __future__ import annotations

import datetime
import gzip
import ipaddress
import logging
import socket
import ssl
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from app.fetch import FetchFailed, FetchLimits, FetchRefused, UrlNotAllowed, fetch_image, is_public, resolve

PUBLIC = "93.184.216.34"
ROOT = Path(__file__).parents[2]


class Names:
    """A resolver that knows what it is told and remembers what it was asked."""

    def __init__(self, **known: str | list[str]) -> None:
        self.known = {
            name.replace("_", "."): [found] if isinstance(found, str) else found for name, found in known.items()
        }
        self.asked: list[str] = []

    def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        if host in self.known:
            return self.known[host]
        try:
            # Spellings of addresses are understood by the system without any name server.
            infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        except socket.gaierror:
            raise OSError("no such name") from None
        return [str(info[4][0]) for info in infos]


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Addresses that were connected to; none of the connections succeeds."""
    opened: list[tuple[str, int]] = []

    def refuse(address: tuple[str, int], *_: object, **__: object) -> socket.socket:
        opened.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", refuse)
    return opened


# --- addresses refused as typed

REFUSED_AS_TYPED = [
    "",
    "picture.png",
    "//example.com/a.png",
    "https:example.com/a.png",
    "https:/example.com/a.png",
    "http://",
    "http:///a.png",
    "http://?x",
    "http://:80/",
    "file:///etc/passwd",
    "FILE:///etc/passwd",
    "ftp://example.com/a.png",
    "gopher://example.com/_x",
    "data:image/png;base64,AAAA",
    "javascript:alert(1)",
    "dict://example.com:80/",
    "unix:///run/redis.sock",
    "http+unix://%2frun%2fredis.sock/",
    "view-source:http://example.com/",
    "http://example.com:22/",
    "http://example.com:6379/",
    "http://example.com:8188/",
    "http://example.com:0/",
    "http://example.com:65536/",
    "http://example.com:-1/",
    "http://example.com:80x/",
    "http://127.0.0.1:6666\\@1.1.1.1/",
    "http:\\\\127.0.0.1\\",
    "http://user@example.com/",
    "http://user:secret@example.com/",
    "http://example.com@127.0.0.1/",
    "http://@example.com/",
    "http://exam ple.com/",
    " http://example.com/",
    "http://example.com/\r\nHost: evil",
    "http://example.com/\tx",
    "http://127.0.0.1\0.example.com/",
    "http://①②⑦.⓪.⓪.①/",
    "http://bücher.example/",
    "http://example.com/ü.png",
    "http://exa%6dple.com/",
    "http://127.0.0.1%00.example.com/",
    "http://[::1/",
    "http://[::1]x/",
    "http://[fe80::1%25eth0]/",
    "http://[v1.x]/",
    "http://a..example.com/",
    "http://.example.com/",
    "http://-example.com/",
    "http://exa$mple.com/",
    "http://exa<mple.com/",
    "http://" + "a" * 64 + ".com/",
    "http://" + "a." * 130 + "com/",
    "http://localhost/",
    "http://LOCALHOST:80/",
    "http://localhost./",
    "http://redis/",
    "http://metadata/latest",
    "http://darkroom.example/",
    "http://example.com/" + "a" * 2048,
]


@pytest.mark.parametrize("url", REFUSED_AS_TYPED)
def test_odd_addresses_are_refused_before_anything_is_looked_up(url: str, connections: list[tuple[str, int]]) -> None:
    names = Names(example_com=PUBLIC)
    with pytest.raises(UrlNotAllowed) as caught:
        fetch_image(url, resolver=names, deny=frozenset({"darkroom.example"}))
    assert (caught.value.status, caught.value.code) == (422, "url_not_allowed")
    assert caught.value.sentence.endswith(".")
    assert names.asked == []
    assert connections == []


PRIVATE_IN_ANY_SPELLING = [
    "127.0.0.1",
    "127.1",
    "0x7f.1",
    "0x7f000001",
    "0177.0.0.1",
    "2130706433",
    "0",
    "0.0.0.0",  # noqa: S104 - nothing is bound, it is an address to refuse
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "0xa9fea9fe",
    "192.0.0.192",
    "198.18.0.1",
    "192.0.2.1",
    "203.0.113.9",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "192.88.99.1",
    "[::]",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::ffff:a9fe:a9fe]",
    "[::7f00:1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::1]",
    "[2002:7f00:1::]",
    "[2001:0:4136:e378::1]",
    "[fe80::1]",
    "[fec0::1]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[ff02::1]",
    "[2001:db8::1]",
    "[3fff::1]",
    "[5f00::1]",
    "[100::1]",
]


@pytest.mark.parametrize("host", PRIVATE_IN_ANY_SPELLING)
def test_addresses_of_private_networks_are_refused_in_every_spelling(
    host: str, connections: list[tuple[str, int]]
) -> None:
    with pytest.raises(UrlNotAllowed, match=r"private network|malformed"):
        fetch_image(f"http://{host}/latest/meta-data", resolver=Names())
    assert connections == []


@pytest.mark.parametrize("host", ["127.1", "0x7f.1", "0177.0.0.1", "2130706433", "127.0.0.1", "[::1]"])
def test_the_system_resolver_understands_the_odd_spellings_too(host: str, connections: list[tuple[str, int]]) -> None:
    assert set(resolve(host.strip("[]"), 80)) <= {"127.0.0.1", "::1"}
    with pytest.raises(UrlNotAllowed):
        fetch_image(f"http://{host}/", resolver=resolve)
    assert connections == []


@pytest.mark.parametrize("host", PRIVATE_IN_ANY_SPELLING)
def test_a_name_that_leads_to_a_private_address_just_cannot_be_fetched(
    host: str, connections: list[tuple[str, int]], caplog: pytest.LogCaptureFixture
) -> None:
    address = str(Names()(host.strip("[]"), 80)[0])
    names = Names(inside_example_com=address, mixed_example_com=[PUBLIC, address])
    for name in ("inside.example.com", "mixed.example.com"):
        with pytest.raises(FetchFailed) as caught, caplog.at_level(logging.INFO):
            fetch_image(f"https://{name}/", resolver=names)
        assert (caught.value.status, caught.value.code) == (422, "fetch_failed")
        assert address in caplog.text
        assert address not in str(caught.value)
    assert connections == []


@given(st.ip_addresses())
def test_no_private_address_ever_counts_as_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    mapped = getattr(address, "ipv4_mapped", None) or address
    if mapped.is_private or mapped.is_loopback or mapped.is_link_local or mapped.is_multicast or mapped.is_reserved:
        assert not is_public(str(address))


def test_public_addresses_count_as_public_and_words_do_not() -> None:
    for address in (PUBLIC, "1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1", "2a00:1450:4001::1"):
        assert is_public(address)
    for word in ("", "localhost", "1.1.1", "fe80::1%eth0"):
        assert not is_public(word)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://example.com/a.png", (PUBLIC, 80)),
        ("https://example.com/a.png", (PUBLIC, 443)),
        ("https://EXAMPLE.com.:443/a.png?x=1#part", (PUBLIC, 443)),
        ("http://example.com:443/", (PUBLIC, 443)),
        ("https://example.com:80", (PUBLIC, 80)),
        ("http://xn--bcher-kva.example.com/", (PUBLIC, 80)),
        ("http://1.1.1.1/", ("1.1.1.1", 80)),
        ("http://[2606:4700::1111]/", ("2606:4700::1111", 80)),
        ("http://[::ffff:1.1.1.1]/", ("::ffff:1.1.1.1", 80)),
    ],
)
def test_ordinary_addresses_are_connected_to_where_they_were_checked(
    url: str, address: tuple[str, int], connections: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    names = Names(**{"example_com": PUBLIC, "xn--bcher-kva_example_com": PUBLIC})
    with pytest.raises(FetchFailed):
        fetch_image(url, resolver=names)
    assert connections == [address]
    assert len(names.asked) == 1


def test_a_name_is_looked_up_once_so_that_it_cannot_change_its_mind(connections: list[tuple[str, int]]) -> None:
    answers = iter([[PUBLIC], ["127.0.0.1"]])
    with pytest.raises(FetchFailed):
        fetch_image("http://rebinding.example.com/", resolver=lambda _host, _port: next(answers))
    assert connections == [(PUBLIC, 80)]


def test_all_checked_addresses_are_tried(connections: list[tuple[str, int]]) -> None:
    with pytest.raises(FetchFailed):
        fetch_image("http://example.com/", resolver=Names(example_com=["2606:4700::1111", PUBLIC]))
    assert connections == [("2606:4700::1111", 80), (PUBLIC, 80)]


def test_every_failure_sounds_the_same(connections: list[tuple[str, int]]) -> None:
    sentences = set()
    for known in ({}, {"a_example_com": []}, {"a_example_com": "10.0.0.1"}, {"a_example_com": PUBLIC}):
        with pytest.raises(FetchFailed) as caught:
            fetch_image("http://a.example.com/", resolver=Names(**known))
        sentences.add(caught.value.sentence)
    assert len(sentences) == 1
    assert "could not be fetched" in sentences.pop()


def test_a_name_server_that_does_not_answer_is_not_waited_for() -> None:
    release = threading.Event()

    def never(_host: str, _port: int) -> list[str]:
        release.wait(10)
        return [PUBLIC]

    started = time.monotonic()
    with pytest.raises(FetchFailed):
        fetch_image("http://example.com/", resolver=never, limits=FetchLimits(total_s=0.2))
    assert time.monotonic() - started < 2
    release.set()


# --- a server that may misbehave

Script = Callable[[socket.socket, str], None]


class Server:
    """A loopback server: each path has a script that is given the socket and the request's text."""

    def __init__(
        self, context: ssl.SSLContext | None = None, *, before_tls: Callable[[socket.socket], None] | None = None
    ):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.scripts: dict[str, Script] = {}
        self.requests: list[str] = []
        self._context = context
        self._before_tls = before_tls
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection:
                if self._before_tls is not None:
                    self._before_tls(connection)
                if self._context is not None:
                    connection = self._context.wrap_socket(connection, server_side=True)
                request = connection.recv(65_536).decode()
                self.requests.append(request)
                self.scripts[request.split(" ")[1]](connection, request)
                connection.shutdown(socket.SHUT_WR)
                connection.recv(1)
        except OSError:
            pass  # the client hung up, which is what most tests want

    @property
    def allow(self) -> frozenset[str]:
        return frozenset({f"127.0.0.1:{self.port}", f"files.example.com:{self.port}"})

    def fetch(self, path: str, *, host: str = "files.example.com", scheme: str = "http", **options: Any) -> bytes:
        names = options.pop("resolver", Names(files_example_com="127.0.0.1"))
        options.setdefault("allow", self.allow)
        return fetch_image(f"{scheme}://{host}:{self.port}{path}", resolver=names, **options)


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


def answer(body: bytes, *headers: str, status: str = "200 OK") -> Script:
    lines = [f"HTTP/1.1 {status}", *headers, "", ""]
    return lambda connection, _request: connection.sendall("\r\n".join(lines).encode() + body)


def redirect(location: str, status: str = "302 Found") -> Script:
    return answer(b"", f"Location: {location}", "Content-Length: 0", status=status)


def test_a_picture_is_fetched_whole(server: Server) -> None:
    body = bytes(range(256)) * 1000
    server.scripts["/a.png?size=1"] = answer(body, f"Content-Length: {len(body)}")
    server.scripts["/until-close"] = answer(body)
    chunked = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:7], body[7:90_000], body[90_000:]))
    server.scripts["/chunked"] = answer(chunked + b"0\r\n\r\n", "Transfer-Encoding: chunked")
    for path in ("/a.png?size=1", "/until-close", "/chunked"):
        assert server.fetch(path) == body


def test_the_request_says_no_more_than_needed(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    server.scripts["/a.png"] = answer(b"x")
    server.fetch("/a.png")
    first, *headers = server.requests[0].strip().split("\r\n")
    assert first == "GET /a.png HTTP/1.1"
    fields = dict(line.split(": ", 1) for line in headers)
    assert fields["Host"] == f"files.example.com:{server.port}"
    assert fields["Accept-Encoding"] == "identity"
    assert set(fields) == {"Host", "User-Agent", "Accept", "Accept-Encoding", "Connection"}


def test_redirects_are_followed_up_to_three(server: Server) -> None:
    server.scripts |= {"/3": redirect("/2"), "/2": redirect("1", "307 Temporary Redirect"), "/0": answer(b"end")}
    server.scripts["/1"] = redirect(f"http://127.0.0.1:{server.port}/0", "301 Moved Permanently")
    server.scripts["/4"] = redirect("/3", "308 Permanent Redirect")
    assert server.fetch("/3") == b"end"
    with pytest.raises(FetchFailed):
        server.fetch("/4")
    server.scripts["/loop"] = redirect("/loop")
    with pytest.raises(FetchFailed):
        server.fetch("/loop")
    assert sum("/loop" in request for request in server.requests) == 4


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1/",
        "http://127.0.0.1:6379/",
        "http://2130706433/",
        "//169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "http://inside.example.com/",
        "http://localhost/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "http://user@files.example.com/",
        "http://a\\@127.0.0.1/",
        "http://bücher.example/",
        "http://nowhere.example.com/",
        "http://" + "a" * 3000,
    ],
)
def test_a_redirect_is_checked_like_the_first_address_and_tells_nothing(
    server: Server, location: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.scripts["/"] = redirect(location)
    opened: list[tuple[str, int]] = []
    connect = socket.create_connection

    def note(address: tuple[str, int], *rest: Any) -> socket.socket:
        opened.append(address)
        return connect(address, *rest)

    monkeypatch.setattr(socket, "create_connection", note)
    names = Names(files_example_com="127.0.0.1", inside_example_com="10.1.2.3")
    with pytest.raises(FetchFailed):
        server.fetch("/", resolver=names)
    assert opened == [("127.0.0.1", server.port)]


@pytest.mark.parametrize(
    "status", ["204 No Content", "304 Not Modified", "401 Unauthorized", "404 Not Found", "500 Oops"]
)
def test_only_success_counts(server: Server, status: str) -> None:
    server.scripts["/"] = answer(b"a page about it", status=status)
    with pytest.raises(FetchFailed):
        server.fetch("/")


def test_a_redirect_without_a_place_is_a_failure(server: Server) -> None:
    server.scripts["/"] = answer(b"", status="302 Found")
    with pytest.raises(FetchFailed):
        server.fetch("/")
    assert len(server.requests) == 1


def test_the_size_cap_holds_to_the_byte(server: Server) -> None:
    limits = FetchLimits(body_bytes=1000)
    server.scripts |= {"/1000": answer(bytes(1000)), "/1001": answer(bytes(1001))}
    assert len(server.fetch("/1000", limits=limits)) == 1000
    with pytest.raises(FetchFailed):
        server.fetch("/1001", limits=limits)


def test_a_body_announced_too_long_is_not_even_read(server: Server) -> None:
    sent: list[int] = []

    def announce(connection: socket.socket, _request: str) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n")
        sent.append(len(connection.recv(1)))

    server.scripts["/"] = announce
    started = time.monotonic()
    with pytest.raises(FetchFailed):
        server.fetch("/")
    assert time.monotonic() - started < 2


def test_an_endless_body_is_cut_at_the_cap(server: Server) -> None:
    def endless(connection: socket.socket, _request: str) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(bytes(65_536))

    server.scripts["/"] = endless
    with pytest.raises(FetchFailed):
        server.fetch("/", limits=FetchLimits(body_bytes=1_000_000))


@pytest.mark.parametrize("length", ["5000", "-5", "many", "10, 10"])
def test_a_length_that_lies_is_a_failure_or_harmless(server: Server, length: str) -> None:
    server.scripts["/"] = answer(b"0123456789", f"Content-Length: {length}")
    if length == "5000":
        with pytest.raises(FetchFailed):
            server.fetch("/")
    else:
        assert server.fetch("/") == b"0123456789"


def test_a_body_shorter_than_it_is_takes_no_more_than_announced(server: Server) -> None:
    server.scripts["/"] = answer(b"0123456789", "Content-Length: 4")
    assert server.fetch("/") == b"0123"


def test_a_chunked_body_that_breaks_off_is_a_failure(server: Server) -> None:
    server.scripts["/"] = answer(b"ff\r\nonly this", "Transfer-Encoding: chunked")
    with pytest.raises(FetchFailed):
        server.fetch("/")


def test_packed_bodies_are_refused_so_that_none_can_be_a_bomb(server: Server) -> None:
    bomb = gzip.compress(bytes(30_000_000))
    for encoding in ("gzip", "deflate", "br", "gzip, gzip"):
        server.scripts["/"] = answer(bomb, f"Content-Encoding: {encoding}", f"Content-Length: {len(bomb)}")
        with pytest.raises(FetchFailed):
            server.fetch("/")
    server.scripts["/"] = answer(bomb, "Content-Encoding: identity")
    assert server.fetch("/") == bomb


def drip(prefix: bytes, drop: bytes, pause_s: float = 0.02) -> Script:
    def script(connection: socket.socket, _request: str) -> None:
        connection.sendall(prefix)
        while True:
            connection.sendall(drop)
            time.sleep(pause_s)

    return script


@pytest.mark.parametrize(
    "script",
    [
        drip(b"HTTP/1.1 200 OK\r\n\r\n", b"x"),
        drip(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"x"),
        drip(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        drip(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0"),
        drip(b"HTTP/1.1 200 OK\r\n", b"X"),
        drip(b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"),
        drip(b"", b"H"),
    ],
    ids=["body", "sized body", "chunks", "chunk size", "headers", "interim answers", "status line"],
)
def test_a_slow_drip_ends_at_the_deadline_wherever_it_drips(server: Server, script: Script) -> None:
    server.scripts["/"] = script
    started = time.monotonic()
    with pytest.raises(FetchFailed):
        server.fetch("/", limits=FetchLimits(total_s=0.4))
    assert time.monotonic() - started < 3


def test_silence_ends_at_the_idle_limit(server: Server) -> None:
    server.scripts["/"] = lambda connection, _request: time.sleep(3)
    started = time.monotonic()
    with pytest.raises(FetchFailed):
        server.fetch("/", limits=FetchLimits(idle_s=0.2))
    assert time.monotonic() - started < 2


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"\xff\xfe\0garbage",
        b"HTTP/9.9 banana\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 500 + b"\r\n",
        b"H" * 99_999,
    ],
)
def test_what_is_no_answer_is_a_failure(server: Server, reply: bytes) -> None:
    server.scripts["/"] = lambda connection, _request: connection.sendall(reply)
    with pytest.raises(FetchFailed):
        server.fetch("/")


def test_an_allowed_host_is_allowed_on_its_port_only(server: Server) -> None:
    server.scripts["/"] = answer(b"own")
    assert server.fetch("/", host="127.0.0.1") == b"own"
    with pytest.raises(UrlNotAllowed):
        server.fetch("/", allow=frozenset({"files.example.com:80"}))


# --- TLS


def certificate(folder: Path, name: str) -> tuple[Path, ssl.SSLContext]:
    """A certificate for one name, as a file to trust and as a server's context."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{name}.pem"
    file.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return file, context


def test_tls_is_checked_against_the_name_although_the_socket_goes_to_an_address(tmp_path: Path) -> None:
    trusted, context = certificate(tmp_path, "files.example.com")
    asked: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: asked.append(name)
    server = Server(context)
    server.scripts["/a.png"] = answer(b"secret picture")
    assert server.fetch("/a.png", scheme="https", ca_file=str(trusted)) == b"secret picture"
    assert asked == ["files.example.com"]
    assert f"Host: files.example.com:{server.port}\r\n" in server.requests[0]

    other = frozenset({f"other.example.com:{server.port}"})
    names = Names(other_example_com="127.0.0.1")
    with pytest.raises(FetchFailed):
        server.fetch(
            "/a.png", scheme="https", host="other.example.com", ca_file=str(trusted), allow=other, resolver=names
        )
    with pytest.raises(FetchFailed):
        server.fetch("/a.png", scheme="https")
    assert len(server.requests) == 1
    server.close()


def test_a_redirect_never_leads_from_https_to_http(tmp_path: Path, server: Server) -> None:
    trusted, context = certificate(tmp_path, "files.example.com")
    secure = Server(context)
    server.scripts["/plain"] = answer(b"plain")
    secure.scripts["/"] = redirect(f"http://files.example.com:{server.port}/plain")
    with pytest.raises(FetchFailed):
        secure.fetch("/", scheme="https", ca_file=str(trusted), allow=secure.allow | server.allow)
    assert server.requests == []
    secure.close()


def test_a_handshake_that_drips_ends_at_the_deadline() -> None:
    def trickle(connection: socket.socket) -> None:
        connection.sendall(b"\x16\x03\x03\x40\x00")  # a record of 16 KiB to come
        while True:
            connection.sendall(b"\x02")
            time.sleep(0.02)

    server = Server(before_tls=trickle)
    started = time.monotonic()
    with pytest.raises(FetchFailed):
        server.fetch("/", scheme="https", limits=FetchLimits(total_s=0.4))
    assert time.monotonic() - started < 3
    server.close()


def test_the_deadline_holds_under_gevent_too() -> None:
    script = """
        from gevent import monkey
        monkey.patch_all()
        import time
        from app.fetch import FetchFailed, FetchLimits
        from tests.app.test_fetch import Server, answer, drip
        server = Server()
        server.scripts["/slow"] = drip(b"HTTP/1.1 200 OK\\r\\n", b"X")
        server.scripts["/fast"] = answer(b"fine")
        print(server.fetch("/fast"))
        started = time.monotonic()
        try:
            server.fetch("/slow", limits=FetchLimits(total_s=0.4))
        except FetchFailed:
            print("failed", time.monotonic() - started < 3)
    """
    command = [sys.executable, "-c", textwrap.dedent(script)]
    done = subprocess.run(command, cwd=ROOT, timeout=30, check=True, capture_output=True, text=True)
    assert done.stdout.splitlines() == ["b'fine'", "failed True"]


def test_the_limits_are_those_we_promise() -> None:
    limits = FetchLimits()
    assert (limits.body_bytes, limits.redirects, limits.url_chars) == (20 * 1024 * 1024, 3, 2048)
    assert (limits.connect_s, limits.idle_s, limits.total_s) == (3, 5, 15)


@given(st.text(max_size=60) | st.from_regex(r"\Ahttps?://[\x20-\x7e]{0,40}\Z"))
def test_whatever_is_typed_the_answer_is_a_refusal_with_a_sentence(url: str) -> None:
    with pytest.raises(FetchRefused) as caught:
        fetch_image(url, resolver=Names(), limits=FetchLimits(total_s=0.0001))
    assert caught.value.sentence.endswith(".")
