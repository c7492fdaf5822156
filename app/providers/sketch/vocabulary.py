"""What Sketch understands of a prompt: words in, choices for the scene out. Pure tables and one reader."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing Sketch can paint.

    scene: module under `scenes/` whose `compose` paints it. variant: handed to a scene that paints several things.
    light: the hour when the words name none; empty lets the prompt's hash choose a bright one.
    """

    name: str
    words: str
    scene: str
    variant: str = ""
    light: str = ""


SUBJECTS = (
    Subject("fox", "fox foxes vixen", "sitting", "fox"),
    Subject("wolf", "wolf wolves husky", "sitting", "wolf"),
    Subject("dog", "dog dogs puppy corgi shiba", "sitting", "dog"),
    Subject("cat", "cat cats kitten kitty", "sitting", "cat"),
    Subject("rabbit", "rabbit rabbits hare bunny", "sitting", "rabbit"),
    Subject("bear", "bear bears cub panda", "sitting", "bear"),
    Subject("owl", "owl owls owlet", "owl"),
    Subject("lighthouse", "lighthouse lighthouses beacon", "lighthouse", light="golden hour"),
    Subject("dunes", "dunes dune desert sahara sand", "dunes", light="golden hour"),
    Subject("mountains", "mountains mountain peak peaks alps summit", "mountains"),
    Subject("hills", "hills hill valley landscape countryside meadow", "hills"),
    Subject("forest", "forest forests woods woodland wood trees tree pines birches", "forest"),
    Subject("bottles", "bottles bottle vases vase jug pottery ceramics", "still_life", "bottles"),
    Subject("pears", "pears pear apples apple", "still_life", "pears"),
    Subject("still life", "still-life bowl fruit fruits oranges orange lemons lemon", "still_life", "bowl"),
    Subject("bust", "bust portrait woman man girl boy face head person people model lady", "bust"),
    Subject("city", "city skyline street downtown tokyo skyscrapers skyscraper cyberpunk", "city", light="night"),
    Subject("jellyfish", "jellyfish medusa underwater", "jellyfish", light="night"),
    Subject("koi", "koi pond carp fish fishes goldfish", "koi", light="morning"),
    Subject("aurora", "aurora borealis northern-lights", "aurora", light="night"),
    Subject("balloons", "balloons balloon hot-air airship", "balloons", light="morning"),
    Subject("planet", "planet planets saturn space galaxy cosmos", "planet", light="night"),
    Subject("flower", "flower flowers dahlia rose blossom bloom lotus daisy sunflower tulip", "flower"),
    Subject("sea", "sea ocean waves wave beach coast boat sailboat ship lake", "sea"),
    Subject("arches", "arches arch architecture building temple courtyard hallway", "arches", light="golden hour"),
)

COLOURS = {
    "red": "#d3302b", "crimson": "#a8142f", "scarlet": "#e8321f", "ruby": "#b01243", "vermilion": "#e2492c",
    "orange": "#ee7a1e", "amber": "#f0a01e", "copper": "#b8693a", "rust": "#a8471e", "brown": "#7b4a2a",
    "yellow": "#f3c92b", "gold": "#d9a425", "golden": "#dba830", "cream": "#f1e2c0", "beige": "#dcc6a0",
    "green": "#2f9d4b", "emerald": "#109a63", "lime": "#9bd132", "olive": "#7f8a34", "mint": "#8fdcb4",
    "teal": "#148f8d", "turquoise": "#2bbfb6", "cyan": "#27c3dd", "azure": "#2b8fe6", "blue": "#2c5fd6",
    "cobalt": "#1f45b8", "navy": "#1c2f66", "indigo": "#43319e", "purple": "#7d3fc0", "violet": "#8a4fd6",
    "lavender": "#b39ce6", "magenta": "#cf2f9d", "pink": "#f08fb4", "coral": "#f57c61", "salmon": "#f4937e",
    "silver": "#b4bcc8", "grey": "#8a8d93", "gray": "#84888e", "charcoal": "#3c4046", "black": "#26262b",
    "white": "#f3f1ec", "arctic": "#eef4fa", "snowy": "#f2f5f8", "ivory": "#f4ecd8", "bronze": "#8f6a36",
}  # fmt: skip

