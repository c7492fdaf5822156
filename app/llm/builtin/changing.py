"""Wishes about what is there already: "something calmer than the last picture", "like the last but at night".

A wish is read piece by piece. Without a word that points back it counts as one only if every piece is a change that is
known; with one, whatever is left is added as it was said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

# Longer than that it is a description, not a wish for change.
_MOST_CHARS = 300
# Of a place without a word that points back.
_MOST_WORDS = 5

_NOUN = r"(?:picture|image|photo|photograph|shot|render|result|video|one|prompt|idea)s?"
_LAST = r"(?:very\s+)?(?:last|latest|previous|newest|most\s+recent|current)"
# What points back, with the small words before it.
_POINTER = re.compile(
    rf"""\b(?:(?:like|than|of|as|from|based\s+on|similar\s+to|for|to)\s+)?
    (?:
        (?:the|my|this|that|our|your)\s+{_LAST}\s+{_NOUN}\b
      | (?:the|my)\s+{_LAST}(?=\s*(?:$|[,;]|but\b|with\b|without\b|and\b|only\b|just\b|at\b|in\b))
      | (?:the|my|this|that)\s+{_NOUN}\b(?!\s+(?:of|with|about|showing|for|on)\b)
      | (?:the\s+)?same(?:\s+(?:{_NOUN}|scene|subject|thing|again))?(?:\s+as\s+before)?\b
      | (?:like|than)\s+(?:that|this|it|before)\b
    )
    | ^(?:(?:please|now|and|but|can\s+you|could\s+you)\s+)*
      (?:make|turn|change|redo|repaint)\s+(?:it|this|that|them)\b(?!\s*:)(?:\s+(?:again|into|to)\b)*""",
    re.I | re.X,
)
_PICTURE = re.compile(r"\b(?:picture|image|photo|photograph|shot|render|result|video)s?\b", re.I)
# What comes with these is meant for the prompt as it was said.
_DIFFERENCE = re.compile(r"\b(?:but|only|just|except|make|turn|change|redo|repaint)\b", re.I)
_QUESTION = re.compile(r"(?:what|how|why|when|where|who|which|explain|tell)\b(?!\s+about\b)", re.I)
_APART = re.compile(r"\s*(?:[;|]|\bbut\b|\bthen\b)\s*", re.I)
_AND = re.compile(r"\s*(?:,|(?<!\bblack)\s+and\b(?!\s+white\b))\s*", re.I)
_NUMBER = r"(?:\d{1,2}|two|three|four|five|six|seven|eight|nine|ten)"
_LEADING = re.compile(
    rf"""^(?:please|now|so|hm+|ok(?:ay)?|maybe|can\s+you|could\s+you|would\s+you|i(?:'d|\s+would)?\s+(?:want|like|prefer)
        |let'?s|what\s+about|how\s+about|try|make|give|show|draw|paint|create|generate|write|suggest|propose|do|have|see
        |turn|change|more(?=\s*$)|me|us|it|them|that|this|to|is|be|into|something|anything|only|just|even|much|slightly|rather|far
        |a\s+(?:bit|little|lot)|somewhat|one\s+more|another|again|some|{_NUMBER}(?=\s+\S)
        |(?:an?|one|the)(?=\s+\S+(?:\s+\S+)?\s+(?:one|version|variation|variant|take|picture|image|photo|shot|mood|prompt)s?\b)
        |(?:an?\s+)?(?:one|version|variation|variant|take|picture|image|photo|prompt)s?)\b\s*""",
    re.I | re.X,
)
_TRAILING = re.compile(
    r"\s*\b(?:please|now|instead|again|though|this\s+time|than|of|like|ones?|versions?|variations?|variants?|takes?"
    r"|pictures?|images?|photos?|shots?|moods?|prompts?|it|them)$",
    re.I,
)
_MORE = re.compile(r"more\s+(?P<what>[\w-]+(?:\s+[\w-]+)?)$", re.I)
_LESS = re.compile(r"(?:less|fewer)\s+(?P<what>[\w-]+(?:\s+[\w-]+)?)$", re.I)
_WITHOUT = re.compile(
    r"(?:without|no|minus|leave\s+out|remove|drop|take\s+away|get\s+rid\s+of)\s+(?:(?:the|any|an?|all)\s+)?(?P<what>.+)$",
    re.I,
)
_STYLE = re.compile(r"(?:in\s+(?:the\s+|an?\s+)?style\s+of\s+.+|in\s+.+\s+style|as\s+an?\s+.+|like\s+an?\s+.+)$", re.I)
_PLACE = re.compile(
    r"(?:at|in|on|under|by|over|beside|near|inside|outside|during|after|before|from|through|behind|against)\s+.+$", re.I
)
_WITH = re.compile(r"(?:with|add|adding|plus)\s+(?P<what>.+)$", re.I)
# Asking for more of these is asking for another, not for a change.
_COUNTABLE = re.compile(
    r"(?:ideas?|prompts?|variations?|versions?|pictures?|images?|photos?|ones?|please|like)\b", re.I
)

# What each quality adds to a prompt, by its plain word.
_QUALITIES = {
    "bright": "bright, high-key light",
    "busy": "many things going on at once",
    "calm": "calm, soft even light, muted colours",
    "cheerful": "cheerful, sunlit, fresh colours",
    "cinematic": "cinematic wide frame, anamorphic lens, film grain",
    "clean": "clean, uncluttered composition",
    "close": "close up, filling the frame",
    "cold": "cool blue light",
    "colourful": "vivid, saturated colours",
    "cosy": "cosy, warm lamplight, close and snug",
    "dark": "low-key light, deep shadows",
    "detailed": "rich fine detail in every surface",
    "dramatic": "dramatic side light, deep shadows, high contrast",
    "dreamy": "dreamlike, hazy glow, soft focus",
    "eerie": "eerie, thin mist, pale uneasy light",
    "gentle": "gentle, soft diffused light",
    "happy": "cheerful, sunlit, fresh colours",
    "loud": "vivid, saturated colours, strong contrasts",
    "minimal": "minimal composition, much empty space",
    "moody": "muted colours, mist, low light",
    "mysterious": "mysterious, half hidden in shadow and mist",
    "peaceful": "calm, soft even light, muted colours",
    "playful": "playful, light-hearted, bright accents",
    "quiet": "quiet, still, much empty space",
    "realistic": "photorealistic, natural light, true textures",
    "sad": "melancholic, grey overcast light",
    "sharp": "crisp focus, clear edges",
    "soft": "soft diffused light, gentle gradations",
    "subtle": "muted, restrained colours",
    "vintage": "faded colours, film grain, soft corners",
    "vivid": "vivid, saturated colours",
    "warm": "warm amber light",
    "wide": "a wide view with the subject small in its surroundings",
    "wild": "wild, windswept, in full motion",
}
_ALIKE = {
    "colorful": "colourful",
    "cool": "cold",
    "cozy": "cosy",
    "creepy": "eerie",
    "light": "bright",
    "melancholic": "sad",
    "photorealistic": "realistic",
    "relaxed": "calm",
    "retro": "vintage",
    "saturated": "vivid",
    "serene": "calm",
    "simple": "minimal",
    "spooky": "eerie",
    "sunny": "cheerful",
    "tranquil": "calm",
}
_OPPOSITES = {
    "bright": "dark",
    "busy": "minimal",
    "cheerful": "moody",
    "close": "wide",
    "cold": "warm",
    "colourful": "subtle",
    "dark": "bright",
    "dramatic": "calm",
    "eerie": "cheerful",
    "loud": "subtle",
    "moody": "cheerful",
    "sad": "cheerful",
    "sharp": "soft",
    "vivid": "subtle",
    "warm": "cold",
    "wide": "close",
    "wild": "calm",
}
_CLUTTERED = {"cluttered", "crowded", "complicated", "detail", "stuff"}
_MOMENTS = (
    (re.compile(r"\bnight\b|\bmidnight\b", re.I), "at night, moonlight and a few warm lights"),
    (re.compile(r"\b(?:sunset|dusk|evening)\b", re.I), "at dusk, the last warm light low over the horizon"),
    (re.compile(r"\b(?:dawn|sunrise|morning)\b", re.I), "at dawn, first pale light through thin mist"),
    (re.compile(r"\b(?:golden hour)\b", re.I), "in the golden hour, long shadows"),
    (re.compile(r"\b(?:winter|snow)\b", re.I), "in winter, snow on everything, pale light"),
    (re.compile(r"\b(?:autumn|fall)\b", re.I), "in autumn, rust and gold leaves"),
    (re.compile(r"\bspring\b", re.I), "in spring, fresh green and blossom"),
    (re.compile(r"\b(?:rain|storm)\b", re.I), "in the rain, wet reflections, a dark sky"),
    (re.compile(r"\bfog\b|\bmist\b", re.I), "in fog, outlines fading with distance"),
)


@dataclass(frozen=True, slots=True)
class Change:
    """What shall become of a prompt that is there. Neither adds nor without: another of the same.

    back_to: what the wish points back to in so many words; "" when nothing in particular. is_pointed: whether it means
    anything only of something that is there. is_unclear: it points back, and how is beyond these rules.
    """

    adds: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    back_to: Literal["", "picture", "prompt"] = ""
    is_pointed: bool = False
    is_unclear: bool = False

    def of(self, proposed: str) -> str:
        """A proposed prompt, with what it keeps out in its last line, after this change."""
        prompt, _, kept_out = proposed.partition("\nnegative:")
        prompt = prompt.rstrip()
        for words in self.without:
            prompt = _less(prompt, words)
        for words in self.adds:
            prompt = _longer(prompt, words)
        out = ", ".join([*filter(None, [kept_out.strip()]), *self.without])
        return f"{prompt}\nnegative: {out}" if out else prompt

    def told(self) -> str:
        """The change itself in words; empty for another of the same."""
        parts = ["changed by: " + "; ".join(self.adds)] if self.adds else []
        if self.without:
            parts.append("kept out: " + ", ".join(self.without))
        return "; ".join(parts)


def read(text: str) -> Change | None:
    """The wish for change in one line of text, or None when it is something else."""
    text = text.strip(" .!?…")
    if len(text) > _MOST_CHARS or _QUESTION.match(text):
        return None
    pointer = _POINTER.search(text)
    is_literal = pointer is not None and _DIFFERENCE.search(text) is not None
    rest = _POINTER.sub(" | ", text)
    adds: list[str] = []
    without: list[str] = []
    is_mood = True
    for bare in _pieces(rest):
        is_mood = is_mood and _is_mood(bare)
        if found := _WITHOUT.match(bare):
            without.append(found["what"])
        elif found := _LESS.match(bare):
            opposite = _opposite(found["what"])
            (adds if opposite else without).append(opposite or found["what"])
        elif added := _added(bare, is_literal=is_literal):
            adds.append(added)
        else:
            return Change(back_to=_back_to(pointer), is_pointed=True, is_unclear=True) if pointer else None
    if pointer is None and not adds and not without:
        return None
    return Change(tuple(adds), tuple(without), _back_to(pointer), pointer is not None or is_mood)


def _pieces(text: str) -> Iterator[str]:
    """What a wish is made of, bare. In "without people and cars" the cars are to go as well."""
    for stretch in _APART.split(text):
        small = ""
        for bare in filter(None, map(_bared, _AND.split(stretch))):
            known = _WITHOUT.match(bare) or _LESS.match(bare) or _added(bare, is_literal=False)
            whole = bare if known or not small else f"{small} {bare}"
            small = "without" if _WITHOUT.match(whole) else "with" if _WITH.match(whole) else ""
            yield whole


def _added(bare: str, *, is_literal: bool) -> str:
    """What a piece adds to a prompt, or nothing when it is no change that is known."""
    if found := _MORE.match(bare):
        what = found["what"]
        return "" if _COUNTABLE.match(what) else _quality(what) or f"more {what}"
    if known := _quality(bare):
        return known
    if _STYLE.match(bare):
        return bare
    words = len(bare.split())
    is_place = _PLACE.match(bare) is not None
    if (is_place or is_literal) and words <= 3 and (moment := _moment(bare)):
        return moment
    if is_place and (is_literal or words <= _MOST_WORDS):
        return bare
    if found := _WITH.match(bare):
        what = found["what"]
        return what if _MORE.match(what) else f"with {what}"
    return bare if is_literal else ""


def _moment(words: str) -> str:
    return next((told for sign, told in _MOMENTS if sign.search(words)), "")


def _quality(words: str) -> str:
    """What a quality adds, by its plain word or its comparative."""
    return _QUALITIES.get(_plain(words), "")


def _plain(words: str) -> str:
    word = words.casefold()
    plain = [word]
    if word.endswith("er"):
        stem = word[:-2]
        # calmer, wider, busier, sadder.
        plain += [stem, f"{stem}e", f"{stem[:-1]}y", stem[:-1]]
    for each in plain:
        found = _ALIKE.get(each, each)
        if found in _QUALITIES:
            return found
    return ""


def _opposite(words: str) -> str:
    if words.casefold() in _CLUTTERED:
        return _QUALITIES["minimal"]
    return _QUALITIES.get(_OPPOSITES.get(_plain(words), ""), "")


def _is_mood(bare: str) -> bool:
    """Whether a piece is a comparison: "calmer", "less busy", "more dramatic"."""
    return bool(_MORE.match(bare) or _LESS.match(bare) or (bare.casefold().endswith("er") and _quality(bare)))


def _back_to(pointer: re.Match[str] | None) -> Literal["", "picture", "prompt"]:
    if pointer is None:
        return ""
    if _PICTURE.search(pointer[0]):
        return "picture"
    return "prompt" if re.search(r"\b(?:prompt|idea)s?\b", pointer[0], re.I) else ""


def _bared(piece: str) -> str:
    """A piece without the small words around it."""
    bare = piece.strip(" .!?")
    while found := _LEADING.match(bare):
        bare = bare[found.end() :]
    while found := _TRAILING.search(bare):
        bare = bare[: found.start()]
    return bare.strip(" .!?")


def _less(prompt: str, words: str) -> str:
    """A prompt without these words where they hang on the rest by a comma or a small word; else as it was."""
    small = r"(?:with|and|in|on|under|by|at)"
    before = rf"(?:\s*,\s*(?:{small}\s+)?|\s+{small}\s+)(?:(?:an?|the|some|many)\s+)?"
    return re.sub(rf"{before}{re.escape(words)}(?=\s*(?:$|[,.;]|{small}\b))", "", prompt, flags=re.I)


def _longer(prompt: str, added: str) -> str:
    if prompt.endswith("."):
        return f"{prompt} {added[0].upper()}{added[1:]}."
    return f"{prompt.rstrip(' ,')}, {added}"
