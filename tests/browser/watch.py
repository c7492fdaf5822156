"""What a browser must never have to say: errors, refused resources, broken requests, calls to other hosts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Dialog, Page, Request, Response, WebError

# Said of every answer of 400 and up; the answers themselves are judged, with more to tell.
_ANSWER = "Failed to load resource: the server responded with a status of"
# A page that is left takes its unfinished requests with it.
_LEFT = "net::ERR_ABORTED"
_TELL_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => {
  console.error(`content security policy: ${event.effectiveDirective} refused ${event.blockedURI || "inline"}`);
});
"""


class Watch:
    """Listens to all pages of browser contexts. `findings`: a line for everything that should not have been."""

    def __init__(self, origin: str) -> None:
        self.findings: list[str] = []
        self._host = urlsplit(origin).netloc
        self._expected: set[int] = set()
        self._cut_off = False

    def listen(self, context: BrowserContext) -> None:
        context.add_init_script(_TELL_VIOLATIONS)
        context.on("console", self._said)
        context.on("weberror", self._broke)
        context.on("request", self._asked)
        context.on("requestfailed", self._lost)
        context.on("response", self._answered)
        context.on("page", self._opened)

    @contextmanager
    def expecting(self, *statuses: int) -> Iterator[None]:
        """A stretch of the test that provokes these answers on purpose."""
        self._expected.update(statuses)
        yield
        self._expected.difference_update(statuses)

    @contextmanager
    def cut_off(self, context: BrowserContext) -> Iterator[None]:
        """No network for a while, and the complaints about that are no finding."""
        self._cut_off = True
        context.set_offline(True)
        yield
        context.set_offline(False)

    def _opened(self, page: Page) -> None:
        page.on("dialog", self._called_out)

    def _called_out(self, dialog: Dialog) -> None:
        self.findings.append(f"a dialog opened: {dialog.type} {dialog.message!r}")
        dialog.dismiss()

    def _said(self, message: ConsoleMessage) -> None:
        text = message.text
        if message.type not in {"error", "warning"} or text.startswith(_ANSWER):
            return
        if self._cut_off and ("net::ERR_INTERNET_DISCONNECTED" in text or text.startswith("htmx:")):
            return
        self.findings.append(f"console {message.type}: {text} ({message.location.get('url', '')})")

    def _broke(self, error: WebError) -> None:
        self.findings.append(f"uncaught: {error.error}")

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.netloc != self._host:
            self.findings.append(f"asked another host: {request.url}")

    def _lost(self, request: Request) -> None:
        if request.failure == _LEFT or (self._cut_off and request.failure == "net::ERR_INTERNET_DISCONNECTED"):
            return
        self.findings.append(f"failed: {request.method} {request.url} {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self._expected:
            self.findings.append(f"{response.status}: {response.request.method} {response.url}")
