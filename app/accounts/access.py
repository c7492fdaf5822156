"""Who is asking, and whether they may: by API key alone when there is an Authorization header, else by the session."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import ParamSpec, TypeVar, cast

from flask import Request, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.wrappers import Response as BaseResponse

from app.accounts import audit, keys, service, sessions
from app.accounts.domain import FRESH_FOR, AuditAction, Scope
from app.accounts.errors import (
    ApiKeyInUrl,
    BadApiKey,
    BrowserOnly,
    CsrfFailed,
    MissingScope,
    NotConfirmed,
    NotSignedIn,
    PasswordNeeded,
)
from app.accounts.models import ApiKey, User
from app.db import db, utc_now
from app.errors import NotFound
from app.extensions import csrf, settings
from app.web.error_pages import wants_json
from app.web.visitor import by_htmx

P = ParamSpec("P")
R = TypeVar("R")

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
# Query parameters under which people put keys, whatever the key looks like.
_KEY_PARAMETERS = frozenset({"api_key", "apikey", "api-key", "access_token", "auth_token"})
_BEARER = re.compile(r"Bearer +(\S+)", re.IGNORECASE)
# Pages for people: a key opens none of them.
_BROWSER_BLUEPRINTS = frozenset({"accounts", "security", "provider_keys", "spending"})


def me() -> User:
    """The person asking. Only behind `signed_in` or `require_scope`."""
    return cast(User, current_user._get_current_object())


def current_api_key() -> ApiKey | None:
    """The key the request in hand was judged by."""
    found: ApiKey | None = g.get("api_key")
    return found


def load_by_session(uniquifier: str) -> User | None:
    """Flask-Login's user loader. A request with an Authorization header has no session."""
    if _has_key_header():
        return None
    user = sessions.load(uniquifier)
    if user is not None:
        # What Flask-Security's own views look at.
        g.fs_authn_via = "session"
        g.fs_paa = session.get("fs_paa", 0)
    return user


def load_by_key(given: Request) -> User | None:
    """Flask-Login's request loader."""
    found = _BEARER.fullmatch(given.headers.get("Authorization", "").strip())
    key = service.find_api_key(found.group(1)) if found else None
    if key is None:
        return None
    g.api_key = key
    g.api_key_id = key.id  # what request rates are counted by
    g.fs_authn_via = "api_key"
    return key.user


def authenticate_request() -> None:
    """Before every request: settle who is asking, refuse keys that are bad or in the wrong place."""
    if request.endpoint == "static":
        return
    _refuse_key_in_url()
    if not _has_key_header():
        # Loads the person, which sets the session row that is touched.
        if current_user.is_authenticated:
            sessions.touch()
        return
    key = current_api_key() if current_user.is_authenticated else None
    if key is None:
        raise BadApiKey
    if request.blueprint in _BROWSER_BLUEPRINTS:
        raise BrowserOnly
    service.note_api_key_use(key)


def guard_against_forgery() -> None:
    """Before every change asked for by a browser: the form's token, and an origin that is ours."""
    if request.method in SAFE_METHODS or request.endpoint is None or _has_key_header():
        return
    # Flask-WTF keeps no public list of what was exempted with @csrf.exempt.
    if csrf._is_exempt():
        return
    # Nobody's name can be used where nobody is signed in; a program that forgot its key is told that instead.
    if request.path.startswith("/api/") and not current_user.is_authenticated:
        return
    if not origin_is_ours():
        raise CsrfFailed
    try:
        csrf.protect()
    except CSRFError as error:
        raise CsrfFailed from error


