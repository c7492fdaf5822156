"""Weighing up a template: every choice becomes a numbered space, so that counting and expanding are arithmetic.

Equal results of one group count once. Options that read the same are one option with their weights added; and a group
small enough to write out (LISTED results) is, so that options equal by different routes, `{a|{a|b}}`, are one too.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property

from app.prompts.grammar import Binding, Body, Group, Node, Reference, Template, Text, Wildcard, parse
from app.prompts.options import LISTED, Item, Options, distinct, merged, one_of, options_of, plain
from app.prompts.selection import Selection
from app.prompts.spaces import Constant, Given, Part, Recall, Row, Slot, Space
from app.prompts.variables import reads, used_bindings
from app.prompts.wildcards import Wildcard as Source
from app.prompts.wildcards import WildcardSet

MAX_SIZE = 10**1000
MAX_SIZE_BITS = MAX_SIZE.bit_length()
MAX_CHARS = 20_000
"""The longest prompt a template may lead to."""
MAX_PICKS = 50
MAX_CHAIN = 10
"""How many wildcards may lead from one to the next."""
MAX_PATTERNS = 50
"""How many different `__*__` one plan looks up: each is compared with every name."""
MAX_WORK = 250_000
"""Entries of wildcards one plan may have to read."""

Known = Mapping[str, int]
"""The variables set so far, each with the length its text may have."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that works but may not be meant; position as in MacroError."""

    sentence: str
    line: int
    column: int


@dataclass(frozen=True)
class Plan:
    """A template that is known to make sense with its wildcards; `count` and `expand` answer from it."""

    template: Template
    row: Row
    notices: tuple[Notice, ...]

    @property
    def total(self) -> int:
        return self.row.size

    @cached_property
    def factors(self) -> tuple[int, ...]:
        """The sizes of the choices that leave a choice, from left to right."""
        return tuple(slot.space.size for slot in self.row.slots if slot.space.size > 1)


NO_WILDCARDS = WildcardSet()


def plan(template: Template | str, wildcards: WildcardSet = NO_WILDCARDS) -> Plan:
    """Work a template out against a workspace's wildcards. Raises MacroError with the place of what does not fit."""
    if isinstance(template, str):
        template = parse(template)
    planner = _Planner(wildcards)
    row = planner.row(template.body, template, {})
    return Plan(template, row, tuple(planner.notices))


def check(wildcards: WildcardSet) -> None:
    """Read every entry of every file: raises MacroError at the first mistake, missing name or circle."""
    planner = _Planner(wildcards, work=100 * MAX_WORK)
    nowhere = Template("", ())
    for name in wildcards.names:
        for source in wildcards.matching(name):
            planner.entries(source, nowhere, 0, {})


