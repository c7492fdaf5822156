"""Words of full-text search: what is stored and what is looked for, folded in the same way.

Both databases split text in ways of their own (PostgreSQL takes "red/blue" for the name of a file). After folding there
is nothing left to disagree about: lower case, no accents, letters and digits with single spaces between.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

# Beyond these a search is not about more pictures, only slower.
MOST_WORDS = 24
WORD_CHARS = 60

# Written without spaces, so that every sign is a word: Chinese characters and both Japanese syllabaries.
_SIGN = re.compile("([\u3041-\u30fa\u3400-\u9fff\U00020000-\U0003ffff])")
_NO_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Words:
    """What to look for: pictures whose text has all `whole` words, and one that begins with `begun`."""

    whole: tuple[str, ...]
    begun: str | None

    def __bool__(self) -> bool:
        return bool(self.whole or self.begun)

    def for_sqlite(self) -> str:
        """An FTS5 query. Quoted, so that a word such as NOT is a word."""
        return " ".join([f'"{word}"' for word in self.whole] + ([f'"{self.begun}"*'] if self.begun else []))

    def for_postgres(self) -> str:
        """For to_tsquery: words are letters and digits only, so none can be an operator."""
        return " & ".join([*self.whole, *([f"{self.begun}:*"] if self.begun else [])])


def fold(text: str) -> str:
    """Text as search sees it."""
    bare = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    bare = "".join(char for char in bare if not unicodedata.category(char).startswith("M"))
    return " ".join(_SIGN.sub(r" \1 ", _NO_WORD.sub(" ", bare)).split())


def words_of(text: str) -> Words:
    """What a person typed into the search box; the last word may be unfinished. Never raises."""
    found = [word[:WORD_CHARS] for word in dict.fromkeys(fold(text).split())][:MOST_WORDS]
    return Words(tuple(found[:-1]), found[-1]) if found else Words((), None)
