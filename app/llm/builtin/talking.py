"""A conversation by rules: questions about the tool get their answer, an idea gets prompts, a wish for change a change
of what was proposed, or of the words the last picture was made with.

Nothing is understood beyond single words, and the first reply of a conversation says so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from app.llm.builtin import changing
from app.llm.builtin.changing import Change
from app.llm.builtin.enhancing import MOST, Wish, variations
from app.llm.contract import Message

_WHO = (
    "These are Darkroom's built-in rules answering, not an AI: "
    "no language model is set up here, or none could be reached."
)
_CANNOT_SEE = "I cannot look at pictures; a vision model can, once one is set up."

_FENCE = re.compile(r"```prompt\n(?P<prompt>.+?)\n```", re.DOTALL)
_GREETING = re.compile(
    r"(?:hi|hello|hey|good (?:morning|evening|day)|thanks?|thank you|help|help me)\b[\s!.,?]*$", re.I
)
_ASKING = re.compile(r"(?:what|how|why|when|where|who|which|explain|tell me (?:about|how|what|why))\b", re.I)
_LEAD = re.compile(
    r"""^(?:(?:please|could\ you|can\ you|would\ you|i(?:'d|\ would)?\ (?:want|like|need)(?:\ to)?|let'?s)\s+)*
        (?:(?:suggest|propose|write|make|create|generate|draw|paint|give|show|imagine|find|have|see)\s+(?:me\s+|us\s+)?)?
        (?:(?:(?:some|a\ few|another|more|the|an?|\d{1,2}|two|three|four|five|six|seven|eight|nine|ten)\s+)?
           (?:(?:new|good|nice|detailed|different)\s+)*
           (?:prompts?|ideas?|variations?|pictures?|images?|photos?)\s+(?:for|of|about|with|on|showing)\s+)?""",
    re.I | re.X,
)
_NUMBERS = dict(
    zip(["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"], range(1, 11), strict=True)
)
_COUNT = re.compile(
    rf"\b(?P<count>\d{{1,2}}|{'|'.join(_NUMBERS)})\s+(?:\w+\s+)?(?:prompts?|ideas?|variations?)\b", re.I
)
_AGAIN = re.compile(r"^(?:more|again|another(?: one)?|others?|more (?:ideas|prompts|variations))[\s!.]*$", re.I)
_TOPICS: tuple[tuple[str, str], ...] = (
    (
        r"\b(?:macros?|braces|combinations?|grids?)\b|\{",
        "Braces with bars make one picture of each choice: `{red|green} fox at {dawn|dusk}` makes four. "
        "`{2$$a|b|c}` takes two at a time, `{3::a|b}` makes the first likelier when choices are drawn by chance, and "
        "`__animal__` takes entries from a wildcard file of that name. The count stands below the prompt box.",
    ),
    (
        r"\bwildcards?\b",
        "A wildcard is a text file with one entry on each line. `__name__` in a prompt takes an entry from it; "
        "`__folder/*__` takes from every file of a folder.",
    ),
    (
        r"\bseeds?\b",
        "The seed decides everything that chance decides. The same prompt, settings and seed make the same picture "
        "again, where the model takes a seed; lock it to compare changes of the prompt alone.",
    ),
    (
        r"\bnegative\b",
        "The negative prompt lists what should not appear, as plain words without “no”: `blurry, text, watermark`. "
        "It shows only for models that take one.",
    ),
    (
        r"\b(?:inpaint\w*|masks?)\b",
        "Inpainting paints a part of a picture anew: white in the mask is repainted, black stays as it is. "
        "Describe what should stand there, not what to remove.",
    ),
    (
        r"\b(?:outpaint\w*|expand\w*|extend\w*)\b",
        "Outpainting adds room around a picture, and the model paints what lies there. "
        "Describe the whole scene, and it continues more smoothly.",
    ),
    (
        r"\b(?:img2img|strength|denois\w*)\b",
        "With a picture to start from, strength says how far the result may leave it: about 0.3 keeps the composition, "
        "0.7 keeps the idea, 1 keeps nearly nothing.",
    ),
    (
        r"\b(?:upscal\w*|enlarg\w*)\b",
        "Enlarging runs on this machine and is free: open a picture and choose Upscale, by two or by four.",
    ),
    (
        r"\b(?:styles?|themes?)\b",
        "A style holds words and settings that join every prompt it is chosen for; a theme does so for the whole "
        "workspace. Both are made in the workspace and shown in the prompt that is sent.",
    ),
    (
        r"\b(?:prices?|costs?|dollars?|budget|free)\b",
        "The button you press carries the price of what it will make. Each finished job shows what it really cost.",
    ),
    (
        r"\b(?:api|keys?)\b",
        "A key of a language model's provider in the server's settings lets a real model answer here; "
        "`darkroom doctor` tells which are set and whether they answer.",
    ),
    (
        r"\b(?:prompts?|better|improve|write)\b",
        "A prompt works best when it says what is seen: subject, what it does, where, from where we look, the light "
        "and the medium, the most important first. Leave out what cannot be seen. Tell me your subject and I will "
        "write some.",
    ),
)
_SKILLS = (
    "Tell me a subject, such as *a lighthouse in a storm*, and I will propose prompts. "
    "Then say *more dramatic*, *warmer* or *closer*, and I change them. "
    "*Something calmer than the last picture* or *like the last but at night* builds on what you made. "
    "I can also explain macros, wildcards, seeds, masks, outpainting, styles and prices."
)
_UNSURE = "I have no rule for this question."


_NOTHING_THERE = "There is no picture and no prompt here yet that I could build on."
_UNCLEAR = (
    "I cannot tell what should become of {whose}. Say how it should change: *calmer*, *at night*, *without people*, "
    "*like the last but …*."
)


@dataclass(frozen=True, slots=True)
class Made:
    """The prompts of pictures: of those that came with the message, and of the workspace's last, newest first."""

    shown: Sequence[str] = ()
    last: Sequence[str] = ()

    @classmethod
    def of(cls, facts: Mapping[str, Any] | None) -> Self:
        return cls(*(tuple(map(str, (facts or {}).get(name, ()))) for name in ("shown", "last")))


@dataclass(frozen=True, slots=True)
class _Base:
    """Prompts to build on, and whose they are in words."""

    prompts: Sequence[str]
    whose: str


def reply(messages: Sequence[Message], made: Made = Made()) -> tuple[str, list[str]]:
    """What to say to a conversation, and the prompts proposed in it."""
    wish = next((message for message in reversed(messages) if message.role == "user"), Message("user", ""))
    before = [message for message in messages if message is not wish]
    text = " ".join(wish.text.split())
    said, prompts = _talk(text, wish.text.strip(), before, made)
    parts = [
        _WHO if not any(message.role == "assistant" for message in before) else "",
        _CANNOT_SEE if wish.pictures else "",
        said,
        *(f"```prompt\n{prompt}\n```" for prompt in prompts),
        "Say *more*, or how they should change." if prompts else "",
    ]
    return "\n\n".join(part for part in parts if part), prompts


def _talk(text: str, typed: str, before: Sequence[Message], made: Made) -> tuple[str, list[str]]:
    if not text or _GREETING.match(text):
        return _SKILLS, []
    change = Change(is_pointed=True) if _AGAIN.match(text) and not _subject(before) else changing.read(text)
    if change is not None:
        base = _base(change, _proposed(before), made)
        if base is not None:
            return _changed(change, base, _COUNT.search(text) and _count(text))
        if change.is_pointed:
            return f"{_NOTHING_THERE} {_SKILLS}", []
    if _AGAIN.match(text):
        return "Others on the same subject:", _ideas(_subject(before), MOST)[3:6]
    idea = _idea(typed)
    if _ASKING.match(text) or (text.endswith("?") and idea == _bare(typed)):
        told = next((told for pattern, told in _TOPICS if re.search(pattern, text, re.I)), "")
        return told or f"{_UNSURE} {_SKILLS}", []
    if not idea:
        return _SKILLS, []
    return "Here is your idea, with light, view and colours decided:", _ideas(idea, _count(text))


def _base(change: Change, proposed: Sequence[str], made: Made) -> _Base | None:
    """What a wish for change is about: the pictures that came with it; else the last picture or the prompts proposed
    last, as it says; else whichever of the two there is."""
    found = {
        "shown": _Base(made.shown, "the picture you show"),
        "picture": _Base(made.last[:1], "the last picture"),
        "prompt": _Base(proposed, "the prompts above" if len(proposed) > 1 else "the prompt above"),
    }
    order = ("shown", "picture", "prompt") if change.back_to == "picture" else ("shown", "prompt", "picture")
    return next((found[name] for name in order if found[name].prompts), None)


def _changed(change: Change, base: _Base, count: int | None) -> tuple[str, list[str]]:
    if change.is_unclear:
        return _UNCLEAR.format(whose=base.whose), []
    if not change.told():
        return f"Others on {base.whose}:", [each for prompt in base.prompts for each in _ideas(prompt, count or 3)][
            :MOST
        ]
    prompts = [change.of(prompt) for prompt in base.prompts]
    if count is not None:
        prompts = [each for prompt in prompts for each in _ideas(prompt, count)][:MOST]
    return f"Built on {base.whose}, {change.told()}.", prompts


def _idea(typed: str) -> str:
    return _bare(_LEAD.sub("", typed, count=1))


def _bare(text: str) -> str:
    return text.strip(" \t\n.!?")


def _ideas(idea: str, count: int) -> list[str]:
    return variations(Wish(idea, count))


def _count(text: str) -> int:
    found = _COUNT.search(text)
    if not found:
        return 3
    word = found["count"].casefold()
    return max(1, min(_NUMBERS.get(word) or int(word), MOST))


def _proposed(before: Sequence[Message]) -> list[str]:
    """The prompts of the newest reply that has some."""
    for message in reversed(before):
        if message.role == "assistant" and (prompts := _FENCE.findall(message.text)):
            return prompts
    return []


def _subject(before: Sequence[Message]) -> str:
    for message in reversed(before):
        text = " ".join(message.text.split())
        if message.role == "user" and not (_AGAIN.match(text) or _GREETING.match(text) or changing.read(text)):
            return _idea(message.text)
    return ""