# Words of two or three parts come first: the reader takes the longest that fits.
LIGHTS = {
    "golden hour": "golden hour", "low sun": "golden hour", "late afternoon": "golden hour",
    "golden light": "golden hour",
    "blue hour": "blue hour", "first light": "dawn", "early morning": "dawn", "full moon": "moonlight",
    "dawn": "dawn", "daybreak": "dawn", "sunrise": "sunrise", "morning": "morning", "noon": "noon", "midday": "noon",
    "daylight": "noon", "day": "noon", "sunny": "noon", "afternoon": "golden hour", "sunset": "sunset",
    "sundown": "sunset", "dusk": "dusk", "twilight": "dusk", "evening": "dusk", "night": "night", "midnight": "night",
    "nocturnal": "night", "moonlight": "moonlight", "moonlit": "moonlight", "moon": "moonlight",
    "overcast": "overcast", "cloudy": "overcast",
}  # fmt: skip

SEASONS = {
    "snow": "snow", "winter": "snow", "frost": "snow", "frozen": "snow", "ice": "snow", "icy": "snow",
    "autumn": "autumn", "fall": "autumn", "october": "autumn", "spring": "spring", "may": "spring",
    "cherry": "spring", "summer": "summer", "july": "summer", "grass": "summer",
}  # fmt: skip

WEATHERS = {
    "fog": "fog", "foggy": "fog", "mist": "fog", "misty": "fog", "haze": "fog", "hazy": "fog", "rain": "rain",
    "rainy": "rain", "storm": "rain", "stormy": "rain", "snowing": "snowfall", "snowfall": "snowfall",
    "blizzard": "snowfall", "snowstorm": "snowfall", "stars": "stars", "starry": "stars",
}  # fmt: skip

MOODS = {
    "calm": "calm", "serene": "calm", "peaceful": "calm", "soft": "calm", "dramatic": "dramatic", "epic": "dramatic",
    "cinematic": "dramatic", "contrast": "dramatic", "dark": "dark", "moody": "dark", "noir": "dark",
    "bright": "bright", "airy": "bright", "pastel": "pastel", "neon": "neon", "vivid": "vivid", "vibrant": "vivid",
    "colorful": "vivid", "colourful": "vivid", "monochrome": "monochrome", "greyscale": "monochrome",
    "grayscale": "monochrome", "ink": "monochrome", "sepia": "sepia", "vintage": "sepia", "warm": "warm",
    "warmer": "warm", "cold": "cold", "cool": "cold", "colder": "cold", "cooler": "cold",
}  # fmt: skip

FRAMINGS = {
    "close-up": "close-up", "closeup": "close-up", "macro": "close-up", "85mm": "close-up", "wide": "wide",
    "panorama": "wide", "panoramic": "wide", "distant": "wide", "tiny": "wide", "aerial": "aerial", "above": "aerial",
    "drone": "aerial", "minimal": "minimal", "minimalist": "minimal",
}  # fmt: skip

PLACES = {
    "sky": "sky", "background": "sky", "backdrop": "sky", "clouds": "sky", "wall": "sky", "ground": "ground",
    "floor": "ground", "table": "ground", "field": "ground", "water": "ground",
}  # fmt: skip

_JOINED = (
    "black and white", "golden hour", "golden light", "low sun", "late afternoon", "blue hour", "first light",
    "early morning", "full moon", "close up", "still life", "hot air", "northern lights",
)  # fmt: skip
# These do not part a colour from its noun: "a blue and very old lighthouse", "the fox is red".
_ADJECTIVE_GAP = 3


@dataclass(frozen=True, slots=True)
class Reading:
    """A prompt as Sketch understands it.

    colour: sRGB code of the subject, if the words gave one. places: codes for `sky` and `ground`.
    rest: the words that chose nothing; together with the seed they lay out the scene, so that two choices of a macro
    share their composition. digest: of the whole text, for what must differ between any two prompts.
    """

    subject: Subject
    colour: str | None = None
    places: dict[str, str] = field(default_factory=dict)
    light: str = ""
    season: str = ""
    weather: str = ""
    moods: tuple[str, ...] = ()
    framing: str = ""
    birch: bool = False
    rest: str = ""
    digest: str = ""


