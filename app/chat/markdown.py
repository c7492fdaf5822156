"""The little Markdown that answers are written in, read into blocks that templates print with every character escaped.

There is no HTML here and none comes out: what is not one of the few constructs below is text. Constructs: paragraphs,
`#` headings, `-` and `1.` lists, fenced code, and within a line **bold**, *italic*, `code` and [links](https://…),
which are shown as text with their address. A fenced block named `prompt` is a proposed prompt (docs/chat.md).

Every pattern is linear in the length of its text: none can be made to hang by what a model writes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from app.limits import PROMPT_CHARS

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,}) {0,8}([A-Za-z0-9_+-]{0,30})[^`~]*$")
_HEADING = re.compile(r"#{1,6} {1,8}(\S.*)$")
_BULLET = re.compile(r" {0,8}[-*+] {1,8}(\S.*)$")
_NUMBER = re.compile(r" {0,8}\d{1,4}[.)] {1,8}(\S.*)$")
_SPAN = re.compile(
    r"`(?P<code>[^`\n]+)`"
    r"|\*\*(?P<strong>[^*\n]+)\*\*"
    r"|(?<![\w*])\*(?P<em>[^*\s][^*\n]*)\*(?![\w*])"
    r"|(?<![\w_])_(?P<under>[^_\s][^_\n]*)_(?![\w_])"
    r"|\[(?P<label>[^\[\]\n]{1,200})\]\((?P<address>https?://[^\s()<>]{1,500})\)"
)
_NEGATIVE = re.compile(r"negative(?: prompt)?:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Span:
    """A run of characters within a line. address: of a link, http or https, to be shown, never followed."""

    kind: Literal["text", "strong", "em", "code", "link"]
    text: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a message. lines: of a paragraph or heading, or a list's items. text: of code, as it was written."""

    kind: Literal["paragraph", "heading", "bullets", "numbers", "code"]
    lines: tuple[tuple[Span, ...], ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A prompt that an answer proposes, with what to keep out of the picture."""

    prompt: str
    negative: str = ""


def blocks_of(text: str) -> list[Block | Proposal]:
    """A message as its parts in order. Never raises; takes any text."""
    blocks: list[Block | Proposal] = []
    open_kind: Literal["paragraph", "bullets", "numbers"] | None = None
    held: list[str] = []

    def close() -> None:
        nonlocal open_kind
        if open_kind is not None and held:
            blocks.append(Block(open_kind, tuple(spans_of(line) for line in held)))
        open_kind = None
        held.clear()

    lines = iter(text.splitlines())
    for line in lines:
        if fence := _FENCE.match(line):
            close()
            blocks.append(_fenced(fence, lines))
        elif not line.strip():
            close()
        elif heading := _HEADING.match(line):
            close()
            blocks.append(Block("heading", (spans_of(heading.group(1)),)))
        else:
            kind, words = _kind_of(line)
            # A line that goes on under a list's item belongs to it.
            if kind == "paragraph" and open_kind in {"bullets", "numbers"} and line.startswith("  "):
                held[-1] += f" {words}"
                continue
            if kind != open_kind:
                close()
                open_kind = kind
            held.append(words)
    close()
    return blocks


def proposals_of(text: str) -> list[Proposal]:
    """The prompts that a message proposes, in order."""
    return [block for block in blocks_of(text) if isinstance(block, Proposal)]


def spans_of(line: str) -> tuple[Span, ...]:
    """A line's runs of characters, in order."""
    spans: list[Span] = []
    at = 0
    for found in _SPAN.finditer(line):
        if found.start() > at:
            spans.append(Span("text", line[at : found.start()]))
        spans.append(_span(found))
        at = found.end()
    if at < len(line):
        spans.append(Span("text", line[at:]))
    return tuple(spans)


def fenced_prompt(proposal: Proposal) -> str:
    """A proposal in the notation it is read in."""
    negative = f"\nnegative: {proposal.negative}" if proposal.negative else ""
    return f"```prompt\n{proposal.prompt}{negative}\n```"


def _kind_of(line: str) -> tuple[Literal["paragraph", "bullets", "numbers"], str]:
    if found := _BULLET.match(line):
        return "bullets", found.group(1)
    if found := _NUMBER.match(line):
        return "numbers", found.group(1)
    return "paragraph", line.strip()


def _span(found: re.Match[str]) -> Span:
    if found["code"] is not None:
        return Span("code", found["code"])
    if found["strong"] is not None:
        return Span("strong", found["strong"])
    if found["label"] is not None:
        return Span("link", found["label"], found["address"])
    return Span("em", found["em"] if found["em"] is not None else found["under"])


def _fenced(fence: re.Match[str], lines: Iterator[str]) -> Block | Proposal:
    """What stands up to the closing fence; up to the end where there is none, and then it is no proposal yet."""
    mark, name = fence.group(1), fence.group(2).lower()
    inside: list[str] = []
    closed = False
    for line in lines:
        stripped = line.strip()
        if len(stripped) >= len(mark) and stripped == mark[0] * len(stripped):
            closed = True
            break
        inside.append(line)
    text = "\n".join(inside)
    proposal = _proposal(inside) if name == "prompt" and closed else None
    return proposal or Block("code", text=text)


def _proposal(lines: list[str]) -> Proposal | None:
    """None for one without words, or with more than any prompt may have."""
    at = next((at for at, line in enumerate(lines) if _NEGATIVE.match(line.strip())), len(lines))
    prompt = "\n".join(lines[:at]).strip()
    kept_out = "\n".join(lines[at:]).strip()
    negative = _NEGATIVE.sub("", kept_out, count=1).strip()
    if not prompt or max(len(prompt), len(negative)) > PROMPT_CHARS:
        return None
    return Proposal(prompt, negative)
