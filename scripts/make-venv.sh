#!/bin/sh
# Creates .venv and puts the pinned installer in it, or says in one sentence what this machine lacks.
# PYTHON chooses the interpreter; default: python3, or else a newer python3.N beside it.
set -eu
cd "$(dirname "$0")/.."

fail() {
    echo "Darkroom cannot be set up: $1" >&2
    exit 1
}

new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

if ! new_enough .venv/bin/python; then
    python=${PYTHON:-}
    if [ -n "$python" ]; then
        new_enough "$python" || fail "PYTHON=$python is not a Python 3.11 or newer."
    else
        for candidate in python3 python3.13 python3.12 python3.11; do
            if new_enough "$candidate"; then
                python=$candidate
                break
            fi
        done
        [ -n "$python" ] || fail "it needs Python 3.11 or newer, and none of that age was found as python3."
    fi
    if "$python" -c 'import ensurepip' 2>/dev/null; then
        pip=""
    elif "$python" -m venv --help >/dev/null 2>&1 && "$python" -m pip --version >/dev/null 2>&1; then
        pip=--without-pip
    else
        fail "this Python cannot make virtual environments; on Debian or Ubuntu: apt install python3-venv"
    fi
    echo "Creating .venv with $("$python" -c 'import sys; print("Python", sys.version.split()[0])')"
    "$python" -m venv --clear $pip .venv
fi

# Without pip inside, the one outside installs into it.
if .venv/bin/python -m pip --version >/dev/null 2>&1; then
    set -- .venv/bin/python -m pip
else
    set -- "${python:-${PYTHON:-python3}}" -m pip --python .venv/bin/python
fi
"$@" --disable-pip-version-check install --quiet --no-deps --require-hashes -r requirements-setup.txt
