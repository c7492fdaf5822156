"""Reading wildcard files. Text: an entry a line, `#` comments. YAML: lists, under keys if wanted.

`animals/birds.txt` is `__animals/birds__`; in `clothes.yaml` the list under `winter:` is `__clothes/winter__`, and also
`__winter__` while nothing else has that name. YAML is read as events and only as text: no tags, no aliases, so a file
can neither build objects nor unfold into more than it says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

import yaml

from app.prompts.errors import MacroError
from app.prompts.grammar import normalise
from app.prompts.syntax import TOKEN
from app.prompts.wildcards import MAX_ENTRIES, Entry, Wildcard, WildcardSet

MAX_FILE_BYTES = 1024 * 1024
MAX_FILES = 1_000
MAX_ENTRY_CHARS = 4_000
MAX_KEY_DEPTH = 6
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}(?:/[A-Za-z0-9][A-Za-z0-9_.-]{0,63}){0,7}")
_NAME_RULE = "use letters, digits, -, _ and . (and / for folders), starting with a letter or digit"
_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C one is ten times as fast
Place: TypeAlias = tuple[int, int]
_STRING_TAGS = (None, "!", "tag:yaml.org,2002:str")


def read_files(files: Iterable[tuple[str, str]]) -> WildcardSet:
    """The wildcards in (path, text) pairs, paths being relative with `/`, ending in .txt, .yaml or .yml.

    Raises MacroError naming file, line and column. `plan.check` then tells whether the entries hold together.
    """
    wildcards: list[Wildcard] = []
    aliases: list[tuple[str, Wildcard]] = []
    left = MAX_ENTRIES
    for number, (path, text) in enumerate(files):
        if number >= MAX_FILES:
            raise MacroError("too_many_files", f"A workspace holds {MAX_FILES:,} wildcard files.", path=path)
        read = _read_file(path, text)
        left -= sum(len(wildcard.entries) for wildcard in read)
        if left < 0:
            raise MacroError("too_many_entries", f"All wildcards together hold {MAX_ENTRIES:,} entries.", path=path)
        wildcards += read
        stem = _stem(path)
        aliases += [(wildcard.name.removeprefix(f"{stem}/"), wildcard) for wildcard in read if wildcard.name != stem]
    return WildcardSet(wildcards, aliases=aliases)


def _read_file(path: str, text: str) -> list[Wildcard]:
    stem, kind = _stem(path), path.rpartition(".")[2].lower()
    if kind not in ("txt", "yaml", "yml") or not _NAME.fullmatch(stem):
        raise MacroError(
            "bad_name", f"This file's name cannot be used: {_NAME_RULE}, ending in .txt or .yaml.", path=path
        )
    if len(text) > MAX_FILE_BYTES or _bytes(path, text) > MAX_FILE_BYTES:
        raise MacroError("too_large", "A wildcard file may have 1 MiB; split it.", path=path)
    text = normalise(text.removeprefix("\ufeff"))
    if kind == "txt":
        return [Wildcard(stem, path, tuple(_lines(path, text)))]
    return [Wildcard(name, path, entries) for name, entries in _YamlFile(path, text, stem).lists()]


def _bytes(path: str, text: str) -> int:
    try:
        return len(text.encode())
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        raise MacroError(
            "bad_text", "Half a character stands here; save the file as UTF-8.", line=line, path=path
        ) from error


def _stem(path: str) -> str:
    return path.rpartition(".")[0]


def _lines(path: str, text: str) -> Iterator[Entry]:
    for number, line in enumerate(text.split("\n"), start=1):
        words = line.strip()
        comment = TOKEN.match(line) if words.startswith("#") else None
        if words and not (comment and comment.lastgroup == "comment"):
            yield _entry(path, words, number, line.index(words) + 1)


def _entry(path: str, words: str, line: int, column: int) -> Entry:
    if len(words) > MAX_ENTRY_CHARS:
        raise MacroError(
            "too_long", f"An entry may have {MAX_ENTRY_CHARS:,} characters.", line=line, column=column, path=path
        )
    return Entry(words, line, column)


def _place(mark: Any) -> Place:
    """Line and column from 1; the C parser's marks and Python's share no type."""
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


class _YamlFile:
    """Turns the events of a YAML file into named lists; its own stack, so that depth cannot exhaust Python's."""

    def __init__(self, path: str, text: str, stem: str) -> None:
        self.path, self.text, self.stem = path, text, stem
        self.found: dict[str, list[Entry]] = {}

    def lists(self) -> Iterable[tuple[str, tuple[Entry, ...]]]:
        try:
            self._read(yaml.parse(self.text, Loader=_Loader))
        except yaml.MarkedYAMLError as error:
            sentence = f"This is not YAML: {error.problem or error.context}."
            raise self._refused(sentence, _place(error.problem_mark or error.context_mark)) from error
        except yaml.YAMLError as error:  # a character YAML forbids; this error has no mark
            line = self.text.count("\n", 0, getattr(error, "position", 0)) + 1
            raise MacroError(
                "bad_yaml", "YAML forbids a character here; remove it.", line=line, path=self.path
            ) from error
        return [(name, tuple(entries)) for name, entries in self.found.items()]

    def _read(self, events: Iterator[yaml.Event]) -> None:
        keys: list[str | None] = []  # one for each open mapping: the key whose value is being read
        in_list = False
        documents = 0
        for event in events:
            place = _place(event.start_mark)
            if isinstance(event, yaml.AliasEvent):
                raise self._refused("Aliases (*name) are not taken; write the list out.", place)
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise self._refused("A wildcard file is one YAML document; remove the other ones.", place)
            elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
                if in_list:
                    raise self._refused("A list holds texts only; write this entry in quotes.", place)
                if event.tag is not None:
                    raise self._refused("Tags are not taken; remove it.", place)
                if keys and keys[-1] is None:
                    raise self._refused("A key must be a plain name.", place)
                in_list = isinstance(event, yaml.SequenceStartEvent)
                if in_list:
                    self._name(keys, place)
                elif len(keys) >= MAX_KEY_DEPTH:
                    raise self._refused(f"Keys may stand in each other {MAX_KEY_DEPTH} deep.", place)
                else:
                    keys.append(None)
            elif isinstance(event, yaml.SequenceEndEvent):
                in_list = False
                self._value_done(keys)
            elif isinstance(event, yaml.MappingEndEvent):
                keys.pop()
                self._value_done(keys)
            elif isinstance(event, yaml.ScalarEvent):
                if event.tag not in _STRING_TAGS:
                    raise self._refused("Tags are not taken; remove it.", place)
                self._scalar(event, keys, in_list)

    def _scalar(self, event: yaml.ScalarEvent, keys: list[str | None], in_list: bool) -> None:
        place = _place(event.start_mark)
        if keys and keys[-1] is None:
            if not _NAME.fullmatch(event.value):
                raise self._refused(f"This key cannot be a wildcard's name: {_NAME_RULE}.", place, code="bad_name")
            keys[-1] = event.value
            return
        is_null = not event.style and event.value in ("", "~", "null")
        words = "" if is_null else event.value.strip()
        if not in_list and not keys and words:
            raise self._refused("A wildcard file is a list, or lists under keys.", place)
        if words:
            name = self._name(keys, place) if not in_list else self._full_name(keys)
            block = event.style in ("|", ">")
            line, column = place
            start = (line + 1, 1) if block else (line, column + bool(event.style))  # after | or the quote
            self.found[name].append(_entry(self.path, words, *start))
        if not in_list:
            self._value_done(keys)

    def _name(self, keys: list[str | None], place: Place) -> str:
        name = self._full_name(keys)
        if name in self.found:
            raise self._refused(f"The key {name} stands here twice.", place, code="duplicate_wildcard")
        self.found[name] = []
        return name

    def _full_name(self, keys: list[str | None]) -> str:
        return "/".join([self.stem, *(key for key in keys if key is not None)])

    @staticmethod
    def _value_done(keys: list[str | None]) -> None:
        if keys:
            keys[-1] = None

    def _refused(self, sentence: str, place: Place, *, code: str = "bad_yaml") -> MacroError:
        line, column = place
        return MacroError(code, sentence, line=line, column=column, path=self.path)
