"""Why somebody is not let in, or may not do this here."""

from __future__ import annotations

from datetime import timedelta

from app.errors import AppError


class NotSignedIn(AppError):
    status = 401
    code = "not_signed_in"

    def __init__(self, *, login_url: str = "") -> None:
        # A partial cannot follow a redirect to a whole page; htmx goes there by this header.
        super().__init__("Sign in to do this.", headers={"HX-Redirect": login_url} if login_url else None)


class PasswordNeeded(AppError):
    """The sign-in is too old for a sensitive change."""

    status = 401
    code = "password_needed"

    def __init__(self, *, verify_url: str) -> None:
        super().__init__("Enter your password again to change this.", headers={"HX-Redirect": verify_url})


class BadApiKey(AppError):
    """Unknown, expired and revoked keys look the same."""

    status = 401
    code = "invalid_api_key"

    def __init__(self) -> None:
        super().__init__(
            "This API key does not work. Send a live one as «Authorization: Bearer darkroom_live_…».",
            headers={"WWW-Authenticate": 'Bearer realm="Darkroom"'},
        )


class ApiKeyInUrl(AppError):
    status = 400
    code = "api_key_in_url"

    def __init__(self) -> None:
        super().__init__(
            "API keys do not belong in addresses, where logs and histories keep them: send it in the Authorization "
            "header. The key in this address, if it was yours, has been revoked; make a new one."
        )


class MissingScope(AppError):
    status = 403
    code = "missing_scope"

    def __init__(self, scope: str) -> None:
        super().__init__(f"This API key may not do this: it needs the scope «{scope}». Make a key that has it.")


class BrowserOnly(AppError):
    """A page for people, asked for with an API key."""

    status = 403
    code = "browser_only"

    def __init__(self) -> None:
        super().__init__("API keys open the API only; sign in with a browser for this page.")


class NotConfirmed(AppError):
    status = 403
    code = "not_confirmed"

    def __init__(self) -> None:
        super().__init__("Confirm your e-mail address first: open the link in the mail we sent you.")


class CsrfFailed(AppError):
    status = 400
    code = "csrf_failed"

    def __init__(self) -> None:
        super().__init__("This form is no longer valid, or it came from another site. Reload the page and try again.")


class TooManyAttempts(AppError):
    status = 429
    code = "too_many_attempts"

    def __init__(self, wait: timedelta) -> None:
        seconds = max(1, int(wait.total_seconds()) + 1)
        minutes = -(-seconds // 60)
        when = "a minute" if minutes == 1 else f"{minutes} minutes"
        super().__init__(f"That was tried too often. Try again in {when}.", headers={"Retry-After": str(seconds)})


class RegistrationClosed(AppError):
    status = 404
    code = "registration_closed"

    def __init__(self) -> None:
        super().__init__("This Darkroom takes no new accounts. Ask its owner to make one for you.")


class LinkDead(AppError):
    """A link with a secret that is unknown, used, replaced or too old: all look the same."""

    status = 404
    code = "link_dead"

    def __init__(self) -> None:
        super().__init__("This link no longer works: it was used, replaced by a newer one, or is too old. Ask again.")


class TooManyApiKeys(AppError):
    status = 409
    code = "too_many_api_keys"

    def __init__(self, limit: int) -> None:
        super().__init__(f"You have {limit} API keys, the most an account may hold. Revoke one first.")
