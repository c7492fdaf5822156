"""Scripts as they travel: a group of modules in one file, while each is written in a file of its own.

A module that a page asks for by itself (app.js, and whatever an `import("…")` reached from there names) is the head of
a group; what it imports travels with it. What several heads import travels with the one among them that the others
import, else with app.js, so that every module is there exactly once and keeps its state. Each becomes the inside of a
function, `import` and `export` what goes in and out of it, and comments stay behind: they are a fifth of the weight.

Only the forms that stand in our modules are known: named imports and exports, and comments, each beginning a line, and
template strings that end on theirs.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ENTRY = "app.js"
_IMPORT = re.compile(r'^import (?:\{([^}]*)\} from )?"(\.[^"]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function\*?|class|const) ([\w$]+))", re.MULTILINE)
_UNKNOWN = re.compile(r"^(?:import\b(?! ?[.(])|export\b).*", re.MULTILINE)
_COMMENT = re.compile(r"^[ \t]*(?://.*|/\*[\s\S]*?\*/[ \t]*)\n", re.MULTILINE)
_LATER = re.compile(r'\bimport\("(\.[^"]+)"\)')


@dataclass(frozen=True, slots=True)
class Module:
    """path: below the folder of scripts. imports: names in braces (or none) by the path they come from."""

    path: str
    body: str
    imports: dict[str, str]
    exports: tuple[str, ...]
    later: frozenset[str]

    @property
    def name(self) -> str:
        # The $ keeps it apart from all names of our own.
        return "$" + re.sub(r"\W", "_", self.path.removesuffix(".js"))


class JoinedScripts:
    """The groups of one folder as they are now. Raises ValueError where a module cannot be joined."""

    def __init__(self, folder: Path) -> None:
        self._modules: dict[str, Module] = {}
        self._heads: list[str] = []
        if (folder / ENTRY).is_file():
            self._find(folder, ENTRY)
        self._group = self._grouped()
        self._shared = {
            path
            for module in self._modules.values()
            for path, names in module.imports.items()
            if names and self._group[path] != self._group[module.path]
        }

    @property
    def heads(self) -> tuple[str, ...]:
        return tuple(self._heads)

    def text(self, head: str) -> str | None:
        """What is served as this file: a group; None where the file is not the head of one, or is alone in it."""
        if head not in self._heads:
            return None
        own = self._modules[head]
        here = list(self._in_order(head))
        if here == [own] and not own.imports:
            return None
        lines = [
            f'import {{ parts as {self._modules[other].name}_parts }} from "{_relative(other, head)}";\n'
            if any(self._group[path] == other and names for module in here for path, names in module.imports.items())
            else f'import "{_relative(other, head)}";\n'
            for other in self._groups_before(head, here)
        ]
        lines += [self._wrapped(module, head) for module in here]
        if own.exports:
            lines.append(f"export const {{ {', '.join(own.exports)} }} = {own.name};\n")
        given = [module for module in here if module.path in self._shared]
        if given:
            lines.append(f"export const parts = {{ {', '.join(module.name for module in given)} }};\n")
        return "".join(lines)

    def _wrapped(self, module: Module, head: str) -> str:
        taken = ""
        for path, names in module.imports.items():
            if names:
                other = self._modules[path].name
                group = self._group[path]
                where = other if group == head else f"{self._modules[group].name}_parts.{other}"
                taken += f"const {{{names.replace(' as ', ': ')}}} = {where};\n"
        body = _LATER.sub(lambda found: f'import("{_relative(_at(module.path, found[1]), head)}")', module.body)
        return f"const {module.name} = (() => {{\n{taken}{body}return {{ {', '.join(module.exports)} }};\n}})();\n"

    def _find(self, folder: Path, head: str) -> None:
        """Read all that is reached from a head, and the heads found on the way."""
        self._heads.append(head)
        todo = [head]
        while todo:
            path = todo.pop()
            if path not in self._modules:
                self._modules[path] = _read(folder, path)
                todo += self._modules[path].imports
        later = {path for module in list(self._modules.values()) for path in module.later}
        for path in sorted(later.difference(self._heads)):
            if path not in self._heads:
                self._find(folder, path)

    def _grouped(self) -> dict[str, str]:
        """For each module the head it travels with."""
        inner = {head: self._reached(head, through_heads=False) for head in self._heads}
        outer = {head: self._reached(head, through_heads=True) | {ENTRY} for head in self._heads}
        group = {}
        for path in self._modules:
            asking = [head for head in self._heads if path in inner[head]]
            common = [head for head in asking if all(head in outer[other] for other in asking)]
            group[path] = path if path in self._heads else (common or [ENTRY])[0]
        # What is taken to app.js takes along what it imports itself.
        while astray := [
            path
            for module in self._modules.values()
            for path in module.imports
            if group[path] not in outer[group[module.path]]
        ]:
            group |= dict.fromkeys(astray, ENTRY)
        return group

    def _reached(self, head: str, *, through_heads: bool) -> set[str]:
        found: set[str] = set()
        todo = [head]
        while todo:
            path = todo.pop()
            if path in found or (path != head and path in self._heads and not through_heads):
                continue
            found.add(path)
            todo += self._modules[path].imports
        return found

    def _in_order(self, head: str) -> Iterator[Module]:
        """The modules of a group, each after those it imports."""
        done: set[str] = set()

        def visit(path: str, above: tuple[str, ...]) -> Iterator[Module]:
            if path in above:
                raise ValueError(f"these modules import each other: {', '.join(above)}")
            if path in done or self._group[path] != head:
                return
            for imported in self._modules[path].imports:
                yield from visit(imported, (*above, path))
            done.add(path)
            yield self._modules[path]

        for path in [path for path in self._modules if path != head] + [head]:
            yield from visit(path, ())

    def _groups_before(self, head: str, here: list[Module]) -> list[str]:
        return list(dict.fromkeys(self._group[path] for m in here for path in m.imports if self._group[path] != head))


def _read(folder: Path, path: str) -> Module:
    text = _COMMENT.sub("", (folder / path).read_text(encoding="utf-8"))
    imports: dict[str, str] = {}
    for names, address in _IMPORT.findall(text):
        imports[_at(path, address)] = ", ".join(filter(None, [imports.get(_at(path, address)), names.strip(" ,\n")]))
    body = _IMPORT.sub("", text)
    exports = tuple(_EXPORT.findall(body))
    body = _EXPORT.sub("", body)
    odd = [found[0] for found in _UNKNOWN.finditer(body)] + [line for line in body.splitlines() if line.count("`") % 2]
    if odd:
        raise ValueError(f"{path} cannot be joined with others: {odd[0]}")
    later = frozenset(_at(path, address) for address in _LATER.findall(body))
    return Module(path, body, imports, exports, later)


def _at(path: str, address: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), address))


def _relative(path: str, seen_from: str) -> str:
    address = posixpath.relpath(path, posixpath.dirname(seen_from) or ".")
    return address if address.startswith(".") else f"./{address}"