class _Planner:
    def __init__(self, wildcards: WildcardSet, *, work: int = MAX_WORK) -> None:
        self.wildcards = wildcards
        self.notices: list[Notice] = []
        self.chain: list[Source] = []
        self.planned: dict[Hashable, Space] = {}
        self.patterns = 0
        self.work = work

    def row(self, body: Body, source: Template, known: Known) -> Row:
        used = used_bindings(body, self.wildcards)
        known = dict(known)
        own: set[str] = set()
        parts: list[Part] = []
        size, longest, pure = 1, 0, True
        for node in body:
            part: Part
            if isinstance(node, Text):
                part = node.value
                longest += len(part)
            elif isinstance(node, Binding):
                space = self.space(node.value, source, known)
                if node.start in used:
                    part = Slot(space, source.text[node.start : node.end], node.start, sets=node.name)
                    size *= space.size
                else:  # whatever it came to, the prompts would be the same
                    part = ""
                    self._notice(source, node.start, f"${{{node.name}}} is set here and not used afterwards.")
                known[node.name] = space.longest
                own.add(node.name)
                pure = pure and space.pure
            elif isinstance(node, Reference) and node.name in known:
                pure = pure and node.name in own
                part = Recall(node.name)
                longest += known[node.name]
            else:
                space = self._choice(node, source, known)
                part = Slot(space, source.text[node.start : node.end], node.start)
                size *= space.size
                longest += space.longest
                pure = pure and space.pure
            if size > MAX_SIZE:
                raise source.error("too_many_combinations", "More than 10^1000 combinations up to here.", _start(node))
            if longest > MAX_CHARS:
                sentence = f"The prompt could grow past {MAX_CHARS:,} characters here; use fewer or shorter choices."
                raise source.error("too_long", sentence, _start(node))
            parts.append(part)
        return Row(parts, size=size, longest=longest, pure=pure)

    def space(self, body: Body, source: Template, known: Known) -> Space:
        """A row as an option or a value: the plainest space that does."""
        if not body:
            return Constant("")
        if len(body) == 1 and isinstance(body[0], Text):
            return Constant(body[0].value)
        row = self.row(body, source, known)
        if len(row.parts) == 1 and row.slots and row.slots[0].sets is None:
            return row.slots[0].space
        return row

    def _choice(self, node: Node, source: Template, known: Known) -> Space:
        if isinstance(node, Group):
            return self._group(node, source, known)
        if isinstance(node, Wildcard):
            return self._wildcard(node, source, known)
        assert isinstance(node, Reference)  # noqa: S101 - narrows the type: prose and bindings are the row's
        if node.default is not None:
            return Given(self.space(node.default, source, known), {})  # never remembered: elsewhere it may be set
        typed = source.text[node.start : node.end]
        self._notice(
            source, node.start, f"{typed} is not set, so it is sent as typed; set it with ${{{node.name}=...}}."
        )
        return Constant(typed, pure=False)

    def _group(self, node: Group, source: Template, known: Known) -> Space:
        weights: dict[Body, float] = {}
        for option in node.options:
            if option.weight:
                weights[option.body] = weights.get(option.body, 0.0) + option.weight
        only = next(iter(weights))
        if not node.takes_one and len(weights) == len(only) == 1 and _stands_for_its_options(only[0]):
            return self._selection(node, source, self._options(only[0], source, known))
        options = merged((plain(self.space(body, source, known)), weight) for body, weight in weights.items())
        return one_of(options) if node.takes_one else self._selection(node, source, Options(options))

    def _options(self, node: Node, source: Template, known: Known) -> Options:
        """What is in the wildcard or group that is another group's only option."""
        space = self._choice(node, source, known)
        if not (isinstance(node, Wildcard) and space.pure):
            return Options(options_of(space))
        key = ("options", node.name)
        if key not in self.wildcards.memory:
            self.wildcards.memory[key] = Options(options_of(space))
        options: Options = self.wildcards.memory[key]
        return options

    def _selection(self, node: Group, source: Template, options: Options) -> Space:
        low, high = node.low, node.high
        if low > len(options):
            sentence = f"This takes {low:,} of {len(options):,} different options, so all of them."
            self._notice(source, node.start, sentence)
        if "" in options.weights:  # to take the empty option is to take one less of the others
            options = Options({item: weight for item, weight in options.weights.items() if item != ""})
            low = max(low - 1, 0)
        low, high = min(low, len(options)), min(high, len(options))
        if high > MAX_PICKS:
            sentence = f"A group takes up to {MAX_PICKS} options at once and this one {high:,}; lower its upper number."
            raise source.error("too_many_picks", sentence, node.start)
        if high * (options.largest.bit_length() + len(options).bit_length()) > MAX_SIZE_BITS:
            raise source.error("too_many_combinations", "This group alone has too many to count.", node.start)
        selection = Selection(options, low=low, high=high, separator=node.separator)
        if selection.size > LISTED or options.never_join_alike(node.separator):
            return selection
        return distinct(selection)

    def _wildcard(self, node: Wildcard, source: Template, known: Known) -> Space:
        given = dict(node.arguments)
        remembered: Space | None = self.wildcards.memory.get(node.name)
        if remembered is not None:
            return remembered
        known = {**known, **{name: len(value) for name, value in given.items()}}
        relevant = reads((node,), self.wildcards) & known.keys()
        key = ("set", node.name, frozenset((name, known[name]) for name in relevant))
        memory = self.planned if relevant else self.wildcards.memory
        space = memory.get(key)
        if space is None:
            space = memory[key] = self._named(node, source, known)
            if space.pure:
                self.wildcards.memory[node.name] = space
        return Given(space, given) if given and not space.pure else space

    def _named(self, node: Wildcard, source: Template, known: Known) -> Space:
        self.patterns += "*" in node.name
        if self.patterns > MAX_PATTERNS:
            raise source.error("too_many_wildcards", f"A prompt may have {MAX_PATTERNS} patterns with *.", node.start)
        found = self.wildcards.matching(node.name)
        if not found:
            nearest = self.wildcards.nearest(node.name)
            hint = (
                f"did you mean {' or '.join(nearest)}?" if nearest else "add it, or write \\__ for plain underscores."
            )
            raise source.error("missing_wildcard", f"There is no wildcard called {node.name}; {hint}", node.start)
        options = merged(option for wildcard in found for option in self.entries(wildcard, source, node.start, known))
        if not options:
            raise source.error("empty_wildcard", f"The wildcard {node.name} has no entries; add some.", node.start)
        return one_of(options)

    def entries(self, wildcard: Source, source: Template, offset: int, known: Known) -> list[tuple[Item, float]]:
        """What a wildcard's entries come to, with their weights. source, offset: where it was asked for."""
        if wildcard in self.chain:
            names = [link.name for link in self.chain[self.chain.index(wildcard) :]]
            circle = " → ".join([*names, wildcard.name])
            raise source.error(
                "cyclic_wildcard", f"Wildcards lead in a circle: {circle}; take one of them out.", offset
            )
        if len(self.chain) >= MAX_CHAIN:
            raise source.error("too_deep", f"Wildcards may lead on {MAX_CHAIN} times; shorten the chain.", offset)
        self.work -= len(wildcard.entries)
        if self.work < 0:
            raise source.error("too_many_entries", f"This would read {MAX_WORK:,} entries; name fewer.", offset)
        self.chain.append(wildcard)
        items: list[tuple[Item, float]] = []
        for weight, option in wildcard.options():
            if weight:
                item = option if isinstance(option, str) else plain(self.space(option.body, option, known))
                items.append((item, weight))
        self.chain.pop()
        return items

    def _notice(self, source: Template, offset: int, sentence: str) -> None:
        if source.path is None:
            line, column = source.position(offset)
            self.notices.append(Notice(sentence, line, column))


def _stands_for_its_options(node: Node) -> bool:
    """`{2$$__colours__}` takes two colours: a wildcard or a group as the only option means what is in it."""
    return (isinstance(node, Wildcard) and not node.arguments) or (isinstance(node, Group) and node.takes_one)


def _start(node: Node) -> int:
    return 0 if isinstance(node, Text) else node.start
