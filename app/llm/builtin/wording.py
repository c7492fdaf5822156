"""The words the rules extend prompts with: every phrase says something a picture can show.

Lists are of one length at least, so that the first ten variations all differ.
"""

from __future__ import annotations

# Light, its colours and the mood that goes with both.
LOOKS = (
    ("low golden sun from the left", "amber against slate blue", "unhurried and warm"),
    ("soft diffused daylight", "muted earth colours with one clear red", "calm"),
    ("cool overcast daylight without hard shadows", "ink, bone and pale grey", "quiet and a little lonely"),
    ("one warm lamp in the dark", "copper against near black", "intimate"),
    ("blue hour with the first lights coming on", "cobalt with small points of orange", "expectant"),
    ("hard high sun with short, crisp shadows", "saturated complementary colours", "bright and energetic"),
    ("backlight that draws a bright rim around every edge", "teal shadows and warm highlights", "dramatic"),
    ("dappled light with moving patches of shade", "deep greens and old gold", "playful"),
    ("moonlight with a faint warm glow from below", "silver and deep indigo", "mysterious"),
    ("early light through thin mist", "lavender, rose and smoke", "tender"),
)
VIEW = (
    "seen at eye level, the background far out of focus",
    "a wide view with the subject small in its surroundings",
    "close up, filling the frame",
    "seen from low down against the sky",
    "off centre by a third, with open space to one side",
    "seen from straight above",
    "framed by dark shapes in the foreground",
    "symmetrical, along the middle of the frame",
    "a three-quarter view at a medium distance",
    "through a long lens that stacks near and far",
)
FINISH = (
    "fine natural texture in every surface",
    "crisp edges and clean shapes",
    "a gentle film grain",
    "visible depth from front to back",
    "rich detail where the eye lands and rest elsewhere",
    "tactile materials",
    "smooth gradations of tone",
    "deep but open shadows",
    "precise small details",
    "a balanced, uncluttered frame",
)
OUTFITS = (
    "wearing a long wool coat with a raised collar",
    "wearing a loose linen shirt with rolled sleeves",
    "wearing a tailored dark suit",
    "wearing a bright raincoat and rubber boots",
    "wearing an embroidered festive dress",
    "wearing a worn leather jacket and jeans",
    "wearing a thick knitted jumper",
    "wearing layered sportswear",
    "wearing a flowing silk gown",
    "wearing sturdy working clothes with many pockets",
)
POSES = (
    "standing upright with the weight on one leg",
    "caught in mid-stride",
    "sitting with crossed legs, leaning forward",
    "turning to look back over the shoulder",
    "crouching low, ready to move",
    "leaning against something with folded arms",
    "reaching up with one arm",
    "resting, stretched out at ease",
    "in mid-leap, clear of the ground",
    "kneeling, bent over something small",
)
EXPRESSIONS = (
    "with a faint private smile",
    "with a level, direct gaze",
    "laughing openly with narrowed eyes",
    "lost in thought, looking past the viewer",
    "with raised brows in surprise",
    "with a stern, closed mouth",
    "with a warm, attentive look",
    "with tired but content eyes",
    "with a mischievous sideways glance",
    "with eyes closed in concentration",
)
CAMERA = (
    "The camera pushes in slowly",
    "The camera stands still",
    "The camera circles a quarter of the way round",
    "The camera drifts sideways, near things passing faster than far ones",
    "The camera rises gently and tilts down",
    "The camera follows from behind at a steady distance",
    "The camera pulls back to show where we are",
    "The camera is held by hand and breathes a little",
    "The camera pans from left to right and comes to rest",
    "The camera glides forward close to the ground",
)
MOTION = (
    "everything loose stirs in a light wind",
    "the subject turns its head and comes to rest",
    "dust and small particles float through the light",
    "the background moves softly while the subject holds its pose",
    "one clear movement begins, unfolds and settles",
    "weight shifts from one side to the other",
    "reflections and shadows slide slowly over the surfaces",
    "the subject breathes, blinks and leans forward",
    "mist moves through the depth of the scene",
    "everything moves in slow motion",
)
PACE = (
    "an even pace",
    "a slow start and a calm end",
    "one clear high point",
    "no cuts and no jumps",
    "a steady, unhurried rhythm",
    "a light, springing rhythm",
    "a long, smooth arc",
    "a pause before its end",
    "a natural, physical weight",
    "a quick start that settles",
)

# What in a prompt shows that it has decided a thing by itself already.
TOLD = {
    "light": (
        "light lit dawn dusk sunset sunrise night noon moonlight sunlight candlelight neon backlit shadow shadows "
        "glow golden-hour overcast lamp"
    ),
    "view": "close-up closeup wide-angle aerial macro overhead silhouette panorama eye-level",
    "colours": "colour colours color colors palette monochrome pastel pastels sepia black-and-white",
    "mood": "mood moody calm eerie joyful melancholic serene dramatic tense peaceful",
    "camera": "camera pan zoom dolly orbit tracking tilt handheld",
    "motion": "slow-motion moves moving running walking turns turning flying dancing waves drifting",
}
