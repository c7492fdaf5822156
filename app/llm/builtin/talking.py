"""A conversation by rules: questions about the tool get their answer, an idea gets prompts, a wish for change a change.

Nothing is understood beyond single words, and the first reply of a conversation says so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

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
_CHANGE = re.compile(
    r"^(?:(?:and|but|now|please|make|can you make)\s+)*(?:(?:it|them|that|this)\s+)?(?:(?:a (?:bit|little)|much)\s+)?"
    r"(?:(?P<more>more|less)\s+(?P<what>[\w-]+)|(?P<word>\w+er))[\s!.]*$",
    re.I,
)
# What a wish for change adds to the prompt it changes.
_CHANGES = {
    "dramatic": "dramatic side light, deep shadows, high contrast",
    "darker": "low-key light, deep shadows",
    "brighter": "bright, high-key light",
    "lighter": "bright, high-key light",
    "warmer": "warm amber light",
    "colder": "cool blue light",
    "cooler": "cool blue light",
    "softer": "soft diffused light, gentle gradations",
    "colourful": "vivid, saturated colours",
    "colorful": "vivid, saturated colours",
    "realistic": "photorealistic, natural light, true textures",
    "detailed": "rich fine detail in every surface",
    "minimal": "minimal composition, much empty space",
    "simpler": "minimal composition, much empty space",
    "cinematic": "cinematic wide frame, anamorphic lens, film grain",
    "closer": "close up, filling the frame",
    "wider": "a wide view with the subject small in its surroundings",
    "moody": "muted colours, mist, low light",
    "vintage": "faded colours, film grain, soft corners",
}
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
    "I can also explain macros, wildcards, seeds, masks, outpainting, styles and prices."
)
_UNSURE = "I have no rule for this question."


def reply(messages: Sequence[Message]) -> tuple[str, list[str]]:
    """What to say to a conversation, and the prompts proposed in it."""
    wish = next((message for message in reversed(messages) if message.role == "user"), Message("user", ""))
    before = [message for message in messages if message is not wish]
    text = " ".join(wish.text.split())
    said, prompts = _talk(text, wish.text.strip(), before)
    parts = [
        _WHO if not any(message.role == "assistant" for message in before) else "",
        _CANNOT_SEE if wish.pictures else "",
        said,
        *(f"```prompt\n{prompt}\n```" for prompt in prompts),
        "Say *more*, or how they should change." if prompts else "",
    ]
    return "\n\n".join(part for part in parts if part), prompts


def _talk(text: str, typed: str, before: Sequence[Message]) -> tuple[str, list[str]]:
    earlier = _proposed(before)
    if not text or _GREETING.match(text):
        return _SKILLS, []
    if change := _CHANGE.match(text):
        word = (change["what"] or change["word"]).casefold()
        added = _CHANGES.get(word) or (f"{change['more'].casefold()} {word}" if change["more"] else "")
        if earlier and added:
            return f"Changed by: {added}.", [_with(prompt, added) for prompt in earlier]
    if _AGAIN.match(text):
        subject = _subject(before)
        return ("Others on the same subject:", _ideas(subject, MOST)[3:6]) if subject else (_SKILLS, [])
    idea = _idea(typed)
    if _ASKING.match(text) or (text.endswith("?") and idea == _bare(typed)):
        told = next((told for pattern, told in _TOPICS if re.search(pattern, text, re.I)), "")
        return told or f"{_UNSURE} {_SKILLS}", []
    if not idea:
        return _SKILLS, []
    return "Here is your idea, with light, view and colours decided:", _ideas(idea, _count(text))


def _with(proposed: str, added: str) -> str:
    """A proposed prompt with more words; what it keeps out stays as it is, in its last part."""
    prompt, sign, kept_out = proposed.partition("\nnegative:")
    return f"{_longer(prompt.rstrip(), added)}{sign}{kept_out}"


def _longer(prompt: str, added: str) -> str:
    if prompt.endswith("."):
        return f"{prompt} {added[0].upper()}{added[1:]}."
    return f"{prompt.rstrip(' ,')}, {added}"


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
        if message.role == "user" and not (_AGAIN.match(text) or _CHANGE.match(text) or _GREETING.match(text)):
            return _idea(message.text)
    return ""
