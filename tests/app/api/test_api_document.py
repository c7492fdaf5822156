"""Every command of docs/api.md, run in order; the JSON after a command is part of its answer."""

from __future__ import annotations

import io
import json
import re
import shlex
from pathlib import Path
from string import Template
from typing import Any

from werkzeug.test import TestResponse

from tests.app.api.conftest import Caller
from tests.support.engine import Engine

DOCUMENT = (Path(__file__).parents[3] / "docs" / "api.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(sh|json)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ASSIGNED = re.compile(r"(\w+)=\$\((.*) \| jq -r (\S+)\)", re.DOTALL)
ORIGIN = "http://127.0.0.1:8000"


class Shell:
    """As much of a shell, of curl and of jq as the document needs."""

    def __init__(self, call: Caller, folder: Path) -> None:
        self.call = call
        self.folder = folder
        self.variables = {"DARKROOM": ORIGIN, "DARKROOM_KEY": call.key or ""}

    def run(self, block: str) -> TestResponse:
        command = block.strip().replace("\\\n", " ")
        assigned = ASSIGNED.fullmatch(command)
        if assigned is None:
            return self._curl(command)
        name, command, path = assigned.groups()
        answer = self._curl(command)
        self.variables[name] = str(picked(answer.json, path))
        return answer

    def _curl(self, command: str) -> TestResponse:
        words = shlex.split(Template(command).safe_substitute(self.variables))
        assert words.pop(0) == "curl"
        url, method, headers, further, saved_as = "", "GET", {}, {}, None
        while words:
            match words.pop(0):
                case "-X":
                    method = words.pop(0)
                case "-H":
                    name, _, value = words.pop(0).partition(": ")
                    headers[name] = value
                case "-d":
                    further["data"] = words.pop(0)
                case "-F":
                    name, _, path = words.pop(0).partition("=@")
                    further["data"] = {name: (io.BytesIO((self.folder / path).read_bytes()), path)}
                case "-o":
                    saved_as = words.pop(0)
                case word:
                    assert word.startswith(ORIGIN), word
                    url = word.removeprefix(ORIGIN)
        answer = Caller(self.call.app, None)(method, url, headers=headers, **further)
        if saved_as:
            (self.folder / saved_as).write_bytes(answer.data)
        return answer


def picked(value: Any, path: str) -> Any:
    """What `jq -r` would print for a path such as .images[0].id"""
    for name in re.findall(r"\w+", path):
        value = value[int(name)] if name.isdigit() else value[name]
    return value


def is_part_of(part: Any, whole: Any) -> bool:
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(
            name in whole and is_part_of(value, whole[name]) for name, value in part.items()
        )
    return bool(part == whole)


def test_every_command_answers_as_the_document_says(call: Caller, engine: Engine, tmp_path: Path) -> None:
    shell = Shell(call, tmp_path)
    answer: TestResponse | None = None
    shown = 0
    for kind, block in BLOCK.findall(DOCUMENT):
        if kind == "sh":
            answer = shell.run(block)
            assert answer.status_code < 300 or '"seed": -1' in block, (block, answer.text)
            engine.turn()
        else:
            assert answer is not None
            assert is_part_of(json.loads(block), answer.json), (block, answer.text)
            shown += 1
    assert shown >= 6
    assert {"JOB", "IMAGE", "BATCH", "SOURCE"} <= shell.variables.keys()
