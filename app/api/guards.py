"""Who may call what, and how often. What stands here is also what the description says."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask_limiter.constants import ExemptionScope

from app.accounts.access import check_scope, me
from app.accounts.domain import Scope
from app.accounts.errors import NotConfirmed
from app.extensions import limiter
from app.web.rates import caller

P = ParamSpec("P")
R = TypeVar("R")

# Called while somebody types, and cheap: an allowance of its own, next to the API's.
TYPING = "10 per second"
# Each call makes this server fetch something from another.
FETCHING = "10 per minute"
# Each call asks a language model, which may cost money.
ASKING = "20 per minute"


def needs(scope: Scope) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorate a call, right below its route: 401 for nobody, 403 for a key without the scope.

    Whoever generates has confirmed their e-mail address as well.
    """

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            check_scope(scope)
            if scope is Scope.GENERATE and not me().is_confirmed:
                raise NotConfirmed
            return view(*args, **kwargs)

        guarded.api_scope = scope  # type: ignore[attr-defined]  # read back by scope_of
        return guarded

    return decorate


def scope_of(view: Callable[..., Any]) -> Scope | None:
    """What a call needs, if it was decorated."""
    found: Scope | None = getattr(view, "api_scope", None)
    return found


def while_typing(view: Callable[P, R]) -> Callable[P, R]:
    """Decorate a call: its own allowance instead of the API's."""
    limited: Callable[P, R] = limiter.limit(TYPING, key_func=caller)(view)

    @wraps(view)
    def counted_apart(*args: P.args, **kwargs: P.kwargs) -> R:
        return limited(*args, **kwargs)

    # The limiter goes by names: an exemption under the view's own would lift its own limit as well.
    counted_apart.__qualname__ = f"{view.__qualname__}.counted_apart"
    return limiter.exempt(counted_apart, flags=ExemptionScope.APPLICATION)


def when_asking(view: Callable[P, R]) -> Callable[P, R]:
    """Decorate a call: an allowance on top of the API's."""
    limited: Callable[P, R] = limiter.limit(ASKING, key_func=caller)(view)
    return limited


def when_fetching(view: Callable[P, R]) -> Callable[P, R]:
    """Decorate a call: an allowance on top of the API's."""
    limited: Callable[P, R] = limiter.limit(FETCHING, key_func=caller)(view)
    return limited
