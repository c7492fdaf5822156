"""What people type, made safe to keep: one spelling, no invisible characters, no more than fits.

Pure functions. They raise UnusableText, a ValueError, so that form and API validators can use them as they are.
"""

from __future__ import annotations

import re
import unicodedata

# NUL cannot be stored by PostgreSQL; a lone surrogate cannot be encoded at all.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

# Controls other than tab and line feed, and the marks that reorder the text around them.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# Invisible on top: two names must not look the same and differ.
_INVISIBLE = re.compile("[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200d\u2060-\u2065\u3164\ufeff\uffa0]")
_LINE_ENDS = re.compile("\r\n?|\u2028|\u2029|\x85")


class UnusableText(ValueError):
    """The text cannot be kept as it is; the message says what to change, `code` names the rule."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


def clean_name(text: str, max_chars: int) -> str:
    """One line for a name, a tag, a title: composed (NFC), visible characters only, single spaces, trimmed.

    Joiners go too, so a family emoji falls into its members: the price of names that cannot pass for each other.
    Raises UnusableText: code `invalid_character` or `too_long`. An empty result is for the caller to judge.
    """
    text = _storable(text)
    text = _INVISIBLE.sub("", _CONTROLS.sub("", _LINE_ENDS.sub(" ", text)))
    text = " ".join(unicodedata.normalize("NFC", text).split())
    return _fitting(text, max_chars)


def clean_text(text: str, max_chars: int) -> str:
    """Running text such as a prompt: composed (NFC), line feeds and tabs kept, other controls removed, end trimmed.

    Joiners stay: emoji and several scripts need them. Raises UnusableText as `clean_name` does.
    """
    text = _CONTROLS.sub("", _LINE_ENDS.sub("\n", _storable(text)))
    return _fitting(unicodedata.normalize("NFC", text).rstrip(), max_chars)


def _storable(text: str) -> str:
    if UNSTORABLE.search(text):
        raise UnusableText("Remove the characters that are no text (NUL or half of a pair).", "invalid_character")
    return text


def _fitting(text: str, max_chars: int) -> str:
    if len(text) > max_chars:
        raise UnusableText(f"Use at most {max_chars:,} characters; this has {len(text):,}.", "too_long")
    return text
