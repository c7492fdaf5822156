"""Run all benchmarks (or those named), print a table, write bench/results.json."""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from pathlib import Path

from bench import engine, live, macros, pages, placement, scrolling
from bench.measurement import Row

SUITES = {
    "macros": macros.run,
    "placement": placement.run,
    "pages": pages.run,
    "scrolling": scrolling.run,
    "live": live.run,
    "engine": engine.run,
}
RESULTS = Path(__file__).with_name("results.json")
# Figures where more is better carry this unit.
_RATE = "/s"


def main() -> int:
    wanted = [name for name in sys.argv[1:] if not name.startswith("-")] or list(SUITES)
    if unknown := set(wanted) - set(SUITES):
        print(f"There is no benchmark {sorted(unknown)}; choose from {list(SUITES)}.")
        return 2
    machine = describe()
    print(machine["text"])
    rows: list[Row] = []
    for name in wanted:
        print(f"\n{name}")
        for found in SUITES[name]():
            rows.append(found)
            print(shown(found), flush=True)
    RESULTS.write_text(json.dumps({"machine": machine, "at": time.strftime("%F %T"), "rows": rows}, indent=1))
    missed = [found["name"] for found in rows if not met(found)]
    print(f"\n{len(rows)} figures, {len(missed)} outside their budget" + "".join(f"\n  {name}" for name in missed))
    return 0


def met(found: Row) -> bool:
    budget = found["budget"]
    if budget is None:
        return True
    return found["median"] >= budget if found["unit"].endswith(_RATE) else found["median"] <= budget


def shown(found: Row) -> str:
    budget = "" if found["budget"] is None else f"budget {found['budget']:g}"
    mark = "  " if met(found) else "! "
    figures = f"{found['median']:10.2f} {found['p95']:10.2f} {found['unit']:6}"
    return f"{mark}{found['name']:66} {figures} {budget:12} {found['note']}"


def describe() -> dict[str, object]:
    """The machine, and how busy it was: figures of a shared one are to be read as ratios."""
    load = os.getloadavg()[0]
    cores = os.cpu_count() or 1
    text = f"{platform.machine()}, {cores} cores, Python {platform.python_version()}, load {load:.1f} at the start"
    return {"text": text, "cores": cores, "python": platform.python_version(), "load": load}


if __name__ == "__main__":
    sys.exit(main())
