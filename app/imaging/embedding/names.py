"""Under which names texts are stored, and how many pieces of a file are looked at for them."""

from __future__ import annotations

RECIPE = "darkroom"
PARAMETERS = "parameters"
NAMES_READ = (RECIPE, PARAMETERS, "prompt", "workflow")

# Texts stand in the company of few other pieces; a file with more pieces than this is made to be slow.
PIECES_MAX = 2_000
