"""Join static/js/app.js and all it imports into static/built/app.js, with the command given: node and its arguments."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from app.web.script_bundle import BUNDLE, ENTRY, heading

STATIC = Path(__file__).resolve().parent.parent / "static"
# What the page's own style sheets need of a browser is younger than this.
OPTIONS = ["--bundle", "--minify", "--format=esm", "--target=es2022", "--log-level=warning"]


def main(esbuild: list[str]) -> int:
    made = STATIC / BUNDLE
    fresh = made.with_suffix(".new")
    # Before it is made: should a script change meanwhile, the bundle is one of yesterday's.
    banner = heading(STATIC)
    done = subprocess.run(
        [*esbuild, STATIC / ENTRY, *OPTIONS, f"--banner:js={banner}", f"--outfile={fresh}"], check=False
    )
    if done.returncode == 0:
        fresh.replace(made)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