def origin_is_ours() -> bool:
    """Whether the browser says that one of our own pages asks; true when it says nothing. For websockets too."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        return False
    origin = request.headers.get("Origin")
    # Compared as text: «null», a strange port or any other nonsense simply is not one of these two.
    return origin is None or origin.lower() in {settings().public_url.lower(), request.host_url.rstrip("/").lower()}


def still_signed_in() -> bool:
    """Whether what let a long request in, such as a websocket, still does. Reads afresh, and ends the transaction."""
    try:
        # Ends the transaction, and with it the view of the past that it would answer from.
        db.session.rollback()
        key_id = g.get("api_key_id")
        if key_id is not None:
            key = db.session.get(ApiKey, key_id)
            return key is not None and key.is_live(utc_now()) and key.user.active
        uniquifier = session.get("_user_id")
        return uniquifier is not None and load_by_session(uniquifier) is not None
    finally:
        db.session.rollback()


def check_scope(scope: Scope | str) -> None:
    """Whether the person, or their key, may do this. A browser session has every scope. Raises."""
    if not current_user.is_authenticated:
        raise NotSignedIn
    key = current_api_key()
    if key is not None and not key.allows(Scope(scope)):
        audit.record(AuditAction.ACCESS_DENIED, key.user, about=("api_key", key.id), scope=str(scope))
        db.session.commit()
        raise MissingScope(str(scope))


def require_scope(scope: Scope | str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorate an API view: 401 for nobody, 403 for a key without the scope."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            check_scope(scope)
            return view(*args, **kwargs)

        return guarded

    return decorate


def signed_in(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Decorate a view: visitors are sent to sign in and back; programs and partials get 401."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if not current_user.is_authenticated:
            return ask_to_sign_in()
        return view(*args, **kwargs)

    return guarded


def confirmed(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Decorate a view: signed in, and the e-mail address confirmed."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if not current_user.is_authenticated:
            return ask_to_sign_in()
        if not me().is_confirmed:
            raise NotConfirmed
        return view(*args, **kwargs)

    return guarded


def fresh(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Decorate a sensitive change: signed in, with the password given within the last five minutes."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if not current_user.is_authenticated:
            return ask_to_sign_in()
        if not is_fresh():
            return ask_for_password()
        return view(*args, **kwargs)

    return guarded


def admin_only(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Decorate a staff page: missing for everyone but admins, who need a second factor set up where signing in asks one
    of them."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        turned_away = turn_away_all_but_admins()
        return view(*args, **kwargs) if turned_away is None else turned_away

    return guarded


def turn_away_all_but_admins() -> BaseResponse | None:
    """What a staff page answers instead of itself, None for an admin. Raises NotFound, BrowserOnly."""
    if not current_user.is_authenticated:
        return ask_to_sign_in()
    if not me().is_admin:
        audit.record(AuditAction.ACCESS_DENIED, me(), page=request.endpoint)
        db.session.commit()
        raise NotFound
    if current_api_key() is not None:
        raise BrowserOnly
    if me().check_tf_required_setup() and not me().has_second_factor:
        return redirect(url_for("security.two_factor_setup"))
    return None


def is_fresh() -> bool:
    """Whether the person proved who they are within the last five minutes."""
    given_at = session.get("fs_paa", 0)
    if not isinstance(given_at, int | float):
        return False
    age = utc_now() - datetime.fromtimestamp(given_at, UTC)
    return -FRESH_FOR < age < FRESH_FOR


def ask_to_sign_in(*_: object, **__: object) -> BaseResponse:
    login_url = url_for("security.login", next=_way_back())
    if _is_for_a_program():
        raise NotSignedIn(login_url=login_url if by_htmx() else "")
    return redirect(login_url)


def ask_for_password(*_: object, **__: object) -> BaseResponse:
    verify_url = url_for("security.verify", next=_way_back())
    if _is_for_a_program():
        raise PasswordNeeded(verify_url=verify_url)
    return redirect(verify_url)


def _is_for_a_program() -> bool:
    return by_htmx() or wants_json()


def _way_back() -> str:
    """Where to return after signing in: this page, or for a change the page it was asked for on."""
    if request.method in SAFE_METHODS and not by_htmx():
        return request.full_path.rstrip("?")
    return url_for("accounts.settings") if request.blueprint in _BROWSER_BLUEPRINTS else "/"


def _has_key_header() -> bool:
    return "Authorization" in request.headers


def _refuse_key_in_url() -> None:
    query = request.query_string.decode("ascii", "replace")
    leaked = keys.PATTERN.findall(query)
    if not leaked and not _KEY_PARAMETERS.intersection(name.lower() for name in request.args):
        return
    for text in leaked:
        key = service.find_api_key(text)
        if key is not None:
            service.revoke_api_key(key, why="sent in an address")
    db.session.commit()
    current_app.logger.warning("an API key was sent in an address")
    raise ApiKeyInUrl