_SUBJECT_OF = {word.replace("-", " "): subject for subject in SUBJECTS for word in subject.words.split()}
_BRIGHT_HOURS = ("morning", "golden hour", "noon", "dawn", "sunset")


def read(prompt: str, negative_prompt: str = "") -> Reading:
    """Every text gives a reading; unknown ones take their subject from their own hash."""
    digest = hashlib.sha256(f"{prompt}\x1f{negative_prompt}".encode(errors="surrogatepass")).hexdigest()
    words = _words(prompt)
    unwanted = {meaning for word in _words(negative_prompt) for meaning in _meanings(word)}
    subject, at = _subject(words, digest)
    colours = _colours(words, at)

    def first(table: dict[str, str]) -> str:
        return next((table[w] for w in words if w in table and table[w] not in unwanted), "")

    light = first(LIGHTS) or subject.light or _BRIGHT_HOURS[int(digest[8:10], 16) % len(_BRIGHT_HOURS)]
    moods = tuple(dict.fromkeys(MOODS[w] for w in words if w in MOODS and MOODS[w] not in unwanted))
    if "black and white" in words and at is None:
        moods = (*moods, "monochrome")
    return Reading(
        subject=subject,
        colour=colours.pop("subject", None),
        places=colours,
        light=light,
        season=first(SEASONS),
        weather=first(WEATHERS),
        moods=moods,
        framing=first(FRAMINGS),
        birch=any(w.startswith("birch") for w in words),
        rest=" ".join(w for w in words if not _meanings(w)),
        digest=digest,
    )


def _words(text: str) -> list[str]:
    plain = re.sub(r"\b85 mm\b", "85mm", text.lower())
    plain = re.sub(r"[^\w\s]+", " ", plain.replace("close-up", "close up").replace("-", " "))
    for joined in _JOINED:
        plain = re.sub(rf"\b{joined}\b", joined.replace(" ", "_"), plain)
    return [word.replace("_", " ").replace("close up", "close-up") for word in plain.split()]


def _meanings(word: str) -> tuple[str, ...]:
    """What a single word chooses, if anything."""
    tables = (LIGHTS, SEASONS, WEATHERS, MOODS, FRAMINGS, COLOURS)
    return tuple(table[word] for table in tables if word in table)


def _subject(words: list[str], digest: str) -> tuple[Subject, int | None]:
    """The subject and where it stands. The first creature or thing wins over the place it stands in: a word further
    up the table is more particular ("a fox in a forest", "a lighthouse by the sea")."""
    found = [
        (SUBJECTS.index(_SUBJECT_OF[w]), i) for i, w in enumerate(words) if w in _SUBJECT_OF and not _paints(words, i)
    ]
    if not found:
        return SUBJECTS[int(digest[:8], 16) % len(SUBJECTS)], None
    _, at = min(found)
    return _SUBJECT_OF[words[at]], at


def _paints(words: list[str], at: int) -> bool:
    """ "orange" before a noun is a colour, alone it is a fruit."""
    return words[at] in COLOURS and any(w in _SUBJECT_OF for w in words[at + 1 : at + 3])


def _colours(words: list[str], subject_at: int | None) -> dict[str, str]:
    """Which colour belongs to what: the noun that follows within a few words, else the one just before."""
    found: dict[str, str] = {}
    for i, word in enumerate(words):
        if word not in COLOURS or i == subject_at:
            continue
        owner = _owner(words, i, subject_at)
        found.setdefault(owner, COLOURS[word])
    if "free" in found:
        free = found.pop("free")
        found.setdefault("sky" if "subject" in found else "subject", free)
    return found


def _owner(words: list[str], at: int, subject_at: int | None) -> str:
    for i in range(at + 1, min(len(words), at + 1 + _ADJECTIVE_GAP)):
        if i == subject_at:
            return "subject"
        if words[i] in PLACES:
            return PLACES[words[i]]
    for i in range(at - 1, max(-1, at - 1 - _ADJECTIVE_GAP), -1):
        if i == subject_at:
            return "subject"
        if words[i] in PLACES:
            return PLACES[words[i]]
    return "free"
