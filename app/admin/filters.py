"""What narrows a table: a choice among few, or days. Each stands in the address under its own name."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask_admin.model.filters import BaseFilter

from app.library.timeline import first_id_of

Condition = sa.SQLColumnExpression[bool]
Words = Mapping[str, str]


class Filter(BaseFilter):  # type: ignore[misc]  # Flask-Admin carries no types
    """name: in the address. label: in the form. condition: what a clean value means."""

    data_type = ""

    def __init__(self, name: str, label: str, condition: Callable[[Any], Condition]) -> None:
        super().__init__(label, data_type=self.data_type, key_name=name)
        self._condition = condition

    def operation(self) -> str:
        return "is"

    def is_quick(self, value: str) -> bool:
        """Whether an index leads to the rows, so that not all have to be looked at."""
        return False

    def apply(self, query: sa.Select[Any], value: object) -> sa.Select[Any]:
        """value: as `clean` gives it."""
        return query.where(self._condition(value))


class Choice(Filter):
    """One of some values. words: what each is called; or a function, when they are known only later. quick: values with
    an index of their own."""

    data_type = "choice"

    def __init__(
        self,
        name: str,
        label: str,
        words: Words | Callable[[], Words],
        condition: Callable[[str], Condition],
        *,
        quick: Container[str] = (),
    ) -> None:
        super().__init__(name, label, condition)
        self._words = words
        self._quick = quick

    def is_quick(self, value: str) -> bool:
        return value in self._quick

    @property
    def words(self) -> Words:
        return self._words() if callable(self._words) else self._words

    def clean(self, value: str) -> str:
        """Raises ValueError for what is no choice."""
        if value not in self.words:
            raise ValueError(value)
        return value


class Day(Filter):
    """From or up to a day (UTC), by ids, which are given in order of time."""

    data_type = "day"

    def is_quick(self, value: str) -> bool:
        return True

    def clean(self, value: str) -> date:
        """Raises ValueError for what is no day, or one before ids can name it."""
        day = date.fromisoformat(value)
        if day.year < 1970:
            raise ValueError(value)
        return day


def yes_or_no(name: str, label: str, condition: Condition) -> Choice:
    return Choice(
        name, label, {"yes": "yes", "no": "no"}, lambda value: condition if value == "yes" else sa.not_(condition)
    )


def one_of(name: str, label: str, column: sa.SQLColumnExpression[Any], words: Words | Callable[[], Words]) -> Choice:
    return Choice(name, label, words, lambda value: column == value)


def days(key: sa.SQLColumnExpression[Any]) -> tuple[Day, Day]:
    """From and to, both days included."""
    return (
        Day("since", "From", lambda day: key >= first_id_of(day)),
        Day("until", "To", lambda day: key < first_id_of(day, days_later=1)),
    )
