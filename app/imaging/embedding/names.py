"""Under which names texts are stored, and how many pieces of a file are looked at for them."""

from __future__ import annotations

RECIPE = "darkroom"
PARAMETERS = "parameters"
# What other programs write: ComfyUI its graph and the drawing of it, InvokeAI since version 3 and before.
GRAPH, WORKFLOW = "prompt", "workflow"
INVOKEAI, INVOKEAI_OLD = "invokeai_metadata", "sd-metadata"
NAMES_READ = (RECIPE, PARAMETERS, GRAPH, WORKFLOW, INVOKEAI, INVOKEAI_OLD)

# Texts stand in the company of few other pieces; a file with more pieces than this is made to be slow.
PIECES_MAX = 2_000
