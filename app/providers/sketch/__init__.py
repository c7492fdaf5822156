"""Sketch, the built-in engine: paints small lit scenes on the CPU, steered by the words of the prompt.

No AI model: every picture is drawn by rules from (prompt, negative prompt, seed, size), the same bytes every time.
It does every operation for real, so that a machine without keys or GPUs runs the whole product, and it plays a
provider with a charge ledger, latency and failures of its own for tests and benchmarks.
"""

from app.providers.sketch.adapter import Sketch
from app.providers.sketch.behaviour import Behaviour
from app.providers.sketch.ledger import Charge, Ledger

__all__ = ["Behaviour", "Charge", "Ledger", "Sketch"]
