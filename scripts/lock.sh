#!/bin/sh
# Pins every package anew, Python and npm, with hashes and without any address: the files say what, never from where.
# Usage: scripts/lock.sh [--upgrade]
set -eu
cd "$(dirname "$0")/.."

lock() {
    .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-header --no-annotate --no-emit-index-url --no-emit-find-links "$@"
}

lock "$@" requirements-setup.in -o requirements-setup.txt
lock "$@" requirements-node.in -o requirements-node.txt
lock "$@" --overrides requirements-overrides.txt requirements.in -o requirements.txt
lock "$@" --overrides requirements-overrides.txt requirements-dev.in -o requirements-dev.txt

scripts/node.sh 20.19 npm install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved \
    --no-audit --no-fund --loglevel=error
.venv/bin/python scripts/strip_npm_lock.py
