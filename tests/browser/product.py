"""The whole product, and the settings with which this process can look at the same data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from app.config import Settings
from bench.product import product


@dataclass(frozen=True)
class Product:
    url: str
    settings: Settings


@contextmanager
def running_product(home: Path, more: Mapping[str, str]) -> Iterator[Product]:
    """Start everything over a home folder; stop it afterwards."""
    settings = {"DARKROOM_SKETCH_FAST": "false", "DARKROOM_LOG_LEVEL": "INFO", **more}
    with product(home, **settings) as url:
        port = str(urlsplit(url).port)
        environ = {"DARKROOM_ENV": "test", "DARKROOM_HOME": str(home), "PORT": port, **settings}
        yield Product(url, Settings.from_environ(environ))
