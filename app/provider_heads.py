"""Who the providers are: the heads of their files, from which their settings follow.

The lowest of all, since a provider's key and address are settings like others. What else stands in those files is read
further up: models of pictures by `app/providers/catalogue`, which also names the line of a head that is broken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

_APP = Path(__file__).parent
# One file a provider, its name the provider's id; it begins with `provider:`.
CATALOGUE = _APP / "providers" / "catalogue"
# Providers of words alone, by id.
WORDS = _APP / "llm" / "providers.yaml"
# Every process reads them as it starts: libyaml takes a tenth of the time, where the package has it.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_REST = re.compile(r"^(?:models|retired):", re.MULTILINE)


class Head(BaseModel):
    """One provider.

    makes: what it is used for, in words. product: what people call it, where that is not its name.
    key_setting: the environment variable of the operator's key; empty where none is taken. own_keys: whether people may
    bring one of theirs. base_url: where it answers unless DARKROOM_<ID>_BASE_URL says otherwise; None: on this machine.
    """

    model_config = ConfigDict(frozen=True)

    id: str = Field(pattern=r"^[a-z][a-z0-9_]{0,23}$")
    name: str
    makes: str = "pictures"
    product: str = ""
    key_setting: str = Field("", pattern=r"^([A-Z][A-Z0-9_]*)?$")
    own_keys: bool = True
    base_url: str | None = None

    @property
    def called(self) -> str:
        return self.product or self.name

    @property
    def url_setting(self) -> str:
        """The environment variable of its address."""
        return f"DARKROOM_{self.id.upper()}_BASE_URL" if self.base_url is not None else ""


def heads() -> tuple[Head, ...]:
    """Every provider, those of pictures first. Read once in a process."""
    return _heads(CATALOGUE, WORDS)


def head_of(provider_id: str) -> Head | None:
    return next((head for head in heads() if head.id == provider_id), None)


def catalogue_files(folder: Path) -> list[Path]:
    """The built-in provider first."""
    return sorted(folder.glob("*.yaml"), key=lambda path: (path.stem != "sketch", path.stem))


@cache
def _heads(folder: Path, words: Path) -> tuple[Head, ...]:
    return tuple(_read(folder, words))


def _read(folder: Path, words: Path) -> Iterator[Head]:
    for path in catalogue_files(folder):
        # The models below it are most of the file, and no setting follows from them.
        head = _REST.split(path.read_text(encoding="utf-8"), maxsplit=1)[0]
        try:
            yield Head(id=path.stem, **yaml.load(head, Loader=LOADER)["provider"])  # noqa: S506 - both loaders are safe ones
        except (yaml.YAMLError, ValidationError, TypeError, KeyError):
            # The catalogue stops the start over it, and says where; until then it has no settings.
            continue
    rows: dict[str, Any] = yaml.load(words.read_text(encoding="utf-8"), Loader=LOADER)  # noqa: S506 - as above
    for provider_id, row in rows.items():
        yield Head(id=provider_id, **row)
