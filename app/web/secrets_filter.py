"""Keep secrets, addresses of people and what they typed out of the logs.

The last step before a line is written, so that it also covers tracebacks and the words of libraries.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

HIDDEN = "[hidden]"
# Longer strings are cut first, which also bounds the work below. A traceback is longer than any value worth reading.
MAX_CHARS = {"exception": 20_000}
MAX_VALUE_CHARS = 4_000

_SECRET_NAMES = re.compile(
    r"authori[sz]ation|cookie|passw|passphrase|secret|token|api[-_]?key|private[-_]?key|credential|signature"
    r"|\botp\b|passcode|recovery|session(?!_id$|s$)",
    re.IGNORECASE,
)
# What people typed or sent. Shown only by a log level below INFO.
_CONTENT_NAMES = frozenset({"body", "content", "form", "json", "message_text", "negative", "payload", "prompt", "text"})

_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    # SQLAlchemy writes the values of a failed statement into its message.
    (re.compile(r"\[parameters: .*?\](?=\n|$)", re.DOTALL), "[parameters hidden]"),
    (re.compile(r"\b(bearer|basic|digest|negotiate)\s+[\w.~+/=-]{6,}", re.IGNORECASE), r"\1 " + HIDDEN),
    (
        re.compile(
            r"\b((?:set-)?cookie|(?:proxy-)?authorization|x-api-key|x-csrf-?token)(['\"]?\s*[:=]\s*)[^\r\n]+", re.I
        ),
        r"\1\2" + HIDDEN,
    ),
    # user:password@ in an address
    (re.compile(r"://[^/\s:@'\"]*:[^/\s@'\"]+@"), f"://{HIDDEN}@"),
    # Name and value: of a query, of a form, of a cookie, of a repr.
    (
        re.compile(
            r"((?:passw(?:or)?d|passphrase|passcode|secret|token|signature|credential|api[-_]?key|session"
            r"|(?<![\w.-])(?:key|sig|otp|code|auth))['\"]?\s*[=:]\s*['\"]?)[^\s&'\",;}\])]+",
            re.IGNORECASE,
        ),
        r"\1" + HIDDEN,
    ),
    (
        re.compile(
            r"\b(?:darkroom_(?:live|test)_\w+|whsec_[\w+/=-]+|(?:sk|rk|r8|hf|fal)[-_][\w-]{12,}|gh[opsu]_\w{20,}"
            r"|AIza[\w-]{20,}|(?:AKIA|ASIA)[A-Z0-9]{12,}|xox[abp]-[\w-]+|eyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?)"
        ),
        HIDDEN,
    ),
    # One-time links and signed values: a long run that mixes small, capital and digit is random. Ids and hashes,
    # which logs need, are written in one case.
    (re.compile(r"(?<![\w-])(?=[\w-]*?[a-z])(?=[\w-]*?[A-Z])(?=[\w-]*?\d)[\w-]{32,}"), HIDDEN),
)
_EMAIL = re.compile(r"[\w.+%-]{1,64}@[\w-]+(?:\.[\w-]+)+")

EventDict = MutableMapping[str, Any]


def make_filter(pepper: str) -> Callable[[Any, str, EventDict], EventDict]:
    """A structlog processor. `pepper` keys the hash of e-mail addresses, so that a guess cannot be checked by hand."""
    key = hashlib.sha256(b"log-email\0" + pepper.encode()).digest()

    def name_of(address: re.Match[str]) -> str:
        return "email:" + hmac.new(key, address[0].lower().encode(), hashlib.sha256).hexdigest()[:12]

    def text(value: str, limit: int) -> str:
        if len(value) > limit:
            value = value[:limit] + f"... ({len(value)} characters)"
        # A lone surrogate could not be written.
        value = value.encode("utf-8", "backslashreplace").decode("utf-8")
        for pattern, replacement in _RULES:
            value = pattern.sub(replacement, value)
        return _EMAIL.sub(name_of, value)

    def clean(name: str, value: Any, hide_content: bool) -> Any:
        if isinstance(value, bool | int | float) or value is None:
            return value
        if _SECRET_NAMES.search(name):
            return HIDDEN
        if hide_content and name in _CONTENT_NAMES:
            return f"[{len(value)} long]" if isinstance(value, str | bytes | list | dict) else HIDDEN
        if isinstance(value, Mapping):
            return {text(str(k), MAX_VALUE_CHARS): clean(str(k), v, hide_content) for k, v in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [clean("", item, hide_content) for item in value]
        return text(value if isinstance(value, str) else str(value), MAX_CHARS.get(name, MAX_VALUE_CHARS))

    def hide_secrets(logger: Any, method: str, event: EventDict) -> EventDict:
        level = logging.getLevelName(str(event.get("level", "info")).upper())
        hide_content = not isinstance(level, int) or level >= logging.INFO
        return {name: clean(name, value, hide_content) for name, value in event.items()}

    return hide_secrets
