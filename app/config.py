"""One typed settings object, read from the environment once, at the edge.

Every setting is documented in README.md's table (a test compares the two). A bad or unknown setting stops the start
with a sentence that names it.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

from app.provider_heads import heads

PREFIX = "DARKROOM_"
# Those that keep the name everybody else gives them.
PLAIN_NAMES = {
    "port": "PORT",
    "ollama_host": "OLLAMA_HOST",
}
# Whom DARKROOM_LANGUAGE_MODELS may name; app/llm/registry.py has an adapter for each.
LANGUAGE_PROVIDERS = ("anthropic", "openai", "mistral", "codestral", "compatible", "ollama")
MIN_SECRET_LENGTH = 32
_NO_KEY = SecretStr("")


class BadSettings(Exception):
    """The environment cannot be used; the message says which setting and what would do."""


class Settings(BaseModel):
    """What the operator may choose. Field `x_y` is read from DARKROOM_X_Y."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    env: Literal["embedded", "production", "test"] = Field(
        "embedded", description="embedded: one machine, one command. production: refuses defaults that are unsafe"
    )
    home: Path = Field(Path("var"), description="Folder of the database, files and logs")
    host: str = Field("127.0.0.1", description="Address the web server listens on")
    port: Annotated[int, Field(ge=1, le=65535)] = Field(8000, description="Port the web server listens on")
    public_url: str = Field("", description="Address people use, for links in mails; default http://HOST:PORT")
    extra_hosts: str = Field("", description="More host names to answer to, separated by commas")
    proxy_hops: Annotated[int, Field(ge=0, le=5)] = Field(0, description="Reverse proxies in front of the web server")

    database_url: str = Field("", description="SQLAlchemy address; default a SQLite file in HOME")
    redis_url: str = Field("", description="Redis or Valkey address; default an embedded Valkey")
    redis_server: str = Field("", description="Path of a redis-server or valkey-server to embed; default: found")
    storage_url: str = Field("", description="Where pictures are kept; default file://HOME/files")

    secret_key: str = Field("", description="Signs sessions; 32+ characters; embedded makes its own")
    secret_key_fallbacks: str = Field("", description="Earlier secret keys, separated by commas, during a rotation")
    key_ring: SecretStr = Field(
        _NO_KEY, description="Encrypts people's keys at providers; newest first, with commas; embedded makes its own"
    )
    key_ring_file: Path | None = Field(None, description="A file with those keys, one a line, instead")

    registration: bool = Field(True, description="Whether strangers may register (false: self-hosted)")
    mail_url: str = Field("", description="smtp://user:password@host:587; default: files in HOME/mail")
    mail_from: str = Field("Darkroom <darkroom@localhost>", description="Sender of mails")

    daily_limit: Annotated[int, Field(ge=1)] | None = Field(
        None, description="Pictures a person may make in a day (UTC); default unlimited"
    )
    macro_limit: Annotated[int, Field(ge=1, le=10_000)] = Field(1_000, description="Most pictures in one batch")
    owner_slots: Annotated[int, Field(ge=1)] = Field(64, description="Most jobs one person runs at once")
    rate_api: str = Field("60 per minute", description="API requests a key or session may make")
    rate_generate: str = Field("20 per minute", description="Generation requests a key or session may make")
    rate_limits: bool = Field(True, description="Whether request rates are limited at all")

    web_workers: Annotated[int, Field(ge=1, le=64)] = Field(1, description="Web processes")
    worker_processes: Annotated[int, Field(ge=1, le=64)] = Field(1, description="Job processes")
    worker_threads: Annotated[int, Field(ge=1, le=256)] = Field(16, description="Threads in a job process")
    lease_s: Annotated[float, Field(ge=1, le=600)] = Field(30, description="Seconds a worker owns a job unrenewed")
    slice_s: Annotated[float, Field(ge=1, le=60)] = Field(60, description="Seconds a worker follows a job in one go")
    sweep_s: Annotated[float, Field(ge=0.5, le=60)] = Field(5, description="Seconds between looks for stuck jobs")
    image_timeout_s: Annotated[float, Field(ge=1)] = Field(300, description="Most seconds a picture may take")
    video_timeout_s: Annotated[float, Field(ge=1)] = Field(1800, description="Most seconds a video may take")

    sketch_slots: Annotated[int, Field(ge=1, le=256)] = Field(2, description="Jobs Sketch paints at once")
    sketch_latency_s: Annotated[float, Field(ge=0, le=600)] = Field(
        0, description="Seconds Sketch waits before painting"
    )
    sketch_jitter_s: Annotated[float, Field(ge=0, le=600)] = Field(0, description="Random seconds on top")
    sketch_failure_rate: Annotated[float, Field(ge=0, le=1)] = Field(
        0, description="Share of jobs Sketch fails, for tests"
    )
    sketch_failure_kinds: str = Field("provider", description="Kinds of failure, separated by commas")
    sketch_fast: bool = Field(False, description="Paint plainly in milliseconds, for load tests")

    # By provider id. Their names in the environment stand in the providers' heads.
    api_keys: Mapping[str, SecretStr] = Field({}, description="Key of {name}, for {makes}")
    base_urls: Mapping[str, str] = Field({}, description="Where {name} answers")

    language_models: str = Field(
        "",
        description="Who chats and enhances prompts, in order, as provider:model, with commas; default: by the keys",
    )
    language_timeout_s: Annotated[float, Field(ge=1, le=600)] = Field(
        60, description="Most seconds an answer in words may take"
    )
    ollama_host: str = Field("", description="Where Ollama answers, such as 127.0.0.1:11434")

    compare_iterations: Annotated[int, Field(ge=1, le=50)] = Field(7, description="Iterations a Compare column takes")
    compare_window: Annotated[int, Field(ge=0, le=3)] = Field(
        3, description="Earlier turns of its branch an iteration is sent with"
    )

    metrics: bool = Field(False, description="Serve /metrics (keep off where strangers reach the server)")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Least severe line logged")
    fault_points: str = Field("", description="Test only: folder through which tests stop processes at named points")

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Read DARKROOM_*, PORT and the providers' keys. Raises BadSettings with one line per wrong setting."""
        places = settings_by_name()
        values: dict[str, Any] = {"api_keys": {}, "base_urls": {head.id: head.base_url or "" for head in heads()}}
        wrong: list[str] = []
        for name, value in environ.items():
            if value == "":
                # It means "not set", as in compose files that pass variables through.
                continue
            if name in places:
                field_name, provider = places[name]
                if provider:
                    values[field_name][provider] = value
                else:
                    values[field_name] = value
            elif name.startswith(PREFIX) and not name.startswith(PREFIX + "TEST_"):
                wrong.append(f"{name}: there is no such setting; the README lists them all")
        try:
            settings = cls.model_validate(values)
        except ValidationError as error:
            wrong += [f"{_setting_name(each['loc'])}: {_explain(each['msg'])}" for each in error.errors()]
        if wrong:
            raise BadSettings("Darkroom cannot start with these settings:\n  " + "\n  ".join(wrong)) from None
        return settings

    @model_validator(mode="after")
    def _complete(self) -> Self:
        home = self.home.expanduser().resolve()
        derived = {
            "home": home,
            "public_url": (self.public_url or f"http://{self.host}:{self.port}").rstrip("/"),
            "database_url": self.database_url or f"sqlite:///{home / 'darkroom.db'}",
            "storage_url": self.storage_url or f"file://{home / 'files'}",
        }
        for name, value in derived.items():
            object.__setattr__(self, name, value)
        base_urls = {each: _checked_base(each, address) for each, address in self.base_urls.items() if address}
        object.__setattr__(self, "base_urls", base_urls)
        for name in self.language_chain:
            provider, sign, model = name.partition(":")
            if name != "builtin" and not (provider in LANGUAGE_PROVIDERS and sign and model):
                raise ValueError(
                    f"DARKROOM_LANGUAGE_MODELS has {name!r}; write provider:model with one of "
                    f"{', '.join(LANGUAGE_PROVIDERS)}, or builtin"
                )
        parts = urlsplit(self.public_url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("DARKROOM_PUBLIC_URL must look like https://darkroom.example.com")
        if self.env == "production":
            if len(self.secret_key) < MIN_SECRET_LENGTH:
                raise ValueError(
                    f"DARKROOM_SECRET_KEY needs at least {MIN_SECRET_LENGTH} random characters in production"
                )
            if not self.redis_url:
                raise ValueError("DARKROOM_REDIS_URL must be set in production")
            if not self.key_ring.get_secret_value() and self.key_ring_file is None:
                raise ValueError(
                    "DARKROOM_KEY_RING or DARKROOM_KEY_RING_FILE must be set in production; "
                    "`DARKROOM_ENV=embedded darkroom key-ring new` makes a key for it"
                )
        elif self.secret_key and len(self.secret_key) < MIN_SECRET_LENGTH:
            raise ValueError(f"DARKROOM_SECRET_KEY needs at least {MIN_SECRET_LENGTH} random characters")
        if self.fault_points and self.env != "test":
            raise ValueError("DARKROOM_FAULT_POINTS is for DARKROOM_ENV=test only")
        return self

    @property
    def https(self) -> bool:
        return self.public_url.startswith("https:")

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def trusted_hosts(self) -> list[str]:
        """Names the web server answers to; anything else in Host is refused."""
        names = {urlsplit(self.public_url).hostname or "", self.host, "localhost", "127.0.0.1", "[::1]"}
        names.update(part.strip() for part in self.extra_hosts.split(",") if part.strip())
        return sorted(name for name in names if name and name != "0.0.0.0")  # noqa: S104 - it is being left out

    @property
    def language_chain(self) -> list[str]:
        """The names in DARKROOM_LANGUAGE_MODELS, each once."""
        return list(dict.fromkeys(name.strip() for name in self.language_models.split(",") if name.strip()))

    @property
    def redis_address(self) -> str:
        """The broker's address: the operator's, or the one the supervisor wrote down for its embedded server."""
        if self.redis_url:
            return self.redis_url
        note = self.home / "run" / "redis-url"
        return (
            note.read_text(encoding="utf-8").strip() if note.exists() else f"unix://{self.home / 'run' / 'valkey.sock'}"
        )

    def key_for(self, provider: str) -> str:
        """The operator's key at a provider, empty without one."""
        return self.api_keys.get(provider, _NO_KEY).get_secret_value()

    def base_url_for(self, provider: str) -> str:
        """Where a provider answers, without a slash at its end; empty where nobody said."""
        return self.base_urls.get(provider, "")

    def with_keys(self, keys: Mapping[str, str]) -> Self:
        """The same with other keys at some providers."""
        return self.model_copy(update={"api_keys": {**self.api_keys, **{each: SecretStr(keys[each]) for each in keys}}})

    def secret(self) -> str:
        """The key that signs sessions: the operator's, or one made on first use and kept readable by us alone."""
        if self.secret_key:
            return self.secret_key
        self.home.mkdir(parents=True, exist_ok=True)
        path = self.home / "secret.key"
        try:
            # Exclusive creation: two processes starting together must agree on one key.
            with path.open("x", encoding="ascii") as file:
                path.chmod(0o600)
                file.write(secrets.token_urlsafe(48))
        except FileExistsError:
            pass
        return path.read_text(encoding="ascii").strip()


def _checked_base(provider: str, address: str) -> str:
    """An address that calls are built on, without a slash at its end. Keys travel there, so never in the clear."""
    parts = urlsplit(address)
    is_here = parts.hostname in {"127.0.0.1", "localhost", "::1"}
    if not parts.hostname or parts.query or not (parts.scheme == "https" or (parts.scheme == "http" and is_here)):
        raise ValueError(f"{_setting_name(('base_urls', provider))} must look like https://api.example.com")
    return address.rstrip("/")


def settings_by_name() -> dict[str, tuple[str, str]]:
    """Every setting by its name in the environment, in the README's order: its field, and of which provider if any."""
    places: dict[str, tuple[str, str]] = {}
    for field_name in Settings.model_fields:
        if field_name == "api_keys":
            places |= {head.key_setting: (field_name, head.id) for head in heads() if head.key_setting}
        elif field_name == "base_urls":
            places |= {head.url_setting: (field_name, head.id) for head in heads() if head.url_setting}
        else:
            places[PLAIN_NAMES.get(field_name, PREFIX + field_name.upper())] = (field_name, "")
    return places


def _setting_name(location: tuple[int | str, ...]) -> str:
    place = (*location, "", "")[:2]
    return next((name for name, each in settings_by_name().items() if each == place), f"{PREFIX}*")


def settings_table() -> str:
    """The rows of README.md's settings table (a test compares the two)."""
    by_id = {head.id: head for head in heads()}
    rows = []
    for name, (field_name, provider) in settings_by_name().items():
        row = Settings.model_fields[field_name]
        default, description = row.default, row.description or ""
        if provider:
            head = by_id[provider]
            default = head.base_url if field_name == "base_urls" else ""
            description = description.format(name=head.name, makes=head.makes)
        if default in (None, "", _NO_KEY):
            default = ""
        elif default in (True, False):
            default = str(default).lower()
        rows.append(f"| `{name}` | {f'`{default}`' if default != '' else ''} | {description} |\n")
    return "".join(rows)


def _explain(message: str) -> str:
    return message.removeprefix("Value error, ")
